//! `GET /api/v1/agents`: who works here and on how much.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{
    Result,
    http::Json,
    page::{Asked, Order, Page, Paging},
    session::Role,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    availability, customers,
    model::{PersonId, is_away},
    store::{self, Membership},
};
use crate::{app::App, permissions::Permission, session::Session};

/// A member who answers tickets, and how many they still have to finish.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Agent {
    /// Their id, for `assigned_to`.
    pub id: PersonId,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
    /// Their address.
    pub email: String,
    /// agent, manager or admin.
    pub role: Role,
    /// Tickets assigned to them that are open, in progress or waiting.
    pub open_tickets: i64,
    /// How many of theirs are in each status; closed ones are not counted.
    pub workload: Workload,
    /// Open tickets, at most, that they are given by themselves; null for any number.
    pub capacity: Option<i32>,
    /// Whether they are there now.
    pub available: bool,
    /// When they will be back, if they are away and have said so.
    pub away_until: Option<DateTime<Utc>>,
    /// Who gets what would be theirs while they are away.
    pub substitute_id: Option<PersonId>,
    /// Their teams, and what they know in each.
    pub teams: Vec<Membership>,
}

/// Somebody's tickets by status.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Workload {
    /// Open.
    pub open: i64,
    /// In progress.
    pub in_progress: i64,
    /// Waiting for the customer.
    pub waiting_customer: i64,
    /// Resolved, not closed yet.
    pub resolved: i64,
}

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_agents))
        .routes(routes!(customers::find_customers))
        .routes(routes!(availability::show_availability, availability::set_availability))
}

/// Lists the members who answer tickets, with their workload, teams and availability; the oldest account first.
#[utoipa::path(get, path = "/api/v1/agents", tag = "agents", params(Paging), responses((status = 200, body = Page<Agent>)))]
async fn list_agents(session: Session, State(app): State<App>, Asked { paging, .. }: Asked) -> Result<Json<Page<Agent>>> {
    session.may(Permission::SeeAgents)?;
    let part = paging.part(&app.cursors, &format!("agents:{}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let agents = store::agents(&mut db, &part).await?.into_iter().filter_map(|row| agent(row, app.clock.now())).collect();
    let total = part.total(store::count_agents(&mut db)).await?;
    Ok(Json(part.page(agents, total, |agent: &Agent| agent.id)?))
}

fn agent(row: store::AgentRow, now: DateTime<Utc>) -> Option<Agent> {
    let of = |status: &str| row.workload.get(status).copied().unwrap_or_default();
    let (open, in_progress, waiting_customer, resolved) = (of("open"), of("in_progress"), of("waiting_customer"), of("resolved"));
    let away = is_away(row.available, row.away_until, now);
    Some(Agent {
        id: row.id,
        role: Role::parse(&row.role)?,
        open_tickets: open + in_progress + waiting_customer,
        workload: Workload { open, in_progress, waiting_customer, resolved },
        firstname: row.firstname,
        lastname: row.lastname,
        email: row.email,
        capacity: row.capacity,
        available: !away,
        away_until: row.away_until.filter(|_| away),
        substitute_id: row.substitute_id,
        teams: row.teams.0,
    })
}
