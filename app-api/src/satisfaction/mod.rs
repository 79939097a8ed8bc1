//! Satisfaction (T-60): how content customers are with what was done for them.
//!
//! The mail that says that a ticket is resolved asks for one to five points and, if they like, a few words. Its link is
//! sealed: it names the organisation, the ticket and that one resolution, and lets whoever has it answer for thirty days
//! without signing in. Each resolution has one answer, which may be changed as long as the link is good. Opening the link
//! answers nothing: programs that look through mails rate nobody. Customers who are signed in find the same question beside
//! their ticket. Nobody of the staff is asked, whose ticket it may be, nor whoever resolved it themselves; and what is resolved
//! still when a merge is undone was rated, or is, as what it was before. The staff reads the answers to tickets that it sees, with
//! their average.

mod answer;
mod list;
mod model;
mod question;
mod store;

pub use question::token;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_ratings, answer::rate_resolution))
        .routes(routes!(answer::show_question))
        .routes(routes!(question::show_ticket_question))
}
