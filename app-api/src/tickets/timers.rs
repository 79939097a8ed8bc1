//! What a ticket does when its time has come: a target is near or missed (T-13); one that waits for its customer closes
//! after some days without an answer, a resolved one after some hours without an objection (T-2, T-9). How long that
//! is, the tenant sets; a changed setting counts for the tickets that wait already. The truth is in the tenant's
//! database, and so is the time (T-14): two workers, or one whose clock is wrong, do nothing twice or early.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    Error, Result,
    act::{Act, Author},
    clock::Clock,
    tenancy::Tenant,
};

use super::{
    change_status::{Step, take},
    lateness, measure, snooze,
    status::{Patience, Status, Trigger},
    store,
    visibility::Viewer,
};

/// Tickets of each kind looked at in one go; whoever asked comes again when there are more.
const AT_ONCE: i64 = 100;

/// How soon a ticket that somebody is changing just now is looked at again, and one that could not be looked after.
const BUSY: TimeDelta = TimeDelta::seconds(2);
const BROKEN: TimeDelta = TimeDelta::seconds(60);

/// What is left when a tenant's timers have fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// More may be due now.
    More,
    /// Something is due after that time.
    After(TimeDelta),
    /// No time runs.
    Nothing,
}

/// What is to be done with a ticket.
#[derive(Debug, Clone, Copy)]
enum Due {
    Tell(i64),
    Close(i64),
    Measure(i64),
    Wake(i64),
}

/// Does what is due in the tenant, each ticket in its own act.
pub async fn fire_timers(tenant: &Tenant, clock: &Clock) -> Result<Left> {
    let (now, due) = due(tenant, clock).await?;
    let (clock, count) = (Clock::fixed(now), due.len());
    let (mut done, mut broken) = (0, 0);
    for one in due {
        match tenant.db.act(Author::system("timers"), &clock, async |act| fire(act, one).await).await {
            Ok(fired) => done += usize::from(fired),
            Err(error @ Error::Unavailable(_)) => return Err(error),
            // Others are at it just now.
            Err(Error::Contended) => {}
            // One ticket that cannot be looked after keeps no other waiting.
            Err(error) => {
                tracing::error!(tenant = %tenant.id, ticket = ?one, %error, "a ticket whose time has come is left as it is");
                broken += 1;
            }
        }
    }
    if done > 0 {
        // What was done may make something else due: a raised priority has other targets.
        return Ok(Left::More);
    }
    let waits = [next(tenant, now).await?.map(|at| at - now), (broken > 0).then_some(BROKEN), (count > broken).then_some(BUSY)];
    Ok(waits.into_iter().flatten().min().map_or(Left::Nothing, Left::After))
}

/// The time, and what is due by then: at most so much of each kind.
async fn due(tenant: &Tenant, clock: &Clock) -> Result<(DateTime<Utc>, Vec<Due>)> {
    let mut db = tenant.db.read().await?;
    let (now, patience) = (store::time(&mut db, clock).await?, store::patience(&mut db).await?);
    let mut due: Vec<Due> = store::telling(&mut db, now, AT_ONCE).await?.into_iter().map(Due::Tell).collect();
    for status in Status::ALL {
        if let Some(latest) = patience.latest(status, now) {
            due.extend(store::waiting_since(&mut db, status, latest, AT_ONCE).await?.into_iter().map(Due::Close));
        }
    }
    due.extend(store::due_snoozes(&mut db, now, AT_ONCE).await?.into_iter().map(Due::Wake));
    due.extend(store::unmeasured(&mut db, AT_ONCE).await?.into_iter().map(Due::Measure));
    Ok((now, due))
}

async fn fire(act: &mut Act, due: Due) -> Result<bool> {
    match due {
        Due::Tell(id) => lateness::tell(act, id).await,
        Due::Close(id) => close(act, id).await,
        Due::Measure(id) => measure::adopt(act, id).await,
        Due::Wake(id) => snooze::wake(act, id).await,
    }
}

/// Closes one ticket if that is still right now that it is ours alone: the customer may have
/// answered meanwhile, or the setting may have changed.
async fn close(act: &mut Act, id: i64) -> Result<bool> {
    let now = act.now();
    let Some((ticket, since)) = store::lock_free(act.db(), id, now).await? else { return Ok(false) };
    let latest = store::patience(act.db()).await?.latest(ticket.status, now);
    let is_over = latest.is_some_and(|latest| since <= latest);
    if is_over {
        let step = Step { to: Status::Closed, trigger: Trigger::TimeIsUp, by: None, reason: None };
        take(act, Viewer::Everything, &ticket, step).await?;
    }
    Ok(is_over)
}

/// When the next time comes, of all that are not due yet.
async fn next(tenant: &Tenant, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let mut db = tenant.db.read().await?;
    let patience: Patience = store::patience(&mut db).await?;
    let mut next = store::next_telling(&mut db, now).await?.into_iter().chain(store::next_snooze(&mut db, now).await?).min();
    for status in Status::ALL {
        if let Some(wait) = patience.of(status)
            && let Some(longest) = store::longest_waiting(&mut db, status, now - wait).await?
        {
            next = next.into_iter().chain([longest + wait]).min();
        }
    }
    Ok(next)
}
