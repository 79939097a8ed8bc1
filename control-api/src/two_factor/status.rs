//! Which second factors one has, and new recovery codes.

use axum::extract::State;
use serde::Serialize;
use shared::{Error, Result, act::Act, http::Json};
use utoipa::ToSchema;

use super::{Factors, Notice, account, enrol::RecoveryCodes, factors, locked, renew_codes, tell};
use crate::{app::App, events::Event, session::Session};

/// One's second factors. Nothing here can be used as one.
#[derive(Debug, Serialize, ToSchema)]
pub struct TwoFactor {
    #[serde(flatten)]
    factors: Factors,
    /// One must have a second factor here.
    required: bool,
}

/// Which second factors I have.
#[utoipa::path(get, path = "/api/v1/auth/2fa", tag = "two-factor", responses((status = 200, body = TwoFactor)), security(("bearer" = [])))]
pub async fn show_two_factor(State(app): State<App>, session: Session) -> Result<Json<TwoFactor>> {
    let factors = factors(&mut *app.db.read().await?, session.member.whom()).await?;
    Ok(Json(TwoFactor { factors, required: app.rules.needs_second_factor(session.member.role()) }))
}

/// Ten new recovery codes; the former ones are dead. Asks for a recent proof.
#[utoipa::path(
    post,
    path = "/api/v1/auth/2fa/recovery-codes",
    tag = "two-factor",
    responses((status = 200, body = RecoveryCodes)),
    security(("bearer" = []))
)]
pub async fn renew_recovery_codes(State(app): State<App>, session: Session) -> Result<Json<RecoveryCodes>> {
    session.must_be_fresh()?;
    let recovery_codes = session.living_act(async |act| renew(act, &app, &session).await).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

async fn renew(act: &mut Act, app: &App, session: &Session) -> Result<Vec<String>> {
    let whom = session.member.whom();
    if !locked(act, whom).await?.any() {
        return Err(Error::conflict("conflict", "There is no second factor that these codes could stand in for."));
    }
    account::may_set_up(session.amr, true)?;
    let codes = renew_codes(act, whom.user_id).await?;
    act.record(&Event::RecoveryCodesRenewed(whom)).await?;
    let who = (&session.tenant, &session.member);
    tell(act, app, who, |organisation, link| Notice::RecoveryCodesRenewed { organisation, link }).await?;
    Ok(codes)
}
