//! The tables of files.

pub mod compared;
pub mod moderation;
pub mod objects;
pub mod previews;
pub mod scans;
mod taken;
pub mod usage;

use chrono::{DateTime, Utc};
use shared::{
    Result,
    page::{Part, Rows},
    select_part,
};
use sqlx::PgConnection;
pub use taken::categories;

use super::{
    model::{Attachment, Facts, PreviewStatus, ScanStatus},
    preview::Rank,
};
use crate::people::PersonId;

struct Row {
    id: i64,
    ticket_id: i64,
    message_id: Option<i64>,
    note: Option<bool>,
    awaits_message: bool,
    original_name: String,
    filename: String,
    file_path: String,
    mime_type: String,
    file_size: i64,
    sha256: String,
    scan_status: String,
    width: Option<i32>,
    height: Option<i32>,
    preview: String,
    preview_path: Option<String>,
    uploaded_by: i64,
    by_staff: bool,
    created_at: DateTime<Utc>,
}

impl From<Row> for Attachment {
    fn from(row: Row) -> Self {
        let facts = Facts { uploaded_by: row.uploaded_by, by_staff: row.by_staff, note: row.note, awaits_message: row.awaits_message };
        Self {
            id: row.id,
            ticket_id: row.ticket_id,
            message_id: row.message_id,
            awaits_message: row.message_id.is_none() && row.awaits_message,
            original_name: row.original_name,
            filename: row.filename,
            mime_type: row.mime_type,
            file_size: row.file_size,
            sha256: row.sha256,
            scan_status: ScanStatus::parse(&row.scan_status),
            width: row.width,
            height: row.height,
            preview: PreviewStatus::parse(&row.preview),
            preview_url: None,
            exif: None,
            uploaded_by: row.uploaded_by,
            url: None,
            url_expires_at: None,
            created_at: row.created_at,
            facts,
            file_path: row.file_path,
            preview_path: row.preview_path,
        }
    }
}

/// Every read of a file uses this one select list.
macro_rules! select_file {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select a.id, a.ticket_id, a.message_id, m.is_internal as "note?", a.awaits_message, a.original_name, a.filename,
                a.file_path, a.mime_type, a.file_size, a.sha256, a.scan_status, a.width, a.height, a.preview, a.preview_path,
                a.uploaded_by, a.by_staff, a.created_at
            from ticket_attachments a
            left join ticket_messages m on m.id = a.message_id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A file that was not taken away.
pub async fn find(db: &mut PgConnection, id: i64) -> Result<Option<Attachment>> {
    let row = select_file!("where a.id = $1 and a.deleted_at is null", id);
    Ok(row.fetch_optional(db).await?.map(Into::into))
}

/// A file, taken away or not, until it is forgotten.
pub async fn find_ever(db: &mut PgConnection, id: i64) -> Result<Option<Attachment>> {
    let row = select_file!("where a.id = $1", id);
    Ok(row.fetch_optional(db).await?.map(Into::into))
}

/// One that was not taken away, for whoever is about to change it.
pub async fn lock(db: &mut PgConnection, id: i64) -> Result<Option<Attachment>> {
    let row = select_file!("where a.id = $1 and a.deleted_at is null for update of a", id);
    Ok(row.fetch_optional(db).await?.map(Into::into))
}

/// A part of a ticket's files, those that these eyes see: [`Facts::are_seen_by`], against which `it/attachments_seen.rs` holds this and
/// the number of them.
pub async fn of_ticket(
    db: &mut PgConnection,
    ticket_id: i64,
    (me, is_staff): (PersonId, bool),
    part: &Part<'_, i64>,
) -> Result<Rows<Attachment>> {
    let rows = select_part!(
        part,
        db,
        select_file!(
            "where a.ticket_id = $3 and a.deleted_at is null and case
                when m.id is not null then $5 or not m.is_internal
                when a.awaits_message then a.uploaded_by = $4
                else $5 or a.uploaded_by = $4 or not a.by_staff
             end",
            "a.id",
            ticket_id,
            me,
            is_staff
        ),
        |_: &Row| 0
    )?;
    Ok(rows.map(Into::into))
}

/// How many files of a ticket these eyes see.
pub async fn count_of_ticket(db: &mut PgConnection, ticket_id: i64, (me, is_staff): (PersonId, bool)) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from ticket_attachments a
         left join ticket_messages m on m.id = a.message_id
         where a.ticket_id = $1 and a.deleted_at is null and case
            when m.id is not null then $3 or not m.is_internal
            when a.awaits_message then a.uploaded_by = $2
            else $3 or a.uploaded_by = $2 or not a.by_staff
         end"#,
        ticket_id,
        me,
        is_staff,
    );
    Ok(count.fetch_one(db).await?)
}

