//! An upload, and where it stands.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::{Error, Result};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::media::{Amount, LONGEST};

/// How long an upload may take from its beginning.
pub(super) const LASTS: TimeDelta = TimeDelta::hours(24);
/// The longest file that any organisation may take.
pub(super) const MOST_BYTES: i64 = LONGEST as i64;
/// Uploads of one person that are under way together.
const MOST_AT_ONCE: i64 = 20;

/// How an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Bytes of it are still to come.
    Coming,
    /// It has become a file of its ticket.
    Done,
    /// It was not what it was called, and is gone.
    Refused,
}

impl State {
    /// The state of the word in the database; of any other the one in which nothing more is taken.
    pub(super) fn parse(word: &str) -> Self {
        match word {
            "coming" => Self::Coming,
            "done" => Self::Done,
            _ => Self::Refused,
        }
    }
}

/// How far an upload has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Its id.
    pub id: Uuid,
    /// How it is.
    pub state: State,
    /// Bytes that are here.
    pub offset: i64,
    /// Bytes that it has.
    pub length: i64,
    /// The file that it has become; null until then.
    pub attachment_id: Option<i64>,
    /// Until when it may be gone on with.
    pub expires_at: DateTime<Utc>,
}

/// An upload with what is to become of it.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    /// How far it is.
    pub progress: Progress,
    /// For which ticket.
    pub ticket_id: i64,
    /// For which message.
    pub message_id: Option<i64>,
    /// Whether it waits for one.
    pub awaits_message: bool,
    /// What it was called, cleaned.
    pub original_name: String,
    /// What its sender says that it is.
    pub declared_type: Option<String>,
}

impl Progress {
    /// Where the next bytes belong; `409` unless they are those, `410` when there are no more to come.
    pub(super) fn takes_at(&self, offset: i64, now: DateTime<Utc>) -> Result<()> {
        self.must_be_known(now)?;
        match self.state {
            State::Coming if offset == self.offset => Ok(()),
            _ => Err(Error::conflict("conflict", format!("The next byte is the one at {}.", self.offset))),
        }
    }

    /// `410` for one that has ended without a file.
    pub(super) fn must_be_known(&self, now: DateTime<Utc>) -> Result<()> {
        let is_over = self.state == State::Refused || (self.state == State::Coming && now >= self.expires_at);
        if is_over { Err(Error::Gone) } else { Ok(()) }
    }
}

/// What somebody would have with all that is under way; `413 quota_exceeded` where that are too many at once.
pub(super) fn with_coming(has: Amount, coming: Amount, at_most: bool) -> Result<Amount> {
    if at_most && coming.files >= MOST_AT_ONCE {
        return Err(Error::Quota { limit: "user_uploads_under_way", allowed: MOST_AT_ONCE, used: coming.files });
    }
    Ok(Amount { bytes: has.bytes + coming.bytes, files: has.files + coming.files, today: has.today + coming.files })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_taken_where_the_last_ones_ended_and_as_long_as_there_is_something_to_come() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let progress = |state, offset| Progress {
            id: Uuid::nil(),
            state,
            offset,
            length: 10,
            attachment_id: None,
            expires_at: now + TimeDelta::hours(1),
        };
        let said = |progress: Progress, at, now| match progress.takes_at(at, now) {
            Ok(()) => "taken",
            Err(Error::Conflict { .. }) => "elsewhere",
            Err(Error::Gone) => "gone",
            Err(error) => panic!("{error}"),
        };
        let late = now + TimeDelta::hours(1);
        for (state, offset, at, when, expected) in [
            (State::Coming, 0, 0, now, "taken"),
            (State::Coming, 4, 4, now, "taken"),
            (State::Coming, 4, 0, now, "elsewhere"),
            (State::Coming, 4, 5, now, "elsewhere"),
            (State::Coming, 4, 4, late, "gone"),
            (State::Done, 10, 10, now, "elsewhere"),
            (State::Done, 10, 4, late, "elsewhere"),
            (State::Refused, 4, 4, now, "gone"),
        ] {
            assert_eq!(said(progress(state, offset), at, when), expected, "{state:?} {offset} {at}");
        }
    }

    #[test]
    fn what_is_under_way_counts_and_there_is_not_too_much_of_it() {
        let has = Amount { bytes: 10, files: 1, today: 1 };
        let coming = |files| Amount { bytes: 5, files, today: 0 };
        assert_eq!(with_coming(has, coming(2), true).expect("some"), Amount { bytes: 15, files: 3, today: 3 });
        assert!(matches!(with_coming(has, coming(20), true), Err(Error::Quota { limit: "user_uploads_under_way", .. })));
        assert!(with_coming(has, coming(20), false).is_ok(), "an organisation has many people");
    }
}
