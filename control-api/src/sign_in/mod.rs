//! Sign-in with address and password. An unknown address, one of another tenant and a wrong
//! password get the same answer after the same work (I-7), so nobody learns who has an account.

mod model;
mod store;

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Actor,
    http::{Client, Json},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    identities::{Email, Password},
    members,
    sessions::{self, ClientKind, LoggedIn, SignedIn},
    tenants::{Tenant, Visited},
};
use model::{Entry, entry};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(log_in))
}

/// Who wants to come in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    email: Email,
    password: Password,
    /// Where the refresh token goes: `api` into the body, `browser` into a cookie.
    #[serde(default)]
    client: ClientKind,
}

/// Opens a session.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "sessions", request_body = Login, responses((status = 200, body = LoggedIn)))]
pub async fn log_in(State(app): State<App>, Visited(tenant): Visited, client: Client, Json(wish): Json<Login>) -> Result<SignedIn> {
    let attempt = attempt(&app, &tenant, client, wish).await;
    app.figures.logins.with_label_values(&[if attempt.is_ok() { "in" } else { "refused" }]).inc();
    attempt
}

async fn attempt(app: &App, tenant: &Tenant, client: Client, wish: Login) -> Result<SignedIn> {
    let wrong = || Error::Unauthenticated("invalid_credentials");
    let candidate = store::candidate(&mut *app.db.read().await?, tenant.id, &wish.email).await?;
    let (user_id, hash) = candidate.map(|c| (c.user_id, c.password_hash)).unzip();
    if !app.passwords.verify(wish.password.secret(), hash).await? {
        return Err(wrong());
    }
    let user_id = user_id.ok_or_else(wrong)?;
    let member = members::find(&mut *app.db.read().await?, tenant.id, user_id).await?.ok_or_else(wrong)?;
    match entry(member.role(), member.standing, member.verified) {
        Entry::Yes => {}
        Entry::VerifyFirst => return Err(Error::Forbidden("email_not_verified")),
        Entry::No => return Err(wrong()),
    }
    let author = client.author(Actor::Person { id: user_id, role: member.role.clone() });
    let opened = app.db.act(author, &app.clock, async |act| sessions::open(act, &member, wish.client).await).await?;
    SignedIn::new(app, tenant, member, opened)
}
