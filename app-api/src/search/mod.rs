//! Search: tickets and what was said in them, by words, by parts of a number, by conditions.
//!
//! Words are found in French and in English, whatever their endings, capitals and accents; where too little is found,
//! subjects with a similar word are, too. What is found is what the reader may see anyway: customers find nothing by notes
//! or tags. The best comes first: a ticket whose number it is, then what holds the words in its subject, then in its
//! text, the newer before the older. A ticket or message is found as soon as it is written; those from before search
//! came are indexed by and by (`backfill`).

mod backfill;
mod find;
mod highlight;
mod model;
mod store;

pub use backfill::index_old;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find::search))
}
