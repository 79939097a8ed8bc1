//! What a passkey is to its owner, and when it may go.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{Error, Result};
use utoipa::ToSchema;

use crate::{identities::Token, two_factor::Factors};

/// How many passkeys somebody has at a tenant at most.
pub const MOST: usize = 10;

/// A passkey as its owner sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Passkey)]
pub struct PasskeyShown {
    /// Its id.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was last shown.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a browser is to ask an authenticator.
#[derive(Serialize, ToSchema)]
pub struct PasskeyAsked {
    /// For the answer, within five minutes.
    pub ceremony: String,
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// What an authenticator answered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasskeyAnswer)]
pub struct PasskeyAnswer {
    /// From the question.
    pub ceremony: Token,
    /// `PublicKeyCredential.toJSON()`.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// Whether somebody with these second factors may do without one passkey.
pub fn may_go(factors: Factors, must_have: bool) -> Result<()> {
    if must_have && !factors.totp && factors.passkeys <= 1 {
        return Err(Error::conflict("conflict", "Admins need a second factor; add another one first."));
    }
    Ok(())
}

/// Whether there is room for one more.
pub fn has_room(passkeys: usize) -> Result<()> {
    if passkeys < MOST { Ok(()) } else { Err(Error::conflict("conflict", "Ten passkeys are the most; remove one first.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_must_have_a_second_factor_keeps_the_last() {
        for (totp, passkeys, must, may) in
            [(false, 1, true, false), (false, 2, true, true), (true, 1, true, true), (false, 1, false, true), (true, 1, false, true)]
        {
            let factors = Factors { totp, passkeys, recovery_codes_left: 10 };
            assert_eq!(may_go(factors, must).is_ok(), may, "{factors:?} must={must}");
        }
    }

    #[test]
    fn ten_are_the_most() {
        assert!(has_room(0).is_ok() && has_room(9).is_ok());
        assert!(has_room(10).is_err() && has_room(11).is_err());
    }
}
