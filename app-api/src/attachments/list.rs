//! `GET /api/v1/tickets/{ticket}/attachments`.

use axum::extract::State;
use shared::{
    Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
};

use crate::{
    app::App,
    media::{self, Attachment, Shown},
    permissions::Permission,
    session::Session,
    tickets::{self, TicketRef},
};

/// Lists a ticket's files, oldest first, each with where its preview is to be had. Where it is itself, the file says.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/attachments", tag = "attachments",
    params(("ticket" = String, Path, description = "Id or number"), Paging),
    responses((status = 200, body = Page<Attachment>)))]
pub(super) async fn list_attachments(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<Attachment>>> {
    session.may(Permission::ReadTickets)?;
    let ticket = tickets::seen(&session, &ticket).await?;
    let (me, is_staff) = (session.person.id, session.viewer().is_staff());
    let part = paging.part(&app.cursors, &format!("attachments:{}:{}:{me}", session.tenant.id, ticket.id), Order::Oldest)?;
    let mut db = session.scoped().await?;
    let mut rows = media::of_ticket(&mut db, ticket.id, (me, is_staff), &part).await?;
    Shown::to(&app, &session).all(rows.as_mut_slice());
    let total = part.total(media::count_of_ticket(&mut db, ticket.id, (me, is_staff))).await?;
    Ok(Json(part.page_of(rows, total, |file| file.id)?))
}
