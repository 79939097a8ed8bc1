//! The files of a tenant as of a moment, as far as the store still has them: those that are in the bucket since then,
//! and copies beside the backups before and after it of those that are gone or were written anew. The copies lie
//! beside the moment's backup.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    iter,
};

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use shared::{
    Result,
    storage::{Listed, Storage, prefix_of},
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
    let chosen = choose(&all_files(app, &prefix_of(tenant)).await?, &known, at);
    let bytes = |files: &[File]| files.iter().map(|file| file.size).sum::<i64>();
    let total = chosen.iter().map(|places| places.best.0.size).sum();
    let mut files = Vec::new();
    for some in chosen.chunks(COPIES) {
        let copies = some.iter().map(|places| copy_first(&app.outside.storage, &taken.folder, places));
        files.extend(try_join_all(copies).await?);
        // Bytes, like all else that this step does.
        jobs::progress(app, job, bytes(&files), total).await?;
    }
    Ok(files)
}

/// A backup near the moment, and the files that it names. Not each of them need be there: a moment's names what is nowhere, too.
type Known = (Backup, Vec<File>);

/// A file, and the key of the object that it may be copied from.
type Place = (File, String);

/// Where a file may be copied from.
struct Places {
    best: Place,
    /// Where it is looked for then, the best first.
    others: Vec<Place>,
}

/// Copies a file from the best place that has it. One that is nowhere stays in the manifest: whoever restores the moment is told
/// of what is missing.
async fn copy_first(storage: &Storage, folder: &str, places: &Places) -> Result<File> {
    for (file, from) in iter::once(&places.best).chain(&places.others) {
        if storage.copy(from, &format!("{folder}/files/{}", file.key)).await? {
            return Ok(file.clone());
        }
    }
    Ok(places.best.0.clone())
}

/// Each file, with where it may be copied from: the bucket if it is there since then, and the backups that are known, in their
/// order.
fn choose(now: &[Listed], known: &[Known], at: DateTime<Utc>) -> Vec<Places> {
    let there = now.iter().filter(|object| object.modified <= at).map(|object| {
        let Listed { key, size, etag, .. } = object.clone();
        (File { key: key.clone(), size, etag }, key)
    });
    let copies = known.iter().flat_map(|(backup, files)| {
        let copy = |file: &File| (file.clone(), format!("{}/files/{}", backup.folder, file.key));
        files.iter().map(copy)
    });
    let mut chosen: BTreeMap<String, Places> = BTreeMap::new();
    for place in there.chain(copies) {
        match chosen.entry(place.0.key.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(Places { best: place, others: Vec::new() });
            }
            Entry::Occupied(mut entry) => entry.get_mut().others.push(place),
        }
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
        let both = "a/files/brief b/files/changed|a/files/changed b/files/gone a/files/later old|b/files/old|a/files/old";
        for (known, expected) in [
            (vec![before.clone(), after.clone()], both),
            (vec![before], "b/files/changed b/files/gone old|b/files/old"),
            (vec![after], "a/files/brief a/files/changed a/files/later old|a/files/old"),
            (vec![], "old"),
        ] {
            let places = |places: Places| {
                let all: Vec<String> = iter::once(places.best).chain(places.others).map(|(_, from)| from).collect();
                all.join("|")
            };
            let from: Vec<String> = choose(&now, &known, at(10)).into_iter().map(places).collect();
            assert_eq!(from.join(" "), expected);
        }
    }
}
