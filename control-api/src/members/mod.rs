//! Members: who belongs to a tenant and as what. Only admins see and change them. A tenant always
//! keeps an admin; whoever is removed or gets another role is treated so from the next request on,
//! and whoever was removed comes back by invitation only. What admins do alone they must be admins
//! for when it happens, not just when they asked.
//! The app plane hears of every change as one event per tenant, numbered so that a late one does
//! no harm.

mod list;
mod manage;
mod model;
mod store;

pub use model::{Fate, Member, Standing, concerns_admins, may_befall};
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::{Act, Actor},
    session::Role,
};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    events::{Event, Whom},
    plans::{self, Taker},
    tenants::{self, Status},
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list_members)).routes(routes!(manage::change_member, manage::remove_member))
}

/// The person in the tenant, however they stand to it.
pub async fn find(db: &mut PgConnection, tenant: Uuid, user: i64) -> Result<Option<Member>> {
    store::find(db, tenant, user).await
}

/// Says that the act is the person's, who has just proved it, in their role in the tenant.
pub async fn speaks(act: &mut Act, whom: Whom) -> Result<()> {
    let member = store::find(act.db(), whom.tenant_id, whom.user_id).await?;
    act.is_by(member.map_or_else(|| Actor::Person { id: whom.user_id, role: "none".to_owned() }, |member| member.actor()));
    Ok(())
}

/// How the person stands to the tenant.
pub async fn standing(db: &mut PgConnection, tenant: Uuid, user: i64) -> Result<Option<Standing>> {
    Ok(store::find(db, tenant, user).await?.map(|m| m.standing))
}

/// The highest role that the person has anywhere: it says how long their password must be.
pub async fn highest_role(db: &mut PgConnection, user: i64) -> Result<Role> {
    let roles = store::roles(db, user).await?;
    Ok(roles.iter().filter_map(|word| Role::parse(word)).max().unwrap_or(Role::Customer))
}

/// Everybody who stands to the tenant in some way that its database knows of, members and those who were, and of which
/// version each is.
pub async fn versions(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<(i64, i64)>> {
    store::versions(db, tenant).await
}

/// Those of these people who stand to the tenant in such a way.
pub async fn some(db: &mut PgConnection, tenant: Uuid, users: &[i64]) -> Result<Vec<Member>> {
    store::some(db, tenant, users).await
}

/// Everybody who belongs to the tenant, for its new database.
pub async fn all_active(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Member>> {
    store::all_active(db, tenant).await
}

/// Everybody who is an admin of the tenant.
pub async fn all_admins(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Member>> {
    store::all_admins(db, tenant).await
}

/// Everywhere the person belongs.
pub async fn everywhere(db: &mut PgConnection, user: i64) -> Result<Vec<Member>> {
    store::everywhere(db, user).await
}

/// Whether the person is an admin of any tenant.
pub async fn is_admin_anywhere(db: &mut PgConnection, user: i64) -> Result<bool> {
    Ok(everywhere(db, user).await?.iter().any(|member| member.role() == Role::Admin))
}

/// The tenant's admins of this moment, by id. They stay admins until the act ends, and what admins
/// do in one tenant follows each other.
pub async fn admins(act: &mut Act, tenant: Uuid) -> Result<Vec<i64>> {
    store::lock_admins(act.db(), tenant).await
}

/// `403` unless the person is an admin at this moment.
pub async fn must_be_admin(act: &mut Act, whom: Whom) -> Result<()> {
    let admins = admins(act, whom.tenant_id).await?;
    if admins.contains(&whom.user_id) { Ok(()) } else { Err(Error::Forbidden("forbidden")) }
}

/// Notes that somebody wants to be a customer.
pub async fn expect_customer(act: &mut Act, whom: Whom) -> Result<()> {
    let now = act.now();
    store::insert_pending(act.db(), whom.tenant_id, whom.user_id, now).await
}

/// Somebody has proved their address to the tenant: whoever was expected is a customer now. Whoever
/// belongs stays what they are, and whoever was taken out stays out.
pub async fn admit(act: &mut Act, whom: Whom) -> Result<()> {
    match store::lock(act.db(), whom.tenant_id, whom.user_id).await?.map(|member| member.standing) {
        Some(Standing::Active | Standing::Removed) => Ok(()),
        Some(Standing::Pending) | None => join(act, whom, Role::Customer).await,
    }
}

/// Makes somebody a member with this role, whom nobody waits for. Whoever becomes staff takes a seat: `413 quota_exceeded`.
pub async fn join(act: &mut Act, whom: Whom, role: Role) -> Result<()> {
    join_as(act, whom, role, Taker::Member(whom.user_id)).await
}

/// The same for somebody who was asked in: the seat was held for them.
pub async fn join_asked(act: &mut Act, whom: Whom, role: Role) -> Result<()> {
    join_as(act, whom, role, Taker::Awaited).await
}

async fn join_as(act: &mut Act, whom: Whom, role: Role, taker: Taker) -> Result<()> {
    let before = store::lock(act.db(), whom.tenant_id, whom.user_id).await?;
    let now = act.now();
    if role.is_staff() && !before.as_ref().is_some_and(|m| m.is_active() && m.role().is_staff()) {
        plans::take_seat(act, whom.tenant_id, taker).await?;
    }
    store::put(act.db(), whom.tenant_id, whom.user_id, role, now).await?;
    let known = before.is_some_and(|m| m.standing != Standing::Pending);
    tell(act, whom, known).await
}

/// What a person is wherever they belong, held until the act ends: for [`profile_changed`].
pub async fn hold_everywhere(act: &mut Act, user: i64) -> Result<Vec<Member>> {
    store::lock_all_of(act.db(), user).await
}

/// The person themselves has changed from what they were `before`: every tenant hears of it.
pub async fn profile_changed(act: &mut Act, user: i64, before: &[Member]) -> Result<()> {
    let now = act.now();
    store::touch_all_of(act.db(), user, now).await?;
    let after = store::lock_all_of(act.db(), user).await?;
    for (was, is) in before.iter().zip(after) {
        let (was, now) = (profile(was), profile(&is));
        act.record_change(&Event::UserUpdated(is), &was, &now).await?;
    }
    Ok(())
}

/// What the audit trail compares.
fn profile(member: &Member) -> Value {
    json!({ "email": member.email, "firstname": member.firstname, "lastname": member.lastname, "locale": member.locale })
}

/// Records what the person is now; a tenant without a database hears of everybody when it has one.
async fn tell(act: &mut Act, whom: Whom, known: bool) -> Result<()> {
    let served = tenants::by_id(act.db(), whom.tenant_id).await?.is_some_and(|t| matches!(t.status, Status::Active | Status::Suspended));
    let Some(member) = store::find(act.db(), whom.tenant_id, whom.user_id).await?.filter(|_| served) else { return Ok(()) };
    let event = if known { Event::UserUpdated(member) } else { Event::UserCreated(member) };
    act.record(&event).await?;
    Ok(())
}
