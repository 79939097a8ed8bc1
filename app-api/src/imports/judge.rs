//! What of a record becomes a ticket, and what is wrong with it. Pure: who its people are here is looked up for many at once.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use shared::{FieldError, email::Email, name::Name};

use super::{
    raw::{Flaw, Raw, RawMessage, RawPerson, Voice},
    words,
};
use crate::{
    categories::{Known, Named},
    messages::{self, Body, SenderType},
    people::Addressee,
    tickets::{CustomFields, Label, Priority, Status, Subject},
};

/// Tags of a ticket, and messages of a thread, at most.
const MOST_TAGS: usize = 20;
pub(super) const MOST_MESSAGES: usize = 5000;
/// Flaws of a record that are told, at most.
const MOST_FLAWS: usize = 20;
/// How a ticket came of which nothing else is said.
const CHANNEL: &str = "import";
/// A source's clock may be a little ahead.
const AHEAD: TimeDelta = TimeDelta::days(1);
/// The first year of which anybody has tickets.
const FIRST: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// A ticket to be, whose people are known by their addresses.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// Its id at the source.
    pub external_id: String,
    pub subject: String,
    /// Markdown, and safe HTML.
    pub description: (String, String),
    pub status: Status,
    pub priority: Priority,
    pub category: Option<Named>,
    pub order_id: Option<String>,
    pub channel: String,
    pub tags: Vec<String>,
    pub custom_fields: Value,
    pub requester: Addressee,
    pub assignee: Option<Addressee>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub messages: Vec<DraftMessage>,
}

/// A message to be.
#[derive(Debug, Clone)]
pub(super) struct DraftMessage {
    /// On which side the file has its author: whoever works here is on ours.
    pub side: SenderType,
    /// Nobody where the file does not say.
    pub author: Option<Addressee>,
    pub text: (String, String),
    pub is_internal: bool,
    pub at: DateTime<Utc>,
}

/// What a record comes to: a ticket, if nothing is an error, and its flaws.
pub(super) type Judged = (Option<Draft>, Vec<Flaw>);

/// There was no time to judge a record to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Late;

/// Judges a record. `fallback` is its id where the file gives it none. `is_late` says whether there is no time left: a thread of
/// thousands takes its time, and nobody can break it off.
pub(super) fn judge(raw: Raw, known: &Known, now: DateTime<Utc>, fallback: &str, is_late: &dyn Fn() -> bool) -> Result<Judged, Late> {
    let mut flaws = Vec::new();
    let draft = draft(raw, known, now, (fallback, &mut flaws), is_late)?;
    let is_right = flaws.iter().all(|flaw: &Flaw| flaw.is_warning);
    if flaws.len() > MOST_FLAWS {
        // Told first is what keeps it from coming.
        flaws.sort_by_key(|flaw| flaw.is_warning);
        flaws.truncate(MOST_FLAWS);
    }
    Ok((draft.filter(|_| is_right), flaws))
}

fn draft(
    raw: Raw,
    known: &Known,
    now: DateTime<Utc>,
    (fallback, flaws): (&str, &mut Vec<Flaw>),
    is_late: &dyn Fn() -> bool,
) -> Result<Option<Draft>, Late> {
    let external_id = external_id(raw.external_id.as_deref(), fallback, flaws);
    let requester = addressee(&raw.requester).map_err(|told| flaws.push(Flaw::told("requester_email", told))).ok();
    let description = description(&raw, flaws);
    let subject = subject(&raw, flaws);
    let (category, custom_fields) = about(&raw, known, flaws);
    let times = times(&raw, now, flaws);
    let tags = tags(&raw.tags, flaws);
    let order_id = label("order_id", &raw.order_id, flaws);
    let channel = channel(&raw.channel, flaws);
    let assignee = raw.assignee.as_ref().and_then(|person| {
        addressee(person)
            .map_err(|_| {
                flaws.push(Flaw::warning(
                    "assignee_email",
                    "unknown_value",
                    "Nobody works here under that address: the ticket is nobody's.",
                ))
            })
            .ok()
    });
    let status = status(&raw.status, flaws);
    let priority = words::priority(&raw.priority);
    if priority.is_none() {
        flaws.push(Flaw::error("priority", "unknown_value", "There is no such priority."));
    }
    if raw.files > 0 {
        flaws.push(Flaw::warning("attachments", "left_out", format!("Files stay where they are: {}.", raw.files)));
    }
    let (Some(times), Some(requester)) = (times, requester) else { return Ok(None) };
    let Times { created_at, updated_at, resolved_at, closed_at } = times;
    let messages = thread(raw.messages, &requester, (created_at, now), flaws, is_late)?;
    let (Some(subject), Some(description), Some(custom_fields)) = (subject, description, custom_fields) else { return Ok(None) };
    let (Some(status), Some(priority)) = (status, priority) else { return Ok(None) };
    Ok(Some(Draft {
        external_id,
        subject,
        description,
        resolved_at: resolved_at
            .filter(|_| matches!(status, Status::Resolved | Status::Closed))
            .or((status == Status::Resolved).then_some(updated_at)),
        closed_at: (status == Status::Closed).then(|| closed_at.unwrap_or(updated_at)),
        status,
        priority,
        category,
        order_id,
        channel,
        tags,
        custom_fields,
        requester,
        assignee,
        created_at,
        updated_at,
        messages,
    }))
}

