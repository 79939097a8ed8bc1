//! An invitation and where it stands.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InvitationStatus {
    /// It can be accepted.
    Pending,
    /// It was.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// An invitation as it is kept, without its token.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: i64,
    /// The tenant.
    pub tenant_id: Uuid,
    /// Who is asked in.
    pub email: String,
    /// As what.
    pub role: String,
    /// By whom.
    pub invited_by: i64,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl Invitation {
    /// Where it stands at `now`.
    pub fn status(&self, now: DateTime<Utc>) -> InvitationStatus {
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => InvitationStatus::Accepted,
            (None, Some(_)) => InvitationStatus::Revoked,
            (None, None) if self.expires_at <= now => InvitationStatus::Expired,
            (None, None) => InvitationStatus::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn where_an_invitation_stands() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let open = Invitation {
            id: 1,
            tenant_id: Uuid::nil(),
            email: String::new(),
            role: "agent".into(),
            invited_by: 1,
            expires_at: now + TimeDelta::seconds(1),
            accepted_at: None,
            revoked_at: None,
            created_at: now,
        };
        let expired = Invitation { expires_at: now, ..open.clone() };
        for (invitation, status) in [
            (open.clone(), InvitationStatus::Pending),
            (expired.clone(), InvitationStatus::Expired),
            (Invitation { accepted_at: Some(now), ..expired.clone() }, InvitationStatus::Accepted),
            (Invitation { revoked_at: Some(now), ..expired }, InvitationStatus::Revoked),
        ] {
            assert_eq!(invitation.status(now), status);
        }
    }
}
