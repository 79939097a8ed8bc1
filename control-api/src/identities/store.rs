//! The tables `users` and `email_tokens`.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{Error, OnConstraint, Result};
use sqlx::PgConnection;

use super::{Claimed, Email, EmailToken, Locale, NewUser, User};
use crate::events::Whom;

/// Every read of a user uses this one select list.
macro_rules! select_user {
    ($rest:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            User,
            r#"select id, email, password_hash, firstname, lastname, email_verified_at is not null as "verified!",
                exists (select from memberships m where m.user_id = users.id and m.status = 'active') as "belongs!"
            from users "# + $rest
            $(, $arg)*
        )
    };
}

pub async fn by_email(db: &mut PgConnection, email: &Email) -> Result<Option<User>> {
    Ok(select_user!("where email = $1", email.as_str()).fetch_optional(db).await?)
}

pub async fn by_id(db: &mut PgConnection, id: i64) -> Result<Option<User>> {
    Ok(select_user!("where id = $1", id).fetch_optional(db).await?)
}

/// Locks the row: two claims to one address follow each other. What it belongs to is read in a
/// second statement: one that has waited for a lock sees other tables as they were before.
pub async fn lock_by_email(db: &mut PgConnection, email: &Email) -> Result<Option<User>> {
    sqlx::query!("select id from users where email = $1 for update", email.as_str()).fetch_optional(&mut *db).await?;
    by_email(db, email).await
}

pub async fn lock(db: &mut PgConnection, id: i64) -> Result<Option<User>> {
    sqlx::query!("select id from users where id = $1 for update", id).fetch_optional(&mut *db).await?;
    by_id(db, id).await
}

/// None when somebody else has just taken the address.
pub async fn insert(db: &mut PgConnection, new: &NewUser, now: DateTime<Utc>) -> Result<Option<i64>> {
    let id = sqlx::query_scalar!(
        "insert into users (email, firstname, lastname, locale, password_hash, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)
         on conflict (email) do nothing
         returning id",
        new.email.as_str(),
        new.firstname.as_str(),
        new.lastname.as_str(),
        new.locale.as_str(),
        new.password_hash,
        now,
    );
    Ok(id.fetch_optional(db).await?)
}

