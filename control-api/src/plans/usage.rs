//! What a tenant may have, and has: for its admins, and for operators. Everything is counted where it is, at the
//! moment it is asked for, so the numbers are exact.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    http::{Json, Path, Query},
    month::Month,
    session::Role,
};
use sqlx::PgConnection;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Over, Plan, Used, store};
use crate::{
    api_keys::{Scoped, SettingsRead},
    app::App,
    billing::{self, Balance},
    operators::OperatorSession,
    tenants,
};

/// What a tenant may have, and has.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    /// Its plan.
    plan: Plan,
    /// Since when it has it; absent for one that it has always had.
    since: Option<DateTime<Utc>>,
    /// The month in which tickets were counted, as `2026-11`.
    month: String,
    /// What it has.
    used: Used,
    /// Of what it has more than the plan allows.
    over: Vec<Over>,
    /// Its prepaid credits, once it has had any.
    credits: Option<Balance>,
}

/// Which month.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// A month (UTC), as `2026-11`; this one unless told.
    month: Option<String>,
}

impl Which {
    fn month(&self, now: DateTime<Utc>) -> Result<Month> {
        let parse = |text: &String| text.parse().map_err(|_| Error::field("month", "invalid", "A month, as 2026-11."));
        self.month.as_ref().map_or_else(|| Ok(Month::of(now)), parse)
    }
}

/// The organisation's plan, and what is used of it. `503` while its database does not answer.
#[utoipa::path(get, path = "/api/v1/tenant/usage", tag = "tenants", params(Which), responses((status = 200, body = Usage)),
    security(("bearer" = [])))]
pub async fn show_usage(State(app): State<App>, session: Scoped<SettingsRead>, Query(which): Query<Which>) -> Result<Json<Usage>> {
    session.must_be(Role::Admin)?;
    of(&app, session.tenant.id, &which).await.map(Json)
}

/// A tenant's plan, and what is used of it. `503` while its database does not answer.
#[utoipa::path(get, path = "/api/v1/operator/tenants/{slug}/usage", tag = "operators",
    params(("slug" = String, Path, description = "The subdomain"), Which), responses((status = 200, body = Usage)), security(("bearer" = [])))]
pub async fn show_usage_to_operator(
    State(app): State<App>,
    _session: OperatorSession,
    Path(slug): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<Usage>> {
    let tenant = tenants::by_slug(&mut *app.db.read().await?, &slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    of(&app, tenant.id, &which).await.map(Json)
}

async fn of(app: &App, tenant: Uuid, which: &Which) -> Result<Usage> {
    let now = app.clock.now();
    let month = which.month(now)?;
    let tickets = tickets_in(app, tenant, month).await?;
    told(&mut *app.db.read().await?, tenant, (month, tickets), now).await
}

/// What the books say, with the tickets that were counted.
pub async fn told(db: &mut PgConnection, tenant: Uuid, (month, tickets): (Month, i64), now: DateTime<Utc>) -> Result<Usage> {
    let held = store::held(db, tenant).await?;
    let (agents, invited) = store::staff(db, tenant, None, now).await?;
    let used = Used { agents, invited, tickets };
    let credits = billing::balance(db, tenant).await?;
    let (since, trail) = (held.as_ref().map(|held| held.since), held.as_ref().and_then(|held| held.over(now)));
    let plan = match held {
        Some(held) => held.plan,
        None => super::by_code(db, super::UNLIMITED).await?,
    };
    let over = plan.over(&used).into_iter().chain(trail).collect();
    Ok(Usage { plan, since, month: month.to_string(), used, over, credits })
}

/// How many tickets a tenant has opened in a month. One without a database has opened none.
pub(super) async fn tickets_in(app: &App, tenant: Uuid, month: Month) -> Result<i64> {
    Ok(tickets_between(app, tenant, (month.starts(), month.ends())).await?.unwrap_or_default())
}

/// How many tickets a tenant has opened from the one moment to the other; none when it has no database.
pub async fn tickets_between(app: &App, tenant: Uuid, span: (DateTime<Utc>, DateTime<Utc>)) -> Result<Option<i64>> {
    let Some(stored) = app.outside.tenants.stored(tenant).await? else { return Ok(None) };
    let mut db = stored.db.read().await?;
    store::opened_in(&mut db, span).await.map(Some)
}
