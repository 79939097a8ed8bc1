//! A base backup is taken: `pg_basebackup` writes a whole server as one compressed stream, which is sealed on its
//! way into the store. The program ends when the archive has all of the log that belongs to it, and the row that
//! makes it a base backup comes last. Each try has a folder of its own.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{Error, Result, act::Act, sealed_stream::StreamKey};
use sqlx::Connection;
use uuid::Uuid;

use super::{owner, prune, store};
use crate::{
    app::App,
    backups::{
        archive,
        objects::{self, Tally},
        progress,
        reach::Reach,
        take::CLEAR,
    },
    events::Platform,
    jobs::{self, Job, Kind, Next, Patience, Performed, Planned, Unit},
    keys,
};

/// Its first step.
pub const FIRST: &str = "stream";
const PRUNE: &str = "prune";
/// The part of the folder that holds it.
pub const PART: &str = "base";

/// What a step that fails again and again leads to: what was written goes, unless it has become a base backup by then.
pub fn patience(step: &str) -> Patience {
    match step {
        FIRST => Patience::Then(CLEAR),
        _ => Patience::Fails,
    }
}

/// One that lies in the store. Its key is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Taken {
    pub archive: Uuid,
    pub folder: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    pub timeline: i32,
    pub start_lsn: String,
    pub stop_lsn: String,
    pub start_file: String,
    pub bytes: i64,
    pub size: i64,
    pub sealed_key: Vec<u8>,
    pub key_id: String,
}

/// Plans a base backup of a server. `409 no_archive` unless its log is archived. The job's id is the base backup's.
pub async fn plan(act: &mut Act, cluster: i64) -> Result<Uuid> {
    archive::store::of_cluster(act.db(), cluster).await?.ok_or_else(no_archive)?;
    jobs::plan(act, &Planned { kind: Kind::BaseBackup, tenant: None, cluster: Some(cluster), state: json!({}), at: None }).await
}

fn no_archive() -> Error {
    Error::conflict("no_archive", "This server's log is not archived: control-api wal settings begins that.")
}

/// What a step counts.
pub fn unit(step: &str) -> Option<Unit> {
    (step == FIRST).then_some(Unit::Bytes)
}

/// Does a step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let cluster = job.cluster.ok_or_else(|| anyhow::anyhow!("job {} names no cluster", job.id))?;
    match job.step.as_str() {
        FIRST => Performed::then(PRUNE).leaving(&Box::pin(stream(app, job, cluster)).await?),
        PRUNE => {
            Box::pin(prune::prune(app, cluster)).await?;
            Ok(Performed::done())
        }
        CLEAR => {
            clear(app, job).await?;
            Ok(Performed { next: Next::Failed, state: None })
        }
        _ => Err(job.unknown_step()),
    }
}

/// The row comes with the end of the stream.
pub async fn note(act: &mut Act, job: &Job, performed: &Performed) -> Result<()> {
    if job.step != FIRST {
        return Ok(());
    }
    let Some(state) = &performed.state else { return Ok(()) };
    store::insert(act.db(), job.id, &serde_json::from_value(state.clone())?).await?;
    let taken = store::by_id(act.db(), job.id).await?.ok_or(Error::NotFound("backup_not_found"))?;
    act.record(&Platform::BaseBackupTaken(taken)).await?;
    Ok(())
}

/// Takes away what was written, whichever of its server's archives it was written beside.
pub async fn clear(app: &App, job: &Job) -> Result<()> {
    let all = archive::store::all(&mut *app.db.read().await?).await?;
    for known in all.iter().filter(|known| known.cluster_id.is_some() && known.cluster_id == job.cluster) {
        objects::clear(&app.outside.storage, &format!("{}/", folder(known.id, job))).await?;
    }
    Ok(())
}

fn folder(archive: Uuid, job: &Job) -> String {
    format!("base/{archive}/{}", job.id)
}

async fn stream(app: &App, job: &Job, cluster: i64) -> Result<Taken> {
    let storage = &app.outside.storage;
    let reach = Reach::on(app, cluster, "postgres").await?;
    let mut server = reach.connect().await?;
    let system = archive::system_of(&mut server).await?;
    let known = archive::store::of_server(&mut *app.db.read().await?, cluster, &system).await?.ok_or_else(no_archive)?;
    // What comes behind the copy would be nowhere, and moments would be promised that cannot be reached.
    if !archive::store::is_on(&mut server).await? {
        return Err(anyhow::anyhow!("archive_mode is off: the server is to be started with what control-api wal settings says").into());
    }
    let before = store::facts(&mut server).await?;
    let all = folder(known.id, job);
    // What a former try has left.
    objects::clear(storage, &format!("{all}/")).await?;
    let (folder, key) = (format!("{all}/{}", Uuid::new_v4().simple()), StreamKey::generate());
    let sealed = keys::sealed(&app.db, &app.keys.ring, None, key.bytes(), &owner(job.id)).await?;
    let tally = Tally::default();
    let mut running = app.outside.tools.base_backup(&reach)?;
    let put = objects::put(storage, (&folder, job.id), PART, &key, tally.over(running.written()));
    progress::told(app, job, (|| tally.bytes(), before.size), put).await?;
    running.end().await?;
    let after = store::facts(&mut server).await?;
    server.close().await?;
    Ok(Taken {
        archive: known.id,
        folder,
        started_at: before.now,
        finished_at: after.now,
        timeline: after.timeline,
        // It begins with a checkpoint that it has asked for, which is behind this.
        start_lsn: before.lsn,
        stop_lsn: after.lsn,
        start_file: before.file,
        bytes: tally.bytes().cast_signed(),
        size: after.size,
        sealed_key: sealed.bytes,
        key_id: sealed.key_id,
    })
}
