//! Files of a server's log in the file store: compressed, and sealed each by a key of its own, which is made of
//! the archive's and of chance, so that no key ever seals two contents. `wal/{archive}/{name}` holds the chance
//! and the sealed stream.

use std::{
    io::{Read, Write},
    path::Path,
    pin::pin,
};

use axum::body::Bytes;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use futures::{TryStreamExt, stream};
use rand::Rng;
use shared::{
    Error, Result,
    sealed_stream::{StreamKey, open, seal},
    storage::Storage,
};
use uuid::Uuid;

use super::name::{self, Kind};
use crate::backups::objects::hex;

/// What an archived file begins with.
const MAGIC: &[u8; 4] = b"HDW1";
const CHANCE: usize = 16;
/// No file of the log is longer: initdb allows segments of 1 GiB.
const LONGEST: u64 = 2 << 30;

/// One server's archive.
pub struct Archive {
    /// Its id.
    pub id: Uuid,
    /// The identifier of the server.
    pub system: String,
    /// Its key.
    pub key: StreamKey,
    /// Where it lies.
    pub storage: Storage,
}

/// What has become of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It is there now.
    Stored,
    /// It was there already.
    Known,
}

/// What the keys of an archive's objects begin with.
pub fn prefix(archive: Uuid) -> String {
    format!("wal/{archive}/")
}

impl Archive {
    fn object(&self, name: &str) -> String {
        format!("{}{name}", prefix(self.id))
    }

    /// What seals one file.
    fn lock(&self, name: &str, chance: &[u8]) -> (StreamKey, String) {
        (self.key.of_part(&format!("{name}:{}", hex(chance))), format!("wal:{}:{name}", self.id))
    }

    /// Archives a file, and returns once the store has it. The same contents again are fine; others under a known
    /// name are refused, and so is a segment that another server has written.
    pub async fn push(&self, path: &Path) -> Result<Pushed> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let kind = name::kind(name).ok_or_else(|| anyhow::anyhow!("{name:?} is no file of PostgreSQL's log"))?;
        let plain = tokio::fs::read(path).await.map_err(Error::internal)?;
        let system = name::system_of(&plain).map(|id| id.to_string());
        if matches!(kind, Kind::Segment | Kind::Partial) && system.as_ref() != Some(&self.system) {
            return Err(anyhow::anyhow!("{name} was written by server {system:?}, and this is the archive of {}", self.system).into());
        }
        match self.read(name).await? {
            Some(known) if known == plain => return Ok(Pushed::Known),
            Some(_) => return Err(Error::conflict("conflict", format!("{name} is archived already, with other contents."))),
            None => {}
        }
        let mut chance = [0; CHANCE];
        rand::rng().fill_bytes(&mut chance);
        let (key, owner) = self.lock(name, &chance);
        let head = stream::iter([Ok(Bytes::from([&MAGIC[..], &chance].concat()))]);
        let sealed = seal(&key, &owner, stream::iter([Ok(Bytes::from(packed(&plain)?))]));
        self.storage.put(&self.object(name), futures::StreamExt::chain(head, sealed)).await?;
        Ok(Pushed::Stored)
    }

    /// Brings a file back; false when there is none. It has its name only once it is whole.
    pub async fn fetch(&self, name: &str, to: &Path) -> Result<bool> {
        let Some(plain) = self.read(name).await? else { return Ok(false) };
        let part = to.with_added_extension("part");
        tokio::fs::write(&part, &plain).await.map_err(Error::internal)?;
        tokio::fs::rename(&part, to).await.map_err(Error::internal)?;
        Ok(true)
    }

    /// Whether a file is there.
    pub async fn has(&self, name: &str) -> Result<bool> {
        Ok(self.storage.get(&self.object(name)).await?.is_some())
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        if name::kind(name).is_none() {
            return Ok(None);
        }
        let Some(stored) = self.storage.read(&self.object(name), LONGEST).await? else { return Ok(None) };
        let chance = stored.strip_prefix(MAGIC).and_then(|rest| rest.split_at_checked(CHANCE));
        let (chance, sealed) = chance.ok_or_else(|| anyhow::anyhow!("{name} in the archive is no sealed file"))?;
        let (key, owner) = self.lock(name, chance);
        let opened = pin!(open(&key, &owner, stream::iter([Ok(Bytes::copy_from_slice(sealed))])));
        let pieces: Vec<Bytes> = opened.try_collect().await?;
        Ok(Some(unpacked(&pieces.concat())?))
    }
}

fn packed(plain: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).map_err(Error::internal)?;
    encoder.finish().map_err(Error::internal)
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(packed).take(LONGEST).read_to_end(&mut plain).map_err(Error::internal)?;
    Ok(plain)
}

/// Takes away all files of an archive that nobody needs who begins at the segment `oldest`; says how many.
pub async fn prune(storage: &Storage, archive: Uuid, oldest: &str) -> Result<u64> {
    let (prefix, mut gone, mut after) = (prefix(archive), 0, None);
    loop {
        let page = storage.list(&prefix, after).await?;
        for object in page.objects {
            if object.key.strip_prefix(&prefix).is_some_and(|name| name::is_over(name, oldest)) {
                storage.delete(&object.key).await?;
                gone += 1;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(gone);
        }
    }
}
