//! A ticket as a file has it, before anything of it was judged. Pure.

use serde_json::{Map, Value, error::Category};

/// A ticket of whatever file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Raw {
    pub external_id: Option<String>,
    pub subject: String,
    pub description: String,
    /// Ours or another's word; empty for none.
    pub status: String,
    pub priority: String,
    pub category: String,
    pub order_id: String,
    pub channel: String,
    pub tags: Vec<String>,
    pub requester: RawPerson,
    pub assignee: Option<RawPerson>,
    pub created_at: String,
    pub updated_at: String,
    pub resolved_at: String,
    pub closed_at: String,
    pub messages: Vec<RawMessage>,
    pub custom_fields: Map<String, Value>,
    /// Files that hang on it: they stay where they are.
    pub files: usize,
}

/// Somebody in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RawPerson {
    pub email: String,
    /// First and last name in one.
    pub name: String,
    pub firstname: String,
    pub lastname: String,
    /// The file says that they work at the helpdesk it comes from.
    pub is_agent: bool,
}

/// Whose words they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Voice {
    /// The requester's.
    Requester,
    /// Somebody else's.
    Other(RawPerson),
    /// The file does not say.
    Unknown,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawMessage {
    pub voice: Voice,
    pub text: String,
    pub is_internal: bool,
    pub created_at: String,
}

/// Characters of a flaw's field and of its message, at most.
const FIELD: usize = 255;
const MESSAGE: usize = 1000;

/// What is wrong with a record. Field and message may quote the file: they are short, and without control characters, which no
/// database takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    /// The ticket is brought all the same.
    pub is_warning: bool,
    pub field: String,
    pub code: String,
    pub message: String,
}

impl Flaw {
    /// Because of this the ticket is not brought.
    pub fn error(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        let (field, message): (String, String) = (field.into(), message.into());
        Self { is_warning: false, field: told(&field, FIELD), code: code.to_owned(), message: told(&message, MESSAGE) }
    }

    /// This is another way than it stands there.
    pub fn warning(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { is_warning: true, ..Self::error(field, code, message) }
    }

    /// The same of JSON that cannot be read.
    pub fn of_json(field: &str, error: &serde_json::Error) -> Self {
        let told = error.to_string();
        if told.starts_with("too_long: ") {
            Self::told(field, &told)
        } else {
            // Its own words quote what stands there, which may be a sensitive value.
            let why = match error.classify() {
                Category::Syntax => "it is no JSON",
                Category::Eof => "it ends too early",
                Category::Data | Category::Io => "it is not what belongs here",
            };
            Self::error(field, "invalid", format!("This cannot be read: {why}, at line {}, column {}.", error.line(), error.column()))
        }
    }

    /// The same from a sentence that begins with its code.
    pub fn told(field: &str, sentence: &str) -> Self {
        let (code, message) = sentence.split_once(": ").unwrap_or(("invalid", sentence));
        Self::error(field, code, message)
    }
}

fn told(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaw_is_short_and_without_control_characters_whatever_it_quotes() {
        let long = format!("é\0\n{}", "é".repeat(5000));
        for flaw in [Flaw::error(long.clone(), "invalid", long.clone()), Flaw::warning(long.clone(), "invalid", long.clone())] {
            assert_eq!((flaw.field, flaw.message), ("é".repeat(255), "é".repeat(1000)));
        }
        for (text, told) in [
            ("\"FR76\"", "This cannot be read: it is not what belongs here, at line 1, column 6."),
            ("{\"a\": FR76}", "This cannot be read: it is no JSON, at line 1, column 7."),
            ("{\"a\": \"FR76", "This cannot be read: it ends too early, at line 1, column 11."),
        ] {
            let error = serde_json::from_str::<Map<String, Value>>(text).expect_err(text);
            assert_eq!(Flaw::of_json("custom_fields", &error).message, told, "no word of what stands there");
        }
        assert_eq!(Flaw::told("a\0b", "invalid: c\0d"), Flaw::error("ab", "invalid", "cd"));
    }
}
