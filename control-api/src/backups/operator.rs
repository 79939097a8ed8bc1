//! Backups for operators.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    http::{Json, NoContent, Path},
    page::{Asked, Order, Page, PageInfo, Paging},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Backup, Drill, Late, Source, Without, delete, drill, late, restore, store, take};
use crate::{
    app::App,
    jobs::{self, Listed},
    operators::OperatorSession,
    tenants,
};

/// Which backups.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those of this tenant, by its subdomain.
    tenant: Option<String>,
    /// Instead of all, the newest of each tenant that is to have one, the oldest first, and the tenants `without` any: of both
    /// together those that have waited longest for the next one, as many as `limit` says, and there is no next page.
    late: bool,
}

/// A page of backups.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page_Backup)]
pub struct Backups {
    /// The backups.
    data: Vec<Backup>,
    /// Where they stand.
    page: PageInfo,
    /// Only with `late=true`: tenants that are to have backups and have none yet, those that wait longest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    without: Option<Vec<Without>>,
}

/// Of whom a backup is to be taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBackup {
    /// The tenant's subdomain; without it, of the control database.
    tenant: Option<String>,
}

/// What a restore asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreBackup {
    /// The subdomain once more: what was written after the backup is lost.
    tenant: String,
    /// Send what waited to be sent at that time once more, though it may have been sent since.
    #[serde(default)]
    resend: bool,
}

/// What going back to a moment asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreTenant {
    /// The moment.
    at: DateTime<Utc>,
    /// Send what waited to be sent at that time once more, though it may have been sent since.
    #[serde(default)]
    resend: bool,
}

/// Whose backup is restored for trial.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginDrill {
    /// The tenant's subdomain; without it, somebody's by chance.
    tenant: Option<String>,
}

/// Backups, the newest first. `late=true` asks whose is how late: `422` with a `cursor`, or another order than the oldest
/// first.
#[utoipa::path(get, path = "/api/v1/operator/backups", tag = "operators", params(Which, Paging),
    responses((status = 200, body = Backups)), security(("bearer" = [])))]
pub async fn list_backups(
    State(app): State<App>,
    _session: OperatorSession,
    Asked { filter, paging }: Asked<Which>,
) -> Result<Json<Backups>> {
    let tenant = filter.tenant.as_deref();
    if filter.late {
        return list_late(&app, tenant, &paging).await.map(Json);
    }
    let list = format!("operator:backups:{tenant:?}");
    let part = paging.part(&app.keys.cursors, &list, Order::Newest)?;
    let mut db = app.db.read().await?;
    let listed = store::list(&mut db, tenant, &part).await?;
    let total = part.total(store::count(&mut db, tenant)).await?;
    let Page { data, page } = part.page(listed, total, |backup| backup.id)?;
    Ok(Json(Backups { data, page, without: None }))
}

/// What is first on it changes with every backup that is taken, so it has one page.
async fn list_late(app: &App, tenant: Option<&str>, paging: &Paging) -> Result<Backups> {
    let part = paging.part::<Uuid>(&app.keys.cursors, "operator:backups:late", Order::Oldest)?;
    if part.order == Order::Newest {
        return Err(Error::field("sort", "out_of_range", "What is late is told from the oldest on."));
    }
    let limit = part.probe() - 1;
    let mut db = app.db.read().await?;
    let (mut without, mut data) = (Vec::new(), Vec::new());
    for late in late::latest(&mut db, tenant, limit).await? {
        match late {
            Late::Without(none) => without.push(none),
            Late::Newest(backup) => data.push(*backup),
        }
    }
    let total = part.total(store::count_served(&mut db, tenant)).await?;
    Ok(Backups { data, page: PageInfo { next_cursor: None, limit, total }, without: Some(without) })
}

/// One backup.
#[utoipa::path(get, path = "/api/v1/operator/backups/{id}", tag = "operators", params(("id" = Uuid, Path, description = "The backup's id")),
    responses((status = 200, body = Backup)), security(("bearer" = [])))]
pub async fn show_backup(State(app): State<App>, _session: OperatorSession, Path(id): Path<Uuid>) -> Result<Json<Backup>> {
    store::by_id(&mut *app.db.read().await?, id).await?.map(Json).ok_or(Error::NotFound("backup_not_found"))
}

/// Takes a backup, which is kept until somebody takes it away. Asks for a session of the last 15 minutes. The
/// job's id is the backup's.
#[utoipa::path(post, path = "/api/v1/operator/backups", tag = "operators", request_body = TakeBackup,
    responses((status = 202, body = Listed)), security(("bearer" = [])))]
