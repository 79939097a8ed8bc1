//! The tables `totp_secrets`, `totp_setups`, `recovery_codes` and `proof_failures`, and the view
//! `second_factors`.

use chrono::{DateTime, TimeDelta, Utc};
use shared::Result;
use sqlx::PgConnection;

use super::Factors;
use crate::{bound::Count, events::Whom};

/// Holds off whoever would change the person's factors; sign-ins do not wait for each other.
pub async fn share(db: &mut PgConnection, user: i64) -> Result<()> {
    sqlx::query!("select id from users where id = $1 for share", user).fetch_optional(db).await?;
    Ok(())
}

/// Locks the person: their proofs follow each other, and sign-ins wait.
pub async fn lock(db: &mut PgConnection, user: i64) -> Result<()> {
    sqlx::query!("select id from users where id = $1 for no key update", user).fetch_optional(db).await?;
    Ok(())
}

/// A passkey counts at its own tenant alone.
pub async fn factors(db: &mut PgConnection, whom: Whom) -> Result<Factors> {
    let factors = sqlx::query_as!(
        Factors,
        r#"select
            coalesce(bool_or(f.kind = 'totp'), false) as "totp!",
            count(*) filter (where f.kind = 'passkey') as "passkeys!",
            (select count(*) from recovery_codes c where c.user_id = $1 and c.used_at is null) as "recovery_codes_left!"
        from second_factors f
        where f.user_id = $1 and (f.tenant_id is null or f.tenant_id = $2)"#,
        whom.user_id,
        whom.tenant_id,
    );
    Ok(factors.fetch_one(db).await?)
}

/// How many second factors the person has, at all tenants together.
pub async fn count(db: &mut PgConnection, user: i64) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from second_factors where user_id = $1"#, user);
    Ok(count.fetch_one(db).await?)
}

/// Whether the person has a second factor that counts at another tenant than this one.
pub async fn counts_elsewhere(db: &mut PgConnection, whom: Whom) -> Result<bool> {
    let elsewhere = sqlx::query_scalar!(
        r#"select exists (
            select from second_factors
            where user_id = $1 and tenant_id is distinct from $2
        ) as "elsewhere!""#,
        whom.user_id,
        whom.tenant_id,
    );
    Ok(elsewhere.fetch_one(db).await?)
}

/// The sealed secret of the person's authenticator app.
pub async fn secret(db: &mut PgConnection, user: i64) -> Result<Option<Vec<u8>>> {
    let secret = sqlx::query_scalar!("select sealed_secret from totp_secrets where user_id = $1", user);
    Ok(secret.fetch_optional(db).await?)
}

/// Accepts the code of a step; no when one of it or of a later step was accepted before.
pub async fn take_step(db: &mut PgConnection, user: i64, step: i64) -> Result<bool> {
    let taken = sqlx::query!("update totp_secrets set last_step = $2 where user_id = $1 and last_step < $2", user, step);
    Ok(taken.execute(db).await?.rows_affected() == 1)
}

pub async fn put_setup(db: &mut PgConnection, user: i64, (sealed, key_id): (&[u8], &str), expires_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into totp_setups (user_id, sealed_secret, key_id, expires_at)
         values ($1, $2, $3, $4)
         on conflict (user_id) do update
         set sealed_secret = $2, key_id = $3, expires_at = $4",
        user,
        sealed,
        key_id,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The sealed secret that waits for its first code.
pub async fn setup(db: &mut PgConnection, user: i64, now: DateTime<Utc>) -> Result<Option<Vec<u8>>> {
    let secret = sqlx::query_scalar!("select sealed_secret from totp_setups where user_id = $1 and expires_at > $2", user, now);
    Ok(secret.fetch_optional(db).await?)
}

/// The secret that waited counts from now on, in place of the one before.
pub async fn enable(db: &mut PgConnection, user: i64, step: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "with setup as (
            delete from totp_setups
            where user_id = $1
            returning user_id, sealed_secret, key_id
         )
         insert into totp_secrets as t (user_id, sealed_secret, key_id, last_step, enabled_at)
         select user_id, sealed_secret, key_id, $2, $3
         from setup
         on conflict (user_id) do update
         set sealed_secret = excluded.sealed_secret, key_id = excluded.key_id, last_step = $2, enabled_at = $3",
        user,
        step,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn disable(db: &mut PgConnection, user: i64) -> Result<()> {
    sqlx::query!("delete from totp_setups where user_id = $1", user).execute(&mut *db).await?;
    sqlx::query!("delete from totp_secrets where user_id = $1", user).execute(db).await?;
    Ok(())
}

/// Removes an authenticator app and recovery codes if they were added since then, and what was begun.
pub async fn disable_since(db: &mut PgConnection, user: i64, since: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from totp_setups where user_id = $1", user).execute(&mut *db).await?;
    sqlx::query!("delete from totp_secrets where user_id = $1 and enabled_at >= $2", user, since).execute(&mut *db).await?;
    sqlx::query!("delete from recovery_codes where user_id = $1 and created_at >= $2", user, since).execute(db).await?;
    Ok(())
}

pub async fn insert_codes(db: &mut PgConnection, user: i64, hashes: &[Vec<u8>], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into recovery_codes (user_id, hash, created_at)
         select $1, hash, $3
         from unnest($2::bytea[]) as hash",
        user,
        hashes,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn use_code(db: &mut PgConnection, user: i64, hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    let used = sqlx::query!(
        "update recovery_codes
         set used_at = $3
         where user_id = $1 and hash = $2 and used_at is null",
        user,
        hash,
        now,
    );
    Ok(used.execute(db).await?.rows_affected() == 1)
}

pub async fn forget_codes(db: &mut PgConnection, user: i64) -> Result<()> {
    sqlx::query!("delete from recovery_codes where user_id = $1", user).execute(db).await?;
    Ok(())
}

/// Forgets the codes of those who have no factor left that they could stand in for.
pub async fn forget_idle_codes(db: &mut PgConnection, users: &[i64]) -> Result<()> {
    sqlx::query!(
        "delete from recovery_codes c
         where c.user_id = any($1) and not exists (select from second_factors f where f.user_id = c.user_id)",
        users,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How often the person was wrong since then, and when for the first time of these.
pub async fn failures(db: &mut PgConnection, user: i64, since: DateTime<Utc>) -> Result<Count> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", min(at) as first
        from proof_failures
        where user_id = $1 and at > $2"#,
        user,
        since,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.count, row.first))
}

pub async fn insert_failure(db: &mut PgConnection, user: i64, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!("insert into proof_failures (user_id, at) values ($1, $2) returning id", user, now);
    Ok(id.fetch_one(db).await?)
}

pub async fn forgive(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from proof_failures where id = $1", id).execute(db).await?;
    Ok(())
}

/// Forgets failures that are a day old, and secrets that waited in vain, at most `limit` of each.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let failures = sqlx::query!(
        "delete from proof_failures
         where id in (select id from proof_failures where at < $1 order by at limit $2)",
        now - TimeDelta::days(1),
        limit,
    )
    .execute(&mut *db)
    .await?;
    let setups = sqlx::query!(
        "delete from totp_setups
         where user_id in (select user_id from totp_setups where expires_at < $1 limit $2)",
        now,
        limit,
    )
    .execute(db)
    .await?;
    Ok(failures.rows_affected().max(setups.rows_affected()))
}
