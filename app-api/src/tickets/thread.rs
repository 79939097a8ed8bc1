//! `GET /api/v1/tickets/{id}/messages`: the thread, for customers without notes (T-31).

use axum::extract::State;
use shared::{
    Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
};

use super::{model::TicketRef, store};
use crate::{
    app::App,
    media::Shown,
    messages::{self, Message},
    permissions::Permission,
    session::Session,
};

/// Lists a ticket's messages, oldest first; a page of long ones holds fewer than its limit.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/messages", tag = "messages",
    params(("ticket" = String, Path, description = "Id or number"), Paging),
    responses((status = 200, body = Page<Message>)))]
pub(super) async fn list_messages(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<Message>>> {
    session.may(Permission::ReadTickets)?;
    let staff = session.viewer().is_staff();
    let mut db = session.scoped().await?;
    let ticket = store::find(&mut db, session.viewer(), &ticket, app.clock.now()).await?;
    let part = paging.part(&app.cursors, &format!("messages:{}:{}:{staff}", session.tenant.id, ticket.id), Order::Oldest)?;
    let mut rows = messages::thread(&mut db, ticket.id, staff, &part).await?;
    Shown::to(&app, &session).all(rows.as_mut_slice().iter_mut().flat_map(|message| &mut message.attachments));
    let total = part.total(messages::count(&mut db, ticket.id, staff)).await?;
    Ok(Json(part.page_of(rows, total, |message| message.id)?))
}
