//! A bulk job and its parts.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{Error, Result, act::Actor, session::Role};
use utoipa::ToSchema;

use super::super::{
    model::{Label, Line, Priority},
    status::Status,
    work::{Action, Doing, Whom},
};
use crate::{
    people::{Person, PersonId, TeamId},
    permissions::Permission,
};

/// Tickets of one job at most.
pub(super) const MOST: usize = 500;
/// What it takes to begin a job, to undo one, and to go on with one's own.
pub(super) const NEEDED: [Permission; 3] = [Permission::EditTickets, Permission::Assign, Permission::ChangeStatus];

/// Who has asked for a job, and with which of their API keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asker {
    pub person: PersonId,
    pub key: Option<i64>,
}

impl Asker {
    /// Whether they may still have it done, as they are now. A key ends with its maker's rights.
    pub fn may(self, now: &Person) -> bool {
        let is_given = NEEDED.iter().all(|needed| needed.is_given_to(now.role));
        now.active && is_given && (self.key.is_none() || now.role == Role::Admin)
    }

    /// Whoever acts, in that role.
    pub fn actor(self, role: Role) -> Actor {
        let (id, role) = (self.person, role.as_str().to_owned());
        match self.key {
            Some(key) => Actor::Key { id, role, key },
            None => Actor::Person { id, role },
        }
    }
}

/// One action for many tickets; whatever the action does not take must be left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTickets {
    /// The tickets' ids, at most 500, each counted once.
    #[schema(min_items = 1, max_items = 500)]
    ids: Vec<i64>,
    /// What is done.
    action: Action,
    /// With `status`: the status that they shall have.
    status: Option<Status>,
    /// With `status`: why; required to close open tickets.
    #[schema(value_type = Option<String>, max_length = 1000)]
    reason: Option<Line<1000>>,
    /// With `assign`: an agent's id, `me`, or null for nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = serde_json::Value)]
    assigned_to: Option<Whom>,
    /// With `team`: a team's id, or null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    team_id: Option<Option<TeamId>>,
    /// With `priority`: how much they press.
    priority: Option<Priority>,
    /// With `tags`: these come, at most 20.
    #[schema(value_type = Option<Vec<String>>, max_items = 20)]
    add: Option<Vec<Label>>,
    /// With `tags`: these go, at most 20.
    #[schema(value_type = Option<Vec<String>>, max_items = 20)]
    remove: Option<Vec<Label>>,
    /// With `category`: their category; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 64)]
    category: Option<Option<Label>>,
    /// With `snooze`: until then; null until the customer writes.
    #[serde(default, deserialize_with = "given")]
    until: Option<Option<DateTime<Utc>>>,
}

/// Tells a null from a field that was left out.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl ChangeTickets {
    /// The tickets, each once, and what is asked for them.
    pub fn parts(self) -> Result<(Vec<i64>, Doing)> {
        let mut seen = HashSet::new();
        let ids: Vec<i64> = self.ids.into_iter().filter(|id| seen.insert(*id)).collect();
        match ids.len() {
            0 => return Err(Error::field("ids", "required", "Name one ticket at least.")),
            n if n > MOST => return Err(Error::field("ids", "too_long", format!("At most {MOST} tickets."))),
            _ => {}
        }
        let asked = Doing {
            action: self.action,
            status: self.status,
            reason: self.reason,
            assigned_to: self.assigned_to,
            team_id: self.team_id,
            priority: self.priority,
            add: self.add,
            remove: self.remove,
            category: self.category,
            until: self.until,
        };
        Ok((ids, asked))
    }
}

/// What became of one ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkResult {
    /// The ticket's id.
    pub id: i64,
    /// Whether it was done.
    pub ok: bool,
    /// Why not, as a problem's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Some tickets have not had their turn.
    Running,
    /// All of them have.
    Finished,
}

/// A job and what became of its tickets so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkJob {
    /// Its id.
    pub id: i64,
    /// What is done.
    pub action: String,
    /// The job that this one undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_of: Option<i64>,
    /// How far it is.
    pub state: Progress,
    /// How many tickets there are.
    pub total: i64,
    /// How many have had their turn.
    pub done: i64,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// What became of those that have had their turn, in the order in which they were named.
    pub results: Vec<BulkResult>,
}

/// A job as its runner knows it.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub id: i64,
    pub by: Asker,
    pub action: Action,
    pub asked: Doing,
    pub undo_of: Option<i64>,
}

/// The code that a refused ticket's result has: that of the problem that it would have been alone.
pub(super) fn code(error: &Error) -> &'static str {
    match error {
        Error::Unauthenticated(_) => "unauthenticated",
        Error::Forbidden(code) | Error::NotFound(code) => code,
        Error::Conflict { code, .. } | Error::Malformed { code, .. } => code,
        Error::VersionMismatch => "version_mismatch",
        Error::Invalid(_) => "validation_failed",
        Error::Quota { .. } => "quota_exceeded",
        _ => "internal",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_job_has_one_to_five_hundred_tickets_each_once() {
        for (ids, found) in [
            (vec![], None),
            (vec![7, 7, 8], Some(vec![7, 8])),
            ((1..=500).collect(), Some((1..=500).collect())),
            ((1..=501).collect::<Vec<i64>>(), None),
        ] {
            let body = json!({ "ids": ids, "action": "priority", "priority": "high" });
            let asked: ChangeTickets = serde_json::from_value(body).expect("a job");
            assert_eq!(asked.parts().ok().map(|(ids, _)| ids), found, "{}", ids.len());
        }
    }
}
