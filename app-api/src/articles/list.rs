//! `GET /api/v1/articles`: what there is to read, or what has certain words.

use axum::extract::State as AppState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, Query},
    page::{Limit, Page, Rows},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    model::{Locale, State, Words},
    show::Reader,
    store,
};
use crate::{app::App, permissions::Permission, session::Session};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Words, all of which an article has in one of its languages, whatever their endings and accents.
    #[param(value_type = Option<String>, max_length = 255)]
    pub q: Option<Words>,
    /// `fr` or `en`; the reader's own unless told.
    #[param(inline)]
    pub locale: Option<Locale>,
    /// Articles of this section.
    pub section: Option<i64>,
    /// Articles of this state; what is not archived unless told. Whoever does not keep articles finds published ones alone.
    #[param(inline)]
    pub state: Option<State>,
    /// How many, 1 to 100; 50 unless told.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where the previous page ended.
    cursor: Option<String>,
    /// Adds `page.total`.
    #[serde(default)]
    count: bool,
}

/// An article in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedArticle {
    /// Its id.
    pub id: i64,
    /// The section that it stands in.
    pub section_id: i64,
    /// What its address says.
    pub slug: String,
    /// Where it stands.
    pub state: State,
    /// Where it stands among the others of its section.
    pub position: i32,
    /// The language of the title.
    pub locale: Locale,
    /// The title.
    pub title: String,
    /// Grows with each change.
    pub version: i64,
    /// When it was last published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Place {
    /// How well it fits in millionths; without words what stands first has the most.
    pub rank: i64,
    pub id: i64,
}

/// Lists articles: with words the best first, else by their position. `422 too_broad` when the search would take too long.
#[utoipa::path(get, path = "/api/v1/articles", tag = "articles", params(Asked), responses((status = 200, body = Page<ListedArticle>)))]
pub(super) async fn list_articles(
    session: Session,
    AppState(app): AppState<App>,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<ListedArticle>>> {
    session.may(Permission::ReadArticles)?;
    let reader = Reader::of(&session, asked.locale);
    let filter = (&asked.q, &asked.section, &asked.state);
    let list = format!("articles:{}:{}:{filter:?}", session.tenant.id, reader.is_keeper);
    let after = asked.cursor.as_deref().map(|cursor| app.cursors.open::<Place>(&list, cursor)).transpose()?;
    let mut db = session.ask().await?;
    let rows = store::list(&mut db, &reader, &asked, after, asked.limit.probe()).await?;
    let total = if asked.count { Some(store::count(&mut db, &reader, &asked).await?) } else { None };
    let found = Page::cut(Rows::all(rows), asked.limit, &app.cursors, &list, store::Found::place)?;
    let mut page = found.page;
    page.total = total;
    let data = found.data.into_iter().map(store::Found::shown).collect::<Result<Vec<_>>>()?;
    Ok(Json(Page { data, page }))
}
