//! Everything that can happen in a tenant. The six of E-2 carry exactly the contract's fields.

use serde_json::{Value, json};
use shared::broker::SAV_EXCHANGE;

use crate::{
    messages::Message,
    people::PersonId,
    tickets::{Audience, Priority, Status, Ticket},
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
    MessageAdded,
}

impl Event {
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
        Self { kind: Kind::TicketCreated, ticket_id: ticket.id, audience, data }
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
        Self { kind: Kind::TicketAssigned, ticket_id: ticket.id, audience, data }
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
        Self { kind: Kind::TicketStatusChanged, ticket_id: ticket.id, audience, data }
    }

    /// A ticket was resolved. Whether in time is said once there are targets: null until then.
    pub fn ticket_resolved(ticket: &Ticket, by: Option<PersonId>, audience: Audience) -> Self {
        let took = ticket.resolved_at.map(|at| (at - ticket.created_at).num_minutes());
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "user_id": ticket.user_id,
            "resolved_by": by,
            "resolution_time_minutes": took,
            "sla_met": null,
            "category": ticket.category,
        });
        Self { kind: Kind::TicketResolved, ticket_id: ticket.id, audience, data }
    }

    /// The priority was changed.
    pub fn ticket_priority_changed(ticket: &Ticket, previous: Priority, by: PersonId, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "previous_priority": previous,
            "new_priority": ticket.priority,
            "changed_by": by,
            "reason": ticket.priority_reason,
        });
        Self { kind: Kind::TicketPriorityChanged, ticket_id: ticket.id, audience, data }
    }

    /// Other properties were changed.
    pub fn ticket_edited(ticket: &Ticket, by: PersonId, fields: Vec<&'static str>, audience: Audience) -> Self {
        let data = json!({
            "ticket_id": ticket.id,
            "ticket_number": ticket.ticket_number,
            "changed_by": by,
            "fields": fields,
        });
        Self { kind: Kind::TicketEdited, ticket_id: ticket.id, audience, data }
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
        Self { kind: Kind::MessageAdded, ticket_id: ticket.id, audience, data }
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
            Kind::MessageAdded => "MessageAdded",
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
