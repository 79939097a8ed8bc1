//! A server's log in the file store. PostgreSQL calls `control-api wal push` for each segment of 16 MiB, at the
//! latest a minute after something was written, and takes it for archived once the store has confirmed it; a side
//! server calls `control-api wal fetch`. Each server has an archive with a key of its own.

pub mod name;
mod objects;
mod settings;
pub mod store;

use std::path::Path;

pub use objects::{Archive, Pushed, prefix, prune};
pub use settings::{Lines, Settings};
use shared::{
    Error, Result,
    act::Act,
    db::Db,
    seal::Keyring,
    sealed_stream::StreamKey,
    storage::{Place, Storage},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{events::Platform, keys};

/// What the key of an archive is sealed for.
fn owner(id: Uuid) -> String {
    format!("archive:{id}")
}

/// The archive of a server, which is begun where there is none.
pub async fn begin(act: &mut Act, ring: &Keyring, (cluster, system): (i64, &str)) -> Result<store::Known> {
    if let Some(known) = store::of_server(act.db(), cluster, system).await? {
        return Ok(known);
    }
    let (id, now) = (Uuid::now_v7(), act.now());
    let sealed = keys::seal(act.db(), ring, None, StreamKey::generate().bytes(), &owner(id)).await?;
    store::insert(act.db(), id, (cluster, system), (&sealed.bytes, &sealed.key_id), now).await?;
    act.record(&Platform::ArchiveBegun(cluster, id)).await?;
    store::of_server(act.db(), cluster, system).await?.ok_or(Error::NotFound("archive_not_found"))
}

/// Opens an archive's key.
pub async fn open(db: &Db, ring: &Keyring, known: &store::Known) -> Result<StreamKey> {
    StreamKey::of(&keys::opened(db, ring, None, &known.sealed_key, &owner(known.id)).await?)
}

/// What the server of an archive is told.
pub async fn settings(db: &Db, ring: &Keyring, known: &store::Known, store: Place) -> Result<Settings> {
    Ok(Settings::of(known.id, &known.system_id, &open(db, ring, known).await?, store))
}

/// An archive that can be read.
pub async fn opened(db: &Db, ring: &Keyring, known: &store::Known, storage: Storage) -> Result<Archive> {
    Ok(Archive { id: known.id, system: known.system_id.clone(), key: open(db, ring, known).await?, storage })
}

impl Archive {
    /// The archive of those settings.
    pub fn of(settings: &Settings) -> anyhow::Result<Self> {
        let (id, system) = (settings.archive, settings.system.clone());
        Ok(Self { id, system, key: settings.key()?, storage: settings.storage() })
    }
}

/// `archive_command`.
pub async fn push(settings: Option<&Path>, path: &Path) -> anyhow::Result<Pushed> {
    Ok(Archive::of(&Settings::read(settings)?)?.push(path).await?)
}

/// `restore_command`; false when the archive has no such file.
pub async fn fetch(settings: Option<&Path>, name: &str, to: &Path) -> anyhow::Result<bool> {
    Ok(Archive::of(&Settings::read(settings)?)?.fetch(name, to).await?)
}

/// The identifier of a server, as it says it itself.
pub async fn system_of(server: &mut PgConnection) -> Result<String> {
    store::system_of(server).await
}
