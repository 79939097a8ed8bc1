//! Tenants as operators see them: what stands in the books, and nothing from inside.

use axum::extract::State;
use shared::{
    Error, Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
    tenancy::{Slug, route_changed},
};

use super::session::OperatorSession;
use crate::{
    app::App,
    deletion::{Turn, turn},
    provisioning,
    tenants::{self, Listed, Wanted},
};

/// Tenants, the oldest first.
#[utoipa::path(get, path = "/api/v1/operator/tenants", tag = "operators", params(Wanted, Paging),
    responses((status = 200, body = Page<Listed>)), security(("bearer" = [])))]
pub async fn list_tenants(
    State(app): State<App>,
    _session: OperatorSession,
    Asked { filter: wanted, paging }: Asked<Wanted>,
) -> Result<Json<Page<Listed>>> {
    let part = paging.part(&app.keys.cursors, &format!("operator:tenants:{wanted:?}"), Order::Oldest)?;
    let mut db = app.db.read().await?;
    let listed = tenants::list(&mut db, &wanted, &part).await?;
    let total = part.total(tenants::count(&mut db, &wanted)).await?;
    Ok(Json(part.page(listed, total, |tenant| tenant.id)?))
}

/// One tenant.
#[utoipa::path(get, path = "/api/v1/operator/tenants/{slug}", tag = "operators", params(("slug" = String, Path, description = "The subdomain")),
    responses((status = 200, body = Listed)), security(("bearer" = [])))]
pub async fn show_tenant_to_operator(State(app): State<App>, _session: OperatorSession, Path(slug): Path<String>) -> Result<Json<Listed>> {
    let slug = known(&slug)?;
    tenants::listed(&mut *app.db.read().await?, slug.as_str()).await?.map(Json).ok_or(Error::NotFound("tenant_not_found"))
}

/// Closes an active tenant's doors; its data is kept. Within five seconds nobody is served any more,
/// within ten the last stream has ended. Asks for a session of the last 15 minutes.
#[utoipa::path(post, path = "/api/v1/operator/tenants/{slug}/suspend", tag = "operators",
    params(("slug" = String, Path, description = "The subdomain")), responses((status = 200, body = Listed)), security(("bearer" = [])))]
pub async fn suspend_tenant(State(app): State<App>, session: OperatorSession, Path(slug): Path<String>) -> Result<Json<Listed>> {
    changed(&app, &session, &slug, Turn::Suspend).await
}

/// Opens a suspended tenant's doors again, or takes a tenant's deletion back: it is what it was before. Asks
/// for a session of the last 15 minutes.
#[utoipa::path(post, path = "/api/v1/operator/tenants/{slug}/resume", tag = "operators",
    params(("slug" = String, Path, description = "The subdomain")), responses((status = 200, body = Listed)), security(("bearer" = [])))]
pub async fn resume_tenant(State(app): State<App>, session: OperatorSession, Path(slug): Path<String>) -> Result<Json<Listed>> {
    changed(&app, &session, &slug, Turn::Resume).await
}

/// Tries again to provision a tenant that was given up. `409 conflict` for any other one. Asks for a session of the last 15
/// minutes.
#[utoipa::path(post, path = "/api/v1/operator/tenants/{slug}/retry", tag = "operators",
    params(("slug" = String, Path, description = "The subdomain")), responses((status = 200, body = Listed)), security(("bearer" = [])))]
pub async fn retry_tenant(session: OperatorSession, Path(slug): Path<String>) -> Result<Json<Listed>> {
    session.must_be_fresh()?;
    let slug = known(&slug)?;
    let begun = session.act(async |act| {
        let tenant = tenants::by_slug(act.db(), slug.as_str()).await?.ok_or(Error::NotFound("tenant_not_found"))?;
        provisioning::retry(act, tenant.id).await?;
        tenants::listed(act.db(), slug.as_str()).await
    });
    begun.await?.map(Json).ok_or(Error::NotFound("tenant_not_found"))
}

/// Begins a tenant's deletion: nobody is served any more, but for thirty days its admins or an operator take
/// it back; then its data goes for good. Asks for a session of the last 15 minutes.
#[utoipa::path(post, path = "/api/v1/operator/tenants/{slug}/delete", tag = "operators",
    params(("slug" = String, Path, description = "The subdomain")), responses((status = 200, body = Listed)), security(("bearer" = [])))]
pub async fn delete_tenant(State(app): State<App>, session: OperatorSession, Path(slug): Path<String>) -> Result<Json<Listed>> {
    changed(&app, &session, &slug, Turn::Delete).await
}

/// Changes where a tenant stands in its life, and tells it to the app plane.
async fn changed(app: &App, session: &OperatorSession, slug: &str, way: Turn) -> Result<Json<Listed>> {
    session.must_be_fresh()?;
    let slug = known(slug)?;
    let turned = session.act(async |act| {
        turn(act, &app.site, slug.as_str(), way).await?;
        tenants::listed(act.db(), slug.as_str()).await
    });
    let listed = turned.await?.ok_or(Error::NotFound("tenant_not_found"))?;
    route_changed(&app.outside.cache, slug.as_str()).await;
    Ok(Json(listed))
}

fn known(slug: &str) -> Result<Slug> {
    Slug::parse(slug).ok_or(Error::NotFound("tenant_not_found"))
}
