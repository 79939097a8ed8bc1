//! Where a restore takes its dump from. A backup has a manifest, which the copy is compared with, and a stream in
//! `pg_dump`'s custom format; a moment of a server's log becomes a backup first.

use axum::body::Bytes;
use futures::Stream;
use serde::{Deserialize, Serialize};
use shared::{Error, Result, sealed_stream::StreamKey};
use uuid::Uuid;

use super::{keys, manifest::Manifest, model::Backup, moment::Moment, objects, store};
use crate::app::App;

/// What is restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// A backup in the file store.
    Backup {
        /// Its id.
        id: Uuid,
    },
    /// A moment of the tenant's server, before it has become a backup.
    Moment(Moment),
}

/// A source that can be read.
pub struct Opened {
    /// What it consists of.
    pub manifest: Manifest,
    backup: Backup,
    key: StreamKey,
}

impl Source {
    /// Looks for it, and reads what it consists of. It must be this tenant's.
    pub async fn open(&self, app: &App, tenant: Uuid) -> Result<Opened> {
        let id = match self {
            Self::Backup { id } => *id,
            Self::Moment(moment) => return Err(anyhow::anyhow!("{} has not become a backup yet", moment.at).into()),
        };
        let backup = store::by_id(&mut *app.db.read().await?, id).await?.ok_or(Error::NotFound("backup_not_found"))?;
        if backup.tenant_id != Some(tenant) {
            return Err(anyhow::anyhow!("backup {id} is not of tenant {tenant}").into());
        }
        let key = keys::open(&app.db, &app.keys.ring, backup.tenant_id, &backup.sealed_key).await?;
        let (manifest, hash) = objects::manifest(&app.outside.storage, (&backup.folder, id), &key).await?;
        if hash != backup.manifest_hash || manifest.id != id || manifest.tenant != Some(tenant) {
            return Err(anyhow::anyhow!("the manifest of backup {id} is another one's").into());
        }
        Ok(Opened { manifest, backup, key })
    }
}

impl Opened {
    /// The dump, from its beginning.
    pub async fn dump(&self, app: &App) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
        objects::get(&app.outside.storage, (&self.backup.folder, self.backup.id), "dump", &self.key).await
    }

    /// Where copies of the files lie.
    pub fn copy_of(&self, key: &str) -> String {
        format!("{}/files/{key}", self.backup.folder)
    }
}
