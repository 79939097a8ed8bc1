//! The table `sign_ups`.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::bound::Recent;

/// Lets sign-ups from one network follow each other until the transaction ends: many at once are
/// counted as well as one after another.
pub async fn lock(db: &mut PgConnection, source: &str) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('sign_up ' || $1)) as locked", source).fetch_one(db).await?;
    Ok(())
}

/// What has come by this person or from this network, with no address proved since.
pub async fn recent(db: &mut PgConnection, user: i64, source: &str, since: DateTime<Utc>) -> Result<Recent> {
    let recent = sqlx::query_as!(
        Recent,
        r#"select count(*) filter (where s.user_id = $1) as "by_email!", count(*) filter (where s.source = $2) as "from_source!"
        from sign_ups s
        join users u on u.id = s.user_id
        where s.at > $3 and (s.user_id = $1 or s.source = $2) and u.email_verified_at is null"#,
        user,
        source,
        since,
    );
    Ok(recent.fetch_one(db).await?)
}

pub async fn insert(db: &mut PgConnection, (tenant, user): (Uuid, i64), source: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("insert into sign_ups (tenant_id, user_id, source, at) values ($1, $2, $3, $4)", tenant, user, source, now)
        .execute(db)
        .await?;
    Ok(())
}

/// Forgets those that count no more.
pub async fn sweep(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    let swept = sqlx::query!("delete from sign_ups where ctid in (select ctid from sign_ups where at < $1 limit $2)", before, limit);
    Ok(swept.execute(db).await?.rows_affected())
}
