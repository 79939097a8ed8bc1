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
    give::give,
    history::Change,
    measure,
    model::{Ticket, TicketRef},
    show,
    status::{Status, Trigger},
    store, trail,
    visibility::{Audience, Viewer},
};
use crate::{
    events::Event,
    people::{self, PersonId, TeamId},
    permissions::Permission,
    session::Session,
    teams,
};

/// Why the tickets of whoever has left are nobody's.
pub(super) const LEFT: &str = "left";

/// Who shall work on a ticket, and in whose queue it shall be. One of the two must be there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignTicket {
    /// An agent's id; null for nobody; `auto` for whoever's turn it is in the ticket's team.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Assignee>)]
    assigned_to: Option<Option<Assignee>>,
    /// A team's id; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    team_id: Option<Option<TeamId>>,
}

/// Who it goes to.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Assignee {
    /// That agent.
    Person(PersonId),
    /// Whoever's turn it is.
    Auto(Auto),
}

/// The word for whoever's turn it is.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Auto {
    /// Whoever's turn it is.
    Auto,
}

/// Null is an answer here, leaving it out is none.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Assigns a ticket, puts it back into the queue, or into another team's. With `auto` it goes to whoever's turn it is
/// by the way of its team, by the least load where that gives out nothing by itself; `409` when nobody is free.
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
    if to.assigned_to.is_none() && to.team_id.is_none() {
        return Err(Error::field("assigned_to", "required", "Say who, or which team."));
    }
    let (me, viewer) = (session.person.id, session.viewer());
    let assigned = session
        .act(async |act| {
            let mut ticket = show::lock(act, viewer, &ticket).await?;
            version.check(ticket.version)?;
            if let Some(team) = to.team_id {
                ticket = queue(act, &ticket, team, Some(me)).await?;
            }
            match to.assigned_to {
                Some(Some(Assignee::Auto(Auto::Auto))) => give(act, &ticket, me).await,
                Some(Some(Assignee::Person(agent))) => assign(act, me, &ticket, Some(agent)).await,
                Some(None) => assign(act, me, &ticket, None).await,
                None => Ok(ticket),
            }
        })
        .await?;
    Ok(Tagged(assigned.version, assigned))
}

/// Assigns a locked ticket to somebody, or to nobody.
pub(super) async fn assign(act: &mut Act, me: PersonId, before: &Ticket, to: Option<PersonId>) -> Result<Ticket> {
    // Refused as such before anybody is looked for.
    status_after(before.status, to)?;
    if let Some(agent) = to
        && !people::assignable(act.db(), agent).await?
    {
        return Err(Error::field("assigned_to", "unknown_value", "There is no such agent."));
    }
    hand(act, before, &To { agent: to, by: Some(me), reason: None }).await
}

/// To whom a ticket goes.
pub(super) struct To<'a> {
    /// Who is assignable, or nobody.
    pub agent: Option<PersonId>,
    /// Nobody: the system itself.
    pub by: Option<PersonId>,
    /// Why.
    pub reason: Option<&'a str>,
}

/// Hands a locked ticket over. The answer is the ticket as its new assignee's manager sees it: whoever
/// hands a ticket over still learns that it worked.
pub(super) async fn hand(act: &mut Act, before: &Ticket, to: &To<'_>) -> Result<Ticket> {
    let status = status_after(before.status, to.agent)?;
    let now = act.now();
    if before.assigned_to == to.agent {
        return store::find(act, Viewer::Everything, &TicketRef::Id(before.id), now).await;
    }
    let version = store::set_status(act.db(), before.id, status, to.agent, now).await?;
    let (from_text, to_text) = (before.assigned_to.map(|id| id.to_string()), to.agent.map(|id| id.to_string()));
    let change = Change { kind: "assignment", from: from_text.as_deref(), to: to_text.as_deref(), reason: to.reason };
    store::write_history(act.db(), before.id, version, &change, to.by, now).await?;
    if status != before.status {
        let change = Change { kind: "status", from: Some(before.status.as_str()), to: Some(status.as_str()), reason: None };
        store::write_history(act.db(), before.id, version, &change, to.by, now).await?;
    }
    measure::renew(act, before.id).await?;
    let ticket = store::find(act, Viewer::Everything, &TicketRef::Id(before.id), now).await?;
    let audience = Audience { after: ticket.sight(), before: Some(before.sight()), internal: false };
    let event = Event::ticket_assigned(&ticket, to.by, before.status, audience);
    act.record_change(&event, &trail::standing(before), &trail::standing(&ticket)).await?;
    Ok(ticket)
}

/// Puts a locked ticket into a team's queue, or into none. Another policy may be for that team's tickets.
pub(super) async fn queue(act: &mut Act, before: &Ticket, to: Option<TeamId>, by: Option<PersonId>) -> Result<Ticket> {
    if before.status == Status::Closed {
        return Err(Error::conflict("ticket_closed", "A closed ticket is not changed any more."));
    }
    if let Some(team) = to
        && !teams::is_team(act.db(), team).await?
    {
        return Err(Error::field("team_id", "unknown_value", "There is no such team."));
    }
    let now = act.now();
    let from = before.sight().team_id;
    if from != to {
        let version = store::set_team(act.db(), before.id, to, now).await?;
        let (from_text, to_text) = (from.map(|id| id.to_string()), to.map(|id| id.to_string()));
        let change = Change { kind: "team", from: from_text.as_deref(), to: to_text.as_deref(), reason: None };
        store::write_history(act.db(), before.id, version, &change, by, now).await?;
        measure::refit(act, before.id).await?;
    }
    let ticket = store::find(act, Viewer::Everything, &TicketRef::Id(before.id), now).await?;
    if from != to {
        let audience = Audience { after: ticket.sight(), before: Some(before.sight()), internal: false };
        let event = Event::ticket_team_changed(&ticket, from, by, audience);
        act.record_change(&event, &trail::standing(before), &trail::standing(&ticket)).await?;
    }
    Ok(ticket)
}

/// Puts a locked ticket back into the queue that it was in; into none where that team is no more.
pub(super) async fn requeue(act: &mut Act, before: &Ticket, to: Option<TeamId>, by: Option<PersonId>) -> Result<Ticket> {
    let there = match to {
        Some(team) if !teams::is_team(act.db(), team).await? => None,
        to => to,
    };
    queue(act, before, there, by).await
}

/// Where an assignment leads, or why it cannot be (T-4, T-6).
pub(super) fn status_after(from: Status, to: Option<PersonId>) -> Result<Status> {
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
