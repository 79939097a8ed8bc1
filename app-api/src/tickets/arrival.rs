//! A ticket that comes from elsewhere, with its past. It keeps its times, its status and its thread. How it walked is not
//! known, so it walks here as a ticket of its status must have walked. Pure.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{model::Priority, status::Status};
use crate::{
    messages::SenderType,
    people::{PersonId, TeamId},
};

/// A ticket that comes from elsewhere.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The requester.
    pub user_id: PersonId,
    /// What it is about.
    pub subject: String,
    /// What was asked, in Markdown, and the same as safe HTML.
    pub description: (String, String),
    /// How much it presses.
    pub priority: Priority,
    /// Where it stands, as [`standing`] has it.
    pub status: Status,
    /// Its category, as it is defined here.
    pub category: Option<String>,
    /// In whose queue it is.
    pub team_id: Option<TeamId>,
    /// Who works on it: a member.
    pub assigned_to: Option<PersonId>,
    /// The order it is about.
    pub order_id: Option<String>,
    /// How it came.
    pub channel: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Values of custom fields, as they may be.
    pub custom_fields: Value,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was resolved, of one that is resolved or closed.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When it was closed, of one that is closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// What was said, the oldest first.
    pub messages: Vec<Said>,
    /// Where it comes from: whose id, and which.
    pub origin: (String, String),
}

/// What was said in its thread.
#[derive(Debug, Clone)]
pub struct Said {
    /// Who said it; nobody where that is not known.
    pub sender_id: Option<PersonId>,
    /// On which side.
    pub sender_type: SenderType,
    /// What, in Markdown, and the same as safe HTML.
    pub text: (String, String),
    /// Only for colleagues.
    pub is_internal: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// Where a ticket stands here of which that status is told: what is open, and what waits for its customer, whose answer somebody
/// has to go on with, are as they are by whether somebody works on it.
pub fn standing(told: Status, assigned_to: Option<PersonId>) -> Status {
    match (told, assigned_to) {
        (Status::Open, Some(_)) => Status::InProgress,
        (Status::InProgress | Status::WaitingCustomer, None) => Status::Open,
        (told, _) => told,
    }
}

impl Arrival {
    /// When an agent first answered in public.
    pub(super) fn first_response_at(&self) -> Option<DateTime<Utc>> {
        let answers = self.messages.iter().filter(|said| said.sender_type == SenderType::Agent && !said.is_internal);
        answers.map(|said| said.at).min()
    }

    /// The steps that led to its status: from where, to where, when.
    pub(super) fn steps(&self) -> Vec<(Option<Status>, Status, DateTime<Utc>)> {
        use Status::{Closed, InProgress, Open, Resolved, WaitingCustomer};
        let (begun, changed) = (self.created_at, self.updated_at.max(self.created_at));
        let resolved = self.resolved_at.unwrap_or(changed);
        let closed = self.closed_at.unwrap_or(changed);
        let on: Vec<(Status, DateTime<Utc>)> = match (self.status, self.resolved_at) {
            (Open, _) => vec![],
            (InProgress, _) => vec![(InProgress, begun)],
            (WaitingCustomer, _) => vec![(InProgress, begun), (WaitingCustomer, changed)],
            (Resolved, _) => vec![(InProgress, begun), (Resolved, resolved)],
            (Closed, Some(_)) => vec![(InProgress, begun), (Resolved, resolved), (Closed, closed)],
            (Closed, None) => vec![(Closed, closed)],
        };
        let walk: Vec<(Status, DateTime<Utc>)> = std::iter::once((Open, begun)).chain(on).collect();
        walk.iter().enumerate().map(|(n, (to, at))| (n.checked_sub(1).map(|before| walk[before].0), *to, *at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tickets::status::Trigger;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hour)
    }

    fn arrival(status: Status, resolved_at: Option<DateTime<Utc>>, closed_at: Option<DateTime<Utc>>) -> Arrival {
        Arrival {
            user_id: 1,
            subject: "Printer".into(),
            description: ("It smokes".into(), String::new()),
            priority: Priority::Medium,
            status,
            category: None,
            team_id: None,
            assigned_to: None,
            order_id: None,
            channel: "import".into(),
            tags: Vec::new(),
            custom_fields: json!({}),
            created_at: at(1),
            updated_at: at(9),
            resolved_at,
            closed_at,
            messages: Vec::new(),
            origin: ("csv".into(), "1".into()),
        }
    }

    /// Whether any side may take that step.
    fn is_step(from: Status, to: Status) -> bool {
        [Trigger::Staff, Trigger::Customer, Trigger::Assigned, Trigger::TimeIsUp].iter().any(|trigger| from.next(*trigger).contains(&to))
    }

    #[test]
    fn each_status_is_reached_by_steps_that_a_ticket_may_take_in_the_order_of_time() {
        for (status, resolved, closed, walk) in [
            (Status::Open, None, None, "open@1"),
            (Status::InProgress, None, None, "open@1 in_progress@1"),
            (Status::WaitingCustomer, None, None, "open@1 in_progress@1 waiting_customer@9"),
            (Status::Resolved, Some(at(5)), None, "open@1 in_progress@1 resolved@5"),
            (Status::Closed, Some(at(5)), Some(at(7)), "open@1 in_progress@1 resolved@5 closed@7"),
            (Status::Closed, None, Some(at(7)), "open@1 closed@7"),
            (Status::Closed, None, None, "open@1 closed@9"),
        ] {
            let steps = arrival(status, resolved, closed).steps();
            let told: Vec<String> = steps.iter().map(|(_, to, when)| format!("{}@{}", to.as_str(), (*when - at(0)).num_hours())).collect();
            assert_eq!(told.join(" "), walk);
            assert!(steps.iter().all(|(from, to, _)| from.is_none_or(|from| is_step(from, *to))), "{walk}");
            assert!(steps.is_sorted_by_key(|(_, _, when)| *when), "{walk}");
        }
    }

    #[test]
    fn the_first_answer_is_what_an_agent_first_said_in_public() {
        let said = |sender_type, is_internal, hour| Said {
            sender_id: Some(2),
            sender_type,
            text: (String::new(), String::new()),
            is_internal,
            at: at(hour),
        };
        let mut one = arrival(Status::Open, None, None);
        assert_eq!(one.first_response_at(), None);
        one.messages = vec![said(SenderType::Customer, false, 2), said(SenderType::Agent, true, 3), said(SenderType::System, false, 4)];
        assert_eq!(one.first_response_at(), None);
        one.messages.extend([said(SenderType::Agent, false, 6), said(SenderType::Agent, false, 7)]);
        assert_eq!(one.first_response_at(), Some(at(6)));
    }
}
