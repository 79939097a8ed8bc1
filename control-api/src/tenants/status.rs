//! How far a sign-up has come: public, and nothing else is told.

use axum::extract::State;
use serde::Serialize;
use shared::{
    Error, Result,
    http::{Json, Path},
    tenancy::Slug,
};
use utoipa::ToSchema;

use super::{Status, store};
use crate::app::App;

/// Where a tenant stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantStatus {
    /// Its subdomain.
    slug: String,
    /// Where it stands in its life.
    status: Status,
}

/// How far the tenant has come.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{slug}/status",
    tag = "tenants",
    params(("slug" = String, Path, description = "The subdomain")),
    responses((status = 200, body = TenantStatus))
)]
pub async fn show_tenant_status(State(app): State<App>, Path(slug): Path<String>) -> Result<Json<TenantStatus>> {
    let unknown = Error::NotFound("tenant_not_found");
    let Some(slug) = Slug::parse(&slug) else { return Err(unknown) };
    let tenant = store::by_slug(&mut *app.db.read().await?, slug.as_str()).await?;
    let tenant = tenant.filter(|t| t.status != Status::Deleted).ok_or(unknown)?;
    Ok(Json(TenantStatus { slug: tenant.slug, status: tenant.status }))
}
