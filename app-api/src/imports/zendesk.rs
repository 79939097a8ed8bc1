//! A ticket of Zendesk's JSON export: one object with its people and comments. Pure.

use std::collections::HashMap;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};

use super::{
    bounded::Bounded,
    judge::MOST_MESSAGES,
    mapping::{Mapping, Target},
    raw::{Flaw, Raw, RawMessage, RawPerson, Voice},
};

/// Whoever is named beside the requester, tags and values of a ticket that are read, at most: more than Zendesk has of each.
const MOST_PEOPLE: usize = 200;
const MOST_TAGS: usize = 1000;
const MOST_FIELDS: usize = 400;
/// The first comment may be the description, which is no message.
const MOST_COMMENTS: usize = MOST_MESSAGES + 1;
const ANY: usize = usize::MAX;
/// Bytes of a value that is more than its text, and of a column's name, at most.
const VALUE: usize = 64 << 10;
const NAME: usize = 255;

/// What of a ticket is read. Whatever else there is stays where it is.
#[derive(Deserialize)]
pub(super) struct Exported<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    subject: Option<String>,
    raw_subject: Option<String>,
    description: Option<String>,
    priority: Option<String>,
    status: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    via: Option<Via<'a>>,
    requester: Option<User>,
    submitter: Option<User>,
    assignee: Option<User>,
    group: Option<Group>,
    organization: Option<Group>,
    #[serde(default)]
    collaborator: Bounded<User, MOST_PEOPLE>,
    #[serde(default)]
    tags: Bounded<String, MOST_TAGS>,
    #[serde(default, borrow)]
    custom_fields: Bounded<Custom<'a>, MOST_FIELDS>,
    created_at: Option<String>,
    updated_at: Option<String>,
    metric_set: Option<Metrics>,
    #[serde(default)]
    comments: Bounded<Comment, MOST_COMMENTS>,
}

#[derive(Deserialize)]
struct Via<'a> {
    #[serde(borrow)]
    channel: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct User {
    id: Option<i64>,
    name: Option<String>,
    email: Option<String>,
    role: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Custom<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
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
    /// They take no room, however many there are.
    #[serde(default)]
    attachments: Bounded<IgnoredAny, ANY>,
}

impl User {
    fn raw(&self) -> RawPerson {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let is_agent = matches!(self.role.as_deref(), Some("agent" | "admin"));
        RawPerson { email: text(&self.email), name: text(&self.name), is_agent, ..RawPerson::default() }
    }
}

