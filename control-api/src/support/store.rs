//! The table `support_grants`.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use super::grant::SupportAccess;

/// Every read of a leave uses this one list of columns.
macro_rules! grants {
    ($before:literal + $first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            SupportAccess,
            $before + " id, tenant_id, hours, reason, granted_by, created_at, ends_at, ended_at " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

macro_rules! select_grant {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        grants!("select" + "from support_grants " + $first $(+ $rest)* $(, $arg)*)
    };
}

pub struct New<'a> {
    pub tenant_id: Uuid,
    pub granted_by: i64,
    pub hours: i32,
    pub reason: &'a str,
}

pub async fn insert(db: &mut PgConnection, new: &New<'_>, now: DateTime<Utc>, ends_at: DateTime<Utc>) -> Result<SupportAccess> {
    let inserted = grants!(
        "insert into support_grants (tenant_id, granted_by, hours, reason, created_at, ends_at)
        values ($1, $2, $3, $4, $5, $6)
        returning"
            + "",
        new.tenant_id,
        new.granted_by,
        new.hours,
        new.reason,
        now,
        ends_at,
    );
    let lasts = || Error::conflict("conflict", "Support has leave already; take it back first.");
    inserted.fetch_one(db).await.on_constraint("support_grants_open", lasts)
}

pub async fn list(db: &mut PgConnection, tenant: Uuid, part: &Part<'_, i64>) -> Result<Vec<SupportAccess>> {
    Ok(select_part!(part, db, select_grant!("where tenant_id = $3", "id", tenant))?)
}

pub async fn count(db: &mut PgConnection, tenant: Uuid) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from support_grants where tenant_id = $1"#, tenant);
    Ok(count.fetch_one(db).await?)
}

/// The leave that lasts, kept from ending until the act does.
pub async fn open(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<Option<SupportAccess>> {
    let open = select_grant!("where tenant_id = $1 and ended_at is null and ends_at > $2 for share", tenant, now);
    Ok(open.fetch_optional(db).await?)
}

/// Ends the leave, at the time that was set if that has passed.
pub async fn end(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>, over: bool) -> Result<Option<SupportAccess>> {
    let ended = grants!(
        "update support_grants
        set ended_at = least($2, ends_at)
        where tenant_id = $1 and ended_at is null and (ends_at <= $2 or not $3::bool)
        returning"
            + "",
        tenant,
        now,
        over,
    );
    Ok(ended.fetch_optional(db).await?)
}

/// Tenants whose leave has ended by itself, and nobody has written that down.
pub async fn over(db: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let over = sqlx::query_scalar!("select tenant_id from support_grants where ended_at is null and ends_at <= $1", now);
    Ok(over.fetch_all(db).await?)
}
