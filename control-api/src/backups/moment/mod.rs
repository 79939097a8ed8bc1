//! A moment of one tenant (page 12.3.2). PostgreSQL goes back as a whole server only; so a server is made beside
//! all others from a base backup and the log behind it, stops at the moment, and one tenant is dumped from it. That
//! dump is a backup like any other, as of that moment, and what follows is the restore of a backup. Nobody can reach
//! the side server but this process, and it goes with its folder whatever happens.

mod files;
mod plan;
mod side;

use std::time::Duration;

use chrono::{DateTime, Utc};
pub use plan::{any, plan};
use serde::{Deserialize, Serialize};
use shared::{Error, Result, act::Act, crash};
use sqlx::Connection;
use uuid::Uuid;

use self::side::Side;
use super::{
    archive::{self, Archive},
    base::{self, BaseBackup},
    reach::Reach,
    source::Source,
    store,
    take::{self, Made, Taken},
};
use crate::{
    app::App,
    clusters,
    events::Platform,
    jobs::{Job, Kind},
};

pub use side::sweep;

/// The step.
pub const STEP: &str = "recover";
/// How long the log up to now may take to be archived: a minute at the latest, and its way to the store.
const ARCHIVED: Duration = Duration::from_secs(100);
const LOOK: Duration = Duration::from_millis(200);

/// A moment of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The moment.
    pub at: DateTime<Utc>,
    /// The base backup that leads to it.
    pub base: Uuid,
    /// The database that the tenant had then.
    pub database: String,
}

/// What a moment has become: what makes a backup of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recovered {
    taken: Taken,
    made: Made,
}

/// Makes a backup of a moment. Its id is the job's.
pub async fn recover(app: &App, job: &Job, moment: &Moment) -> Result<Recovered> {
    let mut db = app.db.read().await?;
    let mut base = base::store::by_id(&mut db, moment.base).await?.ok_or(Error::NotFound("backup_not_found"))?;
    let all = base::store::of_archive(&mut db, base.archive_id).await?;
    let known = archive::store::by_id(&mut db, base.archive_id).await?.ok_or(Error::NotFound("archive_not_found"))?;
    drop(db);
    let archive = archive::opened(&app.db, &app.keys.ring, &known, app.outside.storage.clone()).await?;
    // Boxed each: together these futures are more than a thread's stack bears.
    let admin = Box::pin(pass(app, &known, &archive, moment.at)).await?;
    let taken = loop {
        let taken = Box::pin(dump_beside(app, job, (moment, &base), (&known, &admin))).await;
        match (taken, base::before(&all, &base)) {
            (Err(error), Some(before)) if is_of_another_history(&error.to_string()) => {
                tracing::warn!(job = %job.id, base = %base.id, before = %before.id, "the base backup is of another history than the log");
                base = before.clone();
            }
            (taken, _) => break taken?,
        }
    };
    let files = Box::pin(files::copy(app, job, &taken, moment.at)).await?;
    let made = Box::pin(take::complete(app, job, &taken, files)).await?;
    Ok(Recovered { taken, made })
}

/// Takes the side server away, if a moment's way has left one. Nothing outside of this machine is asked.
pub async fn leave(app: &App, job: &Job) -> Result<()> {
    Box::pin(side::clear(app, job.id)).await
}

/// Whether something may have been written of a dump that has become no backup. Once it has, it goes as backups go.
pub fn has_written(source: &Source) -> bool {
    matches!(source, Source::Moment(_))
}

/// Has a server beside all others go from a base backup to the moment, and dumps the tenant from it.
async fn dump_beside(
    app: &App,
    job: &Job,
    (moment, base): (&Moment, &BaseBackup),
    (known, admin): (&archive::store::Known, &str),
) -> Result<Taken> {
    let side = Box::pin(Side::make(app, job.id)).await?;
    let taken = async {
        Box::pin(side.unpack(app, job, base)).await?;
        crash::point(|| format!("{}.{STEP}.unpacked", job.kind.as_str()));
        let told = archive::settings(&app.db, &app.keys.ring, known, side.store()).await?;
        let reach = Reach::beside(&side.sockets(), admin, &moment.database);
        let crash_at = || format!("{}.{STEP}.started", job.kind.as_str());
        Box::pin(side.recover((moment.at, admin), &told.lines(), &reach, crash_at)).await?;
        Box::pin(take::dump(app, job, &reach, Some(moment.at))).await
    };
    let taken = Box::pin(taken).await;
    Box::pin(side.remove()).await?;
    taken
}

