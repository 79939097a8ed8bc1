//! How often an operator's password or code may be tried. A try is written before it is looked at, so
//! many at once are no more than one after the other; a right one is taken back.

use chrono::TimeDelta;
use shared::{Result, act::Act};

use super::store;
use crate::bound::Bound;

const WITHIN: TimeDelta = TimeDelta::minutes(15);

/// Writes a try of this account down, or says `429 rate_limited` when there were `most` already.
/// The inner result is for after the act, which commits either way.
pub async fn reserve(act: &mut Act, account: &str, most: i64) -> Result<Result<i64>> {
    let now = act.now();
    store::lock_account(act.db(), account).await?;
    let bound = Bound { most, within: WITHIN };
    match bound.check(store::tries(act.db(), account, bound.since(now)).await?, now) {
        Err(refused) => Ok(Err(refused)),
        Ok(()) => Ok(Ok(store::insert_try(act.db(), account, now).await?)),
    }
}

/// Takes a try back: it was right, or nobody has looked at it.
pub async fn forgive(act: &mut Act, number: i64) -> Result<()> {
    store::forgive(act.db(), number).await
}
