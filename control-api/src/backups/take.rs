//! A backup is taken: the dump and what its tables hold are of one moment, seal and way to the store are a
//! stream, and the row that makes it a backup comes last. Each try has a folder of its own.

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::Act,
    sealed_stream::StreamKey,
    storage::{Listed, Storage, prefix_of},
};
use sqlx::Connection;
use uuid::Uuid;

use super::{
    inside, keys,
    manifest::{File, Manifest, Table, VERSION},
    objects::{self, KeyNote, Tally},
    progress,
    reach::Reach,
    store,
};
use crate::{
    app::App,
    events::Platform,
    jobs::{self, Job, Kind, Next, Patience, Performed, Planned, Unit},
};

/// Its first step.
pub const FIRST: &str = "dump";
const FILES: &str = "files";
/// The step that takes away what a job has written that comes to nothing.
pub const CLEAR: &str = "clear";
/// Files that are copied at the same time.
pub const COPIES: usize = 4;

/// What a step that fails again and again leads to: what was written goes, for no row leads to it. A store that is away, or
/// lets nobody take anything away, keeps no job open: what is left goes later ([`super::keep()`]).
pub fn patience(step: &str) -> Patience {
    if step == CLEAR { Patience::Fails } else { Patience::Then(CLEAR) }
}

/// What a backup's job is told, and what its steps leave.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    is_kept: bool,
    taken: Option<Taken>,
    made: Option<Made>,
}

/// What the row of a complete backup says besides its dump.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Made {
    pub files: i64,
    pub file_bytes: i64,
    pub manifest_hash: Vec<u8>,
}

/// A dump that lies in the store. Its key is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Taken {
    pub folder: String,
    pub taken_at: DateTime<Utc>,
    pub schema: i64,
    pub tables: Vec<Table>,
    pub bytes: u64,
    hash: String,
    pub sealed_key: Vec<u8>,
    pub key_id: String,
}

/// Plans a backup of a tenant, or of the control database. The job's id is the backup's.
pub async fn plan(act: &mut Act, tenant: Option<Uuid>, is_kept: bool) -> Result<Uuid> {
    let state = serde_json::to_value(State { is_kept, ..State::default() })?;
    jobs::plan(act, &Planned { kind: Kind::Backup, tenant, cluster: None, state, at: None }).await
}

/// The same for somebody who asks: it is kept until somebody takes it away.
pub async fn ask(act: &mut Act, tenant: Option<Uuid>) -> Result<Uuid> {
    if let Some(tenant) = tenant {
        store::live(act.db(), tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    }
    let id = plan(act, tenant, true).await?;
    act.record(&Platform::BackupAsked(tenant, id)).await?;
    Ok(id)
}

/// What a step counts.
pub fn unit(step: &str) -> Option<Unit> {
    match step {
        FIRST => Some(Unit::Bytes),
        FILES => Some(Unit::Files),
        _ => None,
    }
}

/// Does a step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let state: State = job.state()?;
    match (job.step.as_str(), state.taken) {
        (FIRST, _) => {
            let taken = dump(app, job, &reach(app, job).await?, None).await?;
            Performed::then(FILES).leaving(&State { taken: Some(taken), ..state })
        }
        (FILES, Some(taken)) => {
            let files = match job.tenant {
                Some(tenant) => copy_files(app, job, (&prefix_of(tenant), &taken)).await?,
                None => Vec::new(),
            };
            let made = complete(app, job, &taken, files).await?;
            Performed::done().leaving(&State { is_kept: state.is_kept, taken: Some(taken), made: Some(made) })
        }
        (CLEAR, _) => {
            clear(app, job).await?;
            Ok(Performed { next: Next::Failed, state: None })
        }
        _ => Err(job.unknown_step()),
    }
}

/// The row comes with the end.
pub async fn note(act: &mut Act, job: &Job, performed: &Performed) -> Result<()> {
    let state: State = match &performed.state {
        Some(state) => serde_json::from_value(state.clone())?,
        None => return Ok(()),
    };
    let (Some(taken), Some(made)) = (&state.taken, &state.made) else { return Ok(()) };
    let now = act.now();
    let new = store::New { id: job.id, tenant: job.tenant, taken, made, is_kept: state.is_kept };
    store::insert(act.db(), &new, now).await?;
    let made = store::by_id(act.db(), job.id).await?.ok_or(Error::NotFound("backup_not_found"))?;
    act.record(&Platform::BackupTaken(made)).await?;
    Ok(())
}

/// Takes away what a job has written that has become no backup.
pub async fn clear(app: &App, job: &Job) -> Result<()> {
    objects::clear(&app.outside.storage, &format!("{}/", objects::folder(job.tenant, job.id))).await
}

/// The database of a backup's job.
async fn reach(app: &App, job: &Job) -> Result<Reach> {
    match job.tenant {
        Some(tenant) => Reach::of_tenant(app, tenant).await,
        None => Reach::of(&app.outside.tools.control),
    }
}

