//! Looking at files: which wait for it, and what was found.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

use crate::media::ScanStatus;

/// A file that waits to be looked at.
pub struct Unscanned {
    /// Its id.
    pub id: i64,
    /// Where it lies.
    pub file_path: String,
    /// Its bytes.
    pub file_size: i64,
    /// So often that was tried.
    pub scan_tries: i32,
}

/// Files that wait to be looked at and whose time has come, the longest waiting first.
pub async fn unscanned(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<Unscanned>> {
    let rows = sqlx::query_as!(
        Unscanned,
        "select id, file_path, file_size, scan_tries
         from ticket_attachments
         where scan_status = 'pending' and deleted_at is null and scan_at <= $1
         order by scan_at, id
         limit $2",
        now,
        limit,
    );
    Ok(rows.fetch_all(db).await?)
}

/// When the next file is to be looked at.
pub async fn next_scan(db: &mut PgConnection) -> Result<Option<DateTime<Utc>>> {
    let at = sqlx::query_scalar!("select min(scan_at) from ticket_attachments where scan_status = 'pending' and deleted_at is null");
    Ok(at.fetch_one(db).await?)
}

/// Puts a look off.
pub async fn put_off(db: &mut PgConnection, id: i64, until: DateTime<Utc>) -> Result<()> {
    let put = sqlx::query!(
        "update ticket_attachments set scan_at = $2, scan_tries = scan_tries + 1 where id = $1 and scan_status = 'pending'",
        id,
        until,
    );
    put.execute(db).await?;
    Ok(())
}

/// Whether others have the same object, or preview, and wait to be looked at, too.
pub async fn is_awaited(db: &mut PgConnection, path: &str) -> Result<bool> {
    let others = sqlx::query_scalar!(
        r#"select exists (
            select from ticket_attachments where (file_path = $1 or preview_path = $1) and scan_status = 'pending'
         ) as "exists!""#,
        path,
    );
    Ok(others.fetch_one(db).await?)
}

/// Has all files of that content looked at again that were found sound, or that nobody has looked at.
pub async fn look_again(db: &mut PgConnection, sha256: &str, now: DateTime<Utc>) -> Result<()> {
    let again = sqlx::query!(
        "update ticket_attachments
         set scan_status = 'pending', scan_at = $2, scan_tries = 0, updated_at = $2
         where sha256 = $1 and scan_status in ('clean', 'skipped') and deleted_at is null",
        sha256,
        now,
    );
    again.execute(db).await?;
    Ok(())
}

/// Writes what was found; false where it was written already.
pub async fn scanned(db: &mut PgConnection, id: i64, status: ScanStatus, found: Option<&str>, now: DateTime<Utc>) -> Result<bool> {
    let scanned = sqlx::query!(
        "update ticket_attachments
         set scan_status = $2, scan_found = $3, scan_at = $4, updated_at = $4
         where id = $1 and scan_status = 'pending'",
        id,
        status.as_str(),
        found,
        now,
    );
    Ok(scanned.execute(db).await?.rows_affected() > 0)
}
