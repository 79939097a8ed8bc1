//! `GET /api/v1/tickets/{id or number}`.

use axum::extract::State;
use chrono::{DateTime, Utc};
use shared::{
    Error, Result,
    act::Act,
    http::{NoQuery, Path, Tagged},
};

use sqlx::PgConnection;

use super::{
    model::{Ticket, TicketRef},
    status::Status,
    store,
    visibility::Viewer,
};
use crate::{app::App, people::Person, permissions::Permission, session::Session};

/// Shows one ticket, by its id or its number.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number")),
    responses((status = 200, body = Ticket, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_ticket(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    _: NoQuery,
) -> Result<Tagged<Ticket>> {
    session.may(Permission::ReadTickets)?;
    let (mut db, viewer) = (session.read().await?, session.viewer());
    let mut ticket = store::find(&mut db, viewer, &ticket, app.clock.now()).await?;
    if ticket.status == Status::Closed {
        ticket.follow_up = store::merges::follow_up(&mut db, viewer, ticket.id).await?;
    }
    Ok(Tagged(ticket.version, ticket))
}

/// The ticket for whoever is about to change it: nobody else does before the act ends (T-8).
pub async fn lock(act: &mut Act, viewer: Viewer, ticket: &TicketRef) -> Result<Ticket> {
    let now = act.now();
    store::lock(act, viewer, ticket, now).await
}

/// A ticket as `viewer` sees it, in an act.
pub(super) async fn find(act: &mut Act, viewer: Viewer, ticket: &TicketRef) -> Result<Ticket> {
    let now = act.now();
    store::find(act, viewer, ticket, now).await
}

/// Whether somebody sees a ticket who is not here to ask.
pub async fn is_seen_by(db: &mut PgConnection, person: &Person, id: i64, now: DateTime<Utc>) -> Result<bool> {
    match store::glance(db, Viewer::of(person), &TicketRef::Id(id), now).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A ticket as somebody sees it.
pub async fn seen(session: &Session, ticket: &TicketRef) -> Result<Ticket> {
    store::find(&mut session.read().await?, session.viewer(), ticket, session.clock().now()).await
}
