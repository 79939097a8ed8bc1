//! The tables `deletions` and `deletion_records`.

mod erase;

use chrono::{DateTime, Utc};
pub use erase::{any_member, erase_people, tenant_rows};
use serde_json::Value;
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{model::Deletion, record::Signed};
use crate::tenants::Status;

/// Every read of a deletion uses this one select list.
macro_rules! select_deletion {
    ($rest:literal, $tenant:expr) => {
        sqlx::query_as!(
            Deletion,
            r#"select tenant_id, returns_to as "returns_to: Status", asked_by, asked_at, delete_after, begun_at, removed
            from deletions
            where tenant_id = $1 "#
                + $rest,
            $tenant
        )
    };
}

pub async fn insert(db: &mut PgConnection, new: &Deletion) -> Result<()> {
    sqlx::query!(
        "insert into deletions (tenant_id, returns_to, asked_by, asked_at, delete_after)
         values ($1, $2, $3, $4, $5)",
        new.tenant_id,
        new.returns_to as Status,
        new.asked_by,
        new.asked_at,
        new.delete_after,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn find(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Deletion>> {
    Ok(select_deletion!("", tenant).fetch_optional(db).await?)
}

/// Locks the row: whoever takes it back and whoever carries it out follow each other.
pub async fn lock(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Deletion>> {
    Ok(select_deletion!("for update", tenant).fetch_optional(db).await?)
}

pub async fn remove(db: &mut PgConnection, tenant: Uuid) -> Result<()> {
    sqlx::query!("delete from deletions where tenant_id = $1", tenant).execute(db).await?;
    Ok(())
}

/// Tenants whose days of grace are over and whose data is there.
pub async fn due(db: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let due = sqlx::query_scalar!(
        "select tenant_id from deletions where begun_at is null and delete_after <= $1 order by delete_after limit 100",
        now,
    );
    Ok(due.fetch_all(db).await?)
}

pub async fn mark_begun(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update deletions set begun_at = $2 where tenant_id = $1", tenant, now).execute(db).await?;
    Ok(())
}

pub async fn set_removed(db: &mut PgConnection, tenant: Uuid, removed: &Value) -> Result<()> {
    sqlx::query!("update deletions set removed = $2 where tenant_id = $1", tenant, removed).execute(db).await?;
    Ok(())
}

pub async fn insert_record(db: &mut PgConnection, tenant: Uuid, signed: &Signed) -> Result<()> {
    sqlx::query!(
        "insert into deletion_records (tenant_id, record, hash, signature, key_id, made_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant,
        signed.record,
        signed.hash,
        signed.signature,
        signed.key_id,
        signed.made_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn record(db: &mut PgConnection, slug: &str) -> Result<Option<(Uuid, Signed)>> {
    let row = sqlx::query!(
        "select r.tenant_id, r.record, r.hash, r.signature, r.key_id, r.made_at
         from deletion_records r
         join tenants t on t.id = r.tenant_id
         where t.slug = $1",
        slug,
    );
    Ok(row.fetch_optional(db).await?.map(|row| {
        let signed = Signed { record: row.record, hash: row.hash, signature: row.signature, key_id: row.key_id, made_at: row.made_at };
        (row.tenant_id, signed)
    }))
}

pub async fn signed_by(db: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!("select distinct key_id from deletion_records limit 1000").fetch_all(db).await?)
}
