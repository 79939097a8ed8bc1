//! API keys: `hdk_{12 of base62}_{43 of base64url}`. The first part may be shown again, so that people
//! know which key it is; the second has 256 random bits. Only the hash of the whole is kept. The form
//! is its own, so that a key that leaked into a repository is found by [`PATTERN`].

use axum::http::HeaderMap;

use super::token::{Opaque, hash};
use crate::session::shown;

/// What a leaked key looks like, for scanners of repositories and logs.
pub const PATTERN: &str = "hdk_[0-9A-Za-z]{12}_[0-9A-Za-z_-]{43}";
const START: &str = "hdk_";
const PREFIX: usize = 12;
const SECRET: usize = 43;

/// A key that was just made: the text goes to its holder once, the rest to the database.
pub struct NewKey {
    /// The whole key.
    pub text: String,
    /// The part that may be shown again, with its start.
    pub prefix: String,
    /// SHA-256 of the whole.
    pub hash: Vec<u8>,
}

impl NewKey {
    /// Makes a new one.
    pub fn generate() -> Self {
        // Of 43 characters of base64url, seldom fewer than 12 are of base62 as well; then another is drawn.
        let drawn = std::iter::repeat_with(|| Opaque::generate().text);
        let name = drawn.map(|text| text.chars().filter(char::is_ascii_alphanumeric).take(PREFIX).collect::<String>());
        let name = name.into_iter().find(|name| name.len() == PREFIX).expect("there is always another");
        let prefix = format!("{START}{name}");
        let text = format!("{prefix}_{}", Opaque::generate().text);
        Self { hash: hash(&text), prefix, text }
    }
}

/// The hash of the API key that a request shows, if what it shows has that form.
pub fn presented(headers: &HeaderMap) -> Option<Vec<u8>> {
    shown(headers).filter(|text| is_key(text)).map(hash)
}

/// Whether a text has the form of a key.
fn is_key(text: &str) -> bool {
    let Some((name, secret)) = text.strip_prefix(START).and_then(|rest| rest.split_at_checked(PREFIX)) else { return false };
    let Some(secret) = secret.strip_prefix('_') else { return false };
    let is_base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    name.bytes().all(|b| b.is_ascii_alphanumeric()) && secret.len() == SECRET && secret.bytes().all(is_base64url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_form_that_scanners_are_told_of() {
        let key = NewKey::generate();
        assert!(is_key(&key.text), "{}", key.text);
        assert!(key.text.starts_with(&format!("{}_", key.prefix)) && key.prefix.len() == 16);
        assert_eq!(key.hash, hash(&key.text));
        assert!(include_str!("../../../SECURITY.md").contains(PATTERN), "SECURITY.md tells of another form");
    }

    #[test]
    fn what_only_resembles_a_key_is_none() {
        let (name, secret) = ("a1B2c3D4e5F6", "A".repeat(43));
        let good = format!("hdk_{name}_{secret}");
        assert!(is_key(&good));
        for text in [
            String::new(),
            "hdk_".into(),
            good[1..].into(),
            good[..good.len() - 1].into(),
            format!("{good}A"),
            format!("hdk_{name}-{secret}"),
            format!("hdk_a-B2c3D4e5F6_{secret}"),
            format!("hdk_{name}_{}", "é".repeat(22)),
            format!("hdk_ééééééé_{secret}"),
        ] {
            assert!(!is_key(&text), "{text}");
        }
    }
}
