//! The database and role that a tenant is to have, on the cluster chosen for it. Each try has names of
//! its own: whatever comes late from a former try meets nothing that is in use.

pub mod store;

use shared::seal::Sealed;
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
    /// That role's password, sealed for [`owner`]; none where Vault keeps it.
    pub sealed_password: Option<Vec<u8>>,
}

impl Place {
    /// A place on the cluster, with a new name and this password. Nothing of it exists yet, unless it is the one
    /// that `spare` will become.
    pub fn choose(cluster_id: i64, slug: &str, spare: Option<&str>, password: Option<Sealed>) -> Self {
        let chance = spare.map_or_else(chance, |spare| chance_of(spare).to_owned());
        let name = name(slug, &chance);
        Self { cluster_id, database: name.clone(), role: name, sealed_password: password.map(|sealed| sealed.bytes) }
    }
}

/// What a tenant's password is sealed for: the app plane opens it under the same words.
pub fn owner(tenant: Uuid) -> String {
    format!("tenant:{tenant}:db")
}

/// A name for database and role that nothing has yet.
pub fn another_name(slug: &str) -> String {
    name(slug, &chance())
}

/// `tenant_{slug}_{12 hex}` (C-3), with 48 bits of chance.
fn name(slug: &str, chance: &str) -> String {
    format!("tenant_{}_{chance}", slug.replace('-', "_"))
}

/// A name for a spare database and its role.
pub fn spare_name() -> String {
    format!("{SPARE}{}", chance())
}

/// What a tenant's database was called while it was a spare, if it ever was one: the chance is the same.
pub fn spare_of(database: &str) -> String {
    format!("{SPARE}{}", chance_of(database))
}

const SPARE: &str = "hd_spare_";

fn chance() -> String {
    Uuid::new_v4().simple().to_string()[..12].to_owned()
}

fn chance_of(name: &str) -> &str {
    name.rsplit('_').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_of_one_try() {
        assert_eq!(name("acme-corp", "0193af6e7c11"), "tenant_acme_corp_0193af6e7c11");
        assert_eq!(spare_of("tenant_acme_corp_0193af6e7c11"), "hd_spare_0193af6e7c11");
        let longest = name(&"a".repeat(32), &chance());
        assert!(longest.len() <= 63, "{longest}");
        let tries = [(); 2].map(|()| Place::choose(1, "acme", None, None));
        assert_ne!(tries[0].database, tries[1].database);
        assert_ne!(tries[0].role, tries[1].role);
        let spare = spare_name();
        assert_eq!(spare.len(), "hd_spare_".len() + 12);
        let taken = Place::choose(1, "acme", Some(&spare), None);
        assert_eq!(spare_of(&taken.database), spare);
    }
}
