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
    media::{self, Allowed, Arrival, Attachment, Scanner, Spooled},
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
    let _turn = app.media.turn(session.tenant.id, session.person.id).await?;
    let (me, is_staff) = (session.person.id, session.viewer().is_staff());
    // Nothing is read of what has no room anyway, unless it may have been answered before there was none.
    if !headers.contains_key("idempotency-key") {
        must_be_awaited(&app, &session, &seen, 1).await?;
    }
    let categories = media::categories(&mut *session.read().await?).await?;
    let form = form::read(request, &categories, is_staff).await?;
    let said = format!("{} {} {:?} {}", form.name.shown, form.file.sha256, form.message_id, form.awaits_message);
    let key = Key::of(&headers, &said, app.cursors.clone())?;
    let (route, owner) = (format!("tickets/{}/attachments", seen.id), session.owner());
    let awaited = must_come(&app, &session, &seen, &form.file).await;
    // Asked behind that: what has no room any more may have filled it itself, just now.
    if let Some(answer) = session.answered(key.as_ref(), &route).await? {
        return told(&app, &session, answer).await;
    }
    awaited?;
    let arrival = Arrival {
        ticket_id: seen.id,
        message_id: form.message_id,
        awaits_message: form.awaits_message,
        by: (me, is_staff),
        name: form.name,
        taken: form.taken,
    };
    let file = media::ready(&session.tenant, (&app.outside.storage, &app.media), session.clock().now(), &arrival, &form.file).await?;
    let answer = session
        .scoped_act(async |act| {
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

/// Whether a file may come: its ticket is open, and there is room for so many bytes.
async fn must_be_awaited(app: &App, session: &Session, ticket: &Ticket, bytes: i64) -> Result<()> {
    must_be_open(ticket)?;
    room::must_have(app, session, bytes).await
}

/// The same of one that has come, and that nobody has rejected it.
async fn must_come(app: &App, session: &Session, ticket: &Ticket, file: &Spooled) -> Result<()> {
    must_be_awaited(app, session, ticket, file.length.try_into().map_err(Error::internal)?).await?;
    media::must_not_be_refused(&app.outside.cache, &session.tenant, &file.sha256).await
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
    let file = media::bring(act, file, scanner, Allowed::by_plan(&session.tenant.bounds)).await?;
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
    let Some(file) = media::find(&mut *session.scoped().await?, id).await? else { return Ok(answer) };
    let file = addressed(app, session, file).await?;
    Ok(answer
        .with("scan_status", json!(file.scan_status))
        .with("url", json!(file.url))
        .with("url_expires_at", json!(file.url_expires_at))
        .with("preview", json!(file.preview))
        .with("preview_url", json!(file.preview_url)))
}
