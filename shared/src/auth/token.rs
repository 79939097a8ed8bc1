//! Opaque tokens: 256 random bits for the holder, their SHA-256 for us.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A token that was just made: the text goes to its holder once, the hash to the database.
pub struct Opaque {
    /// 43 characters of base64url.
    pub text: String,
    /// SHA-256 of the text.
    pub hash: Vec<u8>,
}

impl Opaque {
    /// Makes a new one of 256 bits.
    #[expect(clippy::disallowed_methods, reason = "a secret must not be foreseeable, not even by a test")]
    pub fn generate() -> Self {
        let bytes: [u8; 32] = rand::random();
        let text = URL_SAFE_NO_PAD.encode(bytes);
        let hash = hash(&text);
        Self { text, hash }
    }
}

/// The hash under which a token that somebody shows would be stored.
pub fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_again_by_its_hash_and_by_no_other() {
        let (one, two) = (Opaque::generate(), Opaque::generate());
        assert_eq!(hash(&one.text), one.hash);
        assert_ne!(one.hash, two.hash);
        assert_eq!(one.text.len(), 43);
    }
}
