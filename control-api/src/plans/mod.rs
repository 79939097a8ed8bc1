//! Plans: how much a tenant may have, and for what price. Plans are rows; operators change them, and give each tenant
//! one. A tenant that was never given one has the plan `unlimited`, which is never changed. What a plan costs stays as
//! it is once somebody has had it: another price is another plan.
//!
//! Limits act where something is taken. A seat of the staff is taken under the lock of the tenant's row here
//! ([`take_seat`]); tickets, requests and connections are the app plane's, which reads the numbers in `app_tenants`;
//! how long the trail is kept goes into the tenant's database with its settings. A tenant may be given a plan that
//! allows less than it has: nobody is put out, nothing more comes in, and the answer says what is over. Its trail is
//! kept as before for 30 days, in which another plan takes that back.

mod manage;
mod model;
mod seats;
mod store;
mod usage;

use chrono::{DateTime, Utc};
pub use manage::{assign, put};
pub use model::{Had, Held, Over, Plan, PutPlan, UNLIMITED, Used};
pub use seats::{Taker, take_seat};
use shared::{Error, Result, act::Act};
use sqlx::PgConnection;
pub use usage::{Usage, tickets_between};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::app::App;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(manage::list_plans))
        .routes(routes!(manage::put_plan))
        .routes(routes!(manage::assign_plan))
        .routes(routes!(usage::show_usage))
        .routes(routes!(usage::show_usage_to_operator))
}

/// All plans, by their code.
pub async fn all(db: &mut PgConnection) -> Result<Vec<Plan>> {
    store::all(db).await
}

/// The plan of that code, if there is one.
pub async fn find(db: &mut PgConnection, code: &str) -> Result<Option<Plan>> {
    store::by_code(db, code).await
}

/// The plan of that code. `404 plan_not_found`.
pub async fn by_code(db: &mut PgConnection, code: &str) -> Result<Plan> {
    store::by_code(db, code).await?.ok_or(Error::NotFound("plan_not_found"))
}

/// The plan that a tenant has.
pub async fn of(db: &mut PgConnection, tenant: Uuid) -> Result<Plan> {
    match store::held(db, tenant).await? {
        Some(held) => Ok(held.plan),
        None => by_code(db, UNLIMITED).await,
    }
}

/// For how many months a tenant's trail is kept at that moment, if its plan says so.
pub async fn audit_months(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<Option<i32>> {
    Ok(store::held(db, tenant).await?.map(|held| held.audit_months(now)))
}

/// A tenant's database keeps its trail for what was said at that moment.
pub async fn kept_as_of(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<()> {
    store::end_longer(db, tenant, now).await
}

/// The fewest months for which any plan of a tenant has kept its trail.
pub async fn least_audit_months(db: &mut PgConnection, tenant: Uuid) -> Result<Option<i32>> {
    store::least_audit_months(db, tenant).await
}

/// Which plans a tenant has had since when, the oldest first, while it was served: what it pays for.
pub async fn history(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Had>> {
    store::history(db, tenant).await
}

/// Gives a tenant that has just been entered the plan for newcomers.
pub async fn give_first(act: &mut Act, tenant: Uuid) -> Result<()> {
    let code = store::default(act.db()).await?;
    if code == UNLIMITED {
        return Ok(());
    }
    let plan = store::hold(act.db(), &code).await?.ok_or(Error::NotFound("plan_not_found"))?;
    manage::give(act, tenant, &plan, None).await
}
