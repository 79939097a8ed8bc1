//! What goes with time: objects that are nobody's, files that were taken away a month ago, files whose message never came.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use shared::{Result, crash, storage::Storage, tenancy::Tenant};

use super::store::{self, objects};

/// How long the writer of an object may take; longer than any call to the store.
const WRITING: TimeDelta = TimeDelta::minutes(15);
/// How long whoever takes an object away may take; longer than all calls to the store that it needs.
const TAKING: TimeDelta = TimeDelta::minutes(2);
/// How long a file stays after it was taken away.
const REMOVED: TimeDelta = TimeDelta::days(30);
/// How long a file waits for its message (C14).
const WAITING: TimeDelta = TimeDelta::hours(24);
const PORTION: i64 = 100;

/// Takes objects away that are nobody's. True when there are more.
pub async fn erase(tenant: &Tenant, storage: &Storage, now: DateTime<Utc>) -> Result<bool> {
    tenant.db.apply(async |db| objects::give_up(db, now - WRITING, now).await.map(drop)).await?;
    let keys = objects::leaving(&mut *tenant.db.read().await?, now, PORTION).await?;
    for key in &keys {
        if tenant.db.apply(async |db| objects::lease(db, key, (now, now + TAKING)).await).await? {
            erase_one(tenant, storage, key).await?;
        }
    }
    Ok(keys.len() as i64 == PORTION)
}

/// Takes one away that is leased.
async fn erase_one(tenant: &Tenant, storage: &Storage, key: &str) -> Result<()> {
    if let Err(error) = storage.delete_for_good(key).await {
        tenant.db.apply(async |db| objects::release(db, key).await).await?;
        return Err(error);
    }
    crash::point(|| "erase.removed".into());
    tenant.db.apply(async |db| objects::forget(db, key).await).await
}

/// How long until objects are to be taken away.
pub async fn next_erasure(tenant: &Tenant, now: DateTime<Utc>) -> Result<Option<Duration>> {
    let (oldest, leaving) = objects::unsettled(&mut *tenant.db.read().await?).await?;
    let due = oldest.map(|at| at + WRITING).into_iter().chain(leaving).min();
    Ok(due.map(|at| (at - now).to_std().unwrap_or_default()))
}

/// Forgets files that were taken away a month ago.
pub async fn forget_old(tenant: &Tenant, now: DateTime<Utc>) -> Result<()> {
    while tenant.db.apply(async |db| store::forget_removed(db, now - REMOVED, PORTION).await).await? > 0 {}
    Ok(())
}

/// Files whose message has not come within a day.
pub async fn unlinked(tenant: &Tenant, now: DateTime<Utc>) -> Result<Vec<i64>> {
    store::left_waiting(&mut *tenant.db.read().await?, now - WAITING, PORTION).await
}
