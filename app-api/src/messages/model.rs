//! A message and its parts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{media::Attachment, people::PersonId};

const LONGEST: usize = 65_536;

/// On which side the sender stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SenderType {
    /// The requester.
    Customer,
    /// A member.
    Agent,
    /// The system itself.
    System,
}

impl SenderType {
    /// The word in database and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::System => "system",
        }
    }

    pub(super) fn parse(word: &str) -> Self {
        match word {
            "customer" => Self::Customer,
            "agent" => Self::Agent,
            _ => Self::System,
        }
    }
}

/// What is said: 1 to 65 536 characters of Markdown, without NUL.
#[derive(Debug, Clone, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 65_536)]
pub struct Body(String);

impl Body {
    /// The text in `text`, or why it is none.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("required: Write something.");
        }
        if text.chars().count() > LONGEST {
            return Err("too_long: At most 65536 characters.");
        }
        if text.contains('\0') {
            return Err("invalid: NUL is not allowed.");
        }
        Ok(Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// A message to be added to a thread.
#[derive(Debug)]
pub struct NewMessage<'a> {
    /// The thread's ticket.
    pub ticket_id: i64,
    /// Who says it.
    pub sender_id: PersonId,
    /// On which side.
    pub sender_type: SenderType,
    /// What.
    pub body: &'a Body,
    /// The same as safe HTML, see [`super::rendered`].
    pub html: &'a str,
    /// Only for colleagues.
    pub is_internal: bool,
}

/// A message that comes from elsewhere, with its ticket.
#[derive(Debug, Serialize)]
pub struct Brought<'a> {
    /// The thread's ticket.
    pub ticket_id: i64,
    /// Who said it; nobody where that is not known.
    pub sender_id: Option<PersonId>,
    /// On which side.
    pub sender_type: SenderType,
    /// What.
    pub message: &'a str,
    /// The same as safe HTML.
    pub message_html: &'a str,
    /// Only for colleagues.
    pub is_internal: bool,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A message as it is read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Message {
    /// Its id.
    pub id: i64,
    /// The ticket in whose thread it stands.
    pub ticket_id: i64,
    /// Who said it; null for the system.
    pub sender_id: Option<PersonId>,
    /// On which side they stand.
    pub sender_type: SenderType,
    /// The sender's name as the reader may know it; null for the system.
    pub sender_name: Option<String>,
    /// What was written, in Markdown.
    pub message: String,
    /// The same as safe HTML.
    pub message_html: String,
    /// A note among colleagues; never shown to customers.
    pub is_internal: bool,
    /// Files that belong to it; where each is to be had says the file itself.
    pub attachments: Vec<Attachment>,
    /// When the other side read it.
    pub read_at: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
