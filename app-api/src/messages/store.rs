//! The table `ticket_messages`.

use chrono::{DateTime, Utc};
use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;

use super::model::{Message, NewMessage, SenderType};

struct Row {
    id: i64,
    ticket_id: i64,
    sender_id: Option<i64>,
    sender_type: String,
    firstname: Option<String>,
    lastname: Option<String>,
    message: String,
    message_html: String,
    is_internal: bool,
    read_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        let name = row.firstname.zip(row.lastname).map(|(first, last)| format!("{first} {last}").trim().to_owned());
        Self {
            id: row.id,
            ticket_id: row.ticket_id,
            sender_id: row.sender_id,
            sender_type: SenderType::parse(&row.sender_type),
            sender_name: name,
            message: row.message,
            message_html: row.message_html,
            is_internal: row.is_internal,
            read_at: row.read_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Every read of a message uses this one select list.
macro_rules! select_message {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select m.id, m.ticket_id, m.sender_id, m.sender_type, u.firstname as "firstname?", u.lastname as "lastname?",
                m.message, m.message_html, m.is_internal, m.read_at, m.created_at, m.updated_at
            from ticket_messages m
            left join users u on u.id = m.sender_id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A part of a thread. Ids grow with time inside one ticket, whose row is locked to write.
pub async fn thread(db: &mut PgConnection, ticket_id: i64, with_notes: bool, part: &Part<'_, i64>) -> Result<Vec<Message>> {
    let rows =
        select_part!(part, db, select_message!("where m.ticket_id = $3 and ($4 or not m.is_internal)", "m.id", ticket_id, with_notes))?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// How many messages a thread has.
pub async fn count(db: &mut PgConnection, ticket_id: i64, with_notes: bool) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from ticket_messages where ticket_id = $1 and ($2 or not is_internal)"#,
        ticket_id,
        with_notes,
    );
    Ok(count.fetch_one(db).await?)
}

/// Adds a message to a thread whose ticket the caller has locked.
pub async fn add(db: &mut PgConnection, new: &NewMessage<'_>, now: DateTime<Utc>) -> Result<Message> {
    let row = sqlx::query_as!(
        Row,
        r#"with added as (
            insert into ticket_messages
                (ticket_id, sender_id, sender_type, message, message_html, is_internal, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $7)
            returning *
         )
         select a.id, a.ticket_id, a.sender_id, a.sender_type, u.firstname as "firstname?", u.lastname as "lastname?",
            a.message, a.message_html, a.is_internal, a.read_at, a.created_at, a.updated_at
         from added a
         left join users u on u.id = a.sender_id"#,
        new.ticket_id,
        new.sender_id,
        new.sender_type.as_str(),
        new.body.as_str(),
        new.html,
        new.is_internal,
        now,
    );
    Ok(row.fetch_one(db).await?.into())
}

/// Marks what the other side has said as read.
pub async fn mark_read(db: &mut PgConnection, ticket_id: i64, reader: SenderType, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update ticket_messages
         set read_at = $3
         where ticket_id = $1 and read_at is null and sender_type <> $2 and not is_internal",
        ticket_id,
        reader.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One public message of a ticket, for a mail to its requester; a note is not found.
pub async fn public(db: &mut PgConnection, ticket_id: i64, id: i64) -> Result<Option<Message>> {
    let one = select_message!("where m.ticket_id = $1 and m.id = $2 and not m.is_internal", ticket_id, id);
    Ok(one.fetch_optional(db).await?.map(Message::from))
}
