//! Files become somebody else's: a contact's, whose address somebody has proved.

use shared::{Result, act::Act};

use super::{
    room,
    store::{self, usage},
};
use crate::people::PersonId;

/// Makes at most so many files of one sender another's, with the room that they take, and says how many there were. Whoever has more by
/// that than they may keeps it.
pub async fn hand_over(act: &mut Act, (from, to): (PersonId, PersonId), limit: i64) -> Result<i64> {
    let (all, files, bytes) = store::hand_over(act.db(), (from, to), limit).await?;
    if files > 0 {
        for whose in [from.min(to), from.max(to)] {
            room::hold(act, whose).await?;
        }
        usage::hand_over(act.db(), (from, to), (bytes, files)).await?;
    }
    Ok(all)
}
