//! An admin names the organisation's provider.

use axum::extract::State;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, Tagged},
    session::Role,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    DefaultRole, Provider, open, sealed_for, store,
    text::{ClientName, ClientSecretText, Domains, Issuer},
};
use crate::{
    app::App,
    events::{Event, Whom},
    identities::Name,
    keys, members, passkeys,
    session::Session,
    sessions,
    sign_in::ticket,
};

/// The organisation's provider. Its secret is never shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityProvider {
    issuer: Issuer,
    client_id: ClientName,
    name: Name,
    domains: Domains,
    default_role: DefaultRole,
    enabled: bool,
    /// What the provider must be told as the address to send people back to.
    callback_url: String,
}

/// A provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutIdentityProvider {
    issuer: Issuer,
    client_id: ClientName,
    /// Absent, the secret stays; another issuer or client needs its own.
    client_secret: Option<ClientSecretText>,
    /// What people are shown, as `Sign in with …`.
    name: Name,
    /// Only addresses of these domains are believed. Whom the provider has let in before stays known to it by
    /// its own name for them; who should not come in any more is removed from the members.
    domains: Domains,
    /// What newcomers become.
    default_role: DefaultRole,
    /// Whether one may sign in with it.
    enabled: bool,
}

fn shown(app: &App, slug: &str, provider: Provider) -> Tagged<IdentityProvider> {
    let shown = IdentityProvider {
        issuer: provider.issuer,
        client_id: provider.client_id,
        name: provider.name,
        domains: provider.domains,
        default_role: provider.default_role,
        enabled: provider.enabled,
        callback_url: format!("{}/api/v1/auth/sso/callback", app.site.url(slug)),
    };
    Tagged(provider.version, shown)
}

/// The organisation's provider; `404` without one.
#[utoipa::path(
    get,
    path = "/api/v1/tenant/identity-provider",
    tag = "sso",
    responses((status = 200, body = IdentityProvider, headers(("ETag" = String, description = "The version, in quotes")))),
    security(("bearer" = []))
)]
pub async fn show_identity_provider(State(app): State<App>, session: Session) -> Result<Tagged<IdentityProvider>> {
    session.must_be(Role::Admin)?;
    let provider = store::provider(&mut *app.db.read().await?, session.tenant.id).await?;
    Ok(shown(&app, &session.tenant.slug, provider.ok_or(Error::NotFound("not_found"))?))
}

/// Names or changes the provider, which is asked whether it is one.
#[utoipa::path(
    put,
    path = "/api/v1/tenant/identity-provider",
    tag = "sso",
    params(("If-Match" = Option<String>, Header, description = "Refuse when the version is another one")),
    request_body = PutIdentityProvider,
    responses((status = 200, body = IdentityProvider, headers(("ETag" = String, description = "The version, in quotes")))),
    security(("bearer" = []))
)]
pub async fn put_identity_provider(
    State(app): State<App>,
    session: Session,
    version: IfMatch,
    Json(wish): Json<PutIdentityProvider>,
) -> Result<Tagged<IdentityProvider>> {
    session.must_be(Role::Admin)?;
    session.must_be_fresh()?;
    app.outside.providers.check(&wish.issuer, app.clock.now()).await?;
    let whom = Whom { tenant_id: session.tenant.id, user_id: session.member.user_id };
    let provider = session.living_act(async |act| put(act, &app, whom, &version, &wish).await).await?;
    Ok(shown(&app, &session.tenant.slug, provider))
}

/// The verb. A secret goes to the provider that it was given for, and to no other. Whom a provider has let
/// in leaves when it is switched off or another takes its place.
async fn put(act: &mut Act, app: &App, by: Whom, version: &IfMatch, wish: &PutIdentityProvider) -> Result<Provider> {
    members::must_be_admin(act, by).await?;
    let id = by.tenant_id;
    let before = store::lock(act.db(), id).await?;
    // No version is 0: whoever names one where there is no provider has missed that it was removed.
    version.check(before.as_ref().map_or(0, |p| p.version))?;
    if before.as_ref().is_some_and(|p| p.issuer != wish.issuer || !wish.enabled) {
        end_vouched(act, id).await?;
    }
    let before = before.filter(|p| p.issuer == wish.issuer && p.client_id == wish.client_id);
    let secret: SecretString = match (&wish.client_secret, before) {
        (Some(secret), _) => secret.0.clone(),
        (None, Some(before)) => open(act.db(), app, id, &before.sealed_secret).await?,
        (None, None) => return Err(Error::field("client_secret", "required", "This is required for another provider or client.")),
    };
    let sealed = keys::seal(act.db(), &app.keys.ring, Some(id), secret.expose_secret().as_bytes(), &sealed_for(id)).await?;
    let mut provider = Provider {
        issuer: wish.issuer.clone(),
        client_id: wish.client_id.clone(),
        sealed_secret: sealed.bytes,
        name: wish.name.clone(),
        domains: wish.domains.clone(),
        default_role: wish.default_role,
        enabled: wish.enabled,
        version: 0,
    };
    let now = act.now();
    provider.version = store::put(act.db(), id, &provider, &sealed.key_id, now).await?;
    let changes = serde_json::json!({
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "client_secret": wish.client_secret.as_ref().map(|_| "***"),
        "name": provider.name,
        "domains": provider.domains,
        "default_role": provider.default_role,
        "enabled": provider.enabled,
    });
    act.record(&Event::IdentityProviderChanged(id, changes)).await?;
    Ok(provider)
}

/// Ends what rests on the provider's word: people on their way in, sessions, and passkeys. In this order:
/// whoever is faster by a moment is seen by the next step.
async fn end_vouched(act: &mut Act, tenant: Uuid) -> Result<()> {
    let linked = store::lock_linked(act.db(), tenant).await?;
    ticket::end_vouched(act, tenant).await?;
    passkeys::forget_vouched(act, tenant, &linked).await?;
    sessions::end_vouched(act, tenant).await
}

/// Removes the provider, and all whom it has let in leave. Whoever came by it alone chooses a password by
/// mail.
#[utoipa::path(
    delete,
    path = "/api/v1/tenant/identity-provider",
    tag = "sso",
    params(("If-Match" = Option<String>, Header, description = "Refuse when the version is another one")),
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn remove_identity_provider(session: Session, version: IfMatch) -> Result<NoContent> {
    session.must_be(Role::Admin)?;
    session.must_be_fresh()?;
    let by = Whom { tenant_id: session.tenant.id, user_id: session.member.user_id };
    session
        .act(async |act| {
            members::must_be_admin(act, by).await?;
            let provider = store::lock(act.db(), by.tenant_id).await?.ok_or(Error::NotFound("not_found"))?;
            version.check(provider.version)?;
            end_vouched(act, by.tenant_id).await?;
            store::remove(act.db(), by.tenant_id).await?;
            act.record(&Event::IdentityProviderRemoved(by.tenant_id, provider.issuer.as_str().to_owned())).await?;
            Ok(())
        })
        .await?;
    Ok(NoContent)
}
