//! Signing in through an organisation's own identity provider (OpenID Connect; I-10).
//!
//! An admin names the provider, and the domains whose addresses it may vouch for. Somebody is sent
//! there and comes back with a code, in the browser that set out and with what it was given on the
//! way, within ten minutes and once. Whoever came before is found by the provider's own name for
//! them. Whoever comes for the first time becomes a member in the role that the organisation has
//! chosen, never an admin; a member whose address is proved here gets the provider as another way in,
//! and a mail. Whoever was taken out stays out.
//!
//! Accounts are everybody's, and a provider speaks for one organisation: its word proves no address,
//! opens nothing elsewhere, and is one factor.

mod ask;
mod callback;
mod guard;
mod link;
mod methods;
mod model;
mod provider;
mod settings;
mod start;
mod store;
mod text;

use chrono::{DateTime, Utc};
pub use guard::Reach;
pub use model::DefaultRole;
pub use provider::Providers;
use secrecy::SecretString;
use shared::{Error, Result, act::Act};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{app::App, events::Whom, identities::Name, keys, tenants::Tenant};
use provider::Relying;
use text::{ClientName, Domains, Issuer};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(methods::show_sign_in_methods))
        .routes(routes!(start::start_sso))
        .routes(routes!(callback::finish_sso))
        .routes(routes!(settings::show_identity_provider, settings::put_identity_provider, settings::remove_identity_provider))
}

/// An organisation's provider.
struct Provider {
    issuer: Issuer,
    client_id: ClientName,
    sealed_secret: Vec<u8>,
    name: Name,
    domains: Domains,
    default_role: DefaultRole,
    enabled: bool,
    version: i64,
}

/// A way to the provider that somebody is on.
struct Attempt {
    state_hash: Vec<u8>,
    browser_hash: Vec<u8>,
    tenant_id: Uuid,
    issuer: String,
    nonce: String,
    sealed_verifier: Vec<u8>,
    next: String,
}

/// For whom a provider's secrets are sealed.
fn sealed_for(tenant: Uuid) -> String {
    format!("tenant:{tenant}:oidc")
}

/// A secret that was sealed for the tenant.
async fn open(db: &mut PgConnection, app: &App, tenant: Uuid, sealed: &[u8]) -> Result<SecretString> {
    let plain = keys::open(db, &app.keys.ring, Some(tenant), sealed, &sealed_for(tenant)).await?;
    Ok(String::from_utf8(plain).map_err(Error::internal)?.into())
}

/// The organisation, as it shows itself to its provider.
async fn relying(app: &App, tenant: &Tenant, provider: &Provider) -> Result<Relying> {
    Ok(Relying {
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        secret: app.db.apply(async |db| open(db, app, tenant.id, &provider.sealed_secret).await).await?,
        callback: format!("{}/api/v1/auth/sso/callback", app.site.url(&tenant.slug)),
    })
}

/// Forgets who somebody is at a tenant's provider: they were taken out.
pub async fn forget_at(act: &mut Act, whom: Whom) -> Result<()> {
    store::unlink(act.db(), whom.user_id, Some(whom.tenant_id), None).await?;
    Ok(())
}

/// Forgets who an account is at all providers: it turned out to be somebody else's. Says whether any knew it.
pub async fn forget_all(act: &mut Act, user: i64) -> Result<bool> {
    store::unlink(act.db(), user, None, None).await
}

/// Forgets what providers have vouched for since then; says whether there was anything.
pub async fn forget_since(act: &mut Act, user: i64, since: DateTime<Utc>) -> Result<bool> {
    store::unlink(act.db(), user, None, Some(since)).await
}

/// Forgets ways that ended, at most `limit` of them.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep(db, now, limit).await
}
