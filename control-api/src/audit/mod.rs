//! The audit trail (AU-1 to AU-3): what was done in the control plane and in each tenant's own
//! database, and what was refused. Rows are written by acts and by the edge, never changed, sealed
//! in chained batches, and dropped by whole months when they have been kept long enough (see
//! `shared::audit`). The newest seal of each tenant's trail is kept here, too, where nobody who
//! works in the tenant's database can change it. Admins search and export both trails of their
//! organisation as one list.

mod anchor;
mod check;
mod export;
mod keep;
mod list;
mod model;
mod sources;
mod store;
mod trails;

pub use anchor::{anchor_all, reanchor, take};
pub use check::{Checked, Scope, check};
use chrono::{DateTime, Utc};
pub use keep::{keep_own, write_failures};
pub use model::{Filter, Row, within_years};
use shared::{Result, page::Part};
use sqlx::PgConnection;
pub use trails::Trails;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{model::MOST_COUNTED, store::Of};
use crate::app::App;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list_audit_logs)).routes(routes!(export::export_audit_logs))
}

/// The rows of all tenants in the control database.
pub async fn of_platform(db: &mut PgConnection, filter: &Filter, part: &Part<'_, (DateTime<Utc>, i64)>) -> Result<Vec<Row>> {
    store::page(db, Of::Platform, filter, (part.order, part.after), part.probe()).await
}

/// How many they are, as far as to 10 000.
pub async fn count_of_platform(db: &mut PgConnection, filter: &Filter) -> Result<i64> {
    store::count(db, Of::Platform, filter, MOST_COUNTED).await
}
