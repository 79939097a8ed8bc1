//! The database and role that a tenant is to have, on the cluster chosen for it. Each try has names of
//! its own: whatever comes late from a former try meets nothing that is in use.

pub(super) mod store;

use shared::{Result, auth::token::Opaque, seal::Sealer};
use uuid::Uuid;

/// Where a tenant's database is, or will be.
#[derive(Debug, Clone)]
pub struct Place {
    /// The cluster.
    pub cluster_id: i64,
    /// The database.
    pub database: String,
    /// The role that may use it.
    pub role: String,
    /// That role's password, sealed for [`owner`].
    pub sealed_password: Vec<u8>,
}

impl Place {
    /// A place on the cluster, with a new name and a new password. Nothing of it exists yet.
    pub fn choose(cluster_id: i64, tenant: Uuid, slug: &str, sealer: &Sealer) -> Result<Self> {
        let password = Opaque::generate().text;
        let name = name(slug, Uuid::new_v4());
        let sealed_password = sealer.seal(password.as_bytes(), &owner(tenant))?;
        Ok(Self { cluster_id, database: name.clone(), role: name, sealed_password })
    }
}

/// What a tenant's password is sealed for: the app plane opens it under the same words.
pub fn owner(tenant: Uuid) -> String {
    format!("tenant:{tenant}:db")
}

/// `tenant_{slug}_{12 hex}` (C-3), with 48 bits of chance.
fn name(slug: &str, chance: Uuid) -> String {
    format!("tenant_{}_{}", slug.replace('-', "_"), &chance.simple().to_string()[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_of_one_try() {
        let chance: Uuid = "0193af6e-7c11-4c3e-9aa1-0123456789ab".parse().expect("an id");
        assert_eq!(name("acme-corp", chance), "tenant_acme_corp_0193af6e7c11");
        let longest = name(&"a".repeat(32), chance);
        assert!(longest.len() <= 63, "{longest}");
        let sealer = Sealer::new("k1", &"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".into()).expect("a key");
        let tries = [(); 2].map(|()| Place::choose(1, chance, "acme", &sealer).expect("a place"));
        assert_ne!(tries[0].database, tries[1].database);
        assert_ne!(tries[0].role, tries[1].role);
    }
}