/// The files of some messages, in the order in which they came.
pub async fn of_messages(db: &mut PgConnection, messages: &[i64]) -> Result<Vec<Attachment>> {
    let rows = select_file!("where a.message_id = any($1) and a.deleted_at is null order by a.id", messages);
    Ok(rows.fetch_all(db).await?.into_iter().map(Into::into).collect())
}

/// Those of these files that were not taken away.
pub async fn these(db: &mut PgConnection, ids: &[i64]) -> Result<Vec<Attachment>> {
    let rows = select_file!("where a.id = any($1) and a.deleted_at is null", ids);
    Ok(rows.fetch_all(db).await?.into_iter().map(Into::into).collect())
}

/// What is written of a new file.
pub struct NewFile<'a> {
    /// The ticket.
    pub ticket_id: i64,
    /// The message.
    pub message_id: Option<i64>,
    /// Whether it waits for one.
    pub awaits_message: bool,
    /// To be shown.
    pub original_name: &'a str,
    /// To be saved under.
    pub filename: &'a str,
    /// Where it lies.
    pub file_path: &'a str,
    /// Its type.
    pub mime_type: &'a str,
    /// Its bytes.
    pub file_size: i64,
    /// Its hash.
    pub sha256: &'a str,
    /// Its category.
    pub category: &'a str,
    /// Whether it waits to be looked at.
    pub scan_status: ScanStatus,
    /// Width and height.
    pub size: Option<(i32, i32)>,
    /// Its preview, if there is to be one.
    pub preview: Option<Rank>,
    /// Who sent it, and whether from the staff's side.
    pub by: (PersonId, bool),
}

/// Writes a new file.
pub async fn insert(db: &mut PgConnection, new: &NewFile<'_>, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into ticket_attachments (ticket_id, message_id, awaits_message, original_name, filename, file_path, mime_type,
            file_size, sha256, media_category, scan_status, scan_at, width, height, preview, preview_rank, uploaded_by, by_staff,
            created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $16, $12, $13, $17, $18, $14, $15, $16, $16)
         returning id",
        new.ticket_id,
        new.message_id,
        new.awaits_message,
        new.original_name,
        new.filename,
        new.file_path,
        new.mime_type,
        new.file_size,
        new.sha256,
        new.category,
        new.scan_status.as_str(),
        new.size.map(|(width, _)| width),
        new.size.map(|(_, height)| height),
        new.by.0,
        new.by.1,
        now,
        new.preview.map_or("none", |_| "pending"),
        new.preview.unwrap_or(Rank::Medium) as i16,
    );
    Ok(id.fetch_one(db).await?)
}

/// Gives files that wait for a message of their uploader's to this one, and says which: each has one owner (C14).
pub async fn link(db: &mut PgConnection, ids: &[i64], (ticket, message): (i64, i64), by: PersonId, now: DateTime<Utc>) -> Result<Vec<i64>> {
    let linked = sqlx::query_scalar!(
        "update ticket_attachments
         set message_id = $3, updated_at = $5
         where id = any($1) and ticket_id = $2 and uploaded_by = $4 and message_id is null and deleted_at is null
            and scan_status <> 'infected'
         returning id",
        ids,
        ticket,
        message,
        by,
        now,
    );
    Ok(linked.fetch_all(db).await?)
}

/// Takes a file away from everybody's sight; false for one that is gone already.
pub async fn remove(db: &mut PgConnection, id: i64, by: Option<PersonId>, now: DateTime<Utc>) -> Result<bool> {
    let removed = sqlx::query!(
        "update ticket_attachments set deleted_at = $3, deleted_by = $2, updated_at = $3 where id = $1 and deleted_at is null",
        id,
        by,
        now,
    );
    Ok(removed.execute(db).await?.rows_affected() > 0)
}

