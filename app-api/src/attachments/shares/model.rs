//! A share as it is read, and with whom one may be.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::{Error, Result};
use utoipa::ToSchema;

use crate::{media::Attachment, people::PersonId, tickets::Party};

/// The most hours of a link.
const HOURS: i64 = 720;

/// With whom a file is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShareKind {
    /// One of the staff.
    Member,
    /// Whoever has a link.
    Link,
}

/// A share of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileShare {
    /// Its id.
    pub id: i64,
    /// The file.
    pub attachment_id: i64,
    /// With whom.
    pub kind: ShareKind,
    /// The member; null for a link.
    pub member: Option<Party>,
    /// The link; told once, when it is made.
    pub url: Option<String>,
    /// Who shared it.
    pub created_by: Party,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when a link opens it; null for a member.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// How often the link was opened.
    pub opened: i32,
    /// When that was last.
    pub last_opened_at: Option<DateTime<Utc>>,
}

/// A file that was shared with somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedFile {
    /// The share's id.
    pub id: i64,
    /// Who shared it.
    pub created_by: Party,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The file; where it is to be had says the file itself.
    pub attachment: Attachment,
}

/// With whom a file shall be shared: a member, or whoever has a link for so long. One of both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareFile {
    /// The member.
    member_id: Option<PersonId>,
    /// For how long a link opens it: 1 to 720 hours.
    #[schema(minimum = 1, maximum = 720)]
    expires_in_hours: Option<i64>,
}

/// With whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    /// A member.
    Member(PersonId),
    /// Whoever has a link, for so long.
    Link(TimeDelta),
}

impl ShareFile {
    /// What was asked; `422` for both, for none, for oneself, and for a time that is too short or too long.
    pub(super) fn with(&self, me: PersonId) -> Result<With> {
        match (self.member_id, self.expires_in_hours) {
            (Some(id), None) if id == me => Err(Error::field("member_id", "invalid", "Share it with somebody else.")),
            (Some(id), None) => Ok(With::Member(id)),
            (None, Some(hours @ 1..=HOURS)) => Ok(With::Link(TimeDelta::hours(hours))),
            (None, Some(_)) => Err(Error::field("expires_in_hours", "out_of_range", "1 to 720 hours.")),
            (Some(_), Some(_)) => Err(Error::field("expires_in_hours", "invalid", "What a member is given does not end by itself.")),
            (None, None) => Err(Error::field("member_id", "required", "A member, or a time for a link.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_shared_with_one_other_member_or_for_a_time() {
        for (member_id, expires_in_hours, expected) in [
            (Some(2), None, Ok(With::Member(2))),
            (None, Some(1), Ok(With::Link(TimeDelta::hours(1)))),
            (None, Some(720), Ok(With::Link(TimeDelta::days(30)))),
            (Some(1), None, Err("member_id")),
            (None, None, Err("member_id")),
            (Some(2), Some(1), Err("expires_in_hours")),
            (None, Some(0), Err("expires_in_hours")),
            (None, Some(721), Err("expires_in_hours")),
            (None, Some(i64::MAX), Err("expires_in_hours")),
        ] {
            let with = ShareFile { member_id, expires_in_hours }.with(1).map_err(|error| match error {
                Error::Invalid(fields) => fields[0].field.clone(),
                other => panic!("{other}"),
            });
            assert_eq!(with, expected.map_err(str::to_owned), "{member_id:?} {expires_in_hours:?}");
        }
    }
}
