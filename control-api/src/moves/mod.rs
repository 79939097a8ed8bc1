//! Moves: a tenant's database goes to another server while the tenant works (C-5). The new database follows the old one
//! (logical replication) until both are the same; then whoever would write waits a moment at a gate, the last changes and
//! the sequences go over, the books name the new place, and those who waited write there. Nobody's request fails, and
//! nothing is written twice: the old database refuses every change before the new one is named, for ever.
//!
//! Until the books name the new place, a move that fails is taken back, and the tenant never left. From then on it only
//! goes forward. The old database is kept for a day, closed. The order is in `step`.

mod arrival;
mod begin;
mod compare;
mod departure;
mod model;
mod perform;
mod step;
mod store;
mod switch;
mod undo;

use shared::{Result, act::Act, tenancy::route_changed};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use begin::begin;
pub use model::{Journey, Moving, Spot};
pub use perform::perform;
pub use step::{FIRST, limit, patience, unit};

use crate::{
    app::App,
    events::Platform,
    jobs::{Job, Next, Performed},
    provisioning::retire,
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(begin::move_tenant))
}

/// What a step changes in the books, in the act that moves the job along.
pub async fn note(act: &mut Act, job: &Job, performed: &Performed) -> Result<()> {
    let (journey, tenant, now): (Journey, _, _) = (job.state()?, job.tenant()?, act.now());
    match (job.step.as_str(), performed.next) {
        (step::SWITCH, Next::Step(step::PART)) => {
            store::swap(act.db(), tenant, &journey, now).await?;
            act.record(&Platform::TenantMoved(journey.told(tenant))).await?;
        }
        (step::CLOSE, Next::Done) => retire::plan(act, tenant, &journey.from.left(journey.left_at), now + step::KEPT).await?,
        (step::UNDO, Next::Failed) => {
            act.record(&Platform::TenantMoveUndone(journey.told(tenant))).await?;
        }
        _ => {}
    }
    Ok(())
}

/// A switch that has failed keeps nobody from writing at the old place until the next try.
pub async fn relieve(app: &App, job: &Job) -> Result<()> {
    if job.step == step::SWITCH { switch::take_back(app, job, &job.state()?).await } else { Ok(()) }
}

/// Tells the app plane to look where the tenant is: at once, and once more a moment later, when whoever read the books
/// just before has written down what they knew.
pub async fn tell(app: &App, job: &Job) -> Result<()> {
    if matches!(job.step.as_str(), step::SWITCH | step::PART) {
        let journey: Journey = job.state()?;
        route_changed(&app.outside.cache, &journey.slug).await;
    }
    Ok(())
}
