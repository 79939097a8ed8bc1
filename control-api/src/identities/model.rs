//! Who may take an address that is already known.

/// What is known about the address that somebody signs up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Somebody has proved that the address is theirs.
    pub verified: bool,
    /// Its owner belongs to a tenant.
    pub belongs: bool,
    /// The password that came along is the owner's.
    pub password_right: bool,
}

/// What signing up with an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has it.
    New,
    /// The same person.
    Own,
    /// Somebody wrote it down once, proved nothing and belongs nowhere: the newcomer gets it.
    TakeOver,
    /// `409 email_taken`.
    Taken,
}

/// The rule.
pub fn claim(known: Option<Known>) -> Claim {
    match known {
        None => Claim::New,
        Some(k) if k.password_right => Claim::Own,
        Some(k) if !k.verified && !k.belongs => Claim::TakeOver,
        Some(_) => Claim::Taken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_with_whoever_proved_it_or_works_with_it() {
        assert_eq!(claim(None), Claim::New);
        for (verified, belongs, password_right, expected) in [
            (false, false, false, Claim::TakeOver),
            (false, false, true, Claim::Own),
            (false, true, false, Claim::Taken),
            (false, true, true, Claim::Own),
            (true, false, false, Claim::Taken),
            (true, false, true, Claim::Own),
            (true, true, false, Claim::Taken),
            (true, true, true, Claim::Own),
        ] {
            let known = Known { verified, belongs, password_right };
            assert_eq!(claim(Some(known)), expected, "{known:?}");
        }
    }
}
