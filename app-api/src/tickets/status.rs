//! Which step may follow which (T-2 to T-5). Pure: one exhaustive table.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::Error;
use utoipa::ToSchema;

use crate::people::PersonId;

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In the queue, nobody's.
    Open,
    /// Somebody works on it.
    InProgress,
    /// The customer owes an answer.
    WaitingCustomer,
    /// Solved, as the agent sees it.
    Resolved,
    /// Over for good.
    Closed,
}

/// What moves a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Staff set a status.
    Staff,
    /// The requester set a status: confirms or reopens.
    Customer,
    /// Somebody was assigned.
    Assigned,
    /// Nobody is assigned any more.
    Unassigned,
    /// The customer has written.
    CustomerWrote,
    /// The time for an answer or an objection is over.
    TimeIsUp,
    /// It goes on in another ticket.
    Merged,
    /// It does not, after all.
    Unmerged,
}

/// How long a tenant lets a ticket wait before it closes by itself (T-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Days for the customer's answer.
    pub waiting_close_days: i32,
    /// Hours in which a resolution may be contested.
    pub resolved_close_hours: i32,
}

/// That step is not in the table.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAllowed {
    from: Status,
    to: Status,
    allowed: Vec<Status>,
}

impl Status {
    /// Every status, in the order of a ticket's life.
    pub const ALL: [Self; 5] = [Self::Open, Self::InProgress, Self::WaitingCustomer, Self::Resolved, Self::Closed];

    /// The word in JSON, events and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::WaitingCustomer => "waiting_customer",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }

    /// The status of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Where `trigger` may move a ticket from here.
    pub fn next(self, trigger: Trigger) -> &'static [Self] {
        use Status::{Closed, InProgress, Open, Resolved, WaitingCustomer};
        use Trigger::{Assigned, Customer, CustomerWrote, Merged, Staff, TimeIsUp, Unassigned, Unmerged};
        match (self, trigger) {
            (Open, Staff) => &[Closed],
            (Open, Assigned) => &[InProgress],
            (InProgress, Staff) => &[WaitingCustomer, Resolved],
            (InProgress, Unassigned) => &[Open],
            (WaitingCustomer, CustomerWrote) => &[InProgress],
            (WaitingCustomer | Resolved, TimeIsUp) => &[Closed],
            (Resolved, Customer) => &[Closed, InProgress],
            (Open | InProgress | WaitingCustomer | Resolved, Merged) => &[Closed],
            (Closed, Unmerged) => &[Open, InProgress, WaitingCustomer, Resolved],
            (Open, Customer | Unassigned | CustomerWrote | TimeIsUp | Unmerged)
            | (InProgress, Customer | Assigned | CustomerWrote | TimeIsUp | Unmerged)
            | (WaitingCustomer, Staff | Customer | Assigned | Unassigned | Unmerged)
            | (Resolved, Staff | Assigned | Unassigned | CustomerWrote | Unmerged)
            | (Closed, Staff | Customer | Assigned | Unassigned | CustomerWrote | TimeIsUp | Merged) => &[],
        }
    }

    /// `to`, if `trigger` may move a ticket there from here.
    pub fn step(self, to: Self, trigger: Trigger) -> Result<Self, NotAllowed> {
        let allowed = self.next(trigger);
        if allowed.contains(&to) { Ok(to) } else { Err(NotAllowed { from: self, to, allowed: allowed.into() }) }
    }

    /// Where a step to here leads a ticket of that assignee: work that is nobody's waits in the queue for who takes it. Whoever asks
    /// names the status of the table all the same, since they cannot know by then whose it is.
    pub fn with(self, assigned_to: Option<PersonId>) -> Self {
        if self == Self::InProgress && assigned_to.is_none() { Self::Open } else { self }
    }

    /// Whether leaving for `to` needs a reason: a ticket is not put aside unanswered without one.
    pub fn needs_reason(self, to: Self) -> bool {
        self == Self::Open && to == Self::Closed
    }
}

