//! The table `moderation_hashes`.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part};
use sqlx::PgConnection;

use crate::{
    media::moderation::{ModerationHash, Verdict},
    people::PersonId,
};

/// So many contents are judged at most.
pub const MOST: i64 = 10_000;

struct Row {
    id: i64,
    sha256: String,
    has_likeness: bool,
    status: String,
    note: Option<String>,
    created_by: i64,
    updated_by: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for ModerationHash {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            sha256: row.sha256,
            has_likeness: row.has_likeness,
            status: Verdict::parse(&row.status),
            note: row.note,
            created_by: row.created_by,
            updated_by: row.updated_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

macro_rules! select_hash {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select h.id, h.sha256, h.phash is not null as "has_likeness!", h.status, h.note, h.created_by, h.updated_by, h.created_at,
                h.updated_at
            from moderation_hashes h "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A part of what was judged so.
pub async fn list(db: &mut PgConnection, status: Option<Verdict>, part: &Part<'_, i64>) -> Result<Vec<ModerationHash>> {
    let status = status.map(Verdict::as_str);
    let rows = select_part!(part, db, select_hash!("where ($3::text is null or h.status = $3)", "h.id", status))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How much was judged so.
pub async fn count(db: &mut PgConnection, status: Option<Verdict>) -> Result<i64> {
    let status = status.map(Verdict::as_str);
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from moderation_hashes where ($1::text is null or status = $1)"#, status);
    Ok(count.fetch_one(db).await?)
}

/// One, which nobody else changes before the act ends.
pub async fn lock(db: &mut PgConnection, id: i64) -> Result<ModerationHash> {
    let row = select_hash!("where h.id = $1 for update", id).fetch_optional(db).await?;
    row.map(Into::into).ok_or(Error::NotFound("not_found"))
}

/// Holds what is judged of a content until the act ends: those who bring it hold it together, whoever rejects it alone.
pub async fn hold(db: &mut PgConnection, sha256: &str, is_alone: bool) -> Result<()> {
    let held = match is_alone {
        true => sqlx::query("select pg_advisory_xact_lock(hashtextextended('content ' || $1, 0))"),
        false => sqlx::query("select pg_advisory_xact_lock_shared(hashtextextended('content ' || $1, 0))"),
    };
    held.bind(sha256).execute(db).await?;
    Ok(())
}

/// Whether a content is refused.
pub async fn is_rejected(db: &mut PgConnection, sha256: &str) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from moderation_hashes where sha256 = $1 and status = 'rejected') as "exists!""#,
        sha256,
    );
    Ok(found.fetch_one(db).await?)
}

/// Has a picture judged that is as near to a rejected one, in the name of whoever rejected that; none where it is not, or was judged
/// already.
pub async fn suspect(db: &mut PgConnection, sha256: &str, (phash, near): (i64, i64), now: DateTime<Utc>) -> Result<Option<i64>> {
    let suspected = sqlx::query_scalar!(
        "insert into moderation_hashes (sha256, phash, status, created_by, updated_by, created_at, updated_at)
         select $1, $2, 'pending', updated_by, updated_by, $4, $4
         from moderation_hashes
         where status = 'rejected' and phash is not null and bit_count((phash # $2)::bit(64)) <= $3
            and (select count(*) from moderation_hashes) < $5
         order by id
         limit 1
         on conflict (sha256) do nothing
         returning id",
        sha256,
        phash,
        near,
        now,
        MOST,
    );
    Ok(suspected.fetch_optional(db).await?)
}

/// Writes what was judged of a content; what it looks like is known where it has been here. `409` where it was judged already.
pub async fn insert(
    db: &mut PgConnection,
    sha256: &str,
    (status, note): (Verdict, Option<&str>),
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into moderation_hashes (sha256, phash, status, note, sweeping, created_by, updated_by, created_at, updated_at)
         values ($1, (select phash from ticket_attachments where sha256 = $1 and phash is not null order by id limit 1), $2, $3,
            $2 = 'rejected', $4, $4, $5, $5)
         returning id",
        sha256,
        status.as_str(),
        note,
        by,
        now,
    );
    let taken = || Error::conflict("conflict", "This content was judged already.");
    id.fetch_one(db).await.on_constraint("moderation_hashes_sha256", taken)
}

/// Changes what was judged. What is rejected from now on is to be swept.
pub async fn update(
    db: &mut PgConnection,
    id: i64,
    (status, note): (Verdict, Option<&str>),
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<()> {
    let changed = sqlx::query!(
        "update moderation_hashes
         set sweeping = $2 = 'rejected' and (sweeping or status <> 'rejected'), status = $2, note = $3, updated_by = $4, updated_at = $5
         where id = $1",
        id,
        status.as_str(),
        note,
        by,
        now,
    );
    changed.execute(db).await?;
    Ok(())
}

/// Forgets a verdict.
pub async fn delete(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from moderation_hashes where id = $1", id).execute(db).await?;
    Ok(())
}

/// A content of which files are to be taken away.
pub struct Sweeping {
    /// Its id.
    pub id: i64,
    /// Its hash.
    pub sha256: String,
    /// As of when it is rejected.
    pub updated_at: DateTime<Utc>,
}

/// The next content of which files are to be taken away.
pub async fn sweeping(db: &mut PgConnection) -> Result<Option<Sweeping>> {
    let next = sqlx::query_as!(Sweeping, "select id, sha256, updated_at from moderation_hashes where sweeping order by id limit 1");
    Ok(next.fetch_optional(db).await?)
}

/// Says that none is left, unless it was judged anew meanwhile.
pub async fn swept(db: &mut PgConnection, of: &Sweeping) -> Result<()> {
    let swept = sqlx::query!("update moderation_hashes set sweeping = false where id = $1 and updated_at = $2", of.id, of.updated_at);
    swept.execute(db).await?;
    Ok(())
}

/// Files of a content that were not taken away.
pub async fn files_of(db: &mut PgConnection, sha256: &str, limit: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select id from ticket_attachments where sha256 = $1 and deleted_at is null order by id limit $2",
        sha256,
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}
