//! Another address for one's account. The new one is used from the moment that its owner confirms it by
//! a link; whether it has an account already is told to its owner alone. The old one gets a mail then,
//! whose link undoes the change within a week: should a thief have done it, the thief is out with all
//! that they added, and the password has to be chosen anew.

mod ask;
mod follow;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask::change_email)).routes(routes!(follow::confirm_email_change))
}
