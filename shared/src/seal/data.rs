//! Data keys: each tenant has one of its own, and the platform has one. A data key is random, kept wrapped by a master key
//! and bound to whose it is; with it goes all that it has sealed. Its version stands before each value.

use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{Keyring, Sealer, keeper::Sealed, vault::is_vaults};
use crate::{Error, Result};

/// What a value under a data key begins with; its version follows, in four bytes.
const MAGIC: &[u8; 4] = b"HDK1";
const HEADER: usize = 8;

/// A data key that can be used.
#[derive(Clone)]
pub struct DataKey {
    version: i32,
    sealer: Sealer,
}

/// A data key as it is kept.
#[derive(Debug, Clone)]
pub struct Wrapped {
    /// Its number, from 1.
    pub version: i32,
    /// The key, sealed by a master key.
    pub bytes: Vec<u8>,
}

/// What a data key is bound to.
fn owner(tenant: Option<Uuid>, version: i32) -> String {
    let whose = tenant.map_or_else(|| "platform".to_owned(), |id| format!("tenant:{id}"));
    format!("{whose}:data-key:{version}")
}

impl Wrapped {
    /// A new key of a tenant, or of the platform itself, by chance; or [`Error::Wanted`].
    pub fn generate(ring: &Keyring, tenant: Option<Uuid>, version: i32) -> Result<Self> {
        Ok(Self { version, bytes: ring.new_data_key(&owner(tenant, version))? })
    }

    /// The same keys, wrapped by the newest master key. Not within a transaction.
    pub async fn anew(ring: &Keyring, some: &[(Option<Uuid>, Self)]) -> Result<Vec<Sealed>> {
        let some: Vec<_> = some.iter().map(|(tenant, key)| (key.bytes.clone(), owner(*tenant, key.version))).collect();
        ring.rewrap(&some).await
    }

    /// Whether the newest master key has wrapped it, or Vault, which keeps its keys apart by itself.
    pub fn is_under_newest(&self, ring: &Keyring, tenant: Option<Uuid>) -> bool {
        is_vaults(&self.bytes) || ring.newest_opens(&self.bytes, &owner(tenant, self.version))
    }

    /// The key itself; an error when it is another's, or [`Error::Wanted`] when it must be asked for first.
    pub fn unwrap(&self, ring: &Keyring, tenant: Option<Uuid>) -> Result<DataKey> {
        let key = ring.data_key(&self.bytes, &owner(tenant, self.version))?;
        Ok(DataKey { version: self.version, sealer: Sealer::of(&DataKey::id(self.version), key.expose_secret())? })
    }
}

impl DataKey {
    /// How a version is called where ids of keys stand.
    pub fn id(version: i32) -> String {
        format!("data:{version}")
    }

    /// Its number.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// Its id.
    pub fn key_id(&self) -> &str {
        &self.sealer.key_id
    }

    /// Seals `plain` for `owner`: header, nonce, then ciphertext.
    pub fn seal(&self, plain: &[u8], owner: &str) -> Result<Vec<u8>> {
        Ok([&header(self.version)[..], &self.sealer.seal(plain, owner)?].concat())
    }

    /// Opens what this version has sealed for the same `owner`; anything else is an error.
    pub fn open(&self, sealed: &[u8], owner: &str) -> Result<Vec<u8>> {
        let broken = || Error::internal(anyhow::anyhow!("a sealed value of {owner} is under another data key"));
        let (begins, sealed) = sealed.split_at_checked(HEADER).ok_or_else(broken)?;
        if begins != header(self.version) {
            return Err(broken());
        }
        self.sealer.open(sealed, owner)
    }
}

/// What every value under that version begins with.
pub fn header(version: i32) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(MAGIC);
    header[4..].copy_from_slice(&version.to_be_bytes());
    header
}

/// The version of the data key under which a value is; none when a master key has sealed it.
pub fn version_of(sealed: &[u8]) -> Option<i32> {
    let version = sealed.strip_prefix(MAGIC)?.first_chunk()?;
    Some(i32::from_be_bytes(*version)).filter(|version| *version > 0)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    fn ring(id: &str, byte: u8, previous: Option<&str>) -> Keyring {
        let previous = previous.map(|text| text.to_owned().into());
        Keyring::new(id, &STANDARD.encode([byte; 32]).into(), previous.as_ref()).expect("a ring")
    }

    #[test]
    fn a_data_key_is_one_tenants_one_version_and_under_one_master() {
        let (ring, acme, globex) = (ring("k1", 1, None), Some(Uuid::from_u128(1)), Some(Uuid::from_u128(2)));
        let first = Wrapped::generate(&ring, acme, 1).expect("a key");
        let second = Wrapped::generate(&ring, acme, 2).expect("a key");
        let key = first.unwrap(&ring, acme).expect("unwrapped");
        let sealed = key.seal(b"secret", "tenant:1:db").expect("sealed");
        assert_eq!((version_of(&sealed), key.key_id()), (Some(1), "data:1"));
        assert_eq!(key.open(&sealed, "tenant:1:db").expect("opened"), b"secret");
        assert!(key.open(&sealed, "tenant:2:db").is_err(), "another owner");
        assert!(second.unwrap(&ring, acme).expect("unwrapped").open(&sealed, "tenant:1:db").is_err(), "another version");
        for (what, tenant) in [("another tenant", globex), ("the platform", None)] {
            assert!(first.unwrap(&ring, tenant).is_err(), "{what}");
        }
        let renumbered = Wrapped { version: 2, bytes: first.bytes.clone() };
        assert!(renumbered.unwrap(&ring, acme).is_err(), "under another number");
        for (what, value) in
            [("empty", vec![]), ("a head alone", header(1).to_vec()), ("a master's", ring.seal(b"x", "o").expect("sealed"))]
        {
            assert!(key.open(&value, "tenant:1:db").is_err(), "{what}");
        }
    }

    #[tokio::test]
    async fn wrapped_anew_it_opens_the_same_values_without_the_former_master() {
        let (old, acme) = (ring("k1", 1, None), Some(Uuid::from_u128(1)));
        let wrapped = Wrapped::generate(&old, acme, 7).expect("a key");
        let sealed = wrapped.unwrap(&old, acme).expect("unwrapped").seal(b"secret", "o").expect("sealed");
        let both = ring("k2", 2, Some(&format!("k1:{}", STANDARD.encode([1; 32]))));
        let kept = Wrapped::anew(&both, &[(acme, wrapped.clone())]).await.expect("wrapped").remove(0);
        let anew = Wrapped { version: 7, bytes: kept.bytes };
        assert_eq!(kept.key_id, "k2");
        let new = ring("k2", 2, None);
        assert_eq!(anew.unwrap(&new, acme).expect("unwrapped").open(&sealed, "o").expect("opened"), b"secret");
        assert!(wrapped.unwrap(&new, acme).is_err(), "what was not wrapped anew needs the former one");
        assert!(anew.unwrap(&old, acme).is_err());
    }

    #[test]
    fn what_a_master_sealed_is_told_from_what_a_data_key_did() {
        for (bytes, expected) in [
            (&header(3)[..], Some(3)),
            (&[&header(3)[..], b"more"].concat(), Some(3)),
            (b"HDK1", None),
            (b"HDK1\0\0\0\0", None),
            (b"HDK1\xff\0\0\0", None),
            (b"twelve bytes of a nonce", None),
            (b"", None),
        ] {
            assert_eq!(version_of(bytes), expected, "{bytes:?}");
        }
    }
}
