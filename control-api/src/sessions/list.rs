//! One's own sessions in this tenant: where one is signed in, and ending any of them.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{
    Error, Result,
    http::{Json, NoContent, Path},
    page::{Asked, Order, Page, Paging},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Reason, device::Device, store};
use crate::{
    app::App,
    events::{Event, Whom},
    session::Session,
};

/// A session as the table has it.
pub struct Listed {
    pub id: Uuid,
    pub client: String,
    pub ip: Option<String>,
    pub country: Option<String>,
    pub user_agent: Option<String>,
    pub amr: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
}

/// A session as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct Shown {
    id: Uuid,
    /// The one that asks.
    current: bool,
    /// `browser` or `api`.
    client: String,
    /// What it said of itself when it was opened.
    device: Device,
    /// The country it was opened from, as two letters; null where nothing in front of us says so.
    place: Option<String>,
    /// The address it was opened from.
    ip: Option<String>,
    /// How its holder proved who they are (RFC 8176).
    amr: Vec<String>,
    created_at: DateTime<Utc>,
    /// When it was opened or last refreshed.
    last_used_at: DateTime<Utc>,
}

impl Shown {
    fn of(session: Listed, current: Uuid) -> Self {
        Self {
            id: session.id,
            current: session.id == current,
            device: Device::of(session.user_agent.as_deref().unwrap_or_default()),
            client: session.client,
            place: session.country,
            ip: session.ip,
            amr: session.amr,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
        }
    }
}

/// One's own sessions here that can still be used, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/auth/sessions",
    tag = "sessions",
    params(Paging),
    responses((status = 200, body = Page<Shown>)),
    security(("bearer" = []))
)]
pub async fn list_sessions(State(app): State<App>, session: Session, Asked { paging, .. }: Asked) -> Result<Json<Page<Shown>>> {
    let whom = Whom { tenant_id: session.tenant.id, user_id: session.member.user_id };
    let part = paging.part(&app.keys.cursors, &format!("sessions:{}:{}", whom.tenant_id, whom.user_id), Order::Newest)?;
    let (mut db, now) = (app.db.read().await?, app.clock.now());
    let sessions = store::list(&mut db, whom, now, &part).await?.into_iter().map(|row| Shown::of(row, session.id)).collect();
    let total = part.total(store::count(&mut db, whom, now)).await?;
    Ok(Json(part.page(sessions, total, |session: &Shown| session.id)?))
}

/// Ends one of one's own sessions, this one too. Its tokens are refused everywhere within seconds.
#[utoipa::path(
    delete,
    path = "/api/v1/auth/sessions/{id}",
    tag = "sessions",
    params(("id" = Uuid, Path)),
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn end_session(session: Session, Path(id): Path<Uuid>) -> Result<NoContent> {
    let whom = Whom { tenant_id: session.tenant.id, user_id: session.member.user_id };
    let end = async |act: &mut shared::act::Act| {
        let now = act.now();
        if !store::end_own(act.db(), id, whom, now).await? {
            return Err(Error::NotFound("not_found"));
        }
        act.record(&Event::SessionsEnded(whom, Reason::Revoked.as_str())).await?;
        Ok(())
    };
    session.act(end).await?;
    Ok(NoContent)
}
