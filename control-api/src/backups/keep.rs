//! What is done about backups without anybody asking: in the night each tenant's is taken and one is restored
//! for trial; those whose time is over go.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    Result,
    act::{Act, Author},
};
use uuid::Uuid;

use super::{base, drill, model::Backup, moment, objects, retention, store, take};
use crate::{app::App, events::Platform};

/// Backups that are under way on one server at the same time.
const AT_ONCE: i64 = 2;
/// Folders that one round takes away.
const FOLDERS: i64 = 20;
/// A drill comes so long after midnight, when the backups are there.
const DRILLED: TimeDelta = TimeDelta::hours(5);

/// One round.
pub async fn keep(app: &App) -> Result<()> {
    if app.rules.nightly_backups {
        app.db.act(Author::system("backup"), &app.clock, async |act| plan_due(act).await).await?;
    }
    Box::pin(moment::sweep(app)).await?;
    expire(app).await?;
    forget(app).await?;
    crate::exports::expire(app).await?;
    super::figures::count(app).await
}

/// Plans what is due, as many as each server bears.
async fn plan_due(act: &mut Act) -> Result<()> {
    if !store::lock_plans(act.db()).await? {
        return Ok(());
    }
    let now = act.now();
    let mut open: HashMap<Option<i64>, i64> = HashMap::new();
    for due in store::due(act.db()).await? {
        let open = open.entry(due.cluster_id).or_insert(due.open);
        if *open < AT_ONCE && due.since < retention::last_turn(due.tenant_id, now) {
            take::plan(act, due.tenant_id, false).await?;
            *open += 1;
        }
    }
    base::plan_due(act).await?;
    let last = store::last_drill(act.db()).await?;
    let turn = retention::last_turn(None, now - DRILLED) + DRILLED;
    if last.is_none_or(|last| last.ended_at < turn)
        && let Some(tenant) = store::anybody(act.db()).await?
    {
        drill::plan(act, tenant).await?;
    }
    Ok(())
}

/// Says of those whose time is over that they are no backups any more; of a deleted tenant's, too, asked for or
/// not.
async fn expire(app: &App) -> Result<()> {
    let mut db = app.db.read().await?;
    let (all, orphaned) = (store::passing(&mut db).await?, store::orphaned(&mut db).await?);
    drop(db);
    for backup in &orphaned {
        app.db.act(Author::system("backup"), &app.clock, async |act| delete(act, backup).await).await?;
    }
    for of_one in all.chunk_by(|one, next| one.tenant_id == next.tenant_id) {
        let taken: Vec<DateTime<Utc>> = of_one.iter().map(|backup| backup.taken_at).collect();
        for (backup, _) in of_one.iter().zip(retention::kept(&taken)).filter(|(_, keeps)| !keeps) {
            app.db.act(Author::system("backup"), &app.clock, async |act| delete(act, backup).await).await?;
        }
    }
    Ok(())
}

/// A backup is none any more; its objects go soon.
pub async fn delete(act: &mut Act, backup: &Backup) -> Result<()> {
    let now = act.now();
    if store::mark(act.db(), backup.id, now).await? {
        act.record(&Platform::BackupDeleted(backup.clone())).await?;
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
