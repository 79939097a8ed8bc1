//! An operator's second factor: always an authenticator app. Whoever has lost theirs is removed and
//! added again on the command line.

use axum::{extract::State, http::HeaderMap};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::{token::hash, totp::Authenticator},
    http::{Client, Json},
};
use utoipa::ToSchema;

use super::{
    coming_in::{OperatorLogin, come_in},
    model::{Account, Kind},
    session::{Desk, bearer},
    store, tries,
};
use crate::{app::App, events::Platform, keys};

/// Wrong codes within 15 minutes, with however many tickets.
const MOST: i64 = 10;

/// What an authenticator app has to know, in three writings. It is shown this once.
#[derive(Serialize, ToSchema)]
pub struct OperatorSetup {
    /// The secret in base32, to be typed.
    secret: String,
    /// The same as `otpauth://totp/…`
    otpauth_url: String,
    /// The same as a picture, `data:image/png;base64,…`
    qr_code: String,
}

/// The first code of a new secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorCode {
    code: String,
}

/// The second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorProof {
    challenge_token: String,
    code: String,
}

/// Shows a new secret to an operator who has none, with the enrolment token.
#[utoipa::path(post, path = "/api/v1/operator/auth/2fa/setup", tag = "operators", responses((status = 200, body = OperatorSetup)),
    security(("bearer" = [])))]
pub async fn set_up_operator(State(app): State<App>, _desk: Desk, client: Client, headers: HeaderMap) -> Result<Json<OperatorSetup>> {
    let hash = bearer(&headers)?;
    let set_up = app.db.act(client.author(Actor::Anonymous), &app.clock, async |act| {
        let account = held(act, &hash, Kind::Enrolment).await?;
        act.is_by(Actor::Operator { id: account.operator.id });
        let authenticator = Authenticator::generate(&account.operator.email)?;
        let owner = Account::sealed_for(account.operator.id);
        let sealed = keys::seal(act.db(), &app.keys.ring, None, authenticator.secret(), &owner).await?;
        store::put_secret(act.db(), account.operator.id, &sealed.bytes, &sealed.key_id).await?;
        act.record(&Platform::OperatorTwoFactorBegun(account.operator.id)).await?;
        Ok(authenticator)
    });
    let authenticator = set_up.await?;
    Ok(Json(OperatorSetup { secret: authenticator.base32(), otpauth_url: authenticator.url()?, qr_code: authenticator.picture()? }))
}

/// Switches the second factor on with the first code of the new secret, and opens a session.
#[utoipa::path(post, path = "/api/v1/operator/auth/2fa/enable", tag = "operators", request_body = OperatorCode,
    responses((status = 200, body = OperatorLogin)), security(("bearer" = [])))]
pub async fn enable_operator(
    State(app): State<App>,
    _desk: Desk,
    client: Client,
    headers: HeaderMap,
    Json(wish): Json<OperatorCode>,
) -> Result<Json<OperatorLogin>> {
    let hash = bearer(&headers)?;
    prove(&app, &client, (&hash, Kind::Enrolment), &wish.code).await.map(Json)
}

/// Opens a session with the second factor.
#[utoipa::path(post, path = "/api/v1/operator/auth/2fa/verify", tag = "operators", request_body = OperatorProof,
    responses((status = 200, body = OperatorLogin)))]
pub async fn verify_operator(
    State(app): State<App>,
    _desk: Desk,
    client: Client,
    Json(wish): Json<OperatorProof>,
) -> Result<Json<OperatorLogin>> {
    prove(&app, &client, (&hash(&wish.challenge_token), Kind::Challenge), &wish.code).await.map(Json)
}

/// Checks a code. A wrong one is written too, so the act commits either way.
async fn prove(app: &App, client: &Client, (hash, kind): (&[u8], Kind), code: &str) -> Result<OperatorLogin> {
    let proving = app.db.act(client.author(Actor::Anonymous), &app.clock, async |act| {
        let account = held(act, hash, kind).await?;
        let number = match tries::reserve(act, &Account::sealed_for(account.operator.id), MOST).await? {
            Ok(number) => number,
            Err(too_many) => return Ok(Err(too_many)),
        };
        let Some(step) = step(app, act, &account, code).await? else {
            return Ok(Err(Error::Unauthenticated("invalid_credentials")));
        };
        let now = act.now();
        tries::forgive(act, number).await?;
        store::take_step(act.db(), account.operator.id, step, now).await?;
        Ok(Ok(come_in(act, &account.operator).await?))
    });
    proving.await?
}

/// The ticket's holder, locked: one after the other, so that a code counts once.
async fn held(act: &mut Act, hash: &[u8], kind: Kind) -> Result<Account> {
    let (now, nobody) = (act.now(), || Error::Unauthenticated("unauthenticated"));
    let id = store::ticket(act.db(), hash, kind, now).await?.ok_or_else(nobody)?;
    let account = store::lock(act.db(), id).await?.ok_or_else(nobody)?;
    // Whoever held the lock before may have spent it.
    store::ticket(act.db(), hash, kind, now).await?.ok_or_else(nobody)?;
    Ok(account)
}

/// The step whose code this is, if it is later than the last one taken.
async fn step(app: &App, act: &mut Act, account: &Account, code: &str) -> Result<Option<i64>> {
    let Some(sealed) = &account.sealed_secret else {
        return Err(Error::conflict("conflict", "Set up the second factor first."));
    };
    let secret = keys::open(act.db(), &app.keys.ring, None, sealed, &Account::sealed_for(account.operator.id)).await?;
    let authenticator = Authenticator::open(&secret, &account.operator.email)?;
    Ok(authenticator.check(code.trim(), act.now()).filter(|step| *step > account.last_step))
}
