//! The platform's trail: what was done in the control plane, by whom, in all tenants.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::Json,
    page::{Asked, Order, Page, Paging},
};
use utoipa::{IntoParams, ToSchema};

use super::session::OperatorSession;
use crate::{
    app::App,
    audit::{self, Filter, within_years},
};

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
    /// Only what was done to this, as `tenant:…`; a noun alone, as `tenant`, means all of them.
    resource: Option<String>,
    /// From this time on.
    from: Option<DateTime<Utc>>,
    /// Before this time.
    to: Option<DateTime<Utc>>,
}

impl From<audit::Row> for PlatformEntry {
    fn from(row: audit::Row) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor: row.actor,
            action: row.action,
            resource: row.resource,
            changes: row.changes,
            ip: row.ip,
            request_id: row.request_id,
            outcome: row.outcome,
        }
    }
}

/// The platform's trail, the newest first. `count=true` counts as far as to 10 000.
#[utoipa::path(get, path = "/api/v1/operator/audit-logs", tag = "operators", params(WhichEntries, Paging),
    responses((status = 200, body = Page<PlatformEntry>)), security(("bearer" = [])))]
pub async fn list_audit_logs_of_platform(
    State(app): State<App>,
    _session: OperatorSession,
    Asked { filter: which, paging }: Asked<WhichEntries>,
) -> Result<Json<Page<PlatformEntry>>> {
    within_years(which.from, which.to)?;
    let list = format!("operator:audit:{:?}:{:?}:{:?}:{:?}", which.action, which.resource, which.from, which.to);
    let part = paging.part(&app.keys.cursors, &list, Order::Newest)?;
    let filter = Filter { action: which.action, resource: which.resource, from: which.from, to: which.to, ..Filter::default() };
    let mut db = app.db.read().await?;
    let entries = audit::of_platform(&mut db, &filter, &part).await?.into_iter().map(PlatformEntry::from).collect();
    let total = part.total(audit::count_of_platform(&mut db, &filter)).await?;
    Ok(Json(part.page(entries, total, |entry| (entry.at, entry.id))?))
}
