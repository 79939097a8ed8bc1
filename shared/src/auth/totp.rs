//! One-time codes of an authenticator app (RFC 6238): six digits, 30 seconds, SHA-1 as every app
//! knows it, and one step of tolerance either way. Whoever accepts a code keeps its step and accepts
//! none of that step or of an earlier one again.

use chrono::{DateTime, Utc};
use totp_rs::{Builder, Secret, Totp};

use crate::{Error, Result};

/// Seconds that a code lives.
pub const STEP: i64 = 30;
const ISSUER: &str = "Helpdeskly";

/// The secret that an authenticator app and we share.
pub struct Authenticator(Totp);

impl Authenticator {
    /// A new one with 160 random bits, for the person of this address.
    pub fn generate(account: &str) -> Result<Self> {
        Self::of(Secret::generate(), account)
    }

    /// The one with this secret.
    pub fn open(secret: &[u8], account: &str) -> Result<Self> {
        Self::of(Secret::from(secret.to_vec()), account)
    }

    fn of(secret: Secret, account: &str) -> Result<Self> {
        let builder = Builder::new().with_secret(secret).with_skew(1).with_issuer(Some(ISSUER)).with_account_name(account);
        Ok(Self(builder.build().map_err(Error::internal)?))
    }

    /// The secret's bytes, to be sealed.
    pub fn secret(&self) -> &[u8] {
        self.0.secret().as_bytes()
    }

    /// The secret in base32, to be typed.
    pub fn base32(&self) -> String {
        self.0.secret().to_base32()
    }

    /// `otpauth://totp/…`
    pub fn url(&self) -> Result<String> {
        self.0.to_url().map_err(Error::internal)
    }

    /// The URL as a picture, `data:image/png;base64,…`
    pub fn picture(&self) -> Result<String> {
        Ok(format!("data:image/png;base64,{}", self.0.to_qr_base64().map_err(Error::internal)?))
    }

    /// The step whose code this is, if that is the one of `now` or one of its neighbours.
    pub fn check(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let step = self.0.check(code, u64::try_from(now.timestamp()).ok()?)?;
        i64::try_from(step).ok()
    }

    /// The code of `at`, as the person's app shows it.
    pub fn code(&self, at: DateTime<Utc>) -> String {
        self.0.generate(at.timestamp().unsigned_abs()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a time")
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        let app = Authenticator::open(b"12345678901234567890", "ana@example.com").expect("an authenticator");
        // RFC 6238, appendix B, the last six of eight digits.
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(app.code(at(seconds)), code);
            assert_eq!(app.check(code, at(seconds)), Some(seconds / STEP));
        }
    }

    #[test]
    fn a_code_is_good_for_one_step_either_way_and_names_its_own() {
        let app = Authenticator::generate("ana@example.com").expect("an authenticator");
        let now = at(1_800_000_015);
        let code = app.code(now);
        for (seconds, good) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let step = app.check(&code, now + TimeDelta::seconds(seconds));
            assert_eq!(step, good.then_some(60_000_000), "{seconds}");
        }
        for wrong in ["", "abcdef", "12345", "1234567", "１２３４５６", "-12345", "+12345", " 12345"] {
            assert_eq!(app.check(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_learns_the_secret_from_text_url_or_picture() {
        let app = Authenticator::generate("ana@example.com").expect("an authenticator");
        assert_eq!(app.secret().len(), 20);
        let url = app.url().expect("a URL");
        assert!(url.starts_with("otpauth://totp/Helpdeskly:ana%40example.com?secret="), "{url}");
        assert!(url.contains(&app.base32()) && url.contains("issuer=Helpdeskly"), "{url}");
        assert!(app.picture().expect("a picture").starts_with("data:image/png;base64,iVBOR"));
        assert_ne!(Authenticator::generate("ana@example.com").expect("another").base32(), app.base32());
    }
}
