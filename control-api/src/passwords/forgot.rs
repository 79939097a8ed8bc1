//! Somebody has forgotten their password.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    Result,
    act::Actor,
    http::{Client, Json},
};
use utoipa::ToSchema;

use crate::{
    app::App,
    identities::Email,
    links::{self, Purpose},
    tenants::Visited,
};

/// Whose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgot {
    email: Email,
}

/// Sends a link to a new password to whoever belongs here or is invited; the answer is the same for everybody.
#[utoipa::path(post, path = "/api/v1/auth/password/forgot", tag = "passwords", request_body = Forgot, responses((status = 202)))]
pub async fn forget_password(
    State(app): State<App>,
    Visited(tenant): Visited,
    client: Client,
    Json(wish): Json<Forgot>,
) -> Result<StatusCode> {
    let author = client.author(Actor::Anonymous);
    app.db.act(author, &app.clock, async |act| links::wish(act, Purpose::Password, &tenant, &wish.email).await).await?;
    Ok(StatusCode::ACCEPTED)
}
