//! A ticket's two clocks: what they show (T-15), and what they are measured by. The rules are in `sla`; here is what a
//! ticket's own life means to them. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::Result;
use utoipa::ToSchema;

use super::{model::Priority, status::Status};
use crate::sla::{
    Policy, Target,
    clock::{Clock, Pace, Span, State, measure},
};

/// Both clocks of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sla {
    /// The worse of both, as lists and `sla=` have it: as of the last change, warning or breach that was told.
    pub state: Worse,
    /// Until the first public answer of an agent.
    pub response: ClockView,
    /// Until the resolution.
    pub resolution: ClockView,
}

/// The worse of a ticket's two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Worse {
    /// At least one runs.
    Running,
    /// One that runs has little left.
    Warning,
    /// At least one was missed.
    Breached,
    /// What is not done pauses.
    Paused,
    /// Both are done, in time.
    Met,
}

impl Worse {
    /// Every one of them.
    pub const ALL: [Self; 5] = [Self::Running, Self::Warning, Self::Breached, Self::Paused, Self::Met];

    /// The word in JSON and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Warning => "warning",
            Self::Breached => "breached",
            Self::Paused => "paused",
            Self::Met => "met",
        }
    }

    /// The one of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What one clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockView {
    /// What was promised, in working minutes.
    pub target_minutes: i32,
    /// When it is due, or was; null while the clock pauses.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was done.
    pub met_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: State,
    /// While it runs, seconds until it is due, negative when that is over; while it pauses, working seconds that are
    /// left; null when it has stopped.
    pub remaining_seconds: Option<i64>,
}

impl ClockView {
    /// What a clock shows `now`, given what was kept when it was last measured.
    pub(super) fn of(kept: Kept, met_at: Option<DateTime<Utc>>, pace: Pace, now: DateTime<Utc>) -> Self {
        let remaining_seconds = match (met_at, pace) {
            (Some(_), _) | (None, Pace::Stopped) => None,
            (None, Pace::Paused) => kept.left_seconds,
            (None, Pace::Running) => kept.due_at.map(|due| (due - now).num_seconds()),
        };
        let state = State::of(kept.due_at, met_at, pace, now);
        Self { target_minutes: kept.target_minutes, due_at: kept.due_at, met_at, state, remaining_seconds }
    }
}

/// What is kept of a clock beside its ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    pub target_minutes: i32,
    pub due_at: Option<DateTime<Utc>>,
    pub left_seconds: Option<i64>,
}

/// What has been told of a clock: each of both once (T-13).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub warned_at: Option<DateTime<Utc>>,
    pub breached_at: Option<DateTime<Utc>>,
}

/// Which of the clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Response,
    Resolution,
}

impl Which {
    pub const BOTH: [Self; 2] = [Self::Response, Self::Resolution];

    /// The word in events and history.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Resolution => "resolution",
        }
    }

    fn target(self, target: Target) -> i32 {
        let minutes = match self {
            Self::Response => target.response,
            Self::Resolution => target.resolution,
        };
        i32::try_from(minutes).unwrap_or(i32::MAX)
    }
}

/// What a ticket's clocks follow from.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub priority: Priority,
    pub created_at: DateTime<Utc>,
    /// Into which status it came, and when, in order.
    pub walk: Vec<(DateTime<Utc>, Status)>,
    pub first_response_at: Option<DateTime<Utc>>,
    /// When it was resolved or, never resolved, closed; none while work goes on.
    pub ended_at: Option<DateTime<Utc>>,
    /// What was told of the response, and of the resolution.
    pub told: [Told; 2],
}

impl Life {
    /// A ticket that is opened now.
    pub fn beginning(priority: Priority, now: DateTime<Utc>) -> Self {
        Self { priority, created_at: now, walk: Vec::new(), first_response_at: None, ended_at: None, told: [Told::default(); 2] }
    }

    /// Its stretches, each with the status then: from its creation to its first step, and on from step to step.
    pub fn stretches(&self) -> Vec<(Span, Status)> {
        let begins = std::iter::once((self.created_at, Status::Open)).chain(self.walk.iter().copied());
        let ends = self.walk.iter().map(|(at, _)| Some(*at)).chain([None]);
        let stretches = begins.zip(ends).map(|((from, status), to)| (Span { from, to, pace: pace(status) }, status));
        stretches.filter(|(span, _)| span.to != Some(span.from)).collect()
    }

