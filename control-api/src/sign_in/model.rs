//! Who may come in with the right password, and what they owe besides.

use shared::{auth::amr::Amr, session::Role};

use crate::members::Standing;

/// Somebody with an account who stands to the tenant in some way.
pub struct Candidate {
    /// The person.
    pub user_id: i64,
    /// argon2id.
    pub password_hash: String,
    /// The hash that came with the newest link which was made for them here and not used.
    pub claimed: Option<String>,
    /// Their role, as a word.
    pub role: String,
    /// How they stand to the tenant.
    pub standing: Standing,
    /// Their address is proved.
    pub verified: bool,
}

impl Candidate {
    /// Where they stand if the password is theirs.
    pub fn entry(&self) -> Entry {
        entry(Role::parse(&self.role).unwrap_or(Role::Customer), self.standing, self.verified)
    }
}

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

/// What the password given fits.
#[derive(Debug, Clone, Copy)]
pub struct Fits {
    /// The account's own.
    pub own: bool,
    /// The one that somebody registered with at this tenant, and has not proved the address since.
    pub claim: bool,
}

/// What they hear in the end.
pub fn answer(door: Entry, fits: Fits) -> Entry {
    match door {
        Entry::Yes | Entry::VerifyFirst if fits.own => door,
        Entry::Yes | Entry::VerifyFirst | Entry::No if fits.claim => Entry::VerifyFirst,
        Entry::Yes | Entry::VerifyFirst | Entry::No => Entry::No,
    }
}

/// Where the owner of the account's password stands: staff works before the address is proved,
/// customers do not. Nobody owns a pending account whose address nobody has proved: there, what was
/// registered with is the claim.
pub fn entry(role: Role, standing: Standing, verified: bool) -> Entry {
    match standing {
        Standing::Removed => Entry::No,
        Standing::Pending if !verified => Entry::No,
        Standing::Pending => Entry::VerifyFirst,
        Standing::Active if role.is_staff() || verified => Entry::Yes,
        Standing::Active => Entry::VerifyFirst,
    }
}

/// What follows a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A session.
    Session,
    /// The second factor.
    Challenge,
    /// Setting up a second factor.
    Enrolment,
}

/// Whoever has a second factor proves two; whoever must have one sets it up first.
pub fn next(has_second: bool, must_have: bool, how: Amr) -> Next {
    match (has_second, must_have, how.is_two_factors()) {
        (true, _, true) | (false, false, _) => Next::Session,
        (true, _, false) => Next::Challenge,
        (false, true, _) => Next::Enrolment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_proof() {
        let (one, two) = (Amr::PWD, Amr::PWD.and(Amr::OTP));
        for (has, must, how, expected) in [
            (false, false, one, Next::Session),
            (false, true, one, Next::Enrolment),
            (false, true, two, Next::Enrolment),
            (true, false, one, Next::Challenge),
            (true, true, one, Next::Challenge),
            (true, true, Amr::MAIL, Next::Challenge),
            (true, true, Amr::SSO, Next::Challenge),
            (true, true, two, Next::Session),
            (true, true, Amr::HWK, Next::Session),
        ] {
            assert_eq!(next(has, must, how), expected, "{has} {must} {how:?}");
        }
    }

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
            (Role::Customer, Pending, false, No),
            (Role::Customer, Pending, true, VerifyFirst),
            (Role::Admin, Removed, true, No),
            (Role::Customer, Removed, true, No),
        ] {
            assert_eq!(entry(role, standing, verified), expected, "{role:?} {standing:?} {verified}");
        }
    }

    #[test]
    fn whoever_registered_hears_the_same_whether_the_address_was_known() {
        use Entry::{No, VerifyFirst, Yes};
        for (door, own, claim, expected) in [
            (Yes, true, false, Yes),
            (Yes, false, true, VerifyFirst),
            (Yes, false, false, No),
            (VerifyFirst, true, false, VerifyFirst),
            (VerifyFirst, false, true, VerifyFirst),
            (VerifyFirst, false, false, No),
            (No, true, false, No),
            (No, true, true, VerifyFirst),
            (No, false, true, VerifyFirst),
            (No, false, false, No),
        ] {
            assert_eq!(answer(door, Fits { own, claim }), expected, "{door:?} own={own} claim={claim}");
        }
    }
}
