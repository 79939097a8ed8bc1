//! One tenant is brought back to a moment (page 12.3.2). Its copy grows beside the live database, which is
//! served meanwhile; it is compared with the backup, made fit to be served, and takes the live one's place in
//! one act. What was written after that moment is lost, by intent. The other database is kept for seven days.
//! Nobody else is disturbed. A restore that fails leaves the live one as it was.

mod files;
mod fit;
mod people;
mod state;
mod swap;

use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::{Error, Result, act::Act, tenancy::route_changed};
use sqlx::Connection;
use uuid::Uuid;

use self::state::State;
use super::{
    inside, load, moment,
    source::Source,
    store,
    take::{self, CLEAR},
};
use crate::{
    app::App,
    events::Platform,
    jobs::{self, Job, Kind, Next, Patience, Performed, Planned, Unit},
    lease,
    provisioning::{
        self, credentials,
        target::{self, Place},
    },
};

/// Its first step.
pub const FIRST: &str = "place";
const LOAD: &str = "load";
const RECOVER: &str = moment::STEP;
const COMPARE: &str = "compare";
const FILES: &str = "files";
const FIT: &str = "fit";
const SWAP: &str = "swap";
const UNDO: &str = "undo";

/// What becomes of a step that fails again and again: what was made is taken back, and that is never given up, but for what
/// lies in the file store.
pub fn patience(step: &str) -> Patience {
    match step {
        UNDO => Patience::Endless,
        CLEAR => Patience::Fails,
        _ => Patience::Then(UNDO),
    }
}

/// What a step counts.
pub fn unit(step: &str) -> Option<Unit> {
    match step {
        LOAD | RECOVER => Some(Unit::Bytes),
        FILES => Some(Unit::Files),
        _ => None,
    }
}

/// How long a try of a step may take at most. While the live database is closed, requests wait or are refused.
pub fn limit(step: &str) -> Duration {
    if matches!(step, FIRST | SWAP | UNDO) { lease::BRIEF } else { lease::LONG }
}

/// Plans a restore. `404` unless the source is this tenant's, `409 job_under_way` while something else is done
/// with its data. `resends` says whether what waited to be sent at that time is sent once more, though it may
/// have been sent since.
pub async fn plan(act: &mut Act, tenant: Uuid, source: Source, resends: bool) -> Result<Uuid> {
    let (as_of, backup) = match &source {
        Source::Backup { id } => {
            // First: whoever takes it away meanwhile has done so before it is looked at.
            store::hold(act.db(), *id).await?;
            let backup = store::by_id(act.db(), *id).await?.filter(|backup| backup.tenant_id == Some(tenant));
            (backup.ok_or(Error::NotFound("backup_not_found"))?.taken_at, Some(*id))
        }
        Source::Moment(moment) => (moment.at, None),
    };
    let live = store::live(act.db(), tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let state = State::of(source, live, as_of, resends);
    let job = jobs::plan(act, &Planned::of_tenant(Kind::Restore, tenant, &state)?).await?;
    // A moment becomes a backup that has the job's id.
    act.record(&Platform::RestoreAsked(tenant, backup.unwrap_or(job))).await?;
    Ok(job)
}

/// The same of a moment. `422` unless it is within what is archived.
pub async fn plan_at(act: &mut Act, tenant: Uuid, at: DateTime<Utc>, resends: bool) -> Result<Uuid> {
    let moment = moment::plan(act.db(), tenant, at).await?;
    plan(act, tenant, Source::Moment(moment), resends).await
}

/// Does a step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let state: State = job.state()?;
    // Somebody has asked for the tenant's deletion meanwhile: it stays what it was. The swap looks by itself.
    let is_before = matches!(job.step.as_str(), LOAD | RECOVER | COMPARE | FILES | FIT);
    if is_before && store::live(&mut *app.db.read().await?, job.tenant()?).await?.is_none() {
        return Ok(Performed::then(UNDO));
    }
    match job.step.as_str() {
        FIRST => {
            // Names of its own for each restore: nothing that is in use is met.
            let tenant = job.tenant()?;
            let sealed = app.db.apply(async |db| credentials::choose(db, &app.keys.ring, tenant).await).await?;
            let key_id = credentials::key_id(sealed.as_ref()).to_owned();
            let place = Place::choose(state.cluster_id, &state.slug, None, sealed);
            Performed::then(LOAD).leaving(&state.placed(&place, &key_id))
        }
        LOAD if matches!(state.source, Source::Moment(_)) => Ok(Performed::then(RECOVER)),
        RECOVER => {
            let Source::Moment(moment) = &state.source else { return Ok(Performed::then(LOAD)) };
            let recovered = Box::pin(moment::recover(app, job, moment)).await?;
            Performed::then(LOAD).leaving(&state.recovered(job.id, recovered))
        }
        LOAD => {
            load::load(app, job, &state.source, (state.cluster_id, &state.place()?.database)).await?;
            Ok(Performed::then(COMPARE))
        }
        COMPARE => {
            compare(app, job, &state).await?;
            Ok(Performed::then(FILES))
        }
        FILES => files::restore(app, job, state).await,
        FIT => {
            fit::make_fit(app, job, &state).await?;
            Ok(Performed::then(SWAP))
        }
        SWAP => swap::perform(app, job, state).await,
        UNDO => {
            undo(app, job, &state).await?;
            let next = if moment::has_written(&state.source) { Next::Undo(CLEAR) } else { Next::Failed };
            Ok(Performed { next, state: None })
        }
        CLEAR => {
            take::clear(app, job).await?;
            Ok(Performed { next: Next::Failed, state: None })
        }
        _ => Err(job.unknown_step()),
    }
}

