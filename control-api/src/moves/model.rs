//! Where a tenant's data is, and where it goes. No IO.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::provisioning::retire::Left;

/// A place of a tenant's database. Its password is the tenant's, wherever it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The server.
    pub cluster_id: i64,
    /// That server's name.
    pub cluster: String,
    /// The database.
    pub database: String,
    /// The role that may use it.
    pub role: String,
}

impl Spot {
    /// The same as what is left behind, since then.
    pub(super) fn left(&self, left_at: Option<DateTime<Utc>>) -> Left {
        Left { cluster_id: self.cluster_id, database: self.database.clone(), role: self.role.clone(), left_at }
    }
}

/// What the steps of a move know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Journey {
    /// Whose data it is.
    pub slug: String,
    /// Where it was.
    pub from: Spot,
    /// Where it goes. Nothing of it existed before the move: its names are of this try alone.
    pub to: Spot,
    /// How often the present step would have held writers for too long.
    pub tries: u32,
    /// Tables that are too large to be compared whole while writers wait.
    pub large: Vec<String>,
    /// Since when the old place takes no changes, by the control database's clock: what was written there was written before.
    #[serde(default)]
    pub left_at: Option<DateTime<Utc>>,
}

impl Journey {
    /// The name of publication, slot and subscription.
    pub(super) fn name(&self) -> &str {
        &self.to.database
    }

    /// What the trail says of it.
    pub(super) fn told(&self, tenant_id: Uuid) -> Moving {
        Moving { tenant_id, slug: self.slug.clone(), from: self.from.cluster.clone(), to: self.to.cluster.clone() }
    }
}

/// A tenant that moves, by the names of its servers.
#[derive(Debug, Clone)]
pub struct Moving {
    /// The tenant.
    pub tenant_id: Uuid,
    /// Its subdomain.
    pub slug: String,
    /// From this server.
    pub from: String,
    /// To that one.
    pub to: String,
}
