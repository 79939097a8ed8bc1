//! Everything that can happen in a tenant. The six of E-2 carry exactly the contract's fields.

mod file;
mod setting;

pub use file::FileEvent;
use serde_json::{Value, json};
pub use setting::{Deed, Noun, Setting};
use shared::broker::SAV_EXCHANGE;

use crate::{
    messages::Message,
    orders::Known,
    people::{PersonId, TeamId},
    sla::clock::State,
    tickets::{Audience, Facts, Priority, Status, Ticket},
};

/// Something that happened to a ticket.
pub struct Event {
    kind: Kind,
    ticket_id: i64,
    audience: Audience,
    data: Value,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    TicketCreated,
    TicketAssigned,
    TicketStatusChanged,
    TicketResolved,
    TicketPriorityChanged,
    TicketEdited,
    TicketTeamChanged,
    MessageAdded,
    TicketSlaBreach,
    TicketSlaWarning,
    TicketSnoozed,
    TicketWoken,
    TicketWatched,
    TicketUnwatched,
    TicketLinked,
    TicketUnlinked,
    TicketOrderChanged,
    TicketMerged,
    TicketUnmerged,
    TicketThreadChanged,
    UserMentioned,
    CsatReceived,
}

impl Event {
    fn of_ticket(kind: Kind, id: i64, audience: Audience, data: Value) -> Self {
        Self { kind, ticket_id: id, audience, data }
    }

    /// A ticket was opened.
    pub fn ticket_created(ticket: &Ticket, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "user_id": ticket.user_id,
            "subject": ticket.subject,
            "priority": ticket.priority,
            "status": ticket.status,
            "order_id": ticket.order_id,
            "category": ticket.category,
        });
        Self::of_ticket(Kind::TicketCreated, ticket.id, audience, data)
    }

    /// Somebody was assigned, or nobody any more; `by` nobody when it was given out by itself.
    pub fn ticket_assigned(ticket: &Ticket, by: Option<PersonId>, previous: Status, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "assigned_to": ticket.assigned_to,
            "assigned_by": by,
            "previous_status": previous,
            "new_status": ticket.status,
        });
        Self::of_ticket(Kind::TicketAssigned, ticket.id, audience, data)
    }

    /// A ticket took a step; `by` nobody when its time was up.
    pub fn ticket_status_changed(
        ticket: &Ticket,
        previous: Status,
        by: Option<PersonId>,
        reason: Option<&str>,
        audience: Audience,
    ) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "user_id": ticket.user_id,
            "previous_status": previous,
            "new_status": ticket.status,
            "changed_by": by,
            "reason": reason,
        });
        Self::of_ticket(Kind::TicketStatusChanged, ticket.id, audience, data)
    }

    /// A ticket was resolved; whether in time is null where nothing was promised.
    pub fn ticket_resolved(ticket: &Ticket, by: Option<PersonId>, audience: Audience) -> Self {
        let took = ticket.resolved_at.map(|at| (at - ticket.created_at).num_minutes());
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "user_id": ticket.user_id,
            "resolved_by": by,
            "resolution_time_minutes": took,
            "sla_met": ticket.sla.as_ref().map(|sla| sla.resolution.state != State::Breached),
            "category": ticket.category,
        });
        Self::of_ticket(Kind::TicketResolved, ticket.id, audience, data)
    }

    /// The priority was changed; `by` nobody when a breach has raised it.
    pub fn ticket_priority_changed(ticket: &Ticket, previous: Priority, by: Option<PersonId>, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "previous_priority": previous,
            "new_priority": ticket.priority,
            "changed_by": by,
            "reason": ticket.priority_reason,
        });
        Self::of_ticket(Kind::TicketPriorityChanged, ticket.id, audience, data)
    }

    /// Other properties were changed.
    pub fn ticket_edited(ticket: &Ticket, by: PersonId, fields: Vec<&'static str>, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "changed_by": by,
            "fields": fields,
        });
        Self::of_ticket(Kind::TicketEdited, ticket.id, audience, data)
    }

    /// A ticket came into another team's queue.
    pub fn ticket_team_changed(ticket: &Ticket, previous: Option<TeamId>, by: Option<PersonId>, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "previous_team": previous,
            "new_team": ticket.team_id,
            "changed_by": by,
        });
        Self { kind: Kind::TicketTeamChanged, ticket_id: ticket.id, audience, data }
    }

    /// Somebody wrote.
    pub fn message_added(ticket: &Ticket, message: &Message, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "message_id": message.id,
            "sender_id": message.sender_id,
            "sender_type": message.sender_type,
            "is_internal": message.is_internal,
            "has_attachments": !message.attachments.is_empty(),
            "attachment_count": message.attachments.len(),
        });
        Self::of_ticket(Kind::MessageAdded, ticket.id, audience, data)
    }
}

