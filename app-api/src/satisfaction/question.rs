//! The question that a resolution raises: its link, sealed for one tenant, and `GET /api/v1/tickets/{ticket}/csat`, by
//! which a customer who is signed in finds it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{
    Error, Result,
    http::{Json, NoQuery, Path},
};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    model::{Claim, CsatGiven},
    store,
};
use crate::{
    app::App,
    permissions::Permission,
    session::Session,
    tickets::{self, Status, TicketRef},
};

/// What the link of a resolution says, which an event of this tenant's tells of; `None` when there is no such resolution.
pub async fn token(app: &App, db: &mut PgConnection, tenant: Uuid, resolved: Uuid) -> Result<Option<String>> {
    let claim = store::told_by(db, resolved).await?;
    claim.map(|claim| seal(app, tenant, &claim)).transpose()
}

fn seal(app: &App, tenant: Uuid, claim: &Claim) -> Result<String> {
    app.cursors.seal(&purpose(tenant), claim)
}

/// What a link says. One that is not ours, is another tenant's, or has ended, is `404` alike.
pub(super) fn open(app: &App, tenant: Uuid, token: &str, now: DateTime<Utc>) -> Result<Claim> {
    let claim: Option<Claim> = app.cursors.open(&purpose(tenant), token).ok();
    claim.filter(|claim| claim.is_good(now)).ok_or(Error::NotFound("not_found"))
}

fn purpose(tenant: Uuid) -> String {
    format!("csat:{tenant}")
}

/// How a ticket's last resolution was rated, and what it takes to rate it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketQuestion {
    /// What `POST /csat` takes; null unless the reader is who is asked, and may still answer.
    token: Option<String>,
    /// Until when; null as above.
    expires_at: Option<DateTime<Utc>>,
    /// The answer, if there is one.
    answer: Option<CsatGiven>,
}

/// Shows how the last resolution of a ticket was rated. Its requester gets what it takes to rate it, or to rate it another way,
/// while it is resolved or closed, for thirty days.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/csat", tag = "satisfaction",
    params(("ticket" = String, Path, description = "Id or number")), responses((status = 200, body = TicketQuestion)))]
pub(super) async fn show_ticket_question(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    _: NoQuery,
) -> Result<Json<TicketQuestion>> {
    session.may(Permission::ReadTickets)?;
    let ticket = tickets::seen(&session, &ticket).await?;
    let last = store::last(&mut *session.read().await?, ticket.id).await?;
    let is_asked =
        ticket.user_id == session.person.id && ticket.merged_into.is_none() && matches!(ticket.status, Status::Resolved | Status::Closed);
    let claim = last.as_ref().filter(|_| is_asked).map(|last| &last.claim).filter(|claim| claim.is_good(app.clock.now()));
    Ok(Json(TicketQuestion {
        token: claim.map(|claim| seal(&app, session.tenant.id, claim)).transpose()?,
        expires_at: claim.map(|claim| claim.until),
        answer: last.and_then(|last| last.answer),
    }))
}
