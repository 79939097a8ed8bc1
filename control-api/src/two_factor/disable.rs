//! Switching the authenticator app off, with both factors at hand. Admins may not.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, NoContent},
    session::Role,
};
use utoipa::ToSchema;

use super::{
    Change, changed, factors,
    proof::{Code, Outcome, Shown, take},
    store, with_password,
};
use crate::{app::App, identities::Password, members, session::Session};

/// Both factors.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisableTwoFactor {
    password: Option<Password>,
    code: Option<Code>,
}

/// Switches the authenticator app off; other sessions end. Whoever is an admin anywhere may not:
/// `403 forbidden`. Without both proofs: `403 step_up_required`.
#[utoipa::path(
    post,
    path = "/api/v1/auth/2fa/disable",
    tag = "two-factor",
    request_body = DisableTwoFactor,
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn disable_two_factor(State(app): State<App>, session: Session, wish: Result<Json<DisableTwoFactor>>) -> Result<NoContent> {
    if session.member.role() == Role::Admin {
        return Err(Error::Forbidden("forbidden"));
    }
    let Json(DisableTwoFactor { password: Some(password), code: Some(code) }) = wish? else {
        return Err(Error::Forbidden("step_up_required"));
    };
    if !factors(&mut *app.db.read().await?, session.member.whom()).await?.totp {
        return Err(Error::conflict("conflict", "There is no authenticator app to switch off."));
    }
    let shown = Shown::Code(code);
    with_password(&app, &session, &password, async |act| disable(act, &app, &session, &shown).await).await?.answer()?;
    Ok(NoContent)
}

/// The verb.
async fn disable(act: &mut Act, app: &App, session: &Session, shown: &Shown) -> Result<Outcome<()>> {
    let (who, user) = ((&session.tenant, &session.member), session.member.user_id);
    store::lock(act.db(), user).await?;
    if members::is_admin_anywhere(act.db(), user).await? {
        return Err(Error::Forbidden("forbidden"));
    }
    match take(act, app, who, shown).await? {
        Outcome::Right(_) => {
            store::disable(act.db(), user).await?;
            store::forget_idle_codes(act.db(), &[user]).await?;
            changed(act, app, who, Some(session.id), Change::Removed).await?;
            Ok(Outcome::Right(()))
        }
        refused @ (Outcome::Wrong | Outcome::TooMany(_) | Outcome::Ended) => Ok(refused.elsewhere()),
    }
}
