//! The control database is restored by hand, into a database that is empty: whoever does it may have nothing
//! left but the file store and the sealing key. Nothing here asks the control database.

use std::pin::pin;

use futures::StreamExt;
use secrecy::SecretString;
use shared::{Error, Result, seal::Keyring, storage::Storage};
use sqlx::Connection;
use uuid::Uuid;

use super::{
    inside, keys,
    manifest::Manifest,
    objects::{self, KeyNote, Tally},
    reach::Reach,
    tools::Tools,
};

/// What there is to restore, the newest first, with the folder of each.
pub async fn list(storage: &Storage) -> Result<Vec<(KeyNote, String)>> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = storage.list("backups/control/", after).await?;
        for object in page.objects {
            if let Some(folder) = object.key.strip_suffix("/key")
                && let Some(note) = objects::key_note(storage, folder).await?
            {
                found.push((note, folder.to_owned()));
            }
        }
        after = page.next;
        if after.is_none() {
            found.sort_by_key(|(note, _)| std::cmp::Reverse(note.taken_at));
            return Ok(found);
        }
    }
}

/// Loads one of them, or the newest, into the empty database of a URL, and compares it; gives what it was, or
/// what was another in it.
pub async fn restore(
    (storage, ring, tools): (&Storage, &Keyring, &Tools),
    id: Option<Uuid>,
    into: &SecretString,
    mut told: impl FnMut(u64, u64),
) -> Result<(Manifest, Vec<String>)> {
    let all = list(storage).await?;
    let found = all.into_iter().find(|(note, _)| id.is_none_or(|id| note.id == id));
    let (note, folder) = found.ok_or(Error::NotFound("backup_not_found"))?;
    let key = keys::open_platforms(ring, (&note.sealed_key, &note.key_id)).await?;
    let (manifest, _) = objects::manifest(storage, (&folder, note.id), &key).await?;
    let reach = Reach::of(into)?;
    let mut inside = reach.connect().await?;
    if !inside::store::tables(&mut inside).await?.is_empty() {
        return Err(Error::conflict("conflict", "That database is not empty."));
    }
    // Rights are kept: the roles of the design are there before anything is restored.
    let options = ["--no-owner", "--exit-on-error", "--dbname", reach.database()];
    let mut running = tools.restore(&reach, &options)?;
    let tally = Tally::default();
    let dump = pin!(tally.over(objects::get(storage, (&folder, note.id), "dump", &key).await?));
    running.feed(dump.inspect(|_| told(tally.bytes(), manifest.dump_bytes))).await?;
    running.end().await?;
    if tally.hash() != manifest.dump_hash {
        return Err(anyhow::anyhow!("the dump of backup {} is another one than its manifest says", note.id).into());
    }
    let tables = inside::count(&mut inside).await?;
    inside.close().await?;
    let differences = manifest.differences(&tables);
    Ok((manifest, differences))
}
