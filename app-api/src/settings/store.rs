//! The table `settings`, as far as this plane owns it.

use shared::Result;
use sqlx::PgConnection;

use crate::people::Reach;

/// How far agents see.
pub(super) async fn reach(db: &mut PgConnection) -> Result<Reach> {
    let word = sqlx::query_scalar!("select agents_see from settings").fetch_optional(db).await?;
    Ok(Reach::of(word.as_deref()))
}

/// The same, and nobody else changes it before the act ends.
pub(super) async fn hold_reach(db: &mut PgConnection) -> Result<Reach> {
    let word = sqlx::query_scalar!("select agents_see from settings for update").fetch_optional(db).await?;
    Ok(Reach::of(word.as_deref()))
}

/// Sets how far agents see.
pub(super) async fn set_reach(db: &mut PgConnection, to: Reach) -> Result<()> {
    sqlx::query!("update settings set agents_see = $1", to.as_str()).execute(db).await?;
    Ok(())
}
