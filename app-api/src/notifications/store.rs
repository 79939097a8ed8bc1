//! The table `notifications`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{
    Error, Result,
    page::{Order, Part},
};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::routes::Notification;
use crate::{
    people::PersonId,
    tickets::{Viewer, push_visible},
};

type Query = QueryBuilder<Postgres>;

/// Writes what is to be told: to these people, and to managers and admins, to each of them once. Who has left is told nothing.
pub(super) async fn notify(
    db: &mut PgConnection,
    (kind, ticket, data): (&str, Option<i64>, &Value),
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

/// A part of what somebody was told; of what they have not read, if asked so.
pub(super) async fn list(
    db: &mut PgConnection,
    reader: (PersonId, Viewer),
    unread: bool,
    part: &Part<'_, i64>,
) -> Result<Vec<Notification>> {
    let mut query = Query::new("select n.id, n.kind, n.ticket_id, n.data, n.created_at, n.read_at");
    push_told(&mut query, reader, unread);
    let (compare, order) = match part.order {
        Order::Oldest => (" and n.id > ", " order by n.id limit "),
        Order::Newest => (" and n.id < ", " order by n.id desc limit "),
    };
    query.push(compare).push_bind(part.edge());
    // A number of ours, so it stands in the text: a plan for all numbers would be one for a tenth of all notices.
    query.push(order).push(part.probe());
    Ok(query.build_query_as().fetch_all(db).await?)
}

/// How much somebody was told.
pub(super) async fn count(db: &mut PgConnection, reader: (PersonId, Viewer), unread: bool) -> Result<i64> {
    let mut query = Query::new("select count(*)");
    push_told(&mut query, reader, unread);
    Ok(query.build_query_scalar().fetch_one(db).await?)
}

/// What somebody was told of tickets that they see now: of others it says too much. Whoever does not work here any more was told
/// it when they did. Only the newest thousand are looked at: whoever has lost sight of most asks as often as others.
fn push_told(query: &mut Query, (person, viewer): (PersonId, Viewer), unread: bool) {
    query.push(" from (select id, kind, ticket_id, data, created_at, read_at from notifications where user_id = ").push_bind(person);
    query.push(if unread { " and read_at is null" } else { "" });
    query.push(" order by id desc limit 1000) n where ");
    query.push(if viewer.is_staff() { "" } else { "false and " });
    query.push("(n.ticket_id is null or exists (select from support_tickets t where t.id = n.ticket_id and ");
    push_visible(query, viewer);
    // Each ticket is looked up by its id: joined with all of them, the whole table would be read.
    query.push(" offset 0))");
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
