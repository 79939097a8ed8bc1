//! Checking what somebody shows as their second factor. A person's tries follow each other, so that
//! however many come at once, a code counts once and wrong ones are counted exactly.

use std::time::Duration;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    auth::{amr::Amr, totp::Authenticator},
};
use utoipa::ToSchema;

use super::{Notice, RecoveryCode, sealed_for, store, tell};
use crate::{
    app::App,
    bound::Bound,
    events::Event,
    keys,
    mails::{self, Addressee, Text},
    members::Member,
    tenants::Tenant,
};

/// How many wrong proofs a person has within each time, whatever they are shown for. Who goes on trying is
/// slowed down further: at 30 a day, luck takes years.
const BOUNDS: [Bound; 2] = [Bound { most: 10, within: TimeDelta::minutes(15) }, Bound { most: 30, within: TimeDelta::days(1) }];

/// A code as somebody typed it from their app. What is no code is wrong, but no fault of form.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 64, examples("123456"))]
pub struct Code(SecretString);

impl TryFrom<String> for Code {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() {
            0 => Err("required: this is required"),
            1..=64 => Ok(Self(text.chars().filter(|c| !c.is_whitespace()).collect::<String>().into())),
            _ => Err("too_long: at most 64 bytes"),
        }
    }
}

impl Code {
    /// As text, for comparing only.
    pub fn as_str(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What somebody shows.
#[derive(Debug, Clone)]
pub enum Shown {
    /// A code of their authenticator app.
    Code(Code),
    /// A recovery code.
    Recovery(RecoveryCode),
}

impl Shown {
    /// The one of the two that was given; `422` otherwise.
    pub fn one(code: Option<Code>, recovery: Option<RecoveryCode>) -> Result<Self> {
        match (code, recovery) {
            (Some(code), None) => Ok(Self::Code(code)),
            (None, Some(recovery)) => Ok(Self::Recovery(recovery)),
            (None, None) => Err(Error::field("code", "required", "give a code or a recovery code")),
            (Some(_), Some(_)) => Err(Error::field("recovery_code", "invalid", "give one of the two")),
        }
    }
}

/// What came of it. Wrong proofs are written too, so an act that meets one commits.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It was right.
    Right(T),
    /// It was wrong, or was shown before.
    Wrong,
    /// There were too many wrong ones of late; nothing was looked at.
    TooMany(Duration),
    /// What it was shown with leads nowhere any more.
    Ended,
}

impl<T> Outcome<T> {
    /// The answer.
    pub fn answer(self) -> Result<T> {
        match self {
            Self::Right(value) => Ok(value),
            Self::Wrong => Err(Error::Unauthenticated("invalid_code")),
            Self::TooMany(retry_after) => Err(Error::TooMany { retry_after }),
            Self::Ended => Err(Error::Unauthenticated("token_expired")),
        }
    }

