//! `PUT /api/v1/articles/{article}/vote`: whether it has helped.

use serde::Deserialize;
use serde_json::json;
use shared::{
    Result,
    http::{Json, NoContent, Path},
};
use utoipa::ToSchema;

use super::{model::ArticleRef, show::Reader, store};
use crate::{
    events::{Deed, Noun, Setting},
    permissions::Permission,
    session::Session,
};

/// What somebody says of an article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VoteOnArticle {
    /// Whether it has helped.
    helpful: bool,
}

/// Says whether an article has helped. Each person has one answer, of which the last counts; the same one again changes nothing.
#[utoipa::path(put, path = "/api/v1/articles/{article}/vote", tag = "articles", request_body = VoteOnArticle,
    params(("article" = String, Path, description = "Id or slug")), responses((status = 204)))]
pub(super) async fn vote_on_article(session: Session, Path(name): Path<ArticleRef>, Json(said): Json<VoteOnArticle>) -> Result<NoContent> {
    session.may(Permission::RateArticles)?;
    let reader = Reader::of(&session, None);
    session
        .act(async |act| {
            let (article, now) = (store::find(act.db(), reader.is_keeper, &name).await?, act.now());
            if store::keep_vote(act.db(), article.id, reader.id, said.helpful, now).await? {
                let data = json!({ "slug": article.slug, "helpful": said.helpful });
                act.record(&Setting::kept(Noun::ArticleVote, Deed::Changed, article.id, reader.id, data)).await?;
            }
            Ok(())
        })
        .await?;
    Ok(NoContent)
}
