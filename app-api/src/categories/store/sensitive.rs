//! The table `sensitive_fields`: which values of tickets are sealed, by their keys.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

/// Keys of sensitive fields, each with what proves the key that seals its values.
pub type Sensitive = BTreeMap<String, String>;

/// Those of these keys that are of sensitive fields, of ones that were put away too.
pub async fn sensitive(db: &mut PgConnection, keys: &[String]) -> Result<Sensitive> {
    let found = sqlx::query!("select key, proof from sensitive_fields where key = any($1)", keys);
    Ok(found.fetch_all(db).await?.into_iter().map(|row| (row.key, row.proof)).collect())
}

/// What the organisation's key has given when a field was marked first; none where no field ever was.
pub async fn proof(db: &mut PgConnection) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select proof from sensitive_fields order by marked_at, key limit 1").fetch_optional(db).await?)
}

/// Has the values under that key be sealed from now on. Who marks it again has all tickets looked at again.
pub async fn mark(db: &mut PgConnection, key: &str, proof: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into sensitive_fields (key, proof, marked_at)
         values ($1, $2, $3)
         on conflict (key) do update
         set marked_at = $3, seal_after = 0",
        key,
        proof,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A field under whose key values may still be in clear.
pub struct Unsealed {
    /// Its key.
    pub key: String,
    /// What proves the key that seals its values.
    pub proof: String,
    /// Since when it is sensitive.
    pub marked_at: DateTime<Utc>,
    /// The last ticket that was looked at.
    pub after: i64,
}

/// The one of these that waits longest. Nobody else gets it before the act ends.
pub async fn unsealed(db: &mut PgConnection) -> Result<Option<Unsealed>> {
    let found = sqlx::query_as!(
        Unsealed,
        r#"select key, proof, marked_at, seal_after as "after!"
         from sensitive_fields
         where seal_after is not null
         order by marked_at, key
         limit 1
         for update skip locked"#,
    );
    Ok(found.fetch_optional(db).await?)
}

/// Remembers up to which ticket values under that key are sealed; none: everywhere.
pub async fn sealed_up_to(db: &mut PgConnection, key: &str, last: Option<i64>) -> Result<()> {
    sqlx::query!("update sensitive_fields set seal_after = $2 where key = $1", key, last).execute(db).await?;
    Ok(())
}
