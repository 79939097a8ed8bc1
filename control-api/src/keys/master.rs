//! Exchanging the master key: the job. Data keys are wrapped anew; what a master key has sealed itself, from before
//! there were data keys, comes under them; passwords of tenants' databases go to Vault where that keeps them; the
//! backups of the control database, which are opened by a master key when nothing else is left, are sealed anew. It is
//! done when nothing is left, and looks again until then; what does not open keeps nothing else from being exchanged,
//! and the job from being done.

use chrono::TimeDelta;
use shared::{
    Error, Result,
    act::{Act, Author},
    crash,
    seal::{Keyring, Sealed, Wrapped},
};
use uuid::Uuid;

use super::{
    Stuck,
    ask::ToMaster,
    credentials,
    data::reseal,
    model::reaches,
    records,
    store::{self, values},
};
use crate::{
    app::App,
    backups,
    events::Platform,
    jobs::{self, Job, Next, Performed},
};

/// Its first step.
pub const FIRST: &str = "wrap";
const VALUES: &str = "values";
const PASSWORDS: &str = "passwords";
const BACKUPS: &str = "backups";
const CHECK: &str = "check";
/// Keys that are wrapped anew in one act.
const BATCH: i64 = 200;
/// How long until it looks again when something is left.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// Does a step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let ToMaster { to } = job.state()?;
    let newest = app.keys.ring.newest().await?;
    if !reaches(&newest, &to) {
        return Err(anyhow::anyhow!("this process seals by key {newest}, not by {to}: restart it with the new one").into());
    }
    // What does not open keeps nothing else from being exchanged: the check tells of it.
    let mut stuck = Stuck::default();
    match job.step.as_str() {
        FIRST => {
            expect_one_of_that_name(app, &newest).await?;
            wrap_all(app, job, &newest, &mut stuck).await?;
            Ok(Performed::then(VALUES))
        }
        VALUES => {
            reseal_all(app, &mut stuck).await?;
            Ok(Performed::then(PASSWORDS))
        }
        PASSWORDS => {
            credentials::hand_over_all(app, &mut stuck).await?;
            Ok(Performed::then(BACKUPS))
        }
        BACKUPS => {
            backups::keys::renew(app, &newest, &mut stuck).await?;
            Ok(Performed::then(CHECK))
        }
        CHECK => check(app, job, &newest).await,
        _ => Err(job.unknown_step()),
    }
}

/// It is done when nothing is left. What does not open stays, and the job comes to nothing in the end.
async fn check(app: &App, job: &Job, newest: &str) -> Result<Performed> {
    let left = store::left(&mut *app.db.read().await?, newest, Some(job.created_at)).await?;
    jobs::progress(app, job, 0, left.total()).await?;
    tracing::info!(key = newest, ?left, "what is left under former master keys");
    if left.total() == 0 {
        keep_signers(app).await?;
        return Ok(Performed::done());
    }
    if left.total() > left.jobs {
        let mut stuck = Stuck::default();
        wrap_all(app, job, newest, &mut stuck).await?;
        reseal_all(app, &mut stuck).await?;
        credentials::hand_over_all(app, &mut stuck).await?;
        backups::keys::renew(app, newest, &mut stuck).await?;
        stuck.told()?;
    }
    Ok(Performed::at(FIRST, app.clock.now() + PAUSE))
}

/// Brings what master keys have sealed under data keys.
async fn reseal_all(app: &App, stuck: &mut Stuck) -> Result<()> {
    if let Err(error) = keep_signers(app).await {
        stuck.note("what has signed records", error)?;
    }
    for owner in values::under_masters(&mut *app.db.read().await?).await? {
        reseal(app, owner, stuck).await?;
    }
    Ok(())
}

async fn keep_signers(app: &App) -> Result<()> {
    app.db.act(Author::system("keys"), &app.clock, async |act| records::keep(act, &app.keys.ring).await).await
}

/// Says in the end that it is done.
pub async fn note(act: &mut Act, job: &Job, performed: &Performed) -> Result<()> {
    if performed.next == Next::Done {
        let ToMaster { to } = job.state()?;
        act.record(&Platform::MasterRotated(to)).await?;
    }
    Ok(())
}

/// An error where another key had the newest one's name: what it has wrapped would be taken for done, and lost with it.
async fn expect_one_of_that_name(app: &App, newest: &str) -> Result<()> {
    let mut after = 0;
    loop {
        let some = store::under(&mut *app.db.read().await?, newest, (after, BATCH)).await?;
        let Some((last, ..)) = some.last() else { return Ok(()) };
        after = *last;
        if let Some((id, ..)) = some.iter().find(|(_, tenant, key)| !key.is_under_newest(&app.keys.ring, *tenant)) {
            return Err(
                anyhow::anyhow!("data key {id} is under another master key named {newest}: give the new one a name of its own").into()
            );
        }
    }
}

async fn wrap_all(app: &App, job: &Job, newest: &str, stuck: &mut Stuck) -> Result<()> {
    let total = store::left(&mut *app.db.read().await?, newest, None).await?.data_keys;
    let (mut done, mut after) = (0, 0);
    loop {
        let some = store::under_others(&mut *app.db.read().await?, newest, (after, BATCH)).await?;
        let Some((last, ..)) = some.last() else { return Ok(()) };
        after = *last;
        done += wrap_some(app, &some, stuck).await?;
        crash::point(|| "rotate_master.wrap.batch".to_owned());
        jobs::progress(app, job, done, total.max(done)).await?;
    }
}

/// Wraps some anew, and then says so in one act: no act waits for Vault. Says how many.
async fn wrap_some(app: &App, some: &[(i64, Option<Uuid>, Wrapped)], stuck: &mut Stuck) -> Result<i64> {
    let ring = &app.keys.ring;
    let former: Vec<_> = some.iter().map(|(_, tenant, wrapped)| (*tenant, wrapped.clone())).collect();
    let anew: Vec<Option<Sealed>> = match Wrapped::anew(ring, &former).await {
        Ok(anew) => anew.into_iter().map(Some).collect(),
        Err(Error::Internal { .. }) => one_by_one(ring, some, stuck).await?,
        Err(error) => return Err(error),
    };
    let put = async |act: &mut Act| {
        for ((id, _, former), anew) in some.iter().zip(&anew) {
            if let Some(anew) = anew {
                store::put_wrapped(act.db(), (*id, former), anew).await?;
            }
        }
        Ok(())
    };
    app.db.act(Author::system("keys"), &app.clock, put).await?;
    Ok(anew.iter().flatten().count() as i64)
}

/// The same keys, each by itself: one of them does not open, and nobody knows which.
async fn one_by_one(ring: &Keyring, some: &[(i64, Option<Uuid>, Wrapped)], stuck: &mut Stuck) -> Result<Vec<Option<Sealed>>> {
    let mut anew = Vec::with_capacity(some.len());
    for (id, tenant, wrapped) in some {
        match Wrapped::anew(ring, &[(*tenant, wrapped.clone())]).await {
            Ok(one) => anew.push(one.into_iter().next()),
            Err(error) => {
                stuck.note(format_args!("data key {id} of {tenant:?}"), error)?;
                anew.push(None);
            }
        }
    }
    Ok(anew)
}
