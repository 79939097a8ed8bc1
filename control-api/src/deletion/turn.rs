//! What operators do with a tenant's life, by a route or on the command line.

use shared::{Result, act::Act, config::SiteConfig};

use super::{ask::begin, take_back::take_back};
use crate::tenants::{self, Status};

/// Which way.
#[derive(Debug, Clone, Copy)]
pub enum Turn {
    /// An active tenant's doors are closed; its data is kept.
    Suspend,
    /// A suspended tenant is served again, and one that is being deleted is what it was before.
    Resume,
    /// A tenant is being deleted from now on.
    Delete,
}

/// The verb. `409 conflict` where the tenant does not stand so in its life, `404 tenant_not_found`.
pub async fn turn(act: &mut Act, site: &SiteConfig, slug: &str, way: Turn) -> Result<()> {
    match way {
        Turn::Suspend => tenants::turn(act, slug, Status::Suspended).await,
        Turn::Delete => begin(act, site, slug).await,
        Turn::Resume => {
            let tenant = tenants::hold(act, slug).await?;
            match tenant.status {
                Status::Deleting => take_back(act, site, tenant).await,
                Status::Provisioning | Status::Active | Status::Suspended | Status::Deleted | Status::Failed => {
                    tenants::turn(act, slug, Status::Active).await
                }
            }
        }
    }
}
