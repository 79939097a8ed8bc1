//! A row of a trail as admins see it, which rows they ask for, and in which order two trails make
//! one list.

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{Error, Result, page::Order};
use utoipa::ToSchema;

/// How far rows are counted.
pub(super) const MOST_COUNTED: i64 = 10_000;

/// In which plane something was done. In a list, rows of one moment stand in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Plane {
    /// Tickets and messages: the tenant's own database.
    App,
    /// People, sessions, settings.
    Control,
}

/// Whether something was done or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused, or failed.
    Error,
}

impl Outcome {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
        }
    }
}

/// Which rows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    /// Only what this person did, by their id.
    pub user: Option<i64>,
    /// Only this action.
    pub action: Option<String>,
    /// Only what this happened to.
    pub resource: Option<String>,
    /// Only from this moment on.
    pub from: Option<DateTime<Utc>>,
    /// Only before this moment.
    pub to: Option<DateTime<Utc>>,
    /// Only what was done, or only what was refused.
    pub outcome: Option<Outcome>,
}

/// `422` for a time in a year that no calendar of ours has: the database has fewer than RFC 3339 and its readers.
pub fn within_years(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<()> {
    for (field, at) in [("from", from), ("to", to)] {
        if at.is_some_and(|at| !(1..=9999).contains(&at.year())) {
            return Err(Error::field(field, "out_of_range", "A year from 1 to 9999."));
        }
    }
    Ok(())
}

/// A row as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Value,
    /// What.
    pub action: String,
    /// To what.
    pub resource: String,
    /// How it was changed; secrets are masked.
    pub changes: Value,
    /// From where.
    pub ip: Option<String>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// `success` or `error`.
    pub outcome: String,
    /// The answer's status, if it was refused.
    pub status: Option<i16>,
    /// The answer's code, if it was refused.
    pub code: Option<String>,
    /// How long it took, in microseconds.
    pub duration_us: Option<i64>,
}

/// Something that was done or refused.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AuditLog)]
pub struct Entry {
    /// Names the row in both planes, as `app-17`.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    pub plane: Plane,
    /// Who.
    pub actor: Acted,
    /// What; the event's name, or method and route of what was refused.
    pub action: String,
    /// To what, as `ticket:42`.
    pub resource: String,
    /// `before` and `after`, as far as they differ; secrets and names are hidden.
    #[schema(value_type = Object)]
    pub changes: Value,
    /// The client's address.
    pub ip: Option<String>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// Done or refused.
    pub outcome: Outcome,
    /// The answer's status, if it was refused.
    pub status: Option<i16>,
    /// The answer's code, if it was refused.
    pub code: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<f64>,
}

/// Who acted, as the row says, and a person's name of today.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditActor)]
pub struct Acted {
    /// `person`, `anonymous`, `system` and whoever else acts.
    pub kind: String,
    /// A person's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The role in which a person acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// A person's name, or that of a part of the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The API key by which a person acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub key: Option<Value>,
}

/// Where a list stands: time, plane and id of its last row.
pub(super) type Position = (DateTime<Utc>, Plane, i64);

/// A row with its plane.
#[derive(Debug, Clone)]
pub(super) struct Placed(pub Plane, pub Row);

impl Placed {
    pub fn position(&self) -> Position {
        (self.1.at, self.0, self.1.id)
    }

    /// The person who acted.
    pub fn person(&self) -> Option<i64> {
        self.1.actor.get("id").and_then(Value::as_i64).filter(|_| self.1.actor["kind"] == "person")
    }

    /// As admins see it; `name` is the person's.
    pub fn shown(self, name: Option<&str>) -> Entry {
        let Self(plane, row) = self;
        // What this release does not know of it is not shown, rather than the row.
        let mut actor: Acted = serde_json::from_value(row.actor).unwrap_or_default();
        actor.name = name.map(str::to_owned).or(actor.name);
        let word = match plane {
            Plane::App => "app",
            Plane::Control => "control",
        };
        Entry {
            id: format!("{word}-{}", row.id),
            at: row.at,
            plane,
            actor,
            action: row.action,
            resource: row.resource,
            changes: row.changes,
            ip: row.ip,
            user_agent: row.user_agent,
            request_id: row.request_id,
            outcome: if row.outcome == "error" { Outcome::Error } else { Outcome::Success },
            status: row.status,
            code: row.code,
            duration_ms: row.duration_us.map(|us| us as f64 / 1000.0),
        }
    }
}

/// What of one plane comes behind a position of the common list, in either order: rows behind this time and id.
pub(super) fn behind((at, plane, id): Position, of: Plane) -> (DateTime<Utc>, i64) {
    match of.cmp(&plane) {
        std::cmp::Ordering::Less => (at, i64::MAX),
        std::cmp::Ordering::Equal => (at, id),
        std::cmp::Ordering::Greater => (at, i64::MIN),
    }
}

/// Two trails as one, at most so many rows.
pub(super) fn merged(mut one: Vec<Placed>, other: Vec<Placed>, order: Order, limit: i64) -> Vec<Placed> {
    one.extend(other);
    one.sort_unstable_by_key(Placed::position);
    if order == Order::Newest {
        one.reverse();
    }
    one.truncate(limit as usize);
    one
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn row(plane: Plane, second: i64, id: i64) -> Placed {
        let row = Row {
            id,
            at: DateTime::UNIX_EPOCH + TimeDelta::seconds(second),
            actor: Value::Null,
            action: String::new(),
            resource: String::new(),
            changes: Value::Null,
            ip: None,
            user_agent: None,
            request_id: None,
            outcome: String::new(),
            status: None,
            code: None,
            duration_us: None,
        };
        Placed(plane, row)
    }

    #[test]
    fn whatever_the_page_two_trails_are_read_as_one_without_gap_or_repetition() {
        let of = |plane, rows: &[(i64, i64)]| rows.iter().map(|(at, id)| row(plane, *at, *id)).collect::<Vec<_>>();
        let app = of(Plane::App, &[(9, 5), (7, 4), (7, 3), (7, 2), (1, 1)]);
        let control = of(Plane::Control, &[(8, 9), (7, 8), (7, 7), (3, 6), (1, 5)]);
        let mut whole: Vec<Position> = app.iter().chain(&control).map(Placed::position).collect();
        whole.sort_unstable();
        for (order, first) in [(Order::Oldest, std::cmp::Ordering::Greater), (Order::Newest, std::cmp::Ordering::Less)] {
            let in_order = |mut rows: Vec<Placed>| {
                rows.sort_unstable_by_key(Placed::position);
                if order == Order::Newest {
                    rows.reverse();
                }
                rows
            };
            let (app, control) = (in_order(app.clone()), in_order(control.clone()));
            for limit in 1..=11 {
                let (mut read, mut at) = (Vec::new(), None);
                loop {
                    let after = |rows: &[Placed], plane| {
                        let comes = |r: &&Placed| at.is_none_or(|at| (r.1.at, r.1.id).cmp(&behind(at, plane)) == first);
                        rows.iter().filter(comes).take(limit).cloned().collect::<Vec<_>>()
                    };
                    let page = merged(after(&app, Plane::App), after(&control, Plane::Control), order, limit as i64);
                    let Some(last) = page.last() else { break };
                    at = Some(last.position());
                    read.extend(page.iter().map(Placed::position));
                }
                assert_eq!(read, whole, "pages of {limit}, {order:?}");
            }
            whole.reverse();
        }
    }
}
