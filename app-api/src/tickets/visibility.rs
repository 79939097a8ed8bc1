//! Who sees which ticket: the one definition, as a predicate for SQL and as the same predicate on
//! facts for the live stream. A test walks both over the whole grid.

use serde::{Deserialize, Serialize};
use shared::session::Role;

use crate::people::PersonId;

/// Whose eyes see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// Managers and admins: every ticket.
    Everything,
    /// An agent: what is assigned to them, and the unassigned queue.
    Agent(PersonId),
    /// A customer: their own tickets, without notes.
    Customer(PersonId),
}

/// What decides who sees a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// The requester.
    pub user_id: PersonId,
    /// The agent.
    pub assigned_to: Option<PersonId>,
}

/// Who may hear of an event live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// The ticket's sight after the event.
    pub after: Sight,
    /// Before it, where that differs: those who lose sight of it must hear that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Sight>,
    /// Only for staff.
    pub internal: bool,
}

impl Viewer {
    /// The eyes of a person in their role.
    pub fn of(id: PersonId, role: Role) -> Self {
        match role {
            Role::Customer => Self::Customer(id),
            Role::Agent => Self::Agent(id),
            Role::Manager | Role::Admin => Self::Everything,
        }
    }

    /// The predicate on `support_tickets t`, and the id it is about. Each text holds `{}` where the
    /// id's placeholder belongs.
    pub(super) fn predicate(self) -> (&'static str, Option<PersonId>) {
        match self {
            Self::Everything => ("true", None),
            Self::Agent(id) => ("(t.assigned_to = {} or t.assigned_to is null)", Some(id)),
            Self::Customer(id) => ("t.user_id = {}", Some(id)),
        }
    }

    /// Whether these eyes see a ticket.
    pub fn sees(self, ticket: &Sight) -> bool {
        match self {
            Self::Everything => true,
            Self::Agent(id) => ticket.assigned_to.is_none_or(|a| a == id),
            Self::Customer(id) => ticket.user_id == id,
        }
    }

    /// Whether these are a member's eyes.
    pub fn is_staff(self) -> bool {
        !matches!(self, Self::Customer(_))
    }

    /// What these eyes get of an event: all of it, the word that the ticket is gone from their
    /// sight, or nothing.
    pub fn hears(self, audience: &Audience) -> Heard {
        if audience.internal && !self.is_staff() {
            return Heard::Nothing;
        }
        if self.sees(&audience.after) {
            return Heard::Event;
        }
        match &audience.before {
            Some(before) if self.sees(before) => Heard::Gone,
            _ => Heard::Nothing,
        }
    }
}

/// What somebody hears of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The event.
    Event,
    /// That the ticket is no longer theirs to see.
    Gone,
    /// Nothing at all.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(user_id: PersonId, assigned_to: Option<PersonId>) -> Sight {
        Sight { user_id, assigned_to }
    }

    #[test]
    fn who_sees_which_ticket() {
        let (queue, anas, bens) = (sight(1, None), sight(1, Some(10)), sight(2, Some(11)));
        for (viewer, sees) in [
            (Viewer::Everything, [true, true, true]),
            (Viewer::Agent(10), [true, true, false]),
            (Viewer::Customer(1), [true, true, false]),
            (Viewer::Customer(10), [false, false, false]),
        ] {
            assert_eq!([viewer.sees(&queue), viewer.sees(&anas), viewer.sees(&bens)], sees, "{viewer:?}");
        }
    }

    #[test]
    fn whoever_loses_sight_of_a_ticket_hears_that_and_no_more() {
        let taken = Audience { after: sight(1, Some(10)), before: Some(sight(1, None)), internal: false };
        let note = Audience { after: sight(1, Some(10)), before: None, internal: true };
        for (viewer, of_taken, of_note) in [
            (Viewer::Everything, Heard::Event, Heard::Event),
            (Viewer::Agent(10), Heard::Event, Heard::Event),
            (Viewer::Agent(11), Heard::Gone, Heard::Nothing),
            (Viewer::Customer(1), Heard::Event, Heard::Nothing),
            (Viewer::Customer(2), Heard::Nothing, Heard::Nothing),
        ] {
            assert_eq!((viewer.hears(&taken), viewer.hears(&note)), (of_taken, of_note), "{viewer:?}");
        }
    }
}
