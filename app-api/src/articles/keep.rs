//! Writing, publishing, taking back and putting away articles.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, Path, Tagged},
    idempotency::{Keyed, Once},
};
use utoipa::ToSchema;

use super::{
    model::{Article, ArticleRef, ArticleText, NewArticleText, Slug, State, check_texts},
    room,
    show::{Reader, shown},
    store::{self, Kept},
};
use crate::{
    events::{Deed, Noun, Setting},
    messages,
    permissions::Permission,
    session::Session,
};

/// An article to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewArticle {
    /// The section that it stands in.
    section_id: i64,
    /// What its address says. No other article has it or had it.
    slug: Slug,
    /// `draft` unless told.
    state: Option<State>,
    /// Where it stands among the others of its section.
    #[serde(default)]
    position: i32,
    /// Its texts, each language once.
    #[schema(min_items = 1, max_items = 2)]
    texts: Vec<NewArticleText>,
}

/// What of an article shall be another way; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditArticle {
    /// The section that it stands in.
    section_id: Option<i64>,
    /// What its address says.
    slug: Option<Slug>,
    /// `published`, `draft` to take it back, `archived` to put it away.
    state: Option<State>,
    /// Where it stands among the others of its section.
    position: Option<i32>,
    /// Its texts, all of them.
    #[schema(min_items = 1, max_items = 2)]
    texts: Option<Vec<NewArticleText>>,
}

/// Writes an article. `409 slug_taken` when another one has or had its address, `409` beyond 1000 that are not archived,
/// or 5000 with those. With an `Idempotency-Key` a retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/articles", tag = "articles", request_body = NewArticle,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Article, headers(("Location" = String, description = "The article"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn create_article(session: Session, Keyed { body: new, key }: Keyed<NewArticle>) -> Result<Once> {
    session.may(Permission::KeepArticles)?;
    let state = new.state.unwrap_or(State::Draft);
    if state == State::Archived {
        return Err(Error::field("state", "invalid", "A new article is a draft or published."));
    }
    let (texts, reader) = (written(&new.texts).await?, Reader::of(&session, None));
    let kept = Kept { section_id: new.section_id, slug: new.slug.as_str(), state, position: new.position };
    session
        .once(key.as_ref(), "articles", async |act| {
            check_section(act, new.section_id).await?;
            room::for_new_article(act).await?;
            let now = act.now();
            let id = store::insert(act.db(), &kept, reader.id, now).await?;
            store::take_slug(act.db(), id, kept.slug).await?;
            store::put_texts(act.db(), id, &texts).await?;
            let article = whole(act, id, &reader).await?;
            let event = Setting::kept(Noun::Article, Deed::Created, id, reader.id, named(&article));
            act.record_change(&event, &json!({}), &told(&article)).await?;
            Once::created(format!("/api/v1/articles/{id}"), &article)
        })
        .await
}

