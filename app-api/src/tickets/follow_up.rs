//! Going on from a closed ticket (T-6): nothing is written to it any more, so its customer, or staff for them, opens
//! another one with `follow_up_of`. Each of the two names the other.

use chrono::{DateTime, Utc};
use shared::{Error, Result, act::Act};
use sqlx::PgConnection;

use super::{
    links,
    model::{Ticket, TicketRef},
    show,
    status::Status,
    store::{self, merges},
    visibility::Viewer,
};
use crate::{people::PersonId, session::Session};

/// The whole of the closed ticket that a new one goes on from, where `viewer` sees it. Of a merged one that is the ticket that
/// goes on in its place; as long as that is not closed, one writes there.
pub(super) async fn closed(act: &mut Act, viewer: Viewer, of: Option<i64>) -> Result<Option<Ticket>> {
    let Some(id) = of else { return Ok(None) };
    let unknown = |error| match error {
        Error::NotFound(_) => Error::field("follow_up_of", "unknown_value", "There is no such ticket."),
        other => other,
    };
    let now = act.now();
    let seen = last(act.db(), viewer, id, now).await.map_err(unknown)?;
    if seen.status != Status::Closed {
        return Err(Error::conflict("conflict", format!("{} is not closed: it goes on there.", seen.ticket_number)));
    }
    // Tags and hidden fields go on, too, whoever opens it.
    show::find(act, Viewer::Everything, &TicketRef::Id(seen.id)).await.map(Some)
}

/// The ticket that a new one would go on from, before the act; none where they do not see it.
pub(super) async fn seen(session: &Session, of: Option<i64>) -> Result<Option<Ticket>> {
    let Some(id) = of else { return Ok(None) };
    match last(&mut *session.read().await?, session.viewer(), id, session.clock().now()).await {
        Err(Error::NotFound(_)) => Ok(None),
        found => found.map(Some),
    }
}

/// That ticket, or the one in which it goes on.
async fn last(db: &mut PgConnection, viewer: Viewer, id: i64, now: DateTime<Utc>) -> Result<Ticket> {
    let seen = store::glance(db, viewer, &TicketRef::Id(id), now).await?;
    match seen.merged_into {
        Some(into) => store::glance(db, viewer, &TicketRef::Id(into), now).await,
        None => Ok(seen),
    }
}

/// Has both name each other, and gives the new one as it is then.
pub(super) async fn tie(act: &mut Act, viewer: Viewer, me: PersonId, (new, closed): (Ticket, Option<Ticket>)) -> Result<Ticket> {
    let Some(closed) = closed else { return Ok(new) };
    merges::set_follow_up_of(act.db(), new.id, closed.id).await?;
    if links::tie(act, me, (new.id, closed.id)).await?.is_some() {
        links::tell(act, me, &new, &closed, ("follow_up", true)).await?;
    }
    let eyes = if viewer.is_staff() { Viewer::Everything } else { viewer };
    show::find(act, eyes, &TicketRef::Id(new.id)).await
}
