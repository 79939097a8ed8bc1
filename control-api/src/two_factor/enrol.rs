//! Setting up an authenticator app: a secret is shown once, and counts from the first code that
//! comes back. Whoever has one sets up another in the same way; the old one ends then.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::Act,
    auth::{amr::Amr, totp::Authenticator},
    http::Json,
};
use utoipa::ToSchema;

use super::{
    Change, changed,
    enrolling::{By, Enrolling},
    may_set_up,
    proof::{self, Code, Outcome},
    renew_codes, sealed_for, store,
};
use crate::{
    app::App,
    events::Event,
    keys,
    sessions::{self, Joined, SignedIn, answer_with},
    sign_in::{
        Answer, come_in,
        ticket::{self, Kind},
    },
};

/// How long a secret waits for its first code.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);

/// What an authenticator app has to know, in three writings. It is shown this once.
#[derive(Serialize, ToSchema)]
pub struct Setup {
    /// The secret in base32, to be typed.
    secret: String,
    /// The same as `otpauth://totp/…`
    otpauth_url: String,
    /// The same as a picture, `data:image/png;base64,…`
    qr_code: String,
}

/// The first code of the new secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnableTwoFactor {
    code: Code,
}

/// The codes for the day on which the phone is gone. They are shown this once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each good once; former ones are dead.
    pub(super) recovery_codes: Vec<String>,
}

/// [`RecoveryCodes`], and with an enrolment token also the session.
type TwoFactorEnabled = Joined<RecoveryCodes>;

/// Shows a new secret; it counts from its first code on. With a session it asks for a recent proof.
#[utoipa::path(
    post,
    path = "/api/v1/auth/2fa/setup",
    tag = "two-factor",
    responses((status = 200, body = Setup)),
    security(("bearer" = []))
)]
pub async fn set_up_two_factor(State(app): State<App>, person: Enrolling) -> Result<Json<Setup>> {
    person.must_be_fresh()?;
    let authenticator = Authenticator::generate(&person.member.email)?;
    person
        .act(async |act| {
            may_set_up(act, &person).await?;
            let expires_at = act.now() + PATIENCE;
            let user = person.member.user_id;
            let sealed = keys::seal(act.db(), &app.keys.ring, None, authenticator.secret(), &sealed_for(user)).await?;
            store::put_setup(act.db(), user, (&sealed.bytes, &sealed.key_id), expires_at).await?;
            act.record(&Event::TwoFactorBegun(person.member.whom())).await
        })
        .await?;
    Ok(Json(Setup { secret: authenticator.base32(), otpauth_url: authenticator.url()?, qr_code: authenticator.picture()? }))
}

/// Switches the second factor on, with the first code of the new secret. Other sessions end. With an
/// enrolment token one is signed in.
#[utoipa::path(
    post,
    path = "/api/v1/auth/2fa/enable",
    tag = "two-factor",
    request_body = EnableTwoFactor,
    responses((status = 200, body = TwoFactorEnabled)),
    security(("bearer" = []))
)]
pub async fn enable_two_factor(State(app): State<App>, person: Enrolling, Json(wish): Json<EnableTwoFactor>) -> Result<Response> {
    let enabled = person.act(async |act| enable(act, &app, &person, &wish.code).await).await?;
    let (recovery_codes, login) = enabled.answer()?;
    Ok(answer_with(RecoveryCodes { recovery_codes }, login.map(|login| *login)).into_response())
}

type Enabled = (Vec<String>, Option<Box<SignedIn>>);

/// The verb. Two who set up at once follow each other; a ticket sets up the first factor only.
async fn enable(act: &mut Act, app: &App, person: &Enrolling, code: &Code) -> Result<Outcome<Enabled>> {
    let user = person.member.user_id;
    if let Some(wait) = proof::exhausted(act, user).await? {
        return Ok(Outcome::TooMany(wait));
    }
    if let By::Session(session) = &person.by {
        session.must_live(act).await?;
    }
    if let By::Ticket(ticket) = &person.by
        && (ticket::hold(act, &ticket.hash, Kind::Enrolment).await?.is_none()
            || store::factors(act.db(), person.member.whom()).await?.any())
    {
        return Ok(Outcome::Ended);
    }
    may_set_up(act, person).await?;
    let now = act.now();
    let Some(sealed) = store::setup(act.db(), user, now).await? else {
        return Err(Error::conflict("conflict", "Set up the second factor first; the secret is kept for 15 minutes."));
    };
    let secret = keys::open(act.db(), &app.keys.ring, None, &sealed, &sealed_for(user)).await?;
    let Some(step) = Authenticator::open(&secret, &person.member.email)?.check(code.as_str(), now) else {
        proof::count(act, user).await?;
        proof::warn(act, app, (&person.tenant, &person.member)).await?;
        if let By::Ticket(ticket) = &person.by {
            ticket::count_try(act, ticket).await?;
        }
        return Ok(Outcome::Wrong);
    };
    store::enable(act.db(), user, step, now).await?;
    let codes = renew_codes(act, user).await?;
    let login = settle(act, app, person).await?;
    Ok(Outcome::Right((codes, login)))
}

/// What was begun with one factor ends, but for the session that asks; a ticket becomes one.
async fn settle(act: &mut Act, app: &App, person: &Enrolling) -> Result<Option<Box<SignedIn>>> {
    let who = (&person.tenant, &person.member);
    match &person.by {
        By::Session(session) => {
            changed(act, app, who, Some(session.id), Change::Added).await?;
            sessions::prove_again(act, session.id, session.amr.and(Amr::OTP)).await?;
            Ok(None)
        }
        By::Ticket(ticket) => {
            changed(act, app, who, None, Change::Added).await?;
            match come_in(act, app, &person.tenant, &person.member, ticket.client, ticket.amr.and(Amr::OTP)).await? {
                Answer::SignedIn(login) => Ok(Some(login)),
                Answer::Challenge(_) | Answer::Enrolment(_) => Err(anyhow::anyhow!("two factors were not enough").into()),
            }
        }
    }
}
