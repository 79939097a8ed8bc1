//! Asking for a tenant's deletion.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    config::SiteConfig,
    http::{Created, Json},
    mail,
    session::Role,
    tenancy::route_changed,
};
use utoipa::ToSchema;

use super::{
    model::{Deletion, GRACE},
    show::{self, TenantDeletion},
    store,
};
use crate::{
    app::App,
    events::Platform,
    mails::{self, Addressee, Leaving, Text},
    members,
    session::Session,
    sessions,
    tenants::{self, Status, Tenant},
};

/// The subdomain, typed once more: nobody deletes an organisation by a slip of the hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskForDeletion {
    slug: String,
}

/// Begins the organisation's deletion. From now on nobody is served. For thirty days its admins may sign in
/// and take it back, then all its data goes for good. Every admin gets a mail. Asks for a recent proof.
#[utoipa::path(post, path = "/api/v1/tenant/deletion", tag = "tenants", request_body = AskForDeletion,
    responses((status = 201, body = TenantDeletion)), security(("bearer" = [])))]
pub async fn ask_for_deletion(
    State(app): State<App>,
    session: Session,
    Json(wish): Json<AskForDeletion>,
) -> Result<Created<TenantDeletion>> {
    session.must_be(Role::Admin)?;
    session.must_be_fresh()?;
    if wish.slug.trim() != session.tenant.slug {
        return Err(Error::field("slug", "mismatch", "This is not the address of your organisation."));
    }
    let begun = session.living_act(async |act| {
        members::must_be_admin(act, session.member.whom()).await?;
        begin(act, &app.site, &session.tenant.slug).await?;
        show::told(act.db(), session.tenant.id).await
    });
    let told = begun.await?.ok_or(Error::NotFound("not_found"))?;
    route_changed(&app.outside.cache, &session.tenant.slug).await;
    Ok(Created::at("/api/v1/tenant/deletion", told))
}

/// The verb: a tenant that stands is being deleted from now on. Sessions end but those of its admins.
/// `409 conflict` for one that is being made or deleted.
pub(super) async fn begin(act: &mut Act, site: &SiteConfig, slug: &str) -> Result<()> {
    let (now, mut tenant) = (act.now(), tenants::hold(act, slug).await?);
    if !tenant.status.may_be_deleted() {
        return Err(Error::conflict("conflict", "This organisation is not there yet, or is being deleted already."));
    }
    let deletion = Deletion {
        tenant_id: tenant.id,
        returns_to: tenant.status,
        asked_by: serde_json::to_value(&act.author().actor)?,
        asked_at: now,
        delete_after: now + GRACE,
        begun_at: None,
        removed: serde_json::json!({}),
    };
    store::insert(act.db(), &deletion).await?;
    tenants::become_status(act.db(), tenant.id, Status::Deleting, now).await?;
    let admins: Vec<i64> = members::all_admins(act.db(), tenant.id).await?.iter().map(|admin| admin.user_id).collect();
    sessions::end_of_tenant(act, tenant.id, &admins).await?;
    tell(act, site, &tenant, |organisation, link| Leaving::Asked { organisation, link, at: deletion.delete_after }).await?;
    tenant.status = Status::Deleting;
    act.record(&Platform::TenantDeletionAsked(tenant, deletion.delete_after)).await?;
    Ok(())
}

/// Writes to each admin of the tenant.
pub(super) async fn tell<'a>(
    act: &mut Act,
    site: &SiteConfig,
    tenant: &'a Tenant,
    text: impl for<'b> Fn(&'b str, &'b str) -> Leaving<'b> + Send,
) -> Result<()> {
    let (now, link) = (act.now(), format!("{}/login", site.url(&tenant.slug)));
    for admin in members::all_admins(act.db(), tenant.id).await? {
        let letter = mails::write(Addressee::of(&admin), &Text::Leaving(text(&tenant.organisation, &link)))?;
        mail::queue(act.db(), &letter, &site.base_domain, now).await?;
    }
    Ok(())
}
