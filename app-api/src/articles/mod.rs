//! The help centre (T-60): articles that answer before somebody has to ask.
//!
//! Managers write articles in French, English or both, in sections. A draft is theirs alone; once it is published every
//! customer and member reads it, in their language or else in the organisation's; taken back or archived it is nobody's
//! any more but theirs. Archived articles and sections stay as they were, and an address is never given to another article.
//! Words find an article in whatever language it has them, without accents. While a customer writes the subject of a ticket
//! they are shown up to five articles that may help. Whoever reads says whether an article has helped: once, and the last
//! word counts; how many said what only managers see.

mod keep;
mod list;
mod model;
mod preview;
mod room;
mod sections;
mod show;
mod store;
mod suggest;
mod vote;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_articles, keep::create_article))
        .routes(routes!(sections::list_article_sections, sections::create_article_section))
        .routes(routes!(sections::show_article_section, sections::edit_article_section, sections::archive_article_section))
        .routes(routes!(suggest::suggest_articles))
        .routes(routes!(preview::preview_article))
        .routes(routes!(show::show_article, keep::edit_article, keep::archive_article))
        .routes(routes!(vote::vote_on_article))
}
