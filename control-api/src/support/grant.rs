//! What the tenant's admin does: give leave, see who had it, take it back.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::{Act, Author},
    http::{Created, Json, NoContent},
    page::{Asked, Order, Page, Paging},
    session::Role,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::store;
use crate::{app::App, events::Platform, members, session::Session};

/// For how long, from 1 to 72 hours.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = i64, minimum = 1, maximum = 72)]
pub struct Hours(i32);

impl TryFrom<i64> for Hours {
    type Error = &'static str;

    fn try_from(hours: i64) -> Result<Self, Self::Error> {
        match hours {
            1..=72 => Ok(Self(hours as i32)),
            _ => Err("out_of_range: from 1 to 72 hours"),
        }
    }
}

/// Why, in at most 500 characters.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 500)]
pub struct Why(String);

impl TryFrom<String> for Why {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = text.trim();
        match text.chars().count() {
            _ if text.contains('\0') => Err("invalid: NUL is not allowed"),
            0 => Err("required: this is required"),
            1..=500 => Ok(Self(text.to_owned())),
            _ => Err("too_long: at most 500 characters"),
        }
    }
}

/// Leave to look in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantSupportAccess {
    hours: Hours,
    reason: Why,
}

/// A leave that was given.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SupportAccess {
    /// Its id.
    pub id: i64,
    /// Whose doors it opens.
    #[serde(skip)]
    pub tenant_id: Uuid,
    /// For how long.
    pub hours: i32,
    /// Why.
    pub reason: String,
    /// The admin who gave it.
    pub granted_by: i64,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub ends_at: DateTime<Utc>,
    /// When it ended, if it has.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Lets operators look in for some hours. Asks for a recent proof. `409 conflict` while a leave lasts.
#[utoipa::path(post, path = "/api/v1/tenant/support-access", tag = "support", request_body = GrantSupportAccess,
    responses((status = 201, body = SupportAccess)), security(("bearer" = [])))]
pub async fn grant_support_access(session: Session, Json(wish): Json<GrantSupportAccess>) -> Result<Created<SupportAccess>> {
    session.must_be(Role::Admin)?;
    session.must_be_fresh()?;
    let granted = session.living_act(async |act| {
        members::must_be_admin(act, session.member.whom()).await?;
        // One that ended by itself makes room.
        end(act, session.tenant.id, true).await?;
        let (now, hours) = (act.now(), wish.hours.0);
        let new = store::New { tenant_id: session.tenant.id, granted_by: session.member.user_id, hours, reason: &wish.reason.0 };
        let granted = store::insert(act.db(), &new, now, now + TimeDelta::hours(hours.into())).await?;
        act.record(&Platform::SupportGranted(granted.clone())).await?;
        Ok(granted)
    });
    Ok(Created::at("/api/v1/tenant/support-access", granted.await?))
}

/// The leaves that were given, the newest first.
#[utoipa::path(get, path = "/api/v1/tenant/support-access", tag = "support", params(Paging),
    responses((status = 200, body = Page<SupportAccess>)), security(("bearer" = [])))]
pub async fn list_support_access(
    State(app): State<App>,
    session: Session,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<SupportAccess>>> {
    session.must_be(Role::Admin)?;
    let (tenant, now) = (session.tenant.id, app.clock.now());
    let part = paging.part(&app.keys.cursors, &format!("support-access:{tenant}"), Order::Newest)?;
    let mut db = app.db.read().await?;
    let mut given = store::list(&mut db, tenant, &part).await?;
    // Its end may not have been noted yet.
    given.iter_mut().filter(|g| g.ended_at.is_none() && g.ends_at <= now).for_each(|g| g.ended_at = Some(g.ends_at));
    let total = part.total(store::count(&mut db, tenant)).await?;
    Ok(Json(part.page(given, total, |leave| leave.id)?))
}

/// Takes the leave back: within five seconds nobody looks in any more.
#[utoipa::path(delete, path = "/api/v1/tenant/support-access", tag = "support", responses((status = 204)), security(("bearer" = [])))]
pub async fn end_support_access(session: Session) -> Result<NoContent> {
    session.must_be(Role::Admin)?;
    let ended = session.act(async |act| {
        members::must_be_admin(act, session.member.whom()).await?;
        end(act, session.tenant.id, false).await
    });
    if ended.await? { Ok(NoContent) } else { Err(Error::NotFound("not_found")) }
}

/// Ends the tenant's leave, or, if only what is `over` is meant, one whose time has come.
async fn end(act: &mut Act, tenant: Uuid, over: bool) -> Result<bool> {
    let now = act.now();
    let Some(ended) = store::end(act.db(), tenant, now, over).await? else { return Ok(false) };
    act.record(&Platform::SupportEnded(ended)).await?;
    Ok(true)
}

/// Writes down which leaves have ended by themselves.
pub async fn note_ends(app: &App) -> Result<()> {
    let over = store::over(&mut *app.db.read().await?, app.clock.now()).await?;
    for tenant in over {
        app.db.act(Author::system("support"), &app.clock, async |act| end(act, tenant, true).await).await?;
    }
    Ok(())
}