impl<'a> Exported<'a> {
    /// The ticket in these bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Flaw> {
        serde_json::from_slice(bytes).map_err(|error| Flaw::of_json("", &error))
    }

    /// What of it stands in columns of its own, by their names. What can be no name is passed over.
    pub fn columns(&self) -> impl Iterator<Item = (String, Value)> {
        let named = |group: &Option<Group>| group.as_ref().and_then(|group| group.name.clone()).map(Value::from);
        let of_ours =
            [("type", self.kind.clone().map(Value::from)), ("group", named(&self.group)), ("organization", named(&self.organization))];
        let of_ours = of_ours.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let custom = self.custom_fields.0.iter().filter(|field| field.id.get().len() <= NAME);
        let custom = custom.map(|field| (text(&value(field.id)), field.value.map_or(Value::Null, value)));
        of_ours.chain(custom.filter(|(name, _)| !name.contains(char::is_control)))
    }

    /// The ticket as any file has it.
    pub fn raw(self, mapping: &Mapping) -> Raw {
        let people = self.people();
        let mut mapped = Raw::default();
        for (name, value) in self.columns() {
            take(&mut mapped, mapping.of(&name), value);
        }
        let requester_id = self.requester.as_ref().and_then(|user| user.id);
        let description = self.description.unwrap_or_default();
        let files = self.comments.0.iter().map(|comment| comment.attachments.0.len()).sum();
        let said = self.comments.0.into_iter().enumerate().filter(|(n, comment)| !(*n == 0 && comment.is(&description)));
        Raw {
            external_id: self.id.map(|id| text(&value(id))).filter(|id| !id.is_empty()),
            subject: self.subject.or(self.raw_subject).unwrap_or_default(),
            status: ours(self.status.as_deref().unwrap_or("open")).to_owned(),
            priority: self.priority.unwrap_or_default(),
            channel: self.via.and_then(|via| via.channel).map(|channel| text(&value(channel))).unwrap_or_default(),
            tags: self.tags.0.into_iter().chain(mapped.tags).collect(),
            requester: self.requester.as_ref().map(User::raw).unwrap_or_default(),
            assignee: self.assignee.as_ref().map(User::raw),
            category: mapped.category,
            order_id: mapped.order_id,
            custom_fields: mapped.custom_fields,
            created_at: self.created_at.unwrap_or_default(),
            updated_at: self.updated_at.unwrap_or_default(),
            resolved_at: self.metric_set.and_then(|metrics| metrics.solved_at).unwrap_or_default(),
            messages: said.map(|(_, comment)| comment.raw(requester_id, &people)).collect(),
            description,
            files,
            ..Raw::default()
        }
    }

    /// Whom it names beside their ids. Whoever a ticket is assigned to works there.
    fn people(&self) -> HashMap<i64, RawPerson> {
        let users = self.collaborator.0.iter().chain([&self.requester, &self.submitter].into_iter().flatten());
        let assignee = self.assignee.iter().filter_map(|user| Some((user.id?, RawPerson { is_agent: true, ..user.raw() })));
        users.filter_map(|user| Some((user.id?, user.raw()))).chain(assignee).collect()
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
            Some(person) => Voice::Other(person),
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

/// What stands there. What is longer than any value may be, or too deep, is its own text: no field takes that.
fn value(raw: &RawValue) -> Value {
    let text = raw.get();
    let read = if text.len() > VALUE { None } else { serde_json::from_str(text).ok() };
    read.unwrap_or_else(|| text.into())
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
            "collaborator": [{ "id": 3, "name": "Ben", "email": "ben@a.test" }, { "id": 4, "email": "cleo@a.test", "role": "agent" }], "custom_fields": [{ "id": 360001, "value": "4711" }, { "id": 360002, "value": null }],
            "metric_set": { "solved_at": null },
            "comments": [
                { "id": 1, "author_id": 1, "body": "It smokes", "public": true, "created_at": "2024-01-02T03:04:05Z", "attachments": [{ "file_name": "a.png" }] },
                { "id": 2, "author_id": 2, "plain_body": "On my way", "body": "<p>On my way", "public": true, "created_at": "2024-01-02T04:04:05Z" },
                { "id": 3, "author_id": 3, "body": "Secret", "public": false, "created_at": "2024-01-02T05:04:05Z", "attachments": null },
                { "id": 4, "author_id": 99, "body": "Who am I", "public": true, "created_at": "2024-01-02T06:04:05Z" },
                { "id": 5, "author_id": 1, "body": "Thanks", "public": true, "created_at": "2024-01-02T07:04:05Z" },
                { "id": 6, "author_id": 4, "body": "Bye", "public": true, "created_at": "2024-01-02T08:04:05Z" },
            ],
        })
    }

    /// Its columns, each as `name=value`.
    fn told(ticket: &Value) -> Vec<String> {
        let bytes = ticket.to_string();
        let ticket = Exported::parse(bytes.as_bytes()).expect("read");
        ticket.columns().map(|(name, value)| format!("{name}={}", text(&value))).collect()
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
                    Voice::Requester => "requester".to_owned(),
                    Voice::Other(person) => format!("{}{}", if person.is_agent { "agent " } else { "" }, person.email),
                    Voice::Unknown => "?".to_owned(),
                };
                format!("{voice} {} {}", said.text, said.is_internal)
            })
            .collect();
        let expected = [
            "agent ana@a.test On my way false",
            "ben@a.test Secret true",
            "? Who am I false",
            "requester Thanks false",
            "agent cleo@a.test Bye false",
        ];
        assert_eq!(said, expected);
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
        let columns = told(&ticket());
        assert_eq!(columns, ["type=incident", "group=Support", "360001=4711", "360002="]);
    }

    #[test]
    fn what_can_be_no_name_is_no_column() {
        let long = "9".repeat(256);
        let ids = [json!(long), json!("a\0b"), json!([1]), json!("é")];
        let fields: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "value": 1 })).collect();
        assert_eq!(told(&json!({ "custom_fields": fields })), ["[1]=1", "é=1"]);
    }

    #[test]
    fn a_list_of_more_than_any_ticket_has_is_refused_and_a_value_of_more_than_any_field_has_is_text() {
        let many = |one: &str, count: usize| vec![one; count].join(",");
        for (name, one, most) in
            [("comments", "{}", 5001), ("collaborator", "{}", 200), ("tags", "\"a\"", 1000), ("custom_fields", "{\"id\":1}", 400)]
        {
            let right = format!("{{\"{name}\":[{}]}}", many(one, most));
            assert!(Exported::parse(right.as_bytes()).is_ok(), "{name}");
            // What stands behind the first that is too many is not even read.
            let wrong = format!("{{\"{name}\":[{},nonsense", many(one, most + 1));
            let code = Exported::parse(wrong.as_bytes()).err().map(|flaw| flaw.code);
            assert_eq!(code.as_deref(), Some("too_long"), "{name}");
        }
        for list in [many("0", 40_000), format!("{}{}", "[".repeat(1000), "]".repeat(1000))] {
            let text = format!("{{\"custom_fields\":[{{\"id\":1,\"value\":[{list}]}}]}}");
            let ticket = Exported::parse(text.as_bytes()).expect("read");
            assert!(ticket.columns().all(|(_, value)| value.is_string()), "{}", &text[..60]);
        }
    }
}
