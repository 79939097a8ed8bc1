//! A fresh proof within a session, by passkey.

use axum::extract::State;
use shared::{
    Error, Result,
    http::{Json, NoContent},
};

use super::{
    ceremony::{self, About, Kind},
    login::{prove, read},
    model::{PasskeyAnswer, PasskeyAsked},
    party::Party,
    store,
};
use crate::{
    app::App,
    session::{Remaining, Session},
    two_factor,
};

fn about(session: &Session) -> About {
    About {
        kind: Kind::StepUp,
        tenant_id: session.tenant.id,
        user_id: Some(session.member.user_id),
        owner: Some(session.id.to_string()),
        name: None,
        client: None,
    }
}

/// Asks for one of one's own passkeys.
#[utoipa::path(
    post,
    path = "/api/v1/auth/step-up/passkey/start",
    tag = "passkeys",
    responses((status = 200, body = PasskeyAsked)),
    security(("bearer" = []))
)]
pub async fn start_passkey_step_up(State(app): State<App>, Remaining(session): Remaining) -> Result<Json<PasskeyAsked>> {
    let mut db = app.db.read().await?;
    let allowed = store::credential_ids(&mut db, session.member.whom()).await?;
    if allowed.is_empty() {
        return Err(Error::conflict("conflict", "There is no passkey to show here."));
    }
    let asked = Party::of(&app, &session.tenant)?.ask_for(&allowed)?;
    ceremony::begin(&mut db, &about(&session), asked, app.clock.now()).await.map(Json)
}

/// Proves who one is, afresh.
#[utoipa::path(
    post,
    path = "/api/v1/auth/step-up/passkey/finish",
    tag = "passkeys",
    request_body = PasskeyAnswer,
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn finish_passkey_step_up(
    State(app): State<App>,
    Remaining(session): Remaining,
    Json(answer): Json<PasskeyAnswer>,
) -> Result<NoContent> {
    let credential = read(answer.credential)?;
    let taken = ceremony::take(&mut *app.db.read().await?, &answer.ceremony, &about(&session), app.clock.now()).await?;
    let taken = taken.ok_or(Error::Unauthenticated("token_expired"))?;
    session
        .act(async |act| {
            let proved = prove(act, &app, &session.tenant, &credential, taken.state.clone()).await?;
            let Some((_, how)) = proved.filter(|(user, _)| *user == session.member.user_id) else {
                return Err(Error::Unauthenticated("invalid_passkey"));
            };
            two_factor::freshen(act, &session, how).await
        })
        .await?;
    Ok(NoContent)
}
