//! An import and its parts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mapping::Mapping;
use crate::people::PersonId;

/// Bytes of a file at most.
pub(super) const MOST_BYTES: i64 = 512 << 20;
/// Bytes of one part at most: what any request may carry.
pub(super) const PART: usize = 1 << 20;
/// Bytes of one part at least, but for the last one: of smaller ones there would be millions.
pub(super) const LEAST_PART: usize = 64 << 10;
/// Bytes of one record at most, whatever a file says.
pub(super) const RECORD: usize = 4 << 20;
/// Imports of one organisation that are not over, at most.
pub(super) const MOST_OPEN: i64 = 3;
/// Bytes of files of one organisation at most, of whatever plan: also of imports that are over, until these are forgotten.
pub(super) const MOST_KEPT: i64 = 1 << 30;
/// Lines of which is kept what was wrong with them; the others are counted.
pub(super) const MOST_PROBLEMS: i64 = 10_000;
/// How many of them may be warnings: of a file that is here already there would be no room for what is wrong.
pub(super) const MOST_WARNINGS: i64 = 2_000;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportKind)]
pub enum Kind {
    /// A table that begins with a line of names, by RFC 4180.
    Csv,
    /// Zendesk's JSON export: a ticket with its comments in each line.
    Zendesk,
}

impl Kind {
    /// The word in JSON and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Zendesk => "zendesk",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Csv, Self::Zendesk].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportState)]
pub enum State {
    /// The file is on its way.
    Uploading,
    /// It can be checked, or run.
    Ready,
    /// It is read, and nothing is brought.
    Checking,
    /// It was.
    Checked,
    /// What is right is brought.
    Running,
    /// It was.
    Finished,
    /// Somebody has ended it, or nobody has gone on with it for a week. What was brought is here.
    Cancelled,
    /// It cannot go on; see the reason. What was brought is here.
    Failed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] =
        [Self::Uploading, Self::Ready, Self::Checking, Self::Checked, Self::Running, Self::Finished, Self::Cancelled, Self::Failed];

    /// The word in JSON and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Ready => "ready",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing comes after it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Failed)
    }

    /// Whether it waits for somebody's word.
    pub fn waits(self) -> bool {
        matches!(self, Self::Ready | Self::Checked)
    }
}

/// How a file's letters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub enum Encoding {
    /// What most programs write.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// What spreadsheets on Windows write, of which Latin-1 is a part.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    /// The word in JSON and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// The encoding of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Utf8, Self::Windows1252].into_iter().find(|encoding| encoding.as_str() == word)
    }
}

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Delimiter {
    /// `,`
    #[serde(rename = ",")]
    Comma,
    /// `;`
    #[serde(rename = ";")]
    Semicolon,
    /// A tab.
    #[serde(rename = "\t")]
    Tab,
    /// `|`
    #[serde(rename = "|")]
    Bar,
}

impl Delimiter {
    /// Each of them; of several that stand in a line equally often, the first.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    /// The byte itself.
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }

    /// As text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comma => ",",
            Self::Semicolon => ";",
            Self::Tab => "\t",
            Self::Bar => "|",
        }
    }

    /// The delimiter of that text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|delimiter| delimiter.as_str() == text)
    }
}

/// What stands at the head of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What stands there in the first line that has something, cut to 100 characters.
    pub sample: String,
}

/// How many lines came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportCounts)]
pub struct Counts {
    /// Records that were read.
    pub records: i64,
    /// Tickets that were brought, or would be.
    pub imported: i64,
    /// Tickets that were here already; as which ones is in the errors.
    pub skipped: i64,
    /// Records that were not brought, or would not be; why is in the errors.
    pub failed: i64,
    /// Tickets that were brought not quite as they stand there.
    pub warned: i64,
    /// People who were not known here.
    pub contacts: i64,
}

/// An import as it is shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Import {
    /// Its id.
    pub id: i64,
    /// What the file is.
    pub kind: Kind,
    /// Whose the ids in it are.
    pub source: String,
    /// What the file is called.
    pub file_name: String,
    /// Its bytes.
    pub file_size: i64,
    /// So many of them have arrived.
    pub received: i64,
    /// How its letters are written; null until the file was read.
    pub encoding: Option<Encoding>,
    /// What stands between a table's cells; null until the file was read.
    #[schema(value_type = Option<String>)]
    pub delimiter: Option<Delimiter>,
    /// What stands at its head; empty until the file was read.
    pub columns: Vec<Column>,
    /// What each column is to us; the others are not read.
    pub mapping: Mapping,
    /// How far it is.
    pub state: State,
    /// Why it failed: `encoding`, `not_text`, `no_head`, `duplicate_column`, `no_records`; why it waits again: `forbidden`, whoever ran
    /// it is no admin any more or their key has ended; or why it was cancelled: `expired`.
    pub reason: Option<String>,
    /// So many bytes of the file were read.
    pub position: i64,
    /// How many lines came to what, in the last check or run.
    pub counts: Counts,
    /// Who began it.
    pub created_by: PersonId,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When the last check or run was asked for.
    pub started_at: Option<DateTime<Utc>>,
    /// When that was over.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineProblem {
    /// Its id.
    pub id: i64,
    /// The line of the file in which the record begins.
    pub line: i64,
    /// Whether the ticket is here all the same.
    pub is_warning: bool,
    /// What of it is meant, as `status` or `custom_fields.serial`; empty for the whole line.
    pub field: String,
    /// Stable code, as in problems; besides `duplicate`, `here_already`, `encoding`, `quota_exceeded`, `left_out`, `changed`.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for state in State::ALL {
            assert_eq!((State::parse(state.as_str()), serde_json::to_value(state).expect("a word")), (Some(state), state.as_str().into()));
            assert!(!(state.is_over() && state.waits()), "{state:?}");
        }
        for delimiter in Delimiter::ALL {
            let word = serde_json::to_value(delimiter).expect("a word");
            assert_eq!((Delimiter::parse(delimiter.as_str()), word), (Some(delimiter), delimiter.as_str().into()));
        }
        for encoding in [Encoding::Utf8, Encoding::Windows1252] {
            let word = serde_json::to_value(encoding).expect("a word");
            assert_eq!((Encoding::parse(encoding.as_str()), word), (Some(encoding), encoding.as_str().into()));
        }
        for kind in [Kind::Csv, Kind::Zendesk] {
            assert_eq!((Kind::parse(kind.as_str()), serde_json::to_value(kind).expect("a word")), (Some(kind), kind.as_str().into()));
        }
    }
}
