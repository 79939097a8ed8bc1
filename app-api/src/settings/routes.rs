//! `/api/v1/ticket-settings`: the staff reads them, admins change them.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    Result,
    http::{Json, NoQuery},
};
use utoipa::ToSchema;

use super::store;
use crate::{events::Setting, people::Reach, permissions::Permission, session::Session};

/// What is set for tickets.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct TicketSettings {
    /// How far agents see.
    agents_see: Reach,
}

/// What shall be another way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeTicketSettings {
    /// How far agents see.
    agents_see: Option<Reach>,
}

/// Shows what is set for tickets.
#[utoipa::path(get, path = "/api/v1/ticket-settings", tag = "settings", responses((status = 200, body = TicketSettings)))]
pub(super) async fn show_ticket_settings(session: Session, _: NoQuery) -> Result<Json<TicketSettings>> {
    session.may(Permission::SeeSettings)?;
    let agents_see = store::reach(&mut *session.read().await?).await?;
    Ok(Json(TicketSettings { agents_see }))
}

/// Changes what is set for tickets; it acts within five seconds, on open streams too.
#[utoipa::path(patch, path = "/api/v1/ticket-settings", tag = "settings", request_body = ChangeTicketSettings,
    responses((status = 200, body = TicketSettings)))]
pub(super) async fn change_ticket_settings(session: Session, Json(to): Json<ChangeTicketSettings>) -> Result<Json<TicketSettings>> {
    session.may(Permission::ChangeSettings)?;
    let agents_see = session
        .act(async |act| {
            let before = store::hold_reach(act.db()).await?;
            let after = to.agents_see.unwrap_or(before);
            if after != before {
                store::set_reach(act.db(), after).await?;
                let event = Setting::ticket_settings_changed(json!({ "agents_see": after }));
                act.record_change(&event, &json!({ "agents_see": before }), &json!({ "agents_see": after })).await?;
            }
            Ok(after)
        })
        .await?;
    Ok(Json(TicketSettings { agents_see }))
}
