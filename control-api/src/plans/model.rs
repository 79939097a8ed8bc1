//! What a plan is, and what is over it. No IO.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::FieldError;
use utoipa::ToSchema;

/// What a tenant has that was never given another.
pub const UNLIMITED: &str = "unlimited";
/// For how long a trail is still kept as before, once its plan keeps it for less: so long a mistake can be taken back.
pub const GRACE: TimeDelta = TimeDelta::days(30);

/// How much a tenant may have, and for what price. An absent limit is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Plan {
    /// Its code, as `team`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many of the staff.
    pub agents: Option<i32>,
    /// How many tickets are opened in a calendar month (UTC).
    pub tickets_a_month: Option<i64>,
    /// Bytes of files.
    pub storage_bytes: Option<i64>,
    /// How many files.
    pub storage_files: Option<i64>,
    /// How many files come in a day (UTC).
    pub uploads_a_day: Option<i64>,
    /// Requests a minute of all its people and keys together.
    pub requests_a_minute: Option<i32>,
    /// Connections of one instance to its database.
    pub connections: Option<i32>,
    /// For how many months its audit trail is kept.
    pub audit_months: i32,
    /// A month, in the currency's minor units.
    pub price: i64,
    /// One ticket more than the limit, in minor units; absent: it is refused.
    pub extra_ticket: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// Whoever signs up gets it.
    pub is_default: bool,
    /// Grows with each change.
    pub version: i64,
}

/// How many plans there are at most: all of them are one page.
pub const MOST: i64 = 100;

/// A plan as an operator wants it; what is absent is without limit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutPlan {
    /// Its name.
    pub name: String,
    /// How many of the staff.
    #[serde(default)]
    pub agents: Option<i32>,
    /// How many tickets are opened in a calendar month (UTC).
    #[serde(default)]
    pub tickets_a_month: Option<i64>,
    /// Bytes of files.
    #[serde(default)]
    pub storage_bytes: Option<i64>,
    /// How many files.
    #[serde(default)]
    pub storage_files: Option<i64>,
    /// How many files come in a day (UTC).
    #[serde(default)]
    pub uploads_a_day: Option<i64>,
    /// Requests a minute of all its people and keys together, from 60.
    #[serde(default)]
    pub requests_a_minute: Option<i32>,
    /// Connections of one instance to its database, from 1 to 20.
    #[serde(default)]
    pub connections: Option<i32>,
    /// For how many months its audit trail is kept, from 12; 60 unless told.
    #[serde(default = "five_years")]
    pub audit_months: i32,
    /// A month, in the currency's minor units.
    #[serde(default)]
    pub price: i64,
    /// One ticket more than the limit, in minor units; absent: it is refused.
    #[serde(default)]
    pub extra_ticket: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// Whoever signs up gets it, instead of the one that they got; as it is unless told.
    #[serde(default)]
    pub is_default: Option<bool>,
}

fn five_years() -> i32 {
    60
}

/// The form of a plan's code.
pub fn is_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    (1..=31).contains(&bytes.len()) && bytes[0].is_ascii_lowercase() && bytes.iter().all(inner)
}

