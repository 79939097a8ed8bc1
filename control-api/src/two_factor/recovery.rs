//! Recovery codes: ten at a time, 100 random bits each, written so that nobody mixes up letters.

use std::fmt::Write;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use shared::auth::token::hash;
use utoipa::ToSchema;

/// How many one gets.
pub const COUNT: usize = 10;
/// Crockford's base32: no i, l, o and u.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 20;
const GROUP: usize = 5;

/// A code as somebody typed it. What is no code is wrong, but no fault of form.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 64, examples("4f7kq-0m2xp-c9d3t-hw6vz"))]
pub struct RecoveryCode(SecretString);

impl TryFrom<String> for RecoveryCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() {
            0 => Err("required: this is required"),
            1..=64 => Ok(Self(read(&text).into())),
            _ => Err("too_long: at most 64 bytes"),
        }
    }
}

impl RecoveryCode {
    /// The hash under which it is stored.
    pub fn hash(&self) -> Vec<u8> {
        hash(self.0.expose_secret())
    }
}

/// What was meant: dashes, spaces and capitals count for nothing, and letters that look alike are one.
fn read(text: &str) -> String {
    let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase);
    letters
        .map(|c| match c {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect()
}

/// A new one, for its owner's eyes, and its hash.
#[expect(clippy::disallowed_methods, reason = "a secret must not be foreseeable, not even by a test")]
pub fn generate() -> (String, Vec<u8>) {
    let bytes: [u8; LENGTH] = rand::random();
    let mut text = String::new();
    for (i, byte) in bytes.iter().enumerate() {
        let dash = if i > 0 && i % GROUP == 0 { "-" } else { "" };
        let letter = LETTERS[usize::from(byte % 32)];
        write!(text, "{dash}{}", char::from(letter)).expect("a string takes what is written");
    }
    let hash = hash(&read(&text));
    (text, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_again_however_it_is_typed() {
        let (text, hash) = generate();
        assert_eq!(text.len(), LENGTH + 3);
        let typed = |text: String| RecoveryCode::try_from(text).expect("a code").hash();
        for text in [text.clone(), text.to_uppercase(), text.replace('-', ""), format!(" {} ", text.replace('-', " "))] {
            assert_eq!(typed(text.clone()), hash, "{text}");
        }
        assert_eq!(typed("OIL".into()), typed("011".into()));
        assert_ne!(typed(generate().0), hash);
    }

    #[test]
    fn every_letter_carries_five_bits() {
        let mut seen: Vec<char> = (0..200).flat_map(|_| generate().0.replace('-', "").chars().collect::<Vec<_>>()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 32, "{seen:?}");
    }

    #[test]
    fn nobody_reads_a_code_in_a_log() {
        let code = RecoveryCode::try_from("4f7kq-0m2xp-c9d3t-hw6vz".to_owned()).expect("a code");
        assert!(!format!("{code:?}").contains("4f7kq"), "{code:?}");
    }

    #[test]
    fn long_text_is_refused() {
        assert!(RecoveryCode::try_from("a".repeat(65)).is_err() && RecoveryCode::try_from(String::new()).is_err());
    }
}
