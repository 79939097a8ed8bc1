//! The table `invitations`.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part, session::Role};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Invitation;
use crate::{bound::Count, identities::Email};

/// Every read of an invitation uses this one select list.
macro_rules! select_invitation {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Invitation,
            "select id, tenant_id, email, role, invited_by, expires_at, accepted_at, revoked_at, created_at from invitations " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// An invitation that is about to be.
pub struct New<'a> {
    pub tenant_id: Uuid,
    pub email: &'a Email,
    pub role: Role,
    pub token_hash: &'a [u8],
    pub invited_by: i64,
    pub expires_at: DateTime<Utc>,
}

/// Every change that ends invitations gives them back with this one select list.
macro_rules! revoke_invitations {
    ($rest:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Invitation,
            "update invitations
             set revoked_at = $3
             where tenant_id = $1 and accepted_at is null and revoked_at is null and " + $rest +
            " returning id, tenant_id, email, role, invited_by, expires_at, accepted_at, revoked_at, created_at"
            $(, $arg)*
        )
    };
}

pub async fn insert(db: &mut PgConnection, new: New<'_>, now: DateTime<Utc>) -> Result<Invitation> {
    let inserted = sqlx::query_as!(
        Invitation,
        "insert into invitations (tenant_id, email, role, token_hash, invited_by, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         returning id, tenant_id, email, role, invited_by, expires_at, accepted_at, revoked_at, created_at",
        new.tenant_id,
        new.email.as_str(),
        new.role.as_str(),
        new.token_hash,
        new.invited_by,
        new.expires_at,
        now,
    );
    let twice = || Error::conflict("conflict", "This address is being invited at this moment.");
    inserted.fetch_one(db).await.on_constraint("invitations_open", twice)
}

/// How many were asked in since then, and when the first of them.
pub async fn since(db: &mut PgConnection, tenant: Uuid, since: DateTime<Utc>) -> Result<Count> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", min(created_at) as first
        from invitations
        where tenant_id = $1 and created_at > $2"#,
        tenant,
        since,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.count, row.first))
}

pub async fn list(db: &mut PgConnection, tenant: Uuid, part: &Part<'_, i64>) -> Result<Vec<Invitation>> {
    Ok(select_part!(part, db, select_invitation!("where tenant_id = $3", "id", tenant))?)
}

pub async fn count(db: &mut PgConnection, tenant: Uuid) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from invitations where tenant_id = $1"#, tenant);
    Ok(count.fetch_one(db).await?)
}

/// An invitation that can be accepted now.
pub async fn open(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<Option<Invitation>> {
    let open = select_invitation!("where token_hash = $1 and accepted_at is null and revoked_at is null and expires_at > $2", hash, now,);
    Ok(open.fetch_optional(db).await?)
}

/// Whether the tenant waits for whoever has this address.
pub async fn is_asked_in(db: &mut PgConnection, tenant: Uuid, email: &str, now: DateTime<Utc>) -> Result<bool> {
    let asked = sqlx::query_scalar!(
        r#"select exists (
            select from invitations
            where tenant_id = $1 and email = $2 and accepted_at is null and revoked_at is null and expires_at > $3
        ) as "asked!""#,
        tenant,
        email,
        now,
    );
    Ok(asked.fetch_one(db).await?)
}

/// Accepts it: of two at once exactly one does.
pub async fn accept(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<bool> {
    let accepted = sqlx::query!(
        "update invitations
         set accepted_at = $2
         where id = $1 and accepted_at is null and revoked_at is null and expires_at > $2",
        id,
        now,
    );
    Ok(accepted.execute(db).await?.rows_affected() == 1)
}

pub async fn revoke(db: &mut PgConnection, tenant: Uuid, id: i64, now: DateTime<Utc>) -> Result<Option<Invitation>> {
    Ok(revoke_invitations!("id = $2", tenant, id, now).fetch_optional(db).await?)
}

pub async fn revoke_to(db: &mut PgConnection, tenant: Uuid, email: &str, now: DateTime<Utc>) -> Result<Vec<Invitation>> {
    Ok(revoke_invitations!("email = $2", tenant, email, now).fetch_all(db).await?)
}

pub async fn revoke_by(db: &mut PgConnection, tenant: Uuid, user: i64, now: DateTime<Utc>) -> Result<Vec<Invitation>> {
    Ok(revoke_invitations!("invited_by = $2", tenant, user, now).fetch_all(db).await?)
}
