//! Whose newest backup is how old: what the night's plan goes by, the latest first.

use shared::Result;
use sqlx::PgConnection;

use super::{model::Latest, store};

/// Tenants that are to have backups and have none, those that wait longest first, and then the newest backup of each
/// other, the oldest first: `limit` of both together.
pub async fn latest(db: &mut PgConnection, slug: Option<&str>, limit: i64) -> Result<Latest> {
    let without = store::without(db, slug, limit).await?;
    let backups = store::newest_of_each(db, slug, limit - without.len() as i64).await?;
    Ok(Latest { without, backups })
}
