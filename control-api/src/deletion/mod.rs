//! Deletion: how a tenant comes to its end (C-4). Its admin asks, or an operator. From then on nobody is
//! served, and for thirty days its admins, who may still sign in for that, or an operator take it back: it
//! is what it was before. Then its data goes for good, step by step: databases and roles, files, cache keys,
//! the rows about its people, the accounts of those who belong nowhere else. What stays is its name, so that
//! nobody gets it again, the platform's audit trail, and a signed record of what was removed.

mod ask;
mod model;
pub mod purge;
mod record;
mod show;
mod store;
mod take_back;
mod turn;

pub use model::{Asker, Deletion, GRACE, KEPT, OF_ACCOUNT, OF_MEMBER, OF_TENANT};
pub use record::{RECORDS, Shown, find, signed_by, signer};
use shared::{Error, Result, act::Act};
pub use turn::{Turn, turn};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, tenants};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show::show_deletion, ask::ask_for_deletion, take_back::take_deletion_back))
        .routes(routes!(record::show_deletion_record))
}

/// Holds the tenant: until the act ends nobody begins to take its data away. `409 conflict` once somebody has.
pub async fn must_not_have_begun(act: &mut Act, slug: &str) -> Result<()> {
    let tenant = tenants::hold(act, slug).await?;
    let is_begun = store::find(act.db(), tenant.id).await?.is_some_and(|deletion| !deletion.can_be_taken_back());
    if is_begun { Err(begun()) } else { Ok(()) }
}

fn begun() -> Error {
    Error::conflict("conflict", "The data of this organisation is being taken away already.")
}
