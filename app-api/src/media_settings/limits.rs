//! `/api/v1/media-settings`: the staff reads how much of files one person may have, admins say it.

use serde::Deserialize;
use serde_json::json;
use shared::{
    Result,
    http::{Json, NoQuery},
};
use utoipa::ToSchema;

use super::{
    model::{MediaSettings, Within},
    store,
};
use crate::{events::Setting, permissions::Permission, session::Session};

/// What shall be another way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeMediaSettings {
    /// The most bytes of one person's files: 0 to 1 TiB.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_099_511_627_776_i64)]
    bytes_per_user: Option<Within<0, 1_099_511_627_776>>,
    /// The most files of one person: 0 to 1000000.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000)]
    files_per_user: Option<Within<0, 1_000_000>>,
    /// The most files that one person sends a day: 0 to 100000.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 100_000)]
    uploads_a_day: Option<Within<0, 100_000>>,
    /// For how many months is kept who was given a file: 1 to 120.
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 120)]
    access_log_months: Option<Within<1, 120>>,
}

/// Shows how much of files one person may have.
#[utoipa::path(get, path = "/api/v1/media-settings", tag = "media", responses((status = 200, body = MediaSettings)))]
pub(super) async fn show_media_settings(session: Session, _: NoQuery) -> Result<Json<MediaSettings>> {
    session.may(Permission::SeeSettings)?;
    store::settings(&mut *session.read().await?).await.map(Json)
}

/// Changes how much of files one person may have, from the next file on: whoever has more keeps it. What is left out stays.
#[utoipa::path(patch, path = "/api/v1/media-settings", tag = "media", request_body = ChangeMediaSettings,
    responses((status = 200, body = MediaSettings)))]
pub(super) async fn change_media_settings(session: Session, Json(to): Json<ChangeMediaSettings>) -> Result<Json<MediaSettings>> {
    session.may(Permission::ChangeSettings)?;
    let set = session
        .act(async |act| {
            store::hold(act.db()).await?;
            let before = store::settings(act.db()).await?;
            let after = MediaSettings {
                bytes_per_user: to.bytes_per_user.map_or(before.bytes_per_user, Within::get),
                files_per_user: to.files_per_user.map_or(before.files_per_user, Within::get),
                uploads_a_day: to.uploads_a_day.map_or(before.uploads_a_day, Within::get),
                access_log_months: to.access_log_months.map_or(before.access_log_months, |months| months.get() as i32),
            };
            if after != before {
                store::set(act.db(), &after).await?;
                act.record_change(&Setting::media_settings_changed(json!(after)), &json!(before), &json!(after)).await?;
            }
            Ok(after)
        })
        .await?;
    Ok(Json(set))
}
