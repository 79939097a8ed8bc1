//! `GET /api/v1/attachments/{attachment}/shares` and `GET /api/v1/attachments/shared`.

use axum::extract::State;
use shared::{
    Error, Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
};

use super::{
    model::{FileShare, SharedFile},
    store,
};
use crate::{
    app::App,
    attachments::show::seen,
    media::{self, Attachment},
    permissions::Permission,
    session::Session,
};

/// Lists the shares of a file that one sees, the newest first, those that are over too.
#[utoipa::path(get, path = "/api/v1/attachments/{attachment}/shares", tag = "attachments",
    params(("attachment" = i64, Path, description = "Its id"), Paging), responses((status = 200, body = Page<FileShare>)))]
pub(in crate::attachments) async fn list_shares(
    session: Session,
    State(app): State<App>,
    Path(id): Path<i64>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<FileShare>>> {
    session.may(Permission::UseDesk)?;
    let file = seen(&session, id).await?;
    let part = paging.part(&app.cursors, &format!("shares:{}:{}", session.tenant.id, file.id), Order::Newest)?;
    let mut db = session.read().await?;
    let rows = store::list(&mut db, file.id, &part).await?;
    let total = part.total(store::count(&mut db, file.id)).await?;
    Ok(Json(part.page(rows, total, |share| share.id)?))
}

/// Lists the files that were shared with whoever asks, the newest share first.
#[utoipa::path(get, path = "/api/v1/attachments/shared", tag = "attachments", params(Paging),
    responses((status = 200, body = Page<SharedFile>)))]
pub(in crate::attachments) async fn list_shared_with_me(
    session: Session,
    State(app): State<App>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<SharedFile>>> {
    session.may(Permission::UseDesk)?;
    let me = session.person.id;
    let part = paging.part(&app.cursors, &format!("shared:{}:{me}", session.tenant.id), Order::Newest)?;
    let mut db = session.read().await?;
    let shares = store::given_to(&mut db, me, &part).await?;
    let total = part.total(store::count_given_to(&mut db, me)).await?;
    let page = part.page(shares, total, |share| share.id)?;
    let ids: Vec<i64> = page.data.iter().map(|share| share.attachment_id).collect();
    let mut files = media::these(&mut db, &ids).await?;
    let found = |share: FileShare| {
        let at = files.iter().position(|file| file.id == share.attachment_id)?;
        let attachment = files.swap_remove(at);
        Some(SharedFile { id: share.id, created_by: share.created_by, created_at: share.created_at, attachment })
    };
    Ok(Json(Page { data: page.data.into_iter().filter_map(found).collect(), page: page.page }))
}

/// A file that was shared with a member of the staff, and by which share; `404` for everybody else.
pub(in crate::attachments) async fn given(session: &Session, id: i64) -> Result<(Attachment, i64)> {
    let gone = || Error::NotFound("not_found");
    if !session.viewer().is_staff() {
        return Err(gone());
    }
    let mut db = session.read().await?;
    let share = store::given(&mut db, id, session.person.id).await?.ok_or_else(gone)?;
    let file = media::find(&mut db, id).await?.ok_or_else(gone)?;
    Ok((file, share))
}