    /// What is not right, about something else.
    pub fn elsewhere<U>(self) -> Outcome<U> {
        match self {
            Self::Right(_) | Self::Wrong => Outcome::Wrong,
            Self::TooMany(wait) => Outcome::TooMany(wait),
            Self::Ended => Outcome::Ended,
        }
    }
}

/// Takes a proof of the second factor. A right one has no second use.
pub async fn take(act: &mut Act, app: &App, (tenant, member): (&Tenant, &Member), shown: &Shown) -> Result<Outcome<Amr>> {
    match exhausted(act, member.user_id).await? {
        Some(wait) => Ok(Outcome::TooMany(wait)),
        None => check(act, app, (tenant, member), shown).await,
    }
}

/// Like [`take`], for whoever has asked [`exhausted`] already.
pub async fn check(act: &mut Act, app: &App, (tenant, member): (&Tenant, &Member), shown: &Shown) -> Result<Outcome<Amr>> {
    let proved = match shown {
        Shown::Code(code) => fits(act, app, member, code).await?.then_some(Amr::OTP),
        Shown::Recovery(code) => spend(act, app, (tenant, member), code).await?.then_some(Amr::REC),
    };
    match proved {
        Some(amr) => Ok(Outcome::Right(amr)),
        None => {
            count(act, member.user_id).await?;
            warn(act, app, (tenant, member)).await?;
            Ok(Outcome::Wrong)
        }
    }
}

async fn fits(act: &mut Act, app: &App, member: &Member, code: &Code) -> Result<bool> {
    let Some(sealed) = store::secret(act.db(), member.user_id).await? else { return Ok(false) };
    let secret = keys::open(act.db(), &app.keys.ring, None, &sealed, &sealed_for(member.user_id)).await?;
    match Authenticator::open(&secret, &member.email)?.check(code.as_str(), act.now()) {
        Some(step) => store::take_step(act.db(), member.user_id, step).await,
        None => Ok(false),
    }
}

async fn spend(act: &mut Act, app: &App, (tenant, member): (&Tenant, &Member), code: &RecoveryCode) -> Result<bool> {
    let now = act.now();
    if !store::use_code(act.db(), member.user_id, &code.hash(), now).await? {
        return Ok(false);
    }
    let left = store::factors(act.db(), member.whom()).await?.recovery_codes_left;
    act.record(&Event::RecoveryCodeUsed(member.whom(), left)).await?;
    tell(act, app, (tenant, member), |organisation, link| Notice::RecoveryCodeUsed { organisation, link, left }).await?;
    Ok(true)
}

/// Locks the person, and says how long they wait who were wrong too often of late. Whoever has to
/// wait for that does not wait for the lock: a flood would hold connections.
pub async fn exhausted(act: &mut Act, user: i64) -> Result<Option<Duration>> {
    if let Some(wait) = wait(act, user).await? {
        return Ok(Some(wait));
    }
    store::lock(act.db(), user).await?;
    wait(act, user).await
}

async fn wait(act: &mut Act, user: i64) -> Result<Option<Duration>> {
    let now = act.now();
    let mut longest = None;
    for bound in BOUNDS {
        longest = longest.max(bound.wait(store::failures(act.db(), user, bound.since(now)).await?, now));
    }
    Ok(longest)
}

/// Tells the person when something wrong was the last of as many as anybody may show, as often as a mailbox
/// takes it.
pub async fn warn(act: &mut Act, app: &App, (tenant, member): (&Tenant, &Member)) -> Result<()> {
    if wait(act, member.user_id).await?.is_none() {
        return Ok(());
    }
    let link = format!("{}/login", app.site.url(&tenant.slug));
    let text = Text::Security(Notice::WrongProofs { organisation: &tenant.organisation, link: &link });
    mails::send_sparingly(act, app, tenant.id, Addressee::of(member), &text).await.map(drop)
}

/// Notes something wrong, and says under which number.
pub async fn count(act: &mut Act, user: i64) -> Result<i64> {
    let now = act.now();
    store::insert_failure(act.db(), user, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_the_two_is_shown() {
        let code = || Code::try_from("123 456".to_owned()).ok();
        let recovery = || RecoveryCode::try_from("4f7kq".to_owned()).ok();
        assert!(matches!(Shown::one(code(), None), Ok(Shown::Code(code)) if code.as_str() == "123456"));
        assert!(matches!(Shown::one(None, recovery()), Ok(Shown::Recovery(_))));
        for (code, recovery) in [(None, None), (code(), recovery())] {
            assert!(matches!(Shown::one(code, recovery), Err(Error::Invalid(_))));
        }
        let shown = format!("{:?}", Shown::one(code(), None));
        assert!(shown.contains("Code") && !shown.contains("123"), "nobody reads a code in a log: {shown}");
        assert!(Code::try_from(String::new()).is_err() && Code::try_from("1".repeat(65)).is_err());
    }
}
