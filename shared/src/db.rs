//! One database: reads take a connection, writes happen in acts. Every wait is bounded.

mod budget;
mod connection;
mod lent;
mod opening;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

pub use budget::Budget;
use budget::{Got, Slot};
pub use connection::Connection;
use connection::{Loan, close};
use futures::future::BoxFuture;
pub use lent::Lent;
use sqlx::{
    Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::{
    Error, Result,
    seal::{FETCHES, FieldsKey},
};

/// How long a caller waits for a connection before it hears `503`.
const PATIENCE: Duration = Duration::from_millis(1800);
/// For how long whoever met a tenant that moves looks for its new place: with what they have waited before, less than a
/// request may take.
const MOVING: Duration = Duration::from_secs(2);
/// How often they look.
const GLANCE: Duration = Duration::from_millis(15);
/// So many of a database's connections are left to requests, if it has more.
const KEPT: usize = 2;
const IDLE: Duration = Duration::from_secs(30);
/// The same for somebody who passes by: long enough for what follows from what they have done there, which comes up to two
/// seconds later.
const PASSING: Duration = Duration::from_secs(3);
/// How long a connection lies unused before it is asked whether it still stands.
const RESTED: Duration = Duration::from_millis(500);
const ANSWER: Duration = Duration::from_millis(500);
/// How long whoever needs room waits for one of the same database that is in use, before another database's is closed
/// for it: that costs two openings, each of them more than many statements. Longer than an opening takes at a busy server:
/// else openings that go on make each other slow, and so keep going on.
const SOON: Duration = Duration::from_millis(400);

/// Called after each commit that recorded an event.
pub type Hint = Arc<dyn Fn() + Send + Sync>;

/// Looks at each new connection, and refuses a database that it should not have reached.
pub type Check = Arc<dyn Fn(&mut PgConnection) -> BoxFuture<'_, sqlx::Result<()>> + Send + Sync>;

/// Says where a tenant's database is by now.
pub type Find = Arc<dyn Fn() -> BoxFuture<'static, Result<Db>> + Send + Sync>;

/// Who waits for what is done in a database.
#[derive(Clone, Copy)]
enum Waits {
    Somebody,
    Nobody,
    /// Nobody, but it has its time, as a promise has.
    Due,
}

/// One database and what is told after its commits.
#[derive(Clone)]
pub struct Db {
    pool: Arc<Pool>,
    hint: Hint,
    /// How long its connections may stand idle.
    rest: Duration,
    waits: Waits,
    /// Whether its audit trail has no months yet, as far as connections have seen.
    old_audit: Arc<AtomicBool>,
    /// Whom to ask when its tenant has left it; none for a database that stays where it is.
    find: Option<Find>,
}

/// Who may use how many connections at once: first a database's own allowance, then the
/// instance's. In this order a busy tenant never has more waiters in the common queue than its
/// own allowance, and the queue is served in order, so nobody starves.
struct Pool {
    /// Its name in the budget, never used twice: an address would be.
    id: usize,
    options: PgConnectOptions,
    check: Option<Check>,
    /// By what sensitive fields are sealed there.
    fields: Option<FieldsKey>,
    allowance: usize,
    own: Arc<Semaphore>,
    /// The part of `own` for work that nobody waits for.
    behind: Arc<Semaphore>,
    budget: Budget,
    /// Told whenever one of its connections is free again.
    back: Notify,
    #[cfg(feature = "testing")]
    aside: std::sync::OnceLock<PgPool>,
}

impl Db {
    /// A database that uses at most `own` connections out of `budget`; nothing is connected before
    /// it is needed. `hint` runs after each commit that recorded an event.
    pub fn new(options: PgConnectOptions, own: usize, budget: &Budget, hint: Hint) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let pool = Pool {
            id,
            options,
            check: None,
            fields: None,
            allowance: own,
            own: Arc::new(Semaphore::new(own)),
            behind: Arc::new(Semaphore::new(own.saturating_sub(KEPT).max(1))),
            budget: budget.clone(),
            back: Notify::new(),
            #[cfg(feature = "testing")]
            aside: std::sync::OnceLock::new(),
        };
        Self { pool: Arc::new(pool), hint, rest: IDLE, waits: Waits::Somebody, old_audit: Arc::default(), find: None }
    }

    /// The same, where `check` looks at each new connection.
    pub fn checked(self, check: Check) -> Self {
        let pool = Arc::into_inner(self.pool).expect("a new database is nobody's yet");
        Self { pool: Arc::new(Pool { check: Some(check), ..pool }), ..self }
    }

    /// The same, where sensitive fields are sealed by that key.
    pub(crate) fn sealing(self, fields: Option<FieldsKey>) -> Self {
        let pool = Arc::into_inner(self.pool).expect("a new database is nobody's yet");
        Self { pool: Arc::new(Pool { fields, ..pool }), ..self }
    }

    /// The same, where `find` is asked when its tenant has left it.
    pub(crate) fn found_by(self, find: Find) -> Self {
        Self { find: Some(find), ..self }
    }

    /// What connections have seen of its audit trail: true while it has no months.
    pub(crate) fn old_audit(&self) -> Arc<AtomicBool> {
        self.old_audit.clone()
    }

    /// Whether its audit trail has no months yet: it is written as the release before did.
    pub fn lacks_months(&self) -> bool {
        self.old_audit.load(Ordering::Relaxed)
    }

    /// The same database for work that nobody waits for: however much of it there is, some connections are left to
    /// requests.
    pub fn behind(&self) -> Self {
        Self { waits: Waits::Nobody, ..self.clone() }
    }

    /// The same for what nobody waits for either and is due now: it has turns of its own, so that no other work delays it.
    pub fn due(&self) -> Self {
        Self { waits: Waits::Due, ..self.clone() }
    }

    /// The same for somebody who passes by once: what they open is closed soon after use.
    pub fn passing(&self) -> Self {
        Self { rest: PASSING, ..self.behind() }
    }

    /// Where it is reached: host, port and name. Whatever a database counts by itself, as its
    /// transactions, means nothing at another address.
    pub fn address(&self) -> String {
        let options = &self.pool.options;
        format!("{}:{}/{}", options.get_host(), options.get_port(), options.get_database().unwrap_or_default())
    }

    /// Where the tenant's database is, which has left this one; waits until that is known, for [`MOVING`] since
    /// `begun` at most. Then it is `503`, as for any database that is away.
    pub(crate) async fn successor(&self, begun: Instant) -> Result<Self> {
        while let Some(find) = self.find.as_ref().filter(|_| begun.elapsed() < MOVING) {
            match find().await {
                Ok(there) if there.address() != self.address() => return Ok(Self { rest: self.rest, waits: self.waits, ..there }),
                _ => tokio::time::sleep(GLANCE).await,
            }
        }
        Err(Error::Unavailable("database"))
    }

    /// Runs `work` on a connection of its own; once more at the new place when the tenant has moved meanwhile, or when
    /// a key that it wants was fetched. For a statement that is an act of nobody.
    pub async fn apply<T>(&self, work: impl AsyncFnOnce(&mut PgConnection) -> Result<T> + Clone) -> Result<T> {
        let (mut here, mut fetched, begun) = (self.clone(), 0, Instant::now());
        loop {
            let mut connection = here.read().await?;
            let done = work.clone()(&mut connection).await;
            drop(connection);
            match done {
                Err(Error::Moved) => here = here.successor(begun).await?,
                Err(Error::Wanted(wanted)) if fetched < FETCHES => {
                    wanted.fetch().await?;
                    fetched += 1;
                }
                done => return done,
            }
        }
    }

    /// How many connections it has, idle ones too.
    pub fn connections(&self) -> usize {
        self.pool.in_use() + self.pool.budget.idle(self.pool.id)
    }

    /// Connections besides ours, for a test that looks into the database.
    #[cfg(feature = "testing")]
    pub fn pool(&self) -> &PgPool {
        self.pool.aside.get_or_init(|| lazy_pool(self.pool.options.clone(), 5))
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Connection> {
        within(self.pool.clone().lend(self.rest, self.waits)).await
    }

    /// A connection for a question whose cost depends on what is asked: planned for the very words, and ended by the
    /// server after two seconds. It is a transaction that only reads, as long as the connection is held.
    pub async fn ask(&self) -> Result<Connection> {
        within(async {
            let mut connection = self.pool.clone().lend(self.rest, self.waits).await?;
            connection.begin_asking().await?;
            Ok(connection)
        })
        .await
    }

    /// A connection for reading that says whose it is: where a table has a second wall, it reaches that person's rows alone.
    /// It is a transaction that only reads, as long as the connection is held.
    pub async fn scoped(&self, owner: i64) -> Result<Connection> {
        within(async {
            let mut connection = self.pool.clone().lend(self.rest, self.waits).await?;
            connection.begin_as(owner).await?;
            Ok(connection)
        })
        .await
    }

    /// A connection with a transaction.
    pub(crate) async fn begin(&self) -> Result<Connection> {
        within(async {
            let mut connection = self.pool.clone().lend(self.rest, self.waits).await?;
            connection.begin().await?;
            Ok(connection)
        })
        .await
    }

    pub(crate) fn hint(&self) -> Hint {
        self.hint.clone()
    }
}

/// A connection and its slot. Dropped, they go in this order.
type Opened = (PgConnection, Slot<PgConnection>);

async fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    turns.clone().acquire_owned().await.map_err(|_| Error::Unavailable("database"))
}

