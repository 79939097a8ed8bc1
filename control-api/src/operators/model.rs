//! What an operator is, and how long what they hold is good for.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// How long a ticket waits for the second factor.
pub const TICKET: TimeDelta = TimeDelta::minutes(10);
/// A session ends after this time, whatever is done with it.
pub const LONGEST: TimeDelta = TimeDelta::hours(8);
/// And after this time in which nothing is.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
/// What closes or opens a tenant's doors asks for a session that is no older.
pub const FRESH: TimeDelta = TimeDelta::minutes(15);

/// Somebody who runs the platform.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Operator {
    /// Their id; not a user's.
    pub id: i64,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
}

/// An operator's account, as sign-in needs it.
pub struct Account {
    /// Who.
    pub operator: Operator,
    /// argon2id.
    pub password_hash: String,
    /// The authenticator's secret.
    pub sealed_secret: Option<Vec<u8>>,
    /// Its first code has come back.
    pub enrolled: bool,
    /// The last step whose code was taken.
    pub last_step: i64,
}

impl Account {
    /// For whom the secret is sealed.
    pub fn sealed_for(id: i64) -> String {
        format!("operator:{id}:totp")
    }
}

/// What a ticket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The second factor is owed.
    Challenge,
    /// A second factor has to be set up.
    Enrolment,
}

impl Kind {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Enrolment => "enrolment",
        }
    }
}

/// Whether a session that was opened and last used then is still good.
pub fn lives(opened_at: DateTime<Utc>, last_used_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - opened_at < LONGEST && now - last_used_at < IDLE
}

/// Whether a session was opened so lately that it counts as a fresh proof.
pub fn is_fresh(opened_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - opened_at <= FRESH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_after_a_working_day_and_when_nobody_uses_it() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let ago = |minutes| now - TimeDelta::minutes(minutes);
        for (opened, used, expected) in [(0, 0, true), (29, 29, true), (30, 30, false), (479, 1, true), (480, 1, false)] {
            assert_eq!(lives(ago(opened), ago(used), now), expected, "{opened} {used}");
        }
        assert!(is_fresh(ago(15), now) && !is_fresh(ago(16), now));
    }
}
