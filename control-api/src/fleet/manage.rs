//! Runs as operators see and steer them.

use axum::{
    extract::State,
    http::{StatusCode, header},
};
use shared::{
    Error, Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
};
use uuid::Uuid;

use super::{
    Fleet,
    model::{Run, Target, Wanted, Which},
    store, turn,
};
use crate::{app::App, operators::OperatorSession};

/// Begins to bring every tenant's database to this release's schema. Asks for a session of the last 15 minutes.
///
/// `409 migration_under_way` while a run goes on, `409 migration_held` while one is held, unless `replaces_held` says that
/// it is to end.
#[utoipa::path(post, path = "/api/v1/operator/migrations", tag = "operators", request_body = Wanted,
    responses((status = 202, body = Run)), security(("bearer" = [])))]
pub async fn start_migration(
    State(app): State<App>,
    session: OperatorSession,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, [(header::HeaderName, String); 1], Json<Run>)> {
    session.must_be_fresh()?;
    let fleet = Fleet::from(&app);
    let run = session.act(async |act| turn::start(act, &fleet.migrations, &wanted).await).await?;
    let place = format!("/api/v1/operator/migrations/{}", run.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, place)], Json(run)))
}

/// Runs, the newest first.
#[utoipa::path(get, path = "/api/v1/operator/migrations", tag = "operators", params(Paging),
    responses((status = 200, body = Page<Run>)), security(("bearer" = [])))]
pub async fn list_migrations(State(app): State<App>, _session: OperatorSession, Asked { paging, .. }: Asked) -> Result<Json<Page<Run>>> {
    let part = paging.part(&app.keys.cursors, "operator:migrations", Order::Newest)?;
    let mut db = app.db.read().await?;
    let listed = store::list(&mut db, &part).await?;
    let total = part.total(store::count(&mut db)).await?;
    Ok(Json(part.page(listed, total, |run| run.id)?))
}

/// One run.
#[utoipa::path(get, path = "/api/v1/operator/migrations/{id}", tag = "operators", params(("id" = Uuid, Path, description = "The run's id")),
    responses((status = 200, body = Run)), security(("bearer" = [])))]
pub async fn show_migration(State(app): State<App>, _session: OperatorSession, Path(id): Path<Uuid>) -> Result<Json<Run>> {
    store::by_id(&mut *app.db.read().await?, id).await?.map(Json).ok_or(Error::NotFound("migration_not_found"))
}

/// The databases of a run, with what became of each.
#[utoipa::path(get, path = "/api/v1/operator/migrations/{id}/tenants", tag = "operators",
    params(("id" = Uuid, Path, description = "The run's id"), Which, Paging), responses((status = 200, body = Page<Target>)), security(("bearer" = [])))]
pub async fn list_migration_tenants(
    State(app): State<App>,
    _session: OperatorSession,
    Path(id): Path<Uuid>,
    Asked { filter: which, paging }: Asked<Which>,
) -> Result<Json<Page<Target>>> {
    let part = paging.part(&app.keys.cursors, &format!("operator:migrations:{id}:{:?}", which.state), Order::Oldest)?;
    let mut db = app.db.read().await?;
    store::by_id(&mut db, id).await?.ok_or(Error::NotFound("migration_not_found"))?;
    let listed = store::targets(&mut db, id, &which, &part).await?;
    let total = part.total(store::count_targets(&mut db, id, &which)).await?;
    Ok(Json(part.page(listed, total, |target| target.tenant_id)?))
}

/// Holds a run; databases that were begun are finished. Asks for a session of the last 15 minutes.
#[utoipa::path(post, path = "/api/v1/operator/migrations/{id}/pause", tag = "operators",
    params(("id" = Uuid, Path, description = "The run's id")), responses((status = 200, body = Run)), security(("bearer" = [])))]
pub async fn pause_migration(session: OperatorSession, Path(id): Path<Uuid>) -> Result<Json<Run>> {
    session.must_be_fresh()?;
    session.act(async |act| turn::pause(act, id).await).await.map(Json)
}

/// Lets a run go on that was held or has stopped by itself. Asks for a session of the last 15 minutes.
#[utoipa::path(post, path = "/api/v1/operator/migrations/{id}/resume", tag = "operators",
    params(("id" = Uuid, Path, description = "The run's id")), responses((status = 200, body = Run)), security(("bearer" = [])))]
pub async fn resume_migration(State(app): State<App>, session: OperatorSession, Path(id): Path<Uuid>) -> Result<Json<Run>> {
    session.must_be_fresh()?;
    let fleet = Fleet::from(&app);
    session.act(async |act| turn::resume(act, &fleet.migrations, id).await).await.map(Json)
}

/// Tries the databases again that were given up. Asks for a session of the last 15 minutes.
#[utoipa::path(post, path = "/api/v1/operator/migrations/{id}/retry", tag = "operators",
    params(("id" = Uuid, Path, description = "The run's id")), responses((status = 200, body = Run)), security(("bearer" = [])))]
pub async fn retry_migration(State(app): State<App>, session: OperatorSession, Path(id): Path<Uuid>) -> Result<Json<Run>> {
    session.must_be_fresh()?;
    let fleet = Fleet::from(&app);
    session.act(async |act| turn::retry(act, &fleet.migrations, id).await).await.map(Json)
}
