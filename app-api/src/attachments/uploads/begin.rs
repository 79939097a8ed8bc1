//! `POST /api/v1/uploads`: a file is announced.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::{Error, Result, act::Act};

use super::{
    copy,
    metadata::Metadata,
    model::{LASTS, MOST_BYTES, Upload, with_coming},
    protocol::{bytes, must_be_spoken, text, told},
    store::{self, NewUpload},
};
use crate::{
    app::App,
    attachments::{
        room::must_have,
        upload::{must_be_open, must_be_theirs},
    },
    media::{self, Allowed, Amount, Whose, accept, must_fit, room},
    permissions::Permission,
    session::Session,
    tickets::{self, TicketRef},
};

/// Announces a file of `Upload-Length` bytes (tus 1.0, creation). `Upload-Metadata` says `filename`, `filetype`, `ticket_id`, and
/// `message_id` or `awaits_message` as in a form. What would be refused for its name, type, length or room is refused now. The
/// upload lasts for 24 hours.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "attachments",
    params(("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = i64, Header, description = "Bytes of the file"),
        ("Upload-Metadata" = String, Header, description = "Names with values in base64")),
    responses((status = 201, headers(
        ("Location" = String, description = "Where its bytes go"),
        ("Upload-Expires" = String, description = "Until when")))))]
pub(super) async fn begin_upload(session: Session, State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    session.may(Permission::Converse)?;
    session.must_belong()?;
    must_be_spoken(&headers)?;
    let length = bytes(&headers, "upload-length")?;
    let said = Metadata::parse(text(&headers, "upload-metadata").unwrap_or_default())?;
    let ticket = tickets::seen(&session, &said.ticket).await?;
    must_be_open(&ticket)?;
    must_be_taken(&session, &said, length).await?;
    must_have(&app, &session, length).await?;
    let new = NewUpload {
        ticket_id: ticket.id,
        message_id: said.message_id,
        awaits_message: said.awaits_message,
        original_name: &said.name.shown,
        declared_type: said.kind.as_deref(),
        length,
        by: (session.person.id, session.viewer().is_staff()),
    };
    let upload = session.scoped_act(async |act| begin(act, &session, &new).await).await?;
    copy::write(&app, session.tenant.id, session.person.id, &upload.progress).await;
    let mut told = told(&upload.progress);
    let location = HeaderValue::from_str(&format!("/api/v1/uploads/{}", upload.progress.id)).map_err(Error::internal)?;
    told.insert(header::LOCATION, location);
    Ok((StatusCode::CREATED, told).into_response())
}

/// What name, type and length say already.
async fn must_be_taken(session: &Session, said: &Metadata, length: i64) -> Result<()> {
    let categories = media::categories(&mut *session.read().await?).await?;
    let taken = accept(&categories, &said.name, said.kind.as_deref(), session.viewer().is_staff())?;
    match length {
        0 => Err(Error::File { code: "content_mismatch", detail: "The file is empty." }),
        _ if length > taken.max_bytes.min(MOST_BYTES) => Err(Error::PayloadTooLarge),
        _ => Ok(()),
    }
}

/// Begins an upload for which there is room beside all that are under way. Nothing of the ticket changes by that: it is no event.
async fn begin(act: &mut Act, session: &Session, new: &NewUpload<'_>) -> Result<Upload> {
    let ticket = tickets::hold(act, session.viewer(), &TicketRef::Id(new.ticket_id)).await?;
    must_be_open(&ticket)?;
    must_be_theirs(act, new.message_id, &ticket, new.by.0).await?;
    let (now, me, more) = (act.now(), new.by.0, Amount::file(new.length));
    // Held as whoever brings a file holds them.
    let mine = room::hold(act, me).await?;
    let mine = with_coming(mine, store::coming(act.db(), Some(me), now).await?, true)?;
    must_fit(Whose::Person, mine, room::allowed(act.db()).await?, more)?;
    let (all, besides) = room::hold_all(act).await?;
    let all = with_coming(all.and_bytes(besides), store::coming(act.db(), None, now).await?, false)?;
    must_fit(Whose::Organisation, all, Allowed::by_plan(&session.tenant.bounds), more)?;
    store::insert(act.db(), new, (now, now + LASTS)).await
}
