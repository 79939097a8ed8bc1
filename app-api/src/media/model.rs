//! A file as it is kept and told, and who sees it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::preview::Exif;
use crate::people::PersonId;

/// Whether a file was looked at for malware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScanStatus {
    /// Not yet; nobody gets it.
    Pending,
    /// Nothing was found.
    Clean,
    /// Something was found, and the file is gone.
    Infected,
    /// There is nobody here to look.
    Skipped,
}

impl ScanStatus {
    /// The word in database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Clean => "clean",
            Self::Infected => "infected",
            Self::Skipped => "skipped",
        }
    }

    /// The status of that word; of any other the one in which nobody gets the file.
    pub(super) fn parse(word: &str) -> Self {
        [Self::Clean, Self::Infected, Self::Skipped].into_iter().find(|status| status.as_str() == word).unwrap_or(Self::Pending)
    }

    /// Whether the file may be given away.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Clean | Self::Skipped)
    }
}

/// Whether there is a small picture of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PreviewStatus {
    /// No, and none is made.
    None,
    /// One is about to be made.
    Pending,
    /// Yes.
    Ready,
    /// None could be made.
    Failed,
}

impl PreviewStatus {
    /// The status of that word; of any other the one without a picture.
    pub(super) fn parse(word: &str) -> Self {
        match word {
            "pending" => Self::Pending,
            "ready" => Self::Ready,
            "failed" => Self::Failed,
            _ => Self::None,
        }
    }
}

/// A file in a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attachment {
    /// Its id.
    pub id: i64,
    /// The ticket.
    pub ticket_id: i64,
    /// The message that it belongs to; null for what is the ticket's own, or waits for its message.
    pub message_id: Option<i64>,
    /// Whether it waits for a message of whoever sent it, and is seen by them alone until then.
    pub awaits_message: bool,
    /// What it was called, to be shown as text.
    pub original_name: String,
    /// What it is saved under.
    pub filename: String,
    /// Its type, as its content says.
    pub mime_type: String,
    /// Its bytes.
    pub file_size: i64,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
    /// Whether it was looked at for malware.
    pub scan_status: ScanStatus,
    /// An image's width as it is stored.
    pub width: Option<i32>,
    /// An image's height as it is stored.
    pub height: Option<i32>,
    /// Whether there is a small picture of it.
    pub preview: PreviewStatus,
    /// Where that is to be had, for at least 15 minutes; null unless it is ready.
    pub preview_url: Option<String>,
    /// What a camera has written into it. The staff alone is told, where one file is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exif: Option<Exif>,
    /// Who sent it.
    pub uploaded_by: PersonId,
    /// Where it is to be had, for 15 minutes; null while it may not be, and in lists.
    pub url: Option<String>,
    /// Until when.
    pub url_expires_at: Option<DateTime<Utc>>,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// What decides who sees it.
    #[serde(skip)]
    pub facts: Facts,
    /// Where it lies in the store.
    #[serde(skip)]
    pub file_path: String,
    /// Where its preview lies.
    #[serde(skip)]
    pub preview_path: Option<String>,
}

/// What decides who of those who see a ticket sees a file of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Who sent it.
    pub uploaded_by: PersonId,
    /// From which side.
    pub by_staff: bool,
    /// Whether the message that it belongs to is a note; none where it belongs to none.
    pub note: Option<bool>,
    /// Whether it waits for one.
    pub awaits_message: bool,
}

/// Who looks: whoever sees the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eyes {
    /// Who.
    pub id: PersonId,
    /// On which side.
    pub is_staff: bool,
}

impl Facts {
    /// Whether these eyes see it: their own always; what waits for its message nobody else; customers no notes, and of what
    /// belongs to no message only what came from their side.
    pub fn are_seen_by(&self, eyes: Eyes) -> bool {
        let is_own = self.uploaded_by == eyes.id;
        match (self.note, eyes.is_staff) {
            (Some(is_note), is_staff) => is_staff || !is_note,
            (None, _) if self.awaits_message => is_own,
            (None, is_staff) => is_own || is_staff || !self.by_staff,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_of_those_who_see_a_ticket_sees_a_file() {
        let file = |uploaded_by, by_staff, note, awaits_message| Facts { uploaded_by, by_staff, note, awaits_message };
        let (ana, ben, chloe) = (Eyes { id: 1, is_staff: true }, Eyes { id: 2, is_staff: true }, Eyes { id: 3, is_staff: false });
        for (facts, seen) in [
            (file(3, false, None, false), [true, true, true]),
            (file(3, false, None, true), [false, false, true]),
            (file(3, false, Some(false), true), [true, true, true]),
            (file(1, true, None, false), [true, true, false]),
            (file(1, true, None, true), [true, false, false]),
            (file(1, true, Some(false), true), [true, true, true]),
            (file(1, true, Some(true), true), [true, true, false]),
            // Whoever became a member since does not lose what they have sent, nor see through notes as a customer.
            (file(3, true, Some(true), false), [true, true, false]),
        ] {
            assert_eq!([ana, ben, chloe].map(|eyes| facts.are_seen_by(eyes)), seen, "{facts:?}");
        }
    }

    #[test]
    fn what_is_not_known_to_be_sound_is_given_to_nobody() {
        for (word, open) in [("pending", false), ("clean", true), ("infected", false), ("skipped", true), ("whatever", false)] {
            assert_eq!(ScanStatus::parse(word).is_open(), open, "{word}");
        }
    }
}
