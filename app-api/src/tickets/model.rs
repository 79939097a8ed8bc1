//! A ticket and the parts that it is opened with.

use std::fmt::{self, Display};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
pub use shared::line::Line;
use utoipa::ToSchema;

use super::{
    clocks::Sla,
    number,
    snooze::Snooze,
    status::{Status, Trigger},
    visibility::{Sight, Viewer},
};

use crate::people::{PersonId, TeamId};

/// How much a ticket presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// When there is time.
    Low,
    /// The usual.
    #[default]
    Medium,
    /// Soon.
    High,
    /// Now.
    Urgent,
}

impl Priority {
    /// Every priority, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Urgent];

    /// The word in JSON, events and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// One level more, unless it is the highest.
    pub fn raised(self) -> Option<Self> {
        Self::ALL.into_iter().find(|level| *level > self)
    }

    /// The priority of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == word)
    }
}

/// What a ticket is about, at most 255 characters.
pub type Subject = Line<255>;
/// A category, an order's id, a tag.
pub type Label = Line<64>;

/// At most 20 tags, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToSchema)]
#[schema(value_type = Vec<String>, max_items = 20)]
pub struct Tags(Vec<String>);

impl Tags {
    /// These, which a ticket has had already.
    pub(super) fn again(tags: Vec<String>) -> Self {
        Self(tags)
    }

    /// `before` with some more and without others.
    pub(super) fn changed(before: &[String], add: &[Label], remove: &[Label]) -> Result<Self, &'static str> {
        let is_removed = |tag: &String| remove.iter().any(|gone| gone.as_str() == tag);
        let mut tags: Vec<String> = before.iter().filter(|tag| !is_removed(tag)).cloned().collect();
        for tag in add {
            if !tags.iter().any(|known| known == tag.as_str()) {
                tags.push(tag.as_str().to_owned());
            }
        }
        if tags.len() > 20 { Err("At most 20 tags.") } else { Ok(Self(tags)) }
    }

    /// As texts.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut tags: Vec<String> = Vec::<Label>::deserialize(from)?.into_iter().map(Label::into_text).collect();
        let mut seen = std::collections::HashSet::new();
        tags.retain(|tag| seen.insert(tag.clone()));
        if tags.len() > 20 {
            return Err(serde::de::Error::custom("too_long: At most 20 tags."));
        }
        Ok(Self(tags))
    }
}

/// Values of custom fields by their key: an object of at most 50 keys and 16 KiB, 4 levels deep.
#[derive(Debug, Clone, Default, PartialEq, ToSchema)]
#[schema(value_type = Object)]
pub struct CustomFields(Map<String, Value>);

impl CustomFields {
    /// As JSON.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

impl<'de> Deserialize<'de> for CustomFields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Map::<String, Value>::deserialize(from)?;
        let text = Value::Object(fields.clone()).to_string();
        let wrong = |why| Err(serde::de::Error::custom(why));
        if fields.len() > 50 || text.len() > 16_384 {
            return wrong("too_long: At most 50 fields and 16 KiB.");
        }
        if text.contains("\\u0000") {
            return wrong("invalid: NUL is not allowed.");
        }
        if fields.values().any(|v| depth(v) > 3) {
            return wrong("invalid: At most 4 levels deep.");
        }
        Ok(Self(fields))
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(items) => 1 + items.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// A ticket as a path names it: by its id or by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketRef {
    /// By id.
    Id(i64),
    /// By number.
    Number(String),
}

impl<'de> Deserialize<'de> for TicketRef {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let id = if digits { text.parse().ok().map(Self::Id) } else { None };
        id.or_else(|| number::parse(&text).map(Self::Number)).ok_or_else(|| serde::de::Error::custom("no ticket"))
    }
}

impl Display for TicketRef {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(to, "{id}"),
            Self::Number(number) => to.write_str(number),
        }
    }
}

/// Somebody beside a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Party {
    /// Their id.
    pub id: PersonId,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
    /// Their address; a member's is not shown to customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A team beside a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeamName {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

/// Another ticket, as one names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TicketName {
    /// Its id.
    pub id: i64,
    /// Its number.
    pub ticket_number: String,
}

