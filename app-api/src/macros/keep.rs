//! Saving, changing and removing canned replies and macros.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, Path, Tagged},
    idempotency::{Key, Keyed, Once},
};
use utoipa::ToSchema;

use super::{
    model::{CannedReply, Kind, Macro, check_text, works},
    store,
};
use crate::{
    events::{Deed, Noun, Setting},
    messages::Body,
    people::PersonId,
    session::Session,
    tickets::{Doing, Name, Scope},
};

/// A canned reply to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveCannedReply {
    /// What it is called.
    #[schema(value_type = String, max_length = 100)]
    name: Name,
    /// Whose it is.
    scope: Scope,
    /// What it says, in Markdown with placeholders.
    message: Body,
}

/// What of a canned reply shall change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCannedReply {
    /// What it is called.
    #[schema(value_type = Option<String>, max_length = 100)]
    name: Option<Name>,
    /// What it says.
    message: Option<Body>,
}

/// A macro to be saved: it says something, does something, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveMacro {
    /// What it is called.
    #[schema(value_type = String, max_length = 100)]
    name: Name,
    /// Whose it is.
    scope: Scope,
    /// What it says, in Markdown with placeholders.
    message: Option<Body>,
    /// It says so among colleagues.
    #[serde(default)]
    is_internal: bool,
    /// What it does, in this order; at most ten actions, none of them `snooze`.
    #[serde(default)]
    #[schema(max_items = 10)]
    actions: Vec<Doing>,
}

/// What of a macro shall change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMacro {
    /// What it is called.
    #[schema(value_type = Option<String>, max_length = 100)]
    name: Option<Name>,
    /// What it says; null for nothing.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    message: Option<Option<Body>>,
    /// It says so among colleagues.
    is_internal: Option<bool>,
    /// What it does, all of it.
    #[schema(max_items = 10)]
    actions: Option<Vec<Doing>>,
}

/// Tells a null from a field that was left out.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Body>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Saves a canned reply. `409` beyond 500 of one's own, and 500 of everybody's.
#[utoipa::path(post, path = "/api/v1/canned-replies", tag = "macros", request_body = SaveCannedReply,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = CannedReply, headers(("Location" = String, description = "The canned reply"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn save_canned_reply(session: Session, Keyed { body: new, key }: Keyed<SaveCannedReply>) -> Result<Once> {
    session.may(new.scope.permission())?;
    check_text(&new.message)?;
    let kept = store::Kept { name: new.name.as_str(), message: Some(new.message.as_str()), is_internal: false, actions: json!([]) };
    saved(session, Kind::CannedReply, new.scope, &kept, key.as_ref()).await
}

/// Saves a macro. `409` beyond 500 of one's own, and 500 of everybody's.
#[utoipa::path(post, path = "/api/v1/macros", tag = "macros", request_body = SaveMacro,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Macro, headers(("Location" = String, description = "The macro"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn save_macro(session: Session, Keyed { body: new, key }: Keyed<SaveMacro>) -> Result<Once> {
    session.may(new.scope.permission())?;
    new.message.as_ref().map_or(Ok(()), check_text)?;
    works(&new.actions)?;
    let actions = serde_json::to_value(&new.actions)?;
    let kept =
        store::Kept { name: new.name.as_str(), message: new.message.as_ref().map(Body::as_str), is_internal: new.is_internal, actions };
    does_something(&kept)?;
    saved(session, Kind::Macro, new.scope, &kept, key.as_ref()).await
}

fn does_something(kept: &store::Kept<'_>) -> Result<()> {
    let is_idle = kept.message.is_none() && kept.actions == json!([]);
    if is_idle { Err(Error::field("actions", "required", "A macro says something, does something, or both.")) } else { Ok(()) }
}

async fn saved(session: Session, kind: Kind, scope: Scope, kept: &store::Kept<'_>, key: Option<&Key>) -> Result<Once> {
    let (me, path) = (session.person.id, path(kind));
    session
        .once(key, path, async |act| {
            let new = save(act, kind, (me, scope), kept).await?;
            let location = format!("/api/v1/{path}/{}", new.id);
            match kind {
                Kind::Macro => Once::created(location, &new),
                Kind::CannedReply => Once::created(location, &CannedReply::from(new)),
            }
        })
        .await
}

fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::CannedReply => "canned-replies",
        Kind::Macro => "macros",
    }
}

fn noun(kind: Kind) -> Noun {
    match kind {
        Kind::CannedReply => Noun::CannedReply,
        Kind::Macro => Noun::Macro,
    }
}

async fn save(act: &mut Act, kind: Kind, (me, scope): (PersonId, Scope), kept: &store::Kept<'_>) -> Result<Macro> {
    let (owner, now) = (scope.owner(me), act.now());
    if store::count_of(act.db(), kind, owner).await? >= store::MOST {
        return Err(Error::conflict("conflict", format!("There are {} already.", store::MOST)));
    }
    let id = store::insert(act.db(), kind, owner, kept, now).await?;
    act.record(&Setting::kept(noun(kind), Deed::Created, id, me, json!({ "name": kept.name, "scope": scope }))).await?;
    store::find(act.db(), kind, me, id).await
}

