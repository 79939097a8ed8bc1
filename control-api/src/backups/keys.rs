//! The one place that seals backups' keys, and opens them. A tenant's are under its data key, so that they go with it. A
//! backup of the control database must open when only the file store and a master key are left: its key is under that.

use shared::{Result, act::Author, crash, seal::Keyring, sealed_stream::StreamKey};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{objects, store};
use crate::{
    app::App,
    keys::{self, Sealed},
};

const PLATFORM: &str = "platform:backup";

/// What a backup's key is sealed for.
fn owner(tenant: Uuid) -> String {
    format!("tenant:{tenant}:backup")
}

/// Seals a backup's key for its tenant, or for the platform itself.
pub async fn seal(db: &mut PgConnection, ring: &Keyring, tenant: Option<Uuid>, key: &StreamKey) -> Result<Sealed> {
    match tenant {
        Some(id) => keys::seal(db, ring, tenant, key.bytes(), &owner(id)).await,
        None => Ok(Sealed { bytes: ring.seal(key.bytes(), PLATFORM)?, key_id: ring.key_id.clone() }),
    }
}

/// Opens a key that was sealed for this tenant, or for the platform itself; another tenant's does not open.
pub async fn open(db: &mut PgConnection, ring: &Keyring, tenant: Option<Uuid>, sealed: &[u8]) -> Result<StreamKey> {
    match tenant {
        Some(id) => StreamKey::of(&keys::open(db, ring, tenant, sealed, &owner(id)).await?),
        None => open_platforms(ring, (sealed, "of the platform")),
    }
}

/// Opens the key of a backup of the control database, which may be gone.
pub fn open_platforms(ring: &Keyring, (sealed, key_id): (&[u8], &str)) -> Result<StreamKey> {
    let opened = ring.open(sealed, PLATFORM);
    StreamKey::of(&opened.map_err(|error| anyhow::anyhow!("{error}; it was sealed by key {key_id}"))?)
}

/// Seals the keys of all backups of the control database by the newest master key: first in the store, where each is
/// looked for when nothing else is left, then here. Until both are done, the former key opens one of them.
pub async fn renew(app: &App) -> Result<()> {
    let ring = &app.keys.ring;
    let behind = store::under_others(&mut *app.db.read().await?, &ring.key_id).await?;
    for (id, folder, sealed) in behind {
        let key = open_platforms(ring, (&sealed, "of the platform"))?;
        let sealed = Sealed { bytes: ring.seal(key.bytes(), PLATFORM)?, key_id: ring.key_id.clone() };
        objects::renew_key_note(&app.outside.storage, &folder, &sealed).await?;
        crash::point(|| "rotate_master.backups.one".to_owned());
        app.db.act(Author::system("keys"), &app.clock, async |act| store::put_key(act.db(), id, &sealed).await).await?;
    }
    Ok(())
}
