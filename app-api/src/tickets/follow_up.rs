//! Going on from a closed ticket (T-6): nothing is written to it any more, so its customer, or staff for them, opens
//! another one with `follow_up_of`. Each of the two names the other.

use shared::{Error, Result, act::Act};

use super::{
    links,
    model::{Ticket, TicketRef},
    show,
    status::Status,
    store::merges,
    visibility::Viewer,
};
use crate::people::PersonId;

/// The whole of the closed ticket that a new one goes on from, where `viewer` sees it. Of a merged one that is the ticket that
/// goes on in its place; as long as that is not closed, one writes there.
pub(super) async fn closed(act: &mut Act, viewer: Viewer, of: Option<i64>) -> Result<Option<Ticket>> {
    let Some(id) = of else { return Ok(None) };
    let unknown = |error| match error {
        Error::NotFound(_) => Error::field("follow_up_of", "unknown_value", "There is no such ticket."),
        other => other,
    };
    let seen = show::find(act, viewer, &TicketRef::Id(id)).await.map_err(unknown)?;
    let last = TicketRef::Id(seen.merged_into.unwrap_or(seen.id));
    let seen = show::find(act, viewer, &last).await.map_err(unknown)?;
    if seen.status != Status::Closed {
        return Err(Error::conflict("conflict", format!("{} is not closed: it goes on there.", seen.ticket_number)));
    }
    // Tags and hidden fields go on, too, whoever opens it.
    show::find(act, Viewer::Everything, &last).await.map(Some)
}

/// Has both name each other, and gives the new one as it is then.
pub(super) async fn tie(act: &mut Act, viewer: Viewer, me: PersonId, (new, closed): (Ticket, Option<Ticket>)) -> Result<Ticket> {
    let Some(closed) = closed else { return Ok(new) };
    merges::set_follow_up_of(act.db(), new.id, closed.id).await?;
    links::tie(act, me, (new.id, closed.id)).await?;
    links::tell(act, me, &new, &closed, ("follow_up", true)).await?;
    let eyes = if viewer.is_staff() { Viewer::Everything } else { viewer };
    show::find(act, eyes, &TicketRef::Id(new.id)).await
}
