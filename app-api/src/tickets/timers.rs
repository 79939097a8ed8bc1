//! What a ticket does when its time has come (T-2, T-9): one that waits for its customer closes after
//! some days without an answer, a resolved one after some hours without an objection. How long that
//! is, the tenant sets; a changed setting counts for the tickets that wait already.

use shared::{
    Error, Result,
    act::{Act, Author},
    clock::Clock,
    tenancy::Tenant,
};

use super::{
    change_status::{Step, take},
    status::{Status, Trigger},
    store,
    visibility::Viewer,
};

/// Tickets closed in one go; whoever asked comes again when there are more.
const AT_ONCE: i64 = 100;

/// Closes the tenant's tickets whose time is up, each in its own act. True when more may be due.
pub async fn close_overdue(tenant: &Tenant, clock: &Clock) -> Result<bool> {
    let due = due(tenant, clock).await?;
    let (full, mut closed) = (due.len() as i64 >= AT_ONCE, 0);
    for id in due {
        match tenant.db.act(Author::system("timers"), clock, async |act| close(act, id).await).await {
            Ok(done) => closed += usize::from(done),
            Err(error @ Error::Unavailable(_)) => return Err(error),
            // One ticket that cannot be closed keeps no other open.
            Err(error) => tracing::error!(tenant = %tenant.id, ticket = id, %error, "a ticket whose time is up stays open"),
        }
    }
    Ok(full && closed > 0)
}

async fn due(tenant: &Tenant, clock: &Clock) -> Result<Vec<i64>> {
    let mut db = tenant.db.read().await?;
    let (patience, mut due) = (store::patience(&mut db).await?, Vec::new());
    for status in Status::ALL {
        if let Some(latest) = patience.latest(status, clock.now()) {
            due.extend(store::waiting_since(&mut db, status, latest, AT_ONCE).await?);
        }
    }
    Ok(due)
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
