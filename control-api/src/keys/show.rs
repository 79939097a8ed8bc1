//! Which keys there are.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{model::Left, store};

/// A data key as it stands; never the key itself.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Whose it is; none: the platform's own.
    pub tenant_id: Option<Uuid>,
    /// The tenant's subdomain.
    pub tenant: Option<String>,
    /// Its number.
    pub version: i32,
    /// The master key that wraps it.
    pub master_key_id: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when a newer one seals.
    pub retired_at: Option<DateTime<Utc>>,
}

/// How things stand with master keys.
#[derive(Debug, Clone, Serialize)]
pub struct Masters {
    /// The one that seals.
    pub newest: String,
    /// How many data keys each wraps.
    pub wraps: Vec<(String, i64)>,
    /// What is not under the newest.
    pub left: Left,
}

/// Data keys, the newest first, at most a thousand.
pub async fn list(db: &mut PgConnection, slug: Option<&str>) -> Result<Vec<Listed>> {
    store::list(db, slug).await
}

/// How things stand for whoever seals by the key of that id.
pub async fn masters(db: &mut PgConnection, newest: &str) -> Result<Masters> {
    Ok(Masters { newest: newest.to_owned(), wraps: store::wraps(db).await?, left: store::left(db, newest, None).await? })
}
