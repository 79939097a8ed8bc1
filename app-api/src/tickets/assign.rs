//! `POST /api/v1/tickets/{id}/assign`: who works on it. Assigning an open ticket starts the work,
//! unassigning puts it back into the queue (T-2, T-4).

use serde::{Deserialize, Deserializer};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, Path, Tagged},
};
use utoipa::ToSchema;

use super::{
    history::Change,
    measure,
    model::{Ticket, TicketRef},
    show,
    status::{Status, Trigger},
    store, trail,
    visibility::{Audience, Sight, Viewer},
};
use crate::{
    events::Event,
    people::{self, PersonId},
    permissions::Permission,
    session::Session,
};

/// Who shall work on a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignTicket {
    /// An agent's id; null for nobody. Must be there.
    #[serde(deserialize_with = "present")]
    #[schema(required)]
    assigned_to: Option<PersonId>,
}

/// Null is an answer here, leaving it out is none.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PersonId>, D::Error> {
    Option::deserialize(from)
}

/// Assigns a ticket, or puts it back into the queue.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/assign", tag = "tickets", request_body = AssignTicket,
    params(("ticket" = String, Path, description = "Id or number"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Ticket, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn assign_ticket(
    session: Session,
    Path(ticket): Path<TicketRef>,
    version: IfMatch,
    Json(to): Json<AssignTicket>,
) -> Result<Tagged<Ticket>> {
    session.may(Permission::Assign)?;
    let (me, viewer) = (session.person.id, session.viewer());
    let assigned = session
        .act(async |act| {
            let before = show::lock(act, viewer, &ticket).await?;
            version.check(before.version)?;
            assign(act, me, before, to.assigned_to).await
        })
        .await?;
    Ok(Tagged(assigned.version, assigned))
}

/// Assigns a locked ticket. The answer is the ticket as its new assignee's manager sees it: whoever
/// hands a ticket over still learns that it worked.
async fn assign(act: &mut Act, me: PersonId, before: Ticket, to: Option<PersonId>) -> Result<Ticket> {
    let status = status_after(before.status, to)?;
    if let Some(agent) = to
        && !people::assignable(act.db(), agent).await?
    {
        return Err(Error::field("assigned_to", "unknown_value", "There is no such agent."));
    }
    if before.assigned_to == to {
        return Ok(before);
    }
    let now = act.now();
    let version = store::set_status(act.db(), before.id, status, to, now).await?;
    let (from_text, to_text) = (before.assigned_to.map(|id| id.to_string()), to.map(|id| id.to_string()));
    let change = Change { kind: "assignment", from: from_text.as_deref(), to: to_text.as_deref(), reason: None };
    store::write_history(act.db(), before.id, version, &change, Some(me), now).await?;
    if status != before.status {
        let change = Change { kind: "status", from: Some(before.status.as_str()), to: Some(status.as_str()), reason: None };
        store::write_history(act.db(), before.id, version, &change, Some(me), now).await?;
    }
    let audience = Audience { after: Sight { user_id: before.user_id, assigned_to: to }, before: Some(before.sight()), internal: false };
    measure::renew(act, before.id).await?;
    let ticket = store::find(act.db(), Viewer::Everything, &TicketRef::Id(before.id), now).await?;
    let event = Event::ticket_assigned(&ticket, me, before.status, audience);
    act.record_change(&event, &trail::standing(&before), &trail::standing(&ticket)).await?;
    Ok(ticket)
}

/// Where an assignment leads, or why it cannot be (T-4, T-6).
fn status_after(from: Status, to: Option<PersonId>) -> Result<Status> {
    match (from, to) {
        (Status::Closed, _) => Err(Error::conflict("ticket_closed", "A closed ticket is not changed any more.")),
        (Status::Open, Some(_)) => Ok(from.step(Status::InProgress, Trigger::Assigned)?),
        (_, Some(_)) => Ok(from),
        (_, None) => Ok(from.step(Status::Open, Trigger::Unassigned)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assigning_starts_the_work_and_unassigning_is_possible_only_while_it_goes_on() {
        use Status::{Closed, InProgress, Open, Resolved, WaitingCustomer};
        for (from, to, after) in [
            (Open, Some(1), Some(InProgress)),
            (InProgress, Some(1), Some(InProgress)),
            (WaitingCustomer, Some(1), Some(WaitingCustomer)),
            (Resolved, Some(1), Some(Resolved)),
            (Closed, Some(1), None),
            (Open, None, None),
            (InProgress, None, Some(Open)),
            (WaitingCustomer, None, None),
            (Resolved, None, None),
            (Closed, None, None),
        ] {
            assert_eq!(status_after(from, to).ok(), after, "{from:?} {to:?}");
        }
    }
}
