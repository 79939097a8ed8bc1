//! Who may take an address that is already known, and whose an account becomes that several claim.

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

/// Somebody gave this with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// argon2id of the password.
    pub password_hash: String,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
}

/// Whose an account becomes when a link proves its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heir<'a> {
    /// Whoever made this claim.
    Claim(&'a Claimed),
    /// Several claim it: only a password can tell. The mail may have been asked for by a stranger.
    Unsettled,
    /// The password was none of theirs.
    Nobody,
}

/// The rule. `claims` has each claim once; `fitting` is the hash that the password fits, if one was
/// given.
pub fn heir<'a>(claims: &'a [Claimed], fitting: Option<&str>) -> Heir<'a> {
    match (fitting, claims) {
        (Some(hash), claims) => claims.iter().find(|c| c.password_hash == hash).map_or(Heir::Nobody, Heir::Claim),
        (None, [only]) => Heir::Claim(only),
        (None, _) => Heir::Unsettled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_decides_alone_and_a_password_among_several() {
        let by = |hash: &str| Claimed { password_hash: hash.into(), firstname: "A".into(), lastname: "B".into() };
        let (own, other, third) = (by("own"), by("other"), by("third"));
        let (alone, rivals) = ([own.clone()], [own.clone(), other.clone(), third.clone()]);
        for (claims, fitting, expected) in [
            (&alone[..], None, Heir::Claim(&own)),
            (&rivals[..], None, Heir::Unsettled),
            (&rivals[..], Some("own"), Heir::Claim(&own)),
            (&rivals[..], Some("third"), Heir::Claim(&third)),
            (&rivals[..], Some("gone"), Heir::Nobody),
            (&alone[..], Some("gone"), Heir::Nobody),
        ] {
            assert_eq!(heir(claims, fitting), expected, "{claims:?} {fitting:?}");
        }
    }

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