pub async fn take_backup(session: OperatorSession, Json(wish): Json<TakeBackup>) -> Result<(StatusCode, Json<Listed>)> {
    session.must_be_fresh()?;
    let planned = session.act(async |act| {
        let tenant = match &wish.tenant {
            Some(slug) => Some(tenants::by_slug(act.db(), slug).await?.ok_or(Error::NotFound("tenant_not_found"))?.id),
            None => None,
        };
        let job = take::ask(act, tenant).await?;
        jobs::by_id(act.db(), job).await
    });
    Ok((StatusCode::ACCEPTED, Json(planned.await?)))
}

/// Brings a tenant back to what it was at a backup. What was written since is lost. Asks for a session of the
/// last 15 minutes. `409 job_under_way` while something else is done with its data.
#[utoipa::path(post, path = "/api/v1/operator/backups/{id}/restore", tag = "operators",
    params(("id" = Uuid, Path, description = "The backup's id")), request_body = RestoreBackup,
    responses((status = 202, body = Listed)), security(("bearer" = [])))]
pub async fn restore_backup(
    session: OperatorSession,
    Path(id): Path<Uuid>,
    Json(wish): Json<RestoreBackup>,
) -> Result<(StatusCode, Json<Listed>)> {
    session.must_be_fresh()?;
    let planned = session.act(async |act| {
        let tenant = tenants::by_slug(act.db(), &wish.tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
        let job = restore::plan(act, tenant.id, Source::Backup { id }, wish.resend).await?;
        jobs::by_id(act.db(), job).await
    });
    Ok((StatusCode::ACCEPTED, Json(planned.await?)))
}

/// Brings a tenant back to any second of the last days. What was written since is lost. Asks for a session of the last
/// 15 minutes. `422` unless the moment is within what is archived of its server; the message says which moments are.
/// `409 job_under_way` while something else is done with its data. The job's id is that of the backup which the moment
/// becomes.
#[utoipa::path(post, path = "/api/v1/operator/tenants/{slug}/restore", tag = "operators",
    params(("slug" = String, Path, description = "The tenant's subdomain")), request_body = RestoreTenant,
    responses((status = 202, body = Listed)), security(("bearer" = [])))]
pub async fn restore_tenant(
    session: OperatorSession,
    Path(slug): Path<String>,
    Json(wish): Json<RestoreTenant>,
) -> Result<(StatusCode, Json<Listed>)> {
    session.must_be_fresh()?;
    let planned = session.act(async |act| {
        let tenant = tenants::by_slug(act.db(), &slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
        let job = restore::plan_at(act, tenant.id, wish.at, wish.resend).await?;
        jobs::by_id(act.db(), job).await
    });
    Ok((StatusCode::ACCEPTED, Json(planned.await?)))
}

/// Takes a backup away. Asks for a session of the last 15 minutes. `409 backup_in_use` while a restore or a drill reads it.
#[utoipa::path(delete, path = "/api/v1/operator/backups/{id}", tag = "operators",
    params(("id" = Uuid, Path, description = "The backup's id")), responses((status = 204)), security(("bearer" = [])))]
pub async fn delete_backup(session: OperatorSession, Path(id): Path<Uuid>) -> Result<NoContent> {
    session.must_be_fresh()?;
    session.act(async |act| delete(act, id).await).await?;
    Ok(NoContent)
}

/// Drills, the newest first.
#[utoipa::path(get, path = "/api/v1/operator/drills", tag = "operators", params(Paging),
    responses((status = 200, body = Page<Drill>)), security(("bearer" = [])))]
pub async fn list_drills(State(app): State<App>, _session: OperatorSession, Asked { paging, .. }: Asked) -> Result<Json<Page<Drill>>> {
    let part = paging.part(&app.keys.cursors, "operator:drills", Order::Newest)?;
    let mut db = app.db.read().await?;
    let listed = store::drills(&mut db, &part).await?;
    let total = part.total(store::count_drills(&mut db)).await?;
    Ok(Json(part.page(listed, total, |drill| drill.id)?))
}

/// Restores a tenant's newest backup for trial, beside everything. Asks for a session of the last 15 minutes.
/// The job's id is the drill's.
#[utoipa::path(post, path = "/api/v1/operator/drills", tag = "operators", request_body = BeginDrill,
    responses((status = 202, body = Listed)), security(("bearer" = [])))]
pub async fn begin_drill(session: OperatorSession, Json(wish): Json<BeginDrill>) -> Result<(StatusCode, Json<Listed>)> {
    session.must_be_fresh()?;
    let planned = session.act(async |act| {
        let tenant = match &wish.tenant {
            Some(slug) => Some(tenants::by_slug(act.db(), slug).await?.ok_or(Error::NotFound("tenant_not_found"))?.id),
            None => None,
        };
        let job = drill::ask(act, tenant).await?;
        jobs::by_id(act.db(), job).await
    });
    Ok((StatusCode::ACCEPTED, Json(planned.await?)))
}
