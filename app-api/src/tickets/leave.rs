//! What becomes of the work of whoever leaves, or is no member any more (page 11, C8): what they had in progress is
//! open again, in the queue of its team, with the reason in its history. What waits for its customer or is resolved
//! keeps their name until it is work again; then it is nobody's in the same act.

use shared::{
    Error, Result,
    act::{Act, Author},
    broker::{Message, Outcome},
    clock::Clock,
    session::Role,
    tenancy::Tenant,
};

use super::{
    assign::{LEFT, To, hand},
    model::TicketRef,
    show,
    status::Status,
    store,
    visibility::Viewer,
};
use crate::{
    app::App,
    people::{self, PersonId},
};

/// Tickets that are looked for in one go.
const AT_ONCE: i64 = 100;

/// Takes a user event over, and puts the work of whoever has left back into the queue.
pub async fn follow_people(app: &App, message: Message) -> Outcome {
    let (whose, told) = (message.tenant, people::told(&message));
    let outcome = people::follow(app, message).await;
    match told {
        Ok(person) if outcome == Outcome::Done && (!person.active || person.role == Role::Customer) => {
            Outcome::from(release_of(app, whose, person.id).await)
        }
        _ => outcome,
    }
}

async fn release_of(app: &App, tenant: uuid::Uuid, person: PersonId) -> Result<()> {
    let Some(tenant) = app.tenants.by_id(tenant).await? else { return Ok(()) };
    release(&tenant, &app.clock, person).await
}

/// Puts back what no event has told of.
pub async fn release_leavers(tenant: &Tenant, clock: &Clock) -> Result<()> {
    let leavers = store::leavers(&mut *tenant.db.read().await?).await?;
    for person in leavers {
        release(tenant, clock, person).await?;
    }
    Ok(())
}

/// Each ticket in its own act. Whoever is assigned a ticket holds their row meanwhile, so that none is missed: either it
/// is seen here, or it was refused. One that cannot be put back keeps no other waiting; it is tried again by the next round.
async fn release(tenant: &Tenant, clock: &Clock, person: PersonId) -> Result<()> {
    let mut after = 0;
    loop {
        let theirs = store::worked_on_by(&mut *tenant.db.read().await?, person, (after, AT_ONCE)).await?;
        let Some(last) = theirs.last() else { return Ok(()) };
        after = *last;
        for ticket in theirs {
            match tenant.db.act(Author::system("people"), clock, async |act| put_back(act, ticket, person).await).await {
                Err(error @ Error::Unavailable(_)) => return Err(error),
                Err(error) => tracing::error!(tenant = %tenant.id, ticket, %error, "a ticket stays with somebody who has left"),
                Ok(()) => {}
            }
        }
    }
}

/// Puts one ticket back if it is theirs still, and they have not come back.
async fn put_back(act: &mut Act, id: i64, person: PersonId) -> Result<()> {
    let ticket = show::lock(act, Viewer::Everything, &TicketRef::Id(id)).await?;
    let is_theirs = ticket.assigned_to == Some(person) && ticket.status == Status::InProgress;
    if is_theirs && !people::assignable(act.db(), person).await? {
        hand(act, &ticket, &To { agent: None, by: None, reason: Some(LEFT) }).await?;
    }
    Ok(())
}
