//! The table `notifications`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Error, Result, page::Part, select_part};
use sqlx::PgConnection;

use super::routes::Notification;
use crate::people::PersonId;

/// Writes what is to be told: to these people, and to managers and admins, to each of them once. Who has left is told nothing.
pub(super) async fn notify(
    db: &mut PgConnection,
    (kind, ticket, data): (&str, i64, &Value),
    (people, managers): (&[PersonId], bool),
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into notifications (user_id, kind, ticket_id, data, created_at)
         select id, $1, $2, $3, $6
         from users
         where active and role <> 'customer' and (id = any($4) or ($5 and role in ('manager', 'admin')))",
        kind,
        ticket,
        data,
        people,
        managers,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

macro_rules! select_notification {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Notification,
            "select n.id, n.kind, n.ticket_id, n.data, n.created_at, n.read_at from notifications n " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A part of what somebody was told; of what they have not read, if asked so.
pub(super) async fn list(db: &mut PgConnection, person: PersonId, unread: bool, part: &Part<'_, i64>) -> Result<Vec<Notification>> {
    Ok(select_part!(part, db, select_notification!("where n.user_id = $3 and (not $4 or n.read_at is null)", "n.id", person, unread))?)
}

/// How much somebody was told.
pub(super) async fn count(db: &mut PgConnection, person: PersonId, unread: bool) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from notifications where user_id = $1 and (not $2 or read_at is null)"#,
        person,
        unread,
    );
    Ok(count.fetch_one(db).await?)
}

/// Marks one as read, if it is this person's.
pub(super) async fn read(db: &mut PgConnection, person: PersonId, id: i64, now: DateTime<Utc>) -> Result<()> {
    let marked = sqlx::query!("update notifications set read_at = coalesce(read_at, $3) where id = $1 and user_id = $2", id, person, now)
        .execute(db);
    if marked.await?.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound("not_found")) }
}

/// Marks all as read.
pub(super) async fn read_all(db: &mut PgConnection, person: PersonId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update notifications set read_at = $2 where user_id = $1 and read_at is null", person, now).execute(db).await?;
    Ok(())
}
