//! The table `ticket_messages`.

use chrono::{DateTime, Utc};
use shared::{
    Result,
    page::{Part, Rows},
    select_part,
};
use sqlx::PgConnection;

use super::model::{Brought, Message, NewMessage, SenderType};
use crate::{media, people::PersonId};

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

impl Row {
    /// What its texts weigh, in bytes.
    fn bytes(&self) -> usize {
        self.message.len() + self.message_html.len()
    }
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
            attachments: Vec::new(),
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
pub async fn thread(db: &mut PgConnection, ticket_id: i64, with_notes: bool, part: &Part<'_, i64>) -> Result<Rows<Message>> {
    let rows = select_part!(
        part,
        &mut *db,
        select_message!("where m.ticket_id = $3 and ($4 or not m.is_internal)", "m.id", ticket_id, with_notes),
        Row::bytes
    )?;
    let mut said = rows.map(Message::from);
    enclose(db, said.as_mut_slice()).await?;
    Ok(said)
}

/// Gives messages their files.
async fn enclose(db: &mut PgConnection, said: &mut [Message]) -> Result<()> {
    let ids: Vec<i64> = said.iter().map(|message| message.id).collect();
    for file in media::of_messages(db, &ids).await? {
        if let Some(message) = said.iter_mut().find(|message| Some(message.id) == file.message_id) {
            message.attachments.push(file);
        }
    }
    Ok(())
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

/// Adds a message to a thread whose ticket the caller has locked; it is found by its words at once.
pub async fn add(db: &mut PgConnection, new: &NewMessage<'_>, now: DateTime<Utc>) -> Result<Message> {
    let row = sqlx::query_as!(
        Row,
        r#"with added as (
            insert into ticket_messages
                (ticket_id, sender_id, sender_type, message, message_html, is_internal, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $7)
            returning *
         ), indexed as (
            insert into search_entries (ticket_id, message_id, is_internal, at, vector)
            select ticket_id, id, is_internal, created_at, search_text(message, 'C')
            from added
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

/// A public message, wherever it stands now; a note is not found.
pub async fn public(db: &mut PgConnection, id: i64) -> Result<Option<Message>> {
    let one = select_message!("where m.id = $1 and not m.is_internal", id);
    Ok(one.fetch_optional(db).await?.map(Message::from))
}

/// Whether a message stands in that ticket and is theirs.
pub async fn is_theirs(db: &mut PgConnection, id: i64, ticket_id: i64, sender: PersonId) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from ticket_messages where id = $1 and ticket_id = $2 and sender_id = $3) as "exists!""#,
        id,
        ticket_id,
        sender,
    );
    Ok(found.fetch_one(db).await?)
}

/// Adds what the system itself says in a locked ticket's thread, to be found by its words at once.
pub async fn announce(db: &mut PgConnection, ticket_id: i64, (text, html): (&str, &str), now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        r#"with added as (
            insert into ticket_messages (ticket_id, sender_type, message, message_html, created_at, updated_at)
            values ($1, 'system', $2, $3, $4, $4)
            returning id
         ), indexed as (
            insert into search_entries (ticket_id, message_id, is_internal, at, vector)
            select $1, id, false, $4, search_text($2, 'C')
            from added
         )
         select id as "id!" from added"#,
        ticket_id,
        text,
        html,
        now,
    );
    Ok(id.fetch_one(db).await?)
}

/// Adds messages that come with their tickets from elsewhere, in that order, to be found by their words at once. Nobody has
/// them to read still.
pub async fn bring(db: &mut PgConnection, said: &[Brought<'_>], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "with added as (
            insert into ticket_messages
                (ticket_id, sender_id, sender_type, message, message_html, is_internal, read_at, created_at, updated_at)
            select r.ticket_id, r.sender_id, r.sender_type, r.message, r.message_html, r.is_internal, $2, r.created_at, r.created_at
            from jsonb_array_elements($1::jsonb) with ordinality as said (value, n),
                jsonb_to_record(said.value) as r (ticket_id bigint, sender_id bigint, sender_type text, message text,
                    message_html text, is_internal boolean, created_at timestamptz)
            order by said.n
            returning id, ticket_id, is_internal, created_at, message
         )
         insert into search_entries (ticket_id, message_id, is_internal, at, vector)
         select ticket_id, id, is_internal, created_at, search_text(message, 'C')
         from added",
        serde_json::to_value(said)?,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes at most `limit` messages of one sender another's, and says how many there were.
pub async fn hand_over(db: &mut PgConnection, (from, to): (PersonId, PersonId), limit: i64) -> Result<u64> {
    let handed = sqlx::query!(
        "update ticket_messages
         set sender_id = $2
         where id in (select id from ticket_messages where sender_id = $1 order by id limit $3)",
        from,
        to,
        limit,
    );
    Ok(handed.execute(db).await?.rows_affected())
}

/// Takes back what the system has said.
pub async fn withdraw(db: &mut PgConnection, ticket_id: i64, id: i64) -> Result<()> {
    sqlx::query!(
        "with withdrawn as (delete from ticket_messages where id = $2 and ticket_id = $1 and sender_type = 'system' returning id)
         delete from search_entries e using withdrawn w where e.ticket_id = $1 and e.message_id = w.id",
        ticket_id,
        id,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The messages and notes of a thread.
pub async fn ids(db: &mut PgConnection, ticket_id: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!("select id from ticket_messages where ticket_id = $1 order by id", ticket_id);
    Ok(ids.fetch_all(db).await?)
}

/// Moves messages from one locked ticket's thread to another's, those that stand there; their words are found there. They
/// keep their ids, and so their place in time.
pub async fn move_to(db: &mut PgConnection, ids: &[i64], from: i64, to: i64) -> Result<()> {
    sqlx::query!(
        "with moved as (
            update ticket_messages set ticket_id = $3 where ticket_id = $2 and id = any($1) returning id
         )
         update search_entries e set ticket_id = $3 from moved m where e.ticket_id = $2 and e.message_id = m.id",
        ids,
        from,
        to,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Messages of a thread that their other side has not read.
pub struct Unread {
    /// Those of the customer.
    pub of_customer: i32,
    /// Of these, those among others.
    pub of_customer_among: i32,
    /// Public ones of agents, among the same.
    pub of_agents_among: i32,
}

/// What is unread of a thread, and of `among` in it.
pub async fn unread(db: &mut PgConnection, ticket_id: i64, among: &[i64]) -> Result<Unread> {
    let unread = sqlx::query_as!(
        Unread,
        r#"select (count(*) filter (where sender_type = 'customer'))::int as "of_customer!",
            (count(*) filter (where sender_type = 'customer' and id = any($2)))::int as "of_customer_among!",
            (count(*) filter (where sender_type = 'agent' and id = any($2)))::int as "of_agents_among!"
         from ticket_messages
         where ticket_id = $1 and read_at is null and not is_internal"#,
        ticket_id,
        among,
    );
    Ok(unread.fetch_one(db).await?)
}

/// When an agent first wrote something public in a thread.
pub async fn first_answer(db: &mut PgConnection, ticket_id: i64) -> Result<Option<DateTime<Utc>>> {
    let at = sqlx::query_scalar!(
        "select min(created_at) from ticket_messages where ticket_id = $1 and sender_type = 'agent' and not is_internal",
        ticket_id,
    );
    Ok(at.fetch_one(db).await?)
}
