//! How a ticket walked: statuses, assignments, priorities and other changes, each with its author.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, Path, Query, problem::Problem},
    page::{Limit, Page},
};
use utoipa::{IntoParams, ToSchema};

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
    /// status, assignment, priority, subject, category, tags or custom_fields.
    pub kind: String,
    /// The value before.
    pub from: Option<String>,
    /// The value after.
    pub to: Option<String>,
    /// Who did it; null for the system.
    pub by: Option<Party>,
    /// Why, for staff.
    pub reason: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// How many, 1 to 100; 50 unless told.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    pub limit: Limit,
    /// Where the previous page ended.
    pub cursor: Option<String>,
}

/// Shows how a ticket walked; customers see its statuses only.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/history", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number"), Asked),
    responses((status = 200, body = Page<Entry>), (status = 404, body = Problem)))]
pub(super) async fn list_ticket_history(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<Entry>>> {
    session.may(Permission::ReadTickets)?;
    let mut db = session.read().await?;
    let ticket = store::find(&mut db, session.viewer(), &ticket).await?;
    let list = format!("history:{}:{}:{}", session.tenant.id, ticket.id, session.viewer().is_staff());
    let after = asked.cursor.map(|c| app.cursors.open::<i64>(&list, &c)).transpose()?.unwrap_or(0);
    let rows = store::history(&mut db, ticket.id, session.viewer().is_staff(), after, asked.limit.probe()).await?;
    Ok(Json(Page::cut(rows, asked.limit, &app.cursors, &list, |e: &Entry| e.id)?))
}
