//! `GET /api/v1/agents`: who works here and on how much.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, Query, problem::Problem},
    page::{Limit, Page},
    session::Role,
};
use utoipa::{IntoParams, ToSchema};
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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// How many, 1 to 100; 50 unless told.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where the previous page ended.
    cursor: Option<String>,
}

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_agents))
}

/// Lists the members who answer tickets, with their workload.
#[utoipa::path(get, path = "/api/v1/agents", tag = "agents", params(Asked), responses((status = 200, body = Page<Agent>), (status = 403, body = Problem)))]
async fn list_agents(session: Session, State(app): State<App>, Query(asked): Query<Asked>) -> Result<Json<Page<Agent>>> {
    session.may(Permission::SeeAgents)?;
    let list = format!("agents:{}", session.tenant.id);
    let after = asked.cursor.map(|c| app.cursors.open::<PersonId>(&list, &c)).transpose()?.unwrap_or(0);
    let rows = store::agents(&mut *session.read().await?, after, asked.limit.probe()).await?;
    let agents = rows.into_iter().filter_map(agent).collect();
    Ok(Json(Page::cut(agents, asked.limit, &app.cursors, &list, |agent: &Agent| agent.id)?))
}

fn agent(row: store::AgentRow) -> Option<Agent> {
    let role = Role::parse(&row.role)?;
    Some(Agent { id: row.id, firstname: row.firstname, lastname: row.lastname, email: row.email, role, open_tickets: row.open_tickets })
}
