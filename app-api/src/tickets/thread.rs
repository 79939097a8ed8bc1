//! `GET /api/v1/tickets/{id}/messages`: the thread, oldest first, for customers without notes (T-31).

use axum::extract::State;
use shared::{
    Result,
    http::{Json, Path, Query, problem::Problem},
    page::Page,
};

use super::{history::Asked, model::TicketRef, store};
use crate::{
    app::App,
    messages::{self, Message},
    permissions::Permission,
    session::Session,
};

/// Lists a ticket's messages, oldest first.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/messages", tag = "messages",
    params(("ticket" = String, Path, description = "Id or number"), Asked),
    responses((status = 200, body = Page<Message>), (status = 404, body = Problem)))]
pub(super) async fn list_messages(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<Message>>> {
    session.may(Permission::ReadTickets)?;
    let staff = session.viewer().is_staff();
    let mut db = session.read().await?;
    let ticket = store::find(&mut db, session.viewer(), &ticket).await?;
    let list = format!("messages:{}:{}:{staff}", session.tenant.id, ticket.id);
    let after = asked.cursor.map(|c| app.cursors.open::<i64>(&list, &c)).transpose()?.unwrap_or(0);
    let page = messages::Page { ticket_id: ticket.id, with_notes: staff, after, limit: asked.limit.probe() };
    let rows = messages::thread(&mut db, page).await?;
    Ok(Json(Page::cut(rows, asked.limit, &app.cursors, &list, |m: &Message| m.id)?))
}
