//! The table `media_access_logs`.

use chrono::{DateTime, Utc};
use shared::{Result, act::Author};
use sqlx::PgConnection;

use crate::people::PersonId;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Somebody was given an address.
    Issued,
    /// Somebody has taken the file.
    Downloaded,
    /// Somebody has looked at its preview.
    Previewed,
}

/// Who had to do with which file.
pub(super) struct Access {
    pub file: i64,
    pub ticket: i64,
    pub person: Option<PersonId>,
    pub what: What,
}

/// Writes it down.
pub(super) async fn note(db: &mut PgConnection, access: &Access, from: &Author, now: DateTime<Utc>) -> Result<()> {
    let what = match access.what {
        What::Issued => "issued",
        What::Downloaded => "downloaded",
        What::Previewed => "previewed",
    };
    let noted = sqlx::query!(
        "insert into media_access_logs (at, attachment_id, ticket_id, user_id, what, ip, user_agent) values ($1, $2, $3, $4, $5, $6, $7)",
        now,
        access.file,
        access.ticket,
        access.person,
        what,
        from.ip.map(|ip| ip.to_string()),
        from.user_agent,
    );
    noted.execute(db).await?;
    Ok(())
}

/// Makes the months of the log, and drops those that were kept long enough.
pub(super) async fn keep_months(db: &mut PgConnection) -> Result<()> {
    sqlx::query_scalar!("select media_make_months()").fetch_one(&mut *db).await?;
    sqlx::query_scalar!("select media_drop_expired()").fetch_one(db).await?;
    Ok(())
}
