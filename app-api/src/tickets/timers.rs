//! What a ticket does when its time has come (T-2, T-9): one that waits for its customer closes after
//! some days without an answer, a resolved one after some hours without an objection. How long that
//! is, the tenant sets; a changed setting counts for the tickets that wait already.

use chrono::{DateTime, Utc};
use shared::{
    Error, Result,
    act::{Act, Author},
    clock::Clock,
    tenancy::Tenant,
};

use super::{
    change_status::{Step, take},
    status::{Patience, Status, Trigger},
    store,
    visibility::Viewer,
};

/// Tickets closed in one go; whoever asked comes again when there are more.
const AT_ONCE: i64 = 100;

/// What is left when tickets whose time was up have been closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// More may be due now.
    More,
    /// The next one's time comes then.
    Until(DateTime<Utc>),
    /// No time runs.
    Nothing,
}

/// Closes the tenant's tickets whose time is up, each in its own act.
pub async fn close_overdue(tenant: &Tenant, clock: &Clock) -> Result<Left> {
    let patience = store::patience(&mut *tenant.db.read().await?).await?;
    let due = due(tenant, patience, clock).await?;
    let (full, mut closed) = (due.len() as i64 >= AT_ONCE, 0);
    for id in due {
        match tenant.db.act(Author::system("timers"), clock, async |act| close(act, id).await).await {
            Ok(done) => closed += usize::from(done),
            Err(error @ Error::Unavailable(_)) => return Err(error),
            // One ticket that cannot be closed keeps no other open.
            Err(error) => tracing::error!(tenant = %tenant.id, ticket = id, %error, "a ticket whose time is up stays open"),
        }
    }
    if full && closed > 0 {
        return Ok(Left::More);
    }
    Ok(next_due(tenant, patience).await?.map_or(Left::Nothing, Left::Until))
}

async fn due(tenant: &Tenant, patience: Patience, clock: &Clock) -> Result<Vec<i64>> {
    let (mut db, mut due) = (tenant.db.read().await?, Vec::new());
    for status in Status::ALL {
        if let Some(latest) = patience.latest(status, clock.now()) {
            due.extend(store::waiting_since(&mut db, status, latest, AT_ONCE).await?);
        }
    }
    Ok(due)
}

/// When the next time is up, of all that run.
async fn next_due(tenant: &Tenant, patience: Patience) -> Result<Option<DateTime<Utc>>> {
    let (mut db, mut next) = (tenant.db.read().await?, None);
    for status in Status::ALL {
        if let Some(wait) = patience.of(status)
            && let Some(longest) = store::longest_waiting(&mut db, status).await?
        {
            next = next.into_iter().chain([longest + wait]).min();
        }
    }
    Ok(next)
}

/// Closes one ticket if that is still right now that it is ours alone: the customer may have
/// answered meanwhile, or the setting may have changed.
async fn close(act: &mut Act, id: i64) -> Result<bool> {
    let Some((ticket, since)) = store::lock_free(act.db(), id).await? else { return Ok(false) };
    let latest = store::patience(act.db()).await?.latest(ticket.status, act.now());
    let is_over = latest.is_some_and(|latest| since <= latest);
    if is_over {
        let step = Step { to: Status::Closed, trigger: Trigger::TimeIsUp, by: None, reason: None };
        take(act, Viewer::Everything, &ticket, step).await?;
    }
    Ok(is_over)
}
