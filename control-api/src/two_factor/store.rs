//! The tables `totp_secrets`, `totp_setups`, `recovery_codes` and `proof_failures`, and the view
//! `second_factors`.

use shared::Result;
use sqlx::PgConnection;

use super::Factors;
use crate::events::Whom;

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
