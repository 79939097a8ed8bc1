//! Taking a deletion back.

use axum::extract::State;
use shared::{Error, Result, act::Act, config::SiteConfig, http::NoContent, session::Role, tenancy::route_changed};

use super::{ask::tell, store};
use crate::{
    app::App,
    events::Platform,
    mails::Leaving,
    members,
    session::Remaining,
    tenants::{self, Tenant},
};

/// Takes the organisation's deletion back: it is what it was before. `404 not_found` when it is not being
/// deleted, `409 conflict` once its data is being taken away.
#[utoipa::path(delete, path = "/api/v1/tenant/deletion", tag = "tenants", responses((status = 204)), security(("bearer" = [])))]
pub async fn take_deletion_back(State(app): State<App>, session: Remaining) -> Result<NoContent> {
    session.must_be(Role::Admin)?;
    let taken = session.living_act(async |act| {
        members::must_be_admin(act, session.member.whom()).await?;
        let tenant = tenants::hold(act, &session.tenant.slug).await?;
        take_back(act, &app.site, tenant).await
    });
    taken.await?;
    route_changed(&app.outside.cache, &session.tenant.slug).await;
    Ok(NoContent)
}

/// The verb. `409 conflict` once somebody has begun to carry it out.
pub(super) async fn take_back(act: &mut Act, site: &SiteConfig, mut tenant: Tenant) -> Result<()> {
    let now = act.now();
    let deletion = store::lock(act.db(), tenant.id).await?.ok_or(Error::NotFound("not_found"))?;
    if !deletion.can_be_taken_back() {
        return Err(super::begun());
    }
    store::remove(act.db(), tenant.id).await?;
    tenants::become_status(act.db(), tenant.id, deletion.returns_to, now).await?;
    tell(act, site, &tenant, |organisation, link| Leaving::TakenBack { organisation, link }).await?;
    tenant.status = deletion.returns_to;
    act.record(&Platform::TenantDeletionTakenBack(tenant)).await?;
    Ok(())
}
