//! What a run and its parts are. No IO.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[schema(as = MigrationState)]
pub enum RunState {
    /// Databases are worked on.
    Running,
    /// An operator holds it; what was begun is finished.
    Paused,
    /// It has stopped by itself, or another one has taken its place.
    Stopped,
    /// Nothing is left to do, though databases may have failed.
    Done,
}

/// How one database stands in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[schema(as = MigrationTargetState)]
pub enum TargetState {
    /// It waits for its turn, or for its next try.
    Pending,
    /// It is worked on.
    Running,
    /// It has the schema.
    Done,
    /// It was given up, as it was; its tenant is served by it.
    Failed,
}

/// A run as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Migration)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// The newest migration that databases get.
    pub target_version: i64,
    /// Says which files these are.
    pub digest: String,
    /// How it stands.
    pub state: RunState,
    /// Why it stands still; while it is worked on, the canaries that it waits for, each with what is done with it.
    pub reason: Option<String>,
    /// Databases of one cluster that are worked on at the same time.
    pub parallel: i32,
    /// It stops when more databases than this share of all have failed, in per cent.
    pub max_failures: f64,
    /// The wave that is worked on: 0 are the canaries; none when nothing is left.
    pub wave: Option<i16>,
    /// Databases in all.
    pub total: i64,
    /// Those that wait.
    pub pending: i64,
    /// Those that are worked on.
    pub running: i64,
    /// Those that have the schema.
    pub done: i64,
    /// Those that were given up.
    pub failed: i64,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Run {
    /// Whether nobody works on it any more.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, RunState::Stopped | RunState::Done)
    }

    /// Whether every database has the schema.
    pub fn has_succeeded(&self) -> bool {
        self.state == RunState::Done && self.failed == 0
    }
}

/// One database of a run.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MigrationTarget)]
pub struct Target {
    /// Its tenant's id.
    pub tenant_id: Uuid,
    /// Its tenant's subdomain.
    pub tenant: String,
    /// In which wave it is.
    pub wave: i16,
    /// How it stands.
    pub state: TargetState,
    /// How often it was tried.
    pub attempts: i32,
    /// The schema that it had.
    pub from_version: Option<i64>,
    /// The schema that it has.
    pub to_version: Option<i64>,
    /// Rows of all its tables before.
    pub rows_before: Option<i64>,
    /// Rows of all its tables after.
    pub rows_after: Option<i64>,
    /// Why the last try came to nothing.
    pub last_error: Option<String>,
    /// When it was first worked on.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = StartMigration)]
pub struct Wanted {
    /// Only this tenant's database, by its subdomain.
    #[schema(required = false)]
    pub tenant: Option<String>,
    /// Tenants whose databases go first, besides those that are marked as canaries.
    #[schema(required = false)]
    pub canaries: Vec<String>,
    /// Databases of one cluster that are worked on at the same time.
    #[schema(minimum = 1, maximum = 64, required = false)]
    pub parallel: u8,
    /// Stop when more databases than this share of all have failed, in per cent; one alone never stops a run
    /// unless this is 0.
    #[schema(minimum = 0, maximum = 100, required = false)]
    pub max_failures: f64,
    /// Begin it though the newest run is held; that one has ended then.
    #[schema(required = false)]
    pub replaces_held: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { tenant: None, canaries: Vec::new(), parallel: 4, max_failures: 1.0, replaces_held: false }
    }
}

impl Wanted {
    /// The field that is out of its range, if one is.
    pub fn wrong(&self) -> Option<&'static str> {
        if !(1..=64).contains(&self.parallel) {
            return Some("parallel");
        }
        // Not a number is in no range.
        if !(0.0..=100.0).contains(&self.max_failures) {
            return Some("max_failures");
        }
        None
    }
}

/// Which databases of a run.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those that stand so.
    pub state: Option<TargetState>,
}

/// A tenant that a run may be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: Uuid,
    /// Its subdomain.
    pub slug: String,
    /// It is marked to go first.
    pub is_canary: bool,
}

/// A database that is its holder's to migrate.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The run.
    pub run: Uuid,
    /// The tenant.
    pub tenant: Uuid,
    /// Which try this is.
    pub attempts: i32,
    pub(super) holder: Uuid,
}

/// What became of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The schema that it had.
    pub from: i64,
    /// The schema that it has.
    pub to: i64,
    /// The migrations that it has, the oldest first.
    pub versions: Vec<i64>,
    /// Rows of all its tables before.
    pub rows_before: i64,
    /// Rows of all its tables after.
    pub rows_after: i64,
    /// A digest of its schema.
    pub shape: String,
}
