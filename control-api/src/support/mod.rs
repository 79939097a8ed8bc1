//! Support access: the admin of a tenant lets the people who run the platform look in, for a reason and
//! for at most three days. They see what the staff sees and change nothing. Giving leave, taking it
//! back, its end, each time a look begins and each thing that is looked at stand in the tenant's own
//! trail. Without leave there is no way in; with it, it ends by itself.

mod grant;
mod look;
mod store;

pub use grant::{SupportAccess, note_ends};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(grant::grant_support_access, grant::list_support_access, grant::end_support_access))
        .routes(routes!(look::look_in))
}
