//! Everything that can happen in a tenant. The six of E-2 carry exactly the contract's fields.

use serde_json::{Value, json};
use shared::broker::SAV_EXCHANGE;

use crate::{
    messages::Message,
    people::PersonId,
    sla::clock::State,
    tickets::{Audience, Priority, Status, Ticket},
};

/// Something that happened, to a ticket or to what the tenant has set.
pub struct Event {
    kind: Kind,
    subject: String,
    /// Who may hear of it live; nobody of what is set.
    audience: Option<Audience>,
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
    MessageAdded,
    TicketSlaBreach,
    TicketSlaWarning,
    SlaPolicyChanged,
    SlaCalendarChanged,
}

impl Event {
    fn of_ticket(kind: Kind, id: i64, audience: Audience, data: Value) -> Self {
        Self { kind, subject: format!("ticket:{id}"), audience: Some(audience), data }
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

    /// Somebody was assigned, or nobody any more.
    pub fn ticket_assigned(ticket: &Ticket, by: PersonId, previous: Status, audience: Audience) -> Self {
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

    /// Somebody wrote.
    pub fn message_added(ticket: &Ticket, message: &Message, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "message_id": message.id,
            "sender_id": message.sender_id,
            "sender_type": message.sender_type,
            "is_internal": message.is_internal,
            "has_attachments": false,
            "attachment_count": 0,
        });
        Self::of_ticket(Kind::MessageAdded, ticket.id, audience, data)
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

    /// A policy was created, updated or archived.
    pub fn sla_policy_changed(id: i64, name: &str, version: i32, change: &'static str) -> Self {
        let data = json!({ "policy_id": id, "policy_name": name, "version": version, "change": change });
        Self { kind: Kind::SlaPolicyChanged, subject: format!("sla_policy:{id}"), audience: None, data }
    }

    /// Business hours were created, updated or deleted.
    pub fn sla_calendar_changed(id: i64, name: &str, change: &'static str) -> Self {
        let data = json!({ "calendar_id": id, "calendar_name": name, "change": change });
        Self { kind: Kind::SlaCalendarChanged, subject: format!("sla_calendar:{id}"), audience: None, data }
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

impl shared::act::Event for Event {
    fn kind(&self) -> &'static str {
        match self.kind {
            Kind::TicketCreated => "TicketCreated",
            Kind::TicketAssigned => "TicketAssigned",
            Kind::TicketStatusChanged => "TicketStatusChanged",
            Kind::TicketResolved => "TicketResolved",
            Kind::TicketPriorityChanged => "TicketPriorityChanged",
            Kind::TicketEdited => "TicketEdited",
            Kind::MessageAdded => "MessageAdded",
            Kind::TicketSlaBreach => "TicketSLABreach",
            Kind::TicketSlaWarning => "TicketSLAWarning",
            Kind::SlaPolicyChanged => "SlaPolicyChanged",
            Kind::SlaCalendarChanged => "SlaCalendarChanged",
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
            Kind::MessageAdded => "sav.ticket.message_added",
            Kind::TicketSlaBreach => "sav.ticket.sla_breach",
            Kind::TicketSlaWarning => "sav.ticket.sla_warning",
            Kind::SlaPolicyChanged => "sav.sla_policy.changed",
            Kind::SlaCalendarChanged => "sav.sla_calendar.changed",
        }
    }

    fn subject(&self) -> String {
        self.subject.clone()
    }

    fn data(&self) -> Value {
        self.data.clone()
    }

    fn audience(&self) -> Option<Value> {
        self.audience.and_then(|audience| serde_json::to_value(audience).ok())
    }
}
