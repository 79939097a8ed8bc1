//! The tables `link_wishes` and `mail_links`.

use chrono::{DateTime, TimeDelta, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Link, Purpose, model::Wish};
use crate::{events::Whom, identities::Email};

/// Asked again before anybody looked, it is one wish.
pub async fn wish(db: &mut PgConnection, purpose: Purpose, (tenant, email): (Uuid, &Email), now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into link_wishes (purpose, tenant_id, email, created_at)
         values ($1, $2, $3, $4)
         on conflict on constraint link_wishes_once do nothing",
        purpose as Purpose,
        tenant,
        email.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes the oldest wish out. `skip locked`: two workers take different ones.
pub async fn take_wish(db: &mut PgConnection) -> Result<Option<Wish>> {
    let wish = sqlx::query_as!(
        Wish,
        r#"delete from link_wishes
         where id = (
            select id from link_wishes
            order by id
            limit 1
            for update skip locked
         )
         returning purpose as "purpose: Purpose", tenant_id, email"#,
    );
    Ok(wish.fetch_optional(db).await?)
}

pub async fn insert(db: &mut PgConnection, purpose: Purpose, link: &Link, hash: &[u8], expires_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into mail_links (hash, purpose, user_id, tenant_id, email, session_id, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        hash,
        purpose as Purpose,
        link.user_id,
        link.tenant_id,
        link.email,
        link.session_id,
        expires_at,
        link.created_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends the links of a kind that came before; those to come in only at their own tenant.
pub async fn supersede(db: &mut PgConnection, purpose: Purpose, whom: Whom, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update mail_links
         set used_at = $4
         where user_id = $1 and purpose = $2 and used_at is null and (purpose <> 'sign_in' or tenant_id = $3)",
        whom.user_id,
        purpose as Purpose,
        whom.tenant_id,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A link that can be used. What went to an address that the account has left is none, unless it leads
/// to another one.
pub async fn find(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<Option<(Purpose, Link)>> {
    let row = sqlx::query!(
        r#"select l.purpose as "purpose: Purpose", l.user_id, l.tenant_id, l.email, l.session_id, l.created_at
        from mail_links l
        join users u on u.id = l.user_id
        where l.hash = $1 and l.used_at is null and l.expires_at > $2
            and (l.email = u.email or l.purpose in ('new_address', 'old_address'))"#,
        hash,
        now,
    );
    let link = row.fetch_optional(db).await?.map(|r| {
        let link = Link { user_id: r.user_id, tenant_id: r.tenant_id, email: r.email, session_id: r.session_id, created_at: r.created_at };
        (r.purpose, link)
    });
    Ok(link)
}

pub async fn take(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    let used = sqlx::query!("update mail_links set used_at = $2 where hash = $1 and used_at is null and expires_at > $2", hash, now);
    Ok(used.execute(db).await?.rows_affected() == 1)
}

pub async fn end_all(db: &mut PgConnection, user: i64, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update mail_links
         set used_at = $3
         where user_id = $1 and used_at is null and (purpose <> 'old_address' or created_at > $2)",
        user,
        since,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from mail_links
         where hash in (select hash from mail_links where expires_at < $1 limit $2)",
        now - TimeDelta::days(30),
        limit,
    );
    Ok(swept.execute(db).await?.rows_affected())
}
