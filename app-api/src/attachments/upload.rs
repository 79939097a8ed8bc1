//! `POST /api/v1/tickets/{ticket}/attachments`: a file in one go.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
};
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    http::Path,
    idempotency::{Key, Once, once},
};

use super::{form, room, show::addressed, work::ticket_of};
use crate::{
    app::App,
    events::FileEvent,
    imports,
    media::{self, Arrival, Attachment, Scanner},
    messages,
    people::PersonId,
    permissions::Permission,
    session::Session,
    tickets::{self, Status, Ticket, TicketRef},
};

/// Sends a file for a ticket, as a form: `file`, and `message_id` where it belongs to a message of one's own, or
/// `awaits_message=true` where that is yet to be written. `415 file_type_blocked` for what is not taken or was rejected, `415 content_mismatch`
/// for what is not what it is called, `413 payload_too_large`, `413 quota_exceeded`, `409 ticket_closed`.
/// With an `Idempotency-Key` a retry gets the first answer. Its address is null until it was looked at for malware.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/attachments", tag = "attachments",
    params(("ticket" = String, Path, description = "Id or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    request_body(content = String, content_type = "multipart/form-data"),
    responses((status = 201, body = Attachment, headers(("Location" = String, description = "The file")))))]
pub(super) async fn attach_file(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    headers: HeaderMap,
    request: Request,
) -> Result<Once> {
    session.may(Permission::Converse)?;
    session.must_belong()?;
    let seen = tickets::seen(&session, &ticket).await?;
    must_be_open(&seen)?;
    let _turn = app.media.turn(session.tenant.id, session.person.id).await?;
    let (me, is_staff) = (session.person.id, session.viewer().is_staff());
    // Nothing is read of what has no room anyway.
    room::must_have(&app, &session, 1).await?;
    let categories = media::categories(&mut *session.read().await?).await?;
    let form = form::read(request, &categories, is_staff).await?;
    let said = format!("{} {} {:?} {}", form.name.shown, form.file.sha256, form.message_id, form.awaits_message);
    let key = Key::of(&headers, &said, app.cursors.clone())?;
    let arrival = Arrival {
        ticket_id: seen.id,
        message_id: form.message_id,
        awaits_message: form.awaits_message,
        by: (me, is_staff),
        name: form.name,
        taken: form.taken,
    };
    media::must_not_be_refused(&app.outside.cache, &session.tenant, &form.file.sha256).await?;
    let file = media::ready(&session.tenant, &app.outside.storage, session.clock().now(), &arrival, &form.file).await?;
    let (route, owner) = (format!("tickets/{}/attachments", seen.id), session.owner());
    let answer = session
        .act(async |act| {
            once(act, key.as_ref(), &owner, &route, async |act| {
                let file = attach(act, &session, &file, &arrival, &app.media.scanner).await?;
                Once::created(format!("/api/v1/attachments/{}", file.id), &file)
            })
            .await
        })
        .await?;
    room::changed(&app, &session.tenant, me).await;
    told(&app, &session, answer).await
}

/// Makes a stored file its ticket's.
pub(super) async fn attach(
    act: &mut Act,
    session: &Session,
    file: &media::Ready<'_>,
    arrival: &Arrival,
    scanner: &Scanner,
) -> Result<Attachment> {
    let ticket = tickets::hold(act, session.viewer(), &TicketRef::Id(arrival.ticket_id)).await?;
    must_be_open(&ticket)?;
    must_be_theirs(act, arrival.message_id, &ticket, arrival.by.0).await?;
    let besides = imports::kept(act.db()).await?;
    let file = media::bring(act, file, scanner, (session.tenant.bounds.storage_bytes, besides)).await?;
    let ticket = ticket_of(act, &file).await?;
    act.record(&FileEvent::added(&file, &ticket)).await?;
    Ok(file)
}

/// Files go to messages of one's own.
pub(super) async fn must_be_theirs(act: &mut Act, message: Option<i64>, ticket: &Ticket, sender: PersonId) -> Result<()> {
    if let Some(message) = message
        && !messages::is_theirs(act.db(), message, ticket.id, sender).await?
    {
        return Err(Error::field("message_id", "unknown_value", "There is no such message of yours in this ticket."));
    }
    Ok(())
}

/// T-6.
pub(super) fn must_be_open(ticket: &Ticket) -> Result<()> {
    match ticket.status {
        Status::Closed => Err(Error::conflict("ticket_closed", "A closed ticket takes no more files.")),
        _ => Ok(()),
    }
}

/// An answer with the address at which the file is to be had, where it is by now.
async fn told(app: &App, session: &Session, answer: Once) -> Result<Once> {
    let Some(id) = answer.body().get("id").and_then(serde_json::Value::as_i64) else { return Ok(answer) };
    let Some(file) = media::find(&mut *session.read().await?, id).await? else { return Ok(answer) };
    let file = addressed(app, session, file).await?;
    Ok(answer
        .with("scan_status", json!(file.scan_status))
        .with("url", json!(file.url))
        .with("url_expires_at", json!(file.url_expires_at))
        .with("preview", json!(file.preview))
        .with("preview_url", json!(file.preview_url)))
}