/// Changes a canned reply.
#[utoipa::path(patch, path = "/api/v1/canned-replies/{reply}", tag = "macros", request_body = ChangeCannedReply,
    params(("reply" = i64, Path, description = "Its id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = CannedReply, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn change_canned_reply(
    session: Session,
    Path(id): Path<i64>,
    version: IfMatch,
    Json(to): Json<ChangeCannedReply>,
) -> Result<Tagged<CannedReply>> {
    to.message.as_ref().map_or(Ok(()), check_text)?;
    let to = ChangeMacro { name: to.name, message: to.message.map(Some), is_internal: None, actions: None };
    let changed = changed(&session, (Kind::CannedReply, id), &version, &to).await?;
    Ok(Tagged(changed.version, changed.into()))
}

/// Changes a macro.
#[utoipa::path(patch, path = "/api/v1/macros/{macro}", tag = "macros", request_body = ChangeMacro,
    params(("macro" = i64, Path, description = "Its id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Macro, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn change_macro(
    session: Session,
    Path(id): Path<i64>,
    version: IfMatch,
    Json(to): Json<ChangeMacro>,
) -> Result<Tagged<Macro>> {
    to.message.iter().flatten().try_for_each(check_text)?;
    to.actions.as_deref().map(works).transpose()?;
    let changed = changed(&session, (Kind::Macro, id), &version, &to).await?;
    Ok(Tagged(changed.version, changed))
}

async fn changed(session: &Session, (kind, id): (Kind, i64), version: &IfMatch, to: &ChangeMacro) -> Result<Macro> {
    session.may(Scope::Own.permission())?;
    let me = session.person.id;
    session
        .act(async |act| {
            let before = store::lock(act.db(), kind, me, id).await?;
            session.may(before.scope.permission())?;
            version.check(before.version)?;
            change(act, (kind, me), before, to).await
        })
        .await
}

async fn change(act: &mut Act, (kind, me): (Kind, PersonId), before: Macro, to: &ChangeMacro) -> Result<Macro> {
    let was = as_kept(&before)?;
    let kept = store::Kept {
        name: to.name.as_ref().map_or(was.name, Name::as_str),
        message: to.message.as_ref().map_or(was.message, |message| message.as_ref().map(Body::as_str)),
        is_internal: to.is_internal.unwrap_or(was.is_internal),
        actions: to.actions.as_ref().map_or_else(|| Ok(was.actions.clone()), serde_json::to_value)?,
    };
    does_something(&kept)?;
    if kept == was {
        return Ok(before);
    }
    let now = act.now();
    store::update(act.db(), before.id, &kept, now).await?;
    let after = store::find(act.db(), kind, me, before.id).await?;
    let event = Setting::kept(noun(kind), Deed::Changed, before.id, me, json!({ "name": after.name, "scope": after.scope }));
    act.record_change(&event, &told(&before), &told(&after)).await?;
    Ok(after)
}

fn as_kept(of: &Macro) -> Result<store::Kept<'_>> {
    let actions = serde_json::to_value(&of.actions)?;
    Ok(store::Kept { name: &of.name, message: of.message.as_deref(), is_internal: of.is_internal, actions })
}

fn told(of: &Macro) -> Value {
    json!({ "name": of.name, "message": of.message, "is_internal": of.is_internal, "actions": of.actions })
}

/// Removes a canned reply.
#[utoipa::path(delete, path = "/api/v1/canned-replies/{reply}", tag = "macros", params(("reply" = i64, Path, description = "Its id")),
    responses((status = 204)))]
pub(super) async fn remove_canned_reply(session: Session, Path(id): Path<i64>) -> Result<NoContent> {
    removed(&session, Kind::CannedReply, id).await
}

/// Removes a macro.
#[utoipa::path(delete, path = "/api/v1/macros/{macro}", tag = "macros", params(("macro" = i64, Path, description = "Its id")),
    responses((status = 204)))]
pub(super) async fn remove_macro(session: Session, Path(id): Path<i64>) -> Result<NoContent> {
    removed(&session, Kind::Macro, id).await
}

async fn removed(session: &Session, kind: Kind, id: i64) -> Result<NoContent> {
    session.may(Scope::Own.permission())?;
    let me = session.person.id;
    session
        .act(async |act| {
            let before = store::lock(act.db(), kind, me, id).await?;
            session.may(before.scope.permission())?;
            store::delete(act.db(), id).await?;
            act.record(&Setting::kept(noun(kind), Deed::Deleted, id, me, json!({ "name": before.name, "scope": before.scope }))).await
        })
        .await?;
    Ok(NoContent)
}
