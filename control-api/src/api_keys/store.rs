//! The table `api_keys`.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use super::ApiKey;
use crate::events::Whom;

/// Every read of a key uses this one select list.
macro_rules! select_key {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            ApiKey,
            "select id, tenant_id, user_id, name, prefix, scopes, expires_at, last_used_at, created_at from api_keys " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A key that is about to be.
pub struct New<'a> {
    pub whom: Whom,
    pub name: &'a str,
    pub prefix: &'a str,
    pub hash: &'a [u8],
    pub scopes: &'a [String],
    pub expires_at: Option<DateTime<Utc>>,
}

pub async fn insert(db: &mut PgConnection, new: New<'_>, now: DateTime<Utc>) -> Result<ApiKey> {
    let inserted = sqlx::query_as!(
        ApiKey,
        "insert into api_keys (tenant_id, user_id, name, prefix, hash, scopes, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         returning id, tenant_id, user_id, name, prefix, scopes, expires_at, last_used_at, created_at",
        new.whom.tenant_id,
        new.whom.user_id,
        new.name,
        new.prefix,
        new.hash,
        new.scopes,
        new.expires_at,
        now,
    );
    Ok(inserted.fetch_one(db).await?)
}

/// How many keys the tenant has that were not taken back.
pub async fn count(db: &mut PgConnection, tenant: Uuid) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from api_keys where tenant_id = $1 and revoked_at is null"#, tenant);
    Ok(count.fetch_one(db).await?)
}

pub async fn list(db: &mut PgConnection, tenant: Uuid, part: &Part<'_, i64>) -> Result<Vec<ApiKey>> {
    Ok(select_part!(part, db, select_key!("where tenant_id = $3 and revoked_at is null", "id", tenant))?)
}

/// The key of that hash, if it was not taken back.
pub async fn by_hash(db: &mut PgConnection, hash: &[u8]) -> Result<Option<ApiKey>> {
    Ok(select_key!("where hash = $1 and revoked_at is null", hash).fetch_optional(db).await?)
}

/// Notes that a key was used, at most once a minute.
pub async fn touch(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update api_keys
         set last_used_at = $2
         where id = $1 and (last_used_at is null or last_used_at < $3)",
        id,
        now,
        now - TimeDelta::minutes(1),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn revoke(db: &mut PgConnection, tenant: Uuid, id: i64, now: DateTime<Utc>) -> Result<Option<ApiKey>> {
    let revoked = sqlx::query_as!(
        ApiKey,
        "update api_keys
         set revoked_at = $3
         where tenant_id = $1 and id = $2 and revoked_at is null
         returning id, tenant_id, user_id, name, prefix, scopes, expires_at, last_used_at, created_at",
        tenant,
        id,
        now,
    );
    Ok(revoked.fetch_optional(db).await?)
}

/// Takes back the keys of a person, of any age or made since then.
pub async fn revoke_of(db: &mut PgConnection, user: i64, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Vec<ApiKey>> {
    let revoked = sqlx::query_as!(
        ApiKey,
        "update api_keys
         set revoked_at = $3
         where user_id = $1 and ($2::timestamptz is null or created_at >= $2) and revoked_at is null
         returning id, tenant_id, user_id, name, prefix, scopes, expires_at, last_used_at, created_at",
        user,
        since,
        now,
    );
    Ok(revoked.fetch_all(db).await?)
}

pub async fn revoke_by(db: &mut PgConnection, whom: Whom, now: DateTime<Utc>) -> Result<Vec<ApiKey>> {
    let revoked = sqlx::query_as!(
        ApiKey,
        "update api_keys
         set revoked_at = $3
         where tenant_id = $1 and user_id = $2 and revoked_at is null
         returning id, tenant_id, user_id, name, prefix, scopes, expires_at, last_used_at, created_at",
        whom.tenant_id,
        whom.user_id,
        now,
    );
    Ok(revoked.fetch_all(db).await?)
}
