//! Master keys by their ids: the newest seals, all of them open. So a key is exchanged while everything works: first it is
//! made known everywhere, then what the old one has sealed is sealed anew, then the old one is forgotten.

use secrecy::{ExposeSecret, SecretString};

use super::{Sealer, keeper::Keeper};
use crate::{Error, Result, sign::Signer};

/// Master keys; cheap to clone.
#[derive(Clone)]
pub struct Keyring {
    /// Id of the key that seals.
    pub key_id: String,
    /// The newest first.
    keys: Vec<(Sealer, SecretString)>,
    /// Who wraps by what.
    pub(super) keeper: Keeper,
}

impl Keyring {
    /// A ring with one key: 32 bytes in base64.
    pub fn one(key_id: &str, key: &SecretString) -> Result<Self> {
        Self::new(key_id, key, None)
    }

    /// A ring whose newest key is `key`. `previous` names older ones that still open, as `id:base64,id:base64`.
    pub fn new(key_id: &str, key: &SecretString, previous: Option<&SecretString>) -> Result<Self> {
        if key.expose_secret().is_empty() {
            return Err(anyhow::anyhow!("DB_ENCRYPTION_KEY is missing").into());
        }
        let mut keys = vec![(Sealer::new(key_id, key)?, key.clone())];
        for entry in entries(previous) {
            let (id, key) = entry.split_once(':').ok_or_else(|| anyhow::anyhow!("a previous sealing key has no id"))?;
            if keys.iter().any(|(known, _)| known.key_id == id) {
                return Err(anyhow::anyhow!("two sealing keys have the id {id}").into());
            }
            let key = SecretString::from(key);
            keys.push((Sealer::new(id, &key)?, key));
        }
        Ok(Self { key_id: key_id.to_owned(), keys, keeper: Keeper::Here })
    }

    /// Seals `plain` for `owner` by the newest key.
    pub fn seal(&self, plain: &[u8], owner: &str) -> Result<Vec<u8>> {
        self.keys[0].0.seal(plain, owner)
    }

    /// Opens what any of the keys has sealed for the same `owner`; anything else is an error.
    pub fn open(&self, sealed: &[u8], owner: &str) -> Result<Vec<u8>> {
        let opened = self.keys.iter().find_map(|(key, _)| key.open(sealed, owner).ok());
        opened.ok_or_else(|| {
            Error::internal(anyhow::anyhow!("a sealed value of {owner} opens with none of the keys {}", self.ids().join(", ")))
        })
    }

    /// Whether the newest key has sealed it for that owner, and no other key of the same name.
    pub(super) fn newest_opens(&self, sealed: &[u8], owner: &str) -> bool {
        self.keys[0].0.open(sealed, owner).is_ok()
    }

    /// Ids of all keys, the newest first.
    pub fn ids(&self) -> Vec<&str> {
        self.keys.iter().map(|(key, _)| key.key_id.as_str()).collect()
    }

    /// What signs for one purpose by the newest key.
    pub fn signer(&self, purpose: &str) -> Signer {
        Signer::derived(purpose, &self.key_id, &self.keys[0].1)
    }

    /// What has signed for that purpose by the key of that id; none when the ring does not have it.
    pub fn former_signer(&self, purpose: &str, key_id: &str) -> Option<Signer> {
        let (_, key) = self.keys.iter().find(|(key, _)| key.key_id == key_id)?;
        Some(Signer::derived(purpose, key_id, key))
    }
}

/// The entries of a list of previous keys.
pub fn entries(previous: Option<&SecretString>) -> impl Iterator<Item = &str> {
    let text = previous.map(ExposeSecret::expose_secret).unwrap_or_default();
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    fn key(byte: u8) -> String {
        STANDARD.encode([byte; 32])
    }

    #[test]
    fn the_newest_seals_and_former_ones_open_until_they_are_taken_out() {
        let old = Keyring::one("k1", &key(1).into()).expect("a ring");
        let before = old.seal(b"secret", "tenant:a:db").expect("sealed");
        let both = Keyring::new("k3", &key(3).into(), Some(&format!("k1:{}, k2:{}", key(1), key(2)).into())).expect("a ring");
        assert_eq!((both.key_id.as_str(), both.ids()), ("k3", vec!["k3", "k1", "k2"]));
        assert_eq!(both.open(&before, "tenant:a:db").expect("opened"), b"secret");
        assert!(both.open(&before, "tenant:b:db").is_err(), "another owner's");
        let after = both.seal(b"secret", "tenant:a:db").expect("sealed");
        assert!(old.open(&after, "tenant:a:db").is_err(), "the old one knows nothing of the new");
        let new = Keyring::one("k3", &key(3).into()).expect("a ring");
        assert_eq!(new.open(&after, "tenant:a:db").expect("opened"), b"secret");
        let refused = new.open(&before, "tenant:a:db").expect_err("taken out").to_string();
        assert!(!refused.contains(&key(3)), "{refused}");
        for nonsense in ["k1", "k1:short", &format!("k3:{}", key(1)), &format!("k1:{},k1:{}", key(1), key(2))] {
            assert!(Keyring::new("k3", &key(3).into(), Some(&nonsense.into())).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn what_a_former_key_has_signed_is_known_by_its_id() {
        let old = Keyring::one("k1", &key(1).into()).expect("a ring").signer("records");
        let both = Keyring::new("k2", &key(2).into(), Some(&format!("k1:{}", key(1)).into())).expect("a ring");
        let former = both.former_signer("records", "k1").expect("known");
        assert!(former.verifies(b"text", &old.sign(b"text")) && !both.signer("records").verifies(b"text", &old.sign(b"text")));
        assert!(both.former_signer("records", "k0").is_none());
    }
}
