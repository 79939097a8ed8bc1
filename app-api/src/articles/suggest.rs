//! `GET /api/v1/articles/suggestions`: what may help whoever begins to write a ticket.

use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, Query},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    model::{Locale, Words},
    show::Reader,
    store,
};
use crate::{permissions::Permission, session::Session};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// What the ticket will be about.
    #[param(value_type = Option<String>, max_length = 255)]
    #[serde(default)]
    q: Words,
    /// `fr` or `en`; the reader's own unless told.
    #[param(inline)]
    locale: Option<Locale>,
}

/// An article that may help.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestedArticle {
    /// Its id.
    pub id: i64,
    /// What its address says.
    pub slug: String,
    /// The language of the title.
    pub locale: Locale,
    /// The title.
    pub title: String,
}

/// At most five articles, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestedArticles {
    /// The articles.
    data: Vec<SuggestedArticle>,
}

/// Suggests at most five published articles that have some of these words, the best first. Without a word that says
/// something there are none.
#[utoipa::path(get, path = "/api/v1/articles/suggestions", tag = "articles", params(Asked),
    responses((status = 200, body = SuggestedArticles)))]
pub(super) async fn suggest_articles(session: Session, Query(asked): Query<Asked>) -> Result<Json<SuggestedArticles>> {
    session.may(Permission::ReadArticles)?;
    let reader = Reader::of(&session, asked.locale);
    if asked.q.as_slice().is_empty() {
        return Ok(Json(SuggestedArticles { data: Vec::new() }));
    }
    let data = store::suggested(&mut *session.ask().await?, &reader, &asked.q).await?;
    Ok(Json(SuggestedArticles { data }))
}
