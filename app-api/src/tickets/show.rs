//! `GET /api/v1/tickets/{id or number}`.

use shared::{
    Result,
    http::{NoQuery, Path, Tagged},
};

use super::{
    model::{Ticket, TicketRef},
    store,
};
use crate::{permissions::Permission, session::Session};

/// Shows one ticket, by its id or its number.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number")),
    responses((status = 200, body = Ticket, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_ticket(session: Session, Path(ticket): Path<TicketRef>, _: NoQuery) -> Result<Tagged<Ticket>> {
    session.may(Permission::ReadTickets)?;
    let ticket = store::find(&mut *session.read().await?, session.viewer(), &ticket).await?;
    Ok(Tagged(ticket.version, ticket))
}
