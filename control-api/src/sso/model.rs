//! Whose account a provider's word opens, and what organisations set.

use serde::{Deserialize, Serialize};
use shared::{Error, session::Role};
use utoipa::ToSchema;

use crate::members::Standing;

/// What newcomers become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DefaultRole {
    /// They open tickets.
    Customer,
    /// They answer them.
    Agent,
}

impl DefaultRole {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        self.role().as_str()
    }

    /// The default role of that word; the table's check allows no others.
    pub fn parse(word: &str) -> Self {
        if word == "agent" { Self::Agent } else { Self::Customer }
    }

    /// As a role.
    pub fn role(self) -> Role {
        match self {
            Self::Customer => Role::Customer,
            Self::Agent => Role::Agent,
        }
    }
}

/// What the provider says of an address, and whether it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It has verified the address, which is of a domain that the organisation has listed.
    Good,
    /// It has not verified it, or names none.
    Unverified,
    /// The domain is none of the organisation's.
    ForeignDomain,
}

/// The account that has the address already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Its owner has proved the address to us.
    pub verified: bool,
    /// It is an active member somewhere.
    pub belongs: bool,
    /// How it stands to this organisation.
    pub standing: Option<Standing>,
    /// The same provider knows its owner by another name.
    pub known_otherwise: bool,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They have come this way before.
    ComeIn,
    /// The account is theirs; they come this way from now on.
    Link,
    /// They are new: an account and a membership are made.
    Make,
    /// Somebody wrote the address down once, proved nothing and belongs nowhere: they get the account.
    TakeOver,
    /// No.
    Refuse(Refusal),
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The provider has not verified the address.
    Unverified,
    /// The domain is none of the organisation's.
    ForeignDomain,
    /// An admin has taken them out.
    Removed,
    /// The address has an account that the provider's word is not enough for.
    ProveFirst,
    /// The provider gives the address to somebody else than before.
    KnownOtherwise,
}

impl From<Refusal> for Error {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::Unverified => Self::Forbidden("email_not_verified"),
            Refusal::ForeignDomain | Refusal::Removed => Self::Forbidden("forbidden"),
            Refusal::ProveFirst => Self::conflict(
                "conflict",
                "This address has an account already. Register here or accept an invitation once, and sign in this way afterwards.",
            ),
            Refusal::KnownOtherwise => Self::conflict("conflict", "Your identity provider knew somebody else by this address."),
        }
    }
}

/// Whether a provider's name for somebody can be kept: 1 to 255 bytes (OpenID Connect Core, 2), none of them control.
pub fn is_subject(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The rule. An organisation's provider speaks for the organisation's own people, and for nobody
/// else: accounts are everybody's, so what it says proves no address and opens no account that has
/// not been admitted here by its own proof (page 11, A23; CVE-2026-84458).
pub fn judge(linked: Option<Standing>, word: Word, account: Option<Account>) -> Verdict {
    match linked {
        Some(Standing::Active) => return Verdict::ComeIn,
        Some(Standing::Removed | Standing::Pending) => return Verdict::Refuse(Refusal::Removed),
        None => {}
    }
    match word {
        Word::Unverified => return Verdict::Refuse(Refusal::Unverified),
        Word::ForeignDomain => return Verdict::Refuse(Refusal::ForeignDomain),
        Word::Good => {}
    }
    let Some(account) = account else { return Verdict::Make };
    match (account.standing, account.verified) {
        (Some(Standing::Removed), _) => Verdict::Refuse(Refusal::Removed),
        (Some(Standing::Active), true) if account.known_otherwise => Verdict::Refuse(Refusal::KnownOtherwise),
        (Some(Standing::Active), true) => Verdict::Link,
        (None | Some(Standing::Pending), false) if !account.belongs => Verdict::TakeOver,
        (None | Some(Standing::Pending | Standing::Active), _) => Verdict::Refuse(Refusal::ProveFirst),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::{Active, Pending, Removed};

    #[test]
    fn an_existing_link_wins_and_whoever_was_removed_stays_out() {
        let account = Account { verified: true, belongs: true, standing: Some(Active), known_otherwise: false };
        for word in [Word::Good, Word::Unverified, Word::ForeignDomain] {
            for account in [None, Some(account)] {
                assert_eq!(judge(Some(Active), word, account), Verdict::ComeIn);
                assert_eq!(judge(Some(Removed), word, account), Verdict::Refuse(Refusal::Removed));
                assert_eq!(judge(Some(Pending), word, account), Verdict::Refuse(Refusal::Removed));
            }
        }
    }

    #[test]
    fn a_subject_is_short_and_without_control_characters() {
        for (text, kept) in [("u1", true), ("", false), ("é|7", true), ("u\0", false), ("u\n1", false), ("u\u{85}", false)] {
            assert_eq!(is_subject(text), kept, "{text:?}");
        }
        assert!(is_subject(&"u".repeat(255)) && !is_subject(&"u".repeat(256)));
    }

    #[test]
    fn without_a_link_the_word_has_to_be_good() {
        let account = Account { verified: true, belongs: true, standing: Some(Active), known_otherwise: false };
        for account in [None, Some(account)] {
            assert_eq!(judge(None, Word::Unverified, account), Verdict::Refuse(Refusal::Unverified));
            assert_eq!(judge(None, Word::ForeignDomain, account), Verdict::Refuse(Refusal::ForeignDomain));
        }
        assert_eq!(judge(None, Word::Good, None), Verdict::Make);
    }

    #[test]
    fn whose_account_a_good_word_opens() {
        use Refusal::{KnownOtherwise, ProveFirst};
        for (standing, verified, belongs, known_otherwise, expected) in [
            (Some(Active), true, true, false, Verdict::Link),
            (Some(Active), true, true, true, Verdict::Refuse(KnownOtherwise)),
            (Some(Active), false, true, false, Verdict::Refuse(ProveFirst)),
            (Some(Pending), true, true, false, Verdict::Refuse(ProveFirst)),
            (Some(Pending), true, false, false, Verdict::Refuse(ProveFirst)),
            (Some(Pending), false, true, false, Verdict::Refuse(ProveFirst)),
            (Some(Pending), false, false, false, Verdict::TakeOver),
            (Some(Removed), true, true, false, Verdict::Refuse(Refusal::Removed)),
            (Some(Removed), false, false, false, Verdict::Refuse(Refusal::Removed)),
            (None, true, true, false, Verdict::Refuse(ProveFirst)),
            (None, true, false, false, Verdict::Refuse(ProveFirst)),
            (None, false, true, false, Verdict::Refuse(ProveFirst)),
            (None, false, false, false, Verdict::TakeOver),
        ] {
            let account = Account { verified, belongs, standing, known_otherwise };
            assert_eq!(judge(None, Word::Good, Some(account)), expected, "{account:?}");
        }
    }
}
