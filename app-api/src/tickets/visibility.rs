//! Who sees which ticket: the one definition, as a predicate for SQL and as the same predicate on
//! facts for the live stream. A test walks both over the whole grid.

use serde::{Deserialize, Serialize};
use shared::session::Role;

use crate::people::{Person, PersonId, Reach, TeamId};

/// Whose eyes see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// Managers and admins, and agents whose organisation lets them: every ticket.
    Everything,
    /// An agent: what is assigned to them, and the unassigned queue.
    Agent(PersonId),
    /// An agent whose organisation has widened that to teams: what is assigned to them, everything of their
    /// teams, and what is unassigned and of no team.
    Teammate(PersonId),
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
    /// The team in whose queue it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
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
    /// The eyes of a person in their role, as far as their organisation lets agents see.
    pub fn of(person: &Person) -> Self {
        match (person.role, person.reach) {
            (Role::Customer, _) => Self::Customer(person.id),
            (Role::Agent, Reach::Own) => Self::Agent(person.id),
            (Role::Agent, Reach::Team) => Self::Teammate(person.id),
            (Role::Agent, Reach::All) | (Role::Manager | Role::Admin, _) => Self::Everything,
        }
    }

    /// The predicate on `support_tickets t`, and the id it is about. Each text holds `{}` wherever the
    /// id's placeholder belongs.
    pub(super) fn predicate(self) -> (&'static str, Option<PersonId>) {
        match self {
            Self::Everything => ("true", None),
            Self::Agent(id) => ("(t.assigned_to = {} or t.assigned_to is null)", Some(id)),
            Self::Teammate(id) => (
                "(t.assigned_to = {} or t.assigned_to is null and t.team_id is null
                    or t.team_id in (select m.team_id from team_members m where m.user_id = {}))",
                Some(id),
            ),
            Self::Customer(id) => ("t.user_id = {}", Some(id)),
        }
    }

    /// Whether these eyes see a ticket. `teams` are those that their person belongs to.
    pub fn sees(self, ticket: &Sight, teams: &[TeamId]) -> bool {
        match self {
            Self::Everything => true,
            Self::Agent(id) => ticket.assigned_to.is_none_or(|a| a == id),
            Self::Teammate(id) => match (ticket.assigned_to, ticket.team_id) {
                (None, None) => true,
                (assignee, team) => assignee == Some(id) || team.is_some_and(|team| teams.contains(&team)),
            },
            Self::Customer(id) => ticket.user_id == id,
        }
    }

    /// Whether these are a member's eyes.
    pub fn is_staff(self) -> bool {
        !matches!(self, Self::Customer(_))
    }

    /// What these eyes get of an event: all of it, the word that the ticket is gone from their
    /// sight, or nothing. `teams` are those that their person belongs to.
    pub fn hears(self, audience: &Audience, teams: &[TeamId]) -> Heard {
        if audience.internal && !self.is_staff() {
            return Heard::Nothing;
        }
        if self.sees(&audience.after, teams) {
            return Heard::Event;
        }
        match &audience.before {
            Some(before) if self.sees(before, teams) => Heard::Gone,
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

    fn sight(user_id: PersonId, assigned_to: Option<PersonId>, team_id: Option<TeamId>) -> Sight {
        Sight { user_id, assigned_to, team_id }
    }

    #[test]
    fn who_sees_which_ticket() {
        let tickets = [
            sight(1, None, None),
            sight(1, Some(10), None),
            sight(2, Some(11), None),
            sight(1, None, Some(5)),
            sight(2, Some(11), Some(5)),
            sight(2, None, Some(6)),
            sight(2, Some(10), Some(6)),
        ];
        for (viewer, teams, sees) in [
            (Viewer::Everything, &[][..], [true; 7]),
            (Viewer::Agent(10), &[5], [true, true, false, true, false, true, true]),
            (Viewer::Teammate(10), &[5], [true, true, false, true, true, false, true]),
            (Viewer::Teammate(10), &[], [true, true, false, false, false, false, true]),
            (Viewer::Customer(1), &[5], [true, true, false, true, false, false, false]),
            (Viewer::Customer(10), &[5], [false; 7]),
        ] {
            assert_eq!(tickets.map(|ticket| viewer.sees(&ticket, teams)), sees, "{viewer:?} {teams:?}");
        }
    }

    #[test]
    fn a_role_has_the_eyes_that_its_organisation_gives_it() {
        let person = |role, reach| Person {
            id: 7,
            email: String::new(),
            firstname: String::new(),
            lastname: String::new(),
            locale: "en".into(),
            role,
            active: true,
            vip: None,
            version: 1,
            reach,
            teams: Vec::new(),
        };
        for (role, eyes) in [
            (Role::Customer, [Viewer::Customer(7); 3]),
            (Role::Agent, [Viewer::Agent(7), Viewer::Teammate(7), Viewer::Everything]),
            (Role::Manager, [Viewer::Everything; 3]),
            (Role::Admin, [Viewer::Everything; 3]),
        ] {
            assert_eq!(Reach::ALL.map(|reach| Viewer::of(&person(role, reach))), eyes, "{role:?}");
        }
    }

    #[test]
    fn whoever_loses_sight_of_a_ticket_hears_that_and_no_more() {
        let taken = Audience { after: sight(1, Some(10), None), before: Some(sight(1, None, None)), internal: false };
        let note = Audience { after: sight(1, Some(10), None), before: None, internal: true };
        let moved = Audience { after: sight(1, None, Some(6)), before: Some(sight(1, None, Some(5))), internal: false };
        for (viewer, of_taken, of_note, of_moved) in [
            (Viewer::Everything, Heard::Event, Heard::Event, Heard::Event),
            (Viewer::Agent(10), Heard::Event, Heard::Event, Heard::Event),
            (Viewer::Agent(11), Heard::Gone, Heard::Nothing, Heard::Event),
            (Viewer::Teammate(11), Heard::Gone, Heard::Nothing, Heard::Gone),
            (Viewer::Customer(1), Heard::Event, Heard::Nothing, Heard::Event),
            (Viewer::Customer(2), Heard::Nothing, Heard::Nothing, Heard::Nothing),
        ] {
            let heard = [taken, note, moved].map(|audience| viewer.hears(&audience, &[5]));
            assert_eq!(heard, [of_taken, of_note, of_moved], "{viewer:?}");
        }
    }
}
