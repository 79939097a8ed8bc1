//! `POST /api/v1/tickets/{id}/messages`: a reply, or a note among colleagues. A customer's answer
//! sets a waiting ticket going again, and reopens a resolved one when they say so (T-32).

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
    measure,
    model::{Ticket, TicketRef},
    show,
    status::{Status, Trigger},
    store,
    visibility::{Audience, Viewer},
};
use crate::{
    events::Event,
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
}

/// Adds a reply or an internal note. With an `Idempotency-Key` a retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/messages", tag = "messages", request_body = AddMessage,
    params(("ticket" = String, Path, description = "Id or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Message, headers(("Location" = String, description = "The thread")))))]
pub(super) async fn add_message(
    session: Session,
    Path(ticket): Path<TicketRef>,
    Keyed { body: new, key }: Keyed<AddMessage>,
) -> Result<Once> {
    session.may(Permission::Converse)?;
    if new.is_internal {
        session.may(Permission::WriteNotes)?;
    }
    let (me, viewer, owner) = (session.person.id, session.viewer(), session.owner());
    let html = messages::rendered(new.message.as_str()).await?;
    session
        .act(async |act| {
            let before = show::lock(act, viewer, &ticket).await?;
            let thread = format!("tickets/{}/messages", before.id);
            once(act, key.as_ref(), &owner, &thread, async |act| {
                let message = reply(act, viewer, me, &before, (&new, &html)).await?;
                Once::created(format!("/api/v1/{thread}"), &message)
            })
            .await
        })
        .await
}

async fn reply(act: &mut Act, viewer: Viewer, me: PersonId, ticket: &Ticket, (new, html): (&AddMessage, &str)) -> Result<Message> {
    if ticket.status == Status::Closed {
        return Err(Error::conflict("ticket_closed", "A closed ticket takes no more messages."));
    }
    let now = act.now();
    let by_customer = !viewer.is_staff();
    let sender_type = if by_customer { SenderType::Customer } else { SenderType::Agent };
    let added = NewMessage { ticket_id: ticket.id, sender_id: me, sender_type, body: &new.message, html, is_internal: new.is_internal };
    let message = messages::add(act.db(), &added, now).await?;
    if store::count_message(act.db(), ticket.id, by_customer, new.is_internal, now).await? {
        measure::renew(act, ticket.id).await?;
    }
    let audience = Audience { after: ticket.sight(), before: None, internal: new.is_internal };
    act.record(&Event::message_added(ticket, &message, audience)).await?;
    if let Some(trigger) = moves(ticket.status, by_customer, new.reopen) {
        let step = Step { to: Status::InProgress, trigger, by: Some(me), reason: None };
        take(act, viewer, ticket, step).await?;
    }
    Ok(message)
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
