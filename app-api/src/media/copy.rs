//! Files of a message once more, for a ticket that was made of it: each lies once in the store, and counts twice.

use std::collections::BTreeMap;

use shared::{Result, act::Act};

use super::{
    quota::{Allowed, Amount},
    room, store,
};
use crate::people::PersonId;

/// Gives a ticket of its own the files of a message that it was made of. Copies take the room of whoever sent the files:
/// `413 quota_exceeded` where there is none. They did not come today.
pub async fn copy_of(act: &mut Act, message: i64, to: i64, plan: Allowed) -> Result<()> {
    let (mut ids, mut senders) = (Vec::new(), BTreeMap::<PersonId, Amount>::new());
    for file in store::lock_sound_of(act.db(), message).await? {
        let theirs = senders.entry(file.uploaded_by).or_default();
        *theirs = Amount { bytes: theirs.bytes + file.file_size, files: theirs.files + 1, today: 0 };
        ids.push(file.id);
    }
    for (sender, more) in senders {
        room::take(act, sender, plan, more).await?;
    }
    let now = act.now();
    store::copy(act.db(), &ids, to, now).await
}
