//! What a change of access is, and where a follower stands.

use uuid::Uuid;

/// Somebody's access has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A session has ended.
    SessionEnded { tenant: Uuid, user: i64, session: Uuid },
    /// Somebody's role, name or belonging is another.
    MemberChanged { tenant: Uuid, user: i64 },
    /// A tenant is served no longer, or again.
    TenantChanged { tenant: Uuid },
    /// An API key has ended.
    KeyChanged { tenant: Uuid, user: i64, key: i64 },
}

/// A row of the feed.
#[derive(Debug, Default)]
pub struct Row {
    pub kind: Option<String>,
    pub tenant_id: Option<Uuid>,
    pub user_id: Option<i64>,
    pub session_id: Option<Uuid>,
    pub key_id: Option<i64>,
}

impl Row {
    /// What it says; nothing for a kind that a newer version of the control plane writes.
    pub fn change(&self) -> Option<Change> {
        let (tenant, user) = (self.tenant_id?, self.user_id);
        match self.kind.as_deref()? {
            "session_ended" => Some(Change::SessionEnded { tenant, user: user?, session: self.session_id? }),
            "member_changed" => Some(Change::MemberChanged { tenant, user: user? }),
            "tenant_changed" => Some(Change::TenantChanged { tenant }),
            "key_changed" => Some(Change::KeyChanged { tenant, user: user?, key: self.key_id? }),
            _ => None,
        }
    }
}

/// What a follower has seen: PostgreSQL's own word for it, `xmin:xmax:running`. What this snapshot
/// does not show and a later one does is new, however early it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot(pub String);

impl Snapshot {
    /// Whether `later` can come after this one. Not after a restore: numbers begin anew there, and what
    /// this snapshot seems to have shown never was.
    pub fn is_followed_by(&self, later: &Self) -> bool {
        self.end().is_some_and(|end| later.end().is_some_and(|later| later >= end))
    }

    fn end(&self) -> Option<u64> {
        self.0.split(':').nth(1)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_followed_by_what_ends_no_earlier() {
        let of = |text: &str| Snapshot(text.to_owned());
        for (one, other, follows) in [
            ("10:20:12,15", "10:20:12,15", true),
            ("10:20:12,15", "20:20:", true),
            ("10:20:", "15:19:", false),
            ("9:9:", "10:10:", true),
            ("nonsense", "10:10:", false),
            ("10:10:", "", false),
        ] {
            assert_eq!(of(one).is_followed_by(&of(other)), follows, "{one} {other}");
        }
    }

    #[test]
    fn a_row_says_what_has_changed_and_an_unknown_one_says_nothing() {
        let (tenant, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let row = |kind: &str| Row {
            kind: Some(kind.into()),
            tenant_id: Some(tenant),
            user_id: Some(7),
            session_id: Some(other),
            key_id: Some(9),
        };
        for (row, change) in [
            (row("session_ended"), Some(Change::SessionEnded { tenant, user: 7, session: other })),
            (row("member_changed"), Some(Change::MemberChanged { tenant, user: 7 })),
            (row("tenant_changed"), Some(Change::TenantChanged { tenant })),
            (row("key_changed"), Some(Change::KeyChanged { tenant, user: 7, key: 9 })),
            (row("something_new"), None),
            (Row { session_id: None, ..row("session_ended") }, None),
            (Row::default(), None),
        ] {
            assert_eq!(row.change(), change, "{row:?}");
        }
    }
}
