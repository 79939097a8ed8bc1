//! `POST /api/v1/articles/preview`: what a text looks like, before it is kept.

use serde::{Deserialize, Serialize};
use shared::{Result, http::Json};
use utoipa::ToSchema;

use crate::{
    messages::{self, Body},
    permissions::Permission,
    session::Session,
};

/// A text that somebody writes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewArticle {
    /// What it says, in Markdown.
    body: Body,
}

/// What readers would see.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticlePreview {
    /// The text as safe HTML.
    body_html: String,
}

/// Shows what readers would see of a text, and keeps nothing.
#[utoipa::path(post, path = "/api/v1/articles/preview", tag = "articles", request_body = PreviewArticle,
    responses((status = 200, body = ArticlePreview)))]
pub(super) async fn preview_article(session: Session, Json(of): Json<PreviewArticle>) -> Result<Json<ArticlePreview>> {
    session.may(Permission::KeepArticles)?;
    session.must_belong()?;
    Ok(Json(ArticlePreview { body_html: messages::rendered(of.body.as_str()).await? }))
}
