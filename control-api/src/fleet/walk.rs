//! The work on a run: claim a database, migrate it, note it, go on. A claim is a lease: whoever dies in the middle
//! leaves it to whoever looks next, and what a database has had it is not given again.

use std::time::Duration;

use shared::{
    Error, Result,
    act::{Act, Author},
    crash,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Fleet,
    model::{Claimed, Migrated, RunState},
    rules::{ATTEMPTS, Trouble, Verdict, judge},
    store,
    target::{self, Aim},
};
use crate::{
    clusters,
    events::Platform,
    lease::{self, LEASE},
    provisioning::{self, Place},
    tenants,
};

/// Databases that one process works on at the same time, of all clusters.
const MOST: usize = 32;
/// A database that was taken up more often than this, and never ended, is given up.
const MOST_CLAIMS: i32 = 2 * ATTEMPTS;
/// How often a process that works looks whether there is room for more.
const LOOK: Duration = Duration::from_secs(1);

/// What a try has led to.
enum Tried {
    /// The database has the schema.
    Migrated(Place, Migrated),
    /// There is none any more.
    Gone,
}

/// Works on the run of these files until nothing of it can be begun. Where that cannot be asked or noted, what is under way
/// goes on; the error is told in the end.
pub async fn work_all(fleet: &Fleet) -> Result<()> {
    let (mut under_way, mut trouble) = (JoinSet::new(), Ok(()));
    loop {
        let claimed = if under_way.len() < MOST { claim(fleet).await } else { Ok(None) };
        match claimed {
            Ok(Some(claimed)) => {
                let fleet = fleet.clone();
                under_way.spawn(async move { work(&fleet, claimed).await });
                continue;
            }
            Ok(None) => {}
            Err(error) => trouble = trouble.and(Err(error)),
        }
        tokio::select! {
            ended = under_way.join_next() => match ended {
                None => return trouble,
                Some(ended) => trouble = trouble.and(ended.map_err(Error::internal).flatten()),
            },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Takes the next database, if one may be begun.
pub async fn claim(fleet: &Fleet) -> Result<Option<Claimed>> {
    if !store::is_running(&mut *fleet.db.read().await?, fleet.migrations.digest()).await? {
        return Ok(None);
    }
    let claimed = fleet.db.act(Author::system("fleet"), &fleet.clock, async |act| {
        let Some(run) = store::lock_running(act.db(), fleet.migrations.digest()).await? else { return Ok(None) };
        let now = act.now();
        store::claim(act.db(), run, Uuid::new_v4(), (now, now + LEASE)).await
    });
    claimed.await
}

async fn work(fleet: &Fleet, claimed: Claimed) -> Result<()> {
    let tried = tokio::select! {
        tried = lease::within(fleet.longest, migrate(fleet, &claimed)) => tried,
        () = lease::keep(|| renew(fleet, &claimed)) => return Ok(()),
    };
    crash::point(|| "fleet.migrated".to_owned());
    note(fleet, &claimed, tried).await
}

/// The work on the database itself.
async fn migrate(fleet: &Fleet, claimed: &Claimed) -> Result<Tried, Trouble> {
    if claimed.attempts > MOST_CLAIMS {
        return Err(Trouble::Lasting("whoever works on it dies".into()));
    }
    let tenant = claimed.tenant;
    let mut db = fleet.db.read().await?;
    let Some(place) = provisioning::place(&mut db, tenant).await? else { return Ok(Tried::Gone) };
    drop(db);
    let server = clusters::options(&fleet.db, &fleet.ring, place.cluster_id).await?;
    let migrated = target::migrate(&Aim { tenant, place: &place, server }, &fleet.migrations).await?;
    Ok(Tried::Migrated(place, migrated))
}

/// Renews the lease of a database; false when it is no longer ours.
async fn renew(fleet: &Fleet, claimed: &Claimed) -> Result<bool> {
    let until = fleet.clock.now() + LEASE;
    store::renew(&mut *fleet.db.read().await?, claimed, until).await
}

/// Notes what became of a database, and what that means for the run.
async fn note(fleet: &Fleet, claimed: &Claimed, tried: Result<Tried, Trouble>) -> Result<()> {
    if let Err(trouble) = &tried {
        tracing::warn!(tenant = %claimed.tenant, attempts = claimed.attempts, error = trouble.text(), "a database was not migrated");
    }
    // Not chance that anybody must not guess: it only keeps all from coming again at once.
    let chance = f64::from(Uuid::new_v4().as_bytes()[0]) / 255.0;
    let noted = fleet.db.act(Author::system("fleet"), &fleet.clock, async |act| {
        let (state, _, max_failures) = store::lock(act.db(), claimed.run).await?;
        let (now, is_ours) = (act.now(), settle(act, claimed, &tried, chance).await?);
        if !is_ours {
            return Ok(());
        }
        let verdict = match &tried {
            Err(Trouble::RowsLost(lost)) => Verdict::Stop(lost.clone()),
            _ => judge(store::standing(act.db(), claimed.run).await?, max_failures),
        };
        let event = match verdict {
            Verdict::Stop(why) if matches!(state, RunState::Running | RunState::Paused) => {
                store::set_state(act.db(), claimed.run, RunState::Stopped, Some(&why), now).await?;
                Platform::MigrationStopped(claimed.run, why)
            }
            Verdict::Done if matches!(state, RunState::Running | RunState::Paused) => {
                store::set_state(act.db(), claimed.run, RunState::Done, None, now).await?;
                Platform::MigrationDone(claimed.run)
            }
            Verdict::GoOn | Verdict::Stop(_) | Verdict::Done => return Ok(()),
        };
        act.record(&event).await?;
        Ok(())
    });
    noted.await
}

/// Writes down what became of one database. True when it ended and was its holder's: then the run is judged.
async fn settle(act: &mut Act, claimed: &Claimed, tried: &Result<Tried, Trouble>, chance: f64) -> Result<bool> {
    let now = act.now();
    match tried {
        Ok(Tried::Gone) => store::finish(act.db(), claimed, None, now).await,
        Ok(Tried::Migrated(place, migrated)) => {
            if !store::lies_still(act.db(), claimed.tenant, place.cluster_id, &place.database).await? {
                // Whoever moves it may have copied it before: it is looked at once more afterwards.
                let again = ("its data is moved just now", claimed.attempts - 1);
                store::put_off(act.db(), claimed, again, now).await?;
                return Ok(false);
            }
            if !store::finish(act.db(), claimed, Some(migrated), now).await? {
                return Ok(false);
            }
            store::note_schema(act.db(), claimed.tenant, (&migrated.versions, &migrated.shape), false, now).await?;
            Ok(true)
        }
        Err(trouble) => match trouble.again_after(claimed.attempts, chance) {
            Some(pause) => {
                store::put_off(act.db(), claimed, (trouble.text(), claimed.attempts), now + pause).await?;
                Ok(false)
            }
            None => fail(act, claimed, trouble).await,
        },
    }
}

async fn fail(act: &mut Act, claimed: &Claimed, trouble: &Trouble) -> Result<bool> {
    let now = act.now();
    if !store::fail(act.db(), claimed, trouble.text(), now).await? {
        return Ok(false);
    }
    if let Some(tenant) = tenants::by_id(act.db(), claimed.tenant).await? {
        act.record(&Platform::TenantMigrationFailed(tenant, claimed.run)).await?;
    }
    Ok(true)
}
