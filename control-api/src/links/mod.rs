//! Links in mails that let somebody do one thing once: choose a new password, come in, take a new
//! address, go back to the old one. Each has 256 random bits of which only the hash is kept, belongs to
//! one person, one tenant and one purpose, and ends by itself. Of one kind only the newest is good. It
//! is built from configuration, never from the request. Nobody learns by asking for one whether an
//! address is known: the wish is written down for everybody alike, and the worker looks who it is.

mod answer;
mod model;
mod store;

pub use answer::{answer_due, send_new_password};
use chrono::{DateTime, Utc};
pub use model::{Link, Purpose};
use shared::{Error, Result, act::Act, auth::token::Opaque};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{events::Whom, identities::Email, tenants::Tenant};

/// Notes that somebody wants a mail with a link; who they are is looked up later.
pub async fn wish(act: &mut Act, purpose: Purpose, tenant: &Tenant, email: &Email) -> Result<()> {
    let now = act.now();
    store::wish(act.db(), purpose, (tenant.id, email), now).await?;
    act.leaves_work();
    Ok(())
}

/// Makes the link with this token good, and those of its kind before it no more. `session` stays when
/// others end because of it.
pub async fn keep(act: &mut Act, purpose: Purpose, (whom, email): (Whom, &str), session: Option<Uuid>, token: &Opaque) -> Result<()> {
    let now = act.now();
    if purpose != Purpose::OldAddress {
        store::supersede(act.db(), purpose, whom, now).await?;
    }
    let link = Link { user_id: whom.user_id, tenant_id: whom.tenant_id, email: email.to_owned(), session_id: session, created_at: now };
    store::insert(act.db(), purpose, &link, &token.hash, now + purpose.lifetime()).await
}

/// A link that can be used, of one of these purposes; one of another tenant than `at` is none.
pub async fn find(
    db: &mut PgConnection,
    hash: &[u8],
    purposes: &[Purpose],
    at: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<(Purpose, Link)> {
    let found = store::find(db, hash, now).await?;
    let found = found.filter(|(purpose, link)| purposes.contains(purpose) && at.is_none_or(|at| at == link.tenant_id));
    found.ok_or(Error::NotFound("not_found"))
}

/// Uses a link up: of two at once exactly one does.
pub async fn take(act: &mut Act, hash: &[u8]) -> Result<()> {
    let now = act.now();
    if store::take(act.db(), hash, now).await? { Ok(()) } else { Err(Error::NotFound("not_found")) }
}

/// Ends all links of a person, but for those that lead back to an address that they had before `since`.
pub async fn end_all(act: &mut Act, user: i64, since: DateTime<Utc>) -> Result<()> {
    let now = act.now();
    store::end_all(act.db(), user, since, now).await
}

/// Forgets links that ended a month ago.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep(db, now, limit).await
}
