//! One's own profile.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::{Error, Result, act::Act, http::Json, session::Role};
use utoipa::ToSchema;

use super::{Locale, Name, store};
use crate::{
    app::App,
    members::{self, Member},
    session::Session,
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
    fn new(member: Member, tenant: &Tenant) -> Self {
        Self {
            id: member.user_id,
            role: member.role(),
            email: member.email,
            firstname: member.firstname,
            lastname: member.lastname,
            locale: member.locale,
            email_verified: member.verified,
            tenant: OwnTenant::from(tenant),
        }
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
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "identities", responses((status = 200, body = Me)), security(("bearer" = [])))]
pub async fn show_me(session: Session) -> Json<Me> {
    Json(Me::new(session.member, &session.tenant))
}

/// Changes names or language, in every tenant where one belongs. Where these are several, an organisation's
/// identity provider is not enough: `403 step_up_required`.
#[utoipa::path(
    patch,
    path = "/api/v1/auth/me",
    tag = "identities",
    request_body = ChangeMe,
    responses((status = 200, body = Me)),
    security(("bearer" = []))
)]
pub async fn change_me(State(app): State<App>, session: Session, Json(wish): Json<ChangeMe>) -> Result<Json<Me>> {
    let (tenant, user_id) = (session.tenant.id, session.member.user_id);
    session.act(async |act| change(act, &session, &wish).await).await?;
    let member = members::find(&mut *app.db.read().await?, tenant, user_id).await?;
    Ok(Json(Me::new(member.unwrap_or(session.member), &session.tenant)))
}

async fn change(act: &mut Act, session: &Session, wish: &ChangeMe) -> Result<()> {
    let (now, user_id) = (act.now(), session.member.user_id);
    super::lock(act, user_id).await?;
    let belongs = members::everywhere(act.db(), user_id).await?;
    if !session.amr.proves_account() && belongs.iter().any(|member| member.tenant_id != session.tenant.id) {
        return Err(Error::Forbidden("step_up_required"));
    }
    let before = members::hold_everywhere(act, user_id).await?;
    let names = (wish.firstname.as_ref().map(Name::as_str), wish.lastname.as_ref().map(Name::as_str));
    store::set_profile(act.db(), user_id, names, wish.locale, now).await?;
    members::profile_changed(act, user_id, &before).await
}
