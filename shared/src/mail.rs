//! Outbound mail: decided in an act, sent after it, tried again for five days. A repeated try
//! carries the same Message-ID, so that even a relay that forgot its answer delivers one mail.

mod deliver;
mod links;
mod smtp;

use chrono::{DateTime, TimeDelta, Utc};
pub use deliver::{Delivered, deliver_due, next_at};
pub use links::unlinked;
use serde_json::Value;
pub use smtp::{Letter, Mailer};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Result;

/// A mail that has been decided.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Which text it is, as `verify_email`.
    pub template: &'static str,
    /// The address.
    pub to_address: String,
    /// The person's name.
    pub to_name: String,
    /// The subject; line breaks are not possible in it.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// More headers, as `References`; values without line breaks.
    pub headers: Vec<(&'static str, String)>,
}

/// Puts a mail into the act's database. `domain` is the right half of its Message-ID.
pub async fn queue(db: &mut PgConnection, mail: &Mail, domain: &str, now: DateTime<Utc>) -> Result<()> {
    queue_until(db, mail, domain, (now, now)).await
}

/// The same for a mail that goes at `due`, not before.
pub async fn queue_until(db: &mut PgConnection, mail: &Mail, domain: &str, (now, due): (DateTime<Utc>, DateTime<Utc>)) -> Result<()> {
    let id = Uuid::now_v7();
    let headers: serde_json::Map<String, Value> =
        mail.headers.iter().map(|(name, value)| ((*name).to_owned(), Value::from(one_line(value)))).collect();
    sqlx::query!(
        "insert into mails
            (id, message_id, template, to_address, to_name, subject, body_text, body_html, headers, next_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id,
        format!("<{id}@{domain}>"),
        mail.template,
        mail.to_address,
        one_line(&mail.to_name),
        one_line(&mail.subject),
        mail.text,
        mail.html,
        Value::from(headers),
        due,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How many mails of one kind were decided for an address since then.
#[derive(Debug, Clone, Copy)]
pub struct Recent {
    /// Those that carry the header asked for.
    pub with_header: i64,
    /// All.
    pub all: i64,
}

/// Lets the mails of one kind to an address follow each other until the transaction ends: a count that
/// was made before one is decided still holds then.
pub async fn lock(db: &mut PgConnection, to_address: &str, template: &str) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('mail ' || $1), hashtext($2)) as locked", template, to_address)
        .fetch_one(db)
        .await?;
    Ok(())
}

/// Counts the mails of one kind to an address since then, and those of them that carry a header.
pub async fn count(
    db: &mut PgConnection,
    (to_address, template): (&str, &str),
    (header, value): (&str, &str),
    since: DateTime<Utc>,
) -> Result<Recent> {
    let recent = sqlx::query_as!(
        Recent,
        r#"select count(*) filter (where headers ->> $4 = $5) as "with_header!", count(*) as "all!"
        from mails
        where to_address = $1 and template = $2 and created_at > $3"#,
        to_address,
        template,
        since,
        header,
        value,
    );
    Ok(recent.fetch_one(db).await?)
}

/// How many mails there were within a time.
#[derive(Debug, Clone, Copy)]
pub struct Volume {
    /// That went to that address, or will.
    pub to_address: i64,
    /// That were decided for everybody, no further than was asked.
    pub all: i64,
}

/// Counts the mails since then, of one kind or of all: those that went to an address or will, of the last three days, and those that
/// were decided for everybody; of these no more than `most` are looked for.
pub async fn volume(db: &mut PgConnection, to_address: &str, template: Option<&str>, since: DateTime<Utc>, most: i64) -> Result<Volume> {
    let volume = sqlx::query_as!(
        Volume,
        r#"select
            (select count(*)
             from mails
             where to_address = $1 and next_at > $2::timestamptz and created_at > $2::timestamptz - interval '3 days'
                and ($3::text is null or template = $3)) as "to_address!",
            (select count(*)
             from (select 1 as one
                   from mails
                   where created_at > $2 and ($3::text is null or template = $3)
                   limit $4) recent) as "all!""#,
        to_address,
        since,
        template,
        most,
    );
    Ok(volume.fetch_one(db).await?)
}

/// When the last of those goes that are held back until their turn: of one kind, or of all others. None where none is.
pub async fn last_held(db: &mut PgConnection, (template, is_of_it): (&str, bool), now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let last = sqlx::query_scalar!(
        "select max(next_at)
         from mails
         where status = 'pending' and attempts = 0 and next_at > $1 and (template = $2) = $3",
        now,
        template,
        is_of_it,
    );
    Ok(last.fetch_one(db).await?)
}

/// Forgets what mails said when they have been given up for a day (those that were sent say nothing
/// any more), and mails altogether after thirty days, at most `limit` of each. Says
/// how many the larger of the two rounds met: fewer than `limit` means that nothing is left.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let emptied = sqlx::query!(
        "update mails
         set body_text = '', body_html = ''
         where id in (
            select id from mails
            where status = 'failed' and next_at < $1 and body_text <> ''
            limit $2
         )",
        now - TimeDelta::days(1),
        limit,
    )
    .execute(&mut *db)
    .await?;
    let deleted = sqlx::query!(
        "delete from mails
         where id in (
            select id from mails
            where created_at < $1
            order by created_at
            limit $2
         )",
        now - TimeDelta::days(30),
        limit,
    )
    .execute(db)
    .await?;
    Ok(emptied.rows_affected().max(deleted.rows_affected()))
}

/// A header has one line (page 11, I12).
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
