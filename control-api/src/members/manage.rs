//! An admin gives a member another role, says that a customer is a VIP, or takes somebody out. Whom an admin who goes has asked
//! in as an admin is not asked any more then.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, Path, Tagged},
    session::Role,
};
use utoipa::ToSchema;

use super::{Fate, Member, Standing, concerns_admins, list::Shown, may_befall, store};
use crate::{
    api_keys::{self, MembersWrite, Scoped},
    app::App,
    events::{Event, Whom},
    invitations, passkeys,
    plans::{self, Taker},
    session::Session,
    sessions::{self, Reason},
    sso, two_factor,
};

/// Another role, or whether they are a VIP: one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMember {
    /// What they are from now on.
    role: Option<Role>,
    /// Whether tickets that they open press one level more.
    vip: Option<bool>,
}

/// What an admin makes of somebody who stays.
enum Wish {
    Role(Role),
    Vip(bool),
}

impl ChangeMember {
    fn wish(&self) -> Result<Wish> {
        match (self.role, self.vip) {
            (Some(role), None) => Ok(Wish::Role(role)),
            (None, Some(vip)) => Ok(Wish::Vip(vip)),
            (None, None) => Err(Error::field("role", "required", "Another role, or whether they are a VIP.")),
            (Some(_), Some(_)) => Err(Error::field("vip", "invalid", "Another role, or whether they are a VIP: one at a time.")),
        }
    }
}

/// Who decides, and whether they have proved of late who they are.
#[derive(Clone, Copy)]
struct Asker {
    id: i64,
    fresh: bool,
}

impl Asker {
    fn of(session: &Session) -> Self {
        Self { id: session.member.user_id, fresh: session.must_be_fresh().is_ok() }
    }
}

/// Gives a member another role; it counts from their next request on. Or says whether they are a VIP, which counts for
/// tickets that they open from then on. Whatever makes or unmakes an
/// admin asks for a recent proof: `403 step_up_required`. A customer who becomes staff signs in anew, and takes a seat:
/// `413 quota_exceeded` when the plan has none left.
#[utoipa::path(
    patch,
    path = "/api/v1/members/{user_id}",
    tag = "members",
    params(("user_id" = i64, Path), ("If-Match" = Option<String>, Header, description = "Refuse when the version is another one")),
    request_body = ChangeMember,
    responses((status = 200, body = Shown, headers(("ETag" = String, description = "The version, in quotes")))),
    security(("bearer" = []))
)]
pub async fn change_member(
    State(app): State<App>,
    session: Scoped<MembersWrite>,
    Path(user_id): Path<i64>,
    version: IfMatch,
    Json(wish): Json<ChangeMember>,
) -> Result<Tagged<Shown>> {
    session.must_be(Role::Admin)?;
    let wish = wish.wish()?;
    if matches!(wish, Wish::Role(Role::Admin)) {
        session.must_be_a_person()?;
    }
    let whom = Whom { tenant_id: session.tenant.id, user_id };
    let by = Asker::of(&session);
    let change = async |act: &mut Act| match wish {
        Wish::Role(role) => befall(act, &app, by, (whom, &version), Fate::Role(role)).await,
        Wish::Vip(vip) => mark(act, by, (whom, &version), vip).await,
    };
    let member = session.act(change).await?;
    Ok(Tagged(member.version, member.into()))
}

/// Says whether somebody is a VIP.
async fn mark(act: &mut Act, by: Asker, (whom, version): (Whom, &IfMatch), vip: bool) -> Result<Member> {
    let (tenant, user) = (whom.tenant_id, whom.user_id);
    if !super::admins(act, tenant).await?.contains(&by.id) {
        return Err(Error::Forbidden("forbidden"));
    }
    let member = store::lock(act.db(), tenant, user).await?.filter(Member::is_active).ok_or(Error::NotFound("not_found"))?;
    version.check(member.version)?;
    if member.vip == vip {
        return Ok(member);
    }
    let now = act.now();
    store::set_vip(act.db(), tenant, user, vip, now).await?;
    let after = store::find(act.db(), tenant, user).await?.ok_or(Error::NotFound("not_found"))?;
    act.record_change(&Event::UserUpdated(after.clone()), &standing(&member), &standing(&after)).await?;
    Ok(after)
}

