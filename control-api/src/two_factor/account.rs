//! Who may change what counts at all organisations: an authenticator app, recovery codes, address and
//! password. Somebody who got into one organisation with less than the person's own proofs gets no hold of
//! the others by it. Least of all by a passkey that they have just made there: where the account has a
//! factor already, only whoever has shown one of its own makes another that speaks for it.

use shared::{Error, Result, auth::amr::Amr};

/// The rule. `guarded`: the person has a second factor somewhere, if only at another organisation.
pub fn may_set_up(amr: Amr, guarded: bool) -> Result<()> {
    match (amr.proves_account(), guarded && !amr.proves_own_factor()) {
        (false, _) => Err(Error::Forbidden("step_up_required")),
        (true, true) => Err(Error::Forbidden("two_factor_required")),
        (true, false) => Ok(()),
    }
}

/// The rule for address and password, for whoever has just given the password. `guarded`: the person has a
/// second factor that counts elsewhere; one that counts here alone was shown when they came in.
pub fn may_change(amr: Amr, guarded: bool) -> Result<()> {
    if guarded && !amr.proves_own_factor() { Err(Error::Forbidden("two_factor_required")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_organisation_is_no_way_into_the_others() {
        let (pwd, sso) = (Amr::PWD, Amr::SSO);
        for (amr, guarded, code) in [
            (pwd, false, None),
            (pwd, true, Some("two_factor_required")),
            (pwd.and(Amr::OTP), true, None),
            (Amr::HWK, true, None),
            (Amr::MAIL, false, None),
            (Amr::MAIL, true, Some("two_factor_required")),
            (sso, false, Some("step_up_required")),
            (sso, true, Some("step_up_required")),
            (sso.and(Amr::HWK), true, Some("step_up_required")),
            (sso.and(Amr::HWK).and(pwd), true, Some("two_factor_required")),
            (sso.and(Amr::HWK).and(Amr::MAIL), true, Some("two_factor_required")),
            (sso.and(Amr::OTP), true, None),
        ] {
            let refused = match may_set_up(amr, guarded) {
                Err(Error::Forbidden(code)) => Some(code),
                _ => None,
            };
            assert_eq!(refused, code, "{amr:?} {guarded}");
        }
    }

    #[test]
    fn the_password_is_not_enough_where_the_account_has_more() {
        for (amr, guarded, may) in [
            (Amr::PWD, false, true),
            (Amr::SSO.and(Amr::HWK), false, true),
            (Amr::PWD, true, false),
            (Amr::MAIL, true, false),
            (Amr::PWD.and(Amr::HWK).and(Amr::SSO), true, false),
            (Amr::PWD.and(Amr::OTP), true, true),
            (Amr::HWK, true, true),
        ] {
            assert_eq!(may_change(amr, guarded).is_ok(), may, "{amr:?} {guarded}");
        }
    }
}
