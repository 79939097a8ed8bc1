//! Base backups go when no moment of the window needs them any more, and the log that only they needed goes with
//! them. One that is gone for the books is gone for good; its objects may take their time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use shared::{Result, act::Author, clock::Clock, db::Db, storage::Storage};

use super::{model, store};
use crate::{
    app::App,
    backups::{archive, objects, store as backups},
    events::Platform,
};

/// What is kept beyond the window, so that nothing goes from under a restore that has just been asked for.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// A server's base backups are taken every night: what is asked long after the newest one is asked as of then.
const NIGHTS: TimeDelta = TimeDelta::days(2);

/// What a round has taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Base backups.
    pub bases: u64,
    /// Files of the log.
    pub files: u64,
}

/// Prunes what is left of one server.
pub async fn prune(app: &App, cluster: i64) -> Result<Pruned> {
    prune_all((&app.db, &app.outside.storage, &app.clock), Some(cluster), app.rules.pitr_window).await
}

/// Prunes all archives, or those of one server, for a window of moments that can be reached. A clock that goes wrong, here or
/// at the control database, takes no log away that is needed: the earlier of both is believed.
pub async fn prune_all((db, storage, clock): (&Db, &Storage, &Clock), cluster: Option<i64>, window: TimeDelta) -> Result<Pruned> {
    let all = archive::store::all(&mut *db.read().await?).await?;
    let now = clock.now().min(backups::now(&mut *db.read().await?).await?);
    let mut pruned = Pruned::default();
    for (n, known) in all.iter().enumerate().filter(|(_, known)| cluster.is_none() || known.cluster_id == cluster) {
        // The newest archive of a server that is in the books always keeps a base backup.
        let is_used = known.cluster_id.is_some() && (n == 0 || all[n - 1].cluster_id != known.cluster_id);
        let some = prune_one((db, storage, clock), known, (now, window, is_used)).await?;
        pruned = Pruned { bases: pruned.bases + some.bases, files: pruned.files + some.files };
    }
    Ok(pruned)
}

async fn prune_one(
    (db, storage, clock): (&Db, &Storage, &Clock),
    known: &archive::store::Known,
    (now, window, is_used): (DateTime<Utc>, TimeDelta, bool),
) -> Result<Pruned> {
    let bases = store::of_archive(&mut *db.read().await?, known.id).await?;
    let finished: Vec<_> = bases.iter().map(|base| base.finished_at).collect();
    // The newest is of the server's own clock, as all of them are.
    let as_of = finished.first().map_or(now, |newest| now.min(*newest + NIGHTS));
    let mut keeps = model::kept(&finished, as_of, window + MARGIN);
    if !is_used {
        // What ended long ago on a server that is no more can be reached by nobody.
        let over = finished.iter().map(|at| *at <= now - window - MARGIN);
        keeps = keeps.into_iter().zip(over).map(|(keeps, over)| keeps && !over).collect();
    }
    let mut pruned = Pruned::default();
    for (base, _) in bases.iter().zip(&keeps).filter(|(_, keeps)| !**keeps) {
        let deleted = db.act(Author::system("backup"), clock, async |act| {
            let now = act.now();
            if store::mark(act.db(), base.id, now).await? {
                act.record(&Platform::BaseBackupDeleted(base.clone())).await?;
            }
            Ok(())
        });
        deleted.await?;
        pruned.bases += 1;
    }
    for (id, folder) in store::marked(&mut *db.read().await?, known.id).await? {
        // Tries that came to nothing lie beside the one that did.
        let all = folder.rsplit_once('/').map_or(folder.as_str(), |(all, _)| all);
        objects::clear(storage, &format!("{all}/")).await?;
        store::forget(&mut *db.read().await?, id).await?;
    }
    let oldest =
        bases.iter().zip(&keeps).filter(|(_, keeps)| **keeps).map(|(base, _)| &base.start_file).min_by_key(|file| file[8..].to_owned());
    match oldest {
        Some(oldest) => pruned.files = archive::prune(storage, known.id, oldest).await?,
        None if !is_used => {
            pruned.files = storage.delete_prefix(&archive::prefix(known.id)).await?;
            archive::store::forget(&mut *db.read().await?, known.id).await?;
        }
        None => {}
    }
    Ok(pruned)
}
