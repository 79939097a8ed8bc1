//! An archive is made: everything streams, from the database and the file store through the seal into the file
//! store, so that its length does not matter. Each try writes an object of its own.

use axum::body::Bytes;
use futures::{SinkExt, Stream, StreamExt, channel::mpsc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::Act,
    sealed_stream::{StreamKey, seal},
    storage::prefix_of,
};
use uuid::Uuid;

use super::{
    files,
    model::{KEPT, MOST},
    store, tar,
};
use crate::{
    app::App,
    backups::{self, Reach, Tally},
    events::Platform,
    jobs::{Job, Next, Patience, Performed},
    mails::{self, Addressee, ExportText, Text},
    members, tenants,
};

/// Its first step.
pub const FIRST: &str = "archive";
const GIVE_UP: &str = "give_up";
/// The dump is cut into entries of this length: tar wants to know one's length before it begins.
const PIECE: usize = 8 << 20;
const README: &str = include_str!("readme.txt");

/// What a step that fails again and again leads to.
pub fn patience(step: &str) -> Patience {
    if step == GIVE_UP { Patience::Endless } else { Patience::Then(GIVE_UP) }
}

/// An archive that lies in the store. Its key is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Archived {
    pub object: String,
    pub size: i64,
    pub sealed_key: Vec<u8>,
    pub key_id: String,
}

/// What an archive's stream is sealed for.
pub fn owner(id: Uuid) -> String {
    format!("export:{id}")
}

/// Does a step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    match job.step.as_str() {
        FIRST => Performed::done().leaving(&archive(app, job).await?),
        GIVE_UP => {
            backups::clear(&app.outside.storage, &folder(job)?).await?;
            Ok(Performed { next: Next::Failed, state: None })
        }
        _ => Err(job.unknown_step()),
    }
}

/// Says that it is ready or could not be made, and mails whoever asked for it.
pub async fn note(act: &mut Act, app: &App, job: &Job, performed: &Performed) -> Result<()> {
    let (tenant, now) = (job.tenant()?, act.now());
    let ended = match (&performed.state, performed.next) {
        (Some(state), Next::Done) => {
            let made: Archived = serde_json::from_value(state.clone())?;
            let is_ready = store::ready(act.db(), job.id, &made, (now, now + KEPT)).await?;
            store::end_all_but(act.db(), tenant, MOST, now).await?;
            is_ready
        }
        (_, Next::Failed) => store::failed(act.db(), job.id).await?,
        _ => false,
    };
    if !ended {
        return Ok(());
    }
    let export = store::by_id(act.db(), tenant, job.id).await?.ok_or(Error::NotFound("export_not_found"))?;
    let known = tenants::by_id(act.db(), tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    if let Some(admin) = members::find(act.db(), tenant, export.asked_by).await?.filter(members::Member::is_active) {
        let link = format!("{}/login", app.site.url(&known.slug));
        let is_ready = matches!(performed.next, Next::Done);
        let text = Text::Export(ExportText { is_ready, organisation: &known.organisation, link: &link });
        mails::send(act, app, Addressee::of(&admin), &text).await?;
    }
    act.record(&match performed.next {
        Next::Failed => Platform::ExportFailed(export),
        _ => Platform::ExportReady(export),
    })
    .await?;
    Ok(())
}

fn folder(job: &Job) -> Result<String> {
    Ok(format!("{}{}/", super::prefix_of(job.tenant()?), job.id))
}

async fn archive(app: &App, job: &Job) -> Result<Archived> {
    let (tenant, storage) = (job.tenant()?, &app.outside.storage);
    backups::clear(storage, &folder(job)?).await?;
    let (object, key) = (format!("{}{}.tar", folder(job)?, Uuid::new_v4().simple()), StreamKey::generate());
    let sealed = backups::keys::seal(&app.db, &app.keys.ring, Some(tenant), &key).await?;
    let (out, written) = mpsc::channel(4);
    let tally = Tally::default();
    let plain = Box::pin(tally.over(written));
    let put = storage.put(&object, seal(&key, &owner(job.id), plain));
    let (put, ()) = futures::future::join(put, Archive { out, at: app.clock.now().timestamp() }.write(app, tenant)).await;
    put?;
    Ok(Archived { object, size: tally.bytes().cast_signed(), sealed_key: sealed.bytes, key_id: sealed.key_id })
}

/// An archive that is being written. Whoever reads it has its bytes, or the error that broke it off.
struct Archive {
    out: mpsc::Sender<Result<Bytes>>,
    at: i64,
}

impl Archive {
    async fn write(mut self, app: &App, tenant: Uuid) {
        if let Err(error) = self.all(app, tenant).await {
            // A reader who has gone knows why.
            let _ = self.out.send(Err(error)).await;
        }
    }

    async fn all(&mut self, app: &App, tenant: Uuid) -> Result<()> {
        self.entry("README.txt", README.as_bytes()).await?;
        self.database(app, tenant).await?;
        self.files(app, tenant).await?;
        self.say(Bytes::from_static(&tar::END)).await
    }

    async fn database(&mut self, app: &App, tenant: Uuid) -> Result<()> {
        let reach = Reach::of_tenant(app, tenant).await?;
        let told = ["--format=plain", "--no-owner", "--no-privileges", "--lock-wait-timeout=15000"];
        let mut running = app.outside.tools.dump(&reach, &told)?;
        let (mut sql, mut piece, mut number) = (Box::pin(running.written()), Vec::with_capacity(PIECE), 0);
        loop {
            let more = sql.next().await.transpose()?;
            piece.extend_from_slice(more.as_deref().unwrap_or_default());
            if piece.len() >= PIECE || more.is_none() {
                number += 1;
                self.entry(&format!("database/{number:06}.sql"), &piece).await?;
                piece.clear();
            }
            if more.is_none() {
                break;
            }
        }
        drop(sql);
        running.end().await
    }

    async fn files(&mut self, app: &App, tenant: Uuid) -> Result<()> {
        let (storage, prefix, mut after) = (&app.outside.storage, prefix_of(tenant), None);
        loop {
            let page = storage.list(&prefix, after).await?;
            let keys = page.objects.into_iter().map(|object| object.key).collect();
            for key in files::to_be_given(app, tenant, keys).await? {
                // One that was taken away meanwhile is no part of it.
                let Some(file) = storage.get(&key).await? else { continue };
                let name = format!("files/{}", key.trim_start_matches(&prefix));
                self.stream(&name, file.size, Box::pin(file.stream())).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn entry(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let bytes = Bytes::copy_from_slice(bytes);
        self.stream(name, bytes.len() as u64, futures::stream::iter([Ok(bytes)])).await
    }

    async fn stream(&mut self, name: &str, size: u64, mut bytes: impl Stream<Item = Result<Bytes>> + Unpin) -> Result<()> {
        let head = tar::head(name, size, self.at).ok_or_else(|| anyhow::anyhow!("{name} of {size} bytes fits no archive"))?;
        self.say(Bytes::copy_from_slice(&head)).await?;
        let mut said = 0;
        while let Some(some) = bytes.next().await.transpose()? {
            said += some.len() as u64;
            self.say(some).await?;
        }
        if said != size {
            return Err(anyhow::anyhow!("{name} has {said} bytes instead of {size}").into());
        }
        self.say(Bytes::from_static(tar::padding(size))).await
    }

    async fn say(&mut self, bytes: Bytes) -> Result<()> {
        self.out.send(Ok(bytes)).await.map_err(|_| Error::Unavailable("storage"))
    }
}
