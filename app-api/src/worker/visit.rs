//! Visits: whoever has something new is visited, its events published, its mails sent. The cost
//! follows the busy tenants, not all of them (E-4): in whose database nothing was written since the last
//! visit, and whose next time has not come, is left alone.

use std::{panic::AssertUnwindSafe, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use shared::{
    Result,
    clock::Clock,
    mail, outbox,
    tenancy::{Quiet, Tenant},
};
use tokio::{
    sync::broadcast::error::RecvError,
    task::JoinSet,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::plan::{AT_ONCE, Plan, SOON};
use crate::{app::App, imports, reports, search, tickets};

/// How often every active tenant that has written anything is visited, announced or not.
const SWEEP: Duration = Duration::from_secs(60);
/// In so many sweeps everybody is visited once, quiet or not: within an hour.
const TURNS: u64 = 60;
/// How long one visit may take.
const LONGEST: Duration = Duration::from_secs(60);
/// How long visits may go on once the process is told to stop: longer than one mail or batch takes.
const GRACE: Duration = Duration::from_secs(12);
const SWEPT: i64 = 200;

/// What a visit leaves: when to come again, if something waits.
pub type Again = Result<Option<Duration>>;

/// What a kind of visit comes for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Something new; the sweep finds what was not announced.
    News,
    /// A time that has come. Something new may have brought one nearer.
    Time,
    /// Something new that is to be counted: once for all that comes together.
    Count,
    /// Nothing presses: the sweep alone.
    Leisure,
}

impl Cause {
    /// How long to wait after an announcement.
    fn settle(self) -> Duration {
        match self {
            Self::News | Self::Leisure => Duration::ZERO,
            Self::Time | Self::Count => SOON,
        }
    }
}

/// Notices when the time of day goes another way than time does: it was set, or the machine was asleep.
struct Hands {
    clock: Clock,
    at: DateTime<Utc>,
    since: Instant,
}

impl Hands {
    fn new(clock: Clock) -> Self {
        Self { at: clock.now(), clock, since: Instant::now() }
    }

    /// By how much the time of day has jumped since it was last asked, if by more than a second.
    fn jump(&mut self) -> Option<TimeDelta> {
        let (now, passed) = (self.clock.now(), TimeDelta::from_std(self.since.elapsed()).unwrap_or_default());
        let jump = now - self.at - passed;
        (self.at, self.since) = (now, Instant::now());
        (jump.abs() > TimeDelta::seconds(1)).then_some(jump)
    }
}

/// Has `work` done for whoever has a cause, until `stop`.
pub(super) async fn visits<F>(app: App, cause: Cause, stop: CancellationToken, work: impl Fn(App, Tenant) -> F + Clone + Send + 'static)
where
    F: Future<Output = Again> + Send + 'static,
{
    let mut announced = app.outside.changes.listen();
    let (mut plan, mut quiet, mut visiting) = (Plan::new(cause.settle()), Quiet::new(TURNS), JoinSet::new());
    let (mut sweep, mut look, mut hands) = (tokio::time::interval(SWEEP), tokio::time::interval(SOON), Hands::new(app.clock.clone()));
    while !stop.is_cancelled() {
        while let Some(tenant) = plan.next(Instant::now()) {
            let (app, work) = (app.clone(), work.clone());
            // A panic or a database that swallows its question ends this visit, not the loop.
            let visit = AssertUnwindSafe(tokio::time::timeout(LONGEST, call(app, tenant, work))).catch_unwind();
            visiting.spawn(async move { (tenant, visit.await.ok().and_then(|done| done.ok()).unwrap_or(Visited::Failed)) });
        }
        let wake = plan.wakes().filter(|_| visiting.len() < AT_ONCE);
        tokio::select! {
            () = stop.cancelled() => {}
            said = announced.recv(), if cause != Cause::Leisure => match said {
                Ok(tenant) => plan.announced(tenant, Instant::now()),
                Err(RecvError::Lagged(_)) => everybody(&app, &mut plan, &mut quiet).await,
                Err(RecvError::Closed) => return,
            },
            Some(done) = visiting.join_next() => {
                if let Ok((tenant, visited)) = done {
                    match visited {
                        Visited::Looked(again) => {
                            quiet.looked(tenant);
                            plan.done(tenant, again, Instant::now());
                        }
                        Visited::Away => {
                            quiet.failed(tenant);
                            plan.done(tenant, None, Instant::now());
                        }
                        Visited::Failed => {
                            quiet.failed(tenant);
                            plan.failed(tenant, Instant::now());
                        }
                    }
                }
            }
            _ = look.tick(), if cause == Cause::Time => if let Some(by) = hands.jump() { plan.jumped(by) },
            _ = sweep.tick() => everybody(&app, &mut plan, &mut quiet).await,
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
        }
    }
    end(visiting, GRACE).await;
}

/// Waits for the visits that are under way. What is left in the middle is found by the next process:
/// nothing is marked before it is done.
async fn end<T: 'static>(mut visiting: JoinSet<T>, grace: Duration) {
    let ending = async { while visiting.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, ending).await.is_err() {
        tracing::warn!(left = visiting.len(), "stopping in the middle of a visit");
    }
}

/// Plans a visit to everybody who is not quiet.
async fn everybody(app: &App, plan: &mut Plan, quiet: &mut Quiet) {
    quiet.begin();
    if let Err(error) = plan_all(app, plan, quiet).await {
        tracing::warn!(%error, "sweep put off");
    }
}

async fn plan_all(app: &App, plan: &mut Plan, quiet: &mut Quiet) -> Result<()> {
    let mut last = Uuid::nil();
    loop {
        let page = app.tenants.active(last, SWEPT).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = *end;
        let written = app.tenants.written(&page).await?;
        for tenant in page {
            if quiet.wants(tenant, written.get(&tenant)) {
                plan.swept(tenant, Instant::now());
            }
        }
    }
}

/// How a visit went.
enum Visited {
    /// All was done; come again then, if something waits.
    Looked(Option<Duration>),
    /// Suspended or gone. Once it is served again, the next sweep finds it.
    Away,
    /// Something did not answer.
    Failed,
}

/// Visits one tenant.
async fn call<F>(app: App, tenant: Uuid, work: impl Fn(App, Tenant) -> F) -> Visited
where
    F: Future<Output = Again>,
{
    let again = match app.tenants.passing(tenant).await {
        Ok(Some(tenant)) => work(app.clone(), tenant).await,
        Ok(None) => {
            // What it had waiting is nobody's lag any more.
            app.backlog.note(tenant, None);
            return Visited::Away;
        }
        Err(error) => Err(error),
    };
    again.map_or_else(
        |error| {
            tracing::warn!(%tenant, %error, "visit failed");
            Visited::Failed
        },
        Visited::Looked,
    )
}

/// Publishes a tenant's events, and notes what waits when that fails.
pub async fn publish(app: &App, tenant: &Tenant) -> Again {
    let relayed = outbox::relay(&tenant.db, Some(tenant.id), app.outside.instance, &app.outside.broker, &app.clock).await;
    if relayed.is_err() {
        let (count, oldest) = outbox::backlog(&tenant.db).await?;
        app.backlog.note(tenant.id, oldest.map(|since| (count, since)));
    } else {
        app.backlog.note(tenant.id, None);
    }
    Ok(relayed?.held_elsewhere.then_some(outbox::PATIENCE))
}

/// Sends a tenant's mails.
pub async fn send_mails(app: &App, tenant: &Tenant) -> Again {
    let mailed = mail::deliver_due(&tenant.db, &app.outside.mailer, &app.clock).await?;
    Ok(mailed.next_at.map(|at| until(at, app.clock.now()).max(SOON)))
}

/// Does what is due in a tenant, and comes again when the next thing is: at most once in two seconds, which is well
/// within the five of T-13. Bulk jobs that their process has left go on, too, and whoever has proved an address gets what
/// is theirs.
pub async fn fire_timers(app: &App, tenant: &Tenant) -> Again {
    let left = tickets::fire_timers(tenant, &app.clock).await?;
    // What is told in time comes first, whatever becomes of a job.
    tickets::resume_jobs(tenant, &app.clock).await?;
    if tickets::hand_over(tenant, &app.clock).await? {
        return Ok(Some(Duration::ZERO));
    }
    Ok(match left {
        tickets::Left::More => Some(Duration::ZERO),
        tickets::Left::After(wait) => Some(wait.to_std().unwrap_or_default().max(SOON)),
        tickets::Left::Nothing => None,
    })
}

/// Goes on with what is being imported, and comes again at once while there is more.
pub async fn go_on_importing(app: &App, tenant: &Tenant) -> Again {
    imports::go_on(tenant, &app.clock).await
}

/// Counts tickets that have changed, and a batch of those that nobody has told of; comes again while there are more, and when
/// another process is at it.
pub async fn count_reports(app: &App, tenant: &Tenant) -> Again {
    Ok(match reports::count(tenant, &app.clock).await? {
        reports::Left::More => Some(Duration::ZERO),
        reports::Left::Elsewhere => Some(SOON),
        reports::Left::Nothing => None,
    })
}

/// Looks at a batch of what was written before there was search, before it was kept since when customers wait, and before a field
/// was sensitive; comes again at once while there is more.
pub async fn index_old(app: &App, tenant: &Tenant) -> Again {
    let waits = tickets::look_back(tenant, &app.clock).await?;
    let waits = search::index_old(tenant, &app.clock).await? || waits;
    Ok((tickets::seal_old(tenant, &app.clock).await? || waits).then_some(Duration::ZERO))
}

/// Compares a batch of tickets with their orders, and comes again when the next one is to be.
pub async fn compare_orders(app: &App, tenant: &Tenant) -> Again {
    tickets::reconcile_orders(app, tenant).await
}

fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_visit_that_hangs_is_left_when_the_process_stops() {
        let mut visiting = JoinSet::new();
        visiting.spawn(std::future::pending::<()>());
        visiting.spawn(async {});
        tokio::time::timeout(Duration::from_secs(1), end(visiting, Duration::from_millis(50))).await.expect("it ends");
    }

    #[test]
    fn a_clock_that_is_set_is_noticed() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        let mut hands = Hands::new(clock.clone());
        assert_eq!(hands.jump(), None);
        clock.advance(TimeDelta::hours(1));
        assert!(hands.jump().is_some_and(|by| by > TimeDelta::minutes(59)));
        clock.advance(TimeDelta::hours(-1));
        assert!(hands.jump().is_some_and(|by| by <= TimeDelta::hours(-1)));
    }
}