/// A ticket as it is read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ticket {
    /// Its id.
    pub id: i64,
    /// Its number, for people.
    pub ticket_number: String,
    /// The requester's id.
    pub user_id: PersonId,
    /// Who asked.
    pub requester: Party,
    /// What it is about.
    pub subject: String,
    /// What was asked, in Markdown.
    pub description: String,
    /// The same as safe HTML.
    pub description_html: String,
    /// How much it presses.
    pub priority: Priority,
    /// Why: `default`, `requested` or `manual`, or the rules that raised it: `order_value`, `payment_failure`, `repeated`,
    /// `vip`, `sla_breach`. `imported` where it came with its ticket from elsewhere.
    pub priority_reason: String,
    /// Where it stands.
    pub status: Status,
    /// Its category.
    pub category: Option<String>,
    /// The id of the team in whose queue it is; null for customers.
    pub team_id: Option<TeamId>,
    /// That team; null for customers.
    pub team: Option<TeamName>,
    /// The assignee's id.
    pub assigned_to: Option<PersonId>,
    /// Who works on it.
    pub assignee: Option<Party>,
    /// The order it is about.
    pub order_id: Option<String>,
    /// Tags; empty for customers.
    pub tags: Vec<String>,
    /// Values of custom fields.
    pub custom_fields: Value,
    /// Keys of sensitive values that cannot be read now: they are kept as they are, sealed, and are not among the others.
    #[serde(rename = "unreadable", serialize_with = "keys", skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub unopened: Map<String, Value>,
    /// Whether some of the values are sealed in the database.
    #[serde(skip)]
    pub has_opened: bool,
    /// More about it, for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// How it came.
    pub channel: String,
    /// Out of sight of the queue, for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snooze: Option<Snooze>,
    /// The same, whoever reads.
    #[serde(skip)]
    pub is_snoozed: bool,
    /// The id of the ticket that goes on in its place, if it was merged and the reader sees that one; where that was merged
    /// itself, the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<i64>,
    /// That ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub survivor: Option<TicketName>,
    /// Until when its merge can be undone, for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmerge_until: Option<DateTime<Utc>>,
    /// The id of the closed ticket that it goes on from, if the reader sees that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up_of: Option<i64>,
    /// That ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<TicketName>,
    /// The last ticket that goes on from this one, which is closed; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<TicketName>,
    /// Since when its customer waits for an answer: when they wrote the first word that has none. Null where nobody waits.
    pub waiting_since: Option<DateTime<Utc>>,
    /// Messages that the reader's side has not read.
    pub unread_count: i32,
    /// Its clocks; null until they are first measured, which tickets from before there were targets wait for.
    pub sla: Option<Sla>,
    /// Grows with each change of the ticket itself; the `ETag`.
    pub version: i64,
    /// Where the reader may move it now.
    #[schema(value_type = Vec<Status>)]
    pub allowed_transitions: &'static [Status],
    /// When it was resolved.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
    /// What decides who sees it, whoever reads it.
    #[serde(skip)]
    pub sight: Sight,
}

fn keys<S: Serializer>(of: &Map<String, Value>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(of.keys())
}

impl Ticket {
    /// What decides who sees it.
    pub fn sight(&self) -> Sight {
        self.sight
    }

    /// When its next target is due, or was: of what the customer still waits for.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        let sla = self.sla.filter(|_| self.resolved_at.is_none() && self.closed_at.is_none())?;
        let response = sla.response.due_at.filter(|_| sla.response.met_at.is_none());
        response.into_iter().chain(sla.resolution.due_at).min()
    }
}

/// What moves a ticket when this viewer sets a status.
pub fn trigger(viewer: Viewer) -> Trigger {
    if viewer.is_staff() { Trigger::Staff } else { Trigger::Customer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_ticket_by_id_or_number_and_nothing_else() {
        let read = |text: &str| serde_json::from_value::<TicketRef>(Value::from(text)).ok();
        assert_eq!(read("42"), Some(TicketRef::Id(42)));
        assert_eq!(read("tkt-23456789"), Some(TicketRef::Number("TKT-23456789".into())));
        for wrong in ["", "-1", "+1", "9223372036854775808", "1e3", "1.0", "0x1", "TKT-", "\0", "%00"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn inputs_that_cannot_be_are_refused_with_a_code() {
        let long = "x".repeat(256);
        for (subject, code) in [("", "required"), ("   ", "required"), (&*long, "too_long"), ("a\0b", "invalid"), ("a\nb", "invalid")] {
            let error = serde_json::from_value::<Subject>(Value::from(subject)).expect_err(subject).to_string();
            assert!(error.starts_with(code), "{error}");
        }
        let deep = serde_json::json!({ "a": [[[["x"]]]] });
        assert!(serde_json::from_value::<CustomFields>(deep).is_err());
        assert!(serde_json::from_value::<CustomFields>(serde_json::json!({ "a": "\u{0}" })).is_err());
        assert!(serde_json::from_value::<Tags>(Value::from(vec!["t"; 100])).is_ok_and(|t| t.0.len() == 1));
    }
}