/// Writes a database into the store, as of now or as of the moment at which it stands.
pub async fn dump(app: &App, job: &Job, reach: &Reach, at: Option<DateTime<Utc>>) -> Result<Taken> {
    let storage = &app.outside.storage;
    let all = objects::folder(job.tenant, job.id);
    // What a former try has left.
    objects::clear(storage, &format!("{all}/")).await?;
    let (folder, key) = (format!("{all}/{}", Uuid::new_v4().simple()), StreamKey::generate());
    let sealed = keys::seal(&app.db, &app.keys.ring, job.tenant, &key).await?;
    let mut moment = reach.connect().await?;
    let taken_at = at.unwrap_or_else(|| app.clock.now());
    let snapshot = inside::store::begin(&mut moment).await?;
    let (schema, tables) = (inside::store::schema(&mut moment).await?, inside::count(&mut moment).await?);
    expect_owner(job, &mut moment).await?;
    let told = ["--format=custom", "--lock-wait-timeout=15000", &format!("--snapshot={}", snapshot.name)];
    let mut running = app.outside.tools.dump(reach, &told)?;
    let tally = Tally::default();
    let put = objects::put(storage, (&folder, job.id), "dump", &key, tally.over(running.written()));
    let expected = expected(app, job.tenant).await?.unwrap_or(snapshot.size);
    progress::told(app, job, (|| tally.bytes(), expected), put).await?;
    running.end().await?;
    moment.close().await?;
    let (bytes, hash) = (tally.bytes(), tally.hash());
    Ok(Taken { folder, taken_at, schema, tables, bytes, hash, sealed_key: sealed.bytes, key_id: sealed.key_id })
}

/// A tenant's database says whose it is.
async fn expect_owner(job: &Job, inside: &mut sqlx::PgConnection) -> Result<()> {
    if job.tenant.is_none() || inside::store::marker(inside).await? == job.tenant {
        return Ok(());
    }
    Err(anyhow::anyhow!("the database of tenant {:?} is another one's", job.tenant).into())
}

/// How long the dump will be, as far as the one before it says.
async fn expected(app: &App, tenant: Option<Uuid>) -> Result<Option<i64>> {
    let before = store::newest(&mut *app.db.read().await?, tenant).await?;
    Ok(before.map(|backup| backup.dump_bytes))
}

/// Says what there is, now that the files are copied.
pub async fn complete(app: &App, job: &Job, taken: &Taken, files: Vec<File>) -> Result<Made> {
    let manifest = Manifest {
        version: VERSION,
        id: job.id,
        tenant: job.tenant,
        taken_at: taken.taken_at,
        schema: taken.schema,
        tables: taken.tables.clone(),
        dump_bytes: taken.bytes,
        dump_hash: taken.hash.clone(),
        files,
    };
    let key = keys::open(&app.db, &app.keys.ring, job.tenant, &taken.sealed_key).await?;
    let (key_id, sealed_key) = (taken.key_id.clone(), taken.sealed_key.clone());
    let note = KeyNote { id: job.id, tenant: job.tenant, taken_at: taken.taken_at, key_id, sealed_key };
    let manifest_hash = objects::put_manifest(&app.outside.storage, &taken.folder, (&key, &note), &manifest).await?;
    let (files, file_bytes) = (manifest.files.len() as i64, manifest.files.iter().map(|file| file.size).sum());
    Ok(Made { files, file_bytes, manifest_hash })
}

async fn copy_file(storage: &Storage, folder: &str, object: &Listed) -> Result<Option<File>> {
    let copied = storage.copy(&object.key, &format!("{folder}/files/{}", object.key)).await?;
    Ok(copied.then(|| File { key: object.key.clone(), size: object.size, etag: object.etag.clone() }))
}

/// Copies all files below the prefix beside the dump, within the store. One that has gone meanwhile was not
/// there any more at the moment of the dump, or its row says so soon.
async fn copy_files(app: &App, job: &Job, (prefix, taken): (&str, &Taken)) -> Result<Vec<File>> {
    let (storage, mut files, mut after) = (&app.outside.storage, Vec::new(), None);
    loop {
        let page = storage.list(prefix, after).await?;
        for some in page.objects.chunks(COPIES) {
            let copied = try_join_all(some.iter().map(|object| copy_file(storage, &taken.folder, object))).await?;
            files.extend(copied.into_iter().flatten());
        }
        jobs::progress(app, job, files.len() as i64, files.len() as i64).await?;
        after = page.next;
        if after.is_none() {
            return Ok(files);
        }
    }
}

/// Everything below a prefix.
pub async fn all_files(app: &App, prefix: &str) -> Result<Vec<Listed>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = app.outside.storage.list(prefix, after).await?;
        all.extend(page.objects);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}
