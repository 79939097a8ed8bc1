//! `/api/v1/media-categories`: everybody reads what may be sent, customers what they may; admins say it.

use axum::extract::State;
use serde::Deserialize;
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
    model::{Extensions, MediaCategory, Within},
    store::{self, CategoryRow},
};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    media::LONGEST,
    permissions::Permission,
    session::Session,
};

/// As many as whoever judges a file looks at.
const MOST: i64 = 100;
/// The most bytes of a file: 100 MiB.
type MaxBytes = Within<1, { LONGEST as i64 }>;

/// A category of files to be taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMediaCategory {
    /// What it is called; no other one is.
    #[schema(value_type = String, max_length = 40)]
    name: Line<40>,
    /// The endings of names that belong to it. Among several categories of an ending the widest counts.
    extensions: Extensions,
    /// The most bytes of a file, at most 104857600.
    #[schema(value_type = i64, minimum = 1, maximum = 104_857_600)]
    max_bytes: MaxBytes,
    /// Whether small pictures are made, of what they can be made of; no unless told.
    #[serde(default)]
    previews: bool,
    /// Not from customers; from them too unless told.
    #[serde(default)]
    staff_only: bool,
    /// Whether such files are taken; yes unless told.
    enabled: Option<bool>,
}

/// What of a category of files shall be another way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditMediaCategory {
    /// What it is called.
    #[schema(value_type = Option<String>, max_length = 40)]
    name: Option<Line<40>>,
    /// The endings of names that belong to it, all of them.
    extensions: Option<Extensions>,
    /// The most bytes of a file, at most 104857600.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 104_857_600)]
    max_bytes: Option<MaxBytes>,
    /// Whether small pictures are made.
    previews: Option<bool>,
    /// Not from customers.
    staff_only: Option<bool>,
    /// Whether such files are taken.
    enabled: Option<bool>,
}

/// Lists what files are taken, the oldest category first; customers see what they may send.
#[utoipa::path(get, path = "/api/v1/media-categories", tag = "media", params(Paging),
    responses((status = 200, body = Page<MediaCategory>)))]
pub(super) async fn list_media_categories(
    session: Session,
    State(app): State<App>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<MediaCategory>>> {
    session.may(Permission::SeeCategories)?;
    let staff = session.role().is_staff();
    let part = paging.part(&app.cursors, &format!("media-categories:{}:{staff}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let found = store::list(&mut db, staff, &part).await?;
    let total = part.total(store::count(&mut db, staff)).await?;
    Ok(Json(part.page(found, total, |category| category.id)?))
}

/// Shows one category of files.
#[utoipa::path(get, path = "/api/v1/media-categories/{media_category}", tag = "media", params(("media_category" = i64, Path, description = "Id")),
    responses((status = 200, body = MediaCategory, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_media_category(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Tagged<MediaCategory>> {
    session.may(Permission::SeeCategories)?;
    let category = store::find(&mut *session.read().await?, session.role().is_staff(), id).await?;
    Ok(Tagged(category.version, category))
}

/// Takes files of more endings. `422` for an ending that nobody may send; `409 conflict` for a name that there is, and beyond 100
/// categories. With an `Idempotency-Key` a retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/media-categories", tag = "media", request_body = NewMediaCategory,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = MediaCategory, headers(("Location" = String, description = "The category"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn create_media_category(session: Session, Keyed { body: new, key }: Keyed<NewMediaCategory>) -> Result<Once> {
    session.may(Permission::ChangeSettings)?;
    session
        .once(key.as_ref(), "media-categories", async |act| {
            // Whoever adds one holds the settings: two at once do not both find the last place.
            store::hold(act.db()).await?;
            if store::count(act.db(), true).await? >= MOST {
                return Err(Error::conflict("conflict", format!("At most {MOST} categories.")));
            }
            let row = CategoryRow {
                name: new.name.as_str(),
                extensions: new.extensions.as_slice(),
                max_bytes: new.max_bytes.get(),
                previews: new.previews,
                staff_only: new.staff_only,
                enabled: new.enabled.unwrap_or(true),
            };
            let now = act.now();
            let id = store::insert(act.db(), &row, now).await?;
            let category = store::find(act.db(), true, id).await?;
            act.record(&Setting::new(Noun::MediaCategory, Deed::Created, id, told(&category))).await?;
            Once::created(format!("/api/v1/media-categories/{id}"), &category)
        })
        .await
}

/// Changes a category of files, from the next file on. What is left out stays.
#[utoipa::path(patch, path = "/api/v1/media-categories/{media_category}", tag = "media", request_body = EditMediaCategory,
    params(("media_category" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = MediaCategory, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn edit_media_category(
    session: Session,
    Path(id): Path<i64>,
    version: IfMatch,
    Json(to): Json<EditMediaCategory>,
) -> Result<Tagged<MediaCategory>> {
    session.may(Permission::ChangeSettings)?;
    let category = session
        .act(async |act| {
            let before = store::lock(act.db(), id).await?;
            version.check(before.version)?;
            let row = CategoryRow {
                name: to.name.as_ref().map_or(&before.name, Line::as_str),
                extensions: to.extensions.as_ref().map_or(&before.extensions, Extensions::as_slice),
                max_bytes: to.max_bytes.map_or(before.max_bytes, MaxBytes::get),
                previews: to.previews.unwrap_or(before.previews),
                staff_only: to.staff_only.unwrap_or(before.staff_only),
                enabled: to.enabled.unwrap_or(before.enabled),
            };
            let now = act.now();
            store::update(act.db(), id, &row, now).await?;
            let after = store::find(act.db(), true, id).await?;
            act.record_change(&Setting::new(Noun::MediaCategory, Deed::Changed, id, told(&after)), &told(&before), &told(&after)).await?;
            Ok(after)
        })
        .await?;
    Ok(Tagged(category.version, category))
}

/// Takes a category of files away. Those that came stay.
#[utoipa::path(delete, path = "/api/v1/media-categories/{media_category}", tag = "media",
    params(("media_category" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 204)))]
pub(super) async fn delete_media_category(session: Session, Path(id): Path<i64>, version: IfMatch) -> Result<NoContent> {
    session.may(Permission::ChangeSettings)?;
    session
        .act(async |act| {
            let before = store::lock(act.db(), id).await?;
            version.check(before.version)?;
            store::remove(act.db(), id).await?;
            let event = Setting::new(Noun::MediaCategory, Deed::Deleted, id, json!({ "name": before.name }));
            act.record_change(&event, &told(&before), &json!({})).await.map(drop)
        })
        .await?;
    Ok(NoContent)
}

/// What event and trail say of a category.
fn told(category: &MediaCategory) -> Value {
    json!({
        "name": category.name,
        "extensions": category.extensions,
        "max_bytes": category.max_bytes,
        "previews": category.previews,
        "staff_only": category.staff_only,
        "enabled": category.enabled,
    })
}
