//! Previewing a canned reply or a macro for a ticket, and applying a macro to it.

use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    error::FieldError,
    http::{Json, Path},
    idempotency::{Keyed, Once},
};
use utoipa::ToSchema;

use super::{
    model::{Kind, Macro, filled, works},
    store,
    template::Filled,
};
use crate::{
    messages::{self, Body},
    permissions::Permission,
    session::Session,
    tickets::{self, Effect, Ticket, TicketRef},
};

/// For which ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewFor {
    /// The ticket's id.
    ticket: i64,
}

/// What would be said and done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// The text, filled in; what has no value stands there as it was written.
    pub message: Option<String>,
    /// The same as safe HTML.
    pub message_html: Option<String>,
    /// The placeholders that have no value for this ticket. It is not sent while there are any.
    pub unresolved: Vec<String>,
    /// What would change, in this order.
    pub effects: Vec<Effect>,
}

/// Shows what a canned reply says for a ticket.
#[utoipa::path(post, path = "/api/v1/canned-replies/{reply}/preview", tag = "macros", request_body = PreviewFor,
    params(("reply" = i64, Path, description = "Its id")), responses((status = 200, body = Preview)))]
pub(super) async fn preview_canned_reply(session: Session, Path(id): Path<i64>, Json(of): Json<PreviewFor>) -> Result<Json<Preview>> {
    previewed(&session, (Kind::CannedReply, id), of.ticket).await.map(Json)
}

/// Shows what a macro would say and do, and changes nothing.
#[utoipa::path(post, path = "/api/v1/macros/{macro}/preview", tag = "macros", request_body = PreviewFor,
    params(("macro" = i64, Path, description = "Its id")), responses((status = 200, body = Preview)))]
pub(super) async fn preview_macro(session: Session, Path(id): Path<i64>, Json(of): Json<PreviewFor>) -> Result<Json<Preview>> {
    previewed(&session, (Kind::Macro, id), of.ticket).await.map(Json)
}

async fn previewed(session: &Session, which: (Kind, i64), ticket: i64) -> Result<Preview> {
    session.may(Permission::KeepDesk)?;
    session.must_belong()?;
    let (found, ticket) = read(session, which, &TicketRef::Id(ticket)).await?;
    let said = spoken(session, &found, &ticket);
    let message_html = match &said {
        Some(said) => Some(messages::rendered(&said.text).await?),
        None => None,
    };
    let effects = tickets::effects(ticket, session.person.id, &works(&found.actions)?);
    let (message, unresolved) = said.map_or((None, Vec::new()), |said| (Some(said.text), said.unresolved));
    Ok(Preview { message, message_html, unresolved, effects })
}

async fn read(session: &Session, (kind, id): (Kind, i64), ticket: &TicketRef) -> Result<(Macro, Ticket)> {
    let found = store::find(&mut *session.read().await?, kind, session.person.id, id).await?;
    Ok((found, tickets::seen(session, ticket).await?))
}

fn spoken(session: &Session, found: &Macro, ticket: &Ticket) -> Option<Filled> {
    found.message.as_ref().map(|text| filled(text, ticket, &session.person, &session.tenant.organisation))
}

/// Nothing of its own: what a macro does is the macro's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyMacro {}

/// Says what a macro says and does what it does: all of it, or nothing. `422` with `unresolved_placeholder` while a
/// placeholder has no value.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/macros/{macro}", tag = "macros", request_body = ApplyMacro,
    params(("ticket" = String, Path, description = "Id or number"), ("macro" = i64, Path, description = "Its id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Ticket, headers(("Location" = String, description = "The ticket"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn apply_macro(
    session: Session,
    Path((ticket, id)): Path<(TicketRef, i64)>,
    Keyed { key, .. }: Keyed<ApplyMacro>,
) -> Result<Once> {
    for needed in [Permission::EditTickets, Permission::Assign, Permission::ChangeStatus, Permission::Converse, Permission::WriteNotes] {
        session.may(needed)?;
    }
    session.must_belong()?;
    // A retry may find neither: the macro may have given the ticket away.
    let route = format!("tickets/{ticket}/macros/{id}");
    if let Some(answer) = session.answered(key.as_ref(), &route).await? {
        return Ok(answer);
    }
    let (found, before) = read(&session, (Kind::Macro, id), &ticket).await?;
    let (works, text) = (works(&found.actions)?, resolved(spoken(&session, &found, &before))?);
    let html = match &text {
        Some(text) => messages::rendered(text.as_str()).await?,
        None => String::new(),
    };
    let who = (session.viewer(), session.person.id);
    session
        .once(key.as_ref(), &route, async |act| {
            let said = text.as_ref().map(|text| (text, &*html, found.is_internal));
            let after = tickets::say_and_do(act, who, &TicketRef::Id(before.id), said, &works).await?;
            tickets::answered(&after)
        })
        .await
}

/// The text, unless something in it has no value.
fn resolved(said: Option<Filled>) -> Result<Option<Body>> {
    let Some(said) = said else { return Ok(None) };
    if said.unresolved.is_empty() {
        return Body::parse(&said.text).map(Some).map_err(|why| Error::field("message", "invalid", why));
    }
    let missing = |name: &String| FieldError::new("message", "unresolved_placeholder", format!("{name} has no value for this ticket."));
    Err(Error::Invalid(said.unresolved.iter().map(missing).collect()))
}
