//! Lists of canned replies and macros, and one of them.

use axum::extract::State;
use shared::{
    Result,
    http::{Json, NoQuery, Path, Tagged},
    page::{Asked, Order, Page, Paging},
};

use super::{
    model::{CannedReply, Kind, Macro},
    store,
};
use crate::{app::App, permissions::Permission, session::Session};

/// Lists the reader's own canned replies and everybody's, in the order in which they were saved.
#[utoipa::path(get, path = "/api/v1/canned-replies", tag = "macros", params(Paging), responses((status = 200, body = Page<CannedReply>)))]
pub(super) async fn list_canned_replies(
    session: Session,
    State(app): State<App>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<CannedReply>>> {
    let Page { data, page } = listed(&session, &app, &paging, Kind::CannedReply).await?;
    Ok(Json(Page { data: data.into_iter().map(CannedReply::from).collect(), page }))
}

/// Lists the reader's own macros and everybody's, in the order in which they were saved.
#[utoipa::path(get, path = "/api/v1/macros", tag = "macros", params(Paging), responses((status = 200, body = Page<Macro>)))]
pub(super) async fn list_macros(session: Session, State(app): State<App>, Asked { paging, .. }: Asked) -> Result<Json<Page<Macro>>> {
    listed(&session, &app, &paging, Kind::Macro).await.map(Json)
}

async fn listed(session: &Session, app: &App, paging: &Paging, kind: Kind) -> Result<Page<Macro>> {
    session.may(Permission::UseDesk)?;
    let me = session.person.id;
    let part = paging.part(&app.cursors, &format!("{}:{}:{me}", kind.as_str(), session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let rows = store::list(&mut db, kind, me, &part).await?;
    let total = part.total(store::count(&mut db, kind, me)).await?;
    part.page(rows, total, |row| row.id)
}

/// Shows one canned reply.
#[utoipa::path(get, path = "/api/v1/canned-replies/{reply}", tag = "macros", params(("reply" = i64, Path, description = "Its id")),
    responses((status = 200, body = CannedReply, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_canned_reply(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Tagged<CannedReply>> {
    session.may(Permission::UseDesk)?;
    let found = store::find(&mut *session.read().await?, Kind::CannedReply, session.person.id, id).await?;
    Ok(Tagged(found.version, found.into()))
}

/// Shows one macro.
#[utoipa::path(get, path = "/api/v1/macros/{macro}", tag = "macros", params(("macro" = i64, Path, description = "Its id")),
    responses((status = 200, body = Macro, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_macro(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Tagged<Macro>> {
    session.may(Permission::UseDesk)?;
    let found = store::find(&mut *session.read().await?, Kind::Macro, session.person.id, id).await?;
    Ok(Tagged(found.version, found))
}
