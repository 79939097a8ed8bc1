//! Operators make plans, and give them to tenants.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use shared::{
    Error, FieldError, Result,
    act::Act,
    http::{IfMatch, Json, Path, Tagged},
    month::Month,
    page::PageInfo,
    tenancy::route_changed,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Plan, PutPlan, UNLIMITED, Usage,
    model::{GRACE, MOST, is_code},
    store, usage,
};
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
    /// All of them are on it.
    page: PageInfo,
}

/// Which plan a tenant is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignPlan {
    /// Its code.
    plan: String,
}

/// All plans, by their code; there are at most a hundred.
#[utoipa::path(get, path = "/api/v1/operator/plans", tag = "operators", responses((status = 200, body = Plans)), security(("bearer" = [])))]
pub async fn list_plans(State(app): State<App>, _session: OperatorSession) -> Result<Json<Plans>> {
    let data = store::all(&mut *app.db.read().await?).await?;
    Ok(Json(Plans { data, page: PageInfo { next_cursor: None, limit: MOST, total: None } }))
}

/// Makes a plan, or another one of it; whoever has it gets its limits within five seconds, and keeps its audit trail as
/// before for 30 days. What it costs stays once a tenant has had it: `409 plan_in_use`. So it is for the plan
/// `unlimited`, which changes in nothing but who gets it, and for the plan of newcomers until they get another one. Asks
/// for a session of the last 15 minutes.
#[utoipa::path(put, path = "/api/v1/operator/plans/{code}", tag = "operators", request_body = PutPlan,
    params(
        ("code" = String, Path, description = "The plan's code"),
        ("If-Match" = Option<String>, Header, description = "Refuse when the version is another one"),
    ),
    responses((status = 200, body = Plan, headers(("ETag" = String, description = "The version, in quotes")))), security(("bearer" = [])))]
pub async fn put_plan(
    session: OperatorSession,
    Path(code): Path<String>,
    version: IfMatch,
    Json(to): Json<PutPlan>,
) -> Result<Tagged<Plan>> {
    session.must_be_fresh()?;
    let plan = session.act(async |act| put(act, &code, &to, &version).await).await?;
    Ok(Tagged(plan.version, plan))
}

/// Gives a tenant another plan from now on. It may be one that allows less than there is: nobody is put out, and the
/// answer says what is over; the audit trail is kept as before for 30 days. `409 other_currency` for one that is paid in
/// another currency than before. Asks for a session of the last 15 minutes.
#[utoipa::path(put, path = "/api/v1/operator/tenants/{slug}/plan", tag = "operators", request_body = AssignPlan,
    params(("slug" = String, Path, description = "The subdomain")), responses((status = 200, body = Usage)), security(("bearer" = [])))]
