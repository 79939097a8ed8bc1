//! The control database is restored by hand, into a database that is empty: whoever does it may have nothing
//! left but the file store and the sealing key. Nothing here asks the control database.

use std::pin::pin;

use futures::StreamExt;
use secrecy::SecretString;
use shared::{Error, Result, seal::Keyring, sealed_stream::StreamKey, storage::Storage};
use sqlx::Connection;
use uuid::Uuid;

use super::{
    inside, keys,
    manifest::Manifest,
    objects::{self, KeyNote, Tally},
    reach::Reach,
    tools::Tools,
};

/// One that was found, and what opens it.
struct Found {
    id: Uuid,
    folder: String,
    key: StreamKey,
    manifest: Manifest,
}

/// What there is to restore, the newest first by its own words, with the folder of each. What cannot be read is no note.
pub async fn list(storage: &Storage) -> Result<Vec<(KeyNote, String)>> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = storage.list("backups/control/", after).await?;
        for object in page.objects {
            let Some(folder) = object.key.strip_suffix("/key") else { continue };
            match objects::key_note(storage, folder).await {
                Ok(note) => found.extend(note.map(|note| (note, folder.to_owned()))),
                Err(error) if is_scrawl(&error) => {}
                Err(error) => return Err(error),
            }
        }
        after = page.next;
        if after.is_none() {
            found.sort_by_key(|(note, _)| std::cmp::Reverse(note.taken_at));
            return Ok(found);
        }
    }
}

fn is_scrawl(error: &Error) -> bool {
    matches!(error, Error::Internal { source, .. } if source.is::<serde_json::Error>())
}

/// Opens one, and makes sure that it is what its note says: whoever may write to the bucket can write any note.
async fn open(storage: &Storage, ring: &Keyring, (note, folder): (KeyNote, String)) -> Result<Found> {
    let key = keys::open_platforms(ring, (&note.sealed_key, &note.key_id)).await?;
    let (manifest, _) = objects::manifest(storage, (&folder, note.id), &key).await?;
    if (manifest.id, manifest.taken_at) != (note.id, note.taken_at) {
        return Err(anyhow::anyhow!("its manifest is of backup {} as of {}", manifest.id, manifest.taken_at).into());
    }
    Ok(Found { id: note.id, folder, key, manifest })
}

/// The one that is asked for, or the newest that opens; `passed` is told which newer ones do not, and why.
async fn find(storage: &Storage, ring: &Keyring, id: Option<Uuid>, mut passed: impl FnMut(Uuid, &Error)) -> Result<Found> {
    for (note, folder) in list(storage).await?.into_iter().filter(|(note, _)| id.is_none_or(|id| note.id == id)) {
        let is = note.id;
        match open(storage, ring, (note, folder)).await {
            Err(error @ Error::Internal { .. }) if id.is_none() => passed(is, &error),
            opened => return opened,
        }
    }
    Err(Error::NotFound("backup_not_found"))
}

/// Loads one of them, or the newest that opens, into the empty database of a URL, and compares it; gives what it was, or
/// what was another in it. `passed` is told of those that do not open.
pub async fn restore(
    (storage, ring, tools): (&Storage, &Keyring, &Tools),
    id: Option<Uuid>,
    into: &SecretString,
    (passed, mut told): (impl FnMut(Uuid, &Error), impl FnMut(u64, u64)),
) -> Result<(Manifest, Vec<String>)> {
    let Found { id, folder, key, manifest } = find(storage, ring, id, passed).await?;
    let reach = Reach::of(into)?;
    let mut inside = reach.connect().await?;
    if !inside::store::tables(&mut inside).await?.is_empty() {
        return Err(Error::conflict("conflict", "That database is not empty."));
    }
    // Rights are kept: the roles of the design are there before anything is restored.
    let options = ["--no-owner", "--exit-on-error", "--dbname", reach.database()];
    let mut running = tools.restore(&reach, &options)?;
    let tally = Tally::default();
    let dump = pin!(tally.over(objects::get(storage, (&folder, id), "dump", &key).await?));
    running.feed(dump.inspect(|_| told(tally.bytes(), manifest.dump_bytes))).await?;
    running.end().await?;
    if tally.hash() != manifest.dump_hash {
        return Err(anyhow::anyhow!("the dump of backup {id} is another one than its manifest says").into());
    }
    let tables = inside::count(&mut inside).await?;
    inside.close().await?;
    let differences = manifest.differences(&tables);
    Ok((manifest, differences))
}
