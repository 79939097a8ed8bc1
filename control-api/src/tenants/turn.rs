//! Suspending a tenant, and letting it go on.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{Error, Result, act::Act};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Status, store};
use crate::events::Platform;

/// A tenant as it stands in the books.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedTenant)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// Its subdomain.
    pub slug: String,
    /// Its name.
    pub organisation: String,
    /// Where it stands in its life.
    pub status: Status,
    /// When it signed up.
    pub created_at: DateTime<Utc>,
    /// The cluster of its database, once it has one.
    pub cluster: Option<String>,
    /// How many belong to it, customers too.
    pub members: i64,
}

/// The verb: from active to suspended, or back. `409 conflict` from anywhere else.
pub async fn turn(act: &mut Act, slug: &str, to: Status) -> Result<()> {
    let now = act.now();
    let mut tenant = store::lock_by_slug(act.db(), slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    if !tenant.status.may_turn(to) {
        return Err(Error::conflict("conflict", "Only an active tenant is suspended, and only a suspended one goes on."));
    }
    store::set_status(act.db(), tenant.id, to, now).await?;
    tenant.status = to;
    let event = if to == Status::Suspended { Platform::TenantSuspended(tenant) } else { Platform::TenantResumed(tenant) };
    act.record(&event).await?;
    Ok(())
}
