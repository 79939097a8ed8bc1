//! Tickets: what customers ask and what agents owe them.
//!
//! A ticket is opened by a customer, or by staff for one. It waits in the queue until somebody is
//! assigned, is worked on, waits for the customer now and then, is resolved, and closes when the
//! customer confirms, or when the time for an answer or an objection is over. Two clocks say how long we have for the
//! first answer and for the resolution. Which step may follow which is in `status`, who sees which ticket in
//! `visibility`, how much a new one presses in `priority`, whom a team gives its tickets to by itself in `assignment`.
//! Whoever leaves leaves their work in the queue. A closed ticket is never changed again: its customer goes on with another
//! one, and only a merge is undone, for a day.

mod arrival;
mod arrive;
mod assign;
mod assignment;
mod bulk;
mod change_status;
mod clocks;
mod contacts;
mod draft;
mod edit;
mod effect;
mod explain;
mod export;
mod follow_up;
mod give;
mod history;
mod joining;
mod lateness;
mod leave;
mod links;
mod list;
mod measure;
mod merge;
mod model;
mod number;
mod open;
mod orders;
mod presence;
mod priority;
mod read;
mod reply;
mod sealing;
mod show;
mod snooze;
mod split;
mod status;
mod store;
mod syntax;
mod tags;
mod thread;
mod timers;
mod trail;
mod unmerge;
mod views;
mod visibility;
mod waiting;
#[cfg(test)]
mod walks;
mod watch;
mod work;

pub use arrival::{Arrival, Said, standing};
pub use arrive::{bring, must_have_had_room, room};
pub use bulk::{forget_old as forget_old_jobs, has_left as has_jobs_left, resume as resume_jobs};
pub use contacts::{hand_over, has_to_hand_over};
pub use effect::{Effect, effects};
pub use export::{Turns, is_export};
pub use leave::{follow_people, release_leavers};
pub use model::{CustomFields, Label, Party, Priority, Subject, Ticket, TicketName, TicketRef};
pub use number::part as number_part;
pub use open::answered;
pub use orders::{follow as follow_orders, next_comparison, reconcile as reconcile_orders};
pub use presence::Moved;
pub use sealing::seal_old;
pub use show::{is_seen_by, lock as hold, seen};
pub use status::Status;
pub use store::{Facts, facts, push_conditions, push_query, push_sight, push_visible, push_without, push_words, vector};
pub use syntax::{Condition, Search, Time, Whom};
pub use timers::{Left, fire_timers};
use utoipa_axum::{router::OpenApiRouter, routes};
pub use views::{Name, Scope};
pub use visibility::{Audience, Heard, Sight, Viewer};
pub use waiting::look_back;
pub use watch::{seers, watchers, watching};
pub use work::{Doing, Work, say_and_do};

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
        .routes(routes!(snooze::snooze_ticket, snooze::wake_ticket))
        .routes(routes!(watch::watch_ticket, watch::unwatch_ticket))
        .routes(routes!(watch::list_watchers))
        .routes(routes!(draft::show_draft, draft::keep_draft, draft::drop_draft))
        .routes(routes!(links::list_links, links::link_tickets))
        .routes(routes!(links::unlink_tickets))
        .routes(routes!(merge::merge_ticket))
        .routes(routes!(unmerge::unmerge_ticket))
        .routes(routes!(split::split_ticket))
        .routes(routes!(presence::be_present))
        .routes(routes!(tags::list_tags))
        .merge(views::routes())
        .merge(bulk::routes())
        .merge(export::routes())
}
