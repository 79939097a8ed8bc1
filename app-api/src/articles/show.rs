//! `GET /api/v1/articles/{article}`, and whose eyes read.

use serde::Deserialize;
use shared::{
    Error, Result,
    http::{Path, Query, Tagged},
};
use sqlx::PgConnection;
use utoipa::IntoParams;

use super::{
    model::{Article, ArticleRef, Locale, chosen},
    store::{self, Head},
};
use crate::{people::PersonId, permissions::Permission, session::Session};

/// Whoever reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    /// Themselves.
    pub id: PersonId,
    /// Whether they keep articles: then they see drafts, too.
    pub is_keeper: bool,
    /// The language that they read.
    pub wanted: Locale,
    /// The organisation's.
    pub fallback: Locale,
}

impl Reader {
    /// The person who asks; in their own language unless they ask for another one.
    pub fn of(session: &Session, asked: Option<Locale>) -> Self {
        let fallback = Locale::parse(&session.tenant.locale).unwrap_or(Locale::En);
        Self {
            id: session.person.id,
            is_keeper: session.may(Permission::KeepArticles).is_ok(),
            wanted: asked.or_else(|| Locale::parse(&session.person.locale)).unwrap_or(fallback),
            fallback,
        }
    }
}

/// In which language.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// `fr` or `en`; the reader's own unless told.
    #[param(inline)]
    locale: Option<Locale>,
}

/// Shows one article, by id or by slug: in the language asked for, or else in the organisation's. `404` for drafts and archived
/// ones, except to managers.
#[utoipa::path(get, path = "/api/v1/articles/{article}", tag = "articles",
    params(("article" = String, Path, description = "Id or slug"), Wanted),
    responses((status = 200, body = Article, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_article(session: Session, Path(name): Path<ArticleRef>, Query(asked): Query<Wanted>) -> Result<Tagged<Article>> {
    session.may(Permission::ReadArticles)?;
    let reader = Reader::of(&session, asked.locale);
    let mut db = session.read().await?;
    let head = store::find(&mut db, reader.is_keeper, &name).await?;
    let article = shown(&mut db, head, &reader).await?;
    Ok(Tagged(article.version, article))
}

/// The article as that reader sees it.
pub(super) async fn shown(db: &mut PgConnection, head: Head, reader: &Reader) -> Result<Article> {
    let texts = store::texts(&mut *db, head.id).await?;
    let text = chosen(&texts, reader.wanted, reader.fallback).ok_or(Error::NotFound("not_found"))?.clone();
    let vote = store::vote_of(&mut *db, head.id, reader.id).await?;
    let votes = if reader.is_keeper { Some(store::votes(db, head.id).await?) } else { None };
    Ok(Article {
        id: head.id,
        section_id: head.section_id,
        state: head.state()?,
        slug: head.slug,
        position: head.position,
        locale: text.locale,
        locales: texts.iter().map(|text| text.locale).collect(),
        title: text.title,
        body_html: text.body_html,
        vote,
        votes,
        texts: if reader.is_keeper { texts } else { Vec::new() },
        published_at: head.published_at,
        version: head.version,
        created_at: head.created_at,
        updated_at: head.updated_at,
    })
}
