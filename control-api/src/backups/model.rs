//! What a backup and a drill are, as operators see them. No IO.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A backup of a tenant's database and files, or of the control database.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Backup {
    /// Its id.
    pub id: Uuid,
    /// Whose it is; none: the control database.
    pub tenant_id: Option<Uuid>,
    /// That tenant's subdomain.
    pub tenant: Option<String>,
    /// As of when it is.
    pub taken_at: DateTime<Utc>,
    /// When it was complete.
    pub made_at: DateTime<Utc>,
    /// The last migration of the database.
    pub schema_version: i64,
    /// How many tables.
    pub tables: i32,
    /// Rows in all of them.
    pub row_count: i64,
    /// How long the dump is.
    pub dump_bytes: i64,
    /// Files that belong to it.
    pub files: i64,
    /// How many bytes they have.
    pub file_bytes: i64,
    /// Somebody asked for it: it is kept until somebody takes it away.
    pub is_kept: bool,
    /// What its objects' keys begin with.
    #[serde(skip)]
    pub folder: String,
    #[serde(skip)]
    pub(super) manifest_hash: Vec<u8>,
    #[serde(skip)]
    pub(super) sealed_key: Vec<u8>,
}

/// A tenant that is to have backups and has none.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TenantWithoutBackup)]
pub struct Without {
    /// The tenant.
    pub tenant_id: Uuid,
    /// Its subdomain.
    pub tenant: String,
    /// Since when it waits for its first one.
    pub since: DateTime<Utc>,
}

/// A tenant that is to have backups, by what says how late it is.
#[derive(Debug, Clone)]
pub enum Late {
    /// It has none.
    Without(Without),
    /// Its newest one.
    Newest(Box<Backup>),
}

impl Late {
    /// Since when it waits for the next one.
    pub fn since(&self) -> DateTime<Utc> {
        match self {
            Self::Without(without) => without.since,
            Self::Newest(backup) => backup.taken_at,
        }
    }
}

/// What became of restoring a backup for trial.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Drill {
    /// Its id.
    pub id: Uuid,
    /// The backup that was restored.
    pub backup_id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// That tenant's subdomain.
    pub tenant: String,
    /// As of when the backup was.
    pub taken_at: DateTime<Utc>,
    /// When the drill began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// Whether every table held what the backup says.
    pub is_equal: bool,
    /// Rows that were compared.
    pub row_count: i64,
    /// What was not equal, or why it came to no end.
    pub trouble: Option<String>,
}

impl Drill {
    /// Whether it was of a moment: that has become a backup which has the drill's id.
    pub(super) fn was_of_moment(&self) -> bool {
        self.backup_id == self.id
    }
}

/// What a restore has done, for the event that tells of it.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The tenant.
    pub tenant_id: Uuid,
    /// Its subdomain.
    pub slug: String,
    /// The backup.
    pub backup_id: Uuid,
    /// The tenant is as it was then.
    pub as_of: DateTime<Utc>,
    /// The database that it has now.
    pub database: String,
    /// Files that were copied back.
    pub files_restored: i64,
    /// Keys of files that are neither in the bucket nor in the backup.
    pub files_missing: Vec<String>,
    /// Whether what waited to be sent at that time is sent once more.
    pub resends: bool,
}
