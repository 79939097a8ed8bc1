//! A piece of an upload in the store, at `{tenant}/temp/{upload}/`.

use shared::{Error, Result, crash, storage::prefix_of, tenancy::Tenant};
use uuid::Uuid;

use super::store::{self, Part};
use crate::{
    app::App,
    media::{Spool, Spooled, objects},
};

/// Stores a piece that begins at `start`, and says how long it is; `409` where the upload has gone on without it.
pub(super) async fn keep(app: &App, tenant: &Tenant, upload: Uuid, start: i64, piece: Spooled) -> Result<i64> {
    let length = i64::try_from(piece.length).map_err(Error::internal)?;
    // A name of its own: whoever sends the same bytes at the same time does not write into ours.
    let key = format!("{}temp/{upload}/{start}-{}", prefix_of(tenant.id), Uuid::now_v7().simple());
    let now = app.clock.now();
    tenant.db.apply(async |db| objects::claim(db, &key, length, now).await).await?;
    crash::point(|| "part.claimed".into());
    app.outside.storage.put_file(&key, tokio::fs::File::from_std(piece.open()?), piece.length).await?;
    crash::point(|| "part.stored".into());
    let part = Part { start, length, key };
    let now = app.clock.now();
    if tenant.db.apply(async |db| store::keep(db, upload, &part, now).await).await? {
        crash::point(|| "part.kept".into());
        return Ok(length);
    }
    tenant.db.apply(async |db| objects::let_go(db, &part.key, now).await).await?;
    Err(Error::conflict("conflict", "These bytes are here already, took too long, or the upload has ended."))
}

/// All of an upload on our disk: its pieces from the store, and what has just come; `409` where they are another's file by now.
pub(super) async fn whole(app: &App, tenant: &Tenant, upload: Uuid, length: i64, last: Spool) -> Result<Spooled> {
    let parts = store::parts(&mut *tenant.db.read().await?, upload).await?;
    if parts.is_empty() {
        let last = last.done().await?;
        let is_whole = last.length == length.unsigned_abs();
        return if is_whole { Ok(last) } else { Err(Error::conflict("conflict", "The upload has gone on or ended meanwhile.")) };
    }
    let mut whole = Spool::new(length.unsigned_abs()).await?;
    for part in &parts {
        if part.start.unsigned_abs() != whole.length() {
            return Err(anyhow::anyhow!("upload {upload} has no piece at {}", whole.length()).into());
        }
        let object = app.outside.storage.get(&part.key).await?.ok_or(Error::Unavailable("storage"))?;
        whole.take_all(object.stream()).await?;
    }
    whole.take_file(last.done().await?).await?;
    whole.done().await
}