/// Takes a member out; their sessions end, and the invitations by them and to them. For an admin it asks
/// for a recent proof.
#[utoipa::path(
    delete,
    path = "/api/v1/members/{user_id}",
    tag = "members",
    params(("user_id" = i64, Path), ("If-Match" = Option<String>, Header, description = "Refuse when the version is another one")),
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn remove_member(
    State(app): State<App>,
    session: Scoped<MembersWrite>,
    Path(user_id): Path<i64>,
    version: IfMatch,
) -> Result<NoContent> {
    session.must_be(Role::Admin)?;
    let whom = Whom { tenant_id: session.tenant.id, user_id };
    let by = Asker::of(&session);
    session.act(async |act| befall(act, &app, by, (whom, &version), Fate::Removal).await).await?;
    Ok(NoContent)
}

/// The verb.
async fn befall(act: &mut Act, app: &App, by: Asker, (whom, version): (Whom, &IfMatch), fate: Fate) -> Result<Member> {
    let unknown = || Error::NotFound("not_found");
    let (tenant, user) = (whom.tenant_id, whom.user_id);
    let admins = super::admins(act, tenant).await?;
    if !admins.contains(&by.id) {
        return Err(Error::Forbidden("forbidden"));
    }
    let member = store::lock(act.db(), tenant, user).await?.filter(Member::is_active).ok_or_else(unknown)?;
    version.check(member.version)?;
    may_befall(fate, member.role(), by.id == user, admins.len())?;
    let now = act.now();
    let becomes = match fate {
        Fate::Role(role) if role == member.role() => return Ok(member),
        Fate::Role(_) | Fate::Removal if !by.fresh && concerns_admins(fate, member.role()) => {
            return Err(Error::Forbidden("step_up_required"));
        }
        Fate::Role(role) => (role, Standing::Active),
        Fate::Removal => (member.role(), Standing::Removed),
    };
    if matches!(fate, Fate::Role(role) if role.is_staff()) && !member.role().is_staff() {
        plans::take_seat(act, tenant, Taker::Member(user)).await?;
    }
    store::set(act.db(), tenant, user, becomes, now).await?;
    if fate == Fate::Removal {
        sessions::end_in_tenant(act, whom, Reason::Removed).await?;
        passkeys::forget_at(act, whom).await?;
        sso::forget_at(act, whom).await?;
        invitations::end_to(act, tenant, &member.email).await?;
    }
    // A customer's password may be too short for staff: they sign in anew, where that is seen.
    if matches!(fate, Fate::Role(role) if role.is_staff()) && !member.role().is_staff() {
        sessions::end_in_tenant(act, whom, Reason::BecameStaff).await?;
    }
    if member.role() == Role::Admin {
        invitations::end_by(act, whom).await?;
        api_keys::end_by(act, whom).await?;
    }
    if becomes.0 == Role::Admin && app.rules.needs_second_factor(Role::Admin) && !two_factor::held(act, whom).await?.any() {
        // As an admin they come in with a second factor, and not before.
        sessions::end_in_tenant(act, whom, Reason::RoleChanged).await?;
    }
    let after = store::find(act.db(), tenant, user).await?.ok_or_else(unknown)?;
    act.record_change(&Event::UserUpdated(after.clone()), &standing(&member), &standing(&after)).await?;
    Ok(after)
}

/// What the audit trail compares.
fn standing(member: &Member) -> Value {
    json!({ "role": member.role, "active": member.is_active(), "vip": member.vip })
}
