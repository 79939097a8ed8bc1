//! Tickets: what customers ask and what agents owe them.
//!
//! A ticket is opened by a customer, or by staff for one. It waits in the queue until somebody is
//! assigned, is worked on, waits for the customer now and then, is resolved, and closes when the
//! customer confirms, or when the time for an answer or an objection is over. Two clocks say how long we have for the
//! first answer and for the resolution. Which step may follow which is in `status`, who sees which ticket in
//! `visibility`, how much a new one presses in `priority`. A closed ticket is never changed again.

mod assign;
mod change_status;
mod clocks;
mod edit;
mod explain;
mod history;
mod lateness;
mod list;
mod measure;
mod model;
mod number;
mod open;
mod priority;
mod read;
mod reply;
mod show;
mod status;
mod store;
mod thread;
mod timers;
mod trail;
mod visibility;

pub use model::{Priority, Ticket};
pub use status::Status;
pub use store::{Facts, facts};
pub use timers::{Left, fire_timers};
use utoipa_axum::{router::OpenApiRouter, routes};
pub use visibility::{Audience, Heard, Sight, Viewer};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open::open_ticket, list::list_tickets))
        .routes(routes!(show::show_ticket, edit::edit_ticket))
        .routes(routes!(assign::assign_ticket))
        .routes(routes!(change_status::change_ticket_status))
        .routes(routes!(reply::add_message, thread::list_messages))
        .routes(routes!(read::mark_ticket_read))
        .routes(routes!(history::list_ticket_history))
        .routes(routes!(explain::explain_ticket_sla))
}
