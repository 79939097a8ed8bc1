//! What links are for, and who gets which.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use shared::session::Role;
use uuid::Uuid;

use crate::members::Standing;

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    /// Choose a new password.
    Password,
    /// Come in without one.
    SignIn,
    /// Take this address.
    NewAddress,
    /// Go back to this address.
    OldAddress,
}

impl Purpose {
    /// How long a link is good.
    pub fn lifetime(self) -> TimeDelta {
        match self {
            Self::Password | Self::NewAddress => TimeDelta::hours(1),
            Self::SignIn => TimeDelta::minutes(15),
            Self::OldAddress => TimeDelta::days(7),
        }
    }
}

/// A link that can be used.
#[derive(Debug, Clone)]
pub struct Link {
    /// Whose it is.
    pub user_id: i64,
    /// The tenant at which it was asked for.
    pub tenant_id: Uuid,
    /// The address that it went to.
    pub email: String,
    /// The session that asked for it.
    pub session_id: Option<Uuid>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// Somebody asked for a mail with a link.
pub struct Wish {
    pub purpose: Purpose,
    pub tenant_id: Uuid,
    pub email: String,
}

/// What an address gets whose owner asked for a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// Nothing: they do not belong there.
    Nothing,
    /// The link that was asked for.
    Link,
    /// The word that they come in with their password.
    UsePassword,
}

/// The rule. Whoever was only expected may choose a password all the same: the link proves the address
/// as well as the one that was sent before.
pub fn letter(purpose: Purpose, standing: Standing, role: Role, magic: bool) -> Letter {
    match (purpose, standing) {
        (Purpose::Password, Standing::Active | Standing::Pending) => Letter::Link,
        (Purpose::SignIn, Standing::Active) if role.is_staff() || !magic => Letter::UsePassword,
        (Purpose::SignIn, Standing::Active) => Letter::Link,
        (Purpose::Password, Standing::Removed) | (Purpose::SignIn, Standing::Pending | Standing::Removed) => Letter::Nothing,
        (Purpose::NewAddress | Purpose::OldAddress, Standing::Active | Standing::Pending | Standing::Removed) => Letter::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_which_letter() {
        use Letter::{Link, Nothing, UsePassword};
        use Standing::{Active, Pending, Removed};
        for (purpose, standing, role, magic, expected) in [
            (Purpose::Password, Active, Role::Admin, true, Link),
            (Purpose::Password, Active, Role::Customer, false, Link),
            (Purpose::Password, Pending, Role::Customer, true, Link),
            (Purpose::Password, Removed, Role::Agent, true, Nothing),
            (Purpose::SignIn, Active, Role::Customer, true, Link),
            (Purpose::SignIn, Active, Role::Customer, false, UsePassword),
            (Purpose::SignIn, Active, Role::Agent, true, UsePassword),
            (Purpose::SignIn, Active, Role::Admin, true, UsePassword),
            (Purpose::SignIn, Pending, Role::Customer, true, Nothing),
            (Purpose::SignIn, Removed, Role::Customer, true, Nothing),
            (Purpose::NewAddress, Active, Role::Customer, true, Nothing),
        ] {
            assert_eq!(letter(purpose, standing, role, magic), expected, "{purpose:?} {standing:?} {role:?} {magic}");
        }
    }
}
