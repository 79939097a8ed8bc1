//! How much a person and an organisation may have.

use serde::Serialize;
use shared::{Error, tenancy::Bounds};
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

impl Amount {
    /// One file that comes, of so many bytes.
    pub fn file(bytes: i64) -> Self {
        Self { bytes, files: 1, today: 1 }
    }

    /// The same with so many bytes more.
    #[must_use]
    pub fn and_bytes(self, more: i64) -> Self {
        Self { bytes: self.bytes + more, ..self }
    }
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

impl Allowed {
    /// What the plan of an organisation allows.
    pub fn by_plan(bounds: &Bounds) -> Self {
        Self { bytes: bounds.storage_bytes, files: bounds.storage_files, today: bounds.uploads_a_day }
    }
}

/// Whose the bound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of the one who sends.
    Person,
    /// Of all together.
    Organisation,
}

/// Whether so much more fits; `413 quota_exceeded` says which bound it would pass. Where nothing is added nothing is passed.
pub fn must_fit(whose: Whose, has: Amount, allowed: Allowed, more: Amount) -> Result<(), Error> {
    let names = match whose {
        Whose::Person => ["user_bytes", "user_files", "user_uploads_a_day"],
        Whose::Organisation => ["storage_bytes", "storage_files", "uploads_a_day"],
    };
    let wanted = [(has.bytes, more.bytes, allowed.bytes), (has.files, more.files, allowed.files), (has.today, more.today, allowed.today)];
    for (limit, (used, more, allowed)) in names.into_iter().zip(wanted) {
        if let Some(allowed) = allowed.filter(|allowed| more > 0 && used.saturating_add(more) > *allowed) {
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
        let (none, copies) = (Amount::default(), Amount { bytes: 10, files: 2, today: 0 });
        for (allowed, more, refused) in [
            (Allowed::default(), Amount::file(i64::MAX), None),
            (Allowed { bytes: Some(100), ..Allowed::default() }, Amount::file(10), None),
            (Allowed { bytes: Some(100), ..Allowed::default() }, Amount::file(11), Some("user_bytes")),
            (Allowed { files: Some(4), ..Allowed::default() }, Amount::file(1), None),
            (Allowed { files: Some(3), ..Allowed::default() }, Amount::file(1), Some("user_files")),
            (Allowed { files: Some(4), ..Allowed::default() }, copies, Some("user_files")),
            (Allowed { today: Some(1), ..Allowed::default() }, Amount::file(1), Some("user_uploads_a_day")),
            (Allowed { today: Some(0), ..Allowed::default() }, copies, None),
            (Allowed { bytes: Some(0), files: Some(0), today: Some(0) }, Amount::file(1), Some("user_bytes")),
            (Allowed { bytes: Some(0), files: Some(0), today: Some(0) }, none, None),
        ] {
            let limit = match must_fit(Whose::Person, has, allowed, more) {
                Ok(()) => None,
                Err(Error::Quota { limit, .. }) => Some(limit),
                Err(error) => panic!("{error}"),
            };
            assert_eq!(limit, refused, "{allowed:?} {more:?}");
        }
    }
}
