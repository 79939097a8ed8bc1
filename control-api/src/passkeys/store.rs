//! The tables `passkey_holders`, `passkeys` and `passkey_ceremonies`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Error, Result, error::OnConstraint, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;
use webauthn_rs::prelude::Passkey;

use super::{
    PasskeyShown,
    ceremony::{About, Taken},
};
use crate::{
    events::{Called, Whom},
    sessions::ClientKind,
};

/// A passkey that is about to be used.
pub struct Kept {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// Under which name authenticators know its owner.
    pub handle: Uuid,
    /// Whether its owner had proved the account when they made it.
    pub own: bool,
    /// Key and counter.
    pub passkey: Passkey,
}

/// Under which name authenticators know the person; the same for all their passkeys at the tenant.
pub async fn handle(db: &mut PgConnection, whom: Whom, now: DateTime<Utc>) -> Result<Uuid> {
    let handle = sqlx::query_scalar!(
        "insert into passkey_holders as h (tenant_id, user_id, handle, created_at)
         values ($1, $2, $3, $4)
         on conflict (tenant_id, user_id) do update set handle = h.handle
         returning handle",
        whom.tenant_id,
        whom.user_id,
        Uuid::new_v4(),
        now,
    );
    Ok(handle.fetch_one(db).await?)
}

pub async fn credential_ids(db: &mut PgConnection, whom: Whom) -> Result<Vec<Vec<u8>>> {
    let ids = sqlx::query_scalar!(
        "select credential_id
         from passkeys
         where tenant_id = $1 and user_id = $2
         order by id",
        whom.tenant_id,
        whom.user_id,
    );
    Ok(ids.fetch_all(db).await?)
}

pub async fn insert(
    db: &mut PgConnection,
    whom: Whom,
    (name, own): (&str, bool),
    passkey: &Passkey,
    now: DateTime<Utc>,
) -> Result<PasskeyShown> {
    let known = || Error::conflict("conflict", "This passkey is known already.");
    sqlx::query_as!(
        PasskeyShown,
        "insert into passkeys (tenant_id, user_id, credential_id, credential, name, own, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         returning id, name, created_at, last_used_at",
        whom.tenant_id,
        whom.user_id,
        passkey.cred_id(),
        serde_json::to_value(passkey)?,
        name,
        own,
        now,
    )
    .fetch_one(db)
    .await
    .on_constraint("passkeys_credential_key", known)
}

macro_rules! select_passkey {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(PasskeyShown, "select id, name, created_at, last_used_at from passkeys " + $first $(+ $rest)* $(, $arg)*)
    };
}

pub async fn list(db: &mut PgConnection, whom: Whom, part: &Part<'_, i64>) -> Result<Vec<PasskeyShown>> {
    let Whom { tenant_id, user_id } = whom;
    Ok(select_part!(part, db, select_passkey!("where tenant_id = $3 and user_id = $4", "id", tenant_id, user_id))?)
}

pub async fn count(db: &mut PgConnection, whom: Whom) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from passkeys where tenant_id = $1 and user_id = $2"#,
        whom.tenant_id,
        whom.user_id,
    );
    Ok(count.fetch_one(db).await?)
}

pub async fn rename(db: &mut PgConnection, whom: Whom, id: i64, name: &str) -> Result<Option<PasskeyShown>> {
    let renamed = sqlx::query_as!(
        PasskeyShown,
        "update passkeys
         set name = $4
         where tenant_id = $1 and user_id = $2 and id = $3
         returning id, name, created_at, last_used_at",
        whom.tenant_id,
        whom.user_id,
        id,
        name,
    );
    Ok(renamed.fetch_optional(db).await?)
}

/// Removes one and says what it was called.
pub async fn remove(db: &mut PgConnection, whom: Whom, id: i64) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "delete from passkeys
         where tenant_id = $1 and user_id = $2 and id = $3
         returning name",
        whom.tenant_id,
        whom.user_id,
        id,
    );
    Ok(name.fetch_optional(db).await?)
}