impl Event {
    /// A ticket goes on in another one, or does so no more.
    pub fn ticket_merged(ticket: &Ticket, into: &Ticket, by: PersonId, merged: bool, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "user_id": ticket.user_id,
            "into_id": into.id,
            "into_number": into.ticket_number,
            "changed_by": by,
        });
        Self::of_ticket(if merged { Kind::TicketMerged } else { Kind::TicketUnmerged }, ticket.id, audience, data)
    }

    /// Messages came into a thread from another ticket's or went back there: `why` is `merge` or `unmerge`.
    pub fn ticket_thread_changed(ticket: &Ticket, other: i64, why: &'static str, by: PersonId, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "other_id": other,
            "why": why,
            "changed_by": by,
        });
        Self::of_ticket(Kind::TicketThreadChanged, ticket.id, audience, data)
    }
}

/// What was promised, and how late it is.
pub struct Lateness {
    /// `response` or `resolution`.
    pub sla_type: &'static str,
    /// The target, in working minutes.
    pub expected_minutes: i64,
    /// Working minutes that have passed.
    pub actual_minutes: i64,
}

impl Event {
    /// A target was missed.
    pub fn ticket_sla_breach(ticket: &Ticket, late: &Lateness, audience: Audience) -> Self {
        Self::of_ticket(Kind::TicketSlaBreach, ticket.id, audience, told_late(ticket, late))
    }

    /// A target is near.
    pub fn ticket_sla_warning(ticket: &Ticket, late: &Lateness, audience: Audience) -> Self {
        Self::of_ticket(Kind::TicketSlaWarning, ticket.id, audience, told_late(ticket, late))
    }
}

fn told_late(ticket: &Ticket, late: &Lateness) -> Value {
    json!({
        "ticket_id": ticket.id,
        "ticket_number": ticket.ticket_number,
        "priority": ticket.priority,
        "sla_type": late.sla_type,
        "expected_minutes": late.expected_minutes,
        "actual_minutes": late.actual_minutes,
        "assigned_to": ticket.assigned_to,
    })
}

/// How a customer has rated a resolution.
pub struct Rated {
    /// 1 to 5 points.
    pub rating: i16,
    /// Those of the answer before, if there was one.
    pub previous: Option<i16>,
    /// Whether they wrote something.
    pub has_comment: bool,
    /// Who had resolved the ticket.
    pub resolved_by: Option<PersonId>,
}

/// What only the staff hears of.
impl Event {
    /// A ticket was put out of sight of the queue, `until` nothing for as long as the customer is silent; or it
    /// came back, by nobody when its time had come.
    pub fn ticket_snoozed(ticket: &Ticket, by: Option<PersonId>) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "changed_by": by,
            "until": ticket.snooze.as_ref().and_then(|snooze| snooze.until),
        });
        let kind = if ticket.snooze.is_some() { Kind::TicketSnoozed } else { Kind::TicketWoken };
        Self::for_staff(kind, ticket, data)
    }

    /// Somebody watches a ticket from now on, or no more.
    pub fn ticket_watched(ticket: &Ticket, by: PersonId, watches: bool) -> Self {
        let data = json!({ "ticket_id": ticket.id, "ticket_number": ticket.ticket_number, "user_id": by });
        Self::for_staff(if watches { Kind::TicketWatched } else { Kind::TicketUnwatched }, ticket, data)
    }

    /// A ticket was linked with another one, or no longer is.
    pub fn ticket_linked(ticket: &Ticket, other: i64, kind: &'static str, by: PersonId, linked: bool) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "other_id": other,
            "kind": kind,
            "changed_by": by,
        });
        Self::for_staff(if linked { Kind::TicketLinked } else { Kind::TicketUnlinked }, ticket, data)
    }

    /// A ticket has learned something of its order.
    pub fn ticket_order_changed(ticket: &Ticket, before: Option<&Known>, after: &Known) -> Self {
        let details = after.details.as_ref();
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "order_id": ticket.order_id,
            "previous_validation": before.map(|before| before.validation),
            "validation": after.validation,
            "state": details.map(|details| details.state),
            "payment": details.map(|details| details.payment),
        });
        Self::for_staff(Kind::TicketOrderChanged, ticket, data)
    }

    /// A note names a colleague.
    pub fn user_mentioned(ticket: &Ticket, message: &Message, user_id: PersonId) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "message_id": message.id,
            "user_id": user_id,
            "mentioned_by": message.sender_id,
        });
        Self::for_staff(Kind::UserMentioned, ticket, data)
    }

    /// A customer has rated a resolution, or rated it another way.
    pub fn csat_received(id: i64, ticket: &Facts, rated: &Rated) -> Self {
        let data = json!({
            "ticket_id": id,
            "ticket_number": ticket.ticket_number,
            "user_id": ticket.user_id,
            "rating": rated.rating,
            "previous_rating": rated.previous,
            "has_comment": rated.has_comment,
            "resolved_by": rated.resolved_by,
        });
        Self::of_ticket(Kind::CsatReceived, id, Audience { after: ticket.sight(), before: None, internal: true }, data)
    }

    fn for_staff(kind: Kind, ticket: &Ticket, data: Value) -> Self {
        let audience = Audience { after: ticket.sight(), before: None, internal: true };
        Self::of_ticket(kind, ticket.id, audience, data)
    }
}

