//! Invitations: an admin asks somebody in, by mail. The link is good once, for seven days, and
//! proves the address. Asking the same address again replaces the former invitation. Whoever has
//! an account already accepts with its password; everybody else chooses one.

mod accept;
mod invite;
mod model;
mod store;

pub use invite::Shown;
pub use model::{Invitation, InvitationStatus};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(invite::list_invitations, invite::create_invitation))
        .routes(routes!(invite::revoke_invitation))
        .routes(routes!(accept::accept_invitation))
}
