//! What of a ticket's life is counted. All of it follows from the ticket, its history and its ratings as they stand: the same
//! life always gives the same facts, whoever asks and however often.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    people::{PersonId, TeamId},
    sla::clock::{Pace, State},
};

/// What may have happened to a ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Figure)]
pub enum Kind {
    /// It was opened.
    #[default]
    Created,
    /// An agent answered in public for the first time.
    Answered,
    /// It was resolved; each time counts.
    Resolved,
    /// Its resolution was taken back.
    Reopened,
    /// It was closed without a resolution.
    ClosedUnresolved,
    /// The first answer came in time.
    ResponseMet,
    /// It did not.
    ResponseBreached,
    /// It was resolved, or closed, in time.
    ResolutionMet,
    /// It was not.
    ResolutionBreached,
    /// A resolution was rated.
    Rated,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::Answered,
        Self::Resolved,
        Self::Reopened,
        Self::ClosedUnresolved,
        Self::ResponseMet,
        Self::ResponseBreached,
        Self::ResolutionMet,
        Self::ResolutionBreached,
        Self::Rated,
    ];

    /// The word in JSON and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Answered => "answered",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::ClosedUnresolved => "closed_unresolved",
            Self::ResponseMet => "response_met",
            Self::ResponseBreached => "response_breached",
            Self::ResolutionMet => "resolution_met",
            Self::ResolutionBreached => "resolution_breached",
            Self::Rated => "rated",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub ticket_id: i64,
    pub kind: Kind,
    /// What tells several of a kind apart; 0 where there is one at most.
    pub source: i64,
    pub at: DateTime<Utc>,
    /// The day by the organisation's clock.
    pub day: NaiveDate,
    /// Whose it is to answer for.
    pub agent_id: Option<PersonId>,
    /// As it was then.
    pub priority: String,
    pub category: Option<String>,
    pub team_id: Option<TeamId>,
    pub channel: String,
    /// Whole minutes since the ticket was opened until it was answered or resolved, or points.
    pub value: Option<i32>,
}

impl Fact {
    /// What names it among all.
    pub fn name(&self) -> (i64, Kind, i64) {
        (self.ticket_id, self.kind, self.source)
    }
}

/// A ticket's life, as far as it is counted.
#[derive(Debug, Clone)]
pub struct Past {
    pub id: i64,
    pub created_at: DateTime<Utc>,
    pub priority: String,
    pub category: Option<String>,
    pub team_id: Option<TeamId>,
    pub channel: String,
    /// It goes on in another ticket.
    pub is_merged: bool,
    pub answered_at: Option<DateTime<Utc>>,
    pub answered_by: Option<PersonId>,
    /// When it was resolved or, never resolved, closed; none while work goes on.
    pub ended_at: Option<DateTime<Utc>>,
    pub response: Promise,
    pub resolution: Promise,
    /// Its history in order, but for what is not looked at here.
    pub steps: Vec<Step>,
    pub ratings: Vec<Rating>,
}

/// What was promised.
#[derive(Debug, Clone, Copy, Default)]
pub struct Promise {
    /// Whether anything was.
    pub is_made: bool,
    /// Until when; none while its clock pauses.
    pub due_at: Option<DateTime<Utc>>,
    /// That it was missed has been told.
    pub is_broken: bool,
}

impl Promise {
    fn is_kept(self, done: DateTime<Utc>) -> bool {
        self.is_made && !self.is_broken && State::of(self.due_at, Some(done), Pace::Stopped, done) == State::Met
    }
}

/// A step of a ticket's history.
#[derive(Debug, Clone, Default)]
pub struct Step {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub kind: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub by: Option<PersonId>,
}

impl Step {
    fn is(&self, kind: &str, to: &str) -> bool {
        self.kind == kind && self.to.as_deref() == Some(to)
    }

    fn comes_from(&self, from: &str) -> bool {
        self.from.as_deref() == Some(from)
    }
}

/// A rating of a resolution.
#[derive(Debug, Clone)]
pub struct Rating {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// The step that is rated.
    pub solving_id: i64,
    pub rating: i32,
}

/// What is counted of a life, with days by the clock of `zone`. Of a ticket that goes on in another one nothing is.
pub fn facts(past: &Past, zone: Tz) -> Vec<Fact> {
    if past.is_merged {
        return Vec::new();
    }
    let walk = past.walk();
    let mut told = Telling { past, zone, facts: Vec::new() };
    told.beginning();
    told.walk(&walk);
    told.promises(&walk);
    told.ratings();
    told.facts
}

impl Past {
    /// Its steps from status to status. Out of `closed` leads the undoing of a merge alone: the closing before it was
    /// taken back.
    fn walk(&self) -> Vec<&Step> {
        let mut walk = Vec::new();
        for step in self.steps.iter().filter(|step| step.kind == "status") {
            if step.comes_from("closed") {
                walk.pop();
            } else {
                walk.push(step);
            }
        }
        walk
    }

    /// The priority that it had before a step.
    fn priority_before(&self, step: i64) -> &str {
        self.first_priority(|later| later.id > step)
    }

