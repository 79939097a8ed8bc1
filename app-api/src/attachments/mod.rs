//! Files of tickets: customers and staff send them with what they say, or for the ticket itself. Nobody gets one before it
//! was looked at for malware; then small pictures are made of images and first pages. Only whoever sees its ticket gets its address, for
//! a quarter of an hour; who was given which and who took it is written down, for managers to read. One file is shared with whoever does
//! not see its ticket. What is taken away stays for thirty days and then goes for good.

mod accesses;
mod bounded;
mod fetch;
mod form;
mod list;
mod model;
mod moderate;
mod pace;
mod refuse;
mod remove;
mod room;
mod shares;
mod show;
mod store;
mod upload;
mod uploads;
mod usage;
mod wanted;
mod work;

use utoipa_axum::{router::OpenApiRouter, routes};
pub use work::{keep, next_work, work};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(upload::attach_file))
        .routes(routes!(list::list_attachments))
        .routes(routes!(show::show_attachment, remove::remove_attachment))
        .routes(routes!(usage::show_usage))
        .routes(routes!(accesses::list_accesses))
        .routes(routes!(shares::share_file, shares::list_shares))
        .routes(routes!(shares::revoke_share))
        .routes(routes!(shares::list_shared_with_me))
        .routes(routes!(shares::open_share))
        .routes(routes!(fetch::fetch_file))
        .merge(uploads::routes())
        .routes(routes!(fetch::fetch_preview))
        .routes(routes!(moderate::list_moderation_hashes, moderate::add_moderation_hash))
        .routes(routes!(moderate::change_moderation_hash, moderate::forget_moderation_hash))
}