fn external_id(given: Option<&str>, fallback: &str, flaws: &mut Vec<Flaw>) -> String {
    match given {
        None => fallback.to_owned(),
        Some(id) => match shared::line::Line::<255>::parse(id) {
            Ok(id) => id.into_text(),
            Err(told) => {
                flaws.push(Flaw::told("external_id", &told));
                fallback.to_owned()
            }
        },
    }
}

/// Somebody with an address; their name as far as it is given.
fn addressee(person: &RawPerson) -> Result<Addressee, &'static str> {
    if person.email.trim().is_empty() {
        return Err("required: There is no address.");
    }
    let email = Email::try_from(person.email.clone())?;
    let whole = name(&person.name).unwrap_or_default();
    let (first, last) = whole.split_once(' ').unwrap_or((&whole, ""));
    let named = |given: &str, otherwise: &str| name(given).unwrap_or_else(|| otherwise.to_owned());
    let local = email.as_str().split('@').next().unwrap_or_default();
    let firstname = named(&person.firstname, if first.is_empty() { local } else { first });
    Ok(Addressee { email: email.as_str().to_owned(), firstname, lastname: named(&person.lastname, last.trim()) })
}

/// A name, if the platform would take it as one: a link is none, and what nobody sees is no part of one.
fn name(given: &str) -> Option<String> {
    Name::try_from(clean(given)).ok().map(Name::into_text)
}

/// A text of one line, 255 characters at most.
fn clean(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(255).collect()
}

/// What is asked; without it, what it is about.
fn description(raw: &Raw, flaws: &mut Vec<Flaw>) -> Option<(String, String)> {
    let text = if raw.description.trim().is_empty() { &raw.subject } else { &raw.description };
    match Body::parse(text) {
        Ok(body) => Some((body.as_str().to_owned(), messages::html(body.as_str()))),
        Err(told) => {
            flaws.push(Flaw::told(if raw.description.trim().is_empty() { "subject" } else { "description" }, told));
            None
        }
    }
}

/// What it is about; without it, how the description begins.
fn subject(raw: &Raw, flaws: &mut Vec<Flaw>) -> Option<String> {
    let given: String = raw.subject.chars().map(|c| if c.is_control() && c != '\0' { ' ' } else { c }).collect();
    if given.trim().is_empty() {
        let begins: String =
            clean(raw.description.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()).chars().take(80).collect();
        // Where that is nothing either, it was said of the subject already.
        return Some(begins).filter(|begins| !begins.is_empty());
    }
    Subject::parse(&given).map(|subject| subject.into_text()).map_err(|told| flaws.push(Flaw::told("subject", &told))).ok()
}

fn status(word: &str, flaws: &mut Vec<Flaw>) -> Option<Status> {
    if word.trim().is_empty() {
        return Some(Status::Open);
    }
    let known = words::status(word);
    if known.is_none() {
        flaws.push(Flaw::error("status", "unknown_value", "There is no such status."));
    }
    known
}

/// Category and values of custom fields.
fn about(raw: &Raw, known: &Known, flaws: &mut Vec<Flaw>) -> (Option<Named>, Option<Value>) {
    let word = label("category", &raw.category, flaws);
    let category = word.as_deref().and_then(|word| {
        let found = known.category(word);
        if found.is_none() {
            flaws.push(Flaw::error("category", "unknown_value", "There is no such category."));
        }
        found
    });
    let id = category.as_ref().and_then(|category| category.id);
    // Within their bounds first: whatever is done with each value and each key is done of so many at most.
    let given = bounded(Value::Object(raw.custom_fields.clone()), flaws);
    let values = given.as_ref().and_then(Value::as_object).and_then(|given| {
        let wrong = |wrong: FieldError| Flaw::error(wrong.field, &wrong.code, wrong.message);
        known.values(id, given).map_err(|all| flaws.extend(all.into_iter().map(wrong))).ok()
    });
    let values = values.and_then(|values| bounded(values, flaws));
    (category, values)
}

/// Values within the bounds that every ticket has.
fn bounded(values: Value, flaws: &mut Vec<Flaw>) -> Option<Value> {
    match serde_json::from_value::<CustomFields>(values) {
        Ok(fields) => Some(fields.to_json()),
        Err(told) => {
            flaws.push(Flaw::told("custom_fields", &told.to_string()));
            None
        }
    }
}

fn label(field: &str, text: &str, flaws: &mut Vec<Flaw>) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    Label::parse(text).map(|label| label.into_text()).map_err(|told| flaws.push(Flaw::told(field, &told))).ok()
}

/// How it came; what can be no word for that is not kept.
fn channel(text: &str, flaws: &mut Vec<Flaw>) -> String {
    if text.trim().is_empty() {
        return CHANNEL.to_owned();
    }
    if let Ok(channel) = Label::parse(text) {
        return channel.into_text();
    }
    flaws.push(Flaw::warning("channel", "changed", format!("A channel has 64 characters of one line: it is `{CHANNEL}`.")));
    CHANNEL.to_owned()
}

