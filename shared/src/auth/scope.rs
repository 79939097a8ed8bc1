//! What an API key may be used for.

use serde::{Deserialize, Serialize};

/// One kind of thing that a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Scope {
    /// Read tickets, their threads and what happens to them.
    #[serde(rename = "tickets:read")]
    TicketsRead,
    /// Open, answer and move tickets.
    #[serde(rename = "tickets:write")]
    TicketsWrite,
    /// See who works here.
    #[serde(rename = "agents:read")]
    AgentsRead,
    /// See members and invitations.
    #[serde(rename = "members:read")]
    MembersRead,
    /// Invite, change and remove members.
    #[serde(rename = "members:write")]
    MembersWrite,
    /// See the tenant's settings.
    #[serde(rename = "settings:read")]
    SettingsRead,
    /// Change the tenant's settings.
    #[serde(rename = "settings:write")]
    SettingsWrite,
    /// Read the audit trail.
    #[serde(rename = "audit:read")]
    AuditRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 8] = [
        Self::TicketsRead,
        Self::TicketsWrite,
        Self::AgentsRead,
        Self::MembersRead,
        Self::MembersWrite,
        Self::SettingsRead,
        Self::SettingsWrite,
        Self::AuditRead,
    ];

    /// The word in database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TicketsRead => "tickets:read",
            Self::TicketsWrite => "tickets:write",
            Self::AgentsRead => "agents:read",
            Self::MembersRead => "members:read",
            Self::MembersWrite => "members:write",
            Self::SettingsRead => "settings:read",
            Self::SettingsWrite => "settings:write",
            Self::AuditRead => "audit:read",
        }
    }

    /// Whether this is one of a key's scopes.
    pub fn is_in(self, scopes: &[String]) -> bool {
        scopes.iter().any(|word| word == self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_database_have_the_same_words_and_none_opens_another() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).expect("a word"), scope.as_str());
            let own = [scope.as_str().to_owned()];
            assert_eq!(Scope::ALL.into_iter().filter(|other| other.is_in(&own)).collect::<Vec<_>>(), [scope]);
        }
        assert!(!Scope::TicketsRead.is_in(&["tickets".into(), "tickets:*".into(), "*".into(), String::new()]));
    }
}
