//! Doing what a job says: each ticket in an act of its own, which writes its result too. So a ticket has its turn once,
//! whoever runs the job and however often. Whoever has asked for it is looked at before each portion and held in each act: what
//! they may not any more is not done.

use std::time::Duration;

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt, stream};
use shared::{
    Error, Result,
    act::{Act, Author},
    clock::Clock,
    db::Db,
    tenancy::{Tenant, Tenants},
};
use uuid::Uuid;

use super::{
    super::{
        model::{Ticket, TicketRef},
        show,
        visibility::Viewer,
        work::{self, Before, Work},
    },
    model::{Job, code},
    store,
};
use crate::{access::Access, app::App, people};

/// Tickets changed at the same time: a job must not take all the connections that its tenant has.
const AT_ONCE: usize = 3;
/// So few that whoever runs a job says that they are there well before they count as gone, however slow its tickets are.
const PORTION: i64 = 12;
/// A job on which nobody has worked for so long was left by its process.
pub(super) const LEFT: TimeDelta = TimeDelta::seconds(60);
/// So often what passes may come in the way of the same tickets before a job is left.
const TRIES: u32 = 3;
/// What passes has so long to pass.
const PAUSE: Duration = Duration::from_millis(500);
/// For so long a job that this release cannot read is left to the one that began it.
const CHANGING: TimeDelta = TimeDelta::hours(1);

/// Whoever runs a job.
pub(super) struct Runner {
    /// The tenant's database, of which some connections are left to requests.
    pub db: Db,
    tenant: Uuid,
    tenants: Tenants,
    clock: Clock,
    access: Access,
    /// From where it was asked for. Who has asked is seen anew.
    author: Author,
    /// Itself, among those who might run it.
    id: Uuid,
}

impl Runner {
    /// Somebody who may run one job of that tenant.
    pub fn new(tenant: &Tenant, app: &App, author: Author) -> Self {
        let (tenants, clock, access) = (app.tenants.clone(), app.clock.clone(), app.access.clone());
        Self { db: tenant.db.behind(), tenant: tenant.id, tenants, clock, access, author, id: Uuid::now_v7() }
    }

    /// Does what is left of a job, unless somebody else is at it. What passes is waited for a little; whoever gives up lets go of the
    /// job, so that nobody waits until they count as gone.
    pub async fn run(&self, job: &Job) -> Result<()> {
        let mut tries = 0;
        loop {
            match self.portion(job).await {
                Ok(true) => tries = 0,
                Ok(false) => return Ok(()),
                Err(error) if passes(&error) && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => {
                    if let Err(held) = self.let_go(job).await {
                        tracing::warn!(tenant = %self.tenant, job = job.id, error = %held, "a bulk job is held by nobody who runs it");
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Gives the next tickets of a job their turn; false when this one has nothing more to do.
    async fn portion(&self, job: &Job) -> Result<bool> {
        if !self.holds(job).await? {
            return Ok(false);
        }
        if self.tenants.by_id(self.tenant).await?.is_none() {
            // Once the organisation is served again, somebody goes on with it.
            self.let_go(job).await?;
            return Ok(false);
        }
        let places = store::open_items(&mut *self.db.read().await?, job.id, PORTION).await?;
        if places.is_empty() {
            store::finish(&mut *self.db.read().await?, job.id, self.clock.now()).await?;
            return Ok(false);
        }
        let Some(author) = self.author_of(job).await? else {
            stop(&self.db, &self.clock, job.id, "forbidden").await?;
            return Ok(false);
        };
        let author = &author;
        let taking = stream::iter(places).map(|place| self.turn(job, author, place));
        let taken: Vec<bool> = taking.buffer_unordered(AT_ONCE).try_collect().await?;
        // Otherwise somebody else is at all of them.
        Ok(taken.contains(&true))
    }

    /// Whether this one runs the job, rather than another.
    async fn holds(&self, job: &Job) -> Result<bool> {
        let now = self.clock.now();
        store::hold(&mut *self.db.read().await?, job.id, self.id, (now, now - LEFT)).await
    }

    /// Leaves the job to whoever takes it next.
    async fn let_go(&self, job: &Job) -> Result<()> {
        store::let_go(&mut *self.db.read().await?, job.id, self.id).await
    }

    /// Whoever has asked for the job, in the role that they have now; none where they may not any more, or where the key with which
    /// they have asked opens nothing any more.
    async fn author_of(&self, job: &Job) -> Result<Option<Author>> {
        if let Some(key) = job.by.key
            && !self.access.opens(key, (self.tenant, job.by.person), self.clock.now()).await?
        {
            return Ok(None);
        }
        let person = people::find(&mut *self.db.read().await?, job.by.person).await?.filter(|person| job.by.may(person));
        Ok(person.map(|person| Author { actor: job.by.actor(person.role), ..self.author.clone() }))
    }

    /// Gives a ticket its turn; false when somebody else does.
    async fn turn(&self, job: &Job, author: &Author, place: i32) -> Result<bool> {
        let change = async || self.db.act(author.clone(), &self.clock, async |act| change(act, job, place).await).await;
        let done = match change().await {
            // Others may have been in its way; if it is its own fault, no other ticket waits for it.
            Err(error) if error.is_out_of_time() => change().await,
            done => done,
        };
        match done {
            Err(error) if passes(&error) && !error.is_out_of_time() => Err(error),
            Err(error) => {
                if let Error::Internal { .. } = error {
                    tracing::error!(tenant = %self.tenant, job = job.id, %error, "a ticket of a bulk job could not be changed");
                }
                store::refused(&mut *self.db.read().await?, (job.id, place), code(&error)).await?;
                Ok(true)
            }
            done => done,
        }
    }
}

/// Whether it is no fault of the job, and may not be there the next time.
fn passes(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::Contended | Error::Moved | Error::Wanted(_))
}

async fn change(act: &mut Act, job: &Job, place: i32) -> Result<bool> {
    let Some(id) = store::take_item(act.db(), job.id, place).await? else { return Ok(false) };
    let maker = people::hold(act.db(), job.by.person).await?.filter(|person| job.by.may(person)).ok_or(Error::Forbidden("forbidden"))?;
    let ticket = look(act, Viewer::of(&maker), job, id).await?;
    let (me, before) = (maker.id, Before::of(&ticket));
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
            let left_as = store::done_by(act.db(), (undone, job.by.person), id).await?;
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
pub async fn resume(tenant: &Tenant, app: &App) -> Result<()> {
    let clock = &app.clock;
    let left = store::left_lying(&mut *tenant.db.read().await?, clock.now() - LEFT).await?;
    for store::Left { id, created_at, job } in left {
        match job {
            Ok(job) => Runner::new(tenant, app, Author::system("bulk")).run(&job).await?,
            Err(error) => {
                tracing::error!(tenant = %tenant.id, job = id, %error, "a bulk job cannot be read");
                if created_at < clock.now() - CHANGING {
                    stop(&tenant.db, clock, id, "internal").await?;
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

/// Ends a job with which nobody may go on.
async fn stop(db: &Db, clock: &Clock, job: i64, code: &str) -> Result<()> {
    let mut db = db.read().await?;
    store::refuse_rest(&mut db, job, code).await?;
    store::finish(&mut db, job, clock.now()).await.map(drop)
}
