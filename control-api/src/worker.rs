//! Background work: tenants get their databases, mails go out, events go to the broker, old rows
//! are forgotten. Each is woken by commits of this process and looks by itself now and then, for
//! those of others and those that waited. Any number of processes may do it at once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::{
    Result, mail, outbox,
    shutdown::{Tasks, overdue},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{app::App, identities, provisioning, sessions, sign_up};

/// Tenants that get their databases at the same time.
const WALKERS: usize = 3;
/// How long a lost hint can delay anything.
const POLL: Duration = Duration::from_secs(2);
/// How long work may go on once the process is told to stop.
const GRACE: Duration = Duration::from_secs(12);
const COUNT: Duration = Duration::from_secs(15);
const SWEEP: Duration = Duration::from_secs(3600);

/// One kind of work, done again and again.
#[derive(Debug, Clone, Copy)]
enum Work {
    /// Tenants get their databases; the holder is the walker's own id.
    Provisioning { holder: Uuid },
    /// Changed settings go into the tenants' databases.
    Settings,
    /// Mails go out.
    Mails,
    /// Events go to the broker; the holder is the relay's own id.
    Relay { holder: Uuid },
}

impl Work {
    fn name(self) -> &'static str {
        match self {
            Self::Provisioning { .. } => "provisioning",
            Self::Settings => "settings",
            Self::Mails => "mails",
            Self::Relay { .. } => "relay",
        }
    }

    async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Provisioning { holder } => provisioning::walk_all(app, holder).await,
            Self::Settings => provisioning::carry_settings(app).await,
            Self::Mails => mail::deliver_due(&app.db, &app.outside.mailer, &app.clock).await.map(|_| ()),
            Self::Relay { holder } => outbox::relay(&app.db, None, holder, &app.outside.broker, &app.clock).await.map(|_| ()),
        }
    }
}

/// Starts every background task of this process.
pub fn start(app: &App, tasks: &Tasks) {
    for _ in 0..WALKERS {
        let work = Work::Provisioning { holder: Uuid::now_v7() };
        tasks.spawn(work.name(), repeat(app.clone(), work, tasks.stop()));
    }
    for work in [Work::Settings, Work::Mails, Work::Relay { holder: Uuid::now_v7() }] {
        tasks.spawn(work.name(), repeat(app.clone(), work, tasks.stop()));
    }
    tasks.spawn("outbox figures", count_outbox(app.clone(), tasks.stop()));
    tasks.spawn("sweeps", sweeps(app.clone(), tasks.stop()));
}

/// Works whenever there is news, and now and then without. A failure is logged and tried again
/// later: whatever is away is not asked again at each commit.
async fn repeat(app: App, work: Work, stop: CancellationToken) {
    let mut news = app.news.clone();
    while !stop.is_cancelled() {
        news.borrow_and_update();
        // What is left in the middle is found by the next process, or after its lease.
        let done = tokio::select! { done = work.run(&app) => done, () = overdue(&stop, GRACE) => return };
        let failed = match done {
            Ok(()) => false,
            Err(error) => {
                tracing::warn!(?work, %error, "put off");
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

async fn sweeps(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = sweep(&app, app.clock.now()).await {
            tracing::warn!(%error, "sweep put off");
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(SWEEP) => {} }
    }
}

/// Forgets links and sessions that have long ended.
pub async fn sweep(app: &App, now: DateTime<Utc>) -> Result<()> {
    let mut db = app.db.read().await?;
    sign_up::sweep(&mut db, now).await?;
    identities::sweep(&mut db, now).await?;
    sessions::sweep(&mut db, now).await?;
    Ok(())
}
