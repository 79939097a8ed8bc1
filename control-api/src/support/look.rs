//! What an operator does with a tenant's leave: begin to look.

use axum::extract::State;
use serde::Serialize;
use shared::{
    Error, Result,
    auth::jwt::{LIFETIME, Pass},
    http::{Json, Path},
    tenancy::Slug,
};
use utoipa::ToSchema;

use super::{grant::SupportAccess, store};
use crate::{
    app::App,
    events::Platform,
    operators::OperatorSession,
    tenants::{self, Status},
};

/// With this an operator reads what the tenant's staff reads, at the tenant's own address.
#[derive(Debug, Serialize, ToSchema)]
pub struct Look {
    /// For the app plane's reading routes of this tenant alone.
    access_token: String,
    token_type: &'static str,
    /// Seconds; ask again afterwards, as long as the leave lasts.
    expires_in: i64,
    /// Where to look.
    url: String,
    /// By what leave.
    grant: SupportAccess,
}

/// Begins to look into a tenant that has given leave; `403 forbidden` without.
#[utoipa::path(post, path = "/api/v1/operator/support-access/{slug}", tag = "operators",
    params(("slug" = String, Path, description = "The tenant's subdomain")), responses((status = 200, body = Look)), security(("bearer" = [])))]
pub async fn look_in(State(app): State<App>, session: OperatorSession, Path(slug): Path<String>) -> Result<Json<Look>> {
    let unknown = || Error::NotFound("tenant_not_found");
    let slug = Slug::parse(&slug).ok_or_else(unknown)?;
    let tenant = tenants::by_slug(&mut *app.db.read().await?, slug.as_str()).await?.ok_or_else(unknown)?;
    if tenant.status != Status::Active {
        return Err(Error::conflict("conflict", "This organisation is not served now."));
    }
    let looking = session.act(async |act| {
        let now = act.now();
        let grant = store::open(act.db(), tenant.id, now).await?.ok_or(Error::Forbidden("forbidden"))?;
        act.record(&Platform::SupportUsed(grant.clone(), session.operator.id)).await?;
        Ok((grant, now))
    });
    let (grant, now) = looking.await?;
    let pass = Pass { operator: session.operator.id, tenant: tenant.id, grant: grant.id, ends_at: grant.ends_at };
    let access_token = app.keys.tokens.issue_pass(&pass, now)?;
    let expires_in = LIFETIME.min(grant.ends_at - now).num_seconds();
    Ok(Json(Look { access_token, token_type: "Bearer", expires_in, url: app.site.url(&tenant.slug), grant }))
}
