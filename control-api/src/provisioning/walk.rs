//! The walk: claim a job, do its step, note it, go on. A step and its note are not one transaction,
//! so a step may be done again after a crash; that is why each may be.

use chrono::{DateTime, Utc};
use shared::{
    Error, Result,
    act::{Act, Author},
    crash,
    tenancy::route_changed,
};
use uuid::Uuid;

use super::{AfterFailure, Step, perform, place, store};
use crate::{
    app::App,
    events::Event,
    lease::{self, LEASE},
    members,
    tenants::{self, Status},
};

/// A tenant whose next step is somebody's to do.
#[derive(Debug, Clone)]
pub struct Job {
    /// The tenant.
    pub tenant: Uuid,
    /// The step to do.
    pub step: Step,
    pub(super) holder: Uuid,
    attempts: i32,
    started_at: DateTime<Utc>,
}

/// Takes the next due job, if there is one.
pub async fn claim(app: &App, holder: Uuid) -> Result<Option<Job>> {
    let now = app.clock.now();
    let Some(row) = store::claim(&mut *app.db.read().await?, holder, now, now + LEASE).await? else { return Ok(None) };
    let step = Step::parse(&row.step).ok_or_else(|| anyhow::anyhow!("tenant {} is at step {}", row.tenant_id, row.step))?;
    Ok(Some(Job { tenant: row.tenant_id, step, holder, attempts: row.attempts, started_at: row.started_at }))
}

/// Takes and finishes jobs until none is due.
pub async fn walk_all(app: &App, holder: Uuid) -> Result<()> {
    while let Some(job) = claim(app, holder).await? {
        walk(app, job).await?;
    }
    Ok(())
}

/// Goes on with one tenant until the walk ends, a step fails, or somebody else has taken over.
async fn walk(app: &App, job: Job) -> Result<()> {
    let mut next = Some(job);
    while let Some(job) = next {
        let performed = tokio::select! {
            performed = perform(app, &job) => performed,
            () = lease::keep(|| renew(app, &job)) => return Ok(()),
        };
        let done = match performed {
            Ok(()) => settle(app, &job).await,
            Err(error) => Err(error),
        };
        next = match done {
            Ok(next) => next,
            Err(error) => {
                settle_failure(app, &job, &error).await?;
                None
            }
        };
    }
    Ok(())
}

/// Renews the lease of a job; false when it is no longer ours.
async fn renew(app: &App, job: &Job) -> Result<bool> {
    let until = app.clock.now() + LEASE;
    store::renew(&mut *app.db.read().await?, (job.tenant, job.holder), until).await
}

/// Notes that the job's step is done, with all that belongs to it in the control database, and
/// gives the job with its next step; none at the end, or when the job was no longer ours.
pub async fn settle(app: &App, job: &Job) -> Result<Option<Job>> {
    crash::point(|| format!("provisioning.{}.performed", job.step.as_str()));
    let moved = app.db.act(Author::system("provisioning"), &app.clock, async |act| note(act, app, job).await).await?;
    let Some(to) = moved else { return Ok(None) };
    crash::point(|| format!("provisioning.{}.noted", job.step.as_str()));
    if to == Step::Done {
        tell_app_plane(app, job.tenant).await?;
        let took = (app.clock.now() - job.started_at).num_milliseconds();
        app.figures.provisioning.observe(took as f64 / 1000.0);
        tracing::info!(tenant = %job.tenant, took_ms = took, "tenant provisioned");
    }
    Ok((!to.is_end()).then(|| Job { step: to, attempts: 0, ..job.clone() }))
}

/// The effects of a step in the control database, and the next one; none when the job was not ours.
async fn note(act: &mut Act, app: &App, job: &Job) -> Result<Option<Step>> {
    let (now, who, mut to) = (act.now(), (job.tenant, job.holder), job.step.next());
    if !store::advance(act.db(), who, (job.step, to), (now, now + LEASE)).await? {
        return Ok(None);
    }
    let gone = || anyhow::anyhow!("tenant {} is gone", job.tenant);
    let tenant = tenants::by_id(act.db(), job.tenant).await?.ok_or_else(gone)?;
    match job.step {
        Step::Place => {
            if place::find(act, app, &tenant).await? {
                store::advance(act.db(), who, (to, Step::Seed), (now, now + LEASE)).await?;
                to = Step::Seed;
            }
        }
        Step::Activate => {
            tenants::become_status(act.db(), tenant.id, Status::Active, now).await?;
            let tenant = tenants::by_id(act.db(), job.tenant).await?.ok_or_else(gone)?;
            act.record(&Event::TenantProvisioned(tenant)).await?;
            for member in members::all_active(act.db(), job.tenant).await? {
                act.record(&Event::UserCreated(member)).await?;
            }
        }
        Step::Undo => {
            store::clear_place(act.db(), tenant.id, now).await?;
            tenants::become_status(act.db(), tenant.id, Status::Failed, now).await?;
            let tenant = tenants::by_id(act.db(), job.tenant).await?.ok_or_else(gone)?;
            act.record(&Event::TenantFailed(tenant)).await?;
        }
        Step::Role | Step::Database | Step::Grants | Step::Seed | Step::Done | Step::Undone => {}
    }
    Ok(Some(to))
}

/// The app plane may remember that there was no such tenant: tells it to look again.
async fn tell_app_plane(app: &App, id: Uuid) -> Result<()> {
    let tenant = tenants::by_id(&mut *app.db.read().await?, id).await?;
    if let Some(tenant) = tenant {
        route_changed(&app.outside.cache, &tenant.slug).await;
    }
    Ok(())
}

/// Notes that the step failed: it is tried again later, or everything is taken back.
pub async fn settle_failure(app: &App, job: &Job, error: &Error) -> Result<()> {
    let attempts = job.attempts + 1;
    let now = app.clock.now();
    let (step, attempts, next_at) = match job.step.after_failure(attempts) {
        // Nobody's fault: it waits as long as it takes.
        _ if error.is_vaults() => (job.step, job.attempts, now + lease::AWAY),
        AfterFailure::Again(pause) => (job.step, attempts, now + pause),
        AfterFailure::GiveUp => (Step::Undo, 0, now),
    };
    tracing::warn!(tenant = %job.tenant, step = job.step.as_str(), attempts = job.attempts + 1, %error, "provisioning step failed");
    let who = (job.tenant, job.holder);
    store::put_off(&mut *app.db.read().await?, who, (job.step, step), (attempts, &error.to_string()), next_at).await
}

/// Begins again with a tenant that was given up.
pub async fn retry(act: &mut Act, tenant: Uuid) -> Result<()> {
    let now = act.now();
    let slug = tenants::by_id(act.db(), tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?.slug;
    // Held, so that nobody begins to delete it meanwhile; what is being deleted is given up for good.
    let given_up = tenants::hold(act, &slug).await?.status == Status::Failed;
    if !given_up || !store::restart(act.db(), tenant, now).await? {
        return Err(Error::conflict("conflict", "Only a tenant that was given up can be tried again."));
    }
    tenants::become_status(act.db(), tenant, Status::Provisioning, now).await?;
    let tenant = tenants::by_id(act.db(), tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    act.record(&Event::TenantCreated(tenant)).await?;
    Ok(())
}