/// Files that nobody has linked within their day.
pub async fn left_waiting(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select id
         from ticket_attachments
         where awaits_message and message_id is null and deleted_at is null and created_at < $1
         order by created_at
         limit $2",
        before,
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}

/// Forgets rows of files that were taken away before then; their objects lose their owner by that.
pub async fn forget_removed(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    let gone = sqlx::query!(
        "delete from ticket_attachments
         where id = any(array(select id from ticket_attachments where deleted_at < $1 order by deleted_at limit $2))",
        before,
        limit,
    );
    Ok(gone.execute(db).await?.rows_affected())
}

/// Makes files go with their messages into another ticket.
pub async fn move_with(db: &mut PgConnection, messages: &[i64], to: i64) -> Result<()> {
    sqlx::query!("update ticket_attachments set ticket_id = $2 where message_id = any($1)", messages, to).execute(db).await?;
    Ok(())
}

/// Makes what is a ticket's own another one's, which remembers whose it was.
pub async fn join(db: &mut PgConnection, from: i64, to: i64) -> Result<()> {
    let joined = sqlx::query!(
        "update ticket_attachments set ticket_id = $2, origins = origins || $1 where ticket_id = $1 and message_id is null",
        from,
        to,
    );
    joined.execute(db).await?;
    Ok(())
}

/// Gives a ticket back what became another one's.
pub async fn part(db: &mut PgConnection, from: i64, to: i64) -> Result<()> {
    let parted = sqlx::query!(
        "update ticket_attachments
         set ticket_id = $2, origins = trim_array(origins, 1)
         where ticket_id = $1 and message_id is null and origins[cardinality(origins)] = $2",
        from,
        to,
    );
    parted.execute(db).await?;
    Ok(())
}

/// Files of a message in which nothing was found, locked, in the order in which they came.
pub async fn lock_sound_of(db: &mut PgConnection, message: i64) -> Result<Vec<Attachment>> {
    let rows = select_file!(
        "where a.message_id = $1 and a.deleted_at is null and a.scan_status <> 'infected' order by a.id for update of a",
        message
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(Into::into).collect())
}

/// Gives a ticket files once more, as they are: each lies once in the store, and so does its preview. What a camera wrote is sealed
/// for one file.
pub async fn copy(db: &mut PgConnection, ids: &[i64], to: i64, now: DateTime<Utc>) -> Result<()> {
    let copied = sqlx::query!(
        "insert into ticket_attachments (ticket_id, original_name, filename, file_path, mime_type, file_size, sha256, media_category,
            scan_status, scan_found, scan_at, width, height, preview, preview_path, preview_rank, phash, uploaded_by, by_staff,
            created_at, updated_at)
         select $2, original_name, filename, file_path, mime_type, file_size, sha256, media_category, scan_status, scan_found,
            scan_at, width, height, preview, preview_path, preview_rank, phash, uploaded_by, by_staff, created_at, $3
         from ticket_attachments
         where id = any($1)
         order by id",
        ids,
        to,
        now,
    );
    copied.execute(db).await?;
    Ok(())
}

/// Makes at most so many files of one sender another's; says how many there were, and how many and which bytes of them take room.
pub async fn hand_over(db: &mut PgConnection, (from, to): (PersonId, PersonId), limit: i64) -> Result<(i64, i64, i64)> {
    let handed = sqlx::query!(
        r#"with handed as (
            update ticket_attachments
            set uploaded_by = $2
            where id = any(array(select id from ticket_attachments where uploaded_by = $1 order by id limit $3))
            returning file_size, deleted_at is null and scan_status <> 'infected' as takes_room
         )
         select count(*) as "all!", count(*) filter (where takes_room) as "files!",
            coalesce(sum(file_size) filter (where takes_room), 0)::bigint as "bytes!"
         from handed"#,
        from,
        to,
        limit,
    );
    let handed = handed.fetch_one(db).await?;
    Ok((handed.all, handed.files, handed.bytes))
}
