//! `POST /api/v1/tickets/{id}/status`: staff ask, resolve or put aside; the requester confirms or
//! reopens. The table is in `status`.

use serde::Deserialize;
use serde_json::Value;
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, Path, Tagged},
};
use utoipa::ToSchema;

use super::{
    assign::{LEFT, To, hand},
    history::Change,
    measure,
    model::{Line, Ticket, TicketRef, trigger},
    show,
    status::{Status, Trigger},
    store, trail,
    visibility::{Audience, Viewer},
};
use crate::{
    events::Event,
    people::{self, PersonId},
    permissions::Permission,
    session::Session,
};

/// Where a ticket shall go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeStatus {
    /// The status it shall have.
    status: Status,
    /// Why; required to close an open ticket.
    #[schema(value_type = Option<String>, max_length = 1000)]
    reason: Option<Line<1000>>,
}

/// Moves a ticket one step along its life.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/status", tag = "tickets", request_body = ChangeStatus,
    params(("ticket" = String, Path, description = "Id or number"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Ticket, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn change_ticket_status(
    session: Session,
    Path(ticket): Path<TicketRef>,
    version: IfMatch,
    Json(to): Json<ChangeStatus>,
) -> Result<Tagged<Ticket>> {
    session.may(Permission::ChangeStatus)?;
    let (me, viewer) = (session.person.id, session.viewer());
    let moved = session
        .act(async |act| {
            let before = show::lock(act, viewer, &ticket).await?;
            version.check(before.version)?;
            set(act, viewer, me, &before, (to.status, to.reason.as_ref().map(Line::as_str))).await
        })
        .await?;
    Ok(Tagged(moved.version, moved))
}

/// Moves a locked ticket where somebody says.
pub(super) async fn set(
    act: &mut Act,
    viewer: Viewer,
    me: PersonId,
    before: &Ticket,
    (to, reason): (Status, Option<&str>),
) -> Result<Ticket> {
    if before.status == Status::Closed {
        return Err(Error::conflict("ticket_closed", "A closed ticket is not changed any more."));
    }
    if before.status.needs_reason(to) && reason.is_none() {
        return Err(Error::field("reason", "required", "Say why it is closed unanswered."));
    }
    take(act, viewer, before, Step { to, trigger: trigger(viewer), by: Some(me), reason }).await
}

/// One step of a locked ticket.
pub(super) struct Step<'a> {
    pub to: Status,
    pub trigger: Trigger,
    /// Nobody: the system itself.
    pub by: Option<PersonId>,
    pub reason: Option<&'a str>,
}

/// Takes a step: row, history and event together (T-7).
pub(super) async fn take(act: &mut Act, viewer: Viewer, before: &Ticket, step: Step<'_>) -> Result<Ticket> {
    let status = before.status.step(step.to, step.trigger)?.with(before.assigned_to);
    let now = act.now();
    let version = store::set_status(act.db(), before.id, status, before.assigned_to, now).await?;
    let change = Change { kind: "status", from: Some(before.status.as_str()), to: Some(status.as_str()), reason: step.reason };
    store::write_history(act.db(), before.id, version, &change, step.by, now).await?;
    measure::renew(act, before.id).await?;
    let after = store::find(act, viewer, &TicketRef::Id(before.id), now).await?;
    let audience = Audience { after: after.sight(), before: None, internal: false };
    let event = Event::ticket_status_changed(&after, before.status, step.by, step.reason, audience);
    act.record_change(&event, &trail::standing(before), &told(&after, step.reason)).await?;
    // Whoever comes back resolved was told of as such before.
    if status == Status::Resolved && step.trigger != Trigger::Unmerged {
        act.record(&Event::ticket_resolved(&after, step.by, audience)).await?;
    }
    // Work that goes on again, whose assignee has left meanwhile, is somebody else's to take.
    match (status, after.assigned_to) {
        (Status::InProgress, Some(agent)) if !people::assignable(act.db(), agent).await? => {
            let nobody = To { agent: None, by: None, reason: Some(LEFT) };
            hand(act, &after, &nobody).await?;
            store::find(act, viewer, &TicketRef::Id(before.id), now).await
        }
        _ => Ok(after),
    }
}

/// Where a ticket stands now, and why, for the audit trail.
fn told(after: &Ticket, reason: Option<&str>) -> Value {
    let mut told = trail::standing(after);
    if let Some(reason) = reason {
        told["reason"] = reason.into();
    }
    told
}
