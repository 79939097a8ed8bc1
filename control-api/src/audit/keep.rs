//! The control database's own trail.

use futures::FutureExt;
use shared::{
    Result,
    audit::{self, Failure, Waiting},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;

/// Writes what was refused into the control database's trail, until `stop`.
pub async fn write_failures(app: App, refused: Waiting, stop: CancellationToken) {
    let db = app.db.clone();
    let write = move |_: Option<Uuid>, failures: Vec<Failure>| {
        let db = db.clone();
        async move { db.write_failures(&failures).await }.boxed()
    };
    audit::write_failures(refused, Box::new(write), stop).await;
}

/// Makes months ahead, seals new rows, drops expired months.
pub async fn keep_own(app: &App) -> Result<()> {
    let now = app.clock.now();
    let kept = audit::keep(&app.db, now).await;
    let ends_soon = app.figures.audit.note(&kept, now);
    app.figures.audit.missing(ends_soon.into());
    kept.map(drop)
}
