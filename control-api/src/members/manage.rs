//! An admin gives a member another role, or takes them out. Whom they asked in as an admin is not
//! asked any more then.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::Act,
    http::{Json, NoContent, Path},
    session::Role,
};
use utoipa::ToSchema;

use super::{Fate, Member, Standing, list::Shown, may_befall, store};
use crate::{
    events::{Event, Whom},
    invitations,
    session::Session,
    sessions,
};

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMember {
    role: Role,
}

/// Gives a member another role; it counts from their next request on.
#[utoipa::path(
    patch,
    path = "/api/v1/members/{user_id}",
    tag = "members",
    params(("user_id" = i64, Path)),
    request_body = ChangeMember,
    responses((status = 200, body = Shown)),
    security(("bearer" = []))
)]
pub async fn change_member(session: Session, Path(user_id): Path<i64>, Json(wish): Json<ChangeMember>) -> Result<Json<Shown>> {
    session.must_be(Role::Admin)?;
    let whom = Whom { tenant_id: session.tenant.id, user_id };
    let by = session.member.user_id;
    let member = session.act(async |act| befall(act, whom, by, Fate::Role(wish.role)).await).await?;
    Ok(Json(member.into()))
}

/// Takes a member out; their sessions end, and the invitations by them and to them.
#[utoipa::path(
    delete,
    path = "/api/v1/members/{user_id}",
    tag = "members",
    params(("user_id" = i64, Path)),
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn remove_member(session: Session, Path(user_id): Path<i64>) -> Result<NoContent> {
    session.must_be(Role::Admin)?;
    let whom = Whom { tenant_id: session.tenant.id, user_id };
    let by = session.member.user_id;
    session.act(async |act| befall(act, whom, by, Fate::Removal).await).await?;
    Ok(NoContent)
}

/// The verb.
async fn befall(act: &mut Act, whom: Whom, by: i64, fate: Fate) -> Result<Member> {
    let unknown = || Error::NotFound("not_found");
    let (tenant, user) = (whom.tenant_id, whom.user_id);
    let admins = super::admins(act, tenant).await?;
    if !admins.contains(&by) {
        return Err(Error::Forbidden("forbidden"));
    }
    let member = store::lock(act.db(), tenant, user).await?.filter(Member::is_active).ok_or_else(unknown)?;
    may_befall(fate, member.role(), by == user, admins.len())?;
    let now = act.now();
    let becomes = match fate {
        Fate::Role(role) if role == member.role() => return Ok(member),
        Fate::Role(role) => (role, Standing::Active),
        Fate::Removal => (member.role(), Standing::Removed),
    };
    store::set(act.db(), tenant, user, becomes, now).await?;
    if fate == Fate::Removal {
        sessions::end_in_tenant(act, whom, sessions::Reason::Removed).await?;
        invitations::end_to(act, tenant, &member.email).await?;
    }
    if member.role() == Role::Admin {
        invitations::end_by(act, whom).await?;
    }
    let after = store::find(act.db(), tenant, user).await?.ok_or_else(unknown)?;
    act.record_change(&Event::UserUpdated(after.clone()), &standing(&member), &standing(&after)).await?;
    Ok(after)
}

/// What the audit trail compares.
fn standing(member: &Member) -> Value {
    json!({ "role": member.role, "active": member.is_active() })
}
