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
    imports,
    media::{self, Allowed, Amount, usage},
    permissions::Permission,
    session::Session,
};

/// What somebody has of what they may have.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Share {
    /// What they have.
    used: Amount,
    /// What they may have; null is without bound.
    allowed: Allowed,
}

/// How much there is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Of one's own.
    mine: Share,
    /// Of the whole organisation; the staff alone is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<Share>,
}

/// Shows how much of files there is, as of an hour ago at most: of one's own and, for the staff, of all.
#[utoipa::path(get, path = "/api/v1/attachments/usage", tag = "attachments", responses((status = 200, body = Usage)))]
pub(super) async fn show_usage(session: Session, State(app): State<App>, _: NoQuery) -> Result<Json<Usage>> {
    session.may(Permission::ReadTickets)?;
    let (cache, tenant, today) = (&app.outside.cache, &session.tenant, app.clock.now().date_naive());
    let mine = media::had(cache, tenant, session.person.id, today).await?;
    let all = if session.viewer().is_staff() { Some(media::had(cache, tenant, usage::ALL, today).await?) } else { None };
    let mut db = session.read().await?;
    let allowed = usage::allowed(&mut db).await?;
    let mine = Share { used: mine, allowed };
    let organisation = match all {
        Some(mut used) => {
            used.bytes += imports::kept(&mut db).await?;
            Some(Share { used, allowed: Allowed { bytes: session.tenant.bounds.storage_bytes, ..Allowed::default() } })
        }
        None => None,
    };
    Ok(Json(Usage { mine, organisation }))
}
