//! Who may come in with the right password.

use shared::session::Role;

use crate::members::Standing;

/// What somebody with the right password hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Come in.
    Yes,
    /// `403 email_not_verified`.
    VerifyFirst,
    /// The same as for a wrong password: they do not belong here.
    No,
}

/// The rule: staff works before the address is proved, customers do not.
pub fn entry(role: Role, standing: Standing, verified: bool) -> Entry {
    match standing {
        Standing::Removed => Entry::No,
        Standing::Pending => Entry::VerifyFirst,
        Standing::Active if role.is_staff() || verified => Entry::Yes,
        Standing::Active => Entry::VerifyFirst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_come_in() {
        use Entry::{No, VerifyFirst, Yes};
        use Standing::{Active, Pending, Removed};
        for (role, standing, verified, expected) in [
            (Role::Admin, Active, false, Yes),
            (Role::Admin, Active, true, Yes),
            (Role::Agent, Active, true, Yes),
            (Role::Customer, Active, true, Yes),
            (Role::Customer, Active, false, VerifyFirst),
            (Role::Customer, Pending, false, VerifyFirst),
            (Role::Customer, Pending, true, VerifyFirst),
            (Role::Admin, Removed, true, No),
            (Role::Customer, Removed, true, No),
        ] {
            assert_eq!(entry(role, standing, verified), expected, "{role:?} {standing:?} {verified}");
        }
    }
}
