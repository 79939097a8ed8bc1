//! Operators: the people who run the platform. They are no users: they have accounts, sign-in, sessions
//! and tokens of their own, made on the command line and always with a second factor. They see the books
//! (tenants, the audit trail), may suspend a tenant and let it go on, and see nothing of what is inside
//! one unless its admin has let them look ([`crate::support`]).
//!
//! An operator's token is opaque and lives in the database: no other route knows it, and it ends when
//! it is told to. Their routes answer at the host `admin.` or at none of a tenant's.

mod audit;
pub mod cli;
mod coming_in;
mod log_in;
mod model;
mod second_factor;
mod session;
mod store;
mod tenants;
mod tries;

use chrono::{DateTime, TimeDelta, Utc};
pub use model::{Account, Operator};
pub use session::{Desk, OperatorSession};
use shared::Result;
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(log_in::log_in_operator))
        .routes(routes!(second_factor::set_up_operator))
        .routes(routes!(second_factor::enable_operator))
        .routes(routes!(second_factor::verify_operator))
        .routes(routes!(session::log_out_operator))
        .routes(routes!(session::show_operator))
        .routes(routes!(tenants::list_tenants))
        .routes(routes!(tenants::show_tenant_to_operator))
        .routes(routes!(tenants::suspend_tenant))
        .routes(routes!(tenants::resume_tenant))
        .routes(routes!(tenants::retry_tenant))
        .routes(routes!(tenants::delete_tenant))
        .routes(routes!(audit::list_audit_logs_of_platform))
}

/// Forgets tickets, sessions and tries that ended a day ago.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep(db, now - TimeDelta::days(1), limit).await
}
