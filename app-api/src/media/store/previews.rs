//! Previews of files: which are to be made, and what became of them.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

/// A file that waits for its preview.
pub struct Undrawn {
    /// Its id.
    pub id: i64,
    /// Where it lies.
    pub file_path: String,
    /// Its type.
    pub mime_type: String,
    /// So often it was begun.
    pub preview_tries: i32,
}

/// Sound files whose previews have their time: by their ranks, the longest waiting first.
pub async fn undrawn(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<Undrawn>> {
    let rows = sqlx::query_as!(
        Undrawn,
        "select id, file_path, mime_type, preview_tries
         from ticket_attachments
         where preview = 'pending' and scan_status in ('clean', 'skipped') and deleted_at is null
            and (preview_at is null or preview_at <= $1)
         order by preview_rank, id
         limit $2",
        now,
        limit,
    );
    Ok(rows.fetch_all(db).await?)
}

/// When the next preview is to be made.
pub async fn next(db: &mut PgConnection) -> Result<Option<DateTime<Utc>>> {
    let at = sqlx::query_scalar!(
        "select min(coalesce(preview_at, created_at))
         from ticket_attachments
         where preview = 'pending' and scan_status in ('clean', 'skipped') and deleted_at is null",
    );
    Ok(at.fetch_one(db).await?)
}

/// Writes that a try begins, and when the next one may, should nothing be heard of it; false where another has begun, or there is
/// nothing to be made any more.
pub async fn begin(db: &mut PgConnection, id: i64, now: DateTime<Utc>, next: DateTime<Utc>) -> Result<bool> {
    let begun = sqlx::query!(
        "update ticket_attachments
         set preview_tries = preview_tries + 1, preview_at = $3
         where id = $1 and preview = 'pending' and (preview_at is null or preview_at <= $2)",
        id,
        now,
        next,
    );
    Ok(begun.execute(db).await?.rows_affected() > 0)
}

/// Puts a preview off: what was begun was no try, through no fault of the file's.
pub async fn put_off(db: &mut PgConnection, id: i64, until: DateTime<Utc>) -> Result<()> {
    let put_off = sqlx::query!(
        "update ticket_attachments
         set preview_tries = greatest(preview_tries - 1, 0), preview_at = $2
         where id = $1 and preview = 'pending'",
        id,
        until,
    );
    put_off.execute(db).await?;
    Ok(())
}

/// Writes that there is none and what there is instead.
pub async fn give_up(db: &mut PgConnection, id: i64, to: &str) -> Result<()> {
    sqlx::query!("update ticket_attachments set preview = $2 where id = $1 and preview = 'pending'", id, to).execute(db).await?;
    Ok(())
}

/// Gives a file its preview; false where it waits for none.
pub async fn drawn(
    db: &mut PgConnection,
    id: i64,
    path: &str,
    (exif, phash): (Option<&str>, Option<i64>),
    now: DateTime<Utc>,
) -> Result<bool> {
    let drawn = sqlx::query!(
        "update ticket_attachments
         set preview = 'ready', preview_path = $2, exif = $3, phash = $4, updated_at = $5
         where id = $1 and preview = 'pending'",
        id,
        path,
        exif,
        phash,
        now,
    );
    Ok(drawn.execute(db).await?.rows_affected() > 0)
}

/// Takes a file's preview from it, and says where that lies.
pub async fn forget(db: &mut PgConnection, id: i64) -> Result<Option<String>> {
    let path = sqlx::query_scalar!(
        r#"update ticket_attachments as a
         set preview = 'none', preview_path = null
         from (select id, preview_path from ticket_attachments where id = $1) as before
         where a.id = before.id
         returning before.preview_path as "preview_path?""#,
        id,
    );
    Ok(path.fetch_optional(db).await?.flatten())
}

/// What a camera has written into a file, sealed.
pub async fn exif(db: &mut PgConnection, id: i64) -> Result<Option<String>> {
    let sealed = sqlx::query_scalar!("select exif from ticket_attachments where id = $1", id);
    Ok(sealed.fetch_optional(db).await?.flatten())
}
