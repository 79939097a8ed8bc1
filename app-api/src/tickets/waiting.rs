//! Looks since when customers wait, in tickets from before that was kept: a batch at a time, by whoever visits the tenant.

use shared::{Result, act::Author, clock::Clock, tenancy::Tenant};

use super::store;

/// Tickets of one batch.
const BATCH: i64 = 200;

/// Looks at one batch; true when more may wait.
pub async fn look_back(tenant: &Tenant, clock: &Clock) -> Result<bool> {
    tenant
        .db
        .act(Author::system("waiting"), clock, async |act| {
            let ids = store::unlooked(act.db(), BATCH).await?;
            if !ids.is_empty() {
                store::look_again(act.db(), &ids).await?;
            }
            Ok(ids.len() as i64 == BATCH)
        })
        .await
}
