//! The database and role that a tenant is to have, on the cluster chosen for it.

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
    /// A place on the cluster, with a new password. Nothing of it exists yet.
    pub fn choose(cluster_id: i64, tenant: Uuid, slug: &str, sealer: &Sealer) -> Result<Self> {
        let password = Opaque::generate().text;
        let name = name(tenant, slug);
        let sealed_password = sealer.seal(password.as_bytes(), &owner(tenant))?;
        Ok(Self { cluster_id, database: name.clone(), role: name, sealed_password })
    }
}

/// What a tenant's password is sealed for: the app plane opens it under the same words.
pub fn owner(tenant: Uuid) -> String {
    format!("tenant:{tenant}:db")
}

/// `tenant_{slug}_{8 hex}` (C-3), from the random end of the id: its beginning is the time, which
/// tenants of one moment share.
fn name(tenant: Uuid, slug: &str) -> String {
    let id = tenant.simple().to_string();
    format!("tenant_{}_{}", slug.replace('-', "_"), &id[id.len() - 8..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_of_their_tenant() {
        let id: Uuid = "01939f6e-7c11-7c3e-9aa1-0123456789ab".parse().expect("an id");
        assert_eq!(name(id, "acme-corp"), "tenant_acme_corp_456789ab");
        let longest = name(id, &"a".repeat(32));
        assert!(longest.len() <= 63, "{longest}");
    }
}
