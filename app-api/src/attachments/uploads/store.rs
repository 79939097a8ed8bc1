//! The tables `media_uploads` and `media_upload_parts`.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::{Progress, State, Upload};
use crate::{media::Amount, people::PersonId};

struct Row {
    id: Uuid,
    ticket_id: i64,
    message_id: Option<i64>,
    awaits_message: bool,
    original_name: String,
    declared_type: Option<String>,
    length: i64,
    received: i64,
    state: String,
    attachment_id: Option<i64>,
    expires_at: DateTime<Utc>,
}

impl From<Row> for Upload {
    fn from(row: Row) -> Self {
        let progress = Progress {
            id: row.id,
            state: State::parse(&row.state),
            offset: row.received,
            length: row.length,
            attachment_id: row.attachment_id,
            expires_at: row.expires_at,
        };
        Self {
            progress,
            ticket_id: row.ticket_id,
            message_id: row.message_id,
            awaits_message: row.awaits_message,
            original_name: row.original_name,
            declared_type: row.declared_type,
        }
    }
}

/// What is written of a new upload.
pub(super) struct NewUpload<'a> {
    pub ticket_id: i64,
    pub message_id: Option<i64>,
    pub awaits_message: bool,
    pub original_name: &'a str,
    pub declared_type: Option<&'a str>,
    pub length: i64,
    pub by: (PersonId, bool),
}

/// Writes a new one.
pub(super) async fn insert(db: &mut PgConnection, new: &NewUpload<'_>, (now, until): (DateTime<Utc>, DateTime<Utc>)) -> Result<Upload> {
    let row = sqlx::query_as!(
        Row,
        "insert into media_uploads (ticket_id, message_id, awaits_message, original_name, declared_type, length, uploaded_by, by_staff,
            created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         returning id, ticket_id, message_id, awaits_message, original_name, declared_type, length, received, state, attachment_id,
            expires_at",
        new.ticket_id,
        new.message_id,
        new.awaits_message,
        new.original_name,
        new.declared_type,
        new.length,
        new.by.0,
        new.by.1,
        now,
        until,
    );
    Ok(row.fetch_one(db).await?.into())
}

/// Somebody's own upload.
pub(super) async fn find(db: &mut PgConnection, id: Uuid, by: PersonId) -> Result<Option<Upload>> {
    let row = sqlx::query_as!(
        Row,
        "select id, ticket_id, message_id, awaits_message, original_name, declared_type, length, received, state, attachment_id, expires_at
         from media_uploads
         where id = $1 and uploaded_by = $2",
        id,
        by,
    );
    Ok(row.fetch_optional(db).await?.map(Into::into))
}

/// How much of somebody's is under way, or of everybody's.
pub(super) async fn coming(db: &mut PgConnection, by: Option<PersonId>, now: DateTime<Utc>) -> Result<Amount> {
    let row = sqlx::query!(
        r#"select coalesce(sum(length), 0)::bigint as "bytes!", count(*) as "files!"
         from media_uploads
         where state = 'coming' and expires_at > $2 and ($1::bigint is null or uploaded_by = $1)"#,
        by,
        now,
    );
    let row = row.fetch_one(db).await?;
    Ok(Amount { bytes: row.bytes, files: row.files, today: 0 })
}

/// A part of an upload that lies in the store.
pub(super) struct Part {
    pub start: i64,
    pub length: i64,
    pub key: String,
}

/// Says that a stored part is the upload's next one; false where another came first, or where its object was given up meanwhile. All
/// of it in one statement: of two that send the same bytes one wins, and no upload goes on without its piece.
pub(super) async fn keep(db: &mut PgConnection, id: Uuid, part: &Part, now: DateTime<Utc>) -> Result<bool> {
    let kept = sqlx::query_scalar!(
        r#"with held as (
            select key from media_objects where key = $4 and state = 'writing' for update
         ), moved as (
            update media_uploads set received = received + $3
            where id = $1 and received = $2 and state = 'coming' and expires_at > $5 and exists (select from held)
            returning id
         ), settled as (
            update media_objects set state = 'stored', touched_at = $5
            where key in (select key from held) and exists (select from moved)
            returning key
         ), kept as (
            insert into media_upload_parts (upload_id, start, length, key)
            select m.id, $2, $3, s.key from moved m, settled s
            returning 1
         )
         select (select count(*) from moved) = 1 as "kept!""#,
        id,
        part.start,
        part.length,
        part.key,
        now,
    );
    Ok(kept.fetch_one(db).await?)
}

/// The parts of an upload, in their order.
pub(super) async fn parts(db: &mut PgConnection, id: Uuid) -> Result<Vec<Part>> {
    let parts = sqlx::query_as!(Part, "select start, length, key from media_upload_parts where upload_id = $1 order by start", id);
    Ok(parts.fetch_all(db).await?)
}

/// Says what an upload that had come so far has become; false where it has gone on or ended meanwhile. Its parts go.
pub(super) async fn become_file(db: &mut PgConnection, id: Uuid, received: i64, attachment: i64) -> Result<bool> {
    let done = sqlx::query!(
        "update media_uploads
         set state = 'done', received = length, attachment_id = $3
         where id = $1 and received = $2 and state = 'coming'",
        id,
        received,
        attachment,
    );
    if done.execute(&mut *db).await?.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("delete from media_upload_parts where upload_id = $1", id).execute(db).await?;
    Ok(true)
}

/// Says that an upload was refused. Its parts go.
pub(super) async fn refuse(db: &mut PgConnection, id: Uuid) -> Result<()> {
    let refused = sqlx::query!(
        "with refused as (update media_uploads set state = 'refused' where id = $1 and state = 'coming' returning id)
         delete from media_upload_parts where upload_id in (select id from refused)",
        id,
    );
    refused.execute(db).await?;
    Ok(())
}

/// Forgets an upload of somebody's; false where there is none.
pub(super) async fn forget(db: &mut PgConnection, id: Uuid, by: PersonId) -> Result<bool> {
    let gone = sqlx::query!("delete from media_uploads where id = $1 and uploaded_by = $2", id, by);
    Ok(gone.execute(db).await?.rows_affected() > 0)
}

/// Forgets uploads whose time is over, and says how many.
pub(super) async fn forget_expired(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let gone = sqlx::query!(
        "delete from media_uploads
         where id = any(array(select id from media_uploads where expires_at <= $1 order by expires_at limit $2))",
        now,
        limit,
    );
    Ok(gone.execute(db).await?.rows_affected())
}
