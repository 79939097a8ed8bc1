//! `GET /api/v1/agents`: who works here and on how much.

use axum::extract::State;
use serde::Serialize;
use shared::{
    Result,
    http::Json,
    page::{Asked, Order, Page, Paging},
    session::Role,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{model::PersonId, store};
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
}

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_agents))
}

/// Lists the members who answer tickets, with their workload; the oldest account first.
#[utoipa::path(get, path = "/api/v1/agents", tag = "agents", params(Paging), responses((status = 200, body = Page<Agent>)))]
async fn list_agents(session: Session, State(app): State<App>, Asked { paging, .. }: Asked) -> Result<Json<Page<Agent>>> {
    session.may(Permission::SeeAgents)?;
    let part = paging.part(&app.cursors, &format!("agents:{}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let agents = store::agents(&mut db, &part).await?.into_iter().filter_map(agent).collect();
    let total = part.total(store::count_agents(&mut db)).await?;
    Ok(Json(part.page(agents, total, |agent: &Agent| agent.id)?))
}

fn agent(row: store::AgentRow) -> Option<Agent> {
    let role = Role::parse(&row.role)?;
    Some(Agent { id: row.id, firstname: row.firstname, lastname: row.lastname, email: row.email, role, open_tickets: row.open_tickets })
}
