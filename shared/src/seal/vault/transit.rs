//! Wrapping by the transit key. What is wrapped says under which of its versions: `vault:v3:…`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::Vault;
use crate::{Error, Result};

/// What everything begins with that Vault has wrapped.
const MARK: &[u8] = b"vault:v";

/// Whether Vault has wrapped this.
pub fn is_vaults(wrapped: &[u8]) -> bool {
    wrapped.starts_with(MARK)
}

/// The version of the transit key under which something is, as `vault:v3`.
pub fn version_of(wrapped: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(wrapped.strip_prefix(MARK)?).ok()?;
    let (version, _) = text.split_once(':')?;
    Some(id(version.parse().ok()?))
}

fn id(version: u64) -> String {
    format!("vault:v{version}")
}

/// Something, and what it belongs to.
pub type Owned = (Vec<u8>, String);

impl Vault {
    /// The newest version of the transit key. One that is not derived does not tell owners apart, and is refused.
    pub async fn newest(&self) -> Result<String> {
        let known = self.0.http.get(&self.transit("keys")).await?.said()?;
        let known = &known["data"];
        if known["derived"] != json!(true) {
            return Err(anyhow::anyhow!("the transit key {} is not derived: make one with derived=true", self.0.key).into());
        }
        known["latest_version"].as_u64().map(id).ok_or_else(|| odd("latest_version"))
    }

    /// Makes a next version of the transit key.
    pub async fn rotate(&self) -> Result<()> {
        self.0.http.post(&format!("{}/rotate", self.transit("keys")), &json!({})).await?.said().map(drop)
    }

    /// Wraps each for its owner.
    pub async fn wrap(&self, some: &[Owned]) -> Result<Vec<Vec<u8>>> {
        let items = some.iter().map(|(plain, owner)| json!({ "plaintext": STANDARD.encode(plain), "context": context(owner) }));
        texts(self.batch("encrypt", items.collect()).await?, "ciphertext")
    }

    /// Opens each for its owner; that of another one is an error.
    pub async fn unwrap(&self, some: &[Owned]) -> Result<Vec<Vec<u8>>> {
        let items = some.iter().map(|(wrapped, owner)| json!({ "ciphertext": text(wrapped), "context": context(owner) }));
        let opened = texts(self.batch("decrypt", items.collect()).await?, "plaintext")?;
        opened.iter().map(|plain| STANDARD.decode(plain).map_err(|_| odd("plaintext"))).collect()
    }

    /// Brings each under the newest version, inside of Vault.
    pub async fn rewrap(&self, some: &[Owned]) -> Result<Vec<Vec<u8>>> {
        let items = some.iter().map(|(wrapped, owner)| json!({ "ciphertext": text(wrapped), "context": context(owner) }));
        texts(self.batch("rewrap", items.collect()).await?, "ciphertext")
    }

    fn transit(&self, verb: &str) -> String {
        format!("{}/{verb}/{}", self.0.transit, self.0.key)
    }

    async fn batch(&self, verb: &str, items: Vec<Value>) -> Result<Vec<Value>> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let asked = items.len();
        let said = self.0.http.post(&self.transit(verb), &json!({ "batch_input": items })).await?.said()?;
        match said["data"]["batch_results"].as_array() {
            Some(results) if results.len() == asked => Ok(results.clone()),
            _ => Err(odd("batch_results")),
        }
    }
}

fn texts(results: Vec<Value>, field: &'static str) -> Result<Vec<Vec<u8>>> {
    results.iter().map(|one| one[field].as_str().map(|text| text.as_bytes().to_vec()).ok_or_else(|| odd(field))).collect()
}

fn odd(field: &str) -> Error {
    Error::internal(anyhow::anyhow!("Vault's answer has no {field}: the value is another one's, or broken"))
}

fn context(owner: &str) -> String {
    STANDARD.encode(owner)
}

fn text(wrapped: &[u8]) -> String {
    String::from_utf8_lossy(wrapped).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vault_has_wrapped_says_so_and_by_which_version() {
        for (wrapped, version) in [
            (&b"vault:v1:abc"[..], Some("vault:v1")),
            (b"vault:v12:abc", Some("vault:v12")),
            (b"vault:v1", None),
            (b"vault:vx:abc", None),
            (b"HDK1\0\0\0\x01", None),
            (b"", None),
        ] {
            assert_eq!(version_of(wrapped).as_deref(), version, "{wrapped:?}");
        }
        assert!(is_vaults(b"vault:v1:abc") && !is_vaults(b"twelve bytes of a nonce"));
    }
}
