//! How a ticket walked: statuses, assignments, priorities and other changes, each with its author.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{
    Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
};
use utoipa::ToSchema;

use super::{
    model::{Party, TicketRef},
    store,
};
use crate::{app::App, permissions::Permission, session::Session};

/// One change to be written down.
pub(super) struct Change<'a> {
    pub kind: &'static str,
    pub from: Option<&'a str>,
    pub to: Option<&'a str>,
    pub reason: Option<&'a str>,
}

/// One step of a ticket's walk.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Entry {
    /// Its id.
    pub id: i64,
    /// The ticket's version after it.
    pub version: i64,
    /// status, assignment, team, priority, sla, subject, category, tags, custom_fields, snooze, link, order, merged_into,
    /// merged_from, imported (from where, and its id there) or requester.
    pub kind: String,
    /// The value before; null where that is the number of a ticket that the reader does not see.
    pub from: Option<String>,
    /// The value after; null as well where that is the number of such a ticket.
    pub to: Option<String>,
    /// Who did it; null for the system.
    pub by: Option<Party>,
    /// Why, for staff.
    pub reason: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Shows how a ticket walked, the oldest step first; customers see its statuses only.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/history", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number"), Paging),
    responses((status = 200, body = Page<Entry>)))]
pub(super) async fn list_ticket_history(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<Entry>>> {
    session.may(Permission::ReadTickets)?;
    let mut db = session.read().await?;
    let ticket = store::find(&mut db, session.viewer(), &ticket, app.clock.now()).await?;
    let viewer = session.viewer();
    let staff = viewer.is_staff();
    let part = paging.part(&app.cursors, &format!("history:{}:{}:{staff}", session.tenant.id, ticket.id), Order::Oldest)?;
    let rows = store::history(&mut db, viewer, ticket.id, &part).await?;
    let total = part.total(store::count_history(&mut db, ticket.id, staff)).await?;
    Ok(Json(part.page(rows, total, |entry| entry.id)?))
}