/// Changes an article: its texts, its place, its address, or its state. `409 illegal_transition` for an archived one that shall be
/// published: it is a draft first, and `409` beyond 1000 that are not archived.
#[utoipa::path(patch, path = "/api/v1/articles/{article}", tag = "articles", request_body = EditArticle,
    params(("article" = String, Path, description = "Id or slug"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Article, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn edit_article(
    session: Session,
    Path(name): Path<ArticleRef>,
    version: IfMatch,
    Json(to): Json<EditArticle>,
) -> Result<Tagged<Article>> {
    session.may(Permission::KeepArticles)?;
    let texts = match &to.texts {
        Some(texts) => Some(written(texts).await?),
        None => None,
    };
    let reader = Reader::of(&session, None);
    let article = session.act(async |act| edit(act, &reader, (&name, &version), (&to, texts.as_deref())).await).await?;
    Ok(Tagged(article.version, article))
}

async fn edit(
    act: &mut Act,
    reader: &Reader,
    (name, version): (&ArticleRef, &IfMatch),
    (to, texts): (&EditArticle, Option<&[ArticleText]>),
) -> Result<Article> {
    // The section first, as whoever puts one away holds it first.
    if let Some(section) = to.section_id {
        check_section(act, section).await?;
    }
    let head = store::lock(act.db(), name).await?;
    version.check(head.version)?;
    let (id, now) = (head.id, act.now());
    let before = shown(act.db(), head, reader).await?;
    let state = to.state.unwrap_or(before.state);
    if !before.state.may_become(state) {
        return Err(Error::conflict("illegal_transition", "It was archived. Make it a draft first."));
    }
    if before.state == State::Archived && state != State::Archived {
        // It may have outlived its section.
        if to.section_id.is_none() {
            check_section(act, before.section_id).await?;
        }
        room::for_returning_article(act).await?;
    }
    let kept = Kept {
        section_id: to.section_id.unwrap_or(before.section_id),
        slug: to.slug.as_ref().map_or(before.slug.as_str(), Slug::as_str),
        state,
        position: to.position.unwrap_or(before.position),
    };
    let was = Kept { section_id: before.section_id, slug: &before.slug, state: before.state, position: before.position };
    if kept == was && texts.is_none_or(|texts| is_same(texts, &before.texts)) {
        return Ok(before);
    }
    if kept.slug != was.slug {
        store::take_slug(act.db(), id, kept.slug).await?;
    }
    store::update(act.db(), id, &kept, now).await?;
    if let Some(texts) = texts {
        store::put_texts(act.db(), id, texts).await?;
    }
    let after = whole(act, id, reader).await?;
    let event = Setting::kept(Noun::Article, Deed::Changed, id, reader.id, named(&after));
    act.record_change(&event, &told(&before), &told(&after)).await?;
    Ok(after)
}

/// Puts an article away. Managers still read it and may make it a draft again.
#[utoipa::path(delete, path = "/api/v1/articles/{article}", tag = "articles",
    params(("article" = String, Path, description = "Id or slug"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 204)))]
pub(super) async fn archive_article(session: Session, Path(name): Path<ArticleRef>, version: IfMatch) -> Result<NoContent> {
    session.may(Permission::KeepArticles)?;
    let reader = Reader::of(&session, None);
    let to = EditArticle { section_id: None, slug: None, state: Some(State::Archived), position: None, texts: None };
    session.act(async |act| edit(act, &reader, (&name, &version), (&to, None)).await).await?;
    Ok(NoContent)
}

/// Texts with their safe HTML, which is made before the act begins.
async fn written(texts: &[NewArticleText]) -> Result<Vec<ArticleText>> {
    check_texts(texts)?;
    let mut written = Vec::with_capacity(texts.len());
    for text in texts {
        written.push(ArticleText {
            locale: text.locale,
            title: text.title.as_str().to_owned(),
            body: text.body.as_str().to_owned(),
            body_html: messages::rendered(text.body.as_str()).await?,
        });
    }
    Ok(written)
}

/// Whether these are the texts that there are, in whatever order.
fn is_same(texts: &[ArticleText], before: &[ArticleText]) -> bool {
    texts.len() == before.len() && texts.iter().all(|text| before.contains(text))
}

async fn check_section(act: &mut Act, id: i64) -> Result<()> {
    if store::is_section(act.db(), id).await? {
        Ok(())
    } else {
        Err(Error::field("section_id", "unknown_value", "There is no such section."))
    }
}

async fn whole(act: &mut Act, id: i64, reader: &Reader) -> Result<Article> {
    let head = store::find(act.db(), true, &ArticleRef::Id(id)).await?;
    shown(act.db(), head, reader).await
}

/// What the event says of an article: its texts are read where they are.
fn named(article: &Article) -> Value {
    json!({
        "slug": article.slug,
        "section_id": article.section_id,
        "state": article.state,
        "position": article.position,
        "locales": article.locales,
    })
}

/// What the trail says of it: each language by itself, so that a change of one does not repeat the other.
fn told(article: &Article) -> Value {
    let mut told = named(article);
    for text in &article.texts {
        told[format!("text_{}", text.locale.as_str())] = json!({ "title": text.title, "body": text.body });
    }
    told
}
