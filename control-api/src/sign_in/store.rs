//! Finding who signs in.

use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::identities::Email;

/// Somebody with an account who stands to the tenant in some way.
pub struct Candidate {
    pub user_id: i64,
    pub password_hash: String,
}

pub async fn candidate(db: &mut PgConnection, tenant: Uuid, email: &Email) -> Result<Option<Candidate>> {
    let candidate = sqlx::query_as!(
        Candidate,
        "select u.id as user_id, u.password_hash
         from users u
         join memberships m on m.user_id = u.id
         where m.tenant_id = $1 and u.email = $2",
        tenant,
        email.as_str(),
    );
    Ok(candidate.fetch_optional(db).await?)
}
