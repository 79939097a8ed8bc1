//! Jobs: long work of the platform, such as moving a tenant or taking its data away. A job is a walk of
//! steps, each of which may be done twice without harm. A worker claims it, does a step outside of any
//! transaction, and notes it in one act with whatever it changes in the control database; a crash at any
//! moment is resumed by whoever looks next. What a step does belongs to the feature whose kind of job it
//! is; `kinds` knows them all.

mod kinds;
mod list;
mod model;
mod store;
mod walk;

use chrono::{DateTime, TimeDelta, Utc};
pub use kinds::{Kind, perform};
pub use list::{Listed, Wanted};
pub use model::{AfterFailure, Job, JobStatus, Next, Patience, Performed, Planned, Unit};
use serde_json::Value;
use shared::{Error, Result, act::Act, page::Part};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
pub use walk::{claim, renew, settle, settle_failure, work_all, work_all_but};

use crate::app::App;

/// How long it is tried to take back what a job has left that has failed.
const LOOKED_AFTER: TimeDelta = TimeDelta::days(30);
/// How long ended jobs are kept.
const KEPT: TimeDelta = TimeDelta::days(180);

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list_jobs)).routes(routes!(list::show_job))
}

/// Plans a job; a worker takes it up once the act is committed. `409 job_under_way` while another one that
/// excludes it is open for the same tenant.
pub async fn plan(act: &mut Act, planned: &Planned) -> Result<Uuid> {
    let (now, id) = (act.now(), Uuid::now_v7());
    let asked_by = serde_json::to_value(&act.author().actor)?;
    store::insert(act.db(), id, planned, &asked_by, now).await?;
    act.leaves_work();
    Ok(id)
}

/// Says how much of the present step is done, in whatever it counts. Whoever watches sees it.
pub async fn progress(app: &App, job: &Job, done: i64, total: i64) -> Result<()> {
    store::progress(&mut *app.db.read().await?, (job.id, job.holder), (done, total)).await
}

/// What is left to the open jobs of one kind of a tenant.
pub async fn states_of(db: &mut PgConnection, tenant: Uuid, kind: Kind) -> Result<Vec<Value>> {
    store::states_of(db, tenant, kind).await
}

/// Ends the open jobs of one kind of a tenant on which nobody works, as failed for this reason, and names them.
pub async fn end_waiting(act: &mut Act, tenant: Uuid, kind: Kind, why: &str) -> Result<Vec<Uuid>> {
    let now = act.now();
    store::end_waiting(act.db(), (tenant, kind), why, now).await
}

/// Jobs that have failed in the last thirty days at a step that takes back what was made, and have left it: `kinds` of them, those
/// first that were tried least.
pub async fn left(db: &mut PgConnection, (kinds, step): (&[Kind], &str), now: DateTime<Utc>, limit: i64) -> Result<Vec<Job>> {
    store::left(db, (kinds, step), now - LOOKED_AFTER, limit).await
}

/// Notes that what such a job had left is gone, or that it was tried in vain once more.
pub async fn looked_after(db: &mut PgConnection, job: &Job, is_gone: bool) -> Result<()> {
    store::tried(db, job.id, if is_gone { 0 } else { job.attempts.saturating_add(1) }).await
}

/// An open job of a kind, whosever it is, and what it was told or is left.
pub async fn open_one(db: &mut PgConnection, kind: Kind) -> Result<Option<(Uuid, Value)>> {
    store::open_one(db, kind).await
}

/// Lets the open jobs of one kind of a tenant begin at once.
pub async fn hurry(act: &mut Act, tenant: Uuid, kind: Kind) -> Result<()> {
    let now = act.now();
    store::hurry(act.db(), tenant, kind, now).await?;
    act.leaves_work();
    Ok(())
}

/// A job as it stands.
pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Listed> {
    store::by_id(db, id).await?.ok_or(Error::NotFound("job_not_found"))
}

/// Jobs, those of one tenant, of one kind or of one status if asked for.
pub async fn list(db: &mut PgConnection, wanted: &Wanted, part: &Part<'_, Uuid>) -> Result<Vec<Listed>> {
    store::list(db, wanted, part).await
}

/// How many of them there are.
pub async fn count(db: &mut PgConnection, wanted: &Wanted) -> Result<i64> {
    store::count(db, wanted).await
}

/// The hundred newest of them.
pub async fn newest(db: &mut PgConnection, wanted: &Wanted) -> Result<Vec<Listed>> {
    store::newest(db, wanted).await
}

/// Forgets what a tenant's ended jobs knew, as the keys of what they made.
pub async fn forget_states(act: &mut Act, tenant: Uuid) -> Result<()> {
    store::forget_states(act.db(), tenant).await
}

/// Forgets jobs that ended half a year ago.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep(db, now - KEPT, limit).await
}