/// Each tag once, twenty at most; what cannot be one is left out.
fn tags(given: &[String], flaws: &mut Vec<Flaw>) -> Vec<String> {
    let (mut kept, mut left_out): (Vec<String>, usize) = (Vec::new(), 0);
    for tag in given.iter().filter(|tag| !tag.trim().is_empty()) {
        match Label::parse(tag) {
            Ok(tag) if kept.iter().any(|known| known == tag.as_str()) => {}
            Ok(tag) if kept.len() < MOST_TAGS => kept.push(tag.into_text()),
            _ => left_out += 1,
        }
    }
    if left_out > 0 {
        flaws.push(Flaw::warning("tags", "left_out", format!("A ticket has {MOST_TAGS} tags of 64 characters: {left_out} were left out.")));
    }
    kept
}

struct Times {
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
}

/// Its times in their order: what is told to be before what it follows from is taken for the same time.
fn times(raw: &Raw, now: DateTime<Utc>, flaws: &mut Vec<Flaw>) -> Option<Times> {
    let before = flaws.len();
    let mut read = |field: &str, text: &str| {
        if text.trim().is_empty() {
            return None;
        }
        match words::time(text) {
            Some(at) if at < FIRST || at > now + AHEAD => flaws.push(Flaw::error(field, "out_of_range", "A time from 1970 until now.")),
            Some(at) => return Some(at.min(now)),
            None => flaws.push(Flaw::error(field, "invalid", "A time as 2026-03-02T09:00:00Z.")),
        }
        None
    };
    let created_at = read("created_at", &raw.created_at);
    let updated_at = read("updated_at", &raw.updated_at);
    let resolved_at = read("resolved_at", &raw.resolved_at);
    let closed_at = read("closed_at", &raw.closed_at);
    if flaws.len() > before {
        return None;
    }
    let created_at = created_at.or_else(|| [updated_at, resolved_at, closed_at].into_iter().flatten().min()).unwrap_or(now);
    let resolved_at = resolved_at.map(|at| at.max(created_at));
    let closed_at = closed_at.map(|at| at.max(resolved_at.unwrap_or(created_at)));
    let latest = closed_at.or(resolved_at).unwrap_or(created_at);
    Some(Times { created_at, updated_at: updated_at.unwrap_or(latest).max(latest), resolved_at, closed_at })
}

/// What was said, in the order of time. What has no time was said when the one before it was.
fn thread(
    said: Vec<RawMessage>,
    requester: &Addressee,
    (created_at, now): (DateTime<Utc>, DateTime<Utc>),
    flaws: &mut Vec<Flaw>,
    is_late: &dyn Fn() -> bool,
) -> Result<Vec<DraftMessage>, Late> {
    if said.len() > MOST_MESSAGES {
        flaws.push(Flaw::error("messages", "too_long", format!("At most {MOST_MESSAGES} messages.")));
        return Ok(Vec::new());
    }
    let (mut kept, mut last): (Vec<DraftMessage>, _) = (Vec::new(), created_at);
    for (n, said) in said.into_iter().enumerate().filter(|(_, said)| !said.text.trim().is_empty()) {
        if is_late() {
            return Err(Late);
        }
        let field = format!("messages[{n}]");
        let body = match Body::parse(&said.text) {
            Ok(body) => body,
            Err(told) => {
                flaws.push(Flaw::told(&field, told));
                continue;
            }
        };
        let at = words::time(&said.created_at);
        if at.is_none() && !said.created_at.trim().is_empty() {
            let why = "This is no time as 2026-03-02T09:00:00Z: it was said when the one before it was.";
            flaws.push(Flaw::warning(format!("{field}.created_at"), "changed", why));
        }
        last = at.unwrap_or(last).clamp(created_at, now);
        let (side, author) = speaker(&said, requester, (&field, flaws));
        let text = (body.as_str().to_owned(), messages::html(body.as_str()));
        kept.push(DraftMessage { side, author, text, is_internal: said.is_internal, at: last });
    }
    kept.sort_by_key(|said| said.at);
    Ok(kept)
}

/// Who says that, and on which side: an agent is whom the file calls one, and whoever writes notes among colleagues.
fn speaker(said: &RawMessage, requester: &Addressee, (field, flaws): (&str, &mut Vec<Flaw>)) -> (SenderType, Option<Addressee>) {
    let (author, is_agent) = match &said.voice {
        Voice::Requester => return (SenderType::Customer, Some(requester.clone())),
        Voice::Other(person) => (addressee(person).ok(), person.is_agent || said.is_internal),
        Voice::Unknown => (None, false),
    };
    match author {
        Some(author) if author.email == requester.email => (SenderType::Customer, Some(requester.clone())),
        Some(author) => (if is_agent { SenderType::Agent } else { SenderType::Customer }, Some(author)),
        None => {
            flaws.push(Flaw::warning(field, "unknown_value", "The file does not say whose words these are."));
            (SenderType::System, None)
        }
    }
}
