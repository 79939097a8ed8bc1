//! What is streamed, and where a reader stands.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    people::TeamId,
    tickets::{Audience, Heard, Viewer},
};

/// Where a reader stands in a tenant's events: by transaction, then by row. Transactions below the
/// oldest running one are complete, so nothing appears behind a position later on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Position {
    pub xid: u64,
    pub seq: i64,
}

/// One event as it is streamed.
#[derive(Debug, Clone)]
pub struct LiveEvent {
    pub at: Position,
    pub kind: String,
    pub audience: Audience,
    pub data: Value,
    pub occurred_at: chrono::DateTime<chrono::Utc>,
}

/// What one reader, who belongs to these teams, gets of an event: the stream's event name and its data.
pub fn shown(event: &LiveEvent, viewer: Viewer, teams: &[TeamId]) -> Option<(&'static str, Value)> {
    let (id, number) = (&event.data["ticket_id"], &event.data["ticket_number"]);
    match viewer.hears(&event.audience, teams) {
        Heard::Nothing => None,
        Heard::Gone => {
            Some(("hidden", json!({ "event": "TicketHidden", "ticket_id": id, "ticket_number": number, "at": event.occurred_at })))
        }
        Heard::Event => {
            let name = if says(&event.kind) { "message" } else { "ticket" };
            let mut data = json!({ "event": event.kind, "ticket_id": id, "ticket_number": number, "at": event.occurred_at });
            if let Some(message) = event.data.get("message_id") {
                data["message_id"] = message.clone();
            }
            Some((name, data))
        }
    }
}

/// Whether the thread is another one after it.
fn says(kind: &str) -> bool {
    ["MessageAdded", "TicketMerged", "TicketUnmerged", "TicketThreadChanged"].contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tickets::Sight;

    #[test]
    fn a_stream_carries_hints_and_never_what_its_reader_may_not_know() {
        let audience = |internal| Audience {
            after: Sight { user_id: 1, assigned_to: Some(10), team_id: None },
            before: Some(Sight { user_id: 1, assigned_to: None, team_id: None }),
            internal,
        };
        let event = |kind: &str, internal| LiveEvent {
            at: Position::default(),
            kind: kind.into(),
            audience: audience(internal),
            data: json!({ "ticket_id": 7, "ticket_number": "TKT-X", "message_id": 3, "subject": "secret" }),
            occurred_at: chrono::DateTime::UNIX_EPOCH,
        };
        let names = |event: &LiveEvent| {
            [Viewer::Everything, Viewer::Agent(10), Viewer::Agent(11), Viewer::Customer(1), Viewer::Customer(2)]
                .map(|v| shown(event, v, &[]).map(|s| s.0))
        };
        assert_eq!(names(&event("TicketAssigned", false)), [Some("ticket"), Some("ticket"), Some("hidden"), Some("ticket"), None]);
        assert_eq!(names(&event("MessageAdded", true)), [Some("message"), Some("message"), Some("hidden"), None, None]);
        let (_, data) = shown(&event("MessageAdded", false), Viewer::Customer(1), &[]).expect("the requester hears");
        assert!(data.get("subject").is_none() && data["message_id"] == 3);
    }
}