/// What the control database says of it, in the act that moves the job along.
pub async fn note(act: &mut Act, job: &Job, performed: &Performed) -> Result<()> {
    let state: State = match &performed.state {
        Some(state) => serde_json::from_value(state.clone())?,
        None => return Ok(()),
    };
    match (job.step.as_str(), &state.recovered) {
        (RECOVER, Some(recovered)) => moment::note(act, job, recovered).await,
        (SWAP, _) if state.is_ready => swap::note(act, job, state).await,
        _ => Ok(()),
    }
}

/// The app plane hears at once where the tenant is now.
pub async fn tell(app: &App, job: &Job) -> Result<()> {
    if job.step == SWAP {
        let state: State = job.state()?;
        app.outside.tenants.forget_route(job.tenant()?).await;
        route_changed(&app.outside.cache, &state.slug).await;
    }
    Ok(())
}

async fn compare(app: &App, job: &Job, state: &State) -> Result<()> {
    let place = (state.cluster_id, state.place()?.database);
    let (differences, _) = load::compare(app, job.tenant()?, &state.source, (place.0, &place.1)).await?;
    if differences.is_empty() {
        return Ok(());
    }
    Err(anyhow::anyhow!("the copy is not what the backup says: {}", differences.join("; ")).into())
}

/// A swap that has failed keeps nobody out of the live database until the next try. Whoever has the job knows that nobody
/// has named the copy; after some seconds somebody else may have it, and the server opens nothing then.
pub async fn relieve(app: &App, job: &Job) -> Result<()> {
    if job.step != SWAP {
        return Ok(());
    }
    let state: State = job.state()?;
    let mut server = load::server(app, state.cluster_id).await?;
    let until = inside::store::soon(&mut server).await?;
    if jobs::renew(app, job).await? {
        inside::store::reopen_until(&mut server, &state.role, &until).await?;
    }
    Ok(server.close().await?)
}

/// Opens the live database and takes the copy away, unless the copy is the live one already. The tenant may be on its way
/// out meanwhile: what it has is its own all the same.
async fn undo(app: &App, job: &Job, state: &State) -> Result<()> {
    let used = provisioning::place(&mut *app.db.read().await?, job.tenant()?).await?;
    let copy = state.place().ok();
    if let (Some(used), Some(copy)) = (&used, &copy)
        && (used.cluster_id, &used.database) == (copy.cluster_id, &copy.database)
    {
        return Err(anyhow::anyhow!("database {} is in use and is not dropped", copy.database).into());
    }
    let mut server = load::server(app, state.cluster_id).await?;
    inside::store::reopen(&mut server, &state.role).await?;
    if let Some(copy) = &copy {
        target::store::remove(&mut server, (&copy.database, &copy.role)).await?;
    }
    server.close().await?;
    if let Some(copy) = copy {
        credentials::forget(&app.db, &app.keys.ring, job.tenant()?, &copy.role).await?;
    }
    moment::leave(app, job).await
}
