//! Visits: whoever has something new is visited, its events published, its mails sent. The cost follows the busy tenants, not
//! all of them (E-4).

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, future::BoxFuture};
use shared::{Error, clock::Clock, error::TIME};
use tokio::{
    sync::{
        Notify,
        broadcast::error::RecvError,
        mpsc::{UnboundedReceiver, UnboundedSender},
    },
    task::JoinSet,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    kinds::{Cause, Kind, Work},
    plan::{AT_ONCE, Plan, SOON},
    sweep::{Look, Swept, look},
};
use crate::{app::App, imports};

/// How long one visit may take.
pub(super) const LONGEST: Duration = Duration::from_secs(60);
// Whoever is broken off notes nothing: an import notes first that it had no time.
const _: () = assert!(imports::LONGEST.as_secs() + 10 <= LONGEST.as_secs());
/// How long visits may go on once the process is told to stop: longer than one mail or batch takes.
const GRACE: Duration = Duration::from_secs(12);

/// What is done in a tenant that is visited.
type Do = Arc<dyn Fn(App, Uuid) -> BoxFuture<'static, Visited> + Send + Sync>;

/// Visits of one sort.
pub(super) struct Visits {
    does: Do,
    /// How long after an announcement they come, if these are a cause.
    settle: Option<Duration>,
}

impl Visits {
    /// Those of a kind of work.
    pub fn of(kind: Kind) -> Self {
        let settle = (kind.cause == Cause::News).then_some(Duration::ZERO);
        Self { does: Arc::new(move |app, tenant| visit(app, tenant, (kind.name, kind.work.clone())).boxed()), settle }
    }

    /// Those that look, a moment after something was announced, for all that it may have left to do: one connection is enough
    /// for all of it.
    pub fn following(kinds: Vec<Swept>) -> Self {
        let kinds = Arc::new(kinds);
        let does: Do = Arc::new(move |app, tenant| {
            let kinds = kinds.clone();
            async move { followed(look(&app, tenant, &kinds).await) }.boxed()
        });
        Self { does, settle: Some(SOON) }
    }
}

fn followed(look: Look) -> Visited {
    match look {
        // A kind that failed was told to try again.
        Look::Well | Look::NotAll => Visited::Looked(None),
        Look::Away => Visited::Away,
        Look::Unreached => Visited::Unreached,
    }
}

/// What the sweep tells the visits of a kind, and what they tell it.
pub(super) struct Told {
    /// In which tenant there is something to do, and after which time.
    pub waits: UnboundedReceiver<(Uuid, Duration)>,
    /// Announcements were missed: a sweep is to find what they said.
    pub missed: Arc<Notify>,
    /// Whom a visit found away: what waits there is to be looked for once they are served again.
    pub away: UnboundedSender<Uuid>,
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

    /// By how much the time of day has jumped ahead since it was last asked, if by more than a second. When it was set back
    /// nothing comes later for it: whoever is visited too early says again when to come.
    fn jump(&mut self) -> Option<Duration> {
        let (now, passed) = (self.clock.now(), TimeDelta::from_std(self.since.elapsed()).unwrap_or_default());
        let jump = now - self.at - passed;
        (self.at, self.since) = (now, Instant::now());
        jump.to_std().ok().filter(|ahead| *ahead > Duration::from_secs(1))
    }
}

/// Visits whoever has a cause, until `stop`.
pub(super) async fn visits(app: App, Visits { does, settle }: Visits, mut told: Told, stop: CancellationToken) {
    let mut announced = app.outside.changes.listen();
    let (mut plan, mut visiting) = (Plan::new(settle.unwrap_or_default()), JoinSet::new());
    let (mut look, mut hands) = (tokio::time::interval(SOON), Hands::new(app.clock.clone()));
    while !stop.is_cancelled() {
        while let Some(tenant) = plan.next(Instant::now()) {
            let visit = does(app.clone(), tenant);
            visiting.spawn(async move { (tenant, visit.await) });
        }
        let wake = plan.wakes().filter(|_| visiting.len() < AT_ONCE);
        tokio::select! {
            () = stop.cancelled() => {}
            said = announced.recv(), if settle.is_some() => match said {
                Ok(tenant) => plan.announced(tenant, Instant::now()),
                Err(RecvError::Lagged(_)) => told.missed.notify_one(),
                Err(RecvError::Closed) => return,
            },
            Some((tenant, after)) = told.waits.recv() => plan.waits(tenant, after, Instant::now()),
            Some(done) = visiting.join_next() => match done {
                Ok((tenant, Visited::Looked(again))) => plan.done(tenant, again, Instant::now()),
                Ok((tenant, Visited::Away)) => {
                    plan.done(tenant, None, Instant::now());
                    // Without somebody who hears it the process is ending.
                    let _ = told.away.send(tenant);
                }
                Ok((tenant, Visited::Failed | Visited::Unreached)) => plan.failed(tenant, Instant::now()),
                // Panics are caught within the visit.
                Err(_) => {}
            },
            _ = look.tick() => if let Some(ahead) = hands.jump() { plan.jumped(ahead) },
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

/// How a visit went.
pub(super) enum Visited {
    /// All was done; come again then, if something waits.
    Looked(Option<Duration>),
    /// Suspended or gone. Once it is served again, the next sweep finds it.
    Away,
    /// The work has failed, or took too long.
    Failed,
    /// The tenant's database could not be asked.
    Unreached,
}

/// Has a kind of work done in one tenant. A panic or a database that swallows its question ends this visit alone.
pub(super) async fn visit(app: App, tenant: Uuid, (name, work): (&'static str, Work)) -> Visited {
    let visit = async {
        let Some(found) = app.tenants.passing(tenant).await? else {
            // What it had waiting is nobody's lag any more.
            app.backlog.note(tenant, None);
            return Ok(Visited::Away);
        };
        work(app.clone(), found).await.map(Visited::Looked)
    };
    let error = match AssertUnwindSafe(tokio::time::timeout(LONGEST, visit)).catch_unwind().await {
        Ok(Ok(Ok(visited))) => return visited,
        Ok(Ok(Err(error))) => error,
        Ok(Err(_)) => Error::Unavailable(TIME),
        Err(_) => Error::internal(anyhow::anyhow!("a visit has panicked")),
    };
    tracing::warn!(%tenant, work = name, %error, "visit failed");
    let is_unreached = matches!(error, Error::Unavailable(_)) && !error.is_out_of_time();
    if is_unreached { Visited::Unreached } else { Visited::Failed }
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
        assert!(hands.jump().is_some_and(|ahead| ahead > Duration::from_mins(59)));
        clock.advance(TimeDelta::hours(-1));
        assert_eq!(hands.jump(), None, "nothing comes later for it");
        clock.advance(TimeDelta::minutes(1));
        assert!(hands.jump().is_some_and(|ahead| ahead > Duration::from_secs(59)));
    }
}