    /// The priority that it had at a time.
    fn priority_at(&self, at: DateTime<Utc>) -> &str {
        self.first_priority(|later| later.at > at)
    }

    /// What the first of these changes has changed, or what it is now.
    fn first_priority(&self, is_later: impl Fn(&Step) -> bool) -> &str {
        let later = self.steps.iter().find(|step| step.kind == "priority" && is_later(step));
        later.and_then(|step| step.from.as_deref()).unwrap_or(&self.priority)
    }

    /// Who worked on it before a step.
    fn assignee_before(&self, step: i64) -> Option<PersonId> {
        let given = self.steps.iter().rev().find(|given| given.kind == "assignment" && given.id < step);
        given.and_then(|given| given.to.as_deref()?.parse().ok())
    }

    /// Whose a step is to answer for: whoever took it or, where nobody did by hand, who worked on it then.
    fn responsible(&self, step: &Step) -> Option<PersonId> {
        step.by.or_else(|| self.assignee_before(step.id))
    }

    fn minutes_until(&self, at: DateTime<Utc>) -> i32 {
        (at - self.created_at).num_minutes().clamp(0, i32::MAX.into()) as i32
    }
}

/// When something was, whose it is, how much it pressed, and how long it took.
struct Told<'a> {
    at: DateTime<Utc>,
    agent_id: Option<PersonId>,
    priority: &'a str,
    value: Option<i32>,
}

struct Telling<'a> {
    past: &'a Past,
    zone: Tz,
    facts: Vec<Fact>,
}

impl<'a> Telling<'a> {
    fn tell(&mut self, kind: Kind, source: i64, told: &Told<'_>) {
        self.facts.push(Fact {
            ticket_id: self.past.id,
            kind,
            source,
            at: told.at,
            day: told.at.with_timezone(&self.zone).date_naive(),
            agent_id: told.agent_id,
            priority: told.priority.to_owned(),
            category: self.past.category.clone(),
            team_id: self.past.team_id,
            channel: self.past.channel.clone(),
            value: told.value,
        });
    }

    /// That it was opened, and answered.
    fn beginning(&mut self) {
        let past = self.past;
        self.tell(Kind::Created, 0, &Told { at: past.created_at, agent_id: None, priority: past.priority_before(0), value: None });
        let Some(at) = past.answered_at else { return };
        let answered = Told { at, agent_id: past.answered_by, priority: past.priority_at(at), value: Some(past.minutes_until(at)) };
        self.tell(Kind::Answered, 0, &answered);
        if past.response.is_kept(at) {
            self.tell(Kind::ResponseMet, 0, &Told { value: None, ..answered });
        }
    }

    /// What its steps from status to status say.
    fn walk(&mut self, walk: &[&'a Step]) {
        let past = self.past;
        let mut solver = None;
        for step in walk {
            let told = |agent_id, value| Told { at: step.at, agent_id, priority: past.priority_before(step.id), value };
            match (step.from.as_deref(), step.to.as_deref()) {
                (_, Some("resolved")) => {
                    solver = past.responsible(step);
                    self.tell(Kind::Resolved, step.id, &told(solver, Some(past.minutes_until(step.at))));
                }
                (Some("resolved"), Some("closed")) => {}
                (Some("resolved"), _) => self.tell(Kind::Reopened, step.id, &told(solver, None)),
                (_, Some("closed")) => self.tell(Kind::ClosedUnresolved, step.id, &told(past.responsible(step), None)),
                _ => {}
            }
        }
    }

    /// Which promises were missed, as was told, and whether the resolution came in time: it may be taken back as long as
    /// work goes on.
    fn promises(&mut self, walk: &[&'a Step]) {
        let past = self.past;
        for step in past.steps.iter().filter(|step| step.is("sla", "breached")) {
            let kind = if step.comes_from("response") { Kind::ResponseBreached } else { Kind::ResolutionBreached };
            let (agent_id, priority) = (past.assignee_before(step.id), past.priority_before(step.id));
            self.tell(kind, step.id, &Told { at: step.at, agent_id, priority, value: None });
        }
        let Some(at) = past.ended_at.filter(|at| past.resolution.is_kept(*at)) else { return };
        let end = walk.iter().rev().find(|step| step.at == at && (step.is("status", "resolved") || step.is("status", "closed")));
        let agent_id = end.and_then(|step| past.responsible(step));
        let priority = end.map_or_else(|| past.priority_at(at), |step| past.priority_before(step.id));
        self.tell(Kind::ResolutionMet, 0, &Told { at, agent_id, priority, value: None });
    }

    /// How its resolutions were rated.
    fn ratings(&mut self) {
        let past = self.past;
        for rated in &past.ratings {
            let step = past.steps.iter().find(|step| step.id == rated.solving_id);
            let agent_id = step.and_then(|step| past.responsible(step));
            let priority = past.priority_before(rated.solving_id);
            self.tell(Kind::Rated, rated.id, &Told { at: rated.at, agent_id, priority, value: Some(rated.rating) });
        }
    }
}

#[cfg(test)]
mod tests;
