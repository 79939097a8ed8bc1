//! The table `media_access_logs`.

use chrono::{DateTime, Utc};
use shared::{
    Result,
    act::Author,
    page::{Order, Part},
};
use sqlx::PgConnection;

use super::model::{FileAccess, What};
use crate::{people::PersonId, tickets::Party};

/// Who had to do with which file.
pub(super) struct Access {
    pub file: i64,
    pub ticket: i64,
    pub person: Option<PersonId>,
    pub share: Option<i64>,
    pub what: What,
}

/// Writes it down.
pub(super) async fn note(db: &mut PgConnection, access: &Access, from: &Author, now: DateTime<Utc>) -> Result<()> {
    let noted = sqlx::query!(
        "insert into media_access_logs (at, attachment_id, ticket_id, user_id, share_id, what, ip, user_agent)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        now,
        access.file,
        access.ticket,
        access.person,
        access.share,
        access.what.as_str(),
        from.ip.map(|ip| ip.to_string()),
        from.user_agent,
    );
    noted.execute(db).await?;
    Ok(())
}

/// A row of the log, with its person's name.
struct AccessRow {
    id: i64,
    at: DateTime<Utc>,
    user_id: Option<PersonId>,
    firstname: Option<String>,
    lastname: Option<String>,
    share_id: Option<i64>,
    what: String,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl From<AccessRow> for FileAccess {
    fn from(row: AccessRow) -> Self {
        let (firstname, lastname) = (row.firstname.unwrap_or_default(), row.lastname.unwrap_or_default());
        let user = row.user_id.map(|id| Party { id, firstname, lastname, email: None });
        Self { id: row.id, what: What::parse(&row.what), at: row.at, user, share_id: row.share_id, ip: row.ip, user_agent: row.user_agent }
    }
}

macro_rules! select_access {
    ($first:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            AccessRow,
            r#"select l.id, l.at, l.user_id, u.firstname as "firstname?", u.lastname as "lastname?", l.share_id, l.what, l.ip, l.user_agent
            from media_access_logs l
            left join users u on u.id = l.user_id "# + $first
            $(, $arg)*
        )
    };
}

/// A part of what is known of who had to do with a file, by time.
pub(super) async fn accesses(db: &mut PgConnection, file: i64, part: &Part<'_, (DateTime<Utc>, i64)>) -> Result<Vec<FileAccess>> {
    // No row was written before the first of these, nor will be behind the second.
    let (first, last) = (DateTime::UNIX_EPOCH, DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::UNIX_EPOCH));
    let rows = match part.order {
        Order::Oldest => {
            let (at, id) = part.after.unwrap_or((first, 0));
            select_access!(
                "where l.attachment_id = $1 and (l.at, l.id) > ($2, $3) order by l.at, l.id limit $4",
                file,
                at,
                id,
                part.probe()
            )
            .fetch_all(db)
            .await?
        }
        Order::Newest => {
            let (at, id) = part.after.unwrap_or((last, i64::MAX));
            select_access!(
                "where l.attachment_id = $1 and (l.at, l.id) < ($2, $3) order by l.at desc, l.id desc limit $4",
                file,
                at,
                id,
                part.probe()
            )
            .fetch_all(db)
            .await?
        }
    };
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How often that was.
pub(super) async fn count_accesses(db: &mut PgConnection, file: i64) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from media_access_logs where attachment_id = $1"#, file);
    Ok(count.fetch_one(db).await?)
}

/// Makes the months of the log, and drops those that were kept long enough.
pub(super) async fn keep_months(db: &mut PgConnection) -> Result<()> {
    sqlx::query_scalar!("select media_make_months()").fetch_one(&mut *db).await?;
    sqlx::query_scalar!("select media_drop_expired()").fetch_one(db).await?;
    Ok(())
}