impl PutPlan {
    /// What is wrong with it; the table has the same checks.
    pub fn wrong(&self) -> Vec<FieldError> {
        let within = |n: Option<i64>, from, to| n.is_none_or(|n| (from..=to).contains(&n));
        let named = (1..=80).contains(&self.name.chars().count()) && !self.name.chars().any(char::is_control);
        let currency = self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase());
        [
            ("name", named, "From 1 to 80 characters, none of them a control character."),
            ("agents", within(self.agents.map(Into::into), 1, i32::MAX.into()), "At least 1, or absent."),
            ("tickets_a_month", within(self.tickets_a_month, 1, i64::MAX), "At least 1, or absent."),
            ("storage_bytes", within(self.storage_bytes, 0, i64::MAX), "At least 0, or absent."),
            ("storage_files", within(self.storage_files, 0, i64::MAX), "At least 0, or absent."),
            ("uploads_a_day", within(self.uploads_a_day, 0, i64::MAX), "At least 0, or absent."),
            ("requests_a_minute", within(self.requests_a_minute.map(Into::into), 60, 1_000_000), "From 60 to 1000000, or absent."),
            ("connections", within(self.connections.map(Into::into), 1, 20), "From 1 to 20, or absent."),
            ("audit_months", (12..=600).contains(&self.audit_months), "From 12 to 600."),
            ("price", (0..=1_000_000_000_000).contains(&self.price), "From 0 to 1000000000000."),
            (
                "extra_ticket",
                within(self.extra_ticket, 0, 1_000_000_000) && (self.extra_ticket.is_none() || self.tickets_a_month.is_some()),
                "From 0 to 1000000000, with tickets_a_month; or absent.",
            ),
            ("currency", currency, "Three capital letters, as EUR."),
        ]
        .into_iter()
        .filter(|(_, right, _)| !right)
        .map(|(field, _, text)| FieldError::new(field, "out_of_range", text))
        .collect()
    }

    /// Whether it is as the other one, but for who gets it.
    pub fn is_like(&self, plan: &Plan) -> bool {
        let limits = (self.agents, self.tickets_a_month, self.requests_a_minute, self.connections);
        let files = (self.storage_bytes, self.storage_files, self.uploads_a_day);
        limits == (plan.agents, plan.tickets_a_month, plan.requests_a_minute, plan.connections)
            && files == (plan.storage_bytes, plan.storage_files, plan.uploads_a_day)
            && (self.audit_months, self.name.as_str()) == (plan.audit_months, plan.name.as_str())
            && self.costs_like(plan)
    }

    /// Whether it costs what the other one does. Where more tickets cost something, how many cost nothing is part of it.
    pub fn costs_like(&self, plan: &Plan) -> bool {
        let included = |extra: Option<i64>, limit| extra.and(limit);
        (self.price, self.extra_ticket, self.currency.as_str()) == (plan.price, plan.extra_ticket, plan.currency.as_str())
            && included(self.extra_ticket, self.tickets_a_month) == included(plan.extra_ticket, plan.tickets_a_month)
    }
}

/// The plan that a tenant has.
#[derive(Debug, Clone)]
pub struct Held {
    /// It.
    pub plan: Plan,
    /// Since when.
    pub since: DateTime<Utc>,
    /// For how many months the trail is kept until then, though the plan keeps it for less.
    pub longer: Option<(i32, DateTime<Utc>)>,
}

impl Held {
    /// For how many months the trail is kept at that moment.
    pub fn audit_months(&self, now: DateTime<Utc>) -> i32 {
        let longer = self.longer.filter(|(_, until)| *until > now).map(|(months, _)| months);
        self.plan.audit_months.max(longer.unwrap_or_default())
    }

    /// What is kept of the trail for longer than the plan says, and until when.
    pub fn over(&self, now: DateTime<Utc>) -> Option<Over> {
        let (used, allowed) = (self.audit_months(now), self.plan.audit_months);
        let until = self.longer.map(|(_, until)| until).filter(|_| used > allowed)?;
        Some(Over { limit: "audit_months".to_owned(), allowed: allowed.into(), used: used.into(), until: Some(until) })
    }
}

/// A plan that a tenant has had, from that moment until the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Had {
    /// Its code.
    pub plan: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// A month, in minor units.
    pub price: i64,
    /// One ticket more than the limit.
    pub extra_ticket: Option<i64>,
    /// The limit.
    pub tickets_a_month: Option<i64>,
    /// ISO 4217.
    pub currency: String,
}

impl Had {
    /// Whether it costs what the other one does.
    pub fn is_priced_like(&self, other: &Self) -> bool {
        let costs = |had: &Self| (had.price, had.extra_ticket, had.tickets_a_month);
        costs(self) == costs(other) && self.currency == other.currency
    }

    /// Whether anything is to be paid for it.
    pub fn costs(&self) -> bool {
        self.price > 0 || self.extra_ticket > Some(0)
    }
}

