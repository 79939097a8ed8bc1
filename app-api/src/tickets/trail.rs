//! What the audit trail compares of a ticket, before and after (AU-1).

use serde_json::{Value, json};

use super::model::Ticket;
use crate::orders::Known;

/// Where it stands, and with whom.
pub(super) fn standing(ticket: &Ticket) -> Value {
    json!({ "status": ticket.status, "assigned_to": ticket.assigned_to, "team_id": ticket.team_id })
}

/// How much it presses, and who says so.
pub(super) fn priority(ticket: &Ticket) -> Value {
    json!({ "priority": ticket.priority, "priority_reason": ticket.priority_reason })
}

/// What it knows of its order.
pub(super) fn order(known: Option<&Known>) -> Value {
    json!({ "order": known })
}

/// Everything else that is edited, with what is told of its custom fields.
pub(super) fn properties(ticket: &Ticket, told: &Value) -> Value {
    json!({ "subject": ticket.subject, "category": ticket.category, "tags": ticket.tags, "custom_fields": told })
}