/// Gives an account the names and the password of whoever has just proved or taken the address.
pub async fn hand_over(db: &mut PgConnection, id: i64, to: &Claimed, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update users
         set firstname = $2, lastname = $3, password_hash = $4, updated_at = $5
         where id = $1",
        id,
        to.firstname,
        to.lastname,
        to.password_hash,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn set_password(db: &mut PgConnection, id: i64, hash: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update users set password_hash = $2, updated_at = $3 where id = $1", id, hash, now).execute(db).await?;
    Ok(())
}

/// Only where the hash is still the one that was compared.
pub async fn renew_hash(db: &mut PgConnection, id: i64, (old, new): (&str, &str), now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "with claims as (
            update email_tokens
            set password_hash = $3
            where user_id = $1 and password_hash = $2 and used_at is null
         )
         update users
         set password_hash = $3, updated_at = $4
         where id = $1 and password_hash = $2",
        id,
        old,
        new,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The new address is proved; links that went to the old one prove nothing.
pub async fn set_address(db: &mut PgConnection, id: i64, email: &Email, now: DateTime<Utc>) -> Result<()> {
    end_proofs(db, id, now).await?;
    let set = sqlx::query!("update users set email = $2, email_verified_at = $3, updated_at = $3 where id = $1", id, email.as_str(), now);
    let taken = || Error::conflict("email_taken", "This e-mail address has an account of its own.");
    set.execute(db).await.on_constraint("users_email_key", taken)?;
    Ok(())
}

/// Leaves an account that proved nothing and belongs nowhere without its address and without a way in.
pub async fn give_way(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<()> {
    end_proofs(db, id, now).await?;
    sqlx::query!(
        "update users set email = 'gave-way-' || id || '@gone.invalid', password_hash = '!', updated_at = $2 where id = $1",
        id,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn end_proofs(db: &mut PgConnection, user: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update email_tokens set used_at = $2 where user_id = $1 and used_at is null", user, now).execute(db).await?;
    Ok(())
}

pub async fn set_verified(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update users
         set email_verified_at = coalesce(email_verified_at, $2), updated_at = $2
         where id = $1",
        id,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn set_profile(
    db: &mut PgConnection,
    id: i64,
    (firstname, lastname): (Option<&str>, Option<&str>),
    locale: Option<Locale>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update users
         set firstname = coalesce($2, firstname),
             lastname = coalesce($3, lastname),
             locale = coalesce($4, locale),
             updated_at = $5
         where id = $1",
        id,
        firstname,
        lastname,
        locale.map(Locale::as_str),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn insert_token(db: &mut PgConnection, token: &EmailToken, now: DateTime<Utc>, expires_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into email_tokens (hash, user_id, tenant_id, password_hash, firstname, lastname, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        token.hash,
        token.user_id,
        token.tenant_id,
        token.password_hash,
        token.firstname,
        token.lastname,
        expires_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A link that lives.
pub async fn token(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<Option<EmailToken>> {
    let token = sqlx::query_as!(
        EmailToken,
        "select hash, user_id, tenant_id, password_hash, firstname, lastname
         from email_tokens
         where hash = $1 and used_at is null and expires_at > $2",
        hash,
        now,
    );
    Ok(token.fetch_optional(db).await?)
}

/// Counts a password that is tried with a link, before it is: of many at once no more go through
/// than `most`.
pub async fn count_try(db: &mut PgConnection, hash: &[u8], most: i16) -> Result<bool> {
    let counted = sqlx::query!("update email_tokens set tries = tries + 1 where hash = $1 and tries < $2", hash, most);
    Ok(counted.execute(db).await?.rows_affected() == 1)
}

/// Uses a link up: of two at once exactly one does.
pub async fn use_token(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    let used = sqlx::query!("update email_tokens set used_at = $2 where hash = $1 and used_at is null and expires_at > $2", hash, now);
    Ok(used.execute(db).await?.rows_affected() == 1)
}

/// What is claimed of one account and not settled, each claim once, whether its link lives or not.
/// The four newest and the oldest, which no flood pushes out: each costs a hash to compare with, and
/// strangers can make many.
pub async fn claims(db: &mut PgConnection, user_id: i64) -> Result<Vec<Claimed>> {
    let claims = sqlx::query_as!(
        Claimed,
        r#"select password_hash, firstname as "firstname!", lastname as "lastname!"
        from (
            select password_hash, min(firstname) as firstname, min(lastname) as lastname,
                row_number() over (order by max(created_at) desc, password_hash) as newest,
                row_number() over (order by min(created_at), password_hash) as oldest
            from email_tokens
            where user_id = $1 and used_at is null
            group by password_hash
        ) claims
        where newest <= 4 or oldest = 1
        order by newest"#,
        user_id,
    );
    Ok(claims.fetch_all(db).await?)
}

/// Makes room for a claim among those of its account at its tenant: of the same password those go
/// whose links have expired; and so that no more than `most` are left with it, others go, but for the
/// oldest, first those whose links have expired.
pub async fn make_room(db: &mut PgConnection, new: &EmailToken, most: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "delete from email_tokens
         where user_id = $1 and tenant_id = $2 and used_at is null and password_hash = $3 and expires_at <= $4",
        new.user_id,
        new.tenant_id,
        new.password_hash,
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "delete from email_tokens
         where hash in (
            select hash from email_tokens
            where user_id = $1 and tenant_id = $2 and used_at is null and (created_at, hash) > (
                select created_at, hash from email_tokens
                where user_id = $1 and tenant_id = $2 and used_at is null
                order by created_at, hash
                limit 1
            )
            order by expires_at > $3 desc, created_at desc, hash
            offset $4
         )",
        new.user_id,
        new.tenant_id,
        now,
        most - 2,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn expire_token(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update email_tokens set expires_at = $2 where hash = $1", hash, now).execute(db).await?;
    Ok(())
}

/// Uses up every link to an account at one tenant, and at all others those of claims with another
/// password than `heir`.
pub async fn end_claims(db: &mut PgConnection, whom: Whom, heir: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update email_tokens
         set used_at = $4
         where user_id = $1 and used_at is null and (tenant_id = $2 or password_hash <> $3)",
        whom.user_id,
        whom.tenant_id,
        heir,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn sweep_tokens(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from email_tokens
         where hash in (
            select hash from email_tokens
            where expires_at < $1
            limit $2
         )",
        now - TimeDelta::days(30),
        limit,
    );
    Ok(swept.execute(db).await?.rows_affected())
}
