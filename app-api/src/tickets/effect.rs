//! What a macro would do to a ticket, before it does. Pure: the same rules as the verbs', on a copy.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    assign::status_after,
    model::{Tags, Ticket},
    status::{Status, Trigger},
    work::{Action, Work},
};
use crate::people::PersonId;

/// What one action would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Effect {
    /// Which property.
    pub action: Action,
    /// What it is.
    pub from: Option<String>,
    /// What it would be.
    pub to: Option<String>,
    /// Why it would be refused, as a problem's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What these would do to a ticket, one after the other.
pub fn effects(mut ticket: Ticket, me: PersonId, works: &[Work]) -> Vec<Effect> {
    works.iter().map(|work| effect(&mut ticket, me, work)).collect()
}

fn effect(ticket: &mut Ticket, me: PersonId, work: &Work) -> Effect {
    let text = |id: Option<PersonId>| id.map(|id| id.to_string());
    let closed = (ticket.status == Status::Closed).then_some("ticket_closed");
    let (action, from, to, refused) = match work {
        Work::Status(to, reason) => {
            let from = ticket.status;
            let refused = match from.step(*to, Trigger::Staff) {
                Err(_) => Some("illegal_transition"),
                Ok(_) if from.needs_reason(*to) && reason.is_none() => Some("validation_failed"),
                Ok(to) => {
                    ticket.status = to;
                    None
                }
            };
            (Action::Status, Some(from.as_str().to_owned()), Some(to.as_str().to_owned()), refused)
        }
        Work::Assign(to) => {
            let (from, to) = (ticket.assigned_to, to.person(me));
            let refused = match status_after(ticket.status, to) {
                Err(_) => Some("illegal_transition"),
                Ok(status) => {
                    (ticket.status, ticket.assigned_to) = (status, to);
                    None
                }
            };
            (Action::Assign, text(from), text(to), refused)
        }
        Work::Team(to) => {
            let from = std::mem::replace(&mut ticket.team_id, *to);
            (Action::Team, text(from), text(*to), None)
        }
        Work::Priority(to) => {
            let from = std::mem::replace(&mut ticket.priority, *to);
            (Action::Priority, Some(from.as_str().to_owned()), Some(to.as_str().to_owned()), None)
        }
        Work::Tags { add, remove } => match Tags::changed(&ticket.tags, add, remove) {
            Ok(to) => {
                let from = std::mem::replace(&mut ticket.tags, to.as_slice().to_vec());
                (Action::Tags, Some(from.join(", ")), Some(ticket.tags.join(", ")), None)
            }
            Err(_) => (Action::Tags, Some(ticket.tags.join(", ")), None, Some("validation_failed")),
        },
        Work::Category(to) => {
            let to = to.as_ref().map(|category| category.as_str().to_owned());
            (Action::Category, std::mem::replace(&mut ticket.category, to.clone()), to, None)
        }
        Work::Snooze(to) => {
            let told = |is_snoozed: bool| Some(if is_snoozed { "snoozed" } else { "awake" }.to_owned());
            (Action::Snooze, told(std::mem::replace(&mut ticket.is_snoozed, to.is_some())), told(to.is_some()), None)
        }
    };
    Effect { action, from, to, refused: closed.or(refused).map(str::to_owned) }
}
