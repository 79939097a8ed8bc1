//! What a deletion is, and which rows of the control database go with a tenant. No IO.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::tenants::Status;

/// How long a deletion can be taken back (C-4).
pub const GRACE: TimeDelta = TimeDelta::days(30);

/// Tables whose rows are a tenant's and nobody's in it, in the order in which they can go. What people made
/// for the tenant goes before the people.
pub const OF_TENANT: [&str; 12] = [
    "field_keys",
    // With it goes whatever it has sealed, in every copy.
    "data_keys",
    "exports",
    "migration_targets",
    "tenant_schemas",
    "support_grants",
    "invitations",
    "identity_providers",
    "sso_attempts",
    "passkey_ceremonies",
    "link_wishes",
    "sign_ups",
];

/// Tables whose rows are one person's at one tenant, in the order in which they can go.
pub const OF_MEMBER: [&str; 9] =
    ["passkeys", "passkey_holders", "identity_links", "api_keys", "sessions", "login_tickets", "mail_links", "email_tokens", "memberships"];

/// Tables whose rows are an account's, wherever it belongs.
pub const OF_ACCOUNT: [&str; 11] = [
    "totp_secrets",
    "totp_setups",
    "recovery_codes",
    "proof_failures",
    "known_devices",
    "known_sources",
    "passkey_ceremonies",
    "sessions",
    "login_tickets",
    "mail_links",
    "email_tokens",
];

/// Tables that name a tenant and keep their rows, each with the reason.
pub const KEPT: [(&str, &str); 14] = [
    ("deletion_records", "the record itself"),
    ("audit_logs", "the platform's trail is only appended to, and expires by months"),
    ("audit_anchors", "the newest seal of the tenant's own trail: a number and a hash"),
    ("access_changes", "ids alone, for a day: who follows them has to learn of the end"),
    ("jobs", "how the purge went; swept after half a year"),
    ("provisionings", "goes with the place of the database"),
    ("deletions", "goes when the record is made"),
    ("backups", "goes by its own keeping, with what it names in the store"),
    ("backup_drills", "goes with its backup"),
    ("tenant_plans", "which plan it had: a code and a time"),
    ("plan_changes", "what its invoices are made of, only appended to"),
    ("credit_accounts", "the sum of its credits"),
    ("credit_entries", "books are kept ten years by law (Code de commerce, L123-22), and only appended to"),
    ("invoices", "the same: an invoice is never taken away"),
];

/// A tenant in its days of grace, or behind them.
#[derive(Debug, Clone)]
pub struct Deletion {
    /// The tenant.
    pub tenant_id: Uuid,
    /// What it is again when it is taken back.
    pub returns_to: Status,
    /// Who asked, as the audit trail says it.
    pub asked_by: Value,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// Until when it can be taken back.
    pub delete_after: DateTime<Utc>,
    /// Since when its data is being taken away.
    pub begun_at: Option<DateTime<Utc>>,
    /// Rows that have gone so far, by table.
    pub removed: Value,
}

impl Deletion {
    /// Whether its data is to be taken away now.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.begun_at.is_none() && self.delete_after <= now
    }

    /// Whether it can still be taken back: until somebody has begun, though the time may be over.
    pub fn can_be_taken_back(&self) -> bool {
        self.begun_at.is_none()
    }
}

/// Who asked for a deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Asker {
    /// `person`, `operator`, or `system` for the command line.
    pub kind: String,
    /// The person's id.
    pub id: Option<i64>,
    /// The person's name, while they belong to the organisation.
    pub name: Option<String>,
}

impl Asker {
    /// Whom an audit row's actor names. Operators stay nameless: they are nobody the tenant knows.
    pub fn of(actor: &Value) -> Self {
        let kind = actor["kind"].as_str().unwrap_or("system").to_owned();
        let id = actor["id"].as_i64().filter(|_| kind == "person");
        Self { kind, id, name: None }
    }
}

/// Adds up how many rows have gone from each table.
pub fn add(removed: &mut Value, table: &str, rows: u64) {
    if rows > 0 {
        let before = removed[table].as_u64().unwrap_or_default();
        removed[table] = (before + rows).into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deletion(begun: bool) -> Deletion {
        let asked_at = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        Deletion {
            tenant_id: Uuid::nil(),
            returns_to: Status::Active,
            asked_by: json!({}),
            asked_at,
            delete_after: asked_at + GRACE,
            begun_at: begun.then_some(asked_at + GRACE),
            removed: json!({}),
        }
    }

    #[test]
    fn it_is_due_after_thirty_days_and_once() {
        for (days, begun, due) in [(0, false, false), (29, false, false), (30, false, true), (31, false, true), (31, true, false)] {
            let deletion = deletion(begun);
            assert_eq!(deletion.is_due(deletion.asked_at + TimeDelta::days(days)), due, "{days} {begun}");
        }
        assert!(deletion(false).can_be_taken_back() && !deletion(true).can_be_taken_back());
    }

    #[test]
    fn who_asked_is_told_as_far_as_the_tenant_may_know() {
        let asker = |kind: &str, id| Asker { kind: kind.into(), id, name: None };
        for (actor, expected) in [
            (json!({ "kind": "person", "id": 7, "role": "admin" }), asker("person", Some(7))),
            (json!({ "kind": "operator", "id": 7 }), asker("operator", None)),
            (json!({ "kind": "system", "name": "command line" }), asker("system", None)),
        ] {
            assert_eq!(Asker::of(&actor), expected, "{actor}");
        }
    }

    #[test]
    fn what_has_gone_adds_up() {
        let mut removed = json!({});
        for (table, rows) in [("sessions", 2), ("users", 0), ("sessions", 3)] {
            add(&mut removed, table, rows);
        }
        assert_eq!(removed, json!({ "sessions": 5 }));
    }
}
