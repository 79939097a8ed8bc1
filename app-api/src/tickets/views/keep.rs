//! Saving, changing and removing views.

use serde::Deserialize;
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, Path, Tagged},
    idempotency::{Keyed, Once},
};
use utoipa::ToSchema;

use super::{
    model::{Name, SavedFilter, Scope, View},
    store,
};
use crate::{
    events::{Deed, Noun, Setting},
    people::PersonId,
    session::Session,
};

/// A view to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveView {
    /// What it is called.
    #[schema(value_type = String, max_length = 100)]
    name: Name,
    /// Whose it is.
    scope: Scope,
    /// What it narrows the list of tickets to.
    filter: SavedFilter,
    /// Where it stands among its like; the smallest first.
    #[serde(default)]
    position: i32,
}

/// What of a view shall change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeView {
    /// What it is called.
    #[schema(value_type = Option<String>, max_length = 100)]
    name: Option<Name>,
    /// What it narrows the list of tickets to, all of it.
    filter: Option<SavedFilter>,
    /// Where it stands.
    position: Option<i32>,
}

/// Saves a view. `409` beyond fifty of one's own, and fifty of everybody's.
#[utoipa::path(post, path = "/api/v1/views", tag = "views", request_body = SaveView,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = View, headers(("Location" = String, description = "The view"), ("ETag" = String, description = "The version, in quotes")))))]
pub(in crate::tickets) async fn save_view(session: Session, Keyed { body: new, key }: Keyed<SaveView>) -> Result<Once> {
    session.may(new.scope.permission())?;
    let me = session.person.id;
    session
        .once(key.as_ref(), "views", async |act| {
            let view = save(act, me, &new).await?;
            Once::created(format!("/api/v1/views/{}", view.id), &view)
        })
        .await
}

async fn save(act: &mut Act, me: PersonId, new: &SaveView) -> Result<View> {
    let (owner, now) = (new.scope.owner(me), act.now());
    if store::count(act.db(), owner).await? >= store::MOST {
        return Err(Error::conflict("conflict", format!("There are {} views already.", store::MOST)));
    }
    let row = store::Kept { name: new.name.as_str(), filter: &new.filter, position: new.position };
    let id = store::insert(act.db(), owner, &row, now).await?;
    act.record(&Setting::kept(Noun::View, Deed::Created, id, me, json!({ "name": new.name, "scope": new.scope }))).await?;
    store::lock(act.db(), me, id).await
}

/// Changes a view.
#[utoipa::path(patch, path = "/api/v1/views/{view}", tag = "views", request_body = ChangeView,
    params(("view" = i64, Path, description = "Its id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = View, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(in crate::tickets) async fn change_view(
    session: Session,
    Path(id): Path<i64>,
    version: IfMatch,
    Json(to): Json<ChangeView>,
) -> Result<Tagged<View>> {
    session.may(Scope::Own.permission())?;
    let me = session.person.id;
    let view = session
        .act(async |act| {
            let before = store::lock(act.db(), me, id).await?;
            session.may(before.scope.permission())?;
            version.check(before.version)?;
            change(act, me, before, &to).await
        })
        .await?;
    Ok(Tagged(view.version, view))
}

async fn change(act: &mut Act, me: PersonId, before: View, to: &ChangeView) -> Result<View> {
    let kept = store::Kept {
        name: to.name.as_ref().map_or(&before.name, Name::as_str),
        filter: to.filter.as_ref().unwrap_or(&before.filter),
        position: to.position.unwrap_or(before.position),
    };
    if kept.name == before.name && *kept.filter == before.filter && kept.position == before.position {
        return Ok(before);
    }
    let now = act.now();
    store::update(act.db(), before.id, &kept, now).await?;
    let after = store::lock(act.db(), me, before.id).await?;
    let event = Setting::kept(Noun::View, Deed::Changed, before.id, me, json!({ "name": after.name, "scope": after.scope }));
    let told = |view: &View| json!({ "name": view.name, "filter": view.filter, "position": view.position });
    act.record_change(&event, &told(&before), &told(&after)).await?;
    Ok(after)
}

/// Removes a view.
#[utoipa::path(delete, path = "/api/v1/views/{view}", tag = "views", params(("view" = i64, Path, description = "Its id")),
    responses((status = 204)))]
pub(in crate::tickets) async fn remove_view(session: Session, Path(id): Path<i64>) -> Result<NoContent> {
    session.may(Scope::Own.permission())?;
    let me = session.person.id;
    session
        .act(async |act| {
            let before = store::lock(act.db(), me, id).await?;
            session.may(before.scope.permission())?;
            store::delete(act.db(), id).await?;
            act.record(&Setting::kept(Noun::View, Deed::Deleted, id, me, json!({ "name": before.name, "scope": before.scope }))).await
        })
        .await?;
    Ok(NoContent)
}
