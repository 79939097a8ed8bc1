//! `GET /api/v1/operator/jobs`: what is done, was done and waits, for operators.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{JobStatus, Unit};
use crate::{app::App, operators::OperatorSession};

/// A job as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// What is done, as `move` or `backup`.
    pub kind: String,
    /// The subdomain of the tenant that it is about.
    pub tenant: Option<String>,
    /// The server that it is about.
    pub cluster: Option<String>,
    /// The step that comes next, or was the last.
    pub step: String,
    /// `waiting`, `running`, `done` or `failed`.
    pub status: String,
    /// How often the step has failed.
    pub attempts: i32,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// How much of the step is done.
    pub done: i64,
    /// How much there is, where that is known.
    pub total: Option<i64>,
    /// What these two count; none: whatever the step has many of.
    pub unit: Option<Unit>,
    /// When the step is tried next.
    pub next_at: DateTime<Utc>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only those of this tenant, by its subdomain.
    pub tenant: Option<String>,
    /// Only those of this kind.
    pub kind: Option<String>,
    /// Only those that stand there.
    #[param(inline)]
    pub status: Option<JobStatus>,
}

/// Jobs, the newest first.
#[utoipa::path(get, path = "/api/v1/operator/jobs", tag = "operators", params(Wanted, Paging),
    responses((status = 200, body = Page<Listed>)), security(("bearer" = [])))]
pub async fn list_jobs(
    State(app): State<App>,
    _session: OperatorSession,
    Asked { filter: wanted, paging }: Asked<Wanted>,
) -> Result<Json<Page<Listed>>> {
    let list = format!("operator:jobs:{:?}:{:?}:{:?}", wanted.tenant, wanted.kind, wanted.status);
    let part = paging.part(&app.keys.cursors, &list, Order::Newest)?;
    let mut db = app.db.read().await?;
    let listed = super::list(&mut db, &wanted, &part).await?;
    let total = part.total(super::count(&mut db, &wanted)).await?;
    Ok(Json(part.page(listed, total, |job| job.id)?))
}

/// One job.
#[utoipa::path(get, path = "/api/v1/operator/jobs/{id}", tag = "operators", params(("id" = Uuid, Path, description = "The job's id")),
    responses((status = 200, body = Listed)), security(("bearer" = [])))]
pub async fn show_job(State(app): State<App>, _session: OperatorSession, Path(id): Path<Uuid>) -> Result<Json<Listed>> {
    super::by_id(&mut *app.db.read().await?, id).await.map(Json)
}
