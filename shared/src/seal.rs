//! Sealed secrets: AES-256-GCM, bound to what they belong to (C-3). What is a tenant's is sealed by the tenant's own
//! data key (`data`), which is wrapped by a master key (`ring`) or by Vault (`keeper`); what the platform needs when nothing but the master
//! key is left is sealed by that.

mod data;
mod fields;
mod keeper;
mod ring;
mod vault;

use aes_gcm::{
    Aes256Gcm, Key, KeyInit, Nonce,
    aead::{Aead, Generate, Payload},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

pub use data::{DataKey, Wrapped, header, version_of};
pub use fields::FieldsKey;
pub use keeper::Sealed;
pub use ring::{Keyring, entries};
pub(crate) use vault::FETCHES;
pub use vault::{Entry, Told, VAULT, Vault, Wanted, at_hand};

use crate::{Error, Result};

const NONCE: usize = 12;

/// Seals and opens with one key, whose id is kept beside each sealed value.
#[derive(Clone)]
pub struct Sealer {
    /// Id of the key, stored beside what it sealed.
    pub key_id: String,
    cipher: Aes256Gcm,
}

impl Sealer {
    /// `key` is 32 bytes in base64.
    pub fn new(key_id: &str, key: &SecretString) -> Result<Self> {
        let bytes = STANDARD.decode(key.expose_secret()).map_err(|_| anyhow::anyhow!("sealing key {key_id} is not base64"))?;
        Self::of(key_id, &bytes)
    }

    fn of(key_id: &str, bytes: &[u8]) -> Result<Self> {
        let key = Key::<Aes256Gcm>::try_from(bytes).map_err(|_| anyhow::anyhow!("sealing key {key_id} is not 32 bytes"))?;
        Ok(Self { key_id: key_id.to_owned(), cipher: Aes256Gcm::new(&key) })
    }

    /// A key of its own for one `purpose`, made of a secret that has another one.
    pub fn derived(purpose: &str, secret: &SecretString) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        Self { key_id: purpose.to_owned(), cipher: Aes256Gcm::new(&mac.finalize().into_bytes()) }
    }

    /// Seals `plain` for `owner`, as `tenant:{id}:db`: nonce, then ciphertext.
    pub fn seal(&self, plain: &[u8], owner: &str) -> Result<Vec<u8>> {
        let nonce = Nonce::generate();
        let payload = Payload { msg: plain, aad: owner.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce, payload).map_err(|_| anyhow::anyhow!("sealing failed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the same `owner`; anything else is an error.
    pub fn open(&self, sealed: &[u8], owner: &str) -> Result<Vec<u8>> {
        let broken = || Error::internal(anyhow::anyhow!("a sealed value of {owner} does not open"));
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or_else(broken)?;
        let nonce = Nonce::try_from(nonce).map_err(|_| broken())?;
        self.cipher.decrypt(&nonce, Payload { msg: sealed, aad: owner.as_bytes() }).map_err(|_| broken())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_for_its_owner_and_untouched() {
        let sealer = Sealer::new("k1", &STANDARD.encode([7; 32]).into()).expect("a key");
        let sealed = sealer.seal(b"secret", "tenant:a").expect("sealed");
        assert_eq!(sealer.open(&sealed, "tenant:a").expect("opened"), b"secret");
        let mut touched = sealed.clone();
        touched[NONCE] ^= 1;
        for (sealed, owner) in [(&sealed, "tenant:b"), (&touched, "tenant:a"), (&vec![1, 2, 3], "tenant:a")] {
            assert!(sealer.open(sealed, owner).is_err());
        }
        assert!(Sealer::new("k1", &STANDARD.encode([7; 31]).into()).is_err());
    }
}
