//! What a restore's job is told, and what its steps leave to each other. No IO.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::Result;
use uuid::Uuid;

use crate::{
    backups::{moment::Recovered, source::Source, store::Live},
    provisioning::target::Place,
};

/// See the module.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// What is restored.
    pub source: Source,
    /// As of when it is.
    pub as_of: DateTime<Utc>,
    /// What waited to be sent then is sent once more.
    pub resends: bool,
    /// The tenant's subdomain.
    pub slug: String,
    /// Where the live database is; the copy is made there, too.
    pub cluster_id: i64,
    /// The live database.
    pub database: String,
    /// Its role.
    pub role: String,
    /// The copy's database and role, which have one name, the sealed password unless Vault keeps it, and its key's id.
    placed: Option<(String, Option<Vec<u8>>, String)>,
    /// What a moment has become a backup of.
    #[serde(default)]
    pub recovered: Option<Recovered>,
    /// Files that were copied back.
    #[serde(default)]
    pub files_restored: i64,
    /// Keys of those that are nowhere.
    #[serde(default)]
    pub files_missing: Vec<String>,
    /// The newest seal of the copy's audit trail.
    pub seal: Option<(i64, Vec<u8>)>,
    /// The copy is ready to take the live one's place.
    #[serde(default)]
    pub is_ready: bool,
}

impl State {
    /// At the beginning.
    pub fn of(source: Source, live: Live, as_of: DateTime<Utc>, resends: bool) -> Self {
        let Live { slug, cluster_id, database, role } = live;
        let (files_restored, files_missing) = (0, Vec::new());
        Self {
            source,
            as_of,
            resends,
            slug,
            cluster_id,
            database,
            role,
            placed: None,
            recovered: None,
            files_restored,
            files_missing,
            seal: None,
            is_ready: false,
        }
    }

    /// With the backup that the moment has become.
    pub fn recovered(self, backup: Uuid, recovered: Recovered) -> Self {
        Self { source: Source::Backup { id: backup }, recovered: Some(recovered), ..self }
    }

    /// With the copy's names.
    pub fn placed(self, place: &Place, key_id: &str) -> Self {
        Self { placed: Some((place.database.clone(), place.sealed_password.clone(), key_id.to_owned())), ..self }
    }

    /// Where the copy is.
    pub fn place(&self) -> Result<Place> {
        let (name, password, _) = self.placed.clone().ok_or_else(|| anyhow::anyhow!("the copy has no place yet"))?;
        Ok(Place { cluster_id: self.cluster_id, database: name.clone(), role: name, sealed_password: password })
    }

    /// The id of the key that sealed the copy's password.
    pub fn key_id(&self) -> &str {
        self.placed.as_ref().map_or("", |placed| &placed.2)
    }
}
