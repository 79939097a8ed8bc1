//! Exports: the tickets that one sees, narrowed as a list is, taken away as a file. The file is written while it is read, a
//! page of tickets at a time: what it takes does not grow with it, no transaction stays open, and each page is read with the
//! rights that its reader has by then. A file that breaks off in the middle is broken off for its receiver, too: nobody
//! takes a part for the whole. Few are made at the same time, and whoever reads slowly gives way to others. That somebody
//! took them away stands in the trail.

mod ask;
mod cells;
mod events;
mod out;
mod pace;
mod turns;
mod walk;
mod workbook;
mod write;

pub use cells::is_export;
pub use turns::Turns;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of exports.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask::export_tickets))
}
