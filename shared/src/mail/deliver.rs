//! Sending what waits: each mail is leased, sent outside any transaction, then settled.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::smtp::{Answer, Letter, Mailer};
use crate::{Result, clock::Clock, db::Db};

const LEASE: TimeDelta = TimeDelta::seconds(60);
const GIVE_UP: TimeDelta = TimeDelta::days(5);

struct Row {
    id: Uuid,
    message_id: String,
    to_address: String,
    to_name: String,
    subject: String,
    body_text: String,
    body_html: String,
    headers: Value,
    attempts: i32,
    created_at: DateTime<Utc>,
}

/// What one round of sending did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// How many the relay took.
    pub sent: usize,
    /// How many wait for another try.
    pub later: usize,
    /// When the next of all that wait has its time; none when none waits.
    pub next_at: Option<DateTime<Utc>>,
}

/// Sends every mail of one database whose time has come. When the relay itself is in trouble, the
/// others wait with that one.
pub async fn deliver_due(db: &Db, mailer: &Mailer, clock: &Clock) -> Result<Delivered> {
    let mut done = Delivered::default();
    while let Some(row) = lease(db, clock.now()).await? {
        let (id, attempts, created_at) = (row.id, row.attempts, row.created_at);
        let answer = mailer.send(letter(row)).await;
        let now = clock.now();
        // The relay's words may hold an address: they stay in the database, out of the log.
        match answer {
            Answer::Taken => {
                settle(db, id, "sent", None, now, now).await?;
                done.sent += 1;
            }
            Answer::Away(error) if now - created_at < GIVE_UP => {
                tracing::warn!(mail = %id, attempts, "mail relay away");
                settle(db, id, "pending", Some(&error), now, now + pause(attempts)).await?;
                done.later += 1;
                break;
            }
            Answer::Later(error) if now - created_at < GIVE_UP => {
                tracing::warn!(mail = %id, attempts, "mail waits");
                settle(db, id, "pending", Some(&error), now, now + pause(attempts)).await?;
                done.later += 1;
            }
            Answer::Away(error) | Answer::Later(error) | Answer::Refused(error) => {
                tracing::error!(mail = %id, attempts, "mail given up");
                settle(db, id, "failed", Some(&error), now, now).await?;
            }
        }
    }
    done.next_at = next_at(db).await?;
    Ok(done)
}

/// When the next mail has its time; one that somebody is sending, when their lease ends.
pub async fn next_at(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let next = sqlx::query_scalar!("select min(greatest(next_at, leased_until)) from mails where status = 'pending'");
    Ok(next.fetch_one(&mut *db.read().await?).await?)
}

/// 2 s, 4 s, 8 s … up to half an hour.
fn pause(attempts: i32) -> TimeDelta {
    TimeDelta::seconds(1_i64 << attempts.clamp(1, 11)).min(TimeDelta::minutes(30))
}

/// `skip locked`: two senders take different mails. The lease ends by itself if its taker dies.
async fn lease(db: &Db, now: DateTime<Utc>) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        "update mails
         set leased_until = $2, attempts = attempts + 1
         where id = (
            select id from mails
            where status = 'pending' and next_at <= $1 and (leased_until is null or leased_until < $1)
            order by next_at, id
            limit 1
            for update skip locked
         )
         returning id, message_id, to_address, to_name, subject, body_text, body_html, headers, attempts, created_at",
        now,
        now + LEASE,
    );
    Ok(row.fetch_optional(&mut *db.read().await?).await?)
}

/// Wherever the tenant is by now: what has been sent is not sent again.
async fn settle(db: &Db, id: Uuid, status: &str, error: Option<&str>, now: DateTime<Utc>, next_at: DateTime<Utc>) -> Result<()> {
    db.apply(async |db| note(db, id, (status, error), (now, next_at)).await).await
}

async fn note(
    db: &mut PgConnection,
    id: Uuid,
    (status, error): (&str, Option<&str>),
    (now, next_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    sqlx::query!(
        "update mails
         set status = $2, last_error = $3, next_at = $5, leased_until = null,
             sent_at = case when $2 = 'sent' then $4::timestamptz end,
             -- Links in mails carry tokens: what has left us is not kept.
             body_text = case when $2 = 'sent' then '' else body_text end,
             body_html = case when $2 = 'sent' then '' else body_html end
         where id = $1",
        id,
        status,
        error,
        now,
        next_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

fn letter(row: Row) -> Letter {
    let headers = row.headers.as_object().into_iter().flatten();
    let headers = headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    Letter {
        message_id: row.message_id,
        to_address: row.to_address,
        to_name: row.to_name,
        subject: row.subject,
        text: row.body_text,
        html: row.body_html,
        headers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_half_an_hour() {
        let pauses: Vec<i64> = [1, 2, 3, 10, 11, 40].map(|n| pause(n).num_seconds()).into();
        assert_eq!(pauses, [2, 4, 8, 1024, 1800, 1800]);
    }
}
