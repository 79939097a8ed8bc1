//! Teams: groups of members with a queue each. A ticket comes into a team's queue by its category, or by
//! hand. A team says how its new tickets are given out: whoever wants takes one (manual), each in turn
//! (round robin), or whoever has the least to do (least loaded). What somebody knows stands beside their
//! place in the team; a category may ask for it. A team that goes leaves no ticket behind: the ones that
//! are not closed are moved first. Closed tickets still name it.

mod model;
mod routes;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use model::{Member, NewMember, Skills, Team, Way};
pub use store::{Peer, Queue, is_team, next_turn, peers, queue};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(routes::create_team, routes::list_teams)).routes(routes!(
        routes::show_team,
        routes::edit_team,
        routes::delete_team
    ))
}