/// What a tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Used {
    /// How many of the staff belong to it.
    pub agents: i64,
    /// How many more are asked in.
    pub invited: i64,
    /// How many tickets were opened in the month.
    pub tickets: i64,
}

/// Something of which there is more than the plan allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Over {
    /// Of what: `agents`, `tickets_a_month`, `audit_months`.
    pub limit: String,
    /// How many are allowed.
    pub allowed: i64,
    /// How many there are.
    pub used: i64,
    /// Until when; absent for what stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

impl Plan {
    /// Whether anything is to be paid for it.
    pub fn costs(&self) -> bool {
        self.price > 0 || self.extra_ticket > Some(0)
    }

    /// What of this is more than it allows.
    pub fn over(&self, used: &Used) -> Vec<Over> {
        [("agents", self.agents.map(i64::from), used.agents), ("tickets_a_month", self.tickets_a_month, used.tickets)]
            .into_iter()
            .filter_map(|(limit, allowed, used)| {
                allowed.filter(|allowed| used > *allowed).map(|allowed| Over { limit: limit.to_owned(), allowed, used, until: None })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plan_says_which_of_its_fields_are_wrong() {
        for (change, wrong) in [
            (json!({}), vec![]),
            (json!({ "name": "" }), vec!["name"]),
            (json!({ "name": "a\u{1b}[31mred" }), vec!["name"]),
            (json!({ "agents": 0, "connections": 21 }), vec!["agents", "connections"]),
            (json!({ "tickets_a_month": 0, "requests_a_minute": 59 }), vec!["tickets_a_month", "requests_a_minute"]),
            (json!({ "audit_months": 11, "price": -1, "currency": "eur" }), vec!["audit_months", "price", "currency"]),
            (
                json!({ "storage_bytes": -1, "storage_files": -1, "uploads_a_day": -1 }),
                vec!["storage_bytes", "storage_files", "uploads_a_day"],
            ),
            (json!({ "storage_bytes": 0, "storage_files": 0, "uploads_a_day": 0 }), vec![]),
            (json!({ "extra_ticket": 10 }), vec!["extra_ticket"]),
            (json!({ "extra_ticket": 10, "tickets_a_month": 5 }), vec![]),
        ] {
            let mut plan = json!({ "name": "Team", "currency": "EUR" });
            plan.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
            let plan: PutPlan = serde_json::from_value(plan).expect("a plan");
            let found: Vec<String> = plan.wrong().into_iter().map(|w| w.field).collect();
            assert_eq!(found, wrong, "{change}");
        }
        for (code, right) in [("team", true), ("team-2", true), ("", false), ("Team", false), ("2nd", false), ("a b", false)] {
            assert_eq!(is_code(code), right, "{code}");
        }
    }

    #[test]
    fn what_is_over_is_told_and_what_has_no_limit_never_is() {
        let put: PutPlan = serde_json::from_value(json!({ "name": "T", "currency": "EUR" })).expect("a plan");
        let mut plan = Plan {
            code: "t".into(),
            name: put.name,
            agents: Some(3),
            tickets_a_month: Some(10),
            storage_bytes: None,
            storage_files: None,
            uploads_a_day: None,
            requests_a_minute: None,
            connections: None,
            audit_months: 60,
            price: 0,
            extra_ticket: None,
            currency: "EUR".into(),
            is_default: false,
            version: 1,
        };
        let limits = |plan: &Plan, agents, tickets| -> Vec<String> {
            plan.over(&Used { agents, invited: 9, tickets }).into_iter().map(|over| over.limit).collect()
        };
        assert_eq!(limits(&plan, 3, 10), Vec::<String>::new());
        assert_eq!(limits(&plan, 4, 10), ["agents"]);
        assert_eq!(limits(&plan, 4, 11), ["agents", "tickets_a_month"]);
        plan.agents = None;
        assert_eq!(limits(&plan, 400, 11), ["tickets_a_month"]);
    }
}
