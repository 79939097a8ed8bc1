//! Proving again who one is, in the middle of a session: asked for before anything that would let a
//! thief of one token stay.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    auth::amr::Amr,
    http::{Json, NoContent},
};
use utoipa::ToSchema;

use super::{
    RecoveryCode, factors, locked,
    proof::{Code, Outcome, Shown, take},
    with_password,
};
use crate::{
    app::App,
    events::Event,
    identities::Password,
    session::{Remaining, Session},
    sessions,
};

/// One proof: of the second factor by whoever has one, else the password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUp {
    password: Option<Password>,
    code: Option<Code>,
    recovery_code: Option<RecoveryCode>,
}

/// Makes the session fresh for 15 minutes; `403 two_factor_required` when somebody with a second
/// factor shows their password alone.
#[utoipa::path(
    post,
    path = "/api/v1/auth/step-up",
    tag = "two-factor",
    request_body = StepUp,
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn step_up(State(app): State<App>, Remaining(session): Remaining, Json(wish): Json<StepUp>) -> Result<NoContent> {
    match wish.password {
        Some(_) if wish.code.is_some() || wish.recovery_code.is_some() => {
            return Err(Error::field("password", "invalid", "give one of the three"));
        }
        Some(password) => {
            let two_factors = Error::Forbidden("two_factor_required");
            if factors(&mut *app.db.read().await?, session.member.whom()).await?.any() {
                return Err(two_factors);
            }
            let prove = async |act: &mut Act| {
                // One may have been added meanwhile.
                let added = locked(act, session.member.whom()).await?.any();
                if added { Err(Error::Forbidden("two_factor_required")) } else { freshen(act, &session, Amr::PWD).await }
            };
            with_password(&app, &session, &password, prove).await?;
        }
        None => {
            let shown = Shown::one(wish.code, wish.recovery_code)?;
            session.act(async |act| prove(act, &app, &session, &shown).await).await?.answer()?;
        }
    }
    Ok(NoContent)
}

async fn prove(act: &mut Act, app: &App, session: &Session, shown: &Shown) -> Result<Outcome<()>> {
    match take(act, app, (&session.tenant, &session.member), shown).await? {
        Outcome::Right(amr) => Ok(Outcome::Right(freshen(act, session, amr).await?)),
        refused @ (Outcome::Wrong | Outcome::TooMany(_) | Outcome::Ended) => Ok(refused.elsewhere()),
    }
}

/// Notes what somebody has proved again within their session.
pub async fn freshen(act: &mut Act, session: &Session, amr: Amr) -> Result<()> {
    sessions::prove_again(act, session.id, session.amr.and(amr)).await?;
    act.record(&Event::SteppedUp(session.member.whom(), session.id)).await?;
    Ok(())
}
