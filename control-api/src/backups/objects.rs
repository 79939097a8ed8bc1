//! A backup's objects in the file store: `dump` and `manifest`, sealed each by a key made of the backup's own;
//! `key`, which says so in plain text, with that key sealed, for when the control database is gone; and copies
//! of the tenant's files.

use std::{
    pin::pin,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::body::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, future::try_join_all, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::{
    Error, Result,
    sealed_stream::{StreamKey, open, seal},
    storage::Storage,
};
use uuid::Uuid;

use super::manifest::Manifest;
use crate::keys::Sealed;

/// No manifest is longer: it names each file of a tenant.
const MANIFEST: u64 = 256 << 20;
const KEY: u64 = 10_000;

/// What a backup's objects' keys begin with: everything of one id, and one try of it.
pub fn folder(tenant: Option<Uuid>, id: Uuid) -> String {
    let owner = tenant.map_or_else(|| "control".to_owned(), |tenant| tenant.to_string());
    format!("backups/{owner}/{id}")
}

/// What stands beside the sealed objects in plain text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyNote {
    /// The backup.
    pub id: Uuid,
    /// Whose it is.
    pub tenant: Option<Uuid>,
    /// As of when.
    pub taken_at: chrono::DateTime<chrono::Utc>,
    /// The key that sealed the backup's.
    pub key_id: String,
    /// The backup's key, sealed.
    pub sealed_key: Vec<u8>,
}

/// Counts and hashes what passes.
#[derive(Default)]
pub struct Tally {
    bytes: AtomicU64,
    hash: Mutex<Sha256>,
}

impl Tally {
    /// How much has passed.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The SHA-256 of all that has passed, in hex.
    pub fn hash(&self) -> String {
        hex(&self.hash.lock().expect("nobody panics while hashing").clone().finalize())
    }

    /// A stream whose bytes are counted here.
    pub fn over<'a>(&'a self, stream: impl Stream<Item = Result<Bytes>> + Send + 'a) -> impl Stream<Item = Result<Bytes>> + Send + 'a {
        stream.inspect_ok(move |bytes| {
            self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            self.hash.lock().expect("nobody panics while hashing").update(bytes);
        })
    }
}

/// Bytes as text.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn owner(id: Uuid, part: &str) -> String {
    format!("backup:{id}:{part}")
}

/// Writes one sealed part.
pub async fn put(
    storage: &Storage,
    (folder, id): (&str, Uuid),
    part: &str,
    key: &StreamKey,
    plain: impl Stream<Item = Result<Bytes>> + Send,
) -> Result<u64> {
    let plain = Box::pin(plain);
    storage.put(&format!("{folder}/{part}"), seal(&key.of_part(part), &owner(id, part), plain)).await
}

/// Reads one sealed part back. What comes is genuine; that it was all shows in the end.
pub async fn get(
    storage: &Storage,
    (folder, id): (&str, Uuid),
    part: &str,
    key: &StreamKey,
) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
    let name = format!("{folder}/{part}");
    let object = storage.get(&name).await?.ok_or_else(|| Error::internal(anyhow::anyhow!("object {name} is gone")))?;
    Ok(open(&key.of_part(part), &owner(id, part), Box::pin(object.stream())))
}

/// Writes the manifest, and then the note without which the folder is no backup; says the manifest's hash.
pub async fn put_manifest(storage: &Storage, folder: &str, (key, note): (&StreamKey, &KeyNote), manifest: &Manifest) -> Result<Vec<u8>> {
    let text = text_of(manifest, MANIFEST)?;
    let hash = Sha256::digest(&text).to_vec();
    put(storage, (folder, manifest.id), "manifest", key, stream::iter([Ok(Bytes::from(text))])).await?;
    storage.put(&format!("{folder}/key"), stream::iter([Ok(Bytes::from(serde_json::to_vec(note)?))])).await?;
    Ok(hash)
}

/// As it is written: what could not be read back is no backup.
fn text_of(manifest: &Manifest, most: u64) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(manifest)?;
    if text.len() as u64 > most {
        let files = manifest.files.len();
        return Err(anyhow::anyhow!("the manifest of backup {} is longer than {most} bytes: it names {files} files", manifest.id).into());
    }
    Ok(text)
}