/// Removes a person's passkeys, in one tenant or in all, of any age or made since then; what was asked
/// about them is not answered.
pub async fn remove_of(db: &mut PgConnection, user: i64, tenant: Option<Uuid>, since: Option<DateTime<Utc>>) -> Result<()> {
    sqlx::query!(
        "delete from passkeys
         where user_id = $1
           and ($2::uuid is null or tenant_id = $2)
           and ($3::timestamptz is null or created_at >= $3)",
        user,
        tenant,
        since,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("delete from passkey_ceremonies where user_id = $1 and ($2::uuid is null or tenant_id = $2)", user, tenant)
        .execute(db)
        .await?;
    Ok(())
}

/// Removes the passkeys of these people at a tenant that do not speak for their accounts, and says which.
pub async fn remove_vouched(db: &mut PgConnection, tenant: Uuid, users: &[i64]) -> Result<Vec<(i64, Called)>> {
    let removed = sqlx::query!(
        "delete from passkeys
         where tenant_id = $1 and user_id = any($2) and not own
         returning user_id, id, name",
        tenant,
        users,
    );
    let rows = removed.fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.user_id, Called { id: row.id, name: row.name })).collect())
}

/// Whose credential it is.
pub async fn owner(db: &mut PgConnection, tenant: Uuid, credential: &[u8]) -> Result<Option<i64>> {
    let owner = sqlx::query_scalar!("select user_id from passkeys where tenant_id = $1 and credential_id = $2", tenant, credential);
    Ok(owner.fetch_optional(db).await?)
}

/// The passkey of that credential, locked: two uses of it follow each other, so that its counter is
/// compared with the last one.
pub async fn lock(db: &mut PgConnection, tenant: Uuid, credential: &[u8]) -> Result<Option<Kept>> {
    let row = sqlx::query!(
        "select p.id, p.user_id, h.handle, p.own, p.credential
         from passkeys p
         join passkey_holders h using (tenant_id, user_id)
         where p.tenant_id = $1 and p.credential_id = $2
         for update of p",
        tenant,
        credential,
    );
    let Some(row) = row.fetch_optional(db).await? else { return Ok(None) };
    Ok(Some(Kept { id: row.id, user_id: row.user_id, handle: row.handle, own: row.own, passkey: serde_json::from_value(row.credential)? }))
}

pub async fn used(db: &mut PgConnection, kept: &Kept, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update passkeys
         set credential = $2, last_used_at = $3
         where id = $1",
        kept.id,
        serde_json::to_value(&kept.passkey)?,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn insert_ceremony(db: &mut PgConnection, about: &About, (hash, state): (&[u8], Value), expires_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into passkey_ceremonies (hash, kind, tenant_id, user_id, owner, name, client, state, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        hash,
        about.kind.as_str(),
        about.tenant_id,
        about.user_id,
        about.owner,
        about.name,
        about.client.map(ClientKind::as_str),
        state,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One statement: of many at once one finds it unused.
pub async fn take_ceremony(db: &mut PgConnection, hash: &[u8], about: &About, now: DateTime<Utc>) -> Result<Option<Taken>> {
    let taken = sqlx::query_as!(
        Taken,
        "update passkey_ceremonies
         set used_at = $6
         where hash = $1 and kind = $2 and tenant_id = $3 and user_id is not distinct from coalesce($4, user_id)
            and owner is not distinct from coalesce($5, owner) and used_at is null and expires_at > $6
         returning owner, name, client, state",
        hash,
        about.kind.as_str(),
        about.tenant_id,
        about.user_id,
        about.owner,
        now,
    );
    Ok(taken.fetch_optional(db).await?)
}

pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from passkey_ceremonies
         where hash in (
            select hash from passkey_ceremonies
            where expires_at < $1
            limit $2
         )",
        now,
        limit,
    );
    Ok(swept.execute(db).await?.rows_affected())
}
