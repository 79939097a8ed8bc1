//! `GET /api/v1/tickets/{id or number}`.

use shared::{
    Result,
    http::{NoQuery, Path, problem::Problem},
};

use super::{
    model::{Ticket, TicketRef},
    store,
    version::Tagged,
};
use crate::{permissions::Permission, session::Session};

/// Shows one ticket, by its id or its number.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number")),
    responses((status = 200, body = Ticket), (status = 404, body = Problem)))]
pub(super) async fn show_ticket(session: Session, Path(ticket): Path<TicketRef>, _: NoQuery) -> Result<Tagged> {
    session.may(Permission::ReadTickets)?;
    Ok(Tagged(store::find(&mut *session.read().await?, session.viewer(), &ticket).await?))
}
