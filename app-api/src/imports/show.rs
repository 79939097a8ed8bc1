//! `GET /api/v1/imports` and `GET /api/v1/imports/{import}`.

use axum::extract::State;
use shared::{
    Result,
    http::{Json, NoQuery, Path},
    page::{Asked, Order, Page, Paging},
};

use super::{model::Import, store};
use crate::{app::App, permissions::Permission, session::Session};

/// Lists the organisation's imports of the last thirty days, the oldest first unless told.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", params(Paging), responses((status = 200, body = Page<Import>)))]
pub(super) async fn list_imports(session: Session, State(app): State<App>, Asked { paging, .. }: Asked) -> Result<Json<Page<Import>>> {
    session.may(Permission::SeeImports)?;
    let part = paging.part(&app.cursors, &format!("imports:{}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let rows = store::list(&mut db, &part).await?;
    let total = part.total(store::count(&mut db)).await?;
    Ok(Json(part.page(rows, total, |import| import.id)?))
}

/// Shows how far an import is.
#[utoipa::path(get, path = "/api/v1/imports/{import}", tag = "imports", params(("import" = i64, Path, description = "Its id")),
    responses((status = 200, body = Import)))]
pub(super) async fn show_import(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Json<Import>> {
    session.may(Permission::SeeImports)?;
    Ok(Json(store::find(&mut *session.read().await?, id).await?))
}
