//! What an operator does with runs: begins one, holds it, lets it go on, has failed databases tried again.

use sha2::{Digest, Sha256};
use shared::{Error, Result, act::Act};
use uuid::Uuid;

use super::{
    migrations::Migrations,
    model::{Run, RunState, Wanted},
    rules::waves,
    store,
};
use crate::{events::Platform, tenants};

/// Begins a run over all databases, or one tenant's. `409 migration_under_way` while one of the same files runs, and
/// `409 migration_held` while an operator holds one, unless it is to end; one of another release ends.
pub async fn start(act: &mut Act, migrations: &Migrations, wanted: &Wanted) -> Result<Run> {
    if let Some(field) = wanted.wrong() {
        return Err(Error::field(field, "out_of_range", "From 1 to 64 databases at a time, and from 0 to 100 per cent."));
    }
    let (id, now) = (Uuid::now_v7(), act.now());
    let candidates = store::candidates(act.db(), wanted.tenant.as_deref()).await?;
    if wanted.tenant.is_some() && candidates.is_empty() {
        return Err(Error::NotFound("tenant_not_found"));
    }
    if let Some(unknown) = wanted.canaries.iter().find(|slug| !candidates.iter().any(|c| c.slug == **slug)) {
        return Err(Error::field("canaries", "unknown_value", format!("{unknown} is no tenant with a database.")));
    }
    if !wanted.replaces_held {
        nobody_holds_one(act).await?;
    }
    for ended in store::supersede(act.db(), migrations.digest(), now).await? {
        act.record(&Platform::MigrationStopped(ended, store::SUPERSEDED.to_owned())).await?;
    }
    store::insert(act.db(), id, (migrations.newest(), migrations.digest()), wanted, now).await?;
    // Another order in each run, so that it is not always the same who goes first.
    let chance = |tenant: Uuid| {
        let hash = Sha256::new().chain_update(id).chain_update(tenant).finalize();
        hash.iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte))
    };
    store::insert_targets(act.db(), id, &waves(&candidates, &wanted.canaries, chance), now).await?;
    if candidates.is_empty() {
        store::set_state(act.db(), id, RunState::Done, None, now).await?;
    }
    let run = known(act, id).await?;
    act.record(&Platform::MigrationStarted(run.clone())).await?;
    Ok(run)
}

/// Whoever holds a run has a reason, which whoever begins another one may not know. Only the newest run can be open; it
/// stays as it is until the act ends.
async fn nobody_holds_one(act: &mut Act) -> Result<()> {
    let Some(newest) = store::newest(act.db()).await? else { return Ok(()) };
    match store::lock(act.db(), newest.id).await?.0 {
        RunState::Paused => Err(Error::conflict("migration_held", "A run is held. Let it go on, or say that another one replaces it.")),
        RunState::Running | RunState::Stopped | RunState::Done => Ok(()),
    }
}

/// Holds a run: no other database is begun. `409 conflict` unless it runs.
pub async fn pause(act: &mut Act, run: Uuid) -> Result<Run> {
    let now = act.now();
    match store::lock(act.db(), run).await?.0 {
        RunState::Running => store::set_state(act.db(), run, RunState::Paused, Some("an operator holds it"), now).await?,
        RunState::Paused | RunState::Stopped | RunState::Done => {
            return Err(Error::conflict("conflict", "Only a run that goes on is held."));
        }
    }
    act.record(&Platform::MigrationPaused(run)).await?;
    known(act, run).await
}

/// Lets a run go on that was held or has stopped; what has failed so far does not stop it again.
pub async fn resume(act: &mut Act, migrations: &Migrations, run: Uuid) -> Result<Run> {
    let now = act.now();
    let (state, digest, _) = store::lock(act.db(), run).await?;
    match state {
        RunState::Paused | RunState::Stopped => {}
        RunState::Running | RunState::Done => return Err(Error::conflict("conflict", "Only a run that stands still goes on.")),
    }
    may_go_on(act, migrations, (run, &digest)).await?;
    store::forgive(act.db(), run).await?;
    let is_over = store::standing(act.db(), run).await?.open == 0;
    store::set_state(act.db(), run, if is_over { RunState::Done } else { RunState::Running }, None, now).await?;
    act.record(&Platform::MigrationResumed(run)).await?;
    known(act, run).await
}

/// Has the databases tried again that were given up, and lets the run go on. `409 conflict` when there are none.
pub async fn retry(act: &mut Act, migrations: &Migrations, run: Uuid) -> Result<Run> {
    let now = act.now();
    let (_, digest, _) = store::lock(act.db(), run).await?;
    may_go_on(act, migrations, (run, &digest)).await?;
    if store::retry(act.db(), run, now).await? == 0 {
        return Err(Error::conflict("conflict", "No database has failed."));
    }
    store::set_state(act.db(), run, RunState::Running, None, now).await?;
    act.record(&Platform::MigrationRetried(run)).await?;
    known(act, run).await
}

/// Of the newest run alone, and with its own files: others would bring databases somewhere else.
async fn may_go_on(act: &mut Act, migrations: &Migrations, (run, digest): (Uuid, &str)) -> Result<()> {
    let newest = store::newest(act.db()).await?;
    if newest.is_none_or(|newest| newest.id != run) || digest != migrations.digest() {
        return Err(Error::conflict("migration_outdated", "A newer run, or one with this release's migrations, takes its place."));
    }
    Ok(())
}

/// Marks a tenant whose database goes first in every run, or takes the mark away.
pub async fn mark(act: &mut Act, slug: &str, is_canary: bool) -> Result<()> {
    let tenant = tenants::by_slug(act.db(), slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    store::mark(act.db(), tenant.id, is_canary).await?;
    act.record(&Platform::CanaryMarked(tenant, is_canary)).await?;
    Ok(())
}

async fn known(act: &mut Act, run: Uuid) -> Result<Run> {
    store::by_id(act.db(), run).await?.ok_or(Error::NotFound("migration_not_found"))
}
