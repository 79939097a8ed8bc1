//! The table `sensitive_fields`: which values of tickets are sealed, by their keys.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

/// The keys of all fields that are sensitive, of ones that were put away too.
pub async fn sensitive(db: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!("select key from sensitive_fields order by key limit 1000").fetch_all(db).await?)
}

/// Has the values under that key be sealed from now on; twice is once.
pub async fn mark(db: &mut PgConnection, key: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("insert into sensitive_fields (key, marked_at) values ($1, $2) on conflict do nothing", key, now).execute(db).await?;
    Ok(())
}

/// A key marked before that time under which values may still be in clear, and the last ticket that was looked at. Nobody else
/// gets it before the act ends.
pub async fn unsealed(db: &mut PgConnection, before: DateTime<Utc>) -> Result<Option<(String, i64)>> {
    let found = sqlx::query!(
        r#"select key, seal_after as "seal_after!"
         from sensitive_fields
         where seal_after is not null and marked_at < $1
         order by marked_at, key
         limit 1
         for update skip locked"#,
        before,
    );
    Ok(found.fetch_optional(db).await?.map(|row| (row.key, row.seal_after)))
}

/// Remembers up to which ticket values under that key are sealed; none: everywhere.
pub async fn sealed_up_to(db: &mut PgConnection, key: &str, last: Option<i64>) -> Result<()> {
    sqlx::query!("update sensitive_fields set seal_after = $2 where key = $1", key, last).execute(db).await?;
    Ok(())
}
