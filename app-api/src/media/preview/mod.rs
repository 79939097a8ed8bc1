//! Previews: small pictures of images and of the first pages of documents, made behind everybody's back, the quick ones
//! first. Only what was found sound is opened. One is drawn at a time in a process, whoever's it is: what a picture takes (128 MiB at most)
//! and what a page takes in its own program is taken once.

mod exif;
#[cfg(test)]
mod hostile;
mod likeness;
mod page;
mod picture;
mod rank;

use std::{io::BufReader, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
pub use exif::Exif;
use image::ImageFormat;
use likeness::NEAR;
use page::Page;
pub use page::Renderer;
use picture::Drawn;
pub use rank::Rank;
use shared::{Error, Result, crash, storage::Storage, tenancy::Tenant};
use sqlx::PgConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Attachment, LONGEST, Spool, Spooled,
    moderation::ModerationHash,
    store::{
        moderation, objects,
        previews::{self, Undrawn},
    },
};

/// Previews of a visit.
const PORTION: i64 = 4;
/// How often something is tried that may be the file's fault.
const TRIES: i32 = 5;
/// How long a preview waits after a try in vain, times their number.
const WAIT: TimeDelta = TimeDelta::seconds(30);

/// What draws previews.
#[derive(Clone)]
pub struct Studio {
    renderer: Renderer,
    turn: Arc<Semaphore>,
}

/// A preview that lies in the store, but is nobody's yet.
pub struct Preview {
    /// Of which file.
    pub id: i64,
    key: String,
    exif: Option<exif::Kept>,
    /// What the picture looks like.
    phash: Option<i64>,
}

/// What came of a try.
enum Drawing {
    Drawn(Drawn),
    /// It never will be drawn.
    Undrawable,
    /// There is nobody here who draws such files.
    Unasked,
    /// Perhaps later.
    BrokenOff,
}

impl Studio {
    /// Pages of documents are drawn by `renderer`.
    pub fn new(renderer: Renderer) -> Self {
        Self { renderer, turn: Arc::new(Semaphore::new(1)) }
    }

    async fn draw(&self, mime: &str, file: &Spooled) -> Result<Drawing> {
        let format = ImageFormat::from_mime_type(mime);
        if format.is_none() && !self.renderer.draws() {
            return Ok(Drawing::Unasked);
        }
        let turn = self.turn.clone().acquire_owned().await.map_err(Error::internal)?;
        let Some(format) = format else {
            return match self.renderer.draw(file.open()?).await? {
                Page::Shown(page, _folder) => picture(ImageFormat::Png, page, turn).await,
                Page::No => Ok(Drawing::Undrawable),
                Page::BrokenOff => Ok(Drawing::BrokenOff),
            };
        };
        picture(format, BufReader::new(file.open()?), turn).await
    }
}

async fn picture(format: ImageFormat, file: BufReader<std::fs::File>, turn: OwnedSemaphorePermit) -> Result<Drawing> {
    let drawn = tokio::task::spawn_blocking(move || {
        // Whoever stops waiting leaves a picture that is still being unpacked: the next one waits for it.
        let _turn = turn;
        picture::draw(format, file)
    });
    Ok(match drawn.await {
        Ok(Ok(drawn)) => Drawing::Drawn(drawn),
        Ok(Err(_)) => Drawing::Undrawable,
        Err(error) => {
            tracing::error!(%error, "a picture broke whoever drew it");
            Drawing::Undrawable
        }
    })
}

/// Files whose previews have their time, as many as one visit draws.
pub async fn undrawn(tenant: &Tenant, now: DateTime<Utc>) -> Result<Vec<Undrawn>> {
    previews::undrawn(&mut *tenant.db.read().await?, now, PORTION).await
}

/// When the next preview is to be made.
pub async fn next_preview(tenant: &Tenant) -> Result<Option<DateTime<Utc>>> {
    previews::next(&mut *tenant.db.read().await?).await
}

/// Makes a preview and writes it into the store; none where that was decided otherwise. When a part is away it is put off, as often
/// as it takes; when it was broken off, five times. A try counts as soon as it begins: one whose file is the end of whoever draws it is
/// broken off, too.
pub async fn draw(tenant: &Tenant, (storage, studio): (&Storage, &Studio), file: &Undrawn, now: DateTime<Utc>) -> Result<Option<Preview>> {
    if file.preview_tries >= TRIES {
        tracing::warn!(tenant = %tenant.id, attachment = file.id, "whoever drew this file has come to no end");
        tenant.db.apply(async |db| previews::give_up(db, file.id, "failed").await).await?;
        return Ok(None);
    }
    let tries = file.preview_tries + 1;
    if !tenant.db.apply(async |db| previews::begin(db, file.id, now, now + WAIT * tries).await).await? {
        return Ok(None);
    }
    crash::point(|| "preview.begun".into());
    let to = match make(tenant, (storage, studio), file, now).await {
        Ok(Ok(preview)) => return Ok(Some(preview)),
        Ok(Err(Drawing::BrokenOff)) if tries < TRIES => return Ok(None),
        Ok(Err(Drawing::Unasked)) => "none",
        Ok(Err(_)) => "failed",
        Err(error) => {
            tenant.db.apply(async |db| previews::put_off(db, file.id, now + WAIT).await).await?;
            return Err(error);
        }
    };
    tenant.db.apply(async |db| previews::give_up(db, file.id, to).await).await?;
    Ok(None)
}

