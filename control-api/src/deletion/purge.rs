//! Carrying a deletion out: the job that takes a tenant's data away. Everything that goes is looked at
//! before anything goes, so that the record is true after a crash too. Each step may be done twice.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::{Act, Author},
    storage::{Counted, prefix_of},
    tenancy::route_changed,
};
use uuid::Uuid;

use super::{model::Deletion, record, store};
use crate::{
    app::App,
    backups, billing,
    events::Platform,
    exports,
    jobs::{self, Job, Kind, Next, Performed, Planned},
    provisioning::leave::{self, Held},
    tenants::{self, Status},
};

/// Its first step: to see what there is.
pub const FIRST: &str = "look";
/// People who are taken away in one act.
const PEOPLE: i64 = 500;
/// How long it waits before it looks again whether something is still being made of the data.
const WAIT: TimeDelta = TimeDelta::minutes(1);

/// What there was, for the steps that take it away and for the record.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    /// The tenant's databases.
    pub databases: Vec<Held>,
    /// Its files.
    pub objects: Counted,
}

/// Plans the purge of each tenant whose days of grace are over. One whose data something else is done with
/// just now waits for that; one that fails keeps no other from its end, and what was wrong with the last such is told.
pub async fn begin_due(app: &App) -> Result<()> {
    // Named, so that the connection is given back before the work begins.
    let due = store::due(&mut *app.db.read().await?, app.clock.now()).await?;
    let mut all = Ok(());
    for tenant in due {
        match app.db.act(Author::system("deletion"), &app.clock, async |act| begin(act, tenant).await).await {
            Err(Error::Conflict { detail, .. }) => tracing::info!(%tenant, detail, "its deletion waits"),
            Err(error) => {
                tracing::warn!(%tenant, %error, "its deletion does not begin");
                all = Err(error);
            }
            Ok(()) => {}
        }
    }
    all
}

async fn begin(act: &mut Act, id: Uuid) -> Result<()> {
    let now = act.now();
    let Some(tenant) = tenants::by_id(act.db(), id).await? else { return Ok(()) };
    // The tenant before its deletion, as wherever both are.
    let tenant = tenants::hold(act, &tenant.slug).await?;
    let deletion = store::lock(act.db(), id).await?.filter(|deletion| deletion.is_due(now));
    if deletion.is_none() || tenant.status != Status::Deleting {
        return Ok(());
    }
    // Once the purge is there nobody begins an invoice any more.
    billing::begin_missing(act, id).await?;
    store::mark_begun(act.db(), id, now).await?;
    jobs::plan(act, &Planned::of_tenant(Kind::Purge, id, &Found::default())?).await?;
    act.record(&Platform::TenantDeletionBegun(tenant)).await?;
    Ok(())
}

/// Does the work of a step outside of the control database.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let (tenant, found) = (job.tenant()?, job.state::<Found>()?);
    match job.step.as_str() {
        FIRST => look(app, tenant).await,
        "close" => {
            for held in &found.databases {
                leave::close(app, tenant, &held.left).await?;
            }
            Ok(Performed::then("databases"))
        }
        "databases" => {
            leave::remove_all(app, tenant, found.databases.iter().map(|held| &held.left)).await?;
            Ok(Performed::then("objects"))
        }
        "objects" => {
            app.outside.storage.delete_prefix(&prefix_of(tenant)).await?;
            // What somebody who has died was writing there, too.
            backups::clear(&app.outside.storage, &exports::prefix_of(tenant)).await?;
            backups::forget_keys(app, tenant).await?;
            backups::forget_strays(app, tenant).await?;
            app.keys.ring.remove_credentials(tenant).await?;
            Ok(Performed::then("cache"))
        }
        "cache" => {
            app.outside.cache.forget_tenant(tenant).await?;
            Ok(Performed::then("rows"))
        }
        "rows" => Ok(Performed::then("people")),
        "people" | "record" => {
            let any = store::any_member(&mut *app.db.read().await?, tenant).await?;
            Ok(match (job.step.as_str(), any) {
                (_, true) => Performed::then("people"),
                ("people", false) => Performed::then("record"),
                _ => Performed::done(),
            })
        }
        _ => Err(job.unknown_step()),
    }
}

