//! Tries at passwords are bounded (I-7), wherever one is asked for. Each is counted before it is
//! looked at, so that many at once get no more than many one after another; a right one is taken out
//! again. Four bounds hold at the same time: on one account from one source, with pauses that grow; on
//! one account from everywhere; from one source at all accounts; and of one password at many accounts.
//! Whoever came in before, on this device or from this network, is not kept out by what others do to
//! their account. Unknown addresses are counted like known ones, in the control database alone: Redis
//! may be away.

mod device;
mod model;
mod spelling;
mod store;

use std::{net::IpAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
pub use device::Device;
use model::{Door, Verdict, judge};
use secrecy::{ExposeSecret, SecretString};
use shared::{
    Error, Result,
    act::{Act, Author},
    auth::marks::Marks,
    http::rate_limit,
};
use sqlx::PgConnection;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::{
    app::App,
    identities::{self, Email, Password},
    session::Session,
};

/// Tries that one process looks at at once: fewer than any bound, so that many who know their
/// passwords do not look like an attack.
const AT_ONCE: usize = 64;
/// Tries that are being written down at once: they may wait for each other, and hold a connection
/// meanwhile. The others' requests need some too.
const WRITERS: usize = 4;
/// How long a try waits for those before it.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long it waits before it asks again.
const PAUSE: Duration = Duration::from_millis(50);

/// What it takes to count.
#[derive(Clone)]
pub struct Attempts {
    marks: Marks,
    line: Arc<Semaphore>,
    writers: Arc<Semaphore>,
}

impl Attempts {
    /// Counts under marks that are made of `secret`.
    pub fn new(secret: &SecretString) -> Self {
        Self { marks: Marks::derived(secret), line: Arc::new(Semaphore::new(AT_ONCE)), writers: Arc::new(Semaphore::new(WRITERS)) }
    }
}

/// Where a try comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// From somebody who is not signed in.
    Client(Option<IpAddr>, Device),
    /// From the sessions of this person that live, all together: more of them are no more tries.
    Sessions(i64),
}

/// Somebody gives a password.
#[derive(Debug, Clone)]
pub struct Attempt<'a> {
    /// The address that it is said to belong to.
    pub email: &'a Email,
    /// Whose that is, if anybody's.
    pub user: Option<i64>,
    /// The password.
    pub password: &'a Password,
    /// From where.
    pub origin: Origin,
}

/// A try as it is kept.
struct Marked {
    account: Vec<u8>,
    source: Vec<u8>,
    password: Vec<u8>,
    user: Option<i64>,
    own: bool,
}

/// A try that was counted and may be made. Unless one says what came of it, it stays counted.
pub struct Counted {
    id: i64,
    marked: Marked,
    network: Option<Vec<u8>>,
    _place: OwnedSemaphorePermit,
}

/// Counts a try and lets it be made: `429` when there were too many wrong ones. `None` where nobody is
/// refused for coming often.
pub async fn count(app: &App, attempt: &Attempt<'_>) -> Result<Option<Counted>> {
    if app.rules.no_rate_limit {
        return Ok(None);
    }
    let (marked, network) = mark(&app.attempts.marks, attempt);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let place = tokio::time::timeout_at(deadline, app.attempts.line.clone().acquire_owned());
        let place = place.await.map_err(|_| soon())?.map_err(Error::internal)?;
        match enter(app, &marked, deadline).await? {
            (Verdict::Go, id) => return Ok(Some(Counted { id, marked, network, _place: place })),
            (Verdict::Refuse(retry_after), _) => return Err(Error::TooMany { retry_after }),
            (Verdict::Wait, _) if Instant::now() + PAUSE >= deadline => return Err(soon()),
            (Verdict::Wait, _) => {}
        }
        // Others go on meanwhile.
        drop(place);
        tokio::time::sleep(PAUSE).await;
    }
}

/// The answer to whoever came while too many others did.
fn soon() -> Error {
    Error::TooMany { retry_after: Duration::from_secs(1) }
}

fn mark(marks: &Marks, attempt: &Attempt<'_>) -> (Marked, Option<Vec<u8>>) {
    let network = |ip: &Option<IpAddr>| marks.of("source", &ip.map_or_else(|| "nowhere".to_owned(), rate_limit::network));
    let (own, source, network) = match &attempt.origin {
        Origin::Sessions(user) => (true, marks.of("source", &format!("sessions of {user}")), None),
        Origin::Client(ip, device) => match attempt.user.and_then(|user| device.of(marks, user)) {
            Some(id) => (true, marks.of("source", &format!("device {id}")), Some(network(ip))),
            None => (false, network(ip), Some(network(ip))),
        },
    };
    let account = account(marks, attempt.email);
    let password = marks.of("password", attempt.password.secret().expose_secret());
    (Marked { account, source, password, user: attempt.user, own }, network)
}

