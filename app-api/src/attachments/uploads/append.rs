//! `PATCH /api/v1/uploads/{upload}`: bytes come.

use axum::{
    body::{Body, BodyDataStream},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use shared::{Error, Result, http::Path};
use uuid::Uuid;

use super::{
    copy,
    finish::finish,
    model::{Progress, State as Stands, Upload},
    part,
    protocol::{Checksum, bytes, malformed, must_be_bytes, must_be_spoken, told},
    store,
};
use crate::{app::App, attachments::pace::Pace, media::Spool, permissions::Permission, session::Session};

/// What is kept at once: so much at most is sent again after a break.
const PIECE: u64 = 4 << 20;

/// Sends bytes of one's own upload from `Upload-Offset` on (tus 1.0, core and checksum). What has come is kept although the connection
/// breaks off, unless there is a checksum: then all of a request or nothing. The last bytes make the file its ticket's, with the
/// answers of a form, and `Attachment-Id`. `409 conflict` for another offset, `410 gone`, `460 checksum_mismatch`.
#[utoipa::path(patch, path = "/api/v1/uploads/{upload}", tag = "attachments",
    params(("upload" = Uuid, Path, description = "Its id"),
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Offset" = i64, Header, description = "Bytes that are here"),
        ("Upload-Checksum" = Option<String>, Header, description = "sha1 or sha256, a space, and the value in base64")),
    request_body(content = String, content_type = "application/offset+octet-stream"),
    responses((status = 204, headers(
        ("Upload-Offset" = i64, description = "Bytes that are here now"),
        ("Upload-Expires" = String, description = "Until when it may be gone on with"),
        ("Attachment-Id" = i64, description = "The file that it has become")))))]
pub(super) async fn append_to_upload(
    session: Session,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    session.may(Permission::Converse)?;
    session.must_belong()?;
    must_be_spoken(&headers)?;
    must_be_bytes(&headers)?;
    let (offset, checksum, me) = (bytes(&headers, "upload-offset")?, Checksum::of(&headers)?, session.person.id);
    // Who has waited finds what has come meanwhile.
    let turn = app.media.turn(session.tenant.id, me).await?;
    let upload = store::find(&mut *session.scoped().await?, id, me).await?.ok_or(Error::NotFound("not_found"))?;
    if let Err(error) = upload.progress.takes_at(offset, app.clock.now()) {
        // Whoever was told something else was told by an old copy.
        copy::write(&app, session.tenant.id, me, &upload.progress).await;
        return Err(error);
    }
    // Whoever asks while bytes come, or after we died over them, is told by the database.
    copy::forget(&app, session.tenant.id, id).await;
    // What has come is kept although nobody waits for the answer any more.
    let coming = Coming { app, session, at: upload.progress.offset, upload, checksum };
    let taken = tokio::spawn(async move {
        let taken = coming.take(body.into_data_stream()).await;
        drop(turn);
        taken
    });
    let progress = taken.await.map_err(Error::internal)??;
    Ok((StatusCode::NO_CONTENT, told(&progress)).into_response())
}

/// An upload of which bytes are coming.
pub(super) struct Coming {
    pub(super) app: App,
    pub(super) session: Session,
    pub(super) upload: Upload,
    /// Up to here everything is kept.
    pub(super) at: i64,
    checksum: Option<Checksum>,
}

impl Coming {
    /// Takes what comes. What is here when it breaks off is kept, and the end of it is an error all the same.
    async fn take(mut self, mut body: BodyDataStream) -> Result<Progress> {
        let (mut spool, mut whole, mut pace) = (self.spool().await?, true, Pace::new());
        loop {
            let bytes = match pace.next(body.next()).await {
                Some(None) => break,
                Some(Some(Ok(bytes))) => bytes,
                _ => {
                    whole = false;
                    break;
                }
            };
            pace.came(bytes.len());
            spool.take(&bytes).await?;
            if let Some(checksum) = &mut self.checksum {
                checksum.take(&bytes);
            }
            if self.checksum.is_none() && spool.length() >= PIECE && !self.is_last(&spool) {
                self.keep(spool).await?;
                spool = self.spool().await?;
            }
        }
        match self.checksum.take() {
            Some(_) if !whole => return Err(cut()),
            Some(checksum) => checksum.must_fit()?,
            None => {}
        }
        let progress = self.settle(spool).await?;
        if whole || progress.state == Stands::Done { Ok(progress) } else { Err(cut()) }
    }

    /// Keeps what has come, and makes all of it a file where there is no more to come.
    async fn settle(&mut self, spool: Spool) -> Result<Progress> {
        let me = self.session.person.id;
        if self.is_last(&spool) {
            let progress = finish(self, spool).await;
            copy::forget(&self.app, self.session.tenant.id, self.upload.progress.id).await;
            return progress;
        }
        if spool.length() > 0 {
            self.keep(spool).await?;
        }
        let progress = Progress { offset: self.at, ..self.upload.progress.clone() };
        copy::write(&self.app, self.session.tenant.id, me, &progress).await;
        Ok(progress)
    }

    async fn keep(&mut self, spool: Spool) -> Result<()> {
        let kept = part::keep(&self.app, &self.session.tenant, self.upload.progress.id, self.at, spool.done().await?).await;
        if let Err(Error::Conflict { .. }) = &kept {
            copy::forget(&self.app, self.session.tenant.id, self.upload.progress.id).await;
        }
        self.at += kept?;
        Ok(())
    }

    /// For what is still to come at most.
    async fn spool(&self) -> Result<Spool> {
        Spool::new((self.upload.progress.length - self.at).unsigned_abs()).await
    }

    fn is_last(&self, spool: &Spool) -> bool {
        self.at.unsigned_abs() + spool.length() == self.upload.progress.length.unsigned_abs()
    }
}

fn cut() -> Error {
    malformed("The bytes broke off.".into())
}
