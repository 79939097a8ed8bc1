//! `GET /api/v1/attachments/{attachment}/accesses`: who was given a file, and who took it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{
    Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
};
use utoipa::ToSchema;

use super::{
    show::must_be_seen,
    store::{self, AccessRow, What},
};
use crate::{app::App, media, permissions::Permission, session::Session, tickets::Party};

/// That somebody had to do with a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileAccess {
    /// Its id.
    id: i64,
    /// `issued` where somebody was given an address, `downloaded` where somebody took the file, `previewed` where they saw a picture.
    what: What,
    /// When.
    at: DateTime<Utc>,
    /// Who; null for whoever has a link.
    user: Option<Party>,
    /// The share by which they had it; null where they see the file.
    share_id: Option<i64>,
    /// From which address.
    ip: Option<String>,
    /// By which program, as it calls itself.
    user_agent: Option<String>,
}

impl From<AccessRow> for FileAccess {
    fn from(row: AccessRow) -> Self {
        let (firstname, lastname) = (row.firstname.unwrap_or_default(), row.lastname.unwrap_or_default());
        let user = row.user_id.map(|id| Party { id, firstname, lastname, email: None });
        Self { id: row.id, what: What::parse(&row.what), at: row.at, user, share_id: row.share_id, ip: row.ip, user_agent: row.user_agent }
    }
}

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
