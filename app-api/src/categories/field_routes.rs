//! `/api/v1/custom-fields`: everybody reads them, customers those that they see; managers and admins define them.

use axum::extract::State;
use shared::{
    Result,
    http::{IfMatch, Json, NoContent, NoQuery, Path, Tagged},
    idempotency::{Keyed, Once},
    page::{Asked, Order, Page, Paging},
};

use super::{
    fields::{EditField, NewField, check, mark, must_have_room, told},
    model::Field,
    store,
};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    permissions::Permission,
    session::Session,
};

/// Lists the custom fields, the oldest first; customers see those that they give and read.
#[utoipa::path(get, path = "/api/v1/custom-fields", tag = "categories", params(Paging), responses((status = 200, body = Page<Field>)))]
pub(super) async fn list_custom_fields(session: Session, State(app): State<App>, Asked { paging, .. }: Asked) -> Result<Json<Page<Field>>> {
    session.may(Permission::SeeCategories)?;
    let staff = session.role().is_staff();
    let part = paging.part(&app.cursors, &format!("custom-fields:{}:{staff}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let found = store::list_fields(&mut db, staff, &part).await?;
    let total = part.total(store::count_fields(&mut db, staff)).await?;
    Ok(Json(part.page(found, total, |field| field.id)?))
}

/// Shows one custom field.
#[utoipa::path(get, path = "/api/v1/custom-fields/{field}", tag = "categories", params(("field" = i64, Path, description = "Id")),
    responses((status = 200, body = Field, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_custom_field(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Tagged<Field>> {
    session.may(Permission::SeeCategories)?;
    let field = store::find_field(&mut *session.read().await?, session.role().is_staff(), id).await?;
    Ok(Tagged(field.version, field))
}

/// Defines a custom field. From the first one on tickets have values of defined fields only. `409` when there are 500. With an
/// `Idempotency-Key` a retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/custom-fields", tag = "categories", request_body = NewField,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Field, headers(("Location" = String, description = "The field"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn create_custom_field(session: Session, Keyed { body: new, key }: Keyed<NewField>) -> Result<Once> {
    session.may(Permission::Arrange)?;
    session
        .once(key.as_ref(), "custom-fields", async |act| {
            let labels = new.labels.shown();
            let row = new.row(&labels);
            check(act, new.kind, &row).await?;
            must_have_room(act).await?;
            let now = act.now();
            let id = store::insert_field(act.db(), new.key.as_str(), new.kind, &row, now).await?;
            if new.sensitive {
                mark(act, new.key.as_str()).await?;
            }
            let field = store::find_field(act.db(), true, id).await?;
            act.record(&Setting::new(Noun::CustomField, Deed::Created, id, told(&field))).await?;
            Once::created(format!("/api/v1/custom-fields/{id}"), &field)
        })
        .await
}

/// Changes a custom field. What is left out stays; key and type always do.
#[utoipa::path(patch, path = "/api/v1/custom-fields/{field}", tag = "categories", request_body = EditField,
    params(("field" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Field, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn edit_custom_field(
    session: Session,
    Path(id): Path<i64>,
    version: IfMatch,
    Json(to): Json<EditField>,
) -> Result<Tagged<Field>> {
    session.may(Permission::Arrange)?;
    let field = session
        .act(async |act| {
            let before = store::lock_field(act.db(), id).await?;
            version.check(before.version)?;
            let labels = to.labels(&before);
            let row = to.row(&before, &labels);
            check(act, before.kind, &row).await?;
            let now = act.now();
            store::update_field(act.db(), id, &row, now).await?;
            if to.marks(&before)? {
                mark(act, &before.key).await?;
            }
            let after = store::find_field(act.db(), true, id).await?;
            act.record_change(&Setting::new(Noun::CustomField, Deed::Changed, id, told(&after)), &told(&before), &told(&after)).await?;
            Ok(after)
        })
        .await?;
    Ok(Tagged(field.version, field))
}

/// Puts a custom field away. Tickets keep the values that they have; new ones get none.
#[utoipa::path(delete, path = "/api/v1/custom-fields/{field}", tag = "categories",
    params(("field" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 204)))]
pub(super) async fn delete_custom_field(session: Session, Path(id): Path<i64>, version: IfMatch) -> Result<NoContent> {
    session.may(Permission::Arrange)?;
    session
        .act(async |act| {
            let before = store::lock_field(act.db(), id).await?;
            version.check(before.version)?;
            let now = act.now();
            store::archive_field(act.db(), id, now).await?;
            let event = Setting::new(Noun::CustomField, Deed::Deleted, id, serde_json::json!({ "key": before.key }));
            act.record_change(&event, &told(&before), &serde_json::json!({})).await.map(drop)
        })
        .await?;
    Ok(NoContent)
}
