//! Redis' copy of where an upload stands, for whoever asks before they go on. The database is asked where there is none, and
//! whenever bytes are to be taken.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::{LASTS, Progress};
use crate::{app::App, people::PersonId};

#[derive(Serialize, Deserialize)]
struct Copy {
    by: PersonId,
    #[serde(flatten)]
    progress: Progress,
}

fn key(tenant: Uuid, id: Uuid) -> String {
    format!("t:{{{tenant}}}:upload:{id}")
}

/// Where somebody's upload stands, as far as Redis knows.
pub(super) async fn read(app: &App, tenant: Uuid, id: Uuid, by: PersonId) -> Option<Progress> {
    let text = app.outside.cache.get(&key(tenant, id)).await?;
    let copy: Copy = serde_json::from_str(&text).ok()?;
    (copy.by == by && copy.progress.id == id).then_some(copy.progress)
}

/// Writes where it stands by now.
pub(super) async fn write(app: &App, tenant: Uuid, by: PersonId, progress: &Progress) {
    let lasts = Duration::from_secs(LASTS.num_seconds().unsigned_abs());
    if let Ok(text) = serde_json::to_string(&Copy { by, progress: progress.clone() }) {
        app.outside.cache.put(&key(tenant, progress.id), &text, lasts).await;
    }
}

/// Forgets it: the next one to ask is told by the database.
pub(super) async fn forget(app: &App, tenant: Uuid, id: Uuid) {
    app.outside.cache.forget(&key(tenant, id)).await;
}
