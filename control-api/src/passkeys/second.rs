//! A passkey as the second factor of a sign-in.

use axum::extract::State;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    http::{Client, Json},
};
use utoipa::ToSchema;
use webauthn_rs::prelude::PublicKeyCredential;

use super::{
    ceremony::{self, About, Kind, Taken},
    login::{prove, read},
    model::{PasskeyAnswer, PasskeyAsked},
    party::Party,
    store,
};
use crate::{
    app::App,
    events::Whom,
    identities::Token,
    members::Member,
    sign_in::{Answer, LoginAnswer, come_in, hold_member, ticket},
    tenants::{Entrance, Tenant},
    two_factor,
};

/// Somebody who owes the second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartPasskeyChallenge {
    /// From the answer to the first factor.
    challenge_token: Token,
}

fn about(tenant: &Tenant, owner: Option<&ticket::Ticket>) -> About {
    About {
        kind: Kind::Second,
        tenant_id: tenant.id,
        user_id: owner.map(|t| t.user_id),
        owner: owner.map(|t| URL_SAFE_NO_PAD.encode(&t.hash)),
        name: None,
        client: None,
    }
}

/// Asks for one of the passkeys of whoever owes the second factor.
#[utoipa::path(
    post,
    path = "/api/v1/auth/2fa/passkey/start",
    tag = "passkeys",
    request_body = StartPasskeyChallenge,
    responses((status = 200, body = PasskeyAsked))
)]
pub async fn start_passkey_challenge(
    State(app): State<App>,
    Entrance(tenant): Entrance,
    Json(wish): Json<StartPasskeyChallenge>,
) -> Result<Json<PasskeyAsked>> {
    let (mut db, now) = (app.db.read().await?, app.clock.now());
    let ticket = ticket::find(&mut db, &wish.challenge_token.hash(), ticket::Kind::Challenge, now).await?;
    let ticket = ticket.filter(|t| t.tenant_id == tenant.id).ok_or(Error::Unauthenticated("token_expired"))?;
    let allowed = store::credential_ids(&mut db, Whom { tenant_id: tenant.id, user_id: ticket.user_id }).await?;
    if allowed.is_empty() {
        return Err(Error::conflict("conflict", "There is no passkey to show here."));
    }
    let asked = Party::of(&app, &tenant)?.ask_for(&allowed)?;
    ceremony::begin(&mut db, &about(&tenant, Some(&ticket)), asked, now).await.map(Json)
}

/// Opens the session that the second factor was owed for.
#[utoipa::path(
    post,
    path = "/api/v1/auth/2fa/passkey/finish",
    tag = "passkeys",
    request_body = PasskeyAnswer,
    responses((status = 200, body = LoginAnswer))
)]
pub async fn finish_passkey_challenge(
    State(app): State<App>,
    Entrance(tenant): Entrance,
    client: Client,
    Json(answer): Json<PasskeyAnswer>,
) -> Result<Answer> {
    let attempt = attempt(&app, &tenant, client, answer).await;
    app.figures.logins.with_label_values(&[attempt.as_ref().map_or("refused", Answer::outcome)]).inc();
    attempt
}

async fn attempt(app: &App, tenant: &Tenant, client: Client, answer: PasskeyAnswer) -> Result<Answer> {
    let credential = read(answer.credential)?;
    let taken = ceremony::take(&mut *app.db.read().await?, &answer.ceremony, &about(tenant, None), app.clock.now()).await?;
    let taken = taken.ok_or(Error::Unauthenticated("token_expired"))?;
    let author = client.author(Actor::Anonymous);
    let done = app.db.act(author, &app.clock, async |act| second(act, app, tenant, &credential, &taken).await).await?;
    done.ok_or(Error::Unauthenticated("invalid_passkey"))
}

/// The verb. A wrong answer is a try like a wrong code, and is written though its giver is refused.
async fn second(act: &mut Act, app: &App, tenant: &Tenant, answer: &PublicKeyCredential, taken: &Taken) -> Result<Option<Answer>> {
    let hash = taken.owner.as_deref().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).unwrap_or_default();
    // The person before the ticket, as wherever both are.
    let now = act.now();
    let found = ticket::find(act.db(), &hash, ticket::Kind::Challenge, now).await?.ok_or(Error::Unauthenticated("token_expired"))?;
    two_factor::locked(act, Whom { tenant_id: tenant.id, user_id: found.user_id }).await?;
    let ticket = ticket::hold(act, &hash, ticket::Kind::Challenge).await?.ok_or(Error::Unauthenticated("token_expired"))?;
    let proved = prove(act, app, tenant, answer, taken.state.clone()).await?;
    let Some((_, how)) = proved.filter(|(user, _)| *user == ticket.user_id) else {
        ticket::count_try(act, &ticket).await?;
        return Ok(None);
    };
    let whom = Whom { tenant_id: tenant.id, user_id: ticket.user_id };
    // The first factor came through its own door.
    let member = hold_member(act, whom).await?.filter(Member::is_active).ok_or(Error::Unauthenticated("token_expired"))?;
    ticket::spend(act, &ticket).await?;
    come_in(act, app, tenant, &member, ticket.client, ticket.amr.and(how)).await.map(Some)
}
