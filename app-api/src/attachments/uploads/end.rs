//! `DELETE /api/v1/uploads/{upload}`: nothing more comes.

use axum::{extract::State, http::HeaderMap};
use shared::{
    Error, Result,
    http::{NoContent, Path},
};
use uuid::Uuid;

use super::{copy, protocol::must_be_spoken, store};
use crate::{app::App, permissions::Permission, session::Session};

/// Ends one's own upload (tus 1.0, termination): what has come of it goes. A file that it has become stays.
#[utoipa::path(delete, path = "/api/v1/uploads/{upload}", tag = "attachments",
    params(("upload" = Uuid, Path, description = "Its id"), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses((status = 204)))]
pub(super) async fn end_upload(session: Session, State(app): State<App>, Path(id): Path<Uuid>, headers: HeaderMap) -> Result<NoContent> {
    session.may(Permission::Converse)?;
    session.must_belong()?;
    must_be_spoken(&headers)?;
    let me = session.person.id;
    let gone = session.scoped_act(async |act| store::forget(act.db(), id, me).await).await?;
    copy::forget(&app, session.tenant.id, id).await;
    if gone { Ok(NoContent) } else { Err(Error::NotFound("not_found")) }
}