    /// The same, as clocks see them.
    pub fn spans(&self) -> Vec<Span> {
        self.stretches().into_iter().map(|(span, _)| span).collect()
    }

    pub fn done(&self, which: Which) -> Option<DateTime<Utc>> {
        match which {
            Which::Response => self.first_response_at,
            Which::Resolution => self.ended_at,
        }
    }

    pub fn told(&self, which: Which) -> Told {
        self.told[which as usize]
    }
}

/// What a status does to the clocks (T-11).
pub(super) fn pace(status: Status) -> Pace {
    match status {
        Status::Open | Status::InProgress => Pace::Running,
        Status::WaitingCustomer => Pace::Paused,
        Status::Resolved | Status::Closed => Pace::Stopped,
    }
}

/// Both clocks as they are at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measured {
    pub policy_id: i64,
    pub policy_version: i32,
    clocks: [(i32, Clock); 2],
    told: [Told; 2],
}

impl Measured {
    pub fn clock(&self, which: Which) -> Clock {
        self.clocks[which as usize].1
    }

    pub fn target_minutes(&self, which: Which) -> i32 {
        self.clocks[which as usize].0
    }

    /// What is kept of a clock.
    pub fn kept(&self, which: Which) -> Kept {
        let (target_minutes, clock) = self.clocks[which as usize];
        let is_paused = clock.state == State::Paused;
        let left = clock.left(TimeDelta::minutes(target_minutes.into())).num_seconds();
        Kept { target_minutes, due_at: clock.due_at, left_seconds: is_paused.then_some(left) }
    }

    /// What is due to be told of a clock, and since when: the warning first, then the breach, each once.
    pub fn untold(&self, which: Which) -> Option<(Tiding, DateTime<Utc>)> {
        let (clock, told) = (self.clock(which), self.told[which as usize]);
        match (clock.state, told) {
            (_, Told { breached_at: Some(_), .. }) | (State::Met | State::Paused, _) => None,
            (State::Breached, _) | (State::Running, Told { warned_at: Some(_), .. }) => clock.due_at.map(|at| (Tiding::Breach, at)),
            (State::Running, _) => clock.warn_at.map(|at| (Tiding::Warning, at)),
        }
    }

    /// When something is to be told next.
    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        Which::BOTH.into_iter().filter_map(|which| self.untold(which)).map(|(_, at)| at).min()
    }

    /// The worse of both clocks, for lists: what lists say follows what was told.
    pub fn worse(&self) -> Worse {
        let state = |wanted: State| Which::BOTH.iter().any(|which| self.clock(*which).state == wanted);
        let is_running = |which: Which| self.clock(which).state == State::Running;
        let warned = Which::BOTH.iter().any(|which| is_running(*which) && self.told[*which as usize].warned_at.is_some());
        match () {
            () if state(State::Breached) => Worse::Breached,
            () if warned => Worse::Warning,
            () if state(State::Running) => Worse::Running,
            () if state(State::Paused) => Worse::Paused,
            () => Worse::Met,
        }
    }
}

/// What is told of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tiding {
    /// Four fifths of the target have passed.
    Warning,
    /// The target has.
    Breach,
}

/// Measures a ticket by a policy.
pub(super) fn measured(policy: &Policy, life: &Life, now: DateTime<Utc>) -> Result<Measured> {
    let calendar = policy.calendar()?;
    let target = target(policy, life.priority);
    let spans = life.spans();
    let clocks = Which::BOTH.map(|which| {
        let minutes = which.target(target);
        (minutes, measure(TimeDelta::minutes(minutes.into()), calendar.as_ref(), &spans, life.done(which), now))
    });
    Ok(Measured { policy_id: policy.id, policy_version: policy.version, clocks, told: life.told })
}

fn target(policy: &Policy, priority: Priority) -> Target {
    match priority {
        Priority::Low => policy.targets.low,
        Priority::Medium => policy.targets.medium,
        Priority::High => policy.targets.high,
        Priority::Urgent => policy.targets.urgent,
    }
}

#[cfg(test)]
pub(super) mod tests;
