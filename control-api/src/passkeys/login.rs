//! Coming in with a passkey alone: the device says who it is, and has verified its user.

use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::amr::Amr,
    http::{Client, Json},
};
use utoipa::ToSchema;
use uuid::Uuid;
use webauthn_rs::prelude::PublicKeyCredential;

use super::{
    ceremony::{self, About, Kind},
    model::{PasskeyAnswer, PasskeyAsked},
    party::Party,
    register::how,
    store,
};
use crate::{
    app::App,
    events::Whom,
    sessions::ClientKind,
    sign_in::{Answer, LoginAnswer, admitted, come_in},
    tenants::{Entrance, Tenant},
    two_factor,
};

/// Somebody wants to come in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartPasskeyLogin {
    /// Where the refresh token goes.
    #[serde(default)]
    client: ClientKind,
}

fn about(tenant: &Tenant, client: Option<ClientKind>) -> About {
    About { kind: Kind::Login, tenant_id: tenant.id, user_id: None, owner: None, name: None, client }
}

/// Asks for whichever passkey of this organisation a device has.
#[utoipa::path(
    post,
    path = "/api/v1/auth/passkeys/login/start",
    tag = "passkeys",
    request_body = StartPasskeyLogin,
    responses((status = 200, body = PasskeyAsked))
)]
pub async fn start_passkey_login(
    State(app): State<App>,
    Entrance(tenant): Entrance,
    Json(wish): Json<StartPasskeyLogin>,
) -> Result<Json<PasskeyAsked>> {
    let asked = Party::of(&app, &tenant)?.ask_for(&[])?;
    let about = about(&tenant, Some(wish.client));
    ceremony::begin(&mut *app.db.read().await?, &about, asked, app.clock.now()).await.map(Json)
}

/// Opens a session for the passkey's owner.
#[utoipa::path(
    post,
    path = "/api/v1/auth/passkeys/login/finish",
    tag = "passkeys",
    request_body = PasskeyAnswer,
    responses((status = 200, body = LoginAnswer))
)]
pub async fn finish_passkey_login(
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
    let taken = taken.ok_or(Error::Unauthenticated("invalid_passkey"))?;
    let kind = taken.client.as_deref().map_or_else(ClientKind::default, ClientKind::parse);
    let author = client.author(Actor::Anonymous);
    let come = async |act: &mut Act| {
        let refused = || Error::Unauthenticated("invalid_passkey");
        let (user_id, how) = prove(act, app, tenant, &credential, taken.state.clone()).await?.ok_or_else(refused)?;
        // Nobody was asked for by name, so the device has to say who it is.
        if credential.get_user_unique_id().is_none() {
            return Err(refused());
        }
        let member = admitted(act, Whom { tenant_id: tenant.id, user_id }).await?.ok_or_else(refused)?;
        client.aims_at(user_id);
        come_in(act, app, tenant, &member, kind, how).await
    };
    app.db.act(author, &app.clock, come).await
}

/// The answer, as far as it can be read.
pub fn read(credential: Value) -> Result<PublicKeyCredential> {
    serde_json::from_value(credential).map_err(|_| Error::field("credential", "invalid", "This is no answer of an authenticator."))
}

/// Whose passkey of this tenant answered what was asked, if one did, and what that proves. Its use is noted in the act:
/// nobody shows the same answer, or a copied key, a second time.
pub async fn prove(act: &mut Act, app: &App, tenant: &Tenant, answer: &PublicKeyCredential, state: Value) -> Result<Option<(i64, Amr)>> {
    let state = serde_json::from_value(state)?;
    let credential = answer.get_credential_id();
    let Some(user) = store::owner(act.db(), tenant.id, credential).await? else { return Ok(None) };
    // The person first, as everywhere where factors are changed.
    two_factor::held(act, Whom { tenant_id: tenant.id, user_id: user }).await?;
    let Some(mut kept) = store::lock(act.db(), tenant.id, credential).await? else { return Ok(None) };
    if !names(answer, kept.handle) {
        return Ok(None);
    }
    match Party::of(app, tenant)?.shown(answer, state, &kept.passkey) {
        Ok(shown) => {
            kept.passkey.update_credential(&shown);
            let now = act.now();
            store::used(act.db(), &kept, now).await?;
            Ok(Some((kept.user_id, how(kept.own))))
        }
        Err(error) => {
            tracing::warn!(%error, tenant = %tenant.slug, user = kept.user_id, passkey = kept.id, "a passkey was refused");
            Ok(None)
        }
    }
}

/// Whether the answer names nobody else than the passkey's owner.
fn names(answer: &PublicKeyCredential, handle: Uuid) -> bool {
    answer.get_user_unique_id().is_none_or(|named| named == handle.as_bytes())
}
