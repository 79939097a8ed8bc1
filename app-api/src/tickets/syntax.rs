//! What one writes to search: words, `"exact words"`, `-without`, and conditions as `status:open` or
//! `created>=2026-01-01`. A condition that is none is refused by name; everything else is text, whatever it holds.

mod pieces;

use std::fmt::{self, Display};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use pieces::{Piece, pieces};
use shared::Error;

use super::{model::Priority, status::Status, visibility::Viewer};
use crate::people::{PersonId, says_enough};

/// As many characters may be asked for.
const LONGEST: usize = 500;
/// As many values may stand behind one key.
const VALUES: usize = 20;
/// So many people may be looked for by a part of their name or address: each time all names are gone through.
const NAMES: usize = 2;
const KEYS: &str = "status, priority, category, tag, order, assignee, requester, is, created, updated";

/// What is searched for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Search {
    /// Words, each in any of its forms.
    pub words: Vec<String>,
    /// Words that stand side by side as they are.
    pub phrases: Vec<String>,
    /// Words that must not be there.
    pub without: Vec<String>,
    /// The same, side by side.
    pub without_phrases: Vec<String>,
    /// What the ticket must be.
    pub conditions: Vec<Condition>,
}

/// Something that a ticket must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Condition {
    /// In any of these statuses.
    Status(Vec<Status>),
    /// Of any of these priorities.
    Priority(Vec<Priority>),
    /// In any of these categories.
    Category(Vec<String>),
    /// With this tag; staff only.
    Tag(String),
    /// About this order.
    Order(String),
    /// Given to them.
    Assignee(Whom),
    /// Asked by them.
    Requester(Whom),
    /// Then or later.
    From(Time, DateTime<Utc>),
    /// Before.
    Before(Time, DateTime<Utc>),
}

/// Somebody, as one names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Whom {
    /// Who asks.
    Me,
    /// Nobody at all.
    Nobody,
    /// Whoever it is.
    Anybody,
    /// By id.
    Person(PersonId),
    /// By a part of their name or address; staff only.
    Named(String),
}

/// Which time of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Time {
    /// When it was opened.
    Created,
    /// When it last changed.
    Updated,
}

/// Why a text is no search: a code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Stable.
    pub code: &'static str,
    /// Names key and value.
    pub message: String,
}

impl Wrong {
    fn new(code: &'static str, message: String) -> Self {
        Self { code, message }
    }

    /// What is wrong with the parameter of that name.
    pub fn of(self, field: &str) -> Error {
        Error::field(field, self.code, self.message)
    }
}

