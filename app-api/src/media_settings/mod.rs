//! What files an organisation takes, and how much of them: its admins say which endings are taken together, up to
//! what length, and whether from customers; how much one person may have; and for how long is kept who had to do with a file.
//!
//! What runs, and what a browser would take for a page, is taken by nobody, whatever an admin sets. An ending that we know is
//! held against its content; of others we look for what must not be anywhere. A file that was taken stays when its category goes.

mod categories;
mod limits;
mod model;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(categories::list_media_categories, categories::create_media_category))
        .routes(routes!(categories::show_media_category, categories::edit_media_category, categories::delete_media_category))
        .routes(routes!(limits::show_media_settings, limits::change_media_settings))
}
