//! An operator's first factor. It never opens a session.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::token::Opaque,
    http::{Client, Json, rate_limit::network},
};
use utoipa::ToSchema;

use super::{
    model::{Kind, TICKET},
    session::Desk,
    store, tries,
};
use crate::{
    app::App,
    identities::{Email, Password},
};

/// Wrong passwords from one network within 15 minutes.
const MOST: i64 = 5;

/// Who wants to come in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorCredentials {
    email: Email,
    password: Password,
}

/// What follows the right password.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum OperatorNext {
    /// The second factor.
    Challenge {
        /// Always true.
        two_factor_required: bool,
        /// For `POST /api/v1/operator/auth/2fa/verify`, within ten minutes.
        challenge_token: String,
    },
    /// Setting the second factor up.
    Enrolment {
        /// Always true.
        two_factor_enrolment_required: bool,
        /// The bearer token of `POST /api/v1/operator/auth/2fa/setup` and `…/enable`, within ten minutes.
        enrolment_token: String,
    },
}

/// Checks an operator's password; the second factor is always owed.
#[utoipa::path(post, path = "/api/v1/operator/auth/login", tag = "operators", request_body = OperatorCredentials,
    responses((status = 200, body = OperatorNext)))]
pub async fn log_in_operator(
    State(app): State<App>,
    _desk: Desk,
    client: Client,
    Json(wish): Json<OperatorCredentials>,
) -> Result<Json<OperatorNext>> {
    let source = client.ip.map(network).unwrap_or_default();
    let account = format!("{} {source}", wish.email);
    let author = client.author(Actor::Anonymous);
    let number = app.db.act(author.clone(), &app.clock, async |act| tries::reserve(act, &account, MOST).await).await??;
    let known = store::by_email(&mut *app.db.read().await?, wish.email.as_str()).await?;
    let (secret, hash) = (wish.password.secret(), known.as_ref().map(|known| known.password_hash.clone()));
    // The same work for an address that nobody has.
    let compared = app.passwords.login_turn(move |hasher| hasher.matches(&secret, hash.as_deref())).await;
    if compared.is_err() {
        // Nobody has looked at it: it was no try.
        app.db.act(author.clone(), &app.clock, async |act| tries::forgive(act, number).await).await?;
    }
    let right = compared?;
    let known = known.filter(|_| right).ok_or(Error::Unauthenticated("invalid_credentials"))?;
    let kind = if known.enrolled { Kind::Challenge } else { Kind::Enrolment };
    let token = app.db.act(author, &app.clock, async |act| issue(act, known.operator.id, kind, number).await).await?;
    Ok(Json(match kind {
        Kind::Challenge => OperatorNext::Challenge { two_factor_required: true, challenge_token: token },
        Kind::Enrolment => OperatorNext::Enrolment { two_factor_enrolment_required: true, enrolment_token: token },
    }))
}

async fn issue(act: &mut Act, operator: i64, kind: Kind, number: i64) -> Result<String> {
    let (now, token) = (act.now(), Opaque::generate());
    tries::forgive(act, number).await?;
    store::insert_ticket(act.db(), &token.hash, operator, kind, now + TICKET).await?;
    Ok(token.text)
}