impl shared::act::Event for Event {
    fn kind(&self) -> &'static str {
        match self.kind {
            Kind::TicketCreated => "TicketCreated",
            Kind::TicketAssigned => "TicketAssigned",
            Kind::TicketStatusChanged => "TicketStatusChanged",
            Kind::TicketResolved => "TicketResolved",
            Kind::TicketPriorityChanged => "TicketPriorityChanged",
            Kind::TicketEdited => "TicketEdited",
            Kind::TicketTeamChanged => "TicketTeamChanged",
            Kind::MessageAdded => "MessageAdded",
            Kind::TicketSlaBreach => "TicketSLABreach",
            Kind::TicketSlaWarning => "TicketSLAWarning",
            Kind::TicketSnoozed => "TicketSnoozed",
            Kind::TicketWoken => "TicketWoken",
            Kind::TicketWatched => "TicketWatched",
            Kind::TicketUnwatched => "TicketUnwatched",
            Kind::TicketLinked => "TicketLinked",
            Kind::TicketUnlinked => "TicketUnlinked",
            Kind::TicketOrderChanged => "TicketOrderChanged",
            Kind::TicketMerged => "TicketMerged",
            Kind::TicketUnmerged => "TicketUnmerged",
            Kind::TicketThreadChanged => "TicketThreadChanged",
            Kind::UserMentioned => "UserMentioned",
            Kind::CsatReceived => "CsatReceived",
        }
    }

    fn exchange(&self) -> &'static str {
        SAV_EXCHANGE
    }

    fn routing_key(&self) -> &'static str {
        match self.kind {
            Kind::TicketCreated => "sav.ticket.created",
            Kind::TicketAssigned => "sav.ticket.assigned",
            Kind::TicketStatusChanged => "sav.ticket.status_changed",
            Kind::TicketResolved => "sav.ticket.resolved",
            Kind::TicketPriorityChanged => "sav.ticket.priority_changed",
            Kind::TicketEdited => "sav.ticket.edited",
            Kind::TicketTeamChanged => "sav.ticket.team_changed",
            Kind::MessageAdded => "sav.ticket.message_added",
            Kind::TicketSlaBreach => "sav.ticket.sla_breach",
            Kind::TicketSlaWarning => "sav.ticket.sla_warning",
            Kind::TicketSnoozed => "sav.ticket.snoozed",
            Kind::TicketWoken => "sav.ticket.woken",
            Kind::TicketWatched => "sav.ticket.watched",
            Kind::TicketUnwatched => "sav.ticket.unwatched",
            Kind::TicketLinked => "sav.ticket.linked",
            Kind::TicketUnlinked => "sav.ticket.unlinked",
            Kind::TicketOrderChanged => "sav.ticket.order_changed",
            Kind::TicketMerged => "sav.ticket.merged",
            Kind::TicketUnmerged => "sav.ticket.unmerged",
            Kind::TicketThreadChanged => "sav.ticket.thread_changed",
            Kind::UserMentioned => "sav.user.mentioned",
            Kind::CsatReceived => "sav.csat.received",
        }
    }

    fn subject(&self) -> String {
        format!("ticket:{}", self.ticket_id)
    }

    fn data(&self) -> Value {
        self.data.clone()
    }

    fn audience(&self) -> Option<Value> {
        serde_json::to_value(self.audience).ok()
    }
}
