//! The walk: claim a job, do its step, note it, go on. A step and its note are not one transaction, so a step
//! may be done again after a crash; that is why each may be.

use std::time::Duration;

use chrono::TimeDelta;
use shared::{Error, Result, act::Author, crash};
use uuid::Uuid;

use super::{AfterFailure, Job, Kind, Next, Performed, kinds, model::ATTEMPTS, store};
use crate::{
    app::App,
    lease::{self, LEASE},
};

/// How long it may take to let those go on who wait for a step that has failed: less than a lease.
const RELIEF: Duration = Duration::from_secs(8);

/// Takes the next due job, if there is one.
pub async fn claim(app: &App, holder: Uuid) -> Result<Option<Job>> {
    claim_of(app, holder, &Kind::ALL).await
}

async fn claim_of(app: &App, holder: Uuid, kinds: &[Kind]) -> Result<Option<Job>> {
    let now = app.clock.now();
    store::claim(&mut *app.db.read().await?, (holder, kinds), now, now + LEASE).await
}

/// Takes jobs and does their steps until none is due.
pub async fn work_all(app: &App, holder: Uuid) -> Result<()> {
    work_of(app, holder, &Kind::ALL).await
}

/// The same, but for jobs of kinds of which there may be so many that others would wait behind them.
pub async fn work_all_but(app: &App, holder: Uuid, spared: &[Kind]) -> Result<()> {
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !spared.contains(kind)).collect();
    work_of(app, holder, &kinds).await
}

async fn work_of(app: &App, holder: Uuid, kinds: &[Kind]) -> Result<()> {
    while let Some(job) = claim_of(app, holder, kinds).await? {
        work(app, job).await?;
    }
    Ok(())
}

/// Goes on with one job until it ends or waits, a step fails, or somebody else has taken over.
async fn work(app: &App, job: Job) -> Result<()> {
    let mut next = Some(job);
    while let Some(job) = next {
        let performed = tokio::select! {
            performed = perform(app, &job) => performed,
            () = lease::keep(|| renew(app, &job)) => return Ok(()),
        };
        let done = match performed {
            Ok(performed) => settle(app, &job, &performed).await,
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

/// Does the step, unless it kills whoever does it: then it has failed, and is tried again with the pauses of failures.
async fn perform(app: &App, job: &Job) -> Result<Performed> {
    if job.is_orphan && job.attempts >= ATTEMPTS {
        return Err(anyhow::anyhow!("whoever works on it dies").into());
    }
    let limit = job.kind.limit(&job.step).min(app.rules.longest_step);
    lease::within(limit, kinds::perform(app, job)).await
}

/// Renews the lease of a job; false when it is no longer ours, or has left the step: the note of the step's end may have been
/// written though its answer was lost. Where it is ours, nobody who had it before changes the control database for it any more.
pub async fn renew(app: &App, job: &Job) -> Result<bool> {
    let until = app.clock.now() + LEASE;
    store::renew(&mut *app.db.read().await?, job, until).await
}

/// Notes that the job's step is done, with all that belongs to it in the control database, and gives the job
/// with its next step; none when it waits or has ended, or was no longer ours.
pub async fn settle(app: &App, job: &Job, performed: &Performed) -> Result<Option<Job>> {
    crash::point(|| format!("{}.{}.performed", job.kind.as_str(), job.step));
    let moved = app.db.act(Author::system(job.kind.as_str()), &app.clock, async |act| {
        let now = act.now();
        if !store::advance(act.db(), job, performed.next, performed.state.as_ref(), (now, now + LEASE)).await? {
            return Ok(false);
        }
        kinds::note(act, app, job, performed).await?;
        act.leaves_work();
        Ok(true)
    });
    if !moved.await? {
        return Ok(None);
    }
    crash::point(|| format!("{}.{}.noted", job.kind.as_str(), job.step));
    kinds::tell(app, job).await?;
    let state = performed.state.clone().unwrap_or_else(|| job.state.clone());
    Ok(match performed.next {
        Next::Step(step) | Next::Undo(step) => Some(Job { step: step.to_owned(), state, attempts: 0, is_orphan: false, ..job.clone() }),
        Next::At(..) => None,
        Next::Done | Next::Failed => {
            let took = (app.clock.now() - job.created_at).num_milliseconds();
            tracing::info!(job = %job.id, kind = job.kind.as_str(), tenant = ?job.tenant, next = ?performed.next, took_ms = took, "job ended");
            None
        }
    })
}

/// Notes that the step failed: it is tried again later, or the kind's patience has ended.
pub async fn settle_failure(app: &App, job: &Job, error: &Error) -> Result<()> {
    let (attempts, now) = (job.attempts + 1, app.clock.now());
    tracing::warn!(job = %job.id, kind = job.kind.as_str(), step = job.step, attempts, %error, "a job's step failed");
    let least = relieve(app, job).await;
    let mut db = app.db.read().await?;
    match job.kind.patience(&job.step).after_failure(attempts) {
        // Nobody's fault: it waits as long as it takes.
        _ if error.is_vaults() => store::put_off(&mut db, job, (&job.step, job.attempts), &error.to_string(), now + lease::AWAY).await,
        AfterFailure::Again(pause) => store::put_off(&mut db, job, (&job.step, attempts), &error.to_string(), now + pause.max(least)).await,
        AfterFailure::Go(step) => store::put_off(&mut db, job, (step, 0), &error.to_string(), now).await,
        AfterFailure::Failed => store::fail(&mut db, job, &error.to_string(), now).await,
    }
}

/// Lets those go on who wait for the step, and says how long it must not be tried: while nobody knows whether what was
/// asked for is still done, nobody else has the job.
async fn relieve(app: &App, job: &Job) -> TimeDelta {
    let relieved = tokio::time::timeout(RELIEF, kinds::relieve(app, job)).await;
    match relieved.unwrap_or(Err(Error::Unavailable("cluster"))) {
        Ok(()) => TimeDelta::zero(),
        Err(error) => {
            tracing::warn!(job = %job.id, step = job.step, %error, "whoever waits for this step waits on");
            LEASE
        }
    }
}
