//! A move begins: by an operator's word, or on the command line.

use axum::{
    http::{StatusCode, header::LOCATION},
    response::IntoResponse,
};
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, Path},
    tenancy::Slug,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    model::{Journey, Spot},
    store,
};
use crate::{
    clusters,
    events::Platform,
    fleet,
    jobs::{self, Kind, Listed, Planned},
    operators::OperatorSession,
    provisioning,
    tenants::Status,
};

/// Where a tenant is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveTenant {
    /// The server's name.
    cluster: String,
}

/// Moves a tenant to another server while it works; nobody's request fails. Answers with the job that does it. Asks for a
/// session of the last 15 minutes.
#[utoipa::path(post, path = "/api/v1/operator/tenants/{slug}/move", tag = "operators",
    params(("slug" = String, Path, description = "The subdomain")), request_body = MoveTenant,
    responses((status = 202, body = Listed)), security(("bearer" = [])))]
pub async fn move_tenant(session: OperatorSession, Path(slug): Path<String>, Json(to): Json<MoveTenant>) -> Result<impl IntoResponse> {
    session.must_be_fresh()?;
    let slug = Slug::parse(&slug).ok_or(Error::NotFound("tenant_not_found"))?;
    let job = session
        .act(async |act| {
            let job = begin(act, slug.as_str(), &to.cluster).await?;
            jobs::by_id(act.db(), job).await
        })
        .await?;
    Ok((StatusCode::ACCEPTED, [(LOCATION, format!("/api/v1/operator/jobs/{}", job.id))], Json(job)))
}

/// The verb: plans the move of a tenant to the server of that name, and gives its job. `409` for a tenant that has no
/// data, is there already, or with whose data something else is done just now, a migration too, and for a server that
/// takes nobody, is full or does not answer.
pub async fn begin(act: &mut Act, slug: &str, cluster: &str) -> Result<Uuid> {
    let (tenant, status, from) = store::lock(act.db(), slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let from = from.filter(|_| moves(status)).ok_or_else(|| Error::conflict("conflict", "Only an active or suspended tenant moves."))?;
    let to = clusters::by_name(act.db(), cluster).await?;
    if to.id == from.cluster_id {
        return Err(Error::conflict("already_there", "The tenant is on that server already."));
    }
    clusters::expect_room(act, to.id).await?;
    let (now, name) = (act.now(), provisioning::another_name(slug));
    if fleet::is_under_way(act.db(), tenant, now).await? {
        return Err(Error::conflict("migration_under_way", "Its database is brought to another schema just now."));
    }
    let to = Spot { cluster_id: to.id, cluster: to.name, database: name.clone(), role: name };
    let journey = Journey { slug: slug.to_owned(), from, to, tries: 0, large: vec![], left_at: None };
    let job = jobs::plan(act, &Planned::of_tenant(Kind::Move, tenant, &journey)?).await?;
    act.record(&Platform::TenantMoveBegun(journey.told(tenant))).await?;
    Ok(job)
}

/// Whether a tenant in that state may be moved.
fn moves(status: Status) -> bool {
    match status {
        Status::Active | Status::Suspended => true,
        Status::Provisioning | Status::Deleting | Status::Deleted | Status::Failed => false,
    }
}
