//! `/api/v1/moderation-hashes`: managers and admins say which content is refused from now on, and taken away where it is.

use axum::extract::State;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::Act,
    http::{Json, NoContent, Path},
    idempotency::{Keyed, Once},
    line::Line,
    page::{Asked, Order, Page, Paging},
};
use utoipa::{IntoParams, ToSchema};

use super::show::seen;
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    media::{ModerationHash, Sha256, Verdict, forget_verdict, moderated},
    permissions::Permission,
    session::Session,
};

/// What a list is narrowed to.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Judged {
    /// What was judged so.
    status: Option<Verdict>,
}

/// A content to be judged: one of `sha256` and `attachment_id`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddModerationHash {
    /// Its SHA-256.
    sha256: Option<Sha256>,
    /// A file that has it.
    attachment_id: Option<i64>,
    /// What is judged.
    status: Verdict,
    /// Why.
    #[schema(value_type = Option<String>, max_length = 500)]
    note: Option<Line<500>>,
}

/// What of a verdict shall change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeModerationHash {
    /// What is judged.
    status: Option<Verdict>,
    /// Why; null for nothing.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 500)]
    note: Option<Option<Line<500>>>,
}

/// Tells a null from a field that was left out.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Line<500>>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Lists contents that were judged or are to be, the oldest first.
#[utoipa::path(get, path = "/api/v1/moderation-hashes", tag = "attachments", params(Judged, Paging),
    responses((status = 200, body = Page<ModerationHash>)))]
pub(super) async fn list_moderation_hashes(
    session: Session,
    State(app): State<App>,
    Asked { paging, filter }: Asked<Judged>,
) -> Result<Json<Page<ModerationHash>>> {
    session.may(Permission::SeeModeration)?;
    let list = format!("moderation:{}:{:?}", session.tenant.id, filter.status);
    let part = paging.part(&app.cursors, &list, Order::Oldest)?;
    let mut db = session.read().await?;
    let rows = moderated::list(&mut db, filter.status, &part).await?;
    let total = part.total(moderated::count(&mut db, filter.status)).await?;
    Ok(Json(part.page(rows, total, |hash| hash.id)?))
}

/// Judges a content. A rejected one is refused from now on, `415 file_type_blocked`, files that have it are taken away soon, and
/// pictures that look the same are put before you, `pending`, when they come. `409` where it was judged already, and beyond 10 000.
/// With an `Idempotency-Key` a retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/moderation-hashes", tag = "attachments", request_body = AddModerationHash,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = ModerationHash, headers(("Location" = String, description = "The verdict")))))]
pub(super) async fn add_moderation_hash(
    session: Session,
    State(app): State<App>,
    Keyed { body: new, key }: Keyed<AddModerationHash>,
) -> Result<Once> {
    session.may(Permission::ModerateFiles)?;
    let sha256 = match (&new.sha256, new.attachment_id) {
        (Some(sha256), None) => sha256.as_str().to_owned(),
        (None, Some(file)) => seen(&session, file).await?.sha256,
        _ => return Err(Error::field("sha256", "required", "Name a content, by its hash or by a file that has it.")),
    };
    let (me, verdict) = (session.person.id, (new.status, new.note.as_ref().map(Line::as_str)));
    let answer = session
        .once(key.as_ref(), "moderation-hashes", async |act| {
            if moderated::count(act.db(), None).await? >= moderated::MOST {
                return Err(Error::conflict("conflict", format!("There are {} already.", moderated::MOST)));
            }
            // Whoever is bringing it ends first: their file is found.
            moderated::hold(act.db(), &sha256, true).await?;
            let now = act.now();
            let id = moderated::insert(act.db(), &sha256, verdict, me, now).await?;
            let hash = moderated::lock(act.db(), id).await?;
            act.record(&Setting::kept(Noun::ModerationHash, Deed::Created, id, me, told(&hash))).await?;
            Once::created(format!("/api/v1/moderation-hashes/{id}"), &hash)
        })
        .await?;
    forget_verdict(&app.outside.cache, session.tenant.id, &sha256).await;
    Ok(answer)
}

/// Judges a content anew.
#[utoipa::path(patch, path = "/api/v1/moderation-hashes/{hash}", tag = "attachments", request_body = ChangeModerationHash,
    params(("hash" = i64, Path, description = "Its id")), responses((status = 200, body = ModerationHash)))]
pub(super) async fn change_moderation_hash(
    session: Session,
    State(app): State<App>,
    Path(id): Path<i64>,
    Json(to): Json<ChangeModerationHash>,
) -> Result<Json<ModerationHash>> {
    session.may(Permission::ModerateFiles)?;
    let me = session.person.id;
    let hash = session.act(async |act| change(act, id, &to, me).await).await?;
    forget_verdict(&app.outside.cache, session.tenant.id, &hash.sha256).await;
    Ok(Json(hash))
}

async fn change(act: &mut Act, id: i64, to: &ChangeModerationHash, me: i64) -> Result<ModerationHash> {
    let before = moderated::lock(act.db(), id).await?;
    let status = to.status.unwrap_or(before.status);
    let note = to.note.as_ref().map_or(before.note.as_deref(), |note| note.as_ref().map(Line::as_str));
    if (status, note) == (before.status, before.note.as_deref()) {
        return Ok(before);
    }
    // Whoever is bringing it ends first: their file is found.
    moderated::hold(act.db(), &before.sha256, true).await?;
    let now = act.now();
    moderated::update(act.db(), id, (status, note), me, now).await?;
    let hash = moderated::lock(act.db(), id).await?;
    let event = Setting::kept(Noun::ModerationHash, Deed::Changed, id, me, told(&hash));
    act.record_change(&event, &told(&before), &told(&hash)).await?;
    Ok(hash)
}

/// Forgets what was judged. What was taken away stays away.
#[utoipa::path(delete, path = "/api/v1/moderation-hashes/{hash}", tag = "attachments",
    params(("hash" = i64, Path, description = "Its id")), responses((status = 204)))]
pub(super) async fn forget_moderation_hash(session: Session, State(app): State<App>, Path(id): Path<i64>) -> Result<NoContent> {
    session.may(Permission::ModerateFiles)?;
    let me = session.person.id;
    let hash = session
        .act(async |act| {
            let hash = moderated::lock(act.db(), id).await?;
            moderated::delete(act.db(), id).await?;
            act.record(&Setting::kept(Noun::ModerationHash, Deed::Deleted, id, me, told(&hash))).await?;
            Ok(hash)
        })
        .await?;
    forget_verdict(&app.outside.cache, session.tenant.id, &hash.sha256).await;
    Ok(NoContent)
}

/// What is told of a verdict.
pub(super) fn told(hash: &ModerationHash) -> Value {
    json!({ "sha256": hash.sha256, "status": hash.status, "note": hash.note })
}
