//! The table `exports`.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{make::Archived, model::Export};

/// Every read of an export uses this one select list.
macro_rules! select_export {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Export,
            "select id, tenant_id, asked_by, asked_at, status, ready_at, expires_at, size from exports " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

pub async fn insert(db: &mut PgConnection, id: Uuid, (tenant, asked_by): (Uuid, i64), now: DateTime<Utc>) -> Result<Export> {
    sqlx::query!("insert into exports (id, tenant_id, asked_by, asked_at) values ($1, $2, $3, $4)", id, tenant, asked_by, now)
        .execute(&mut *db)
        .await
        .on_constraint("exports_one_at_a_time", || Error::conflict("export_under_way", "An export is being made already."))?;
    by_id(db, tenant, id).await?.ok_or(Error::NotFound("export_not_found"))
}

pub async fn by_id(db: &mut PgConnection, tenant: Uuid, id: Uuid) -> Result<Option<Export>> {
    Ok(select_export!("where tenant_id = $1 and id = $2", tenant, id).fetch_optional(db).await?)
}

pub async fn list(db: &mut PgConnection, tenant: Uuid, part: &Part<'_, Uuid>) -> Result<Vec<Export>> {
    Ok(select_part!(part, db, select_export!("where tenant_id = $3", "id", tenant))?)
}

pub async fn count(db: &mut PgConnection, tenant: Uuid) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from exports where tenant_id = $1"#, tenant).fetch_one(db).await?)
}

/// Says that an archive can be fetched.
pub async fn ready(db: &mut PgConnection, id: Uuid, made: &Archived, (now, until): (DateTime<Utc>, DateTime<Utc>)) -> Result<bool> {
    let ready = sqlx::query!(
        "update exports
         set status = 'ready', ready_at = $2, expires_at = $3, object_key = $4, size = $5, sealed_key = $6, key_id = $7
         where id = $1 and status = 'making'",
        id,
        now,
        until,
        made.object,
        made.size,
        made.sealed_key,
        made.key_id,
    );
    Ok(ready.execute(db).await?.rows_affected() == 1)
}

pub async fn failed(db: &mut PgConnection, id: Uuid) -> Result<bool> {
    let failed = sqlx::query!("update exports set status = 'failed' where id = $1 and status = 'making'", id);
    Ok(failed.execute(db).await?.rows_affected() == 1)
}

/// Ends the time of a tenant's archives but for so many of the newest: whoever takes archives away takes them next.
pub async fn end_all_but(db: &mut PgConnection, tenant: Uuid, most: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update exports
         set expires_at = $3
         where tenant_id = $1 and status = 'ready' and expires_at > $3 and id not in (
            select id from exports where tenant_id = $1 and status = 'ready' order by ready_at desc, id desc limit $2
         )",
        tenant,
        most,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Where the archive lies that can be fetched now, and its sealed key.
pub async fn archive(db: &mut PgConnection, tenant: Uuid, id: Uuid, now: DateTime<Utc>) -> Result<Option<Archived>> {
    let archive = sqlx::query_as!(
        Archived,
        r#"select object_key as "object!", size as "size!", sealed_key as "sealed_key!", key_id as "key_id!"
         from exports
         where tenant_id = $1 and id = $2 and status = 'ready' and expires_at > $3"#,
        tenant,
        id,
        now,
    );
    Ok(archive.fetch_optional(db).await?)
}

/// Archives whose time is over: whose they are, which, and their objects.
pub async fn over(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<(Uuid, Uuid, Option<String>)>> {
    let over =
        sqlx::query!("select tenant_id, id, object_key from exports where status = 'ready' and expires_at <= $1 limit $2", now, limit);
    Ok(over.fetch_all(db).await?.into_iter().map(|row| (row.tenant_id, row.id, row.object_key)).collect())
}

pub async fn expire(db: &mut PgConnection, id: Uuid) -> Result<bool> {
    let expired = sqlx::query!("update exports set status = 'expired', sealed_key = null where id = $1 and status = 'ready'", id);
    Ok(expired.execute(db).await?.rows_affected() == 1)
}

/// Which of these objects some file of the tenant has that is given to those who see it. It is the tenant's own database, whose schema
/// the macros of this crate do not see: the tests of exports run this statement.
pub async fn sound(tenants: &mut PgConnection, keys: &[String]) -> Result<Vec<String>> {
    let sql = "select key
         from unnest($1::text[]) as objects (key)
         where exists (
            select from ticket_attachments
            where file_path = key and deleted_at is null and scan_status in ('clean', 'skipped')
         ) or exists (
            select from ticket_attachments
            where preview_path = key and deleted_at is null and scan_status in ('clean', 'skipped')
         )";
    Ok(sqlx::query_scalar(sql).bind(keys).fetch_all(tenants).await?)
}
