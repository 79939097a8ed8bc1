//! Exports: an admin takes everything out that the organisation has here, without asking anybody: the database as
//! SQL, the files, and a word how to have it again (C-4). The archive is made by a job, sealed like a backup, and
//! can be fetched for seven days, or until three newer ones are ready.

mod files;
mod make;
mod model;
mod routes;
mod store;
mod tar;

pub use make::{FIRST, note, patience, perform};
pub use model::Export;
use shared::{Result, act::Author};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    events::Platform,
    jobs::{self, Kind},
};

/// Archives that one round takes away.
const OVER: i64 = 20;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(routes::ask_export, routes::list_exports))
        .routes(routes!(routes::show_export))
        .routes(routes!(routes::download_export))
}

/// Below it lie a tenant's archives.
pub fn prefix_of(tenant: Uuid) -> String {
    format!("exports/{tenant}/")
}

/// Takes archives away whose time is over. One that does not go keeps no other one here; what was wrong with the last
/// such is told in the end.
pub async fn expire(app: &App) -> Result<()> {
    let over = store::over(&mut *app.db.read().await?, app.clock.now(), OVER).await?;
    let mut all = Ok(());
    for (tenant, id, object) in over {
        if let Err(error) = expire_one(app, (tenant, id), object).await {
            tracing::warn!(%tenant, export = %id, %error, "an archive stays whose time is over");
            all = Err(error);
        }
    }
    all
}

/// Ends those of a tenant on which nobody works just now, for its data is being taken away. Nobody is written to: the mail of
/// one that could not be made says that nothing is lost.
pub async fn end_waiting(app: &App, tenant: Uuid) -> Result<()> {
    let ended = app.db.act(Author::system("export"), &app.clock, async |act| {
        for id in jobs::end_waiting(act, tenant, Kind::Export, "the organisation's data is being taken away").await? {
            if store::failed(act.db(), id).await?
                && let Some(export) = store::by_id(act.db(), tenant, id).await?
            {
                act.record(&Platform::ExportFailed(export)).await?;
            }
        }
        Ok(())
    });
    ended.await
}

async fn expire_one(app: &App, (tenant, id): (Uuid, Uuid), object: Option<String>) -> Result<()> {
    if let Some(object) = object {
        app.outside.storage.delete(&object).await?;
    }
    let expired = app.db.act(Author::system("export"), &app.clock, async |act| {
        if store::expire(act.db(), id).await?
            && let Some(export) = store::by_id(act.db(), tenant, id).await?
        {
            act.record(&Platform::ExportExpired(export)).await?;
        }
        Ok(())
    });
    expired.await
}
