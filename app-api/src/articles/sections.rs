//! `/api/v1/articles/sections`: everybody reads them; managers and admins arrange them.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    Error, Result,
    http::{IfMatch, Json, NoContent, NoQuery, Path, Tagged},
    idempotency::{Keyed, Once},
    line::Line,
    page::{Asked, Order, Page, Paging},
};
use utoipa::ToSchema;

use super::{
    room,
    store::{self, SectionRow},
};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    permissions::Permission,
    session::Session,
};

/// What a section is called, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SectionLabels {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

/// What a section shall be called, in both languages.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSectionLabels {
    /// In French.
    #[schema(value_type = String, max_length = 120)]
    fr: Line<120>,
    /// In English.
    #[schema(value_type = String, max_length = 120)]
    en: Line<120>,
}

impl NewSectionLabels {
    fn shown(&self) -> SectionLabels {
        SectionLabels { fr: self.fr.as_str().to_owned(), en: self.en.as_str().to_owned() }
    }
}

/// A section of the help centre.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArticleSection {
    /// Its id.
    pub id: i64,
    /// What people read.
    pub labels: SectionLabels,
    /// Where it stands among the others.
    pub position: i32,
    /// How many articles the reader sees there.
    pub articles: i64,
    /// Grows with each change; the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A section to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewArticleSection {
    /// What people read.
    labels: NewSectionLabels,
    /// Where it stands among the others.
    #[serde(default)]
    position: i32,
}

/// What of a section shall be another way; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditArticleSection {
    /// What people read.
    labels: Option<NewSectionLabels>,
    /// Where it stands among the others.
    position: Option<i32>,
}

/// Whether they see drafts.
fn is_keeper(session: &Session) -> bool {
    session.may(Permission::KeepArticles).is_ok()
}

/// Lists the sections of the help centre, the oldest first, each with how many articles the reader sees there.
#[utoipa::path(get, path = "/api/v1/articles/sections", tag = "articles", params(Paging),
    responses((status = 200, body = Page<ArticleSection>)))]
pub(super) async fn list_article_sections(
    session: Session,
    State(app): State<App>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<ArticleSection>>> {
    session.may(Permission::ReadArticles)?;
    let part = paging.part(&app.cursors, &format!("article-sections:{}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let found = store::list_sections(&mut db, is_keeper(&session), &part).await?;
    let total = part.total(store::count_sections(&mut db)).await?;
    Ok(Json(part.page(found, total, |section| section.id)?))
}

/// Shows one section.
#[utoipa::path(get, path = "/api/v1/articles/sections/{section}", tag = "articles", params(("section" = i64, Path, description = "Id")),
    responses((status = 200, body = ArticleSection, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_article_section(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Tagged<ArticleSection>> {
    session.may(Permission::ReadArticles)?;
    let section = store::find_section(&mut *session.read().await?, is_keeper(&session), id).await?;
    Ok(Tagged(section.version, section))
}

/// Makes a section. `409` beyond 200 that are not archived, or 1000 with those. With an `Idempotency-Key` a retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/articles/sections", tag = "articles", request_body = NewArticleSection,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = ArticleSection, headers(("Location" = String, description = "The section"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn create_article_section(session: Session, Keyed { body: new, key }: Keyed<NewArticleSection>) -> Result<Once> {
    session.may(Permission::KeepArticles)?;
    let me = session.person.id;
    session
        .once(key.as_ref(), "articles/sections", async |act| {
            room::for_new_section(act).await?;
            let (row, now) = (SectionRow { labels: &new.labels.shown(), position: new.position }, act.now());
            let id = store::insert_section(act.db(), &row, now).await?;
            let section = store::find_section(act.db(), true, id).await?;
            act.record(&Setting::kept(Noun::ArticleSection, Deed::Created, id, me, told(&section))).await?;
            Once::created(format!("/api/v1/articles/sections/{id}"), &section)
        })
        .await
}

/// Changes a section.
#[utoipa::path(patch, path = "/api/v1/articles/sections/{section}", tag = "articles", request_body = EditArticleSection,
    params(("section" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = ArticleSection, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn edit_article_section(
    session: Session,
    Path(id): Path<i64>,
    version: IfMatch,
    Json(to): Json<EditArticleSection>,
) -> Result<Tagged<ArticleSection>> {
    session.may(Permission::KeepArticles)?;
    let me = session.person.id;
    let section = session
        .act(async |act| {
            let before = store::lock_section(act.db(), id).await?;
            version.check(before.version)?;
            let labels = to.labels.as_ref().map_or_else(|| before.labels.clone(), NewSectionLabels::shown);
            let (row, now) = (SectionRow { labels: &labels, position: to.position.unwrap_or(before.position) }, act.now());
            store::update_section(act.db(), id, &row, now).await?;
            let after = store::find_section(act.db(), true, id).await?;
            let event = Setting::kept(Noun::ArticleSection, Deed::Changed, id, me, told(&after));
            act.record_change(&event, &told(&before), &told(&after)).await?;
            Ok(after)
        })
        .await?;
    Ok(Tagged(section.version, section))
}

/// Puts a section away. `409` while it has articles that are not put away themselves.
#[utoipa::path(delete, path = "/api/v1/articles/sections/{section}", tag = "articles",
    params(("section" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 204)))]
pub(super) async fn archive_article_section(session: Session, Path(id): Path<i64>, version: IfMatch) -> Result<NoContent> {
    session.may(Permission::KeepArticles)?;
    let me = session.person.id;
    session
        .act(async |act| {
            let before = store::lock_section(act.db(), id).await?;
            version.check(before.version)?;
            if store::is_used(act.db(), id).await? {
                return Err(Error::conflict("conflict", "It has articles. Move or archive them first."));
            }
            let now = act.now();
            store::archive_section(act.db(), id, now).await?;
            let event = Setting::kept(Noun::ArticleSection, Deed::Deleted, id, me, told(&before));
            act.record_change(&event, &told(&before), &json!({})).await.map(drop)
        })
        .await?;
    Ok(NoContent)
}

/// What event and trail say of a section.
fn told(section: &ArticleSection) -> Value {
    json!({ "labels": section.labels, "position": section.position })
}
