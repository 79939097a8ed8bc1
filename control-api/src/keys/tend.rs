//! What a process needs before it is ready where Vault keeps the keys: the platform's data key, which most of what it does
//! needs, and a transit key that tells owners apart.

use shared::Result;
use tokio_util::sync::CancellationToken;

use super::store;
use crate::app::App;

/// Stays in touch with whoever keeps the keys, until `stop`.
pub async fn tend(app: App, stop: CancellationToken) {
    app.keys.ring.tend(|| begin(app.clone()), stop).await;
}

async fn begin(app: App) -> Result<()> {
    let ring = &app.keys.ring;
    ring.newest().await?;
    app.db
        .apply(async |db| match store::current(db, None).await? {
            Some(wrapped) => wrapped.unwrap(ring, None).map(drop),
            None => Ok(()),
        })
        .await?;
    forget_gone(&app).await
}

/// What was deleted, by whichever process, lives in nobody's memory.
async fn forget_gone(app: &App) -> Result<()> {
    let held = app.keys.ring.held();
    if held.is_empty() {
        return Ok(());
    }
    let gone = store::gone(&mut *app.db.read().await?, &held).await?;
    gone.into_iter().for_each(|tenant| app.keys.ring.forget(tenant));
    Ok(())
}
