//! A ticket of Zendesk's JSON export: one object with its people and comments. Pure.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::{
    mapping::{Mapping, Target},
    raw::{Flaw, Raw, RawMessage, RawPerson, Voice},
};

/// What of a ticket is read. Whatever else there is stays where it is.
#[derive(Deserialize)]
pub(super) struct Exported {
    id: Option<Value>,
    subject: Option<String>,
    raw_subject: Option<String>,
    description: Option<String>,
    priority: Option<String>,
    status: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    via: Option<Via>,
    requester: Option<User>,
    submitter: Option<User>,
    assignee: Option<User>,
    group: Option<Group>,
    organization: Option<Group>,
    #[serde(default, deserialize_with = "or_nothing")]
    collaborator: Vec<User>,
    #[serde(default, deserialize_with = "or_nothing")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    custom_fields: Vec<Custom>,
    created_at: Option<String>,
    updated_at: Option<String>,
    metric_set: Option<Metrics>,
    #[serde(default, deserialize_with = "or_nothing")]
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
struct Via {
    channel: Option<Value>,
}

#[derive(Deserialize)]
struct User {
    id: Option<i64>,
    name: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Custom {
    id: Value,
    value: Option<Value>,
}

#[derive(Deserialize)]
struct Metrics {
    solved_at: Option<String>,
}

#[derive(Deserialize)]
struct Comment {
    author_id: Option<i64>,
    author: Option<User>,
    plain_body: Option<String>,
    body: Option<String>,
    public: Option<bool>,
    created_at: Option<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    attachments: Vec<serde::de::IgnoredAny>,
}

/// Null is an empty list.
fn or_nothing<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(from).map(Option::unwrap_or_default)
}

impl User {
    fn raw(&self) -> RawPerson {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        RawPerson { email: text(&self.email), name: text(&self.name), ..RawPerson::default() }
    }
}

impl Exported {
    /// The ticket in these bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Flaw> {
        let wrong = |error: serde_json::Error| Flaw::error("", "invalid", format!("This is no ticket: {error}."));
        serde_json::from_slice(bytes).map_err(wrong)
    }

    /// What of it stands in columns of its own, by their names.
    pub fn columns(&self) -> Vec<(String, Value)> {
        let named = |group: &Option<Group>| group.as_ref().and_then(|group| group.name.clone()).map(Value::from);
        let of_ours =
            [("type", self.kind.clone().map(Value::from)), ("group", named(&self.group)), ("organization", named(&self.organization))];
        let of_ours = of_ours.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let custom = self.custom_fields.iter().map(|field| (text(&field.id), field.value.clone().unwrap_or(Value::Null)));
        of_ours.chain(custom).collect()
    }

    /// The ticket as any file has it.
    pub fn raw(self, mapping: &Mapping) -> Raw {
        let people = self.people();
        let columns = self.columns();
        let requester_id = self.requester.as_ref().and_then(|user| user.id);
        let description = self.description.unwrap_or_default();
        let files = self.comments.iter().map(|comment| comment.attachments.len()).sum();
        let said = self.comments.into_iter().enumerate().filter(|(n, comment)| !(*n == 0 && comment.is(&description)));
        let mut raw = Raw {
            external_id: self.id.as_ref().map(text).filter(|id| !id.is_empty()),
            subject: self.subject.or(self.raw_subject).unwrap_or_default(),
            status: ours(self.status.as_deref().unwrap_or("open")).to_owned(),
            priority: self.priority.unwrap_or_default(),
            channel: self.via.and_then(|via| via.channel).as_ref().map(text).unwrap_or_default(),
            tags: self.tags,
            requester: self.requester.as_ref().map(User::raw).unwrap_or_default(),
            assignee: self.assignee.as_ref().map(User::raw),
            created_at: self.created_at.unwrap_or_default(),
            updated_at: self.updated_at.unwrap_or_default(),
            resolved_at: self.metric_set.and_then(|metrics| metrics.solved_at).unwrap_or_default(),
            messages: said.map(|(_, comment)| comment.raw(requester_id, &people)).collect(),
            description,
            files,
            ..Raw::default()
        };
        for (name, value) in columns {
            take(&mut raw, mapping.of(&name), value);
        }
        raw
    }

    /// Whom it names beside their ids.
    fn people(&self) -> HashMap<i64, RawPerson> {
        let users = [&self.requester, &self.submitter, &self.assignee].into_iter().flatten().chain(&self.collaborator);
        users.filter_map(|user| Some((user.id?, user.raw()))).collect()
    }
}

fn take(raw: &mut Raw, target: Option<&Target>, value: Value) {
    if value.is_null() {
        return;
    }
    match target {
        None => {}
        Some(Target::Field(key)) => drop(raw.custom_fields.insert(key.clone(), value)),
        Some(Target::Word("category")) => raw.category = text(&value),
        Some(Target::Word("order_id")) => raw.order_id = text(&value),
        // Of Zendesk's own columns, nothing else is taken but tags.
        Some(Target::Word(_)) => match value {
            Value::Array(tags) => raw.tags.extend(tags.iter().map(text)),
            one => raw.tags.push(text(&one)),
        },
    }
}

impl Comment {
    /// Whether it is the ticket's description, which is the first comment, too.
    fn is(&self, description: &str) -> bool {
        let plain = |text: &Option<String>| text.as_deref().map(str::trim) == Some(description.trim());
        plain(&self.plain_body) || plain(&self.body)
    }

