//! Suspending a tenant, and letting it go on.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{Error, Result, act::Act};
use utoipa::{IntoParams, ToSchema};
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
    /// When its data goes, while it is being deleted.
    pub delete_after: Option<DateTime<Utc>>,
    /// How many belong to it, customers too.
    pub members: i64,
    /// Why it has no database yet, when that was tried.
    pub trouble: Option<String>,
}

/// Which tenants.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only those that stand there in their life.
    pub status: Option<Status>,
    /// Only those whose database is on this cluster, by its name.
    pub cluster: Option<String>,
    /// Only those whose subdomain or name begins so.
    pub q: Option<String>,
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
