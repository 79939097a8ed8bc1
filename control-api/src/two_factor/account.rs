//! Who may set up what counts at all organisations: an authenticator app, and recovery codes. Somebody
//! who got into one organisation with less than the person's own proofs gets no hold of the others by it.

use shared::{Error, Result, auth::amr::Amr};

/// The rule. `guarded`: the person has a second factor somewhere, if only at another organisation.
pub fn may_set_up(amr: Amr, guarded: bool) -> Result<()> {
    match (amr.proves_account(), guarded && !amr.is_two_factors()) {
        (false, _) => Err(Error::Forbidden("step_up_required")),
        (true, true) => Err(Error::Forbidden("two_factor_required")),
        (true, false) => Ok(()),
    }
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
            (sso.and(Amr::OTP), true, None),
        ] {
            let refused = match may_set_up(amr, guarded) {
                Err(Error::Forbidden(code)) => Some(code),
                _ => None,
            };
            assert_eq!(refused, code, "{amr:?} {guarded}");
        }
    }
}
