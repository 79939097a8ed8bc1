//! The switch: a moment in which whoever would write waits. If it cannot be short, they go on and it is tried again later.

use std::time::{Duration, Instant};

use shared::{Error, Result};
use sqlx::{Connection, PgConnection};

use super::{arrival, compare, departure, model::Journey, perform::enter, step, store};
use crate::{
    app::App,
    jobs::{self, Job, Next, Performed},
};

/// For so long writers wait at most, besides the moment in which those inside finish: with it, less than the two seconds
/// after which they are told to come back later.
const MOMENT: Duration = Duration::from_millis(1200);
/// For the last word of the old database, from then on: writers wait no longer than before if its disk stands still.
const LAST_WORD: Duration = Duration::from_millis(400);

/// The gate, closed, with everything that was committed before it at the other side.
pub(super) struct Held {
    gate: PgConnection,
    source: PgConnection,
    target: PgConnection,
    since: Instant,
}

impl Held {
    /// Lets the writers go on. An error says that they may have gone on before: whoever held them to change something does
    /// it again.
    pub(super) async fn let_go(mut self) -> Result<()> {
        departure::open_gate(&mut self.gate).await?;
        // Whatever comes of their goodbyes, the sockets are closed.
        for connection in [self.gate, self.source, self.target] {
            let _ = connection.close().await;
        }
        Ok(())
    }
}

/// Holds the writers until both sides hold the same. None when that does not come about within a moment; then nobody is
/// held. Dropped, it lets them go.
pub(super) async fn hold(app: &App, journey: &Journey) -> Result<Option<Held>> {
    let (mut gate, mut source) = (enter(app, &journey.from).await?, enter(app, &journey.from).await?);
    let mut target = enter(app, &journey.to).await?;
    // What is on its way comes first, while nobody waits.
    let beat = departure::beat(&mut source).await?;
    match within(Instant::now() + MOMENT, arrival::hear(&mut target, beat)).await {
        Some(heard) => heard?,
        None => return Ok(None),
    }
    if !departure::close_gate(&mut gate).await? {
        return Ok(None);
    }
    let since = Instant::now();
    let caught_up = async {
        let beat = departure::beat(&mut source).await?;
        arrival::hear(&mut target, beat).await
    };
    match within(since + MOMENT, caught_up).await {
        Some(done) => done?,
        None => return Ok(None),
    }
    Ok(Some(Held { gate, source, target, since }))
}

async fn within<T>(until: Instant, work: impl Future<Output = Result<T>>) -> Option<Result<T>> {
    tokio::time::timeout_at(until.into(), work).await.ok()
}

/// The step. What is refused from its end on is what was waiting at the gate: it is done anew at the new place, which the
/// note of this step names.
pub(super) async fn switch(app: &App, job: &Job, journey: Journey) -> Result<Performed> {
    let Some(mut held) = hold(app, &journey).await? else {
        take_back(app, job, &journey).await?;
        return later(app, step::SWITCH, journey);
    };
    let (source, target) = (&mut held.source, &mut held.target);
    let checked = async {
        arrival::set_sequences(target, &departure::sequences(source).await?).await?;
        let tables = departure::tables(source).await?;
        let (here, there) =
            tokio::try_join!(compare::held(source, &tables, &journey.large), compare::held(target, &tables, &journey.large))?;
        compare::expect_same(&here, &there)
    };
    match within(held.since + MOMENT, checked).await {
        Some(checked) => checked?,
        None => {
            drop(held);
            take_back(app, job, &journey).await?;
            return later(app, step::SWITCH, journey);
        }
    }
    let refused = within(held.since + MOMENT + LAST_WORD, departure::refuse_changes(&mut held.source)).await;
    refused.unwrap_or(Err(Error::Unavailable("cluster")))?;
    tracing::info!(slug = journey.slug, held_ms = held.since.elapsed().as_millis(), "the tenant's writers are sent to its new place");
    // A gate that was lost may have let somebody in before the refusal: the next try brings over what they wrote.
    held.let_go().await?;
    let left_at = Some(store::now(&mut *app.db.read().await?).await?);
    Performed::then(step::PART).leaving(&Journey { left_at, ..journey })
}

/// Takes the last word of the old database back: whoever said it has died before the new place was named, or could not
/// go on, and writers would be refused for nothing until the next try. It is that very word, and it is taken back by
/// whoever has the job after it was read. So whoever said it can name nothing any more, and no later word is meant,
/// however late this comes to the server.
pub(super) async fn take_back(app: &App, job: &Job, journey: &Journey) -> Result<()> {
    let mut source = enter(app, &journey.from).await?;
    if let Some(word) = departure::last_word(&mut source).await?
        && jobs::renew(app, job).await?
        && departure::take_changes(&mut source, &word).await?
    {
        tracing::warn!(slug = journey.slug, "the tenant's writers go on at its old place");
    }
    Ok(source.close().await?)
}

/// The writers have gone on; the step is tried again, or all is taken back.
pub(super) fn later(app: &App, step: &'static str, journey: Journey) -> Result<Performed> {
    let tries = journey.tries + 1;
    let next = step::pause(tries).map_or(Next::Step(step::UNDO), |pause| Next::At(step, app.clock.now() + pause));
    Performed { next, state: None }.leaving(&Journey { tries, ..journey })
}
