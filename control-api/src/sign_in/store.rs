//! Finding who signs in, and the table `login_tickets`.

use chrono::{DateTime, Utc};
use shared::{Result, auth::amr::Amr};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    model::Candidate,
    ticket::{Kind, TRIES, Ticket},
};
use crate::{identities::Email, members::Standing, sessions::ClientKind};

/// One query for everybody: nobody is told from others by how many there were.
pub async fn candidate(db: &mut PgConnection, tenant: Uuid, email: &Email) -> Result<Option<Candidate>> {
    let candidate = sqlx::query_as!(
        Candidate,
        r#"select u.id as user_id, u.password_hash, m.role, m.status as "standing: Standing",
            u.email_verified_at is not null as "verified!",
            (
                select t.password_hash
                from email_tokens t
                where t.user_id = u.id and t.tenant_id = m.tenant_id and t.used_at is null
                order by t.created_at desc, t.hash
                limit 1
            ) as "claimed?"
         from users u
         join memberships m on m.user_id = u.id
         where m.tenant_id = $1 and u.email = $2"#,
        tenant,
        email.as_str(),
    );
    Ok(candidate.fetch_optional(db).await?)
}

/// The password's hash as it is now. The locks hold off whoever would change it or the membership
/// until the session stands; two sign-ins do not wait for each other.
pub async fn hold(db: &mut PgConnection, tenant: Uuid, user: i64) -> Result<Option<String>> {
    let hash = sqlx::query_scalar!(
        "select u.password_hash
         from users u
         join memberships m on m.user_id = u.id
         where u.id = $2 and m.tenant_id = $1
         for share of u, m",
        tenant,
        user,
    );
    Ok(hash.fetch_optional(db).await?)
}

pub async fn insert_ticket(
    db: &mut PgConnection,
    ticket: &Ticket,
    kind: Kind,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    sqlx::query!(
        "insert into login_tickets (hash, kind, tenant_id, user_id, client, amr, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        ticket.hash,
        kind.as_str(),
        ticket.tenant_id,
        ticket.user_id,
        ticket.client.as_str(),
        &ticket.amr.words(),
        expires_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whoever shows the ticket next waits.
pub async fn lock_ticket(db: &mut PgConnection, hash: &[u8]) -> Result<()> {
    sqlx::query!("select hash from login_tickets where hash = $1 for update", hash).fetch_optional(db).await?;
    Ok(())
}

pub async fn ticket(db: &mut PgConnection, hash: &[u8], kind: Kind, now: DateTime<Utc>) -> Result<Option<Ticket>> {
    let row = sqlx::query!(
        "select hash, tenant_id, user_id, client, amr
         from login_tickets
         where hash = $1 and kind = $2 and used_at is null and expires_at > $3 and tries < $4",
        hash,
        kind.as_str(),
        now,
        TRIES,
    );
    Ok(row.fetch_optional(db).await?.map(|row| Ticket {
        hash: row.hash,
        tenant_id: row.tenant_id,
        user_id: row.user_id,
        client: ClientKind::parse(&row.client),
        amr: Amr::of(&row.amr),
    }))
}

pub async fn count_try(db: &mut PgConnection, hash: &[u8]) -> Result<()> {
    sqlx::query!("update login_tickets set tries = tries + 1 where hash = $1", hash).execute(db).await?;
    Ok(())
}

pub async fn spend(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update login_tickets set used_at = $2 where hash = $1", hash, now).execute(db).await?;
    Ok(())
}

pub async fn spend_all(db: &mut PgConnection, user: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update login_tickets set used_at = $2 where user_id = $1 and used_at is null", user, now).execute(db).await?;
    Ok(())
}

pub async fn spend_vouched(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update login_tickets
         set used_at = $2
         where tenant_id = $1 and 'sso' = any(amr) and used_at is null",
        tenant,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn sweep_tickets(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from login_tickets
         where hash in (select hash from login_tickets where expires_at < $1 order by expires_at limit $2)",
        before,
        limit,
    );
    Ok(swept.execute(db).await?.rows_affected())
}
