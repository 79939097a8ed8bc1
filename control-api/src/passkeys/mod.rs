//! Passkeys: keys that a person's device keeps and uses only after it has verified its user. One
//! proves two factors at once, so it is a second factor beside a password and a way in of its own.
//!
//! A passkey belongs to one person at one tenant: browsers keep it for the tenant's host, and we keep
//! it with the tenant. Somebody has ten there at most. Adding, renaming and removing ask for a fresh
//! proof, and the owner gets a mail. One that was made with less than the account's own proofs opens that
//! tenant alone, and nothing that counts at others (`two_factor::account`). Whoever must have a second
//! factor keeps their last one. All of them go with the membership. What an authenticator was asked stands
//! in the database, for five minutes and for one answer; how often it was used is compared each time,
//! since a counter that goes back is a copied key.

mod ceremony;
mod login;
mod manage;
mod model;
mod party;
mod register;
mod second;
mod step_up;
mod store;

use chrono::{DateTime, Utc};
pub use model::PasskeyShown;
use shared::{Result, act::Act};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    events::{Event, Whom},
    two_factor,
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register::start_passkey))
        .routes(routes!(register::finish_passkey))
        .routes(routes!(manage::list_passkeys))
        .routes(routes!(manage::rename_passkey, manage::remove_passkey))
        .routes(routes!(login::start_passkey_login))
        .routes(routes!(login::finish_passkey_login))
        .routes(routes!(second::start_passkey_challenge))
        .routes(routes!(second::finish_passkey_challenge))
        .routes(routes!(step_up::start_passkey_step_up))
        .routes(routes!(step_up::finish_passkey_step_up))
}

/// Forgets the passkeys of somebody at one tenant, who was taken out of it.
pub async fn forget_at(act: &mut Act, whom: Whom) -> Result<()> {
    store::remove_of(act.db(), whom.user_id, Some(whom.tenant_id), None).await?;
    two_factor::forget_idle_codes(act, &[whom.user_id]).await
}

/// Forgets all passkeys of an account that turned out to be somebody else's.
pub async fn forget_all(act: &mut Act, user: i64) -> Result<()> {
    store::remove_of(act.db(), user, None, None).await
}

/// Forgets the passkeys that were added to an account since then.
pub async fn forget_since(act: &mut Act, user: i64, since: DateTime<Utc>) -> Result<()> {
    store::remove_of(act.db(), user, None, Some(since)).await?;
    two_factor::forget_idle_codes(act, &[user]).await
}

/// Forgets the passkeys that these people made at a tenant upon less than their own proofs: its identity
/// provider has let them in there, and does so no more.
pub async fn forget_vouched(act: &mut Act, tenant_id: Uuid, users: &[i64]) -> Result<()> {
    for (user_id, passkey) in store::remove_vouched(act.db(), tenant_id, users).await? {
        act.record(&Event::PasskeyRemoved(Whom { tenant_id, user_id }, passkey)).await?;
    }
    two_factor::forget_idle_codes(act, users).await
}

/// Forgets ceremonies that ended, at most `limit` of them.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep(db, now, limit).await
}
