//! Belonging to a tenant, and the rules about its admins.

use chrono::{DateTime, Utc};
use shared::{Error, Result, act::Actor, session::Role};
use uuid::Uuid;

use crate::{events::Whom, identities::Locale};

/// How somebody stands to a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Standing {
    /// They have yet to prove their address to it.
    Pending,
    /// They belong.
    Active,
    /// They did.
    Removed,
}

/// A person in a tenant, as everybody outside this feature sees them.
#[derive(Debug, Clone)]
pub struct Member {
    /// The tenant.
    pub tenant_id: Uuid,
    /// The person.
    pub user_id: i64,
    /// Their address.
    pub email: String,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
    /// Language.
    pub locale: Locale,
    /// Their role, as a word.
    pub role: String,
    /// How they stand to the tenant.
    pub standing: Standing,
    /// Their address is proved.
    pub verified: bool,
    /// They have a second factor.
    pub two_factor: bool,
    /// Their tickets press more.
    pub vip: bool,
    /// Grows with each change of the person in this tenant.
    pub version: i64,
    /// Since when.
    pub joined_at: DateTime<Utc>,
}

impl Member {
    /// Their role; the table's check allows no other words.
    pub fn role(&self) -> Role {
        Role::parse(&self.role).unwrap_or(Role::Customer)
    }

    /// Who they are, in which tenant.
    pub fn whom(&self) -> Whom {
        Whom { tenant_id: self.tenant_id, user_id: self.user_id }
    }

    /// They, as somebody who acts.
    pub fn actor(&self) -> Actor {
        Actor::Person { id: self.user_id, role: self.role.clone() }
    }

    /// Whether they belong now.
    pub fn is_active(&self) -> bool {
        self.standing == Standing::Active
    }
}

/// What somebody's role is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Another role.
    Role(Role),
    /// None at all.
    Removal,
}

/// Whether an admin may do that to a member: a tenant keeps at least one admin, and nobody changes
/// their own role.
pub fn may_befall(fate: Fate, member: Role, is_self: bool, admins: usize) -> Result<()> {
    let stays_admin = fate == Fate::Role(Role::Admin);
    if member == Role::Admin && !stays_admin && admins <= 1 {
        return Err(Error::conflict("conflict", "An organisation needs an admin; make somebody else one first."));
    }
    if is_self && matches!(fate, Fate::Role(role) if role != member) {
        return Err(Error::conflict("conflict", "Nobody changes their own role; ask another admin."));
    }
    Ok(())
}

/// Whether it makes or unmakes an admin.
pub fn concerns_admins(fate: Fate, member: Role) -> bool {
    member == Role::Admin || fate == Fate::Role(Role::Admin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_keeps_an_admin_and_nobody_promotes_themselves() {
        use Role::{Admin, Agent, Customer};
        for (fate, member, is_self, admins, allowed) in [
            (Fate::Removal, Admin, true, 1, false),
            (Fate::Removal, Admin, false, 1, false),
            (Fate::Removal, Admin, true, 2, true),
            (Fate::Removal, Admin, false, 2, true),
            (Fate::Removal, Agent, false, 1, true),
            (Fate::Role(Agent), Admin, true, 1, false),
            (Fate::Role(Agent), Admin, true, 2, false),
            (Fate::Role(Agent), Admin, false, 2, true),
            (Fate::Role(Admin), Admin, true, 1, true),
            (Fate::Role(Admin), Customer, false, 1, true),
            (Fate::Role(Customer), Agent, false, 1, true),
        ] {
            assert_eq!(may_befall(fate, member, is_self, admins).is_ok(), allowed, "{fate:?} {member:?} self={is_self} admins={admins}");
        }
    }
}
