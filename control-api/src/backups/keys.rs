//! The one place that seals backups' keys, and opens them. A tenant's are under its data key, so that they go with it.
//! A backup of the control database must open when only the file store and a master key are left, or Vault: its key is
//! under that.

use shared::{Result, act::Author, crash, db::Db, seal::Keyring, sealed_stream::StreamKey};
use uuid::Uuid;

use super::{objects, store};
use crate::{
    app::App,
    keys::{self, Sealed, Stuck},
};

const PLATFORM: &str = "platform:backup";

/// What a backup's key is sealed for.
fn owner(tenant: Uuid) -> String {
    format!("tenant:{tenant}:backup")
}

/// Seals a backup's key for its tenant, or for the platform itself.
pub async fn seal(db: &Db, ring: &Keyring, tenant: Option<Uuid>, key: &StreamKey) -> Result<Sealed> {
    match tenant {
        Some(id) => keys::sealed(db, ring, tenant, key.bytes(), &owner(id)).await,
        None => ring.wrap(key.bytes(), PLATFORM).await,
    }
}

/// Opens a key that was sealed for this tenant, or for the platform itself; another tenant's does not open.
pub async fn open(db: &Db, ring: &Keyring, tenant: Option<Uuid>, sealed: &[u8]) -> Result<StreamKey> {
    match tenant {
        Some(id) => StreamKey::of(&keys::opened(db, ring, tenant, sealed, &owner(id)).await?),
        None => open_platforms(ring, (sealed, "of the platform")).await,
    }
}

/// Opens the key of a backup of the control database, which may be gone.
pub async fn open_platforms(ring: &Keyring, (sealed, key_id): (&[u8], &str)) -> Result<StreamKey> {
    match ring.unwrap(sealed, PLATFORM).await {
        Ok(key) => StreamKey::of(&key),
        Err(error) if error.is_vaults() => Err(error),
        Err(error) => Err(anyhow::anyhow!("{error}; it was sealed by key {key_id}").into()),
    }
}

/// Brings the keys of all backups of the control database under the newest master key: first in the store, where each is
/// looked for when nothing else is left, then here. Until both are done, the former key opens one of them.
pub async fn renew(app: &App, newest: &str, stuck: &mut Stuck) -> Result<()> {
    let behind = store::under_others(&mut *app.db.read().await?, newest).await?;
    for (id, folder, sealed) in behind {
        if let Err(error) = renew_one(app, (id, &folder), sealed).await {
            stuck.note(format_args!("the key of backup {id}"), error)?;
        }
    }
    Ok(())
}

async fn renew_one(app: &App, (id, folder): (Uuid, &str), sealed: Vec<u8>) -> Result<()> {
    for sealed in app.keys.ring.rewrap(&[(sealed, PLATFORM.to_owned())]).await? {
        objects::renew_key_note(&app.outside.storage, folder, &sealed).await?;
        crash::point(|| "rotate_master.backups.one".to_owned());
        app.db.act(Author::system("keys"), &app.clock, async |act| store::put_key(act.db(), id, &sealed).await).await?;
    }
    Ok(())
}
