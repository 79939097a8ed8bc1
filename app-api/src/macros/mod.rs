//! Canned replies and macros: what agents would otherwise write and click again and again. A canned reply is a text
//! with placeholders, filled in for a ticket. A macro says something, does something to the ticket, or both; all of it
//! happens or nothing does. Everybody of the staff keeps their own, managers and admins keep everybody's. Placeholders
//! come from a fixed list and hold no logic: whatever else stands in braces stays as it was written. What they stand for
//! is said as it was written, not as Markdown: a customer's subject is no link in an agent's name. Nothing is sent while a
//! placeholder has no value.

mod apply;
mod keep;
mod model;
mod plain;
mod show;
mod store;
mod template;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show::list_canned_replies, keep::save_canned_reply))
        .routes(routes!(show::show_canned_reply, keep::change_canned_reply, keep::remove_canned_reply))
        .routes(routes!(apply::preview_canned_reply))
        .routes(routes!(show::list_macros, keep::save_macro))
        .routes(routes!(show::show_macro, keep::change_macro, keep::remove_macro))
        .routes(routes!(apply::preview_macro))
        .routes(routes!(apply::apply_macro))
}
