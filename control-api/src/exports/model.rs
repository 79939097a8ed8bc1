//! What an export is, as admins see it. No IO.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How long an archive can be fetched.
pub const KEPT: TimeDelta = TimeDelta::days(7);
/// How many archives of a tenant can be fetched at once: each is as large as all that it has.
pub const MOST: i64 = 3;

/// Everything that an organisation has here, as one archive.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Export {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    #[serde(skip)]
    pub tenant_id: Uuid,
    /// The admin who asked for it.
    pub asked_by: i64,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// `making`, `ready`, `failed` or `expired`.
    pub status: String,
    /// When it was ready.
    pub ready_at: Option<DateTime<Utc>>,
    /// Until when it can be fetched.
    pub expires_at: Option<DateTime<Utc>>,
    /// How many bytes it has.
    pub size: Option<i64>,
}
