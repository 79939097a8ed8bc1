//! Which tenant a request means (P-1).

use axum::{extract::FromRequestParts, http::request::Parts};
use shared::{Error, Result, http::Client, tenancy::named};

use super::{Door, Tenant, store};
use crate::app::App;

/// The tenant that the request names by host or `X-Tenant`, if it may be visited. A tenant whose
/// database is still being made may: people and sessions are the control plane's own.
pub struct Visited(pub Tenant);

/// Like [`Visited`], where a token in the body may name the tenant instead.
pub struct Named(pub Option<Tenant>);

impl FromRequestParts<App> for Visited {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let slug = named(&parts.headers, &parts.uri, &app.site.base_domain)?;
        let unknown = Error::NotFound("tenant_not_found");
        let tenant = store::by_slug(&mut *app.db.read().await?, slug.as_str()).await?.ok_or(unknown)?;
        Client::from_request_parts(parts, app).await?.visits(tenant.id, &tenant.slug);
        match tenant.status.door() {
            Door::Open | Door::NotYet => Ok(Self(tenant)),
            Door::Suspended => Err(Error::Forbidden("tenant_suspended")),
            Door::Nobody => Err(Error::NotFound("tenant_not_found")),
        }
    }
}

impl FromRequestParts<App> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let is_named = parts.headers.contains_key("x-tenant")
            || !matches!(named(&parts.headers, &parts.uri, &app.site.base_domain), Err(Error::NotFound(_)));
        if !is_named {
            return Ok(Self(None));
        }
        Visited::from_request_parts(parts, app).await.map(|visited| Self(Some(visited.0)))
    }
}
