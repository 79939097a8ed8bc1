//! The tables `identity_providers`, `identity_links` and `sso_attempts`.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, auth::password::NONE};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Attempt, Provider,
    model::{DefaultRole, Refusal},
};
use crate::bound::Count;

/// Every read of a provider uses this one select list.
macro_rules! select_provider {
    ($rest:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query!(
            "select issuer, client_id, sealed_secret, name, domains, default_role, enabled, version
            from identity_providers
            where tenant_id = $1" + $rest
            $(, $arg)*
        )
    };
}

macro_rules! provider {
    ($row:expr) => {
        $row.map(|row| {
            Ok(Provider {
                issuer: row.issuer.try_into().map_err(broken)?,
                client_id: row.client_id.try_into().map_err(broken)?,
                sealed_secret: row.sealed_secret,
                name: row.name.try_into().map_err(broken)?,
                domains: row.domains.try_into().map_err(broken)?,
                default_role: DefaultRole::parse(&row.default_role),
                enabled: row.enabled,
                version: row.version,
            })
        })
        .transpose()
    };
}

fn broken(what: &'static str) -> Error {
    Error::internal(anyhow::anyhow!("a stored provider does not parse: {what}"))
}

pub async fn provider(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Provider>> {
    provider!(select_provider!("", tenant).fetch_optional(db).await?)
}

/// Whoever would change the provider waits until the act ends.
pub async fn hold(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Provider>> {
    provider!(select_provider!(" for share", tenant).fetch_optional(db).await?)
}

/// The provider, locked: two changes follow each other.
pub async fn lock(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Provider>> {
    provider!(select_provider!(" for update", tenant).fetch_optional(db).await?)
}

/// Says which version it is now.
pub async fn put(db: &mut PgConnection, tenant: Uuid, to: &Provider, key_id: &str, now: DateTime<Utc>) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "insert into identity_providers as p
            (tenant_id, issuer, client_id, sealed_secret, key_id, name, domains, default_role, enabled, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
         on conflict (tenant_id) do update
         set issuer = $2, client_id = $3, sealed_secret = $4, key_id = $5, name = $6, domains = $7, default_role = $8, enabled = $9,
            version = p.version + 1, updated_at = $10
         returning version",
        tenant,
        to.issuer.as_str(),
        to.client_id.as_str(),
        to.sealed_secret,
        key_id,
        to.name.as_str(),
        &to.domains.0,
        to.default_role.as_str(),
        to.enabled,
        now,
    );
    Ok(version.fetch_one(db).await?)
}

/// Removes the provider with all that it has vouched for.
pub async fn remove(db: &mut PgConnection, tenant: Uuid) -> Result<()> {
    sqlx::query!("delete from sso_attempts where tenant_id = $1", tenant).execute(&mut *db).await?;
    sqlx::query!("delete from identity_links where tenant_id = $1", tenant).execute(&mut *db).await?;
    sqlx::query!("delete from identity_providers where tenant_id = $1", tenant).execute(db).await?;
    Ok(())
}

pub async fn insert_attempt(db: &mut PgConnection, attempt: &Attempt, expires_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into sso_attempts (state_hash, browser_hash, tenant_id, issuer, nonce, sealed_verifier, next, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        attempt.state_hash,
        attempt.browser_hash,
        attempt.tenant_id,
        attempt.issuer,
        attempt.nonce,
        attempt.sealed_verifier,
        attempt.next,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One statement: of many at once one finds it unused.
pub async fn take_attempt(
    db: &mut PgConnection,
    tenant: Uuid,
    (state, browser): (&[u8], &[u8]),
    now: DateTime<Utc>,
) -> Result<Option<Attempt>> {
    let taken = sqlx::query_as!(
        Attempt,
        "update sso_attempts
         set used_at = $4
         where state_hash = $1 and browser_hash = $2 and tenant_id = $3 and used_at is null and expires_at > $4
         returning state_hash, browser_hash, tenant_id, issuer, nonce, sealed_verifier, next",
        state,
        browser,
        tenant,
        now,
    );
    Ok(taken.fetch_optional(db).await?)
}

/// Whose this subject is.
pub async fn link(db: &mut PgConnection, tenant: Uuid, issuer: &str, subject: &str) -> Result<Option<i64>> {
    let user = sqlx::query_scalar!(
        "select user_id from identity_links where tenant_id = $1 and issuer = $2 and subject = $3",
        tenant,
        issuer,
        subject,
    );
    Ok(user.fetch_optional(db).await?)
}

/// Whether the provider knows the person, by whatever name.
pub async fn is_linked(db: &mut PgConnection, tenant: Uuid, issuer: &str, user: i64) -> Result<bool> {
    let linked = sqlx::query_scalar!(
        r#"select exists (select from identity_links where tenant_id = $1 and issuer = $2 and user_id = $3) as "linked!""#,
        tenant,
        issuer,
        user,
    );
    Ok(linked.fetch_one(db).await?)
}

/// How many have come to a tenant since then for whom nobody but its provider vouches, whatever has become of
/// them and of it, and when the first of these.
pub async fn brought(db: &mut PgConnection, tenant: Uuid, since: DateTime<Utc>) -> Result<Count> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", min(m.created_at) as first
        from memberships m
        join users u on u.id = m.user_id
        where m.tenant_id = $1 and m.created_at > $2 and u.email_verified_at is null and u.password_hash = $3"#,
        tenant,
        since,
        NONE,
    )
    .fetch_one(db)
    .await?;
    Ok((row.count, row.first))
}

pub async fn insert_link(
    db: &mut PgConnection,
    tenant: Uuid,
    (issuer, subject): (&str, &str),
    user: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let inserted = sqlx::query!(
        "insert into identity_links (tenant_id, issuer, subject, user_id, created_at, last_used_at)
         values ($1, $2, $3, $4, $5, $5)",
        tenant,
        issuer,
        subject,
        user,
        now,
    )
    .execute(db)
    .await;
    // Somebody has just come in so; it is judged anew.
    match inserted {
        Err(sqlx::Error::Database(e)) if e.constraint() == Some("identity_links_pkey") => Err(Error::Contended),
        other => other.on_constraint("identity_links_user_key", || Refusal::KnownOtherwise.into()).map(|_| ()),
    }
}

pub async fn used(db: &mut PgConnection, tenant: Uuid, (issuer, subject): (&str, &str), now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update identity_links set last_used_at = $4 where tenant_id = $1 and issuer = $2 and subject = $3",
        tenant,
        issuer,
        subject,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets who a person is at providers, of one tenant or of all, for however long or since then; says
/// whether any knew them.
pub async fn unlink(db: &mut PgConnection, user: i64, tenant: Option<Uuid>, since: Option<DateTime<Utc>>) -> Result<bool> {
    let unlinked = sqlx::query!(
        "delete from identity_links
         where user_id = $1
           and ($2::uuid is null or tenant_id = $2)
           and ($3::timestamptz is null or created_at >= $3)",
        user,
        tenant,
        since,
    );
    Ok(unlinked.execute(db).await?.rows_affected() > 0)
}

/// The people whom the tenant's provider has vouched for, locked: they make no passkeys meanwhile.
pub async fn lock_linked(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<i64>> {
    let linked = sqlx::query_scalar!(
        "select id
         from users
         where id in (select user_id from identity_links where tenant_id = $1)
         order by id
         for no key update",
        tenant,
    );
    Ok(linked.fetch_all(db).await?)
}

pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from sso_attempts
         where state_hash in (
            select state_hash from sso_attempts
            where expires_at < $1
            limit $2
         )",
        now,
        limit,
    );
    Ok(swept.execute(db).await?.rows_affected())
}
