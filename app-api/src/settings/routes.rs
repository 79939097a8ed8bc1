//! `/api/v1/ticket-settings`: the staff reads them, admins change them.

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use shared::{
    Result,
    http::{Json, NoQuery},
};
use utoipa::ToSchema;

use super::store::{self, Set};
use crate::{events::Setting, people::Reach, permissions::Permission, session::Session};

/// What is set for tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct TicketSettings {
    /// How far agents see.
    agents_see: Reach,
    /// By which clock days begin in reports: an IANA name, as `Europe/Paris`.
    time_zone: &'static str,
}

impl From<Set> for TicketSettings {
    fn from(set: Set) -> Self {
        Self { agents_see: set.agents_see, time_zone: set.time_zone.name() }
    }
}

/// What shall be another way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeTicketSettings {
    /// How far agents see.
    agents_see: Option<Reach>,
    /// By which clock days begin in reports: an IANA name, as `Europe/Paris`.
    #[schema(value_type = Option<String>)]
    time_zone: Option<Zone>,
}

/// A clock that is known by its name.
#[derive(Debug, Clone, Copy)]
struct Zone(Tz);

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        name.parse().map(Self).map_err(|_| serde::de::Error::custom("unknown_value: An IANA name, as Europe/Paris."))
    }
}

/// Shows what is set for tickets.
#[utoipa::path(get, path = "/api/v1/ticket-settings", tag = "settings", responses((status = 200, body = TicketSettings)))]
pub(super) async fn show_ticket_settings(session: Session, _: NoQuery) -> Result<Json<TicketSettings>> {
    session.may(Permission::SeeSettings)?;
    let set = store::read(&mut *session.read().await?).await?;
    Ok(Json(set.into()))
}

/// Changes what is set for tickets. How far agents see acts within five seconds, on open streams too; with another clock all that
/// reports count is counted anew, which takes a while.
#[utoipa::path(patch, path = "/api/v1/ticket-settings", tag = "settings", request_body = ChangeTicketSettings,
    responses((status = 200, body = TicketSettings)))]
pub(super) async fn change_ticket_settings(session: Session, Json(to): Json<ChangeTicketSettings>) -> Result<Json<TicketSettings>> {
    session.may(Permission::ChangeSettings)?;
    let set = session
        .act(async |act| {
            let before = store::hold(act.db()).await?;
            let time_zone = to.time_zone.map_or(before.time_zone, |zone| zone.0);
            let after = Set { agents_see: to.agents_see.unwrap_or(before.agents_see), time_zone };
            if after != before {
                store::write(act.db(), after).await?;
                let told = |set: Set| json!(TicketSettings::from(set));
                act.record_change(&Setting::ticket_settings_changed(told(after)), &told(before), &told(after)).await?;
            }
            Ok(after)
        })
        .await?;
    Ok(Json(set.into()))
}
