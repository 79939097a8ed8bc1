//! A ticket as a line of a table. Pure.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

use super::super::model::{Party, Ticket};

/// What stands at the head of each column but those of custom fields.
pub(super) const COLUMNS: [&str; 24] = [
    "ticket_number",
    "subject",
    "description",
    "status",
    "priority",
    "priority_reason",
    "category",
    "team",
    "channel",
    "requester_email",
    "requester_firstname",
    "requester_lastname",
    "assignee_email",
    "assignee_firstname",
    "assignee_lastname",
    "order_id",
    "tags",
    "sla_state",
    "response_due_at",
    "resolution_due_at",
    "created_at",
    "updated_at",
    "resolved_at",
    "closed_at",
];
/// The last column: values of fields that nobody has defined, as JSON.
const OTHERS: &str = "custom_fields";

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// A text; empty for nothing.
    Text(String),
    /// A time.
    Time(DateTime<Utc>),
}

impl Cell {
    fn of(text: Option<&str>) -> Self {
        Self::Text(text.unwrap_or_default().to_owned())
    }

    fn at(time: Option<DateTime<Utc>>) -> Self {
        time.map_or_else(|| Self::Text(String::new()), Self::Time)
    }

    /// As text, a time as RFC 3339.
    pub fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Time(time) => time.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }
}

/// The head of a table; `keys` are those of the defined custom fields.
pub(super) fn head(keys: &[String]) -> Vec<String> {
    let fields = keys.iter().map(|key| format!("{OTHERS}.{key}"));
    COLUMNS.into_iter().map(str::to_owned).chain(fields).chain([OTHERS.to_owned()]).collect()
}

/// Whether a table has the columns of `head`, and so was written here.
pub fn is_export<'a>(columns: impl Iterator<Item = &'a str>) -> bool {
    let columns: Vec<&str> = columns.collect();
    let Some((last, columns)) = columns.split_last() else { return false };
    let is_field = |name: &&str| name.strip_prefix(OTHERS).is_some_and(|key| key.starts_with('.'));
    columns.starts_with(&COLUMNS) && columns[COLUMNS.len()..].iter().all(is_field) && *last == OTHERS
}

/// A ticket's line under [`head`].
pub(super) fn line(ticket: &Ticket, keys: &[String]) -> Vec<Cell> {
    let (requester, assignee) = (Some(&ticket.requester), ticket.assignee.as_ref());
    let [email, firstname, lastname] = named(requester);
    let [assignee_email, assignee_firstname, assignee_lastname] = named(assignee);
    let sla = ticket.sla.as_ref();
    let mut cells = vec![
        Cell::of(Some(&ticket.ticket_number)),
        Cell::of(Some(&ticket.subject)),
        Cell::of(Some(&ticket.description)),
        Cell::of(Some(ticket.status.as_str())),
        Cell::of(Some(ticket.priority.as_str())),
        Cell::of(Some(&ticket.priority_reason)),
        Cell::of(ticket.category.as_deref()),
        Cell::of(ticket.team.as_ref().map(|team| team.name.as_str())),
        Cell::of(Some(&ticket.channel)),
        email,
        firstname,
        lastname,
        assignee_email,
        assignee_firstname,
        assignee_lastname,
        Cell::of(ticket.order_id.as_deref()),
        Cell::Text(ticket.tags.join(", ")),
        Cell::of(sla.map(|sla| sla.state.as_str())),
        Cell::at(sla.and_then(|sla| sla.response.due_at)),
        Cell::at(sla.and_then(|sla| sla.resolution.due_at)),
        Cell::Time(ticket.created_at),
        Cell::Time(ticket.updated_at),
        Cell::at(ticket.resolved_at),
        Cell::at(ticket.closed_at),
    ];
    cells.extend(values(&ticket.custom_fields, keys));
    cells
}

fn named(party: Option<&Party>) -> [Cell; 3] {
    [
        Cell::of(party.and_then(|party| party.email.as_deref())),
        Cell::of(party.map(|party| party.firstname.as_str())),
        Cell::of(party.map(|party| party.lastname.as_str())),
    ]
}

fn values(fields: &Value, keys: &[String]) -> Vec<Cell> {
    let empty = Map::new();
    let fields = fields.as_object().unwrap_or(&empty);
    let others: Map<String, Value> =
        fields.iter().filter(|(key, _)| !keys.contains(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
    let others = if others.is_empty() { String::new() } else { Value::Object(others).to_string() };
    keys.iter().map(|key| Cell::Text(fields.get(key).map(text).unwrap_or_default())).chain([Cell::Text(others)]).collect()
}

/// A value as one writes it into a table: options of a list with commas between them.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_defined_field_has_its_column_and_whatever_else_there_is_stands_in_the_last() {
        let keys = ["serial".to_owned(), "parts".to_owned(), "broken".to_owned()];
        for (fields, expected) in [
            (json!({}), ["", "", "", ""]),
            (json!({ "serial": "4711", "parts": ["red", "blue"], "broken": true }), ["4711", "red, blue", "true", ""]),
            (json!({ "serial": 7.5, "old": { "a": 1 }, "parts": null }), ["7.5", "", "", r#"{"old":{"a":1}}"#]),
        ] {
            let texts: Vec<String> = values(&fields, &keys).into_iter().map(Cell::into_text).collect();
            assert_eq!(texts, expected, "{fields}");
        }
        for (columns, is_ours) in [
            (head(&keys), true),
            (head(&[]), true),
            (head(&keys)[1..].to_vec(), false),
            (head(&keys)[..COLUMNS.len()].to_vec(), false),
            ([head(&[]), vec!["notes".to_owned()]].concat(), false),
            ([head(&[])[..COLUMNS.len()].to_vec(), vec!["notes".to_owned(), OTHERS.to_owned()]].concat(), false),
            (vec!["subject".to_owned()], false),
            (vec![], false),
        ] {
            assert_eq!(is_export(columns.iter().map(String::as_str)), is_ours, "{columns:?}");
        }
        assert_eq!(head(&keys)[COLUMNS.len()..], ["custom_fields.serial", "custom_fields.parts", "custom_fields.broken", "custom_fields"]);
        assert_eq!(Cell::Time(DateTime::UNIX_EPOCH).into_text(), "1970-01-01T00:00:00Z");
    }
}
