//! What a job is, and what becomes of it when a step fails. No IO.

use chrono::{DateTime, TimeDelta, Utc};
use clap::ValueEnum;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use shared::Result;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Kind;

/// How often a step is tried before its kind's [`Patience`] ends: about a quarter of an hour.
pub const ATTEMPTS: i32 = 12;

/// A job whose next step is its holder's to do.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What is done.
    pub kind: Kind,
    /// Whose data it is about.
    pub tenant: Option<Uuid>,
    /// Which server it is about.
    pub cluster: Option<i64>,
    /// The step to do.
    pub step: String,
    /// What earlier steps have left.
    pub state: Value,
    /// How often this step has failed, or its holder has died.
    pub attempts: i32,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Whose it is at this moment.
    pub(super) holder: Uuid,
    /// Its last holder has died.
    pub(super) is_orphan: bool,
}

impl Job {
    /// The tenant of a job that has one.
    pub fn tenant(&self) -> Result<Uuid> {
        Ok(self.tenant.ok_or_else(|| anyhow::anyhow!("job {} names no tenant", self.id))?)
    }

    /// What earlier steps have left, as the kind's own type.
    pub fn state<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_value(self.state.clone())?)
    }

    /// An error that says what this kind has no step for.
    pub fn unknown_step(&self) -> shared::Error {
        shared::Error::internal(anyhow::anyhow!("job {} of kind {} is at step {}", self.id, self.kind.as_str(), self.step))
    }
}

/// A job to be.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What is to be done.
    pub kind: Kind,
    /// Whose data it is about.
    pub tenant: Option<Uuid>,
    /// Which server it is about.
    pub cluster: Option<i64>,
    /// What its steps are told.
    pub state: Value,
    /// Not before this moment; none for at once.
    pub at: Option<DateTime<Utc>>,
}

impl Planned {
    /// Something to do for a tenant, at once.
    pub fn of_tenant(kind: Kind, tenant: Uuid, state: &impl Serialize) -> Result<Self> {
        Ok(Self { kind, tenant: Some(tenant), cluster: None, state: serde_json::to_value(state)?, at: None })
    }
}

/// What comes after a step that has succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Another step, at once; or the same again.
    Step(&'static str),
    /// Another step, at once, of a job that has come to nothing: it takes back what is left, and the books say still why.
    Undo(&'static str),
    /// A step, but not before that moment.
    At(&'static str, DateTime<Utc>),
    /// The job is done.
    Done,
    /// It has come to nothing, and all that it had made is taken back.
    Failed,
}

/// What a step has led to.
#[derive(Debug, Clone)]
pub struct Performed {
    /// What comes next.
    pub next: Next,
    /// What later steps are left; none leaves it as it was.
    pub state: Option<Value>,
}

impl Performed {
    /// On to a step.
    pub fn then(step: &'static str) -> Self {
        Self { next: Next::Step(step), state: None }
    }

    /// On to a step, but not before that moment.
    pub fn at(step: &'static str, at: DateTime<Utc>) -> Self {
        Self { next: Next::At(step, at), state: None }
    }

    /// The end.
    pub fn done() -> Self {
        Self { next: Next::Done, state: None }
    }

    /// The same, leaving this to later steps.
    pub fn leaving(self, state: &impl Serialize) -> Result<Self> {
        Ok(Self { state: Some(serde_json::to_value(state)?), ..self })
    }
}

/// What becomes of a step that fails again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// It is tried for ever: half done would be worse.
    Endless,
    /// After twelve tries the job goes to that step, which takes back what was made.
    Then(&'static str),
    /// After twelve tries the job has failed; nothing was made that must be taken back, or it is later ([`super::left`]).
    Fails,
}

/// What is counted while a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JobUnit)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Files, however long.
    Files,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Somebody will take it up.
    Waiting,
    /// Somebody works on it.
    Running,
    /// It has come to its end.
    Done,
    /// It has come to nothing.
    Failed,
}

/// What a failed try leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// The same step, after a pause.
    Again(TimeDelta),
    /// Another step, at once.
    Go(&'static str),
    /// The end.
    Failed,
}

impl Patience {
    /// What the `attempts`-th failure of a step leads to: pauses of 1 s, 2 s, 4 s … 2 min.
    pub fn after_failure(self, attempts: i32) -> AfterFailure {
        match self {
            Self::Then(step) if attempts >= ATTEMPTS => AfterFailure::Go(step),
            Self::Fails if attempts >= ATTEMPTS => AfterFailure::Failed,
            Self::Endless | Self::Then(_) | Self::Fails => {
                let seconds = 1_i64 << attempts.clamp(1, 9);
                AfterFailure::Again(TimeDelta::seconds(seconds / 2).min(TimeDelta::minutes(2)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_pause_longer_and_longer_and_end_as_the_kind_says() {
        let pauses: Vec<i64> = (1..ATTEMPTS)
            .map(|n| match Patience::Fails.after_failure(n) {
                AfterFailure::Again(pause) => pause.num_seconds(),
                other => panic!("{other:?} after {n}"),
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120]);
        for (patience, end) in [
            (Patience::Fails, AfterFailure::Failed),
            (Patience::Then("undo"), AfterFailure::Go("undo")),
            (Patience::Endless, AfterFailure::Again(TimeDelta::minutes(2))),
        ] {
            assert_eq!(patience.after_failure(ATTEMPTS), end, "{patience:?}");
        }
    }
}
