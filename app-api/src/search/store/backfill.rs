//! Entries of rows from before search came, and of those that a release without it has written since.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

/// What one batch has looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// The highest id; none where there was nothing.
    pub last: Option<i64>,
    /// How many rows.
    pub count: i64,
}

/// Up to which tickets and messages it was looked.
pub async fn begin(db: &mut PgConnection) -> Result<(i64, i64)> {
    let found = sqlx::query!("select tickets_to, messages_to from search_backfill").fetch_optional(db).await?;
    Ok(found.map_or((0, 0), |row| (row.tickets_to, row.messages_to)))
}

/// Remembers how far it was looked. Two that look at the same time do the same.
pub async fn remember(db: &mut PgConnection, tickets_to: i64, messages_to: i64) -> Result<()> {
    sqlx::query!(
        "insert into search_backfill as b (tickets_to, messages_to)
         values ($1, $2)
         on conflict (only_row) do update
         set tickets_to = greatest(b.tickets_to, $1), messages_to = greatest(b.messages_to, $2)",
        tickets_to,
        messages_to,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Indexes tickets that have no entry, of the next `limit` after that id which were opened before `until`.
pub async fn index_tickets(db: &mut PgConnection, after: i64, until: DateTime<Utc>, limit: i64) -> Result<Looked> {
    let looked = sqlx::query_as!(
        Looked,
        r#"with looked as materialized (
            select id
            from support_tickets
            where id > $1 and created_at < $2
            order by id
            limit $3
         ), indexed as (
            insert into search_entries (ticket_id, message_id, is_internal, at, vector, words)
            select t.id, 0, false, t.created_at, search_ticket(t.ticket_number, t.subject, t.tags, t.description),
                search_spelling(t.ticket_number, t.subject)
            from looked l
            join support_tickets t on t.id = l.id
            where not exists (select from search_entries e where e.ticket_id = l.id and e.message_id = 0)
            on conflict (ticket_id, message_id) do nothing
         )
         select max(id) as last, count(*) as "count!" from looked"#,
        after,
        until,
        limit,
    );
    Ok(looked.fetch_one(db).await?)
}

/// The same for messages.
pub async fn index_messages(db: &mut PgConnection, after: i64, until: DateTime<Utc>, limit: i64) -> Result<Looked> {
    let looked = sqlx::query_as!(
        Looked,
        r#"with looked as materialized (
            select id, ticket_id
            from ticket_messages
            where id > $1 and created_at < $2
            order by id
            limit $3
         ), indexed as (
            insert into search_entries (ticket_id, message_id, is_internal, at, vector)
            select m.ticket_id, m.id, m.is_internal, m.created_at, search_text(m.message, 'C')
            from looked l
            join ticket_messages m on m.id = l.id
            where not exists (select from search_entries e where e.ticket_id = l.ticket_id and e.message_id = l.id)
            on conflict (ticket_id, message_id) do nothing
         )
         select max(id) as last, count(*) as "count!" from looked"#,
        after,
        until,
        limit,
    );
    Ok(looked.fetch_one(db).await?)
}