impl Search {
    /// What `text` asks for.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.chars().count() > LONGEST {
            return Err(Wrong::new("too_long", format!("At most {LONGEST} characters.")));
        }
        let mut search = Self::default();
        for piece in pieces(text) {
            match piece {
                Piece::Word { text, wanted: true } => search.words.push(text),
                Piece::Word { text, wanted: false } => search.without.push(text),
                Piece::Phrase { text, wanted: true } => search.phrases.push(text),
                Piece::Phrase { text, wanted: false } => search.without_phrases.push(text),
                Piece::Condition { key, operator, value, is_quoted, wanted } => {
                    if !wanted {
                        return Err(Wrong::new("invalid", format!("{key}: only words can be left out with -.")));
                    }
                    search.conditions.extend(conditions(&key, operator, &value, is_quoted)?);
                }
            }
        }
        Ok(search)
    }

    /// Whether any text is looked for.
    pub fn has_text(&self) -> bool {
        !(self.words.is_empty() && self.phrases.is_empty())
    }

    /// Whether any text must not be there.
    pub fn leaves_out(&self) -> bool {
        !(self.without.is_empty() && self.without_phrases.is_empty())
    }

    /// Whether texts or names are gone through: that costs what the words make it cost.
    pub fn reads_text(&self) -> bool {
        self.has_text() || self.leaves_out() || self.names().next().is_some()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().filter_map(|condition| match condition {
            Condition::Assignee(Whom::Named(name)) | Condition::Requester(Whom::Named(name)) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Refuses names of which there are too many, or which too many have.
    pub fn must_be_narrow(&self) -> Result<(), Wrong> {
        if self.names().count() > NAMES {
            let message = format!("At most {NAMES} parts of a name or address. Put ids in the place of others.");
            return Err(Wrong::new("too_broad", message));
        }
        match self.names().find(|name| !says_enough(name)) {
            Some(name) => Err(Wrong::new("too_broad", format!("{name}: too many are called so. Write three letters at least."))),
            None => Ok(()),
        }
    }

    /// The same as `me` asks it, as far as `viewer` may ask: of tags and of others' addresses a customer knows nothing. Whoever
    /// may is refused what finds too many.
    pub fn asked_by(mut self, me: PersonId, viewer: Viewer) -> Result<Self, Wrong> {
        for condition in &mut self.conditions {
            match condition {
                Condition::Tag(_) if !viewer.is_staff() => return Err(unknown("tag")),
                Condition::Assignee(whom) | Condition::Requester(whom) => match whom {
                    Whom::Me => *whom = Whom::Person(me),
                    Whom::Named(name) if !viewer.is_staff() => {
                        return Err(Wrong::new("unknown_value", format!("{name}: an id, me or none.")));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        self.must_be_narrow()?;
        Ok(self)
    }
}

fn unknown(key: &str) -> Wrong {
    let message = format!("{key}: there is no such condition, only {KEYS}. Put it in quotes to search for the text.");
    Wrong::new("unknown_field", message)
}

fn conditions(key: &str, operator: &str, value: &str, is_quoted: bool) -> Result<Vec<Condition>, Wrong> {
    if value.trim().is_empty() {
        return Err(Wrong::new("required", format!("{key}: say which.")));
    }
    let one = |condition| Ok(vec![condition]);
    match key {
        "created" => times(Time::Created, key, operator, value),
        "updated" => times(Time::Updated, key, operator, value),
        "status" => one(Condition::Status(each(key, value, is_quoted, Status::parse)?)),
        "priority" => one(Condition::Priority(each(key, value, is_quoted, Priority::parse)?)),
        "category" => one(Condition::Category(each(key, value, is_quoted, category)?)),
        "tag" => one(Condition::Tag(value.to_owned())),
        "order" => one(Condition::Order(value.to_owned())),
        "assignee" => one(Condition::Assignee(whom(value))),
        "requester" => match whom(value) {
            Whom::Nobody | Whom::Anybody => Err(bad(key, value)),
            whom => one(Condition::Requester(whom)),
        },
        "is" => match value {
            "assigned" => one(Condition::Assignee(Whom::Anybody)),
            "unassigned" => one(Condition::Assignee(Whom::Nobody)),
            _ => Err(Wrong::new("unknown_value", format!("is: {value} is none of assigned, unassigned."))),
        },
        _ => Err(unknown(key)),
    }
}

fn bad(key: &str, value: &str) -> Wrong {
    Wrong::new("unknown_value", format!("{key}: {value} is none of its values."))
}

/// The values behind a key, separated by commas unless they were quoted.
fn each<T>(key: &str, value: &str, is_quoted: bool, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Wrong> {
    let words: Vec<&str> = if is_quoted { vec![value] } else { value.split(',').filter(|word| !word.is_empty()).collect() };
    match words.len() {
        0 => Err(Wrong::new("required", format!("{key}: say which."))),
        n if n > VALUES => Err(Wrong::new("too_long", format!("{key}: at most {VALUES} values."))),
        _ => words.into_iter().map(|word| read(word).ok_or_else(|| bad(key, word))).collect(),
    }
}

fn category(word: &str) -> Option<String> {
    (!word.starts_with('"')).then(|| word.to_owned())
}

fn whom(value: &str) -> Whom {
    match value {
        "me" => Whom::Me,
        "none" => Whom::Nobody,
        "any" => Whom::Anybody,
        _ => value.parse().map_or_else(|_| Whom::Named(value.to_owned()), Whom::Person),
    }
}

/// A day is all of it, a moment is itself.
fn times(time: Time, key: &str, operator: &str, value: &str) -> Result<Vec<Condition>, Wrong> {
    let wrong = || Wrong::new("invalid", format!("{key}: {value} is no day, as 2026-01-31, and no time, as 2026-01-31T09:00:00Z."));
    let (first, behind) = match value.parse::<NaiveDate>() {
        Ok(day) => {
            let first = day.and_time(NaiveTime::MIN).and_utc();
            (first, first.checked_add_signed(TimeDelta::days(1)))
        }
        Err(_) => {
            let moment = value.parse::<DateTime<Utc>>().map_err(|_| wrong())?;
            (moment, moment.checked_add_signed(TimeDelta::microseconds(1)))
        }
    };
    let behind = behind.ok_or_else(wrong)?;
    if !(1..=9999).contains(&first.year()) || !(1..=9999).contains(&behind.year()) {
        return Err(Wrong::new("out_of_range", format!("{key}: the years 1 to 9999.")));
    }
    Ok(match operator {
        ">=" => vec![Condition::From(time, first)],
        ">" => vec![Condition::From(time, behind)],
        "<" => vec![Condition::Before(time, first)],
        "<=" => vec![Condition::Before(time, behind)],
        _ => vec![Condition::From(time, first), Condition::Before(time, behind)],
    })
}

impl Display for Search {
    /// As one would write it.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut space = "";
        let mut put = |text: &dyn Display| {
            let done = write!(to, "{space}{text}");
            space = " ";
            done
        };
        self.conditions.iter().try_for_each(|condition| put(condition))?;
        self.words.iter().try_for_each(|word| put(word))?;
        self.phrases.iter().try_for_each(|phrase| put(&format_args!("\"{phrase}\"")))?;
        self.without.iter().try_for_each(|word| put(&format_args!("-{word}")))?;
        self.without_phrases.iter().try_for_each(|phrase| put(&format_args!("-\"{phrase}\"")))
    }
}

impl Display for Condition {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        match self {
            Self::Status(all) => write!(to, "status:{}", listed(all.iter().map(|status| status.as_str()))),
            Self::Priority(all) => write!(to, "priority:{}", listed(all.iter().map(|priority| priority.as_str()))),
            Self::Category(all) => write!(to, "category:{}", listed(all.iter().map(String::as_str))),
            Self::Tag(tag) => write!(to, "tag:{}", quoted(tag)),
            Self::Order(order) => write!(to, "order:{}", quoted(order)),
            Self::Assignee(whom) => write!(to, "assignee:{whom}"),
            Self::Requester(whom) => write!(to, "requester:{whom}"),
            Self::From(time, at) => write!(to, "{}>={}", time.key(), moment(at)),
            Self::Before(time, at) => write!(to, "{}<{}", time.key(), moment(at)),
        }
    }
}

impl Display for Whom {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Me => to.write_str("me"),
            Self::Nobody => to.write_str("none"),
            Self::Anybody => to.write_str("any"),
            Self::Person(id) => write!(to, "{id}"),
            Self::Named(name) => to.write_str(&quoted(name)),
        }
    }
}

impl Time {
    fn key(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
        }
    }
}

/// In quotes where it would be read as several parts without.
fn quoted(value: &str) -> String {
    if value.contains(char::is_whitespace) { format!("\"{value}\"") } else { value.to_owned() }
}

fn listed<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for value in values {
        text += if text.is_empty() { "" } else { "," };
        text += &if value.contains(',') { format!("\"{value}\"") } else { quoted(value) };
    }
    text
}

impl<'de> Deserialize<'de> for Search {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(|wrong| serde::de::Error::custom(format!("{}: {}", wrong.code, wrong.message)))
    }
}

#[cfg(test)]
mod tests;
