//! The files of a tenant as of a moment, as far as the store still has them: those that are in the bucket since then,
//! and copies beside the backups before and after it of those that are gone or were written anew. The copies lie
//! beside the moment's backup.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use shared::{
    Error, Result,
    storage::{Listed, prefix_of},
};

use crate::{
    app::App,
    backups::{
        manifest::File,
        model::Backup,
        source::Source,
        store,
        take::{COPIES, Taken, all_files},
    },
    jobs::{self, Job},
};

/// Copies them, and says which there were.
pub async fn copy(app: &App, job: &Job, taken: &Taken, at: DateTime<Utc>) -> Result<Vec<File>> {
    let tenant = job.tenant()?;
    let mut known = Vec::new();
    for backup in store::around(&mut *app.db.read().await?, tenant, at).await? {
        let opened = Source::Backup { id: backup.id }.open(app, tenant).await?;
        known.push((backup, opened.manifest.files));
    }
    let of = |is_before: bool| known.iter().find(|(backup, _)| (backup.taken_at <= at) == is_before);
    let chosen = choose(&all_files(app, &prefix_of(tenant)).await?, (of(true), of(false)), at);
    let bytes = |files: &[File]| files.iter().map(|file| file.size).sum::<i64>();
    let total = chosen.iter().map(|(file, _)| file.size).sum();
    let mut files = Vec::new();
    for some in chosen.chunks(COPIES) {
        let copies = some.iter().map(async |(file, from)| {
            // One that is gone stays in the manifest: whoever restores the moment is told of what is missing.
            app.outside.storage.copy(from, &format!("{}/files/{}", taken.folder, file.key)).await?;
            Ok::<_, Error>(file.clone())
        });
        files.extend(futures::future::try_join_all(copies).await?);
        // Bytes, like all else that this step does.
        jobs::progress(app, job, bytes(&files), total).await?;
    }
    Ok(files)
}

type Known = (Backup, Vec<File>);

/// Each file, with the key of the object that it is copied from.
fn choose(now: &[Listed], (before, after): (Option<&Known>, Option<&Known>), at: DateTime<Utc>) -> Vec<(File, String)> {
    let mut chosen = BTreeMap::new();
    // The last that names a file is the best: one that is there since then, else what it was before, else after.
    for (backup, files) in [after, before].into_iter().flatten() {
        let copies = files.iter().map(|file| (file.key.clone(), (file.clone(), format!("{}/files/{}", backup.folder, file.key))));
        chosen.extend(copies);
    }
    for object in now.iter().filter(|object| object.modified <= at) {
        let Listed { key, size, etag, .. } = object.clone();
        chosen.insert(key.clone(), (File { key: key.clone(), size, etag }, key));
    }
    chosen.into_values().collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-11-22T{hour:02}:00:00Z").parse().expect("a time")
    }

    fn known(hour: u32, folder: &str, keys: &[&str]) -> Known {
        let taken_at = at(hour);
        let backup = Backup {
            id: Uuid::nil(),
            tenant_id: None,
            tenant: None,
            taken_at,
            made_at: taken_at,
            schema_version: 1,
            tables: 0,
            row_count: 0,
            dump_bytes: 0,
            files: 0,
            file_bytes: 0,
            is_kept: false,
            folder: folder.into(),
            manifest_hash: vec![],
            sealed_key: vec![],
        };
        (backup, keys.iter().map(|key| File { key: (*key).into(), size: 1, etag: folder.into() }).collect())
    }

    fn there(key: &str, hour: u32) -> Listed {
        Listed { key: key.into(), size: 1, etag: "now".into(), modified: at(hour) }
    }

    #[test]
    fn a_file_comes_from_the_bucket_if_it_is_there_since_then_else_from_the_backup_before_else_from_the_one_after() {
        let (before, after) = (known(2, "b", &["old", "changed", "gone"]), known(22, "a", &["old", "changed", "brief", "later"]));
        let now = [there("old", 1), there("changed", 15), there("new", 16)];
        for (sides, expected) in [
            ((Some(&before), Some(&after)), "a/files/brief b/files/changed b/files/gone a/files/later old"),
            ((Some(&before), None), "b/files/changed b/files/gone old"),
            ((None, Some(&after)), "a/files/brief a/files/changed a/files/later old"),
            ((None, None), "old"),
        ] {
            let from: Vec<String> = choose(&now, sides, at(10)).into_iter().map(|(_, from)| from).collect();
            assert_eq!(from.join(" "), expected);
        }
    }
}
