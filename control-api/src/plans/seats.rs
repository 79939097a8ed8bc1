//! A seat of the staff is taken.

use shared::{Error, Result, act::Act};
use uuid::Uuid;

use super::store;

/// Who takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taker {
    /// Somebody who belongs from now on.
    Member,
    /// Somebody who is asked in: who was asked before them has a seat, too.
    Invited,
}

/// Refuses one more of the staff than the tenant's plan allows: `413 quota_exceeded`. Call it before the seat is
/// taken, in the same act: others who take one wait until it has ended.
pub async fn take_seat(act: &mut Act, tenant: Uuid, taker: Taker) -> Result<()> {
    let now = act.now();
    let Some(allowed) = store::hold_seats(act.db(), tenant).await? else { return Ok(()) };
    let (agents, invited) = store::staff(act.db(), tenant, now).await?;
    let used = match taker {
        Taker::Member => agents,
        Taker::Invited => agents + invited,
    };
    if used < allowed.into() { Ok(()) } else { Err(Error::Quota { limit: "agents", allowed: allowed.into(), used }) }
}
