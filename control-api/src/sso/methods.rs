//! How one may sign in at an organisation: public, for its sign-in page.

use axum::extract::State;
use serde::Serialize;
use shared::{Result, http::Json};
use utoipa::ToSchema;

use super::store;
use crate::{app::App, tenants::Entrance};

/// How one may sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInMethods {
    /// With address and password.
    password: bool,
    /// With a passkey.
    passkey: bool,
    /// With a link by mail.
    magic_link: bool,
    /// Through the organisation's identity provider.
    sso: Option<SsoMethod>,
}

/// The organisation's identity provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct SsoMethod {
    /// What the organisation calls it.
    name: String,
}

/// How one may sign in here.
#[utoipa::path(get, path = "/api/v1/auth/methods", tag = "sessions", responses((status = 200, body = SignInMethods)))]
pub async fn show_sign_in_methods(State(app): State<App>, Entrance(tenant): Entrance) -> Result<Json<SignInMethods>> {
    let provider = store::provider(&mut *app.db.read().await?, tenant.id).await?.filter(|p| p.enabled);
    let sso = provider.map(|p| SsoMethod { name: p.name.as_str().to_owned() });
    Ok(Json(SignInMethods { password: true, passkey: true, magic_link: tenant.customer_magic_link, sso }))
}
