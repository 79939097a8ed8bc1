//! Operators make plans, and give them to tenants.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, Path},
    month::Month,
    tenancy::route_changed,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Plan, PutPlan, UNLIMITED, Usage, model::is_code, store, usage};
use crate::{
    app::App,
    events::Platform,
    operators::OperatorSession,
    tenants::{self, Status, Tenant},
};

/// All plans.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct Plans {
    data: Vec<Plan>,
}

/// Which plan a tenant is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignPlan {
    /// Its code.
    plan: String,
}

/// All plans, by their code; at most a hundred.
#[utoipa::path(get, path = "/api/v1/operator/plans", tag = "operators", responses((status = 200, body = Plans)), security(("bearer" = [])))]
pub async fn list_plans(State(app): State<App>, _session: OperatorSession) -> Result<Json<Plans>> {
    Ok(Json(Plans { data: store::all(&mut *app.db.read().await?).await? }))
}

/// Makes a plan, or another one of it; whoever has it gets its limits within five seconds. What it costs stays once
/// a tenant has had it: `409 plan_in_use`. The plan `unlimited` stays as it is. Asks for a session of the last 15
/// minutes.
#[utoipa::path(put, path = "/api/v1/operator/plans/{code}", tag = "operators", request_body = PutPlan,
    params(("code" = String, Path, description = "The plan's code")), responses((status = 200, body = Plan)), security(("bearer" = [])))]
pub async fn put_plan(session: OperatorSession, Path(code): Path<String>, Json(to): Json<PutPlan>) -> Result<Json<Plan>> {
    session.must_be_fresh()?;
    session.act(async |act| put(act, &code, &to).await).await.map(Json)
}

/// Gives a tenant another plan from now on. It may be one that allows less than there is: nobody is put out, and the
/// answer says what is over. `409 other_currency` for one that is paid in another currency than before. Asks for a
/// session of the last 15 minutes.
#[utoipa::path(put, path = "/api/v1/operator/tenants/{slug}/plan", tag = "operators", request_body = AssignPlan,
    params(("slug" = String, Path, description = "The subdomain")), responses((status = 200, body = Usage)), security(("bearer" = [])))]
pub async fn assign_plan(
    State(app): State<App>,
    session: OperatorSession,
    Path(slug): Path<String>,
    Json(wish): Json<AssignPlan>,
) -> Result<Json<Usage>> {
    session.must_be_fresh()?;
    // Asked before the act: where the tenant's database does not answer, nothing is changed.
    let known = tenants::by_slug(&mut *app.db.read().await?, &slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let (month, now) = (Month::of(app.clock.now()), app.clock.now());
    let tickets = usage::tickets_in(&app, known.id, month).await?;
    session.act(async |act| assign(act, &slug, &wish.plan).await).await?;
    route_changed(&app.outside.cache, &slug).await;
    usage::told(&mut *app.db.read().await?, known.id, (month, tickets), now).await.map(Json)
}

/// The verb.
pub async fn put(act: &mut Act, code: &str, to: &PutPlan) -> Result<Plan> {
    let now = act.now();
    let wrong = to.wrong();
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if !is_code(code) {
        return Err(Error::NotFound("plan_not_found"));
    }
    if code == UNLIMITED {
        return Err(Error::conflict("plan_in_use", "This plan has no limits, and stays so."));
    }
    let before = store::lock(act.db(), code).await?;
    if let Some(before) = &before
        && !to.costs_like(before)
        && store::was_given(act.db(), code).await?
    {
        return Err(Error::conflict("plan_in_use", "What a plan costs stays once somebody has had it; make another one."));
    }
    store::put(act.db(), code, to, now).await?;
    if to.is_default {
        store::make_default(act.db(), code).await?;
    } else if before.as_ref().is_some_and(|before| before.is_default) {
        store::make_default(act.db(), UNLIMITED).await?;
    }
    if before.as_ref().is_some_and(|before| before.audit_months != to.audit_months) {
        store::carry_all(act.db(), code).await?;
    }
    let after = super::by_code(act.db(), code).await?;
    let was = before.map_or_else(|| Ok(json!({})), |before| serde_json::to_value(&before))?;
    act.record_change(&Platform::PlanSet(after.clone()), &was, &serde_json::to_value(&after)?).await?;
    Ok(after)
}

/// The verb. The plan that it has already is given once.
pub async fn assign(act: &mut Act, slug: &str, code: &str) -> Result<(Tenant, Plan)> {
    let tenant = tenants::hold(act, slug).await?;
    if tenant.status == Status::Deleted {
        return Err(Error::NotFound("tenant_not_found"));
    }
    let (before, after) = (super::of(act.db(), tenant.id).await?, super::by_code(act.db(), code).await?);
    if before.code == after.code {
        return Ok((tenant, after));
    }
    if (after.price > 0 || after.extra_ticket > Some(0)) && store::pays_otherwise(act.db(), tenant.id, &after.currency).await? {
        return Err(Error::conflict("other_currency", "This tenant pays in another currency."));
    }
    give(act, tenant.id, code).await?;
    let told = |plan: &Plan| serde_json::to_value(plan);
    act.record_change(&Platform::TenantPlanChanged(tenant.clone(), after.clone()), &told(&before)?, &told(&after)?).await?;
    Ok((tenant, after))
}

/// Notes that a tenant has a plan from now on, and lets its database learn of it.
pub async fn give(act: &mut Act, tenant: Uuid, code: &str) -> Result<()> {
    let (now, asked_by) = (act.now(), serde_json::to_value(&act.author().actor)?);
    store::give(act.db(), tenant, code, now).await?;
    store::note_change(act.db(), tenant, code, &asked_by, now).await?;
    store::carry(act.db(), tenant).await
}
