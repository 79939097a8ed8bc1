//! Once a week: objects that nobody knows go, and objects that are missing are told of. It goes on a part at a time, so that nobody's
//! housekeeping waits for the largest organisation.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    Result,
    storage::{Storage, prefix_of},
    tenancy::Tenant,
};

use super::{
    comparison::{Difference, Stretch},
    store::compared::{self, Comparison},
};

const EVERY: TimeDelta = TimeDelta::days(7);
/// Pages of a thousand objects that are compared at once.
const PAGES: usize = 20;
/// Objects that are held against a page: a store that has lost all of them has pages without end.
const STORED: i64 = 2000;
/// Missing objects that are named one by one.
const NAMED: usize = 20;
/// Where files lie, and what is on its way. What else the organisation has in the store is others'.
const OURS: [&str; 2] = ["temp/", "tickets/"];

/// Compares the next part, if it is time for it.
pub async fn compare(tenant: &Tenant, storage: &Storage, now: DateTime<Utc>) -> Result<()> {
    let last = compared::last(&mut *tenant.db.read().await?).await?;
    let mut comparison = match last {
        Some(last) if last.up_to.is_some() => last,
        Some(last) if now - last.begun_at < EVERY => return Ok(()),
        _ => Comparison { begun_at: now, up_to: Some(String::new()), nobodys: 0, missing: 0 },
    };
    for _ in 0..PAGES {
        let found = page(tenant, storage, &mut comparison, now).await?;
        tell(tenant, &found);
        comparison.nobodys += found.nobodys.len() as i64;
        comparison.missing += found.missing.len() as i64;
        tenant.db.apply(async |db| compared::note(db, &comparison, &found.nobodys, now).await).await?;
        if comparison.up_to.is_none() {
            break;
        }
    }
    Ok(())
}

/// Compares a page of the store's list, and says where the next one begins.
async fn page(tenant: &Tenant, storage: &Storage, comparison: &mut Comparison, now: DateTime<Utc>) -> Result<Difference> {
    let own = prefix_of(tenant.id);
    let after = comparison.up_to.clone().unwrap_or_default();
    // `~` stands behind whatever our keys are made of: where a folder ends.
    let folder = OURS.iter().map(|folder| format!("{own}{folder}")).find(|folder| after < format!("{folder}~"));
    let Some(folder) = folder else {
        comparison.up_to = None;
        return Ok(Difference::default());
    };
    let after = after.max(folder.clone());
    let mut listing = storage.list_after(&folder, &after).await?;
    let last = listing.objects.last().filter(|_| listing.next.is_some()).map_or_else(|| format!("{folder}~"), |last| last.key.clone());
    let mut db = tenant.db.read().await?;
    let keys: Vec<String> = listing.objects.iter().map(|object| object.key.clone()).collect();
    // Asked after the store: what was stored or taken away meanwhile is young, or known.
    let stored = compared::stored(&mut db, (&after, &last), comparison.begun_at, STORED).await?;
    let known = compared::known(&mut db, &keys).await?;
    // What stands behind the last one is compared with the next page.
    let last = stored.last().filter(|_| stored.len() as i64 == STORED).cloned().unwrap_or(last);
    listing.objects.retain(|object| object.key <= last);
    comparison.up_to = Some(last);
    Ok(Stretch { objects: &listing.objects, stored: &stored, known: &known }.difference(now))
}

fn tell(tenant: &Tenant, found: &Difference) {
    for key in found.missing.iter().take(NAMED) {
        tracing::error!(tenant = %tenant.id, key, "the store has lost an object");
    }
    if found.missing.len() > NAMED {
        tracing::error!(tenant = %tenant.id, missing = found.missing.len(), "the store has lost more objects than are named");
    }
    if !found.nobodys.is_empty() {
        tracing::warn!(tenant = %tenant.id, objects = found.nobodys.len(), "objects that nobody knows go");
    }
}
