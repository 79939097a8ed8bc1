//! Reports (T-16): how many tickets come and go, how fast, in time or not, by whom, and how content customers are.
//!
//! What is counted are facts: a ticket was opened, answered for the first time, resolved, reopened or closed unresolved, a
//! promise was kept or missed, a resolution was rated. All of them follow from what stands beside the ticket (`fact`), so
//! counting a ticket anew changes nothing unless the ticket has. Each counts on its day by the organisation's clock, for the
//! priority that the ticket had then, and for its category, team and channel as they are now. A ticket that goes on in another
//! one counts for nothing; once it is parted again it counts as before. Each promise counts once: when it was kept, or when it
//! was missed; a reopening takes back that it was kept.
//!
//! Tickets that have changed are noted from their events (`follow::note`), and counted a little later; whatever nobody was told
//! of is found by a walk over all tickets (`follow::count`). Numbers come from sums for each day. Behind each number stand
//! its facts, which lead to the tickets.

mod drill;
mod fact;
mod figures;
mod follow;
mod period;
mod report;
mod store;
mod sums;

pub use follow::{Left, QUEUE, count, note};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(report::show_overview))
        .routes(routes!(report::show_sla_report))
        .routes(routes!(report::show_agents_report))
        .routes(routes!(report::show_volume_report))
        .routes(routes!(drill::list_counted_tickets))
}
