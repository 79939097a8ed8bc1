//! `PUT` and `DELETE /api/v1/tickets/{ticket}/watch`: staff follow a ticket that is not theirs. Whoever loses sight of
//! a ticket watches it no more, whatever is written down.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{
    Error, Result,
    http::{Json, NoContent, NoQuery, Path},
};
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    model::{Party, Ticket, TicketRef},
    show, store,
    visibility::Viewer,
};
use crate::{events::Event, people, permissions::Permission, session::Session};

/// Who watches a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Watchers {
    /// The longest first; at most 50.
    pub data: Vec<Party>,
}

/// Watches a ticket. `409` beyond fifty watchers.
#[utoipa::path(put, path = "/api/v1/tickets/{ticket}/watch", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number")), responses((status = 204)))]
pub(super) async fn watch_ticket(session: Session, Path(ticket): Path<TicketRef>) -> Result<NoContent> {
    session.may(Permission::KeepDesk)?;
    let (me, viewer) = (session.person.id, session.viewer());
    session
        .act(async |act| {
            let (ticket, now) = (show::lock(act, viewer, &ticket).await?, act.now());
            let known = store::watchers(act.db(), ticket.id).await?;
            if known.contains(&me) {
                return Ok(());
            }
            if known.len() as i64 >= store::MOST_WATCHERS {
                return Err(Error::conflict("conflict", format!("{} watch it already.", store::MOST_WATCHERS)));
            }
            store::watch(act.db(), ticket.id, me, now).await?;
            act.record(&Event::ticket_watched(&ticket, me, true)).await.map(drop)
        })
        .await?;
    Ok(NoContent)
}

/// Watches a ticket no more.
#[utoipa::path(delete, path = "/api/v1/tickets/{ticket}/watch", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number")), responses((status = 204)))]
pub(super) async fn unwatch_ticket(session: Session, Path(ticket): Path<TicketRef>) -> Result<NoContent> {
    session.may(Permission::KeepDesk)?;
    let (me, viewer) = (session.person.id, session.viewer());
    session
        .act(async |act| {
            let ticket = show::lock(act, viewer, &ticket).await?;
            if store::unwatch(act.db(), ticket.id, me).await? {
                act.record(&Event::ticket_watched(&ticket, me, false)).await?;
            }
            Ok(())
        })
        .await?;
    Ok(NoContent)
}

/// Lists who watches a ticket and sees it.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/watchers", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number")), responses((status = 200, body = Watchers)))]
pub(super) async fn list_watchers(session: Session, Path(ticket): Path<TicketRef>, _: NoQuery) -> Result<Json<Watchers>> {
    session.may(Permission::UseDesk)?;
    let mut db = session.read().await?;
    let ticket = store::find(&mut db, session.viewer(), &ticket, session.clock().now()).await?;
    Ok(Json(Watchers { data: watchers(&mut db, &ticket).await? }))
}

/// Who watches a ticket: those alone who are of the staff and see it, now.
pub async fn watchers(db: &mut PgConnection, ticket: &Ticket) -> Result<Vec<Party>> {
    let mut found = Vec::new();
    for id in store::watchers(db, ticket.id).await? {
        found.extend(seeing(db, ticket, id).await?);
    }
    Ok(found)
}

/// Who watches the ticket of that id and sees it, for whoever tells them of it.
pub async fn watching(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<Vec<people::PersonId>> {
    let watchers = store::watchers(db, id).await?;
    seers(db, id, &watchers, now).await
}

/// Of these people those who are of the staff and see the ticket of that id, now; nobody where there is none.
pub async fn seers(db: &mut PgConnection, id: i64, people: &[people::PersonId], now: DateTime<Utc>) -> Result<Vec<people::PersonId>> {
    let mut found = Vec::new();
    if people.is_empty() {
        return Ok(found);
    }
    let ticket = match store::glance(db, Viewer::Everything, &TicketRef::Id(id), now).await {
        Err(Error::NotFound(_)) => return Ok(found),
        ticket => ticket?,
    };
    for person in people {
        found.extend(seeing(db, &ticket, *person).await?.map(|party| party.id));
    }
    Ok(found)
}

/// Somebody, if they are of the staff and see this ticket.
pub(super) async fn seeing(db: &mut PgConnection, ticket: &Ticket, id: people::PersonId) -> Result<Option<Party>> {
    let person = people::find(db, id).await?.filter(|person| {
        let viewer = Viewer::of(person);
        person.active && viewer.is_staff() && viewer.sees(&ticket.sight(), &person.teams)
    });
    Ok(person.map(|p| Party { id: p.id, firstname: p.firstname, lastname: p.lastname, email: Some(p.email) }))
}