/// Sees what there is, once nothing is made of it any more. An archive on which nobody works just now is not made: it might fail
/// again and again, and the data would stay for as long.
async fn look(app: &App, tenant: Uuid) -> Result<Performed> {
    exports::end_waiting(app, tenant).await?;
    if is_needed(app, tenant).await? {
        return Ok(Performed::at(FIRST, app.clock.now() + WAIT));
    }
    let databases = leave::look(app, tenant).await?;
    let objects = app.outside.storage.count_prefix(&prefix_of(tenant)).await?;
    Performed::then("close").leaving(&Found { databases, objects })
}

/// Whether something is still being made of the tenant's data: what it owes is reckoned from it, and an archive would be
/// finished, and stay, where everything else was taken away.
async fn is_needed(app: &App, tenant: Uuid) -> Result<bool> {
    let mut db = app.db.read().await?;
    Ok(billing::is_making(&mut db, tenant).await? || !jobs::states_of(&mut db, tenant, Kind::Export).await?.is_empty())
}

/// Takes away what a step takes from the control database, and counts it.
pub async fn note(act: &mut Act, app: &App, job: &Job, performed: &Performed) -> Result<()> {
    let tenant = job.tenant()?;
    match (job.step.as_str(), performed.next) {
        ("databases", _) => leave::forget(act, tenant).await,
        ("rows", _) => {
            backups::shred(act, tenant).await?;
            jobs::forget_states(act, tenant).await?;
            erase(act, tenant, Part::Tenant).await
        }
        ("people", Next::Step("people")) => erase(act, tenant, Part::People).await,
        ("record", Next::Done) => {
            // What has come meanwhile.
            erase(act, tenant, Part::Tenant).await?;
            end(act, app, (tenant, &job.state()?)).await
        }
        _ => Ok(()),
    }
}

/// Which rows.
#[derive(Debug, Clone, Copy)]
enum Part {
    Tenant,
    People,
}

async fn erase(act: &mut Act, tenant: Uuid, part: Part) -> Result<()> {
    let mut removed = expected(act, tenant).await?.removed;
    match part {
        Part::Tenant => store::tenant_rows(act.db(), tenant, &mut removed).await?,
        Part::People => store::erase_people(act.db(), tenant, PEOPLE, &mut removed).await?,
    }
    store::set_removed(act.db(), tenant, &removed).await
}

async fn expected(act: &mut Act, tenant: Uuid) -> Result<Deletion> {
    let deletion = store::lock(act.db(), tenant).await?;
    deletion.ok_or_else(|| Error::internal(anyhow::anyhow!("tenant {tenant} is purged, and nobody has asked for it")))
}

/// The last act: the record, and a tenant of which only the name is left.
async fn end(act: &mut Act, app: &App, (id, found): (Uuid, &Found)) -> Result<()> {
    let deletion = expected(act, id).await?;
    let tenant = tenants::by_id(act.db(), id).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let signed = record::make(&tenant, &deletion, found, (&app.keys.records, act.now()))?;
    store::insert_record(act.db(), id, &signed).await?;
    store::remove(act.db(), id).await?;
    tenants::empty(act, id).await?;
    let tenant = tenants::by_id(act.db(), id).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    act.record(&Platform::TenantDeleted(tenant)).await?;
    Ok(())
}

/// The app plane looks anew after each step that changes where a tenant is, or that it is.
pub async fn tell(app: &App, job: &Job) -> Result<()> {
    if matches!(job.step.as_str(), "close" | "databases" | "record") {
        let tenant = tenants::by_id(&mut *app.db.read().await?, job.tenant()?).await?;
        if let Some(tenant) = tenant {
            route_changed(&app.outside.cache, &tenant.slug).await;
        }
    }
    Ok(())
}
