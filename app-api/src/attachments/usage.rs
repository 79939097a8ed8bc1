//! `GET /api/v1/attachments/usage`: how much there is, and how much there may be.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, NoQuery},
};
use utoipa::ToSchema;

use crate::{
    app::App,
    media::{Allowed, Amount, room},
    permissions::Permission,
    session::Session,
};

/// What somebody has of what they may have.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Room {
    /// What they have.
    used: Amount,
    /// What they may have; null is without bound.
    allowed: Allowed,
}

/// How much there is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Of one's own.
    mine: Room,
    /// Of the whole organisation; the staff alone is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<Room>,
}

/// Shows how much of files there is, as of an hour ago at most: of one's own and, for the staff, of all.
#[utoipa::path(get, path = "/api/v1/attachments/usage", tag = "attachments", responses((status = 200, body = Usage)))]
pub(super) async fn show_usage(session: Session, State(app): State<App>, _: NoQuery) -> Result<Json<Usage>> {
    session.may(Permission::ReadTickets)?;
    let (cache, tenant, today) = (&app.outside.cache, &session.tenant, app.clock.now().date_naive());
    let allowed = room::allowed(&mut *session.read().await?).await?;
    let mine = Room { used: room::had(cache, tenant, session.person.id, today).await?, allowed };
    let organisation = match session.viewer().is_staff() {
        true => Some(Room { used: room::had(cache, tenant, room::ALL, today).await?, allowed: Allowed::by_plan(&tenant.bounds) }),
        false => None,
    };
    Ok(Json(Usage { mine, organisation }))
}
