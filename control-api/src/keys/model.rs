//! Whose keys are exchanged, and what is left under a former one. No IO.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whose data keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everybody's, and the platform's own.
    All,
    /// The platform's own.
    Platform,
    /// One tenant's.
    Tenant(Uuid),
}

impl Scope {
    /// The tenant, if it is one's.
    pub fn tenant(self) -> Option<Uuid> {
        match self {
            Self::Tenant(id) => Some(id),
            Self::All | Self::Platform => None,
        }
    }

    /// Whether somebody's keys are among them; no tenant: the platform's.
    pub fn has(self, owner: Option<Uuid>) -> bool {
        match self {
            Self::All => true,
            Self::Platform => owner.is_none(),
            Self::Tenant(id) => owner == Some(id),
        }
    }
}

/// What is not under the newest master key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Data keys that a former one wraps.
    pub data_keys: i64,
    /// Values that a master key has sealed, from before there were data keys.
    pub values: i64,
    /// Passwords of tenants' databases in the control database, where Vault is to keep them.
    pub passwords: i64,
    /// Backups of the control database whose keys a former one has sealed.
    pub backups: i64,
    /// Jobs from before that may bring such a value.
    pub jobs: i64,
}

impl Left {
    /// How much that is.
    pub fn total(self) -> i64 {
        self.data_keys + self.values + self.passwords + self.backups + self.jobs
    }
}

/// Whether a process that wraps by the key `newest` brings everything under the key `to`. Vault's may have gone on since
/// somebody asked.
pub fn reaches(newest: &str, to: &str) -> bool {
    newest == to || (newest.starts_with(VAULTS) && to.starts_with(VAULTS))
}

const VAULTS: &str = "vault:v";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_brings_everything_under_its_own_key_or_vaults_newest() {
        for (newest, to, expected) in
            [("k1", "k1", true), ("k1", "k2", false), ("vault:v3", "vault:v2", true), ("k1", "vault:v1", false), ("vault:v1", "k1", false)]
        {
            assert_eq!(reaches(newest, to), expected, "{newest} {to}");
        }
    }

    #[test]
    fn a_scope_has_its_own_and_nobody_elses() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for (scope, expected) in
            [(Scope::All, [true, true, true]), (Scope::Platform, [true, false, false]), (Scope::Tenant(one), [false, true, false])]
        {
            assert_eq!([None, Some(one), Some(other)].map(|owner| scope.has(owner)), expected, "{scope:?}");
        }
        assert_eq!(Left { data_keys: 1, values: 2, passwords: 5, backups: 3, jobs: 4 }.total(), 15);
    }
}