/// A server that starts refuses connections, one that is frozen swallows them: one bound over
/// everything keeps the caller's wait under two seconds.
async fn within<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(Error::Unavailable("database")))
}

impl Pool {
    async fn lend(self: Arc<Self>, rest: Duration, waits: Waits) -> Result<Connection> {
        let turns = match waits {
            Waits::Somebody => Vec::new(),
            Waits::Nobody => vec![turn(&self.behind).await?, turn(self.budget.behind()).await?],
            Waits::Due => vec![turn(self.budget.due()).await?],
        };
        let own = turn(&self.own).await?;
        let got = self.room().await.ok_or(Error::Unavailable("database"))?;
        if let Some(other) = got.displaced {
            close(other).await;
        }
        // One that might stay longer is left as it was found.
        let rest = got.connection.as_ref().map_or(rest, |found| found.rest.max(rest));
        let (connection, slot) = match got.connection {
            Some(found) if found.rested < RESTED => (found.connection, got.slot),
            Some(found) => self.still_standing(got.slot, found.connection).await?,
            None => self.connect(got.slot).await?,
        };
        Ok(Connection::lent(Loan { connection, pool: self, slot, own, turns, rest, open: false, told: None }))
    }

    /// The right to a connection; while others of the same database are in use, one of them rather than another database's.
    async fn room(&self) -> Option<Got<PgConnection>> {
        let end = tokio::time::Instant::now() + SOON;
        while self.in_use() > 1 && !self.budget.has_room(self.id) {
            if tokio::time::timeout_at(end, self.back.notified()).await.is_err() {
                break;
            }
        }
        self.budget.take(self.id).await
    }

