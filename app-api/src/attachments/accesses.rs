//! `GET /api/v1/attachments/{attachment}/accesses`: who was given a file, and who took it.

use axum::extract::State;
use shared::{
    Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
};

use super::{model::FileAccess, show::must_be_seen, store};
use crate::{app::App, media, permissions::Permission, session::Session};

/// Lists who had to do with a file, the newest first, as long as that is kept; also of one that was taken away, until that is forgotten.
#[utoipa::path(get, path = "/api/v1/attachments/{attachment}/accesses", tag = "attachments",
    params(("attachment" = i64, Path, description = "Its id"), Paging), responses((status = 200, body = Page<FileAccess>)))]
pub(super) async fn list_accesses(
    session: Session,
    State(app): State<App>,
    Path(id): Path<i64>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<FileAccess>>> {
    session.may(Permission::SeeAccesses)?;
    let found = media::find_ever(&mut *session.scoped().await?, id).await?;
    let file = must_be_seen(&session, found).await?;
    let part = paging.part(&app.cursors, &format!("accesses:{}:{}", session.tenant.id, file.id), Order::Newest)?;
    let mut db = session.read().await?;
    let rows = store::accesses(&mut db, file.id, &part).await?;
    let total = part.total(store::count_accesses(&mut db, file.id)).await?;
    Ok(Json(part.page(rows, total, |access| (access.at, access.id))?))
}
