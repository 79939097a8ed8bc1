//! What people keep at a ticket: snoozes, watchers, drafts. The caller has found the ticket through its reader's eyes.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

use super::super::draft::{Draft, Mode};
use crate::people::PersonId;

/// Puts a locked ticket out of sight of the queue, or brings it back; the version grows by one.
pub(in crate::tickets) async fn set_snooze(
    db: &mut PgConnection,
    id: i64,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "update support_tickets
         set snoozed_until = $2, version = version + 1, updated_at = $3
         where id = $1
         returning version",
        id,
        until,
        now,
    );
    Ok(version.fetch_one(db).await?)
}

/// At most `limit` tickets whose time to come back is `now` or before.
pub(in crate::tickets) async fn due_snoozes(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select id
         from support_tickets
         where snoozed_until is not null and snoozed_until <= $1
         order by snoozed_until, id
         limit $2",
        now,
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}

/// When the next ticket after `now` comes back, of those that wait for a time.
pub(in crate::tickets) async fn next_snooze(db: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let next = sqlx::query_scalar!(
        "select min(snoozed_until)
         from support_tickets
         where snoozed_until is not null and snoozed_until > $1 and snoozed_until < '9999-01-01'",
        now,
    );
    Ok(next.fetch_one(db).await?)
}

/// How many watchers a ticket has at most.
pub(in crate::tickets) const MOST_WATCHERS: i64 = 50;

/// Adds a watcher to a locked ticket.
pub(in crate::tickets) async fn watch(db: &mut PgConnection, id: i64, who: PersonId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("insert into ticket_watchers (ticket_id, user_id, created_at) values ($1, $2, $3)", id, who, now).execute(db).await?;
    Ok(())
}

/// Takes a watcher away, and says whether they were one.
pub(in crate::tickets) async fn unwatch(db: &mut PgConnection, id: i64, who: PersonId) -> Result<bool> {
    let removed = sqlx::query!("delete from ticket_watchers where ticket_id = $1 and user_id = $2", id, who);
    Ok(removed.execute(db).await?.rows_affected() == 1)
}

/// Who watches a ticket, the longest first.
pub(in crate::tickets) async fn watchers(db: &mut PgConnection, id: i64) -> Result<Vec<PersonId>> {
    let ids = sqlx::query_scalar!(
        "select user_id from ticket_watchers where ticket_id = $1 order by created_at, user_id limit $2",
        id,
        MOST_WATCHERS,
    );
    Ok(ids.fetch_all(db).await?)
}

/// What somebody has begun to write at a ticket.
pub(in crate::tickets) async fn drafts(db: &mut PgConnection, id: i64, who: PersonId) -> Result<Vec<(Mode, Draft)>> {
    let rows =
        sqlx::query!("select mode, message, updated_at from ticket_drafts where ticket_id = $1 and user_id = $2 order by mode", id, who,);
    let rows = rows.fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (Mode::parse(&row.mode), Draft { message: row.message, updated_at: row.updated_at })).collect())
}

/// Keeps what somebody has begun to write.
pub(in crate::tickets) async fn keep_draft(
    db: &mut PgConnection,
    (id, who, mode): (i64, PersonId, Mode),
    message: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into ticket_drafts (ticket_id, user_id, mode, message, updated_at) values ($1, $2, $3, $4, $5)
         on conflict (ticket_id, user_id, mode) do update set message = $4, updated_at = $5",
        id,
        who,
        mode.as_str(),
        message,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets what somebody has begun to write, in one mode or in both.
pub(in crate::tickets) async fn drop_draft(db: &mut PgConnection, id: i64, who: PersonId, mode: Option<Mode>) -> Result<()> {
    sqlx::query!(
        "delete from ticket_drafts where ticket_id = $1 and user_id = $2 and ($3::text is null or mode = $3)",
        id,
        who,
        mode.map(Mode::as_str),
    )
    .execute(db)
    .await?;
    Ok(())
}
