//! What an admin sees of their organisation's deletion.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{Error, Result, http::Json, session::Role};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{model::Asker, store};
use crate::{app::App, members, session::Remaining, tenants};

/// The deletion of an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantDeletion {
    /// Its subdomain.
    slug: String,
    /// Its name.
    organisation: String,
    /// Who asked.
    asked_by: Asker,
    /// When.
    asked_at: DateTime<Utc>,
    /// Until then it can be taken back; afterwards its data goes for good.
    delete_after: DateTime<Utc>,
    /// Its data is being taken away: it cannot be taken back any more.
    is_begun: bool,
}

/// When the organisation is deleted, and who asked; `404 not_found` while nobody did.
#[utoipa::path(get, path = "/api/v1/tenant/deletion", tag = "tenants", responses((status = 200, body = TenantDeletion)),
    security(("bearer" = [])))]
pub async fn show_deletion(State(app): State<App>, session: Remaining) -> Result<Json<TenantDeletion>> {
    session.must_be(Role::Admin)?;
    told(&mut *app.db.read().await?, session.tenant.id).await?.map(Json).ok_or(Error::NotFound("not_found"))
}

/// A tenant's deletion as its admins see it.
pub(super) async fn told(db: &mut PgConnection, id: Uuid) -> Result<Option<TenantDeletion>> {
    let (deletion, tenant) = (store::find(db, id).await?, tenants::by_id(db, id).await?);
    let (Some(deletion), Some(tenant)) = (deletion, tenant) else { return Ok(None) };
    let mut asked_by = Asker::of(&deletion.asked_by);
    if let Some(person) = asked_by.id {
        asked_by.name = members::find(db, id, person).await?.map(|member| format!("{} {}", member.firstname, member.lastname));
    }
    Ok(Some(TenantDeletion {
        slug: tenant.slug,
        organisation: tenant.organisation,
        asked_by,
        asked_at: deletion.asked_at,
        delete_after: deletion.delete_after,
        is_begun: deletion.begun_at.is_some(),
    }))
}
