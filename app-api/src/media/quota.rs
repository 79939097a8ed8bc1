//! How much a person and an organisation may have.

use serde::Serialize;
use shared::Error;
use utoipa::ToSchema;

/// What there is of somebody's files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
pub struct Amount {
    /// Bytes.
    pub bytes: i64,
    /// Files.
    pub files: i64,
    /// Files that came today (UTC).
    pub today: i64,
}

/// What somebody may have; none is without bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
pub struct Allowed {
    /// Bytes.
    pub bytes: Option<i64>,
    /// Files.
    pub files: Option<i64>,
    /// Files a day.
    pub today: Option<i64>,
}

/// Whose the bound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of the one who sends.
    Person,
    /// Of all together.
    Organisation,
}

/// Whether one more file of so many bytes fits; `413 quota_exceeded` says which bound it would pass.
pub fn must_fit(whose: Whose, has: Amount, allowed: Allowed, more: i64) -> Result<(), Error> {
    let names = match whose {
        Whose::Person => ["user_bytes", "user_files", "user_uploads_a_day"],
        Whose::Organisation => ["storage_bytes", "storage_files", "uploads_a_day"],
    };
    let wanted = [(has.bytes, more, allowed.bytes), (has.files, 1, allowed.files), (has.today, 1, allowed.today)];
    for (limit, (used, more, allowed)) in names.into_iter().zip(wanted) {
        if let Some(allowed) = allowed.filter(|allowed| used.saturating_add(more) > *allowed) {
            return Err(Error::Quota { limit, allowed, used });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_pass_a_bound_is_refused_and_what_fills_it_is_not() {
        let has = Amount { bytes: 90, files: 3, today: 1 };
        for (allowed, more, refused) in [
            (Allowed::default(), i64::MAX, None),
            (Allowed { bytes: Some(100), ..Allowed::default() }, 10, None),
            (Allowed { bytes: Some(100), ..Allowed::default() }, 11, Some("user_bytes")),
            (Allowed { files: Some(4), ..Allowed::default() }, 1, None),
            (Allowed { files: Some(3), ..Allowed::default() }, 1, Some("user_files")),
            (Allowed { today: Some(1), ..Allowed::default() }, 1, Some("user_uploads_a_day")),
            (Allowed { bytes: Some(0), files: Some(0), today: Some(0) }, 0, Some("user_bytes")),
        ] {
            let limit = match must_fit(Whose::Person, has, allowed, more) {
                Ok(()) => None,
                Err(Error::Quota { limit, .. }) => Some(limit),
                Err(error) => panic!("{error}"),
            };
            assert_eq!(limit, refused, "{allowed:?} {more}");
        }
    }
}