impl Patience {
    /// A ticket that came into `status` at this time or before has waited long enough at `now`;
    /// `None` where no time runs.
    pub fn latest(self, status: Status, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.of(status).map(|wait| now - wait)
    }

    /// How long a ticket waits in this status; `None` where no time runs.
    pub fn of(self, status: Status) -> Option<TimeDelta> {
        match status {
            Status::WaitingCustomer => Some(TimeDelta::days(self.waiting_close_days.into())),
            Status::Resolved => Some(TimeDelta::hours(self.resolved_close_hours.into())),
            Status::Open | Status::InProgress | Status::Closed => None,
        }
    }
}

impl From<NotAllowed> for Error {
    fn from(e: NotAllowed) -> Self {
        let allowed: Vec<&str> = e.allowed.iter().map(|s| s.as_str()).collect();
        let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
        Self::conflict("illegal_transition", format!("From {} to {} is not possible; allowed: {allowed}.", e.from.as_str(), e.to.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        use Trigger::{Assigned, Customer, CustomerWrote, Merged, Staff, TimeIsUp, Unassigned, Unmerged};
        let mut table = String::new();
        for from in Status::ALL {
            for trigger in [Staff, Customer, Assigned, Unassigned, CustomerWrote, TimeIsUp, Merged, Unmerged] {
                let to: Vec<&str> = from.next(trigger).iter().map(|s| s.as_str()).collect();
                table += &format!("{:<16} {trigger:<13?} -> {}\n", from.as_str(), to.join(" "));
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn work_that_is_nobodys_waits_in_the_queue_whichever_step_has_led_to_it() {
        use Trigger::{Assigned, Customer, CustomerWrote, Merged, Staff, TimeIsUp, Unassigned, Unmerged};
        let mut queued = Vec::new();
        for from in Status::ALL {
            for trigger in [Staff, Customer, Assigned, Unassigned, CustomerWrote, TimeIsUp, Merged, Unmerged] {
                for to in from.next(trigger) {
                    assert_eq!(to.with(Some(1)), *to, "{from:?} {trigger:?}");
                    if to.with(None) != *to {
                        queued.push((from, trigger, *to, to.with(None)));
                    }
                }
            }
        }
        let expected = [
            (Status::Open, Assigned, Status::InProgress, Status::Open),
            (Status::WaitingCustomer, CustomerWrote, Status::InProgress, Status::Open),
            (Status::Resolved, Customer, Status::InProgress, Status::Open),
            (Status::Closed, Unmerged, Status::InProgress, Status::Open),
        ];
        assert_eq!(queued, expected);
    }

    #[test]
    fn time_runs_for_the_customers_answer_and_for_their_objection_only() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let patience = Patience { waiting_close_days: 7, resolved_close_hours: 24 };
        for status in Status::ALL {
            let waited = patience.latest(status, now).map(|latest| (now - latest).num_hours());
            assert_eq!(waited, if status == Status::WaitingCustomer { Some(168) } else { (status == Status::Resolved).then_some(24) });
            assert_eq!(waited.is_some(), !status.next(Trigger::TimeIsUp).is_empty(), "{status:?}");
        }
    }

    #[test]
    fn a_refused_step_names_from_to_and_what_is_allowed() {
        let refused = Status::InProgress.step(Status::Closed, Trigger::Staff).expect_err("not in the table");
        assert!(matches!(Error::from(refused), Error::Conflict { code: "illegal_transition", detail }
            if detail == "From in_progress to closed is not possible; allowed: waiting_customer, resolved."));
    }

    #[test]
    fn nothing_leaves_closed_and_every_step_is_found_by_its_word() {
        for to in Status::ALL {
            assert_eq!(Status::parse(to.as_str()), Some(to));
            for trigger in [Trigger::Staff, Trigger::Customer, Trigger::TimeIsUp] {
                assert!(Status::Closed.step(to, trigger).is_err());
            }
        }
    }
}
