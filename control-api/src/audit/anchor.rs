//! The newest seal of each tenant's trail, kept in the control database. A kept seal moves on only
//! while the trail still contains it: whoever cuts a trail off or makes it anew is noticed within
//! minutes, and the kept seal stays as proof until an operator has looked.

use shared::{
    Error, Result,
    act::{Act, Author},
    audit::{Newest, contains, newest},
    tenancy::Quiet,
};
use uuid::Uuid;

use super::{
    store::{self, Anchor},
    trails::Trails,
};
use crate::{events::Event, tenants};

const PAGE: i64 = 200;

/// Looks at the trail of every tenant that is not quiet, suspended ones' too, and says how many do not contain
/// their kept seal. Whoever changes a trail writes into its database. One whose server is away is left for the
/// next round.
pub async fn anchor_all(trails: &Trails, quiet: &mut Quiet) -> Result<i64> {
    let mut last = Uuid::nil();
    quiet.begin();
    loop {
        let page = trails.tenants.all_stored(last, PAGE).await?;
        let Some(end) = page.last() else { break };
        last = *end;
        let written = trails.tenants.written(&page).await?;
        for id in page {
            if !quiet.wants(id, written.get(&id)) {
                continue;
            }
            match anchor(trails, id).await {
                Ok(()) => quiet.looked(id),
                Err(error) => {
                    tracing::warn!(tenant = %id, %error, "its audit trail was not looked at");
                    quiet.failed(id);
                }
            }
        }
    }
    store::broken(&mut *trails.db.read().await?).await
}

async fn anchor(trails: &Trails, id: Uuid) -> Result<()> {
    let Some(tenant) = trails.tenants.stored(id).await? else { return Ok(()) };
    let mut own = tenant.db.read().await?;
    if tenant.db.lacks_months() {
        return Ok(());
    }
    let kept = store::anchor(&mut *trails.db.read().await?, id).await?;
    // Before the newest is read: what is contained now is contained in it.
    let is_whole = match &kept {
        Some(Anchor { newest, .. }) => contains(&mut own, newest).await?,
        None => true,
    };
    let newest = newest(&mut own).await?;
    drop(own);
    let (mut db, now) = (trails.db.read().await?, trails.clock.now());
    if !is_whole {
        if !kept.is_some_and(|kept| kept.is_broken) {
            tracing::error!(tenant = %id, "its audit trail does not contain its kept seal any more");
        }
        return store::note_broken(&mut db, id, now).await;
    }
    match newest {
        Some(newest) => store::keep(&mut db, id, &newest, now).await,
        None => Ok(()),
    }
}

/// Takes a tenant's trail as it is, after an operator has found out why it is another one, as after a
/// restore. That is an act of its own, and stands in the tenant's trail.
pub async fn reanchor(trails: &Trails, slug: &str) -> Result<()> {
    let tenant = tenants::by_slug(&mut *trails.db.read().await?, slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let stored = trails.tenants.stored(tenant.id).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let newest = newest(&mut *stored.db.read().await?).await?;
    let id = tenant.id;
    trails.db.act(Author::system("command line"), &trails.clock, async |act| take(act, id, newest.as_ref()).await).await
}

/// Takes a tenant's trail as it is: from now on this seal is the newest that it must contain.
pub async fn take(act: &mut Act, tenant: Uuid, newest: Option<&Newest>) -> Result<()> {
    let known = tenants::by_id(act.db(), tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let before = store::anchor(act.db(), tenant).await?;
    let now = act.now();
    store::replace(act.db(), tenant, newest, now).await?;
    let (from, to) = (before.map(|kept| kept.newest.seq), newest.map(|newest| newest.seq));
    act.record(&Event::AuditReanchored(known, from, to)).await?;
    Ok(())
}
