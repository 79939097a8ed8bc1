//! `POST /api/v1/tickets/{id}/messages`: a reply, or a note among colleagues. A customer's answer
//! sets a waiting ticket going again, and reopens a resolved one when they say so (T-32).

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    http::Path,
    idempotency::{Keyed, Once, once},
};
use utoipa::ToSchema;

use super::{
    change_status::{Step, take},
    draft::Mode,
    measure,
    model::{Ticket, TicketRef},
    show,
    snooze::wake_for_customer,
    status::{Status, Trigger},
    store,
    visibility::{Audience, Viewer},
    watch::seeing,
};
use crate::{
    app::App,
    events::Event,
    media::{self, Attachment, Shown},
    messages::{self, Body, Message, NewMessage, SenderType},
    people::PersonId,
    permissions::Permission,
    session::Session,
};

/// A message to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMessage {
    /// What is said, in Markdown.
    message: Body,
    /// Only for colleagues; staff only.
    #[serde(default)]
    is_internal: bool,
    /// With it the requester takes a resolution back.
    #[serde(default)]
    reopen: bool,
    /// Colleagues whom a note names, at most 20: staff who see the ticket. They are told.
    #[serde(default)]
    #[schema(max_items = 20)]
    mentions: Vec<PersonId>,
    /// Files of one's own that were sent for this ticket and belong to no message yet, at most 20.
    #[serde(default)]
    #[schema(max_items = 20)]
    attachment_ids: Vec<i64>,
}

/// What is said in a thread.
pub(super) struct Said<'a> {
    pub message: &'a Body,
    /// The same as safe HTML.
    pub html: &'a str,
    pub is_internal: bool,
    pub reopen: bool,
    pub mentions: &'a [PersonId],
    pub attachments: &'a [i64],
}

const MOST_MENTIONS: usize = 20;
const MOST_FILES: usize = 20;

/// Adds a reply or an internal note. With an `Idempotency-Key` a retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/messages", tag = "messages", request_body = AddMessage,
    params(("ticket" = String, Path, description = "Id or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Message, headers(("Location" = String, description = "The thread")))))]
pub(super) async fn add_message(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    Keyed { body: new, key }: Keyed<AddMessage>,
) -> Result<Once> {
    session.may(Permission::Converse)?;
    if new.is_internal {
        session.may(Permission::WriteNotes)?;
    }
    if !new.mentions.is_empty() && !new.is_internal {
        return Err(Error::field("mentions", "invalid", "Only notes name colleagues."));
    }
    if new.mentions.len() > MOST_MENTIONS {
        return Err(Error::field("mentions", "too_long", format!("At most {MOST_MENTIONS}.")));
    }
    if new.attachment_ids.len() > MOST_FILES {
        return Err(Error::field("attachment_ids", "too_long", format!("At most {MOST_FILES}.")));
    }
    let (me, viewer, owner) = (session.person.id, session.viewer(), session.owner());
    let html = messages::rendered(new.message.as_str()).await?;
    let answer = session
        .act(async |act| {
            let before = show::lock(act, viewer, &ticket).await?;
            let thread = format!("tickets/{}/messages", before.id);
            once(act, key.as_ref(), &owner, &thread, async |act| {
                let (is_internal, reopen) = (new.is_internal, new.reopen);
                let (mentions, attachments) = (&*new.mentions, &*new.attachment_ids);
                let said = Said { message: &new.message, html: &html, is_internal, reopen, mentions, attachments };
                let message = reply(act, viewer, me, &before, said).await?;
                Once::created(format!("/api/v1/{thread}"), &message)
            })
            .await
        })
        .await?;
    Ok(Shown::to(&app, &session).within(answer))
}

/// Adds a message to the thread of a locked ticket.
pub(super) async fn reply(act: &mut Act, viewer: Viewer, me: PersonId, ticket: &Ticket, new: Said<'_>) -> Result<Message> {
    if ticket.status == Status::Closed {
        let onward = ticket.survivor.as_ref().map(|on| format!(" It goes on in {}.", on.ticket_number)).unwrap_or_default();
        return Err(Error::conflict("ticket_closed", format!("A closed ticket takes no more messages.{onward}")));
    }
    let woken = wake_for_customer(act, viewer, ticket).await?;
    let ticket = woken.as_ref().unwrap_or(ticket);
    let now = act.now();
    let by_customer = !viewer.is_staff();
    let sender_type = if by_customer { SenderType::Customer } else { SenderType::Agent };
    let added =
        NewMessage { ticket_id: ticket.id, sender_id: me, sender_type, body: new.message, html: new.html, is_internal: new.is_internal };
    let mut message = messages::add(act.db(), &added, now).await?;
    message.attachments = enclose(act, me, &message, new.attachments).await?;
    if store::count_message(act.db(), ticket.id, by_customer, new.is_internal, now).await? {
        measure::renew(act, ticket.id).await?;
    }
    let audience = Audience { after: ticket.sight(), before: None, internal: new.is_internal };
    act.record(&Event::message_added(ticket, &message, audience)).await?;
    mention(act, ticket, &message, new.mentions).await?;
    if !by_customer {
        store::drop_draft(act.db(), ticket.id, me, Some(Mode::of(new.is_internal))).await?;
    }
    if let Some(trigger) = moves(ticket.status, by_customer, new.reopen) {
        let step = Step { to: Status::InProgress, trigger, by: Some(me), reason: None };
        take(act, viewer, ticket, step).await?;
    }
    Ok(message)
}

/// Gives a message the files that go with it: the sender's own, each of which belongs to no other (C14).
async fn enclose(act: &mut Act, me: PersonId, message: &Message, ids: &[i64]) -> Result<Vec<Attachment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let now = act.now();
    let linked = media::link_to(act.db(), ids, (message.ticket_id, message.id), me, now).await?;
    if let Some(n) = ids.iter().position(|id| !linked.contains(id)) {
        return Err(Error::field(
            format!("attachment_ids[{n}]"),
            "unknown_value",
            "There is no such file of yours that belongs to no message.",
        ));
    }
    media::of_messages(act.db(), &[message.id]).await
}

/// Tells those whom a note names, each once.
async fn mention(act: &mut Act, ticket: &Ticket, message: &Message, mentions: &[PersonId]) -> Result<()> {
    for (n, id) in mentions.iter().enumerate().filter(|(n, id)| !mentions[..*n].contains(id)) {
        if seeing(act.db(), ticket, *id).await?.is_none() {
            return Err(Error::field(format!("mentions[{n}]"), "unknown_value", "There is no such colleague who sees this ticket."));
        }
        act.record(&Event::user_mentioned(ticket, message, *id)).await?;
    }
    Ok(())
}

/// What a message does to its ticket.
fn moves(status: Status, by_customer: bool, reopen: bool) -> Option<Trigger> {
    match (status, by_customer, reopen) {
        (Status::WaitingCustomer, true, _) => Some(Trigger::CustomerWrote),
        (Status::Resolved, true, true) => Some(Trigger::Customer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_customers_word_moves_a_ticket() {
        use Status::{InProgress, Open, Resolved, WaitingCustomer};
        for (status, by_customer, reopen, moved) in [
            (WaitingCustomer, true, false, Some(Trigger::CustomerWrote)),
            (WaitingCustomer, false, true, None),
            (Resolved, true, true, Some(Trigger::Customer)),
            (Resolved, true, false, None),
            (Resolved, false, true, None),
            (Open, true, true, None),
            (InProgress, true, true, None),
        ] {
            assert_eq!(moves(status, by_customer, reopen), moved, "{status:?} {by_customer} {reopen}");
        }
    }
}
