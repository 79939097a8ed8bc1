//! What an organisation has set for its tickets in this plane: how far its agents see, and by which clock its days begin.
//! The times after which tickets close by themselves, name and language are the control plane's (`/api/v1/tenant`).

mod routes;
mod store;

pub use store::zone;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(routes::show_ticket_settings, routes::change_ticket_settings))
}
