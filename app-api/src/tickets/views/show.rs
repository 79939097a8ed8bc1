//! `GET /api/v1/views` and `GET /api/v1/views/{id}`.

use serde::Serialize;
use shared::{
    Error, Result,
    http::{Json, NoQuery, Path, Tagged},
};
use utoipa::ToSchema;

use super::{
    model::{BuiltIn, View},
    store,
};
use crate::{permissions::Permission, session::Session};

/// The views that somebody has.
#[derive(Debug, Serialize, ToSchema)]
pub struct Views {
    /// The keys of the built-in ones.
    pub built_in: Vec<BuiltIn>,
    /// The saved ones, one's own first; at most 100.
    pub data: Vec<View>,
}

/// Lists the views that the reader has.
#[utoipa::path(get, path = "/api/v1/views", tag = "views", responses((status = 200, body = Views)))]
pub(in crate::tickets) async fn list_views(session: Session, _: NoQuery) -> Result<Json<Views>> {
    session.may(Permission::UseDesk)?;
    let data = store::all(&mut *session.read().await?, session.person.id).await?;
    Ok(Json(Views { built_in: BuiltIn::ALL.into(), data }))
}

/// Shows one saved view.
#[utoipa::path(get, path = "/api/v1/views/{view}", tag = "views", params(("view" = i64, Path, description = "Its id")),
    responses((status = 200, body = View, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(in crate::tickets) async fn show_view(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Tagged<View>> {
    session.may(Permission::UseDesk)?;
    let found = store::find(&mut *session.read().await?, session.person.id, id).await?;
    let view = found.ok_or(Error::NotFound("not_found"))?;
    Ok(Tagged(view.version, view))
}
