//! The files of the bucket come back with the database: one that is gone, or is another one now, is copied back
//! from the backup. What came later stays; nothing leads to it any more.

use std::collections::HashMap;

use shared::{Result, storage::prefix_of};

use super::{FIT, state::State};
use crate::{
    app::App,
    jobs::{self, Job, Performed},
};

/// As many missing keys are named.
const NAMED: usize = 100;

/// The step.
pub async fn restore(app: &App, job: &Job, mut state: State) -> Result<Performed> {
    let (storage, opened) = (&app.outside.storage, state.source.open(app, job.tenant()?).await?);
    let there = present(app, &prefix_of(job.tenant()?)).await?;
    let files = &opened.manifest.files;
    let lost = files.iter().filter(|file| there.get(&file.key) != Some(&(file.size, file.etag.clone())));
    (state.files_restored, state.files_missing) = (0, Vec::new());
    for file in lost {
        if storage.copy(&opened.copy_of(&file.key), &file.key).await? {
            state.files_restored += 1;
            jobs::progress(app, job, state.files_restored, files.len() as i64).await?;
        } else if state.files_missing.len() < NAMED {
            tracing::error!(key = file.key, "a file is neither in the bucket nor in the backup");
            state.files_missing.push(file.key.clone());
        }
    }
    Performed::then(FIT).leaving(&state)
}

/// Sizes and tags of all that is there.
async fn present(app: &App, prefix: &str) -> Result<HashMap<String, (i64, String)>> {
    let (mut there, mut after) = (HashMap::new(), None);
    loop {
        let page = app.outside.storage.list(prefix, after).await?;
        there.extend(page.objects.into_iter().map(|object| (object.key, (object.size, object.etag))));
        after = page.next;
        if after.is_none() {
            return Ok(there);
        }
    }
}
