//! The one place that seals backups' keys, and opens them.

use shared::{Result, seal::Sealer, sealed_stream::StreamKey};
use uuid::Uuid;

/// A key as it is kept.
pub struct Sealed {
    /// The key, sealed.
    pub bytes: Vec<u8>,
    /// The id of the key that sealed it.
    pub key_id: String,
}

/// What a backup's key is sealed for.
fn owner(tenant: Option<Uuid>) -> String {
    tenant.map_or_else(|| "platform:backup".to_owned(), |id| format!("tenant:{id}:backup"))
}

/// Seals a backup's key for its tenant, or for the platform itself.
pub fn seal(sealer: &Sealer, tenant: Option<Uuid>, key: &StreamKey) -> Result<Sealed> {
    Ok(Sealed { bytes: sealer.seal(key.bytes(), &owner(tenant))?, key_id: sealer.key_id.clone() })
}

/// Opens a key that was sealed for this tenant, by the key of that id; another tenant's does not open.
pub fn open(sealer: &Sealer, tenant: Option<Uuid>, (sealed, key_id): (&[u8], &str)) -> Result<StreamKey> {
    let opened = sealer.open(sealed, &owner(tenant));
    StreamKey::of(&opened.map_err(|error| anyhow::anyhow!("{error}; it was sealed by key {key_id}"))?)
}