async fn make(
    tenant: &Tenant,
    (storage, studio): (&Storage, &Studio),
    file: &Undrawn,
    now: DateTime<Utc>,
) -> Result<Result<Preview, Drawing>> {
    let Some(whole) = fetch(storage, &file.file_path).await? else {
        tracing::error!(tenant = %tenant.id, attachment = file.id, "a file has no object");
        return Ok(Err(Drawing::BrokenOff));
    };
    let drawn = match studio.draw(&file.mime_type, &whole).await? {
        Drawing::Drawn(drawn) => drawn,
        other => return Ok(Err(other)),
    };
    let key = key_of(&file.file_path);
    let length = i64::try_from(drawn.webp.len()).map_err(Error::internal)?;
    tenant.db.apply(async |db| objects::claim(db, &key, length, now).await).await?;
    crash::point(|| "preview.claimed".into());
    storage.put_bytes(&key, drawn.webp.into()).await?;
    crash::point(|| "preview.stored".into());
    // Pages of words all look alike: what one looks like says nothing of it.
    let phash = drawn.phash.filter(|_| ImageFormat::from_mime_type(&file.mime_type).is_some());
    Ok(Ok(Preview { id: file.id, key, exif: drawn.exif, phash }))
}

/// Beside the file: the same content twice in a ticket has one preview.
fn key_of(path: &str) -> String {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    format!("{stem}.preview.webp")
}

async fn fetch(storage: &Storage, path: &str) -> Result<Option<Spooled>> {
    let Some(object) = storage.get(path).await? else { return Ok(None) };
    let mut spool = Spool::new(LONGEST).await?;
    spool.take_all(object.stream()).await?;
    spool.done().await.map(Some)
}

/// Makes a stored preview its file's, which is locked; false where that has one by now, or is to have none any more. `seal` keeps what
/// the camera wrote.
pub async fn drawn(db: &mut PgConnection, file: &Attachment, preview: &Preview, exif: Option<&str>, now: DateTime<Utc>) -> Result<bool> {
    objects::settle(db, &preview.key, now).await?;
    if previews::drawn(db, file.id, &preview.key, (exif, preview.phash), now).await? {
        return Ok(true);
    }
    // Whoever was first may have the same object.
    objects::let_go_unless_owned(db, &preview.key, now).await?;
    Ok(false)
}

/// Puts a picture that looks like a rejected one before those who judge; none where it does not, or was judged already. It stays
/// meanwhile: screenshots of one program are alike, too.
pub async fn suspect(db: &mut PgConnection, file: &Attachment, preview: &Preview, now: DateTime<Utc>) -> Result<Option<ModerationHash>> {
    let Some(phash) = preview.phash else { return Ok(None) };
    match moderation::suspect(db, &file.sha256, (phash, NEAR.into()), now).await? {
        Some(id) => moderation::lock(db, id).await.map(Some),
        None => Ok(None),
    }
}

impl Preview {
    /// What the camera wrote, as it is to be sealed.
    pub fn exif(&self) -> Result<Option<serde_json::Value>> {
        Ok(self.exif.as_ref().map(serde_json::to_value).transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn of_all_that_are_to_be_drawn_one_is_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let (program, place) = (folder.path().join("renderer"), folder.path().display());
        let script = format!("#!/bin/sh\nmkdir {place}/busy || echo > {place}/two\nsleep 0.1\nrmdir {place}/busy\nexit 1\n");
        std::fs::write(&program, script).expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("it runs");
        let (studio, mut spool) = (Studio::new(Renderer::at(&program.display().to_string())), Spool::new(9).await.expect("a spool"));
        spool.take(b"%PDF-1.4").await.expect("room");
        let document = spool.done().await.expect("a document");
        let drawn = futures::future::join_all((0..5).map(|_| studio.draw("application/pdf", &document))).await;
        assert!(drawn.iter().all(|drawn| matches!(drawn, Ok(Drawing::Undrawable))));
        assert!(!folder.path().join("two").exists(), "two were drawn at the same time");
    }

    #[test]
    fn a_preview_lies_beside_its_file() {
        for (path, key) in [
            ("tenants/a/tickets/1/ab12.jpg", "tenants/a/tickets/1/ab12.preview.webp"),
            ("tenants/a/tickets/1/ab12.jpeg", "tenants/a/tickets/1/ab12.preview.webp"),
            ("tenants/a/tickets/1/ab12.webp", "tenants/a/tickets/1/ab12.preview.webp"),
        ] {
            assert_eq!(key_of(path), key);
        }
    }
}
