//! `POST /api/v1/tickets/{id}/read`: opening a thread marks it read (T-33). A read mark is no change
//! of the ticket: no version, no event.

use shared::{
    Result,
    http::{NoContent, Path},
};

use super::{model::TicketRef, show, store};
use crate::{
    messages::{self, SenderType},
    permissions::Permission,
    session::Session,
};

/// Marks the whole thread as read by the reader's side.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/read", tag = "messages",
    params(("ticket" = String, Path, description = "Id or number")),
    responses((status = 204)))]
pub(super) async fn mark_ticket_read(session: Session, Path(ticket): Path<TicketRef>) -> Result<NoContent> {
    session.may(Permission::Converse)?;
    let viewer = session.viewer();
    session
        .act(async |act| {
            let ticket = show::lock(act, viewer, &ticket).await?;
            if ticket.unread_count > 0 {
                let (now, reader) = (act.now(), if viewer.is_staff() { SenderType::Agent } else { SenderType::Customer });
                store::clear_unread(act.db(), ticket.id, viewer.is_staff()).await?;
                messages::mark_read(act.db(), ticket.id, reader, now).await?;
            }
            Ok(())
        })
        .await?;
    Ok(NoContent)
}
