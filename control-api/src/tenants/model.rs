//! What a tenant is, and where it stands in its life.

use serde::{Deserialize, Serialize};
use shared::{Error, Result, session::Role};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::identities::Locale;

/// Where a tenant stands in its life (C-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Status {
    /// Its database is being made.
    Provisioning,
    /// It is served.
    Active,
    /// It is not served, its data is kept.
    Suspended,
    /// It is in its days of grace.
    Deleting,
    /// Only its name is left.
    Deleted,
    /// Its database could not be made.
    Failed,
}

/// What a request to a tenant in some state gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Come in.
    Open,
    /// Soon.
    NotYet,
    /// `403 tenant_suspended`.
    Suspended,
    /// `403 tenant_deleting` for all but its admins, who may look at the deletion and take it back.
    Leaving,
    /// As if it had never been.
    Nobody,
}

impl Status {
    /// Whether an operator may move it there: in and out of suspension.
    pub fn may_turn(self, to: Self) -> bool {
        match (self, to) {
            (Self::Active, Self::Suspended) | (Self::Suspended, Self::Active) => true,
            (Self::Provisioning | Self::Active | Self::Suspended | Self::Deleting | Self::Deleted | Self::Failed, _) => false,
        }
    }

    /// What a request gets.
    pub fn door(self) -> Door {
        match self {
            Self::Active => Door::Open,
            Self::Provisioning => Door::NotYet,
            Self::Suspended => Door::Suspended,
            Self::Deleting => Door::Leaving,
            Self::Deleted | Self::Failed => Door::Nobody,
        }
    }

    /// Whether it may be asked to be deleted. What is being made is made or given up first.
    pub fn may_be_deleted(self) -> bool {
        match self {
            Self::Active | Self::Suspended | Self::Failed => true,
            Self::Provisioning | Self::Deleting | Self::Deleted => false,
        }
    }
}

impl Door {
    /// Lets somebody in who has that role, or says why not.
    pub fn lets_in(self, role: Role) -> Result<()> {
        match self {
            Self::Open | Self::NotYet => Ok(()),
            Self::Leaving if role == Role::Admin => Ok(()),
            Self::Leaving => Err(Error::Forbidden("tenant_deleting")),
            Self::Suspended => Err(Error::Forbidden("tenant_suspended")),
            Self::Nobody => Err(Error::NotFound("tenant_not_found")),
        }
    }
}

/// An organisation.
#[derive(Debug, Clone, Serialize)]
pub struct Tenant {
    /// Its id.
    pub id: Uuid,
    /// Its subdomain.
    pub slug: String,
    /// Its name.
    pub organisation: String,
    /// The language of what it writes to people.
    pub locale: Locale,
    /// Where it stands in its life.
    pub status: Status,
    /// Days that a ticket waits for its customer before it is closed (T-9).
    pub waiting_close_days: i32,
    /// Hours within which a resolution may be contested (T-9).
    pub resolved_close_hours: i32,
    /// Its customers may come in by a link instead of a password.
    pub customer_magic_link: bool,
    /// Grows with each change.
    pub version: i64,
    /// Requests a minute of all its people, if its plan says.
    #[serde(skip)]
    pub requests_a_minute: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_move_tenants_in_and_out_of_suspension_and_nowhere_else() {
        use Status::{Active, Deleted, Deleting, Failed, Provisioning, Suspended};
        let all = [Provisioning, Active, Suspended, Deleting, Deleted, Failed];
        let may: Vec<_> = all.iter().flat_map(|from| all.map(|to| (*from, to))).filter(|(from, to)| from.may_turn(*to)).collect();
        assert_eq!(may, [(Active, Suspended), (Suspended, Active)]);
    }

    #[test]
    fn a_tenant_that_is_leaving_lets_its_admins_in_and_nobody_else() {
        let code = |door: Door, role| match door.lets_in(role) {
            Ok(()) => "in",
            Err(Error::Forbidden(code) | Error::NotFound(code)) => code,
            Err(other) => panic!("{other}"),
        };
        for (door, admin, others) in [
            (Door::Open, "in", "in"),
            (Door::NotYet, "in", "in"),
            (Door::Suspended, "tenant_suspended", "tenant_suspended"),
            (Door::Leaving, "in", "tenant_deleting"),
            (Door::Nobody, "tenant_not_found", "tenant_not_found"),
        ] {
            assert_eq!(code(door, Role::Admin), admin, "{door:?}");
            for role in [Role::Customer, Role::Agent, Role::Manager] {
                assert_eq!(code(door, role), others, "{door:?} {role:?}");
            }
        }
    }

    #[test]
    fn only_what_stands_is_deleted() {
        use Status::{Active, Deleted, Deleting, Failed, Provisioning, Suspended};
        let may: Vec<_> = [Provisioning, Active, Suspended, Deleting, Deleted, Failed].into_iter().filter(|s| s.may_be_deleted()).collect();
        assert_eq!(may, [Active, Suspended, Failed]);
    }

    #[test]
    fn only_an_active_tenant_is_open() {
        for (status, door) in [
            (Status::Provisioning, Door::NotYet),
            (Status::Active, Door::Open),
            (Status::Suspended, Door::Suspended),
            (Status::Deleting, Door::Leaving),
            (Status::Deleted, Door::Nobody),
            (Status::Failed, Door::Nobody),
        ] {
            assert_eq!(status.door(), door, "{status:?}");
        }
    }
}
