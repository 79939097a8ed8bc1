//! What admins ask: for an archive, how far it is, and for its bytes.

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    Error, Result,
    http::{Json, Path},
    idempotency::{Keyed, Once, once},
    page::{Asked, Order, Page, Paging},
    sealed_stream::open,
    session::Role,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{make, model::Export, store};
use crate::{
    app::App,
    backups::keys,
    deletion,
    events::Platform,
    jobs::{self, Kind, Planned},
    members,
    session::Remaining,
};

/// An export to be. There is nothing to choose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskExport {}

/// Asks for everything that the organisation has here, as one archive. A mail says when it is ready.
///
/// This and the other operations on exports stay open in the days of grace before a deletion.
///
/// For admins who have proved within the last 15 minutes who they are. `409 export_under_way` while one is being
/// made, `409 conflict` once the organisation's data is being taken away. Of archives that are ready the three newest
/// stay.
#[utoipa::path(post, path = "/api/v1/tenant/exports", tag = "exports", request_body = AskExport,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 202, body = Export, headers(("Location" = String, description = "The export")))), security(("bearer" = [])))]
pub async fn ask_export(session: Remaining, Keyed { body: AskExport {}, key }: Keyed<AskExport>) -> Result<Once> {
    session.must_be(Role::Admin)?;
    session.must_be_fresh()?;
    let (owner, whom, slug) = (session.owner(), session.member.whom(), session.tenant.slug.as_str());
    session
        .living_act(async |act| {
            once(act, key.as_ref(), &owner, "exports", async |act| {
                members::must_be_admin(act, whom).await?;
                // A purge is planned by whoever holds the tenant: it sees this job, or this sees it.
                deletion::must_not_have_begun(act, slug).await?;
                let id = jobs::plan(act, &Planned::of_tenant(Kind::Export, whom.tenant_id, &())?).await?;
                let now = act.now();
                let asked = store::insert(act.db(), id, (whom.tenant_id, whom.user_id), now).await?;
                act.record(&Platform::ExportAsked(asked.clone())).await?;
                Once::accepted(format!("/api/v1/tenant/exports/{id}"), &asked)
            })
            .await
        })
        .await
}

/// Exports that were asked for, the newest first.
#[utoipa::path(get, path = "/api/v1/tenant/exports", tag = "exports", params(Paging),
    responses((status = 200, body = Page<Export>)), security(("bearer" = [])))]
pub async fn list_exports(State(app): State<App>, session: Remaining, Asked { paging, .. }: Asked) -> Result<Json<Page<Export>>> {
    session.must_be(Role::Admin)?;
    let tenant = session.tenant.id;
    let part = paging.part(&app.keys.cursors, &format!("exports:{tenant}"), Order::Newest)?;
    let mut db = app.db.read().await?;
    let listed = store::list(&mut db, tenant, &part).await?;
    let total = part.total(store::count(&mut db, tenant)).await?;
    Ok(Json(part.page(listed, total, |export| export.id)?))
}

/// One export, and how far it is.
#[utoipa::path(get, path = "/api/v1/tenant/exports/{id}", tag = "exports", params(("id" = Uuid, Path, description = "The export's id")),
    responses((status = 200, body = Export)), security(("bearer" = [])))]
pub async fn show_export(State(app): State<App>, session: Remaining, Path(id): Path<Uuid>) -> Result<Json<Export>> {
    session.must_be(Role::Admin)?;
    store::by_id(&mut *app.db.read().await?, session.tenant.id, id).await?.map(Json).ok_or(Error::NotFound("export_not_found"))
}

/// The archive, for seven days or until three newer ones are ready: a tar file with the database as SQL, the files, and
/// a README that says how to have the database again. For admins who have proved within the last 15 minutes who they are.
#[utoipa::path(get, path = "/api/v1/tenant/exports/{id}/download", tag = "exports",
    params(("id" = Uuid, Path, description = "The export's id")),
    responses((status = 200, content_type = "application/x-tar", body = Vec<u8>)), security(("bearer" = [])))]
pub async fn download_export(State(app): State<App>, session: Remaining, Path(id): Path<Uuid>) -> Result<Response> {
    session.must_be(Role::Admin)?;
    session.must_be_fresh()?;
    let (tenant, now, gone) = (session.tenant.id, app.clock.now(), || Error::NotFound("export_not_found"));
    let mut db = app.db.read().await?;
    let export = store::by_id(&mut db, tenant, id).await?.ok_or_else(gone)?;
    let archive = store::archive(&mut db, tenant, id, now).await?.ok_or_else(gone)?;
    drop(db);
    let key = keys::open(&app.db, &app.keys.ring, Some(tenant), &archive.sealed_key).await?;
    let object = app.outside.storage.get_range(&archive.object, None).await?.ok_or(Error::Unavailable("storage"))?.object;
    session.act(async |act| act.record(&Platform::ExportTaken(export.clone())).await).await?;
    let plain = open(&key, &make::owner(id), Box::pin(object.stream()));
    let name = format!("attachment; filename=\"{}-{}.tar\"", session.tenant.slug, export.asked_at.format("%Y-%m-%d"));
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_LENGTH, archive.size.to_string()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(plain)).into_response())
}