fn account(marks: &Marks, email: &Email) -> Vec<u8> {
    marks.of("account", &spelling::counted(email))
}

/// Counts it, if it may be made. Most of a flood is refused by one look, without waiting for anybody:
/// what is refused at one moment is so a moment later, too.
async fn enter(app: &App, marked: &Marked, deadline: Instant) -> Result<(Verdict, i64)> {
    let now = app.clock.now();
    let verdict = look(&mut *app.db.read().await?, marked, now).await?;
    if verdict != Verdict::Go {
        return Ok((verdict, 0));
    }
    let Ok(turn) = tokio::time::timeout_at(deadline, app.attempts.writers.acquire()).await else { return Err(soon()) };
    let _turn = turn.map_err(Error::internal)?;
    let author = Author::system("attempts");
    let counted = app.db.act(author, &app.clock, async |act| {
        store::lock(act.db(), marked).await?;
        match look(act.db(), marked, now).await? {
            Verdict::Go => Ok((Verdict::Go, store::insert(act.db(), marked, now).await?)),
            other => Ok((other, 0)),
        }
    });
    counted.await
}

async fn look(db: &mut PgConnection, marked: &Marked, now: DateTime<Utc>) -> Result<Verdict> {
    let (seen, known) = store::seen(db, marked, now).await?;
    let door = match (marked.own, known) {
        (true, _) => Door::Own,
        (false, true) => Door::Known,
        (false, false) => Door::Strange,
    };
    Ok(judge(door, &seen, now))
}

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They are who they say: earlier slips from there are forgotten, and the network is known.
    Right,
    /// It was not the account's password, or the account cannot be used.
    Wrong,
    /// It was not looked at, or says nothing about the account.
    Nothing,
}

/// Says what became of a try.
pub async fn settle(app: &App, counted: Option<Counted>, outcome: Outcome) -> Result<()> {
    let Some(counted) = counted else { return Ok(()) };
    let mut db = app.db.read().await?;
    match outcome {
        Outcome::Wrong => store::settle(&mut db, counted.id).await,
        Outcome::Nothing => store::remove(&mut db, counted.id).await,
        Outcome::Right => {
            store::forget(&mut db, counted.id, &counted.marked).await?;
            match (counted.marked.user, &counted.network) {
                (Some(user), Some(network)) => store::know(&mut db, user, network, app.clock.now()).await,
                _ => Ok(()),
            }
        }
    }
}

/// Checks a password against a hash, as one try.
pub async fn fits(app: &App, attempt: &Attempt<'_>, hash: String) -> Result<bool> {
    let counted = count(app, attempt).await?;
    let secret = attempt.password.secret();
    let right = app.passwords.login_turn(move |hasher| hasher.matches(&secret, Some(&hash))).await;
    let outcome = match right {
        Ok(true) => Outcome::Right,
        Ok(false) => Outcome::Wrong,
        Err(_) => Outcome::Nothing,
    };
    settle(app, counted, outcome).await?;
    right
}

/// Somebody who is signed in gives their password again: the hash that it fits, or `422` on `field`.
pub async fn prove(app: &App, session: &Session, password: &Password, field: &str) -> Result<String> {
    let user = identities::by_id(&mut *app.db.read().await?, session.member.user_id).await?;
    let email = Email::try_from(user.email).map_err(|e| anyhow::anyhow!("a stored address does not parse: {e}"))?;
    let attempt = Attempt { email: &email, user: Some(user.id), password, origin: Origin::Sessions(user.id) };
    if fits(app, &attempt, user.password_hash.clone()).await? {
        return Ok(user.password_hash);
    }
    Err(Error::field(field, "wrong", "this is not your password"))
}

/// Forgets what was tried at an account: its owner has just proved who they are by other means.
pub async fn forgive(act: &mut Act, app: &App, email: &Email) -> Result<()> {
    store::forgive(act.db(), &account(&app.attempts.marks, email)).await
}

/// Forgets what counts no more, at most `limit` of each kind; the answer is the largest number of a kind.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep(db, now - model::MEMORY, limit).await
}
