//! One's own profile.

use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, Tagged},
    session::Role,
};
use utoipa::ToSchema;

use super::{Locale, Name, store};
use crate::{
    members::{self, Member},
    session::{Remaining, Session},
    sessions::OwnTenant,
    tenants::Tenant,
};

/// Who I am here.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    id: i64,
    email: String,
    firstname: String,
    lastname: String,
    role: Role,
    locale: Locale,
    email_verified: bool,
    tenant: OwnTenant,
}

impl Me {
    fn tagged(member: Member, tenant: &Tenant) -> Tagged<Self> {
        let me = Self {
            id: member.user_id,
            role: member.role(),
            email: member.email,
            firstname: member.firstname,
            lastname: member.lastname,
            locale: member.locale,
            email_verified: member.verified,
            tenant: OwnTenant::from(tenant),
        };
        Tagged(member.version, me)
    }
}

/// What to change; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMe {
    firstname: Option<Name>,
    lastname: Option<Name>,
    locale: Option<Locale>,
}

/// Who I am here.
#[utoipa::path(
    get,
    path = "/api/v1/auth/me",
    tag = "identities",
    responses((status = 200, body = Me, headers(("ETag" = String, description = "The version, in quotes")))),
    security(("bearer" = []))
)]
pub async fn show_me(Remaining(session): Remaining) -> Tagged<Me> {
    Me::tagged(session.member, &session.tenant)
}

/// Changes names or language, in every tenant where one belongs. Where these are several, an organisation's
/// identity provider is not enough: `403 step_up_required`.
#[utoipa::path(
    patch,
    path = "/api/v1/auth/me",
    tag = "identities",
    params(("If-Match" = Option<String>, Header, description = "Refuse when the version is another one")),
    request_body = ChangeMe,
    responses((status = 200, body = Me, headers(("ETag" = String, description = "The version, in quotes")))),
    security(("bearer" = []))
)]
pub async fn change_me(session: Session, version: IfMatch, Json(wish): Json<ChangeMe>) -> Result<Tagged<Me>> {
    let changed = session.act(async |act| change(act, &session, &version, &wish).await).await?;
    Ok(Me::tagged(changed, &session.tenant))
}

async fn change(act: &mut Act, session: &Session, version: &IfMatch, wish: &ChangeMe) -> Result<Member> {
    let (now, tenant, user_id) = (act.now(), session.tenant.id, session.member.user_id);
    super::lock(act, user_id).await?;
    let before = members::hold_everywhere(act, user_id).await?;
    let belongs = members::everywhere(act.db(), user_id).await?;
    if !session.amr.proves_account() && belongs.iter().any(|member| member.tenant_id != tenant) {
        return Err(Error::Forbidden("step_up_required"));
    }
    let here = belongs.iter().find(|member| member.tenant_id == tenant).ok_or(Error::Unauthenticated("unauthenticated"))?;
    version.check(here.version)?;
    let names = (wish.firstname.as_ref().map(Name::as_str), wish.lastname.as_ref().map(Name::as_str));
    store::set_profile(act.db(), user_id, names, wish.locale, now).await?;
    members::profile_changed(act, user_id, &before).await?;
    members::find(act.db(), tenant, user_id).await?.ok_or(Error::Unauthenticated("unauthenticated"))
}