/// Whether a server says that the log's newest timeline did not come from the copy that it was given: after a change of the
/// primary the archive has a branch, and a copy of its dead end leads nowhere. An older one may.
fn is_of_another_history(said: &str) -> bool {
    said.contains("is not a child of this server's history") || said.contains("does not contain minimum recovery point")
}

/// It is a backup from now on. A drill's goes with its drill and never by itself.
pub async fn note(act: &mut Act, job: &Job, recovered: &Recovered) -> Result<()> {
    let now = act.now();
    let new =
        store::New { id: job.id, tenant: job.tenant, taken: &recovered.taken, made: &recovered.made, is_kept: job.kind == Kind::Drill };
    store::insert(act.db(), &new, now).await?;
    let made = store::by_id(act.db(), job.id).await?.ok_or(Error::NotFound("backup_not_found"))?;
    act.record(&Platform::BackupTaken(made)).await?;
    Ok(())
}

/// Makes sure that the archive goes beyond the moment, if the server still works: without a commit behind it nobody
/// knows whether there was one before. Gives the name of the server's administrator.
async fn pass(app: &App, known: &archive::store::Known, archive: &Archive, at: DateTime<Utc>) -> Result<String> {
    let cluster = known.cluster_id.ok_or(Error::NotFound("cluster_not_found"))?;
    let options = clusters::options(&app.db, &app.keys.ring, cluster).await?;
    let admin = options.get_username().to_owned();
    let marked = async {
        let mut server = clusters::connect(&options).await?;
        // A server that was made anew, or archives no more, writes nothing to this archive.
        if archive::system_of(&mut server).await? != known.system_id || !archive::store::is_on(&mut server).await? {
            return Ok(None);
        }
        let (now, file) = archive::store::mark(&mut server).await?;
        if !archive::store::switch(&mut server).await? {
            tracing::info!(cluster, "the administrator may not end a segment: it is waited for");
        }
        server.close().await?;
        Ok::<_, Error>(Some((now, file)))
    };
    match marked.await {
        Ok(Some((now, _))) if now <= at => Err(anyhow::anyhow!("{at} is not over yet: the server says {now}").into()),
        Ok(Some((_, file))) => archived(archive, &file).await.map(|()| admin),
        Ok(None) => Ok(admin),
        Err(error) => {
            tracing::warn!(cluster, %error, "the server does not answer: what it has archived must do");
            Ok(admin)
        }
    }
}

async fn archived(archive: &Archive, file: &str) -> Result<()> {
    let wait = async {
        while !archive.has(file).await? {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    };
    let late = || Err(anyhow::anyhow!("segment {file} is not archived within {} s: see pg_stat_archiver", ARCHIVED.as_secs()).into());
    tokio::time::timeout(ARCHIVED, wait).await.unwrap_or_else(|_| late())
}

#[cfg(test)]
mod tests {
    use super::is_of_another_history;

    #[test]
    fn a_copy_of_a_dead_end_of_the_log_is_known_by_the_servers_words() {
        let ended = "the side server ended with exit status: 1: FATAL:  requested timeline";
        for (said, expected) in [
            (format!("{ended} 2 is not a child of this server's history; DETAIL:  Latest checkpoint is at 0/5000060 on timeline 1"), true),
            (format!("{ended} 2 does not contain minimum recovery point 0/5000100 on timeline 1"), true),
            (
                "the side server ended with exit status: 1: FATAL:  recovery ended before configured recovery target was reached".into(),
                false,
            ),
            ("the moment was not reached in time".into(), false),
        ] {
            assert_eq!(is_of_another_history(&said), expected, "{said}");
        }
    }
}
