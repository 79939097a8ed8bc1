//! Background work: tenants get their databases, mails go out, events go to the broker, old rows
//! are forgotten. Each is woken by commits of this process and looks by itself now and then, for
//! those of others and those that waited. Any number of processes may do it at once.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use shared::{
    Error, Result,
    cache::ACCESS,
    idempotency, mail, outbox,
    shutdown::{Tasks, overdue},
    tenancy::Quiet,
};
use tokio::sync::{Mutex, watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

use crate::{
    app::App, attempts, audit, backups, billing, clusters, deletion, fleet, identities, inspection, jobs, keys, links, operators, passkeys,
    provisioning, sessions, sign_in, sign_up, sso, support, two_factor,
};

/// Tenants that get their databases at the same time.
const WALKERS: usize = 3;
/// Jobs that are worked on at the same time.
const WORKERS: usize = 5;
/// How many of them do, too, what comes for all tenants at once: however slow it is, a restore or a move does not wait.
const PATIENT: usize = 3;
/// What that is.
const FOR_ALL: [jobs::Kind; 4] = [jobs::Kind::Backup, jobs::Kind::BaseBackup, jobs::Kind::Drill, jobs::Kind::Invoice];
/// How long a lost hint can delay anything.
const POLL: Duration = Duration::from_secs(2);
/// How long work may go on once the process is told to stop.
const GRACE: Duration = Duration::from_secs(12);
/// How long after a wish for a link it is looked at: the answer has left by then, and does not tell by its time
/// whether there was somebody to write to.
const BREATH: Duration = Duration::from_millis(100);
const COUNT: Duration = Duration::from_secs(15);
const SWEEP: Duration = Duration::from_secs(3600);
/// How often is asked whether a spare database is missing.
const REFILL: Duration = Duration::from_secs(1);
/// How often is asked whether a cluster is to be looked at.
const MEASURE: Duration = Duration::from_secs(5);
/// How often the audit trail is sealed.
const SEAL: Duration = Duration::from_secs(300);
/// In so many rounds everybody's trail is looked at once, quiet or not: within an hour.
const TURNS: u64 = 12;
/// How often it is looked which backups are due.
const LOOK_AFTER: Duration = Duration::from_secs(10);
/// In so many of these rounds it is looked once which backups are over: every ten minutes.
const OVER: u32 = 60;
/// How often it is looked who is to get an invoice.
const BILL: Duration = Duration::from_secs(300);
/// How often schemas are looked at; each of them once a day.
const LOOK: Duration = Duration::from_secs(60);
/// How many links, answers and mails one round of a sweep forgets at most.
const SWEPT: i64 = 5000;

/// One kind of work, done again and again.
#[derive(Debug, Clone, Copy)]
enum Work {
    /// Tenants get their databases; the holder is the walker's own id.
    Provisioning { holder: Uuid },
    /// Jobs go on; the holder is the worker's own id.
    Jobs { holder: Uuid, is_patient: bool },
    /// Tenants whose days of grace are over are emptied.
    Deletions,
    /// Tenants' databases come to a newer schema.
    Fleet,
    /// Changed settings go into the tenants' databases.
    Settings,
    /// Whoever asked for a link gets a mail.
    Links,
    /// Leaves to look in that have ended by themselves are written down.
    Support,
    /// Mails go out.
    Mails,
    /// Events go to the broker; the holder is the relay's own id.
    Relay { holder: Uuid },
}

impl Work {
    fn name(self) -> &'static str {
        match self {
            Self::Provisioning { .. } => "provisioning",
            Self::Jobs { .. } => "jobs",
            Self::Deletions => "deletions",
            Self::Fleet => "fleet",
            Self::Settings => "settings",
            Self::Links => "links",
            Self::Support => "support",
            Self::Mails => "mails",
            Self::Relay { .. } => "relay",
        }
    }

    async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Provisioning { holder } => provisioning::walk_all(app, holder).await,
            Self::Jobs { holder, is_patient: true } => jobs::work_all(app, holder).await,
            Self::Jobs { holder, is_patient: false } => jobs::work_all_but(app, holder, &FOR_ALL).await,
            Self::Deletions => deletion::purge::begin_due(app).await,
            Self::Fleet => fleet::work_all(&app.into()).await,
            Self::Settings => provisioning::carry_settings(app).await,
            Self::Links => {
                tokio::time::sleep(BREATH).await;
                links::answer_due(app).await
            }
            Self::Support => support::note_ends(app).await,
            Self::Mails => mail::deliver_due(&app.db, &app.outside.mailer, &app.clock).await.map(|_| ()),
            Self::Relay { holder } => outbox::relay(&app.db, None, holder, &app.outside.broker, &app.clock).await.map(|_| ()),
        }
    }
}

