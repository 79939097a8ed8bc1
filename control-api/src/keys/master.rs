//! Exchanging the master key: the job. Data keys are wrapped anew; what a master key has sealed itself, from before there
//! were data keys, comes under them; passwords of tenants' databases go to Vault where that keeps them; the backups of the control database, which are opened by a master key when nothing
//! else is left, are sealed anew. It is done when nothing is left, and looks again until then.

use chrono::TimeDelta;
use shared::{
    Result,
    act::{Act, Author},
    crash,
    seal::Wrapped,
};

use super::{
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
    match job.step.as_str() {
        FIRST => {
            expect_one_of_that_name(app, &newest).await?;
            wrap_all(app, job, &newest).await?;
            Ok(Performed::then(VALUES))
        }
        VALUES => {
            app.db.act(Author::system("keys"), &app.clock, async |act| records::keep(act, &app.keys.ring).await).await?;
            for owner in values::under_masters(&mut *app.db.read().await?).await? {
                reseal(app, owner).await?;
            }
            Ok(Performed::then(PASSWORDS))
        }
        PASSWORDS => {
            credentials::hand_over_all(app).await?;
            Ok(Performed::then(BACKUPS))
        }
        BACKUPS => {
            backups::keys::renew(app, &newest).await?;
            Ok(Performed::then(CHECK))
        }
        CHECK => {
            let left = store::left(&mut *app.db.read().await?, &newest, Some(job.created_at)).await?;
            jobs::progress(app, job, 0, left.total()).await?;
            tracing::info!(key = newest, ?left, "what is left under former master keys");
            let again = Next::At(FIRST, app.clock.now() + PAUSE);
            Ok(if left.total() == 0 { Performed::done() } else { Performed { next: again, state: None } })
        }
        _ => Err(job.unknown_step()),
    }
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

async fn wrap_all(app: &App, job: &Job, newest: &str) -> Result<()> {
    let total = store::left(&mut *app.db.read().await?, newest, None).await?.data_keys;
    let mut done = 0;
    loop {
        let wrapped = wrap_some(app, newest).await?;
        crash::point(|| "rotate_master.wrap.batch".to_owned());
        if wrapped == 0 {
            return Ok(());
        }
        done += wrapped;
        jobs::progress(app, job, done, total.max(done)).await?;
    }
}

/// Wraps some anew, and then says so in one act: no act waits for Vault.
async fn wrap_some(app: &App, newest: &str) -> Result<i64> {
    let some = store::under_others(&mut *app.db.read().await?, newest, BATCH).await?;
    let former: Vec<_> = some.iter().map(|(_, tenant, wrapped)| (*tenant, wrapped.clone())).collect();
    let anew = Wrapped::anew(&app.keys.ring, &former).await?;
    let put = async |act: &mut Act| {
        for ((id, _, former), anew) in some.iter().zip(&anew) {
            store::put_wrapped(act.db(), (*id, former), anew).await?;
        }
        Ok(())
    };
    app.db.act(Author::system("keys"), &app.clock, put).await?;
    Ok(some.len() as i64)
}