    fn raw(self, requester: Option<i64>, people: &HashMap<i64, RawPerson>) -> RawMessage {
        let named = self.author.as_ref().map(User::raw);
        let author = self.author_id.or(self.author.and_then(|user| user.id));
        let known = named.or_else(|| people.get(&author?).cloned()).filter(|person| !person.email.is_empty());
        let voice = match known {
            _ if author.is_some() && author == requester => Voice::Requester,
            Some(person) => Voice::Agent(person),
            None => Voice::Unknown,
        };
        RawMessage {
            voice,
            text: self.plain_body.or(self.body).unwrap_or_default(),
            is_internal: self.public == Some(false),
            created_at: self.created_at.unwrap_or_default(),
        }
    }
}

/// Zendesk's word for a status as ours: there, what an agent works on is open, and what nobody has seen is new.
fn ours(status: &str) -> &str {
    match status.trim() {
        "new" => "open",
        "open" | "hold" => "in_progress",
        "pending" => "waiting_customer",
        "solved" => "resolved",
        other => other,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ticket() -> Value {
        json!({
            "url": "https://acme.example/api/v2/tickets/7.json", "id": 7, "external_id": null, "via": { "channel": "email", "source": {} },
            "created_at": "2024-01-02T03:04:05Z", "updated_at": "2024-02-03T04:05:06Z", "type": "incident", "subject": "Printer",
            "raw_subject": "Printer", "description": "It smokes", "priority": "normal", "status": "pending", "tags": ["vip"],
            "requester": { "id": 1, "name": "Chloe Customer", "email": "chloe@a.test" }, "submitter": { "id": 1, "name": "Chloe" },
            "assignee": { "id": 2, "name": "Ana Agent", "email": "ana@a.test" }, "group": { "name": "Support" }, "organization": null,
            "collaborator": [{ "id": 3, "name": "Ben", "email": "ben@a.test" }], "custom_fields": [{ "id": 360001, "value": "4711" }, { "id": 360002, "value": null }],
            "metric_set": { "solved_at": null },
            "comments": [
                { "id": 1, "author_id": 1, "body": "It smokes", "public": true, "created_at": "2024-01-02T03:04:05Z", "attachments": [{ "file_name": "a.png" }] },
                { "id": 2, "author_id": 2, "plain_body": "On my way", "body": "<p>On my way", "public": true, "created_at": "2024-01-02T04:04:05Z" },
                { "id": 3, "author_id": 3, "body": "Secret", "public": false, "created_at": "2024-01-02T05:04:05Z", "attachments": null },
                { "id": 4, "author_id": 99, "body": "Who am I", "public": true, "created_at": "2024-01-02T06:04:05Z" },
                { "id": 5, "author_id": 1, "body": "Thanks", "public": true, "created_at": "2024-01-02T07:04:05Z" },
            ],
        })
    }

    #[test]
    fn a_ticket_is_read_with_its_people_and_its_thread() {
        let mapping: Mapping =
            serde_json::from_value(json!({ "360001": "custom_fields.serial", "type": "category", "group": "tags" })).expect("a mapping");
        let raw = Exported::parse(ticket().to_string().as_bytes()).expect("read").raw(&mapping);
        assert_eq!((raw.external_id.as_deref(), raw.status.as_str(), raw.category.as_str()), (Some("7"), "waiting_customer", "incident"));
        assert_eq!((raw.tags, raw.files, raw.channel.as_str()), (vec!["vip".to_owned(), "Support".into()], 1, "email"));
        assert_eq!((&raw.custom_fields["serial"], raw.requester.email.as_str()), (&json!("4711"), "chloe@a.test"));
        let said: Vec<String> = raw
            .messages
            .iter()
            .map(|said| {
                let voice = match &said.voice {
                    Voice::Requester => "requester",
                    Voice::Agent(person) => person.email.as_str(),
                    Voice::Unknown => "?",
                };
                format!("{voice} {} {}", said.text, said.is_internal)
            })
            .collect();
        assert_eq!(said, ["ana@a.test On my way false", "ben@a.test Secret true", "? Who am I false", "requester Thanks false"]);
    }

    #[test]
    fn what_is_missing_or_null_is_nothing_and_what_is_no_ticket_is_said() {
        let raw = Exported::parse(b"{}").expect("read").raw(&Mapping::default());
        assert_eq!((raw.external_id, raw.messages.len(), raw.status.as_str()), (None, 0, "in_progress"));
        let nothing =
            json!({ "comments": null, "tags": null, "custom_fields": null, "collaborator": null, "via": null, "status": "deleted" });
        assert_eq!(Exported::parse(nothing.to_string().as_bytes()).expect("read").raw(&Mapping::default()).status, "deleted");
        for wrong in [&b"nonsense"[..], b"[1]", b"{\"tags\": 7}", b"{\"subject\": \"a", b"\xff{}"] {
            assert_eq!(Exported::parse(wrong).err().map(|flaw| flaw.code).as_deref(), Some("invalid"), "{wrong:?}");
        }
    }

    #[test]
    fn its_own_columns_are_what_may_be_mapped() {
        let columns = Exported::parse(ticket().to_string().as_bytes()).expect("read").columns();
        let names: Vec<String> = columns.into_iter().map(|(name, value)| format!("{name}={}", text(&value))).collect();
        assert_eq!(names, ["type=incident", "group=Support", "360001=4711", "360002="]);
    }
}