/// Starts every background task of this process.
pub fn start(app: &App, tasks: &Tasks) {
    tasks.spawn("keys", keys::tend(app.clone(), tasks.stop()));
    let relay = Work::Relay { holder: Uuid::now_v7() };
    let walkers = (0..WALKERS).map(|_| Work::Provisioning { holder: Uuid::now_v7() });
    let workers = (0..WORKERS).map(|n| Work::Jobs { holder: Uuid::now_v7(), is_patient: n < PATIENT });
    for work in walkers.chain(workers).chain([Work::Deletions, Work::Fleet, Work::Settings, Work::Links, Work::Support, Work::Mails, relay])
    {
        let (app, news) = (app.clone(), app.news.clone());
        let again = move || {
            let app = app.clone();
            async move { work.run(&app).await }
        };
        tasks.spawn(work.name(), repeat(work.name(), again, news, tasks.stop()));
    }
    tasks.spawn("access hints", hint_access(app.clone(), tasks.stop()));
    tasks.spawn("outbox figures", count_outbox(app.clone(), tasks.stop()));
    tasks.spawn("sweeps", sweeps(app.clone(), tasks.stop()));
    tasks.spawn("warm pool", keep_spares(app.clone(), tasks.stop()));
    tasks.spawn("clusters", watch_clusters(app.clone(), tasks.stop()));
    tasks.spawn("strays", note_strays(app.clone(), tasks.stop()));
    tasks.spawn("schemas", watch_schemas(app.clone(), tasks.stop()));
    tasks.spawn("audit", keep_trails(app.clone(), tasks.stop()));
    tasks.spawn("backups", keep_backups(app.clone(), tasks.stop()));
    tasks.spawn("invoices", begin_invoices(app.clone(), tasks.stop()));
}

/// Works whenever there is news, and now and then without. A failure is logged and tried again
/// later: whatever is away is not asked again at each commit.
async fn repeat<F>(name: &'static str, work: impl Fn() -> F, mut news: watch::Receiver<u64>, stop: CancellationToken)
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    while !stop.is_cancelled() {
        news.borrow_and_update();
        // What is left in the middle is found by the next process, or after its lease.
        let done = tokio::select! { done = guarded(work()) => done, () = overdue(&stop, GRACE) => return };
        let failed = match done {
            Ok(()) => false,
            Err(error) => {
                tracing::warn!(work = name, %error, "put off");
                true
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(POLL) => {}
            Ok(()) = news.changed(), if !failed => {}
        }
    }
}

/// A panic ends the one round in which it happens, not the worker: it is a failure like any other.
async fn guarded(work: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
    AbortOnDropHandle::new(tokio::spawn(work)).await.map_err(Error::internal)?
}

/// Counts what waits in the outbox. While the database is away, the figures stay as they were.
async fn count_outbox(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Ok((waiting, oldest)) = outbox::backlog(&app.db).await {
            app.figures.waiting.set(waiting);
            app.figures.oldest.set(oldest.map_or(0, |since| (app.clock.now() - since).num_seconds().max(0)));
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(COUNT) => {} }
    }
}

/// Tells the app plane to look who may no longer come in, after each commit that recorded something.
/// It looks by itself each second: a hint that is lost, or given for nothing, does no harm.
async fn hint_access(app: App, stop: CancellationToken) {
    let mut news = app.news.clone();
    let hinting = async {
        while news.changed().await.is_ok() {
            app.outside.cache.tell(ACCESS, "").await;
        }
    };
    tokio::select! { () = stop.cancelled() => {}, () = hinting => {} }
}

async fn sweeps(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let round = app.clone();
        if let Err(error) = guarded(async move { sweep(&round, round.clock.now()).await }).await {
            tracing::warn!(%error, "sweep put off");
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(SWEEP) => {} }
    }
}

/// Keeps databases ready. By the clock, not by commits: these would ask for nothing hundreds of times a second.
async fn keep_spares(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let round = app.clone();
        let kept = guarded(async move { provisioning::spares::keep(&round).await });
        let ended = tokio::select! { ended = kept => ended, () = overdue(&stop, GRACE) => return };
        if let Err(error) = ended {
            tracing::warn!(%error, "spare databases wait to be made");
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(REFILL) => {} }
    }
}

/// Looks at the clusters. While the control database is away, the figures stay as they were.
async fn watch_clusters(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let round = app.clone();
        let looked = guarded(async move {
            clusters::measure_due(&round).await?;
            clusters::show_figures(&round).await
        });
        let ended = tokio::select! { ended = looked => ended, () = overdue(&stop, GRACE) => return };
        if let Err(error) = ended {
            tracing::warn!(%error, "clusters wait to be looked at");
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(MEASURE) => {} }
    }
}

/// Notes what is on the servers and in no book, so that it is known since when.
async fn note_strays(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let round = app.clone();
        let noted = guarded(async move { inspection::note_strays(&round.db, &round.keys.ring, &round.clock).await });
        let ended = tokio::select! { ended = noted => ended, () = overdue(&stop, GRACE) => return };
        if let Err(error) = ended {
            tracing::warn!(%error, "servers wait to be compared with the books");
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(SWEEP) => {} }
    }
}

