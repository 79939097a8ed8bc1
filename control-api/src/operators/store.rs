//! The tables `operators`, `operator_tickets`, `operator_sessions` and `operator_tries`.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result};
use sqlx::PgConnection;

use super::model::{Account, IDLE, Kind, LONGEST, Operator};
use crate::bound::Count;

struct Row {
    id: i64,
    email: String,
    name: String,
    password_hash: String,
    sealed_secret: Option<Vec<u8>>,
    enrolled: bool,
    last_step: i64,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            operator: Operator { id: row.id, email: row.email, name: row.name },
            password_hash: row.password_hash,
            sealed_secret: row.sealed_secret,
            enrolled: row.enrolled,
            last_step: row.last_step,
        }
    }
}

/// Every read of an account uses this one select list.
macro_rules! select_account {
    ($rest:literal, $arg:expr) => {
        sqlx::query_as!(
            Row,
            r#"select id, email, name, password_hash, sealed_secret, enabled_at is not null as "enrolled!", last_step
            from operators
            where removed_at is null and "#
                + $rest,
            $arg
        )
    };
}

pub async fn by_email(db: &mut PgConnection, email: &str) -> Result<Option<Account>> {
    Ok(select_account!("email = $1", email).fetch_optional(db).await?.map(Account::from))
}

/// Locked: whoever shows a code of theirs next waits, so a code counts once.
pub async fn lock(db: &mut PgConnection, id: i64) -> Result<Option<Account>> {
    Ok(select_account!("id = $1 for update", id).fetch_optional(db).await?.map(Account::from))
}

pub async fn list(db: &mut PgConnection) -> Result<Vec<Account>> {
    let rows = select_account!("id > $1 order by id", 0).fetch_all(db).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

pub async fn insert(db: &mut PgConnection, (email, name): (&str, &str), password_hash: &str, now: DateTime<Utc>) -> Result<i64> {
    let inserted = sqlx::query_scalar!(
        "insert into operators (email, name, password_hash, created_at) values ($1, $2, $3, $4) returning id",
        email,
        name,
        password_hash,
        now,
    );
    inserted.fetch_one(db).await.on_constraint("operators_email", || Error::conflict("email_taken", "This operator is known already."))
}

pub async fn remove(db: &mut PgConnection, email: &str, now: DateTime<Utc>) -> Result<Option<i64>> {
    let removed =
        sqlx::query_scalar!("update operators set removed_at = $2 where email = $1 and removed_at is null returning id", email, now);
    Ok(removed.fetch_optional(db).await?)
}

pub async fn put_secret(db: &mut PgConnection, id: i64, sealed: &[u8], key_id: &str) -> Result<()> {
    sqlx::query!("update operators set sealed_secret = $2, key_id = $3 where id = $1 and enabled_at is null", id, sealed, key_id)
        .execute(db)
        .await?;
    Ok(())
}

/// A code of that step was taken; with the first one the second factor counts.
pub async fn take_step(db: &mut PgConnection, id: i64, step: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update operators set last_step = $2, enabled_at = coalesce(enabled_at, $3) where id = $1", id, step, now)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn insert_ticket(db: &mut PgConnection, hash: &[u8], id: i64, kind: Kind, expires_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into operator_tickets (hash, operator_id, kind, expires_at) values ($1, $2, $3, $4)",
        hash,
        id,
        kind.as_str(),
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn ticket(db: &mut PgConnection, hash: &[u8], kind: Kind, now: DateTime<Utc>) -> Result<Option<i64>> {
    let holder = sqlx::query_scalar!(
        "select operator_id from operator_tickets where hash = $1 and kind = $2 and used_at is null and expires_at > $3",
        hash,
        kind.as_str(),
        now,
    );
    Ok(holder.fetch_optional(db).await?)
}

/// A ticket is good once; so are all others of its holder.
pub async fn spend_tickets(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update operator_tickets set used_at = $2 where operator_id = $1 and used_at is null", id, now).execute(db).await?;
    Ok(())
}

pub async fn open_session(db: &mut PgConnection, hash: &[u8], id: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("insert into operator_sessions (hash, operator_id, opened_at, last_used_at) values ($1, $2, $3, $3)", hash, id, now)
        .execute(db)
        .await?;
    Ok(())
}

pub struct Held {
    pub operator: Operator,
    pub opened_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
}

/// The session, unless it was ended or its holder removed.
pub async fn session(db: &mut PgConnection, hash: &[u8]) -> Result<Option<Held>> {
    let row = sqlx::query!(
        "select o.id, o.email, o.name, s.opened_at, s.last_used_at
         from operator_sessions s
         join operators o on o.id = s.operator_id
         where s.hash = $1 and s.ended_at is null and o.removed_at is null",
        hash,
    );
    Ok(row.fetch_optional(db).await?.map(|row| Held {
        operator: Operator { id: row.id, email: row.email, name: row.name },
        opened_at: row.opened_at,
        last_used_at: row.last_used_at,
    }))
}

pub async fn touch(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update operator_sessions set last_used_at = $2 where hash = $1", hash, now).execute(db).await?;
    Ok(())
}

/// Ends a session, and those of its holder that have ended by themselves: as long as one is open, the holder
/// may look in where leave was given.
pub async fn end_session(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update operator_sessions
         set ended_at = $2
         where operator_id = (select operator_id from operator_sessions where hash = $1)
            and ended_at is null
            and (hash = $1 or opened_at <= $3 or last_used_at <= $4)",
        hash,
        now,
        now - LONGEST,
        now - IDLE,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Tries of one account follow each other until the act ends.
pub async fn lock_account(db: &mut PgConnection, account: &str) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('operator ' || $1)) as locked", account).fetch_one(db).await?;
    Ok(())
}

/// How many tries there were since, and the first of them.
pub async fn tries(db: &mut PgConnection, account: &str, since: DateTime<Utc>) -> Result<Count> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", min(at) as first from operator_tries where account = $1 and at > $2"#,
        account,
        since,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.count, row.first))
}

pub async fn insert_try(db: &mut PgConnection, account: &str, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!("insert into operator_tries (account, at) values ($1, $2) returning id", account, now);
    Ok(id.fetch_one(db).await?)
}

pub async fn forgive(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from operator_tries where id = $1", id).execute(db).await?;
    Ok(())
}

/// Tickets and sessions are as few as operators; anybody may try.
pub async fn sweep(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    sqlx::query!("delete from operator_tickets where expires_at < $1", before).execute(&mut *db).await?;
    sqlx::query!("delete from operator_sessions where opened_at < $1", before).execute(&mut *db).await?;
    let tries =
        sqlx::query!("delete from operator_tries where id in (select id from operator_tries where at < $1 limit $2)", before, limit);
    Ok(tries.execute(db).await?.rows_affected())
}
