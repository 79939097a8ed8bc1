//! `GET` and `HEAD /api/v1/uploads/{upload}`: how far an upload has come.

use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use shared::{
    Error, Result,
    http::{Json, NoQuery, Path},
};
use uuid::Uuid;

use super::{
    copy,
    model::Progress,
    protocol::{must_be_spoken, told},
    store,
};
use crate::{app::App, permissions::Permission, session::Session};

/// Shows how far one's own upload has come (tus 1.0, core): `Upload-Offset` is where to go on. `Attachment-Id` is what it has become.
/// `410 gone` for one whose time is over, or whose content was refused.
#[utoipa::path(get, path = "/api/v1/uploads/{upload}", tag = "attachments",
    params(("upload" = Uuid, Path, description = "Its id"), ("Tus-Resumable" = Option<String>, Header, description = "1.0.0")),
    responses((status = 200, body = Progress, headers(
        ("Upload-Offset" = i64, description = "Bytes that are here"),
        ("Upload-Length" = i64, description = "Bytes that it has"),
        ("Upload-Expires" = String, description = "Until when it may be gone on with"),
        ("Attachment-Id" = i64, description = "The file that it has become")))))]
pub(super) async fn show_upload(
    session: Session,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    _: NoQuery,
) -> Result<Response> {
    session.may(Permission::Converse)?;
    if headers.contains_key("tus-resumable") {
        must_be_spoken(&headers)?;
    }
    let progress = progress(&app, &session, id).await?;
    progress.must_be_known(app.clock.now())?;
    Ok((told(&progress), Json(progress)).into_response())
}

/// Where it stands: as Redis says, else as it is.
async fn progress(app: &App, session: &Session, id: Uuid) -> Result<Progress> {
    let (tenant, me) = (session.tenant.id, session.person.id);
    if let Some(progress) = copy::read(app, tenant, id, me).await {
        return Ok(progress);
    }
    let found = store::find(&mut *session.scoped().await?, id, me).await?.ok_or(Error::NotFound("not_found"))?;
    copy::write(app, tenant, me, &found.progress).await;
    Ok(found.progress)
}
