//! Who had to do with a file, and how.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::tickets::Party;

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Somebody was given an address.
    Issued,
    /// Somebody has taken the file.
    Downloaded,
    /// Somebody has seen a small picture of it.
    Previewed,
}

impl What {
    /// The word in database and JSON.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Downloaded => "downloaded",
            Self::Previewed => "previewed",
        }
    }

    /// What that word says; of any other the least.
    pub(super) fn parse(word: &str) -> Self {
        [Self::Downloaded, Self::Previewed].into_iter().find(|what| what.as_str() == word).unwrap_or(Self::Issued)
    }
}

/// That somebody had to do with a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileAccess {
    /// Its id.
    pub id: i64,
    /// `issued` where somebody was given an address, `downloaded` where somebody took the file, `previewed` where they saw a picture.
    pub what: What,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; null for whoever has a link.
    pub user: Option<Party>,
    /// The share by which they had it; null where they see the file.
    pub share_id: Option<i64>,
    /// From which address.
    pub ip: Option<String>,
    /// By which program, as it calls itself.
    pub user_agent: Option<String>,
}
