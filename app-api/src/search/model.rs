//! What is found, and how it is asked.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    people::PersonId,
    tickets::{Priority, Search, Status, number_part},
};

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A ticket, by its number, subject, description or tags.
    Ticket,
    /// A message in its thread.
    Message,
}

/// Which kinds are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Kinds {
    /// Tickets.
    pub tickets: bool,
    /// Messages.
    pub messages: bool,
}

impl Default for Kinds {
    fn default() -> Self {
        Self { tickets: true, messages: true }
    }
}

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let mut kinds = Self { tickets: false, messages: false };
        for word in text.split(',') {
            match word {
                "ticket" => kinds.tickets = true,
                "message" => kinds.messages = true,
                _ => return Err(serde::de::Error::custom("unknown_value: ticket, message or both.")),
            }
        }
        Ok(kinds)
    }
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Requester {
    /// Their id.
    pub id: PersonId,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
}

/// The ticket that was found, or in whose thread something was.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FoundTicket {
    /// Its id.
    pub id: i64,
    /// Its number, for people.
    pub ticket_number: String,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// How much it presses.
    pub priority: Priority,
    /// Who asked.
    pub requester: Requester,
    /// The assignee's id.
    pub assigned_to: Option<PersonId>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Where the words stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Highlight {
    /// `ticket_number`, `subject`, `tags`, `description` or `message`.
    pub field: &'static str,
    /// The text around them as safe HTML: `<mark>` around each word, and no other element.
    pub html: String,
}

/// Something that was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Hit {
    /// What.
    pub kind: Kind,
    /// The ticket.
    pub ticket: FoundTicket,
    /// The message's id, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<i64>,
    /// Whether the message is a note among colleagues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_internal: Option<bool>,
    /// Where the words stand.
    pub highlights: Vec<Highlight>,
    /// How well it fits: from 3 the number is the ticket's, from 2 it begins or ends so, from 1 the words are there,
    /// below that only similar ones.
    pub score: f64,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// Where a page ended, and since when its list is the same.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Place {
    /// When the first page was read: what came later is not in the list.
    pub begun: DateTime<Utc>,
    /// Whether similar words count.
    pub is_loose: bool,
    /// The last one's score, in millionths.
    pub score: i64,
    /// Its ticket.
    pub ticket_id: i64,
    /// Its message; 0 is the ticket itself.
    pub message_id: i64,
}

/// The part of a number that is looked for: it stands alone.
pub fn number_in(search: &Search) -> Option<String> {
    match search.words.as_slice() {
        [word] if search.phrases.is_empty() => number_part(word),
        _ => None,
    }
}

/// The words that may be misspelled. Short ones are like too many others, and what stands in quotes is meant so.
pub fn spelled(search: &Search) -> Vec<String> {
    let is_long = |word: &&String| word.chars().filter(|c| c.is_alphanumeric()).count() >= 4;
    let bare = |word: &String| number_part(word).unwrap_or_else(|| word.clone());
    let words: Vec<String> = search.words.iter().filter(is_long).take(8).map(bare).collect();
    if search.phrases.is_empty() && words.len() == search.words.len().min(8) { words } else { Vec::new() }
}

/// How alike similar words are, from 0 to 1 (`word_similarity`). Two letters that have changed places leave three eighths
/// of a long word; a short one that is no more alike is another word.
pub fn likeness(words: &[String]) -> f32 {
    if words.iter().all(|word| word.chars().count() >= 7) { 0.36 } else { 0.45 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_the_words_the_less_alike_they_need_be() {
        let of = |text: &str| likeness(&spelled(&Search::parse(text).expect(text)));
        assert!(of("pritner") < of("fire"));
        assert_eq!(of("pritner fire").to_bits(), of("fire").to_bits());
    }

    #[test]
    fn numbers_stand_alone_and_short_words_are_spelled_right() {
        for (text, number, words) in [
            ("TKT-2345", Some("2345"), vec!["2345"]),
            ("2345 status:open", Some("2345"), vec!["2345"]),
            ("2345 printer", None, vec!["2345", "printer"]),
            ("\"2345\"", None, vec![]),
            ("pritner", None, vec!["pritner"]),
            ("pritner on fire", None, vec![]),
            ("\"pritner\"", None, vec![]),
            ("((((", None, vec![]),
            ("", None, vec![]),
        ] {
            let search = Search::parse(text).expect(text);
            assert_eq!(
                (number_in(&search).as_deref(), spelled(&search)),
                (number, words.iter().map(ToString::to_string).collect()),
                "{text}"
            );
        }
    }
}
