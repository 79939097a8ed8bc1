//! Finding who signs in.

use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::Candidate;
use crate::{identities::Email, members::Standing};

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
