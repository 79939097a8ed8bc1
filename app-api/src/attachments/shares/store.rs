//! The table `media_shares`.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part};
use sqlx::PgConnection;

use super::model::{FileShare, ShareKind};
use crate::{people::PersonId, tickets::Party};

struct Row {
    id: i64,
    attachment_id: i64,
    member_id: Option<PersonId>,
    member_firstname: Option<String>,
    member_lastname: Option<String>,
    created_by: PersonId,
    maker_firstname: Option<String>,
    maker_lastname: Option<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    opened: i32,
    last_opened_at: Option<DateTime<Utc>>,
}

fn party(id: PersonId, firstname: Option<String>, lastname: Option<String>) -> Party {
    Party { id, firstname: firstname.unwrap_or_default(), lastname: lastname.unwrap_or_default(), email: None }
}

impl From<Row> for FileShare {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            attachment_id: row.attachment_id,
            kind: if row.member_id.is_some() { ShareKind::Member } else { ShareKind::Link },
            member: row.member_id.map(|id| party(id, row.member_firstname, row.member_lastname)),
            url: None,
            created_by: party(row.created_by, row.maker_firstname, row.maker_lastname),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            opened: row.opened,
            last_opened_at: row.last_opened_at,
        }
    }
}

macro_rules! select_share {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select s.id, s.attachment_id, s.member_id, m.firstname as "member_firstname?", m.lastname as "member_lastname?",
                s.created_by, c.firstname as "maker_firstname?", c.lastname as "maker_lastname?", s.created_at, s.expires_at,
                s.revoked_at, s.opened, s.last_opened_at
            from media_shares s
            left join users m on m.id = s.member_id
            left join users c on c.id = s.created_by "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A share of a file.
pub(super) async fn find(db: &mut PgConnection, file: i64, id: i64) -> Result<Option<FileShare>> {
    Ok(select_share!("where s.attachment_id = $1 and s.id = $2", file, id).fetch_optional(db).await?.map(Into::into))
}

/// A part of a file's shares.
pub(super) async fn list(db: &mut PgConnection, file: i64, part: &Part<'_, i64>) -> Result<Vec<FileShare>> {
    let rows = select_part!(part, db, select_share!("where s.attachment_id = $3", "s.id", file))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many shares a file has had.
pub(super) async fn count(db: &mut PgConnection, file: i64) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from media_shares where attachment_id = $1"#, file).fetch_one(db).await?)
}

/// How many of them stand.
pub(super) async fn count_living(db: &mut PgConnection, file: i64, now: DateTime<Utc>) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from media_shares
         where attachment_id = $1 and revoked_at is null and (expires_at is null or expires_at > $2)"#,
        file,
        now,
    );
    Ok(count.fetch_one(db).await?)
}

/// A part of the shares by which a member has files.
pub(super) async fn given_to(db: &mut PgConnection, member: PersonId, part: &Part<'_, i64>) -> Result<Vec<FileShare>> {
    let rows = select_part!(part, db, select_share!("where s.member_id = $3 and s.revoked_at is null", "s.id", member))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many those are.
pub(super) async fn count_given_to(db: &mut PgConnection, member: PersonId) -> Result<i64> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from media_shares where member_id = $1 and revoked_at is null"#, member,);
    Ok(count.fetch_one(db).await?)
}

/// The share by which a member was given a file.
pub(super) async fn given(db: &mut PgConnection, file: i64, member: PersonId) -> Result<Option<i64>> {
    let id = sqlx::query_scalar!(
        "select id from media_shares where attachment_id = $1 and member_id = $2 and revoked_at is null",
        file,
        member,
    );
    Ok(id.fetch_optional(db).await?)
}

/// With whom a new share is.
pub(super) struct NewShare<'a> {
    pub member: Option<PersonId>,
    pub token: Option<&'a [u8]>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Writes a new share; `409` for a member who has the file already.
pub(super) async fn insert(db: &mut PgConnection, file: i64, new: &NewShare<'_>, (by, now): (PersonId, DateTime<Utc>)) -> Result<i64> {
    let made = sqlx::query_scalar!(
        "insert into media_shares (attachment_id, member_id, token_hash, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)
         returning id",
        file,
        new.member,
        new.token,
        by,
        now,
        new.expires_at,
    );
    let made = made.fetch_one(db).await;
    made.on_constraint("media_shares_once", || Error::conflict("conflict", "It is shared with them already."))
}

/// Takes a share back; false where that was done.
pub(super) async fn revoke(db: &mut PgConnection, id: i64, by: PersonId, now: DateTime<Utc>) -> Result<bool> {
    let revoked =
        sqlx::query!("update media_shares set revoked_at = $3, revoked_by = $2 where id = $1 and revoked_at is null", id, by, now,);
    Ok(revoked.execute(db).await?.rows_affected() > 0)
}

/// A link that was opened.
pub(super) struct Opened {
    pub id: i64,
    pub attachment_id: i64,
    pub expires_at: DateTime<Utc>,
}

/// Opens a link that stands and whose maker is still a member, and counts it. One statement: whoever takes it back comes before or after.
pub(super) async fn open(db: &mut PgConnection, token: &[u8], now: DateTime<Utc>) -> Result<Option<Opened>> {
    let opened = sqlx::query_as!(
        Opened,
        r#"update media_shares
         set opened = opened + 1, last_opened_at = $2
         where token_hash = $1 and revoked_at is null and expires_at > $2
            and exists (select from users where id = created_by and active and role <> 'customer')
         returning id, attachment_id, expires_at as "expires_at!""#,
        token,
        now,
    );
    Ok(opened.fetch_optional(db).await?)
}

/// A share that stands.
pub(in crate::attachments) struct Living {
    pub attachment_id: i64,
    pub member_id: Option<PersonId>,
}

/// The share of that id, if it stands: a link that is not over and whose maker is still a member, or a member who is still one.
pub(in crate::attachments) async fn living(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<Option<Living>> {
    let living = sqlx::query_as!(
        Living,
        "select s.attachment_id, s.member_id
         from media_shares s
         join users u on u.id = coalesce(s.member_id, s.created_by)
         where s.id = $1 and s.revoked_at is null and (s.member_id is not null or s.expires_at > $2)
            and u.active and u.role <> 'customer'",
        id,
        now,
    );
    Ok(living.fetch_optional(db).await?)
}
