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

pub use anchor::{anchor_all, reanchor};
pub use check::{Checked, Scope, check};
pub use keep::{keep_own, write_failures};
pub use model::within_years;
pub use trails::Trails;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list_audit_logs)).routes(routes!(export::export_audit_logs))
}
