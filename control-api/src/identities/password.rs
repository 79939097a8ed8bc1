//! Which passwords are accepted (I-2): long enough for the role, not one that many people have, and not
//! guessable from what is known of the person.

use std::{collections::HashSet, sync::LazyLock};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use shared::{Error, Result, auth::password::Passwords, session::Role};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;
use zxcvbn::Score;

const MOST: usize = 128;
/// Guessing is measured on this many characters: what follows can only make it harder, and the
/// measure takes long on long texts.
const MEASURED: usize = 64;

/// Passwords that many people have, without signs and in lower case.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// A password as somebody typed it, in NFKC: the same on every keyboard.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Password, min_length = 1, max_length = 128)]
pub struct Password(SecretString);

impl TryFrom<String> for Password {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() > MOST * 8 {
            return Err("too_long: at most 128 characters");
        }
        if text.contains('\0') {
            return Err("invalid: NUL is not allowed");
        }
        let text: String = text.nfkc().collect();
        match text.chars().count() {
            0 => Err("required: this is required"),
            n if n > MOST => Err("too_long: at most 128 characters"),
            _ => Ok(Self(text.into())),
        }
    }
}

impl Password {
    /// The text, for hashing only.
    pub fn secret(&self) -> SecretString {
        self.0.clone()
    }

    /// The hash to store for a password that somebody chooses, as `role`; `422` on the field
    /// `password` when it is too short, or too easy to guess for somebody who knows `about`: names,
    /// address, organisation. If it is the one behind `known`, that hash is kept: one password
    /// claimed twice is one claim. The work is the same whether it is, and whether there is one.
    pub async fn choose(&self, passwords: &Passwords, role: Role, about: &[&str], known: Option<String>) -> Result<String> {
        self.long_enough(role)?;
        let about: Vec<String> = about.iter().flat_map(|text| guesses(text)).collect();
        let (password, secret) = (self.clone(), self.secret());
        let chosen = passwords.other_turn(move |hasher| {
            password.hard_to_guess(&about)?;
            let same = hasher.matches(&secret, known.as_deref());
            let new = hasher.hash(&secret)?;
            Ok(known.filter(|_| same).unwrap_or(new))
        });
        chosen.await?
    }

    /// Whether it is as long as somebody in this role needs it.
    pub fn is_long_enough(&self, role: Role) -> bool {
        self.0.expose_secret().chars().count() >= least(role)
    }

    fn long_enough(&self, role: Role) -> Result<()> {
        if self.is_long_enough(role) {
            return Ok(());
        }
        Err(Error::field("password", "too_short", format!("at least {} characters", least(role))))
    }

    /// Slow: it belongs into a turn.
    fn hard_to_guess(&self, about: &[String]) -> Result<()> {
        let measured: String = self.0.expose_secret().chars().take(MEASURED).collect();
        let about: Vec<&str> = about.iter().map(String::as_str).chain(["helpdeskly"]).collect();
        let bare: String = self.0.expose_secret().chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if COMMON.contains(bare.as_str()) {
            return Err(Error::field("password", "too_common", "many people have this password; use several unrelated words"));
        }
        if zxcvbn::zxcvbn(&measured, &about).score() < Score::Three {
            return Err(Error::field("password", "too_weak", "this password is easy to guess; use several unrelated words"));
        }
        Ok(())
    }
}

/// Fewest characters.
fn least(role: Role) -> usize {
    if role.is_staff() { 12 } else { 8 }
}

/// What somebody who knows `text` tries first: the text, its words, alone and written together.
fn guesses(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let together = words.concat();
    words.into_iter().map(str::to_owned).chain([together, text.clone()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(passwords: &Passwords, text: &str, role: Role) -> Option<String> {
        let password = Password::try_from(text.to_owned()).expect("a password");
        match password.choose(passwords, role, &["ana", "lopez", "ana.lopez@acme.example", "Acme Corporation"], None).await {
            Ok(_) => None,
            Err(Error::Invalid(errors)) => Some(errors[0].code.clone()),
            Err(other) => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn the_policy_by_role() {
        let passwords = Passwords::new(2).expect("argon2 works");
        for (text, customer, staff) in [
            ("short1!", Some("too_short"), Some("too_short")),
            ("vK9#mq2!", Some("too_weak"), Some("too_short")),
            ("vK9#mq2!x", None, Some("too_short")),
            ("plover-kite-anvil-42", None, None),
            ("password1234", Some("too_weak"), Some("too_weak")),
            ("Helpdeskly2026!", Some("too_weak"), Some("too_weak")),
            ("AcmeCorporation1", Some("too_weak"), Some("too_weak")),
            ("ana.lopez@acme.example", Some("too_weak"), Some("too_weak")),
            ("aaaaaaaaaaaaaaaaaaaa", Some("too_weak"), Some("too_weak")),
            ("🦊🐻 grizzly tandem 7", None, None),
            ("Correct Horse Battery Staple!", Some("too_common"), Some("too_common")),
            ("Je t'aime plus que tout", Some("too_common"), Some("too_common")),
            ("Mot-de-passe-2026", Some("too_common"), Some("too_common")),
        ] {
            assert_eq!(check(&passwords, text, Role::Customer).await.as_deref(), customer, "{text} customer");
            assert_eq!(check(&passwords, text, Role::Admin).await.as_deref(), staff, "{text} admin");
        }
    }

    #[test]
    fn the_list_of_common_passwords_is_written_as_it_is_read() {
        assert!(COMMON.len() > 100);
        for word in COMMON.iter() {
            assert!(word.len() >= 8 && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{word}");
        }
    }

    #[tokio::test]
    async fn a_password_claimed_again_keeps_its_hash_and_costs_the_same() {
        let passwords = Passwords::new(2).expect("argon2 works");
        let choose = async |text: &str, known: Option<&String>| {
            let (password, before) = (Password::try_from(text.to_owned()).expect("a password"), passwords.done());
            let hash = password.choose(&passwords, Role::Customer, &[], known.cloned()).await.expect("good enough");
            (hash, passwords.done() - before)
        };
        let (first, cost) = choose("plover-kite-anvil-42", None).await;
        assert_eq!(choose("plover-kite-anvil-42", Some(&first)).await, (first.clone(), cost));
        let (other, same_cost) = choose("another-long-secret-77", Some(&first)).await;
        assert!(other != first && same_cost == cost);
    }

    #[test]
    fn length_counts_characters_and_nothing_is_cut() {
        let text = |n: usize| Password::try_from("é".repeat(n)).map(|p| p.0.expose_secret().chars().count());
        assert_eq!(text(128), Ok(128));
        assert!(text(129).is_err() && text(0).is_err() && text(1 << 20).is_err());
        assert!(Password::try_from("a\0b".to_owned()).is_err());
        let wide = Password::try_from("\u{ff21}\u{65}\u{301}".to_owned()).expect("a password");
        assert_eq!(wide.0.expose_secret(), "A\u{e9}", "NFKC");
    }
}
