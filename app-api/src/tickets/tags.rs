//! `GET /api/v1/tags`: which tags are in use, for whoever is about to set one.

use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, Query},
};
use utoipa::{IntoParams, ToSchema};

use super::{model::Label, store};
use crate::{permissions::Permission, session::Session};

/// So many of the newest tickets say which tags are in use: older ones cost time and say little.
const NEWEST: i64 = 10_000;
const MOST: i64 = 50;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AskedTags {
    /// How they begin, in whatever case.
    #[param(value_type = Option<String>)]
    q: Option<Label>,
}

/// Tags in use.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsedTags {
    /// The most used first; at most 50.
    pub data: Vec<UsedTag>,
}

/// A tag and how much it is used.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsedTag {
    /// The tag.
    pub tag: String,
    /// How many tickets that the reader sees have it, among the newest 10 000.
    pub tickets: i64,
}

/// Lists the tags of the newest 10 000 tickets, as far as the reader sees them.
#[utoipa::path(get, path = "/api/v1/tags", tag = "tickets", params(AskedTags), responses((status = 200, body = UsedTags)))]
pub(super) async fn list_tags(session: Session, Query(asked): Query<AskedTags>) -> Result<Json<UsedTags>> {
    session.may(Permission::UseDesk)?;
    let start = asked.q.as_ref().map_or("", Label::as_str);
    let used = store::tags(&mut *session.read().await?, session.viewer(), start, (NEWEST, MOST)).await?;
    Ok(Json(UsedTags { data: used.into_iter().map(|(tag, tickets)| UsedTag { tag, tickets }).collect() }))
}
