//! Views: filters that are looked at again and again, each with its number of tickets. Six are built in. Everybody of
//! the staff saves views of their own; managers and admins save views for everybody. What a view shows is always what
//! its reader sees. A ticket that is snoozed is in no built-in view but `snoozed` and `all`. Numbers are exact up to 99.

mod count;
mod keep;
mod model;
mod show;
mod store;

pub(super) use model::ViewKey;
pub use model::{Name, Scope};
use shared::{Error, Result};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list::Filter;
use crate::{app::App, session::Session};

/// Routes of views.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show::list_views, keep::save_view)).routes(routes!(count::count_views)).routes(routes!(
        show::show_view,
        keep::change_view,
        keep::remove_view
    ))
}

/// What a view narrows a list to, for whoever asks.
pub(super) async fn narrowing(session: &Session, view: Option<ViewKey>) -> Result<Option<Filter>> {
    let (me, viewer) = (session.person.id, session.viewer());
    match view {
        None => Ok(None),
        Some(ViewKey::BuiltIn(view)) => Ok(Some(view.filter(me))),
        Some(ViewKey::Saved(id)) => {
            let found = store::find(&mut *session.read().await?, me, id).await?;
            let view = found.ok_or_else(|| Error::field("view", "unknown_value", "There is no such view."))?;
            Ok(Some(view.filter.for_reader(me, viewer)?))
        }
    }
}
