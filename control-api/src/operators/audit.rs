//! The platform's trail: what was done in the control plane, by whom, in all tenants.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, Query},
    page::{Limit, Page},
};
use utoipa::{IntoParams, ToSchema};

use super::{session::OperatorSession, store};
use crate::{app::App, audit::within_years};

/// One row of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlatformEntry {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    #[schema(value_type = Object)]
    pub actor: serde_json::Value,
    /// What.
    pub action: String,
    /// To what.
    pub resource: String,
    /// How it was changed; secrets are masked.
    #[schema(value_type = Object)]
    pub changes: serde_json::Value,
    /// From where.
    pub ip: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// `success` or `error`.
    pub outcome: String,
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichEntries {
    /// Only this action, as `TenantSuspended`.
    action: Option<String>,
    /// Only what was done to this, as `tenant:…`.
    resource: Option<String>,
    /// From this time on.
    from: Option<DateTime<Utc>>,
    /// Before this time.
    to: Option<DateTime<Utc>>,
    /// From 1 to 100; 50 unless told.
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What a page of rows is asked with.
pub struct Filter {
    pub action: Option<String>,
    pub resource: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub after: Option<(DateTime<Utc>, i64)>,
}

/// The platform's trail, the newest first.
#[utoipa::path(get, path = "/api/v1/operator/audit-logs", tag = "operators", params(WhichEntries),
    responses((status = 200, body = Page<PlatformEntry>)), security(("bearer" = [])))]
pub async fn list_audit_logs_of_platform(
    State(app): State<App>,
    _session: OperatorSession,
    Query(which): Query<WhichEntries>,
) -> Result<Json<Page<PlatformEntry>>> {
    within_years(which.from, which.to)?;
    let list = format!("operator:audit:{:?}:{:?}:{:?}:{:?}", which.action, which.resource, which.from, which.to);
    let after = which.cursor.as_deref().map(|cursor| app.keys.cursors.open(&list, cursor)).transpose()?;
    let filter = Filter { action: which.action, resource: which.resource, from: which.from, to: which.to, after };
    let rows = store::trail(&mut *app.db.read().await?, &filter, which.limit.probe()).await?;
    Ok(Json(Page::cut(rows, which.limit, &app.keys.cursors, &list, |entry| (entry.at, entry.id))?))
}
