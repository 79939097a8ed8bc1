//! What is done about backups without anybody asking: in the night each tenant's is taken and one is restored
//! for trial; those whose time is over go.

use std::collections::HashMap;

use chrono::TimeDelta;
use shared::{
    Error, Result,
    act::{Act, Author},
};
use uuid::Uuid;

use super::{base, drill, model::Backup, moment, objects, retention, store, take};
use crate::{
    app::App,
    events::Platform,
    jobs::{self, Kind},
};

/// Backups that are under way on one server at the same time.
const AT_ONCE: i64 = 2;
/// Whose backup has failed within that time comes behind others who wait as long.
const FAILED: TimeDelta = TimeDelta::days(2);
/// Folders that one round takes away.
const FOLDERS: i64 = 20;
/// Kinds of jobs that write into the store, and have a step that takes it away.
const WRITING: [Kind; 4] = [Kind::Backup, Kind::BaseBackup, Kind::Restore, Kind::Drill];
/// Owners whose backups are looked at together, and backups of deleted tenants that one round takes away.
const OWNERS: i64 = 200;
const ORPHANS: i64 = 1000;
/// A drill comes so long after midnight, when the backups are there.
const DRILLED: TimeDelta = TimeDelta::hours(5);

/// A round of parts, none of which waits for another one's troubles. The first failure is the answer.
struct Round(Result<()>);

impl Round {
    fn had(&mut self, part: &'static str, done: Result<()>) {
        let Err(error) = done else { return };
        tracing::warn!(part, %error, "a part of the backups waits to be looked after");
        if self.0.is_ok() {
            self.0 = Err(error);
        }
    }
}

/// What is over goes, and then what [`look_after`] does.
pub async fn keep(app: &App) -> Result<()> {
    let mut round = Round(Ok(()));
    round.had("deleted tenants' backups", expire_orphaned(app).await);
    round.had("backups that are over", expire(app).await);
    round.had("what was left", clear(app).await);
    round.had("the rest", look_after(app).await);
    round.0
}

/// What is due is planned, and what nobody needs is taken away. Done every few seconds: it asks for what is to be done, not for
/// all there is.
pub async fn look_after(app: &App) -> Result<()> {
    let mut round = Round(Ok(()));
    if app.rules.nightly_backups {
        let author = || Author::system("backup");
        round.had("nightly backups", app.db.act(author(), &app.clock, async |act| plan_backups(act).await).await);
        round.had("base backups", app.db.act(author(), &app.clock, async |act| plan_bases(act).await).await);
        round.had("drills", app.db.act(author(), &app.clock, async |act| plan_drill(act).await).await);
    }
    round.had("side servers", Box::pin(moment::sweep(app)).await);
    round.had("objects", forget(app).await);
    round.had("exports", crate::exports::expire(app).await);
    round.had("figures", super::figures::count(app).await);
    round.0
}

/// Plans what is due, as many as each server bears.
async fn plan_backups(act: &mut Act) -> Result<()> {
    if !store::lock_plans(act.db()).await? {
        return Ok(());
    }
    let now = act.now();
    let mut open: HashMap<Option<i64>, i64> = HashMap::new();
    for due in store::due(act.db(), now - FAILED).await? {
        let open = open.entry(due.cluster_id).or_insert(due.open);
        if *open < AT_ONCE && retention::is_due(due.tenant_id, (due.since, due.failed), now) {
            take::plan(act, due.tenant_id, false).await?;
            *open += 1;
        }
    }
    Ok(())
}

async fn plan_bases(act: &mut Act) -> Result<()> {
    if store::lock_plans(act.db()).await? { base::plan_due(act).await } else { Ok(()) }
}

/// Plans the night's drill, of somebody by chance.
async fn plan_drill(act: &mut Act) -> Result<()> {
    if !store::lock_plans(act.db()).await? {
        return Ok(());
    }
    let last = store::last_drill(act.db()).await?;
    let turn = retention::last_turn(None, act.now() - DRILLED) + DRILLED;
    if last.is_none_or(|last| last.ended_at < turn)
        && let Some(tenant) = store::anybody(act.db()).await?
    {
        drill::plan(act, tenant).await?;
    }
    Ok(())
}

/// Backups of a deleted tenant are none any more, asked for or not.
async fn expire_orphaned(app: &App) -> Result<()> {
    let orphaned = store::orphaned(&mut *app.db.read().await?, ORPHANS).await?;
    for backup in &orphaned {
        app.db.act(Author::system("backup"), &app.clock, async |act| mark(act, backup).await).await?;
    }
    Ok(())
}

/// Says of those whose time is over that they are no backups any more, but for those that a restore or a drill reads.
async fn expire(app: &App) -> Result<()> {
    let mut after = None;
    loop {
        let all = store::passing(&mut *app.db.read().await?, after, OWNERS).await?;
        let Some(last) = all.last() else { return Ok(()) };
        after = Some(last.owner);
        for of_one in all.chunk_by(|one, next| one.owner == next.owner) {
            for id in retention::over(of_one, app.clock.now()) {
                let gone = app.db.act(Author::system("backup"), &app.clock, async |act| match store::unread(act.db(), id).await? {
                    Some(backup) => mark(act, &backup).await,
                    None => Ok(()),
                });
                gone.await?;
            }
        }
    }
}

/// Takes a backup away for somebody who asks. `409 backup_in_use` while a restore or a drill reads it.
pub async fn delete(act: &mut Act, id: Uuid) -> Result<()> {
    store::by_id(act.db(), id).await?.ok_or(Error::NotFound("backup_not_found"))?;
    let in_use = || Error::conflict("backup_in_use", "A restore or a drill reads it just now.");
    let backup = store::unread(act.db(), id).await?.ok_or_else(in_use)?;
    mark(act, &backup).await
}

/// A backup is none any more; its objects go soon. Whoever says so knows that nobody reads it.
pub async fn mark(act: &mut Act, backup: &Backup) -> Result<()> {
    let now = act.now();
    if store::mark(act.db(), backup.id, now).await? {
        act.record(&Platform::BackupDeleted(backup.clone())).await?;
    }
    Ok(())
}

/// Takes away what failed jobs have written and could not take away themselves.
async fn clear(app: &App) -> Result<()> {
    let left = jobs::left(&mut *app.db.read().await?, (&WRITING, take::CLEAR), app.clock.now(), FOLDERS).await?;
    for job in &left {
        let cleared = match job.kind {
            Kind::BaseBackup => base::clear(app, job).await,
            _ => take::clear(app, job).await,
        };
        // The next round begins with another one: whatever does not go keeps nothing else from going.
        jobs::looked_after(&mut *app.db.read().await?, job, cleared.is_ok()).await?;
        cleared?;
    }
    Ok(())
}

/// Takes the objects away of what is no backup any more, and then the rows.
async fn forget(app: &App) -> Result<()> {
    let marked: Vec<(Uuid, String)> = store::marked(&mut *app.db.read().await?, FOLDERS).await?;
    for (id, folder) in marked {
        // Tries that came to nothing lie beside the one that did.
        let all = folder.rsplit_once('/').map_or(folder.as_str(), |(all, _)| all);
        objects::clear(&app.outside.storage, &format!("{all}/")).await?;
        store::forget(&mut *app.db.read().await?, id).await?;
    }
    Ok(())
}
