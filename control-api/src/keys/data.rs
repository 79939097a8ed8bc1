//! Exchanging data keys: the job. Each gets a next version, which seals from then on; what former ones have sealed is
//! sealed anew; a former one goes when nothing is under it and nobody can bring anything under it any more.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use shared::{
    Error, Result,
    act::{Act, Author},
    crash,
    seal::Wrapped,
};
use uuid::Uuid;

use super::{
    Stuck,
    ask::OfData,
    model::Scope,
    store::{self, Retired, values},
};
use crate::{
    app::App,
    events::Platform,
    jobs::{self, Job, Next, Performed},
};

/// Its first step.
pub const FIRST: &str = "renew";
const RESEAL: &str = "reseal";
const FORGET: &str = "forget";
/// Whoever has read a key seals with it and writes within this time; jobs, which take longer, are waited for. Ways to an
/// identity provider last ten minutes, and are sealed too: they are seen as values.
const GRACE: TimeDelta = TimeDelta::minutes(1);
/// Owners or keys that are looked at in one go.
const SOME: i64 = 100;
/// Values that are sealed anew in one act.
const BATCH: i64 = 500;

/// Does a step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let OfData { scope } = job.state()?;
    match job.step.as_str() {
        FIRST => {
            renew_all(app, job, scope).await?;
            Ok(Performed::then(RESEAL))
        }
        RESEAL => {
            reseal_all(app, job, scope).await?;
            Ok(Performed { next: Next::At(FORGET, app.clock.now() + GRACE), state: None })
        }
        FORGET => {
            let left = forget_all(app, scope).await?;
            // What has come meanwhile goes under the newest key; what does not open ends the job.
            let stuck = if left == 0 { Stuck::default() } else { reseal_all(app, job, scope).await? };
            jobs::progress(app, job, 0, left).await?;
            stuck.told()?;
            let again = Next::At(RESEAL, app.clock.now() + GRACE);
            Ok(if left == 0 { Performed::done() } else { Performed { next: again, state: None } })
        }
        _ => Err(job.unknown_step()),
    }
}

/// Says in the end that it is done.
pub async fn note(act: &mut Act, job: &Job, performed: &Performed) -> Result<()> {
    if performed.next == Next::Done {
        let OfData { scope } = job.state()?;
        act.record(&Platform::DataRotated(scope.tenant(), scope == Scope::All)).await?;
    }
    Ok(())
}

async fn renew_all(app: &App, job: &Job, scope: Scope) -> Result<()> {
    let mut done = 0;
    loop {
        let owners = store::not_renewed(&mut *app.db.read().await?, scope, job.id, SOME).await?;
        if owners.is_empty() {
            return Ok(());
        }
        for owner in owners {
            app.db.act(Author::system("keys"), &app.clock, async |act| renew(act, app, owner, job.id).await).await?;
            crash::point(|| "rotate_data.renew.one".to_owned());
            done += 1;
        }
        jobs::progress(app, job, done, done).await?;
    }
}

/// The next version of one owner's key.
async fn renew(act: &mut Act, app: &App, owner: Option<Uuid>, job: Uuid) -> Result<()> {
    let (ring, now) = (&app.keys.ring, act.now());
    let Some(former) = store::retire(act.db(), owner, job, now).await? else { return Ok(()) };
    let next = Wrapped::generate(ring, owner, former + 1)?;
    store::insert(act.db(), (owner, job), &next, &ring.id_of(&next.bytes), now).await
}

async fn reseal_all(app: &App, job: &Job, scope: Scope) -> Result<Stuck> {
    let (mut stuck, mut done) = (Stuck::default(), 0);
    for owner in values::behind(&mut *app.db.read().await?).await? {
        if scope.has(owner) {
            done += reseal(app, owner, &mut stuck).await?;
            jobs::progress(app, job, done, done).await?;
        }
    }
    Ok(stuck)
}

/// Rows whose values do not open, by their tables.
type Broken = BTreeMap<&'static str, Vec<String>>;

/// What became of some values.
#[derive(Default)]
struct Resealed {
    done: i64,
    /// Those that do not open: the table, the row, and why.
    broken: Vec<(&'static str, String, Error)>,
}

impl Resealed {
    fn seen(&self) -> i64 {
        self.done + self.broken.len() as i64
    }
}

/// Brings all values of an owner under its newest data key that open; says how many.
pub(super) async fn reseal(app: &App, owner: Option<Uuid>, stuck: &mut Stuck) -> Result<i64> {
    let (mut done, mut broken) = (0, Broken::new());
    loop {
        let some = app.db.act(Author::system("keys"), &app.clock, async |act| reseal_some(act, app, owner, &broken).await).await;
        crash::point(|| "keys.reseal.batch".to_owned());
        match some {
            Ok(some) if some.seen() == 0 => return Ok(done),
            Ok(some) => {
                done += some.done;
                for (table, row, error) in some.broken {
                    stuck.note(format_args!("row {row} of {table}"), error)?;
                    broken.entry(table).or_default().push(row);
                }
            }
            // Its newest key itself.
            Err(error) => {
                stuck.note(format_args!("what is sealed for {owner:?}"), error)?;
                return Ok(done);
            }
        }
    }
}

async fn reseal_some(act: &mut Act, app: &App, owner: Option<Uuid>, broken: &Broken) -> Result<Resealed> {
    let ring = &app.keys.ring;
    let (key, mut resealed) = (super::current(act.db(), ring, owner).await?, Resealed::default());
    for values in values::of(owner) {
        let but = broken.get(values.table).map(Vec::as_slice).unwrap_or_default();
        let found = values::not_under(act.db(), values, (owner, key.version()), (but, BATCH - resealed.seen())).await?;
        let (mut old, mut new) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
        for value in found {
            match super::open(act.db(), ring, owner, &value.sealed, &value.owner).await {
                Ok(plain) => {
                    new.push(key.seal(&plain, &value.owner)?);
                    old.push(value);
                }
                Err(error @ Error::Internal { .. }) => resealed.broken.push((values.table, value.key, error)),
                Err(error) => return Err(error),
            }
        }
        values::put(act.db(), values, (&old, &new), key.key_id()).await?;
        resealed.done += old.len() as i64;
        if resealed.seen() >= BATCH {
            break;
        }
    }
    Ok(resealed)
}

/// Takes former versions away under which nothing is; says how many are left.
async fn forget_all(app: &App, scope: Scope) -> Result<i64> {
    let before = app.clock.now() - GRACE;
    let (mut left, mut after) = (0, 0);
    loop {
        let retired = store::retired(&mut *app.db.read().await?, scope, (after, SOME)).await?;
        let Some(last) = retired.last() else { return Ok(left) };
        after = last.id;
        for key in retired {
            let gone = app.db.act(Author::system("keys"), &app.clock, async |act| forget(act, &key, before).await).await?;
            left += i64::from(!gone);
            crash::point(|| "rotate_data.forget.one".to_owned());
        }
    }
}

async fn forget(act: &mut Act, key: &Retired, before: chrono::DateTime<chrono::Utc>) -> Result<bool> {
    if key.retired_at > before || store::may_come(act.db(), key).await? || values::any_under(act.db(), (key.tenant_id, key.version)).await?
    {
        return Ok(false);
    }
    store::remove(act.db(), key.id).await?;
    act.record(&Platform::DataKeyRotated(key.tenant_id, key.version)).await?;
    Ok(true)
}