/// Looks at tenants' schemas, and shows what is known of them.
async fn watch_schemas(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let round = app.clone();
        let look = async move {
            let fleet = fleet::Fleet::from(&round);
            let looked = fleet::look_around(&fleet).await;
            fleet::count(&fleet, &round.figures).await.and(looked)
        };
        if let Err(error) = guarded(look).await {
            tracing::warn!(%error, "schemas wait to be looked at");
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(LOOK) => {} }
    }
}

async fn keep_trails(app: App, stop: CancellationToken) {
    let quiet = Arc::new(Mutex::new(Quiet::new(TURNS)));
    while !stop.is_cancelled() {
        let (round, quiet) = (app.clone(), quiet.clone());
        if let Err(error) = guarded(async move { keep_and_anchor(&round, &mut *quiet.lock().await).await }).await {
            tracing::warn!(%error, "the audit trail waits to be kept in order");
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(SEAL) => {} }
    }
}

/// Looks now and then which backups are due, and more seldom which are over.
async fn keep_backups(app: App, stop: CancellationToken) {
    let mut rounds = 0_u32;
    while !stop.is_cancelled() {
        let (round, is_whole) = (app.clone(), rounds.is_multiple_of(OVER));
        let kept = async move { if is_whole { backups::keep(&round).await } else { backups::look_after(&round).await } };
        if let Err(error) = guarded(kept).await {
            tracing::warn!(%error, "backups wait to be looked after");
        }
        rounds = rounds.wrapping_add(1);
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(LOOK_AFTER) => {} }
    }
}

/// Looks now and then who is to get an invoice for the month before.
async fn begin_invoices(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let round = app.clone();
        if let Err(error) = guarded(async move { billing::begin_due(&round.db, &round.clock).await.map(drop) }).await {
            tracing::warn!(%error, "invoices wait to be begun");
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(BILL) => {} }
    }
}

/// The own trail first, then a look at everybody else's; neither waits for the other's troubles.
async fn keep_and_anchor(app: &App, quiet: &mut Quiet) -> Result<()> {
    let own = audit::keep_own(app).await;
    app.figures.chains_broken.set(audit::anchor_all(&app.into(), quiet).await?);
    own
}

/// Repeats one kind of sweep until a round finds fewer than it may forget: a flood of one hour is gone in the
/// next, and no statement takes long. What fails keeps nothing else from being forgotten.
macro_rules! all {
    ($failed:ident, $round:expr) => {
        loop {
            match $round.await {
                Ok(forgotten) if forgotten >= SWEPT as u64 => {}
                Ok(_) => break,
                Err(error) => {
                    $failed = Err(error);
                    break;
                }
            }
        }
    };
}

/// Forgets links, sessions, answers and mails that have long ended. The last failure is the answer.
pub async fn sweep(app: &App, now: DateTime<Utc>) -> Result<()> {
    let (mut db, mut failed) = (app.db.read().await?, Ok(()));
    all!(failed, sign_up::sweep(&mut db, now, SWEPT));
    all!(failed, identities::sweep(&mut db, now, SWEPT));
    all!(failed, sessions::sweep(&mut db, now, SWEPT));
    all!(failed, sessions::sweep_traces(&mut db, now, SWEPT));
    all!(failed, passkeys::sweep(&mut db, now, SWEPT));
    all!(failed, sso::sweep(&mut db, now, SWEPT));
    all!(failed, sign_in::ticket::sweep(&mut db, now, SWEPT));
    all!(failed, two_factor::sweep(&mut db, now, SWEPT));
    all!(failed, links::sweep(&mut db, now, SWEPT));
    all!(failed, attempts::sweep(&mut db, now, SWEPT));
    all!(failed, jobs::sweep(&mut db, now, SWEPT));
    all!(failed, operators::sweep(&mut db, now, SWEPT));
    all!(failed, keys::give_missing_fields(app, SWEPT));
    all!(failed, idempotency::forget_old(&mut db, now, SWEPT));
    all!(failed, mail::sweep(&mut db, now, SWEPT));
    failed
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn a_round_that_panics_is_followed_by_another() {
        let (rounds, stop, (_told, news)) = (Arc::new(AtomicU32::new(0)), CancellationToken::new(), watch::channel(0));
        let (counted, stopped) = (Arc::clone(&rounds), stop.clone());
        let work = move || {
            let (round, stop) = (counted.fetch_add(1, Ordering::SeqCst), stopped.clone());
            async move {
                assert!(round > 0, "the first round panics");
                stop.cancel();
                Ok(())
            }
        };
        // To write down where something panicked takes seconds on a busy machine.
        tokio::time::timeout(20 * POLL, repeat("work", work, news, stop)).await.expect("it went on");
        assert_eq!(rounds.load(Ordering::SeqCst), 2);
    }
}
