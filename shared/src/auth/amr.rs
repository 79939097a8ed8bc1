//! How somebody proved who they are: a small set of the words of RFC 8176, and a few of our own.

/// A set of proofs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amr(u8);

impl Amr {
    /// A password.
    pub const PWD: Self = Self(1);
    /// A one-time code of an authenticator app.
    pub const OTP: Self = Self(1 << 1);
    /// A passkey, whose device has verified its user.
    pub const HWK: Self = Self(1 << 2);
    /// A link in a mail.
    pub const MAIL: Self = Self(1 << 3);
    /// The organisation's own identity provider.
    pub const SSO: Self = Self(1 << 4);
    /// A recovery code.
    pub const REC: Self = Self(1 << 5);

    const WORDS: [(Self, &str); 6] =
        [(Self::PWD, "pwd"), (Self::OTP, "otp"), (Self::HWK, "hwk"), (Self::MAIL, "mail"), (Self::SSO, "sso"), (Self::REC, "rec")];

    /// Both.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// The words, as tokens and database have them.
    pub fn words(self) -> Vec<String> {
        Self::WORDS.iter().filter(|(proof, _)| self.has(*proof)).map(|(_, word)| (*word).to_owned()).collect()
    }

    /// The set of these words; words that nobody knows prove nothing.
    pub fn of(words: &[String]) -> Self {
        let known = Self::WORDS.iter().filter(|(_, word)| words.iter().any(|w| w == word));
        known.fold(Self(0), |set, (proof, _)| set.and(*proof))
    }

    /// Two different things were proved: something known or reached, and something held. A passkey
    /// is both, since its device verifies the user.
    pub fn is_two_factors(self) -> bool {
        let one = [Self::PWD, Self::MAIL, Self::SSO].into_iter().any(|proof| self.has(proof));
        self.has(Self::HWK) || (one && (self.has(Self::OTP) || self.has(Self::REC)))
    }

    /// Something was proved that belongs to the person, wherever they are. An organisation's identity
    /// provider speaks for one organisation, and so does what was set up upon its word alone.
    pub fn proves_account(self) -> bool {
        let own = [Self::PWD, Self::OTP, Self::REC, Self::MAIL].into_iter().any(|proof| self.has(proof));
        own || (self.has(Self::HWK) && !self.has(Self::SSO))
    }

    /// A second factor was proved that is the person's own, beside a first: a code, or a passkey that speaks
    /// for the account. `sso` beside `hwk` marks one that speaks for a single organisation.
    pub fn proves_own_factor(self) -> bool {
        let one = [Self::PWD, Self::MAIL, Self::SSO].into_iter().any(|proof| self.has(proof));
        let code = self.has(Self::OTP) || self.has(Self::REC);
        (one && code) || (self.has(Self::HWK) && !self.has(Self::SSO))
    }

    fn has(self, proof: Self) -> bool {
        self.0 & proof.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_proofs_are_two_factors() {
        for (words, two) in [
            ("", false),
            ("pwd", false),
            ("otp", false),
            ("rec", false),
            ("mail", false),
            ("sso", false),
            ("hwk", true),
            ("pwd otp", true),
            ("pwd rec", true),
            ("pwd hwk", true),
            ("mail otp", true),
            ("sso rec", true),
            ("otp rec", false),
            ("pwd mail sso", false),
            ("pwd mfa", false),
        ] {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(Amr::of(&words).is_two_factors(), two, "{words:?}");
        }
    }

    #[test]
    fn what_an_organisation_says_is_not_the_persons_own_proof() {
        for (words, own) in [
            ("", false),
            ("sso", false),
            ("sso hwk", false),
            ("hwk", true),
            ("pwd", true),
            ("mail", true),
            ("sso otp", true),
            ("sso rec", true),
            ("sso pwd", true),
            ("sso hwk pwd", true),
        ] {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(Amr::of(&words).proves_account(), own, "{words:?}");
        }
    }

    #[test]
    fn a_passkey_of_one_organisation_is_no_factor_of_the_account() {
        for (words, own) in [
            ("", false),
            ("pwd", false),
            ("otp", false),
            ("otp rec", false),
            ("sso hwk", false),
            ("pwd sso hwk", false),
            ("mail sso hwk", false),
            ("hwk", true),
            ("pwd hwk", true),
            ("mail otp", true),
            ("sso rec", true),
            ("pwd sso hwk otp", true),
        ] {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(Amr::of(&words).proves_own_factor(), own, "{words:?}");
        }
    }

    #[test]
    fn words_come_back_as_they_were_and_unknown_ones_not_at_all() {
        let all: Vec<String> = Amr::WORDS.iter().map(|(_, word)| (*word).to_owned()).collect();
        assert_eq!(Amr::of(&all).words(), all);
        assert_eq!(Amr::of(&["mfa".into(), "pwd".into()]).words(), ["pwd"]);
    }
}
