//! A seat of the staff is taken.

use shared::{Error, Result, act::Act};
use uuid::Uuid;

use super::store;

/// Who takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taker {
    /// Somebody who was asked in, and comes: the seat was held for them.
    Awaited,
    /// Somebody of that id, whom nobody has asked or waited for: others who were asked in have a seat, too.
    Member(i64),
    /// Somebody who is asked in: likewise.
    Invited,
}

/// Refuses one more of the staff than the tenant's plan allows: `413 quota_exceeded`. Call it before the seat is
/// taken, in the same act: others who take one wait until it has ended.
pub async fn take_seat(act: &mut Act, tenant: Uuid, taker: Taker) -> Result<()> {
    let now = act.now();
    let Some(allowed) = store::hold_seats(act.db(), tenant).await? else { return Ok(()) };
    let but = if let Taker::Member(user) = taker { Some(user) } else { None };
    let (agents, invited) = store::staff(act.db(), tenant, but, now).await?;
    let used = match taker {
        Taker::Awaited => agents,
        Taker::Member(_) | Taker::Invited => agents + invited,
    };
    if used < allowed.into() { Ok(()) } else { Err(Error::Quota { limit: "agents", allowed: allowed.into(), used }) }
}
