//! Imports: tickets from another helpdesk, from a table (CSV) or from Zendesk's export.
//!
//! An admin sends the file, in parts; it is kept in the organisation's own database until it was read. What stands at its
//! head is read at once, with a guess what each column is to us. A check then reads all of it and says what would be wrong
//! with which line, without bringing anything. A run brings what is right, a few hundred lines at a time: tickets, thread,
//! customers and how far it is are one transaction, so a run that is broken off goes on behind the last line that was
//! brought. A ticket is brought once, by its id at the source or, without one, by what stands in its line. Tickets keep their
//! times, status and requester; nobody is mailed. A requester whom we do not know is a contact from then on, and whoever
//! proves that address has the tickets. It goes on only as long as whoever runs it is an admin, and the key with which they have
//! asked for it opens.
mod begin;
mod bounded;
mod change;
mod cut;
mod forget;
mod go_on;
mod head;
mod judge;
#[cfg(test)]
mod judge_cases;
mod mapping;
mod model;
mod parties;
mod problems;
mod raw;
mod run;
mod settle;
mod show;
mod source;
mod store;
mod table;
mod upload;
mod words;
mod zendesk;

pub use forget::forget_old;
pub use go_on::{LONGEST, go_on, waits};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin::begin_import, show::list_imports))
        .routes(routes!(show::show_import, change::change_import))
        .routes(routes!(upload::upload_import_file))
        .routes(routes!(run::run_import))
        .routes(routes!(run::cancel_import))
        .routes(routes!(problems::list_import_errors))
        .routes(routes!(problems::export_import_errors))
}
