//! The views `app_access_changes` and `app_api_keys`. They lie in the control database, which the macros
//! of this crate do not see.

use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::{Error, Result};
use sqlx::PgPool;
use uuid::Uuid;

use super::keys::ApiKey;
use super::model::{Change, Row, Snapshot};

/// A control database that hangs is asked again.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The snapshot, and a row of the view if there is one.
type Seen = (String, Option<String>, Option<Uuid>, Option<i64>, Option<Uuid>, Option<i64>);

/// What has changed since a snapshot, and the snapshot that shows it. One statement sees one snapshot:
/// nothing falls between the two.
pub(super) async fn since(control: &PgPool, last: &Snapshot) -> Result<(Snapshot, Vec<Change>)> {
    let sql = "select pg_current_snapshot()::text as snapshot, c.kind, c.tenant_id, c.user_id, c.session_id, c.key_id
               from (values (1)) one
               left join app_access_changes c
                   on c.xid >= pg_snapshot_xmin($1::text::pg_snapshot) and not pg_visible_in_snapshot(c.xid, $1::text::pg_snapshot)";
    read(sqlx::query_as(sql).bind(&last.0).fetch_all(control)).await
}

/// What has changed in the last minutes, for whoever begins: everything that a living token could be
/// wrong about.
pub(super) async fn recent(control: &PgPool, kept: Duration) -> Result<(Snapshot, Vec<Change>)> {
    let sql = "select pg_current_snapshot()::text as snapshot, c.kind, c.tenant_id, c.user_id, c.session_id, c.key_id
               from (values (1)) one
               left join app_access_changes c on c.at > clock_timestamp() - make_interval(secs => $1)";
    read(sqlx::query_as(sql).bind(kept.as_secs_f64()).fetch_all(control)).await
}

async fn read(asking: impl Future<Output = sqlx::Result<Vec<Seen>>>) -> Result<(Snapshot, Vec<Change>)> {
    let away = || Error::Unavailable("control database");
    let seen = tokio::time::timeout(PATIENCE, asking).await.map_err(|_| away())??;
    let snapshot = seen.first().map(|first| Snapshot(first.0.clone())).ok_or_else(away)?;
    let rows =
        seen.into_iter().map(|(_, kind, tenant_id, user_id, session_id, key_id)| Row { kind, tenant_id, user_id, session_id, key_id });
    Ok((snapshot, rows.filter_map(|row| row.change()).collect()))
}

/// The key of that hash, if it was not taken back.
pub(super) async fn key(control: &PgPool, hash: &[u8]) -> Result<Option<ApiKey>> {
    let sql = "select id, tenant_id, user_id, scopes, expires_at from app_api_keys where hash = $1";
    let asking = sqlx::query_as(sql).bind(hash).fetch_optional(control);
    Ok(tokio::time::timeout(PATIENCE, asking).await.map_err(|_| Error::Unavailable("control database"))??)
}

/// The key of that id, if it was not taken back.
pub(super) async fn key_by_id(control: &PgPool, id: i64) -> Result<Option<ApiKey>> {
    let sql = "select id, tenant_id, user_id, scopes, expires_at from app_api_keys where id = $1";
    let asking = sqlx::query_as(sql).bind(id).fetch_optional(control);
    Ok(tokio::time::timeout(PATIENCE, asking).await.map_err(|_| Error::Unavailable("control database"))??)
}

/// Notes that a key was used. That it could not be noted is no failure of whoever uses it.
pub(super) async fn note_use(control: PgPool, key: i64, now: DateTime<Utc>) {
    let noting = sqlx::query("select app_key_used($1, $2)").bind(key).bind(now).execute(&control);
    if !matches!(tokio::time::timeout(PATIENCE, noting).await, Ok(Ok(_))) {
        tracing::debug!(key, "the use of a key is not noted");
    }
}
