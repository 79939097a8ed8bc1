//! Doing what a job says: each ticket in an act of its own, which writes its result too. So a ticket has its turn once,
//! whoever runs the job and however often.

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt, stream};
use shared::{
    Error, Result,
    act::{Act, Actor, Author},
    clock::Clock,
    tenancy::Tenant,
};

use super::{
    super::{
        model::{Ticket, TicketRef},
        show,
        visibility::Viewer,
        work::{self, Before, Work},
    },
    model::{Job, NEEDED, code},
    store,
};
use crate::people;

/// Tickets changed at the same time: a job must not take all the connections that its tenant has.
const AT_ONCE: usize = 3;
const PORTION: i64 = 50;
/// A job on which nobody has worked for so long was left by its process.
const LEFT: TimeDelta = TimeDelta::seconds(60);
/// For so long a job that this release cannot read is left to the one that began it.
const CHANGING: TimeDelta = TimeDelta::hours(1);

/// Whoever does a job, and on whose account.
#[derive(Clone)]
pub(super) struct Runner {
    pub tenant: Tenant,
    pub clock: Clock,
    pub author: Author,
    pub viewer: Viewer,
}

impl Runner {
    /// Does what is left of a job.
    pub async fn run(&self, job: &Job) -> Result<()> {
        loop {
            let mut db = self.tenant.db.read().await?;
            let places = store::open_items(&mut db, job.id, PORTION).await?;
            if places.is_empty() {
                store::finish(&mut db, job.id, self.clock.now()).await?;
                return Ok(());
            }
            store::touch(&mut db, job.id, self.clock.now()).await?;
            drop(db);
            let taking = stream::iter(places).map(|place| self.turn(job, place));
            let taken: Vec<bool> = taking.buffer_unordered(AT_ONCE).try_collect().await?;
            if !taken.contains(&true) {
                // Somebody else is at all of them.
                return Ok(());
            }
        }
    }

    /// Gives a ticket its turn; false when somebody else does.
    async fn turn(&self, job: &Job, place: i32) -> Result<bool> {
        let viewer = self.viewer;
        let change = async || self.tenant.db.act(self.author.clone(), &self.clock, async |act| change(act, viewer, job, place).await).await;
        let done = match change().await {
            // Others may have been in its way; if it is its own fault, no other ticket waits for it.
            Err(error) if error.is_out_of_time() => change().await,
            done => done,
        };
        match done {
            Err(error @ (Error::Unavailable(_) | Error::Contended | Error::Moved | Error::Wanted(_))) if !error.is_out_of_time() => {
                Err(error)
            }
            Err(error) => {
                if let Error::Internal { .. } = error {
                    tracing::error!(tenant = %self.tenant.id, job = job.id, %error, "a ticket of a bulk job could not be changed");
                }
                store::refused(&mut *self.tenant.db.read().await?, (job.id, place), code(&error)).await?;
                Ok(true)
            }
            done => done,
        }
    }
}

async fn change(act: &mut Act, viewer: Viewer, job: &Job, place: i32) -> Result<bool> {
    let Some(id) = store::take_item(act.db(), job.id, place).await? else { return Ok(false) };
    let ticket = look(act, viewer, job, id).await?;
    let (me, before) = (job.user_id, Before::of(&ticket));
    let after = match job.undo_of {
        None => work::apply(act, me, ticket, &Work::of(&job.asked)?).await?,
        Some(undone) => {
            let was = unchanged(act, undone, &ticket).await?;
            work::undo(act, me, ticket, (job.action, &was)).await?
        }
    };
    store::did(act.db(), (job.id, place), &before, after.version).await?;
    Ok(true)
}

/// A ticket of the job, for whoever is about to change it. Who takes back what they have done themselves finds what they
/// gave out of their sight by it, as long as nobody has changed it since.
async fn look(act: &mut Act, viewer: Viewer, job: &Job, id: i64) -> Result<Ticket> {
    let named = TicketRef::Id(id);
    match (show::lock(act, viewer, &named).await, job.undo_of) {
        (Err(Error::NotFound(code)), Some(undone)) => {
            let left_as = store::done_by(act.db(), (undone, job.user_id), id).await?;
            let ticket = show::lock(act, Viewer::Everything, &named).await?;
            if left_as == Some(ticket.version) { Ok(ticket) } else { Err(Error::NotFound(code)) }
        }
        (found, _) => found,
    }
}

/// What a ticket was before a job, if nobody has changed it since.
async fn unchanged(act: &mut Act, job: i64, ticket: &Ticket) -> Result<Before> {
    let (before, after) = store::done_to(act.db(), job, ticket.id).await?.ok_or(Error::NotFound("not_found"))?;
    if after == ticket.version { Ok(before) } else { Err(Error::VersionMismatch) }
}

/// Goes on with the jobs of a tenant that their process has left. One that this release cannot read keeps no other
/// waiting: another release may read it, for as long as releases change.
pub async fn resume(tenant: &Tenant, clock: &Clock) -> Result<()> {
    let left = store::left_lying(&mut *tenant.db.read().await?, clock.now() - LEFT).await?;
    for store::Left { id, created_at, job } in left {
        match job {
            Ok(job) => go_on(tenant, clock, &job).await?,
            Err(error) => {
                tracing::error!(tenant = %tenant.id, job = id, %error, "a bulk job cannot be read");
                if created_at < clock.now() - CHANGING {
                    stop(tenant, clock, id, "internal").await?;
                } else {
                    store::touch(&mut *tenant.db.read().await?, id, clock.now()).await?;
                }
            }
        }
    }
    Ok(())
}

/// Whether a process has left a job of a tenant.
pub async fn has_left(tenant: &Tenant, clock: &Clock) -> Result<bool> {
    Ok(!store::left_lying(&mut *tenant.db.read().await?, clock.now() - LEFT).await?.is_empty())
}

/// Goes on with a job on account of whoever began it, with the role and the eyes that they have now; where they may not any
/// more, or have left, it ends and says so.
async fn go_on(tenant: &Tenant, clock: &Clock, job: &Job) -> Result<()> {
    let person = people::find(&mut *tenant.db.read().await?, job.user_id).await?;
    let Some(person) = person.filter(|person| person.active && NEEDED.iter().all(|needed| needed.is_given_to(person.role))) else {
        return stop(tenant, clock, job.id, "forbidden").await;
    };
    let actor = Actor::Person { id: person.id, role: person.role.as_str().to_owned() };
    let author = Author { actor, ..Author::system("bulk") };
    Runner { tenant: tenant.clone(), clock: clock.clone(), author, viewer: Viewer::of(&person) }.run(job).await
}

/// Ends a job with which nobody may go on.
async fn stop(tenant: &Tenant, clock: &Clock, job: i64, code: &str) -> Result<()> {
    let mut db = tenant.db.read().await?;
    store::refuse_rest(&mut db, job, code).await?;
    store::finish(&mut db, job, clock.now()).await.map(drop)
}
