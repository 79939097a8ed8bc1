//! Customers come in by a link instead of a password (I-1), where their organisation lets them. The link
//! is good once and for a quarter of an hour. It makes no accounts, opens nothing for staff, and stands
//! for one factor. Asking for it tells nobody whether the address is known.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::{amr::Amr, password},
    http::{Client, Json},
    session::Role,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    events::{Event, Whom},
    identities::{self, Email, Token},
    links::{self, Link, Purpose},
    members::Member,
    sessions::{self, ClientKind, Reason},
    sign_in::{Answer, LoginAnswer, come_in, hold_member},
    tenants::{self, Named, Tenant, Visited},
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(send_magic_link)).routes(routes!(log_in_by_link))
}

/// Whose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMagicLink {
    email: Email,
}

/// Sends a link to come in to a customer; the answer is the same for everybody.
#[utoipa::path(post, path = "/api/v1/auth/magic-link", tag = "sessions", request_body = SendMagicLink, responses((status = 202)))]
pub async fn send_magic_link(
    State(app): State<App>,
    Visited(tenant): Visited,
    client: Client,
    Json(wish): Json<SendMagicLink>,
) -> Result<StatusCode> {
    let author = client.author(Actor::Anonymous);
    app.db.act(author, &app.clock, async |act| links::wish(act, Purpose::SignIn, &tenant, &wish.email).await).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The token of a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MagicLogin {
    token: Token,
    /// Where the refresh token goes.
    #[serde(default)]
    client: ClientKind,
}

/// Opens a session with the link from a mail, or says that a second factor is missing.
#[utoipa::path(post, path = "/api/v1/auth/magic-link/login", tag = "sessions", request_body = MagicLogin, responses((status = 200, body = LoginAnswer)))]
pub async fn log_in_by_link(State(app): State<App>, named: Named, client: Client, Json(wish): Json<MagicLogin>) -> Result<Answer> {
    let (hash, at) = (wish.token.hash(), named.0.map(|t| t.id));
    let mut db = app.db.read().await?;
    let (_, link) = links::find(&mut db, &hash, &[Purpose::SignIn], at, app.clock.now()).await?;
    let tenant = tenants::by_id(&mut db, link.tenant_id).await?.ok_or(Error::NotFound("not_found"))?;
    drop(db);
    client.visits(tenant.id, &tenant.slug);
    client.aims_at(link.user_id);
    tenant.status.door().lets_in(Role::Customer).map_err(|closed| match closed {
        Error::NotFound(_) => Error::NotFound("not_found"),
        other => other,
    })?;
    let author = client.author(Actor::Person { id: link.user_id, role: "customer".to_owned() });
    app.db
        .act(author, &app.clock, async |act| {
            let member = follow(act, &tenant, &link, &hash).await?;
            come_in(act, &app, &tenant, &member, wish.client, Amr::MAIL).await
        })
        .await
}

/// The verb: uses the link up. Who is no customer any more, or may not come in so, finds it dead.
async fn follow(act: &mut Act, tenant: &Tenant, link: &Link, hash: &[u8]) -> Result<Member> {
    let unknown = || Error::NotFound("not_found");
    let user = identities::lock(act, link.user_id).await?;
    links::take(act, hash).await?;
    let held = hold_member(act, Whom { tenant_id: tenant.id, user_id: user.id }).await?;
    let member = held.filter(|m| m.is_active() && !m.role().is_staff() && tenant.customer_magic_link).ok_or_else(unknown)?;
    if !user.verified {
        prove(act, Whom { tenant_id: tenant.id, user_id: user.id }).await?;
    }
    Ok(member)
}

/// The link proves the address. Whoever chose the password had not, and loses it with all that let them in.
async fn prove(act: &mut Act, whom: Whom) -> Result<()> {
    identities::set_password(act, whom.user_id, password::NONE).await?;
    identities::proved(act, whom, password::NONE).await?;
    identities::lock_out(act, whom.user_id).await?;
    sessions::end_all(act, whom.user_id, Reason::AddressProved).await?;
    act.record(&Event::EmailVerified(whom)).await?;
    Ok(())
}
