//! Marks: keyed hashes (HMAC-SHA-256) of texts that are to be recognised and never read again, as a
//! password that is tried at many accounts. Whoever reads the table without the key learns nothing.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// How many bytes of a mark are kept: enough that no two texts share one.
pub const LENGTH: usize = 16;

/// Makes marks under one key.
#[derive(Clone)]
pub struct Marks(Hmac<Sha256>);

impl Marks {
    /// A key of its own, made of a secret that has another purpose.
    pub fn derived(secret: &SecretString) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
        mac.update(b"marks");
        Self(Hmac::new_from_slice(&mac.finalize().into_bytes()).expect("HMAC takes keys of any length"))
    }

    /// The mark of a text, for one purpose: the same text has another one for another.
    pub fn of(&self, purpose: &str, text: &str) -> Vec<u8> {
        self.mac(purpose, text).finalize().into_bytes()[..LENGTH].to_vec()
    }

    /// Whether somebody shows the mark of a text; the time tells nothing about how near they came.
    pub fn is(&self, purpose: &str, text: &str, shown: &[u8]) -> bool {
        shown.len() == LENGTH && self.mac(purpose, text).verify_truncated_left(shown).is_ok()
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_text_one_purpose_and_one_key() {
        let (one, other) = (Marks::derived(&"one".into()), Marks::derived(&"other".into()));
        let mark = one.of("account", "ana@example.com");
        assert_eq!(mark, one.of("account", "ana@example.com"));
        for different in
            [one.of("account", "bob@example.com"), one.of("password", "ana@example.com"), other.of("account", "ana@example.com")]
        {
            assert_ne!(mark, different);
        }
        assert_eq!(mark.len(), LENGTH);
        assert!(one.is("account", "ana@example.com", &mark));
        for wrong in [&mark[..15], &[], &other.of("account", "ana@example.com")] {
            assert!(!one.is("account", "ana@example.com", wrong));
        }
    }
}
