//! Base backups: each night a copy of each server whose log is archived, sealed, in the file store. From one of
//! them and the log behind it a server as of any later moment is made. They are kept as long as a moment of the
//! window needs them, and the log with them.

mod model;
mod prune;
pub mod store;
mod take;

pub use model::{BaseBackup, before, choose};
pub use prune::{Pruned, prune_all as prune};
use shared::{Result, act::Act, sealed_stream::StreamKey};
pub use take::{FIRST, PART, clear, note, patience, perform, plan, unit};
use uuid::Uuid;

use crate::{app::App, backups::retention, keys};

/// What the key of a base backup is sealed for.
fn owner(id: Uuid) -> String {
    format!("base:{id}")
}

/// Opens the key of one.
pub async fn key(app: &App, base: &BaseBackup) -> Result<StreamKey> {
    StreamKey::of(&keys::opened(&app.db, &app.keys.ring, None, &base.sealed_key, &owner(base.id)).await?)
}

/// Plans what is due: of each server with an archive at once the first one, and then one each night.
pub async fn plan_due(act: &mut Act) -> Result<()> {
    let turn = retention::last_turn(None, act.now());
    for due in store::due(act.db()).await? {
        if due.since.is_none_or(|since| since < turn) {
            plan(act, due.cluster_id).await?;
        }
    }
    Ok(())
}
