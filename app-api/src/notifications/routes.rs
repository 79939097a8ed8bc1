//! `/api/v1/notifications`: what somebody is to know, and what of it they have read. Everybody sees their own only, and
//! that as long as they work here and see the ticket; a read mark is no change of anything that others see, so it leaves no event.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    Result,
    http::{Json, NoContent, Path},
    page::{Asked, Order, Page, Paging},
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::store;
use crate::{app::App, permissions::Permission, session::Session};

/// Something that somebody is to know.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct Notification {
    /// Its id.
    pub id: i64,
    /// `assigned`, `sla_warning`, `sla_breach`, `mentioned`, `attachment_infected`, `attachment_refused`, `file_shared`, or of what one
    /// watches `watched_message`, `watched_status` and
    /// `watched_assigned`.
    pub kind: String,
    /// The ticket it is about.
    pub ticket_id: Option<i64>,
    /// The fields of the event that it tells of.
    pub data: Value,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Only what has not been read.
    #[serde(default)]
    unread: bool,
}

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_notifications)).routes(routes!(read_notification)).routes(routes!(read_all_notifications))
}

/// Lists what the reader was told of tickets that they see now, the newest first.
#[utoipa::path(get, path = "/api/v1/notifications", tag = "notifications", params(Paging, Wanted),
    responses((status = 200, body = Page<Notification>)))]
async fn list_notifications(
    session: Session,
    State(app): State<App>,
    Asked { paging, filter }: Asked<Wanted>,
) -> Result<Json<Page<Notification>>> {
    session.may(Permission::ReadTickets)?;
    let (me, viewer, unread) = (session.person.id, session.viewer(), filter.unread);
    let part = paging.part(&app.cursors, &format!("notifications:{}:{me}:{unread}", session.tenant.id), Order::Newest)?;
    let mut db = session.read().await?;
    let rows = store::list(&mut db, (me, viewer), unread, &part).await?;
    let total = part.total(store::count(&mut db, (me, viewer), unread)).await?;
    Ok(Json(part.page(rows, total, |n| n.id)?))
}

/// Marks one as read.
#[utoipa::path(post, path = "/api/v1/notifications/{id}/read", tag = "notifications", params(("id" = i64, Path, description = "Its id")),
    responses((status = 204)))]
async fn read_notification(session: Session, Path(id): Path<i64>) -> Result<NoContent> {
    session.may(Permission::Converse)?;
    let me = session.person.id;
    session
        .act(async |act| {
            let now = act.now();
            store::read(act.db(), me, id, now).await
        })
        .await?;
    Ok(NoContent)
}

/// Marks all as read.
#[utoipa::path(post, path = "/api/v1/notifications/read", tag = "notifications", responses((status = 204)))]
async fn read_all_notifications(session: Session) -> Result<NoContent> {
    session.may(Permission::Converse)?;
    let me = session.person.id;
    session
        .act(async |act| {
            let now = act.now();
            store::read_all(act.db(), me, now).await
        })
        .await?;
    Ok(NoContent)
}
