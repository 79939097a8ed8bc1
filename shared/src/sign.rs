//! Signatures of our own hand: HMAC-SHA-256 under a key that no service shows. Whoever has the key can tell
//! a text that we signed from one that somebody changed.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Signs with one key, whose id is kept beside each signature.
#[derive(Clone)]
pub struct Signer {
    /// Id of the key.
    pub key_id: String,
    key: Vec<u8>,
}

impl Signer {
    /// A key of its own for one `purpose`, made of a secret that has another one.
    pub fn derived(purpose: &str, key_id: &str, secret: &SecretString) -> Self {
        let mut mac = keyed(secret.expose_secret().as_bytes());
        mac.update(b"signs ");
        mac.update(purpose.as_bytes());
        Self::of(key_id, &mac.finalize().into_bytes())
    }

    /// With a key that was kept.
    pub fn of(key_id: &str, key: &[u8]) -> Self {
        Self { key_id: key_id.to_owned(), key: key.to_owned() }
    }

    /// The key itself, to be sealed.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The signature of a text.
    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.over(text).finalize().into_bytes().to_vec()
    }

    /// Whether the signature is this text's; the time tells nothing about how near it came.
    pub fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        self.over(text).verify_slice(signature).is_ok()
    }

    fn over(&self, text: &[u8]) -> Hmac<Sha256> {
        let mut mac = keyed(&self.key);
        mac.update(text);
        mac
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_one_text_one_purpose_and_one_key() {
        let signer = Signer::derived("records", "k1", &"one".into());
        let signature = signer.sign(b"text");
        assert!(signer.verifies(b"text", &signature));
        assert!(!signer.verifies(b"texu", &signature) && !signer.verifies(b"text", &signature[..31]) && !signer.verifies(b"text", b""));
        for other in [Signer::derived("cursors", "k1", &"one".into()), Signer::derived("records", "k1", &"two".into())] {
            assert!(!other.verifies(b"text", &signature));
        }
    }
}