/// Reads a manifest, and its hash.
pub async fn manifest(storage: &Storage, (folder, id): (&str, Uuid), key: &StreamKey) -> Result<(Manifest, Vec<u8>)> {
    let mut parts = pin!(get(storage, (folder, id), "manifest", key).await?);
    let mut text = Vec::new();
    while let Some(part) = parts.next().await {
        text.extend_from_slice(&part?);
        if text.len() as u64 > MANIFEST {
            return Err(anyhow::anyhow!("the manifest of backup {id} is too long").into());
        }
    }
    Ok((serde_json::from_slice(&text)?, Sha256::digest(&text).to_vec()))
}

/// Reads the note in a folder; none where there is none.
pub async fn key_note(storage: &Storage, folder: &str) -> Result<Option<KeyNote>> {
    let text = storage.read(&format!("{folder}/key"), KEY).await?;
    text.map(|text| Ok(serde_json::from_slice(&text)?)).transpose()
}

/// Writes the note in a folder anew, with its key sealed otherwise; nothing where there is none.
pub async fn renew_key_note(storage: &Storage, folder: &str, sealed: &Sealed) -> Result<()> {
    let Some(note) = key_note(storage, folder).await? else { return Ok(()) };
    let note = KeyNote { key_id: sealed.key_id.clone(), sealed_key: sealed.bytes.clone(), ..note };
    storage.put(&format!("{folder}/key"), stream::iter([Ok(Bytes::from(serde_json::to_vec(&note)?))])).await?;
    Ok(())
}

/// Takes a tenant's notes away: whatever they say opens nothing any more.
pub async fn forget_key_notes(storage: &Storage, tenant: Uuid) -> Result<()> {
    let (prefix, mut after) = (format!("backups/{tenant}/"), None);
    loop {
        let page = storage.list(&prefix, after).await?;
        for object in page.objects.iter().filter(|object| object.key.ends_with("/key") && !object.key.contains("/files/")) {
            storage.delete(&object.key).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Takes away everything whose key begins so, and what was being written there by somebody who has died.
pub async fn clear(storage: &Storage, prefix: &str) -> Result<()> {
    storage.abort_uploads(prefix).await?;
    loop {
        let page = storage.list(prefix, None).await?;
        if page.objects.is_empty() {
            return Ok(());
        }
        for some in page.objects.chunks(8) {
            try_join_all(some.iter().map(|object| storage.delete(&object.key))).await?;
        }
    }
}

/// Takes away everything of a tenant's but what belongs to these backups.
pub async fn clear_all_but(storage: &Storage, tenant: Uuid, known: &[Uuid]) -> Result<()> {
    let (prefix, mut after) = (format!("backups/{tenant}/"), None);
    let known: Vec<String> = known.iter().map(|id| format!("{}/", folder(Some(tenant), *id))).collect();
    storage.abort_uploads(&prefix).await?;
    loop {
        let page = storage.list(&prefix, after).await?;
        let strays: Vec<_> = page.objects.iter().filter(|object| !known.iter().any(|known| object.key.starts_with(known))).collect();
        for some in strays.chunks(8) {
            try_join_all(some.iter().map(|object| storage.delete(&object.key))).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::backups::manifest::{File, VERSION};

    #[test]
    fn no_manifest_is_written_that_could_not_be_read() {
        let manifest = Manifest {
            version: VERSION,
            id: Uuid::nil(),
            tenant: None,
            taken_at: DateTime::UNIX_EPOCH,
            schema: 3,
            tables: vec![],
            dump_bytes: 0,
            dump_hash: String::new(),
            files: vec![File { key: "tenants/1/a.pdf".into(), size: 1, etag: "x".into() }],
        };
        let long = serde_json::to_vec(&manifest).expect("text").len() as u64;
        assert!(text_of(&manifest, long).is_ok());
        let refused = text_of(&manifest, long - 1).expect_err("too long").to_string();
        assert!(refused.contains("names 1 files"), "{refused}");
    }
}
