//! A person as the tenant knows them.

use serde::Deserialize;
use shared::session::Role;

/// A person's id, the same in all tenants.
pub type PersonId = i64;

/// A customer or member of this tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their address.
    pub email: String,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
    /// `fr` or `en`.
    pub locale: String,
    /// What they are here.
    pub role: Role,
    /// False once they have left.
    pub active: bool,
    /// The control plane's number for this state; a higher one is newer.
    pub version: i64,
}

/// What a user event says (`auth.user.*`).
#[derive(Debug, Deserialize)]
pub struct UserEvent {
    pub user_id: PersonId,
    pub email: String,
    pub firstname: String,
    pub lastname: String,
    pub locale: String,
    pub role: Role,
    pub active: bool,
    pub version: i64,
}

impl From<UserEvent> for Person {
    fn from(e: UserEvent) -> Self {
        Self {
            id: e.user_id,
            email: e.email,
            firstname: e.firstname,
            lastname: e.lastname,
            locale: e.locale,
            role: e.role,
            active: e.active,
            version: e.version,
        }
    }
}
