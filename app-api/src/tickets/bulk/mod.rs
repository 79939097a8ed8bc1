//! Bulk: one action for up to 500 tickets. Each ticket is an act of its own, through the same verb and the same eyes as
//! if it were the only one: one that is refused says why, and the others are done. One process at a time runs a job, on the
//! connections that are left by requests, and looks anew who its maker is and whether their API key still opens anything. A job
//! that its process leaves half done goes on with another one. An organisation has three jobs under way at most. What a job
//! has done is undone as far as nobody has changed a ticket since and the way back is one that a ticket may go.

mod begin;
mod model;
mod run;
mod show;
mod store;

use chrono::{DateTime, Utc};
pub use run::{has_left, resume};
use shared::Result;
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of bulk jobs.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin::change_tickets_in_bulk))
        .routes(routes!(show::show_bulk_job))
        .routes(routes!(begin::undo_bulk_job))
}

/// Forgets jobs that are older than thirty days, at most `limit` of them.
pub async fn forget_old(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::forget_old(db, now - chrono::TimeDelta::days(30), limit).await
}
