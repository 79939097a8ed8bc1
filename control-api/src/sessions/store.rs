//! The tables `sessions` and `refresh_tokens`.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{Result, auth::amr::Amr, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Family, LIFETIME, Living, NewSession, Reason, list::Listed, rotation::Shown};
use crate::events::Whom;

pub async fn insert(db: &mut PgConnection, new: &NewSession, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into sessions (id, tenant_id, user_id, client, ip, country, user_agent, amr, created_at, last_used_at, proved_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9)",
        new.id,
        new.tenant_id,
        new.user_id,
        new.client.as_str(),
        new.ip,
        new.country,
        new.user_agent,
        &new.amr.words(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn insert_token(
    db: &mut PgConnection,
    session: Uuid,
    hash: &[u8],
    parent: Option<&[u8]>,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    sqlx::query!(
        "insert into refresh_tokens (hash, session_id, parent, issued_at, expires_at)
         values ($1, $2, $3, $4, $5)",
        hash,
        session,
        parent,
        now,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn living(db: &mut PgConnection, id: Uuid, tenant: Uuid, user: i64) -> Result<Option<Living>> {
    let row = sqlx::query!(
        r#"select amr, coalesce(proved_at, created_at) as "proved_at!"
        from sessions
        where id = $1 and tenant_id = $2 and user_id = $3 and revoked_at is null"#,
        id,
        tenant,
        user,
    );
    Ok(row.fetch_optional(db).await?.map(|row| Living { amr: Amr::of(&row.amr), proved_at: row.proved_at }))
}

/// The family of a token, locked: whoever shows one of its tokens next waits for this act.
pub async fn lock_family(db: &mut PgConnection, hash: &[u8]) -> Result<Option<Family>> {
    let family = sqlx::query_as!(
        Family,
        "select id, tenant_id, user_id, client, amr
        from sessions
        where id = (select session_id from refresh_tokens where hash = $1)
        for update",
        hash,
    );
    Ok(family.fetch_optional(db).await?)
}

pub async fn shown(db: &mut PgConnection, hash: &[u8]) -> Result<Option<Shown>> {
    let shown = sqlx::query_as!(
        Shown,
        r#"select
            s.revoked_at is not null as "revoked!",
            s.created_at as opened_at,
            t.issued_at,
            t.expires_at,
            t.used_at is not null as "used!",
            t.superseded_at is not null as "superseded!",
            exists (select from refresh_tokens c where c.parent = t.hash and c.used_at is not null) as "successor_used!"
        from refresh_tokens t
        join sessions s on s.id = t.session_id
        where t.hash = $1"#,
        hash,
    );
    Ok(shown.fetch_optional(db).await?)
}

/// Marks a token as exchanged; whatever lived in its family besides it is superseded.
pub async fn exchange(db: &mut PgConnection, session: Uuid, hash: &[u8], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update refresh_tokens
         set used_at = case when hash = $2 then coalesce(used_at, $3) else used_at end,
             superseded_at = case when hash = $2 then superseded_at else $3 end
         where session_id = $1 and (hash = $2 or (used_at is null and superseded_at is null))",
        session,
        hash,
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("update sessions set last_used_at = $2 where id = $1", session, now).execute(db).await?;
    Ok(())
}

pub async fn end(db: &mut PgConnection, id: Uuid, reason: Reason, now: DateTime<Utc>) -> Result<bool> {
    let ended = sqlx::query!(
        "update sessions
         set revoked_at = $2, revoked_reason = $3
         where id = $1 and revoked_at is null",
        id,
        now,
        reason.as_str(),
    );
    Ok(ended.execute(db).await?.rows_affected() == 1)
}

pub async fn prove_again(db: &mut PgConnection, id: Uuid, amr: Amr, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update sessions set amr = $2, proved_at = $3 where id = $1", id, &amr.words(), now).execute(db).await?;
    Ok(())
}

/// Ends a person's sessions, in one tenant or in all, but for the one to keep, and says in which
/// tenants there were some.
pub async fn end_of(
    db: &mut PgConnection,
    user: i64,
    (tenant, keep): (Option<Uuid>, Option<Uuid>),
    reason: Reason,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    let ended = sqlx::query_scalar!(
        "update sessions
         set revoked_at = $3, revoked_reason = $4
         where user_id = $1 and ($2::uuid is null or tenant_id = $2) and ($5::uuid is null or id <> $5) and revoked_at is null
         returning tenant_id",
        user,
        tenant,
        now,
        reason.as_str(),
        keep,
    );
    let mut tenants = ended.fetch_all(db).await?;
    tenants.sort_unstable();
    tenants.dedup();
    Ok(tenants)
}

/// Ends the sessions of a tenant that rest on its identity provider's word, and says whose there were.
pub async fn end_vouched(db: &mut PgConnection, tenant: Uuid, reason: Reason, now: DateTime<Utc>) -> Result<Vec<i64>> {
    let ended = sqlx::query_scalar!(
        "update sessions
         set revoked_at = $2, revoked_reason = $3
         where tenant_id = $1 and 'sso' = any(amr) and revoked_at is null
         returning user_id",
        tenant,
        now,
        reason.as_str(),
    );
    let mut users = ended.fetch_all(db).await?;
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

/// Ends the sessions of a tenant but those of some people, and says how many.
pub async fn end_of_tenant(db: &mut PgConnection, tenant: Uuid, but: &[i64], reason: Reason, now: DateTime<Utc>) -> Result<u64> {
    let ended = sqlx::query!(
        "update sessions
         set revoked_at = $3, revoked_reason = $4
         where tenant_id = $1 and user_id <> all($2) and revoked_at is null",
        tenant,
        but,
        now,
        reason.as_str(),
    );
    Ok(ended.execute(db).await?.rows_affected())
}

/// Ends the sessions of a tenant that began after a moment, and says whose there were.
pub async fn end_since(
    db: &mut PgConnection,
    (tenant, moment): (Uuid, DateTime<Utc>),
    reason: Reason,
    now: DateTime<Utc>,
) -> Result<Vec<i64>> {
    let ended = sqlx::query_scalar!(
        "update sessions
         set revoked_at = $3, revoked_reason = $4
         where tenant_id = $1 and created_at > $2 and revoked_at is null
         returning user_id",
        tenant,
        moment,
        now,
        reason.as_str(),
    );
    let mut users = ended.fetch_all(db).await?;
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

macro_rules! select_session {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Listed,
            "select id, client, ip, country, user_agent, amr, created_at, last_used_at
            from sessions "
                + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A person's sessions in one tenant that can still be used.
pub async fn list(db: &mut PgConnection, whom: Whom, now: DateTime<Utc>, part: &Part<'_, Uuid>) -> Result<Vec<Listed>> {
    let (user, tenant, alive) = (whom.user_id, whom.tenant_id, now - LIFETIME);
    let page = select_part!(
        part,
        db,
        select_session!("where user_id = $3 and tenant_id = $4 and revoked_at is null and last_used_at > $5", "id", user, tenant, alive)
    );
    Ok(page?)
}

pub async fn count(db: &mut PgConnection, whom: Whom, now: DateTime<Utc>) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from sessions
        where user_id = $1 and tenant_id = $2 and revoked_at is null and last_used_at > $3"#,
        whom.user_id,
        whom.tenant_id,
        now - LIFETIME,
    );
    Ok(count.fetch_one(db).await?)
}

/// Ends one session of a person in one tenant, and says whether there was one.
pub async fn end_own(db: &mut PgConnection, id: Uuid, whom: Whom, now: DateTime<Utc>) -> Result<bool> {
    let ended = sqlx::query!(
        "update sessions
         set revoked_at = $4, revoked_reason = $5
         where id = $1 and user_id = $2 and tenant_id = $3 and revoked_at is null and last_used_at > $6",
        id,
        whom.user_id,
        whom.tenant_id,
        now,
        Reason::Revoked.as_str(),
        now - LIFETIME,
    );
    Ok(ended.execute(db).await?.rows_affected() == 1)
}

/// Forgets families in which no token can be exchanged any more, a month after, at most `limit` of them.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from sessions
         where id in (
            select id from sessions
            where last_used_at < $1
            order by last_used_at
            limit $2
         )",
        now - TimeDelta::days(37),
        limit,
    );
    Ok(swept.execute(db).await?.rows_affected())
}

/// Forgets tokens that were exchanged or superseded and have expired since, at most `limit` of them. Until
/// then each tells a thief by being shown again; afterwards it is refused like one that nobody knows.
pub async fn sweep_tokens(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from refresh_tokens
         where hash in (
            select hash from refresh_tokens
            where expires_at < $1 and (used_at is not null or superseded_at is not null)
            order by expires_at
            limit $2
         )",
        now,
        limit,
    );
    Ok(swept.execute(db).await?.rows_affected())
}

/// Forgets changes of access that every living instance has followed. By the server's own clock, which
/// wrote them.
pub async fn sweep_changes(db: &mut PgConnection, limit: i64) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from access_changes
         where ctid in (select ctid from access_changes where at < clock_timestamp() - interval '1 day' limit $1)",
        limit,
    );
    Ok(swept.execute(db).await?.rows_affected())
}

/// Notes what somebody came in with, and answers when they had last come in with it, and whether they
/// had come in with anything.
pub async fn see_device(
    db: &mut PgConnection,
    user: i64,
    (device, network): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(Option<DateTime<Utc>>, bool)> {
    let before = sqlx::query!(
        r#"with before as (
            select seen_at, device = $2 and network = $3 as "same"
            from known_devices
            where user_id = $1
         ),
         seen as (
            insert into known_devices (user_id, device, network, seen_at)
            values ($1, $2, $3, $4)
            on conflict (user_id, device, network) do update
            set seen_at = $4
         )
         select max(seen_at) filter (where same) as seen_at, count(*) > 0 as "any!"
         from before"#,
        user,
        device,
        network,
        now,
    )
    .fetch_one(db)
    .await?;
    Ok((before.seen_at, before.any))
}

/// Forgets devices that nobody came with for a year and more: whoever comes then is told nothing of
/// their first one either.
pub async fn sweep_devices(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from known_devices where ctid in (select ctid from known_devices where seen_at < $1 limit $2)",
        now - TimeDelta::days(400),
        limit,
    );
    Ok(swept.execute(db).await?.rows_affected())
}
