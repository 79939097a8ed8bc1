//! Whose newest backup is how old: what the night's plan goes by, the latest first. Who has none yet waits since its
//! beginning: whoever has just come hides nobody.

use shared::Result;
use sqlx::PgConnection;

use super::{
    model::{Backup, Late, Without},
    store,
};

/// Tenants that are to have backups, as many as `limit` says, those that wait longest first.
pub async fn latest(db: &mut PgConnection, slug: Option<&str>, limit: i64) -> Result<Vec<Late>> {
    // Whoever is among the first of both is among the first of their own.
    let without = store::without(db, slug, limit).await?;
    let backups = store::newest_of_each(db, slug, limit).await?;
    Ok(first(without, backups, limit))
}

fn first(without: Vec<Without>, backups: Vec<Backup>, limit: i64) -> Vec<Late> {
    let backups = backups.into_iter().map(|backup| Late::Newest(Box::new(backup)));
    let mut all: Vec<Late> = without.into_iter().map(Late::Without).chain(backups).collect();
    all.sort_by_key(Late::since);
    all.truncate(usize::try_from(limit).unwrap_or_default());
    all
}