    /// So many are lent or waited for.
    fn in_use(&self) -> usize {
        self.allowance - self.own.available_permits()
    }

    /// The server may end a connection while it rests, by a restart for example: one that rested is
    /// asked first, so that nobody's request pays for it.
    async fn still_standing(&self, slot: Slot<PgConnection>, mut connection: PgConnection) -> Result<Opened> {
        if let Ok(Ok(())) = tokio::time::timeout(ANSWER, connection.ping()).await {
            return Ok((connection, slot));
        }
        drop(connection);
        self.connect(slot).await
    }

    async fn connect(&self, slot: Slot<PgConnection>) -> Result<Opened> {
        let mut opened = opening::open(self.options.clone(), slot).await?;
        if let Some(check) = &self.check {
            check(&mut opened.0).await?;
        }
        Ok(opened)
    }
}

/// Room for `most` connections. What nobody has used for half a minute is closed.
pub fn budget(most: usize) -> Budget {
    let budget = Budget::new(most);
    let alive = budget.downgrade();
    tokio::spawn(async move {
        while let Some(budget) = alive() {
            for (connection, slot) in budget.reap() {
                close(connection).await;
                drop(slot);
            }
            drop(budget);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    budget
}

/// What every connection of ours is set to: a statement may run 5 s and wait 2 s for a lock.
pub fn options(options: PgConnectOptions, application: &str) -> PgConnectOptions {
    options.application_name(application).options([
        ("statement_timeout", "5s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("timezone", "UTC"),
    ])
}

/// Plans each statement once, for all values: planning is most of a small query's cost. A test reads
/// the plans of both kinds.
pub fn planned_once(options: PgConnectOptions) -> PgConnectOptions {
    options.options([("plan_cache_mode", "force_generic_plan")])
}

/// A pool that connects when first used and gives its connections back when idle. One that rested
/// is asked first whether it still stands.
pub fn lazy_pool(options: PgConnectOptions, max: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(max)
        .min_connections(0)
        .acquire_timeout(Duration::from_millis(1500))
        .idle_timeout(IDLE)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}
