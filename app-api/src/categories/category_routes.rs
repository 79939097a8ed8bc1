//! `/api/v1/categories`: everybody reads them, customers the active ones; managers and admins define them.

use axum::extract::State;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, NoQuery, Path, Tagged},
    idempotency::{Keyed, Once},
    line::Line,
    page::{Asked, Order, Page, Paging},
};
use utoipa::ToSchema;

use super::{
    model::{Category, NewLabels},
    store::{self, CategoryRow},
};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    people::TeamId,
    permissions::Permission,
    session::Session,
    teams::{self, Skills},
};

/// A category to be defined.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCategory {
    /// What tickets will say. No other category has it, in capitals or not, and it never changes.
    #[schema(value_type = String, max_length = 64)]
    name: Line<64>,
    /// What people read.
    labels: NewLabels,
    /// Whether new tickets may have it; yes unless told.
    active: Option<bool>,
    /// Where it stands among the others.
    #[serde(default)]
    position: i32,
    /// Whose queue its new tickets wait in.
    team_id: Option<TeamId>,
    /// What somebody must know to be given one.
    #[serde(default)]
    skills: Skills,
}

/// What of a category shall be another way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditCategory {
    /// What people read.
    labels: Option<NewLabels>,
    /// Whether new tickets may have it.
    active: Option<bool>,
    /// Where it stands among the others.
    position: Option<i32>,
    /// Whose queue its new tickets wait in; null for nobody's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    team_id: Option<Option<TeamId>>,
    /// What somebody must know to be given one.
    skills: Option<Skills>,
}

/// Tells a null from a field that was left out.
pub(super) fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Lists the categories, the oldest first; customers see the active ones.
#[utoipa::path(get, path = "/api/v1/categories", tag = "categories", params(Paging), responses((status = 200, body = Page<Category>)))]
pub(super) async fn list_categories(session: Session, State(app): State<App>, Asked { paging, .. }: Asked) -> Result<Json<Page<Category>>> {
    session.may(Permission::SeeCategories)?;
    let staff = session.role().is_staff();
    let part = paging.part(&app.cursors, &format!("categories:{}:{staff}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let found = store::list(&mut db, staff, &part).await?;
    let total = part.total(store::count(&mut db, staff)).await?;
    Ok(Json(part.page(found, total, |category| category.id)?))
}

/// Shows one category.
#[utoipa::path(get, path = "/api/v1/categories/{category}", tag = "categories", params(("category" = i64, Path, description = "Id")),
    responses((status = 200, body = Category, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_category(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Tagged<Category>> {
    session.may(Permission::SeeCategories)?;
    let category = store::find(&mut *session.read().await?, session.role().is_staff(), id).await?;
    Ok(Tagged(category.version, category))
}

/// Defines a category. From the first one on tickets name a category that is defined. With an `Idempotency-Key` a
/// retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/categories", tag = "categories", request_body = NewCategory,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Category, headers(("Location" = String, description = "The category"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn create_category(session: Session, Keyed { body: new, key }: Keyed<NewCategory>) -> Result<Once> {
    session.may(Permission::Arrange)?;
    session
        .once(key.as_ref(), "categories", async |act| {
            check_team(act, new.team_id).await?;
            let row = CategoryRow {
                labels: &new.labels.shown(),
                active: new.active.unwrap_or(true),
                position: new.position,
                team_id: new.team_id,
                skills: new.skills.as_slice(),
            };
            let now = act.now();
            let id = store::insert(act.db(), new.name.as_str(), &row, now).await?;
            let category = store::find(act.db(), true, id).await?;
            act.record(&Setting::new(Noun::Category, Deed::Created, id, told(&category))).await?;
            Once::created(format!("/api/v1/categories/{id}"), &category)
        })
        .await
}

/// Changes a category. What is left out stays.
#[utoipa::path(patch, path = "/api/v1/categories/{category}", tag = "categories", request_body = EditCategory,
    params(("category" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Category, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn edit_category(
    session: Session,
    Path(id): Path<i64>,
    version: IfMatch,
    Json(to): Json<EditCategory>,
) -> Result<Tagged<Category>> {
    session.may(Permission::Arrange)?;
    let category = session
        .act(async |act| {
            // The team first, as whoever takes a team away holds it first.
            check_team(act, to.team_id.flatten()).await?;
            let before = store::lock(act.db(), id).await?;
            version.check(before.version)?;
            let row = CategoryRow {
                labels: &to.labels.as_ref().map_or_else(|| before.labels.clone(), NewLabels::shown),
                active: to.active.unwrap_or(before.active),
                position: to.position.unwrap_or(before.position),
                team_id: to.team_id.unwrap_or(before.team_id),
                skills: to.skills.as_ref().map_or(&before.skills, Skills::as_slice),
            };
            let now = act.now();
            store::update(act.db(), id, &row, now).await?;
            let after = store::find(act.db(), true, id).await?;
            act.record_change(&Setting::new(Noun::Category, Deed::Changed, id, told(&after)), &told(&before), &told(&after)).await?;
            Ok(after)
        })
        .await?;
    Ok(Tagged(category.version, category))
}

/// Takes a category away, with its fields. Tickets that name it still do; new ones cannot.
#[utoipa::path(delete, path = "/api/v1/categories/{category}", tag = "categories",
    params(("category" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 204)))]
pub(super) async fn delete_category(session: Session, Path(id): Path<i64>, version: IfMatch) -> Result<NoContent> {
    session.may(Permission::Arrange)?;
    session
        .act(async |act| {
            let before = store::lock(act.db(), id).await?;
            version.check(before.version)?;
            let now = act.now();
            store::remove(act.db(), &before, now).await?;
            let event = Setting::new(Noun::Category, Deed::Deleted, id, json!({ "name": before.name }));
            act.record_change(&event, &told(&before), &json!({})).await.map(drop)
        })
        .await?;
    Ok(NoContent)
}

async fn check_team(act: &mut Act, team: Option<TeamId>) -> Result<()> {
    match team {
        Some(id) if !teams::is_team(act.db(), id).await? => Err(Error::field("team_id", "unknown_value", "There is no such team.")),
        _ => Ok(()),
    }
}

/// What event and trail say of a category.
fn told(category: &Category) -> Value {
    json!({
        "name": category.name,
        "labels": category.labels,
        "active": category.active,
        "position": category.position,
        "team_id": category.team_id,
        "skills": category.skills,
    })
}
