//! Which tenant a request means (P-1).

use axum::{extract::FromRequestParts, http::request::Parts};
use shared::{
    Error, Result,
    http::{Client, rate_limit::Limits},
    session::Role,
    tenancy::named,
};

use super::{Tenant, store};
use crate::app::App;

/// The tenant that the request names by host or `X-Tenant`, if it may be visited. A tenant whose
/// database is still being made may: people and sessions are the control plane's own.
pub struct Visited(pub Tenant);

/// Like [`Visited`], where a token in the body may name the tenant instead.
pub struct Named(pub Option<Tenant>);

/// Like [`Visited`], on the ways in that a tenant's admins have in its days of grace too. Whoever uses it
/// asks [`super::Door::lets_in`] for the person, as `sign_in::come_in` does.
pub struct Entrance(pub Tenant);

/// Like [`Entrance`], where a token in the body may name the tenant instead.
pub struct NamedEntrance(pub Option<Tenant>);

impl FromRequestParts<App> for Visited {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        // What is open to customers is open.
        asked(parts, app, Role::Customer).await.map(Self)
    }
}

impl FromRequestParts<App> for Entrance {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        asked(parts, app, Role::Admin).await.map(Self)
    }
}

/// The tenant that the request names, if it lets in anybody of that role.
async fn asked(parts: &mut Parts, app: &App, role: Role) -> Result<Tenant> {
    let slug = named(&parts.headers, &parts.uri, &app.site.base_domain)?;
    let unknown = Error::NotFound("tenant_not_found");
    let tenant = store::by_slug(&mut *app.db.read().await?, slug.as_str()).await?.ok_or(unknown)?;
    Client::from_request_parts(parts, app).await?.visits(tenant.id, &tenant.slug);
    Limits::learn(parts, tenant.id, tenant.requests_a_minute.and_then(|n| n.try_into().ok()));
    tenant.status.door().lets_in(role)?;
    Ok(tenant)
}

impl FromRequestParts<App> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if !is_named(parts, app) {
            return Ok(Self(None));
        }
        asked(parts, app, Role::Customer).await.map(|tenant| Self(Some(tenant)))
    }
}

impl FromRequestParts<App> for NamedEntrance {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if !is_named(parts, app) {
            return Ok(Self(None));
        }
        asked(parts, app, Role::Admin).await.map(|tenant| Self(Some(tenant)))
    }
}

fn is_named(parts: &Parts, app: &App) -> bool {
    parts.headers.contains_key("x-tenant") || !matches!(named(&parts.headers, &parts.uri, &app.site.base_domain), Err(Error::NotFound(_)))
}