pub async fn assign_plan(
    State(app): State<App>,
    session: OperatorSession,
    Path(slug): Path<String>,
    Json(wish): Json<AssignPlan>,
) -> Result<Json<Usage>> {
    session.must_be_fresh()?;
    let is_plan = store::by_code(&mut *app.db.read().await?, &wish.plan).await?.is_some();
    if !is_plan {
        return Err(Error::field("plan", "unknown_value", "There is no such plan."));
    }
    // Asked before the act: where the tenant's database does not answer, nothing is changed.
    let known = tenants::by_slug(&mut *app.db.read().await?, &slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let (month, now) = (Month::of(app.clock.now()), app.clock.now());
    let tickets = usage::tickets_in(&app, known.id, month).await?;
    session.act(async |act| assign(act, &slug, &wish.plan).await).await?;
    route_changed(&app.outside.cache, &slug).await;
    usage::told(&mut *app.db.read().await?, known.id, (month, tickets), now).await.map(Json)
}

/// The verb.
pub async fn put(act: &mut Act, code: &str, to: &PutPlan, version: &IfMatch) -> Result<Plan> {
    let now = act.now();
    let mut wrong = to.wrong();
    if !is_code(code) {
        wrong.push(FieldError::new("code", "invalid", "From 1 to 31 of a-z, 0-9 and -, a letter first."));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let before = store::lock(act.db(), code).await?;
    // What is not there yet has no version.
    version.check(before.as_ref().map_or(0, |before| before.version))?;
    may_be(act, before.as_ref(), to).await?;
    store::put(act.db(), code, to, now).await?;
    if to.is_default == Some(true) && !before.as_ref().is_some_and(|before| before.is_default) {
        make_default(act, code).await?;
    }
    if let Some(before) = before.as_ref().filter(|before| before.audit_months != to.audit_months) {
        if to.audit_months < before.audit_months {
            store::keep_longer(act.db(), code, before.audit_months, (now, now + GRACE)).await?;
        }
        store::carry_all(act.db(), code).await?;
    }
    let after = super::by_code(act.db(), code).await?;
    let was = before.map_or_else(|| Ok(json!({})), |before| serde_json::to_value(&before))?;
    act.record_change(&Platform::PlanSet(after.clone()), &was, &serde_json::to_value(&after)?).await?;
    Ok(after)
}

/// Whether a plan may become that.
async fn may_be(act: &mut Act, before: Option<&Plan>, to: &PutPlan) -> Result<()> {
    let in_use = |why: &str| Err(Error::conflict("plan_in_use", why));
    let Some(before) = before else {
        let is_full = store::count(act.db()).await? >= MOST;
        return if is_full { Err(Error::conflict("conflict", "There are a hundred plans.")) } else { Ok(()) };
    };
    if before.code == UNLIMITED && !to.is_like(before) {
        return in_use("This plan has no limits, and stays so.");
    }
    if before.is_default && to.is_default == Some(false) {
        return in_use("Newcomers get this plan: say first which one they get instead.");
    }
    if !to.costs_like(before) && store::was_given(act.db(), &before.code).await? {
        return in_use("What a plan costs stays once somebody has had it; make another one.");
    }
    Ok(())
}

/// Makes this the plan for newcomers; the one that was is another version of itself.
async fn make_default(act: &mut Act, code: &str) -> Result<()> {
    let (now, before) = (act.now(), store::lock_default(act.db()).await?);
    store::make_default(act.db(), code, now).await?;
    let Some(before) = before else { return Ok(()) };
    let after = super::by_code(act.db(), &before.code).await?;
    act.record_change(&Platform::PlanSet(after.clone()), &serde_json::to_value(&before)?, &serde_json::to_value(&after)?).await?;
    Ok(())
}

/// The verb. The plan that it has already is given once.
pub async fn assign(act: &mut Act, slug: &str, code: &str) -> Result<(Tenant, Plan)> {
    let now = act.now();
    // The plan before the tenant, as whoever changes a plan holds them.
    let after = store::hold(act.db(), code).await?.ok_or(Error::NotFound("plan_not_found"))?;
    let tenant = tenants::hold(act, slug).await?;
    if tenant.status == Status::Deleted {
        return Err(Error::NotFound("tenant_not_found"));
    }
    let held = store::held(act.db(), tenant.id).await?;
    let kept = held.as_ref().map(|held| held.audit_months(now));
    let before = match held {
        Some(held) => held.plan,
        None => super::by_code(act.db(), UNLIMITED).await?,
    };
    if before.code == after.code {
        return Ok((tenant, after));
    }
    if after.costs() && store::pays_otherwise(act.db(), tenant.id, &after.currency).await? {
        return Err(Error::conflict("other_currency", "This tenant pays in another currency."));
    }
    let kept = kept.unwrap_or(before.audit_months);
    let longer = (kept > after.audit_months).then_some((kept, now + GRACE));
    give(act, tenant.id, &after, longer).await?;
    let told = |plan: &Plan| serde_json::to_value(plan);
    act.record_change(&Platform::TenantPlanChanged(tenant.clone(), after.clone()), &told(&before)?, &told(&after)?).await?;
    Ok((tenant, after))
}

/// Notes that a tenant has a plan from now on, and lets its database learn of it. Its trail is kept for longer than the
/// plan says until that moment, if one is told.
pub async fn give(act: &mut Act, tenant: Uuid, plan: &Plan, longer: Option<(i32, DateTime<Utc>)>) -> Result<()> {
    let (now, asked_by) = (act.now(), serde_json::to_value(&act.author().actor)?);
    store::give(act.db(), (tenant, &plan.code), longer, now).await?;
    store::note_change(act.db(), tenant, plan, &asked_by, now).await?;
    store::carry(act.db(), tenant).await
}
