//! `/api/v1/sla/calendars`: business hours with their holidays. Staff read them, admins write them.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, Path, Tagged},
    idempotency::{Keyed, Once},
    line::Line,
    page::{Asked, Order, Page, Paging},
};
use utoipa::ToSchema;

use super::{
    model::{Holiday, Hours},
    store,
};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    permissions::Permission,
    session::Session,
};

/// Business hours as they are sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SentCalendar {
    /// What they are called; each name once.
    name: Line<100>,
    /// An IANA name, as `Europe/Paris`.
    time_zone: String,
    /// For Monday to Sunday the ranges of local minutes, as `[[540, 720], [780, 1080]]` for 9:00–12:00 and 13:00–18:00.
    #[schema(value_type = Vec<Vec<Vec<u16>>>, min_items = 7, max_items = 7)]
    week: Vec<Vec<(u16, u16)>>,
    /// Days without opening, 500 at most.
    #[serde(default)]
    #[schema(max_items = 500)]
    holidays: Vec<Holiday>,
}

/// Business hours that can be.
#[derive(Debug)]
pub struct SaveCalendar {
    /// What they are called.
    pub name: Line<100>,
    /// When it is open.
    pub hours: Hours,
}

impl SentCalendar {
    fn checked(self) -> Result<SaveCalendar> {
        let hours = Hours { time_zone: self.time_zone, week: self.week, holidays: self.holidays };
        match hours.calendar() {
            Ok(_) => Ok(SaveCalendar { name: self.name, hours }),
            Err((field, wrong)) => {
                let (code, sentence) = wrong.split_once(": ").unwrap_or(("invalid", wrong));
                Err(Error::field(field, code, sentence))
            }
        }
    }
}

/// Business hours as they are read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlaCalendar)]
pub struct Calendar {
    /// Their id.
    pub id: i64,
    /// What they are called.
    pub name: String,
    /// When it is open.
    #[serde(flatten)]
    pub hours: Hours,
    /// Grows with each edit; the `ETag`.
    pub version: i64,
    /// When they were last changed.
    pub updated_at: DateTime<Utc>,
}

/// Lists business hours, the oldest first.
#[utoipa::path(get, path = "/api/v1/sla/calendars", tag = "sla", params(Paging), responses((status = 200, body = Page<Calendar>)))]
pub(super) async fn list_sla_calendars(
    session: Session,
    State(app): State<App>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<Calendar>>> {
    session.may(Permission::SeeTargets)?;
    let part = paging.part(&app.cursors, &format!("sla_calendars:{}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let rows = store::calendars(&mut db, &part).await?;
    let total = part.total(store::count_calendars(&mut db)).await?;
    Ok(Json(part.page(rows, total, |calendar| calendar.id)?))
}

/// Adds business hours.
#[utoipa::path(post, path = "/api/v1/sla/calendars", tag = "sla", request_body = SentCalendar,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Calendar, headers(("Location" = String, description = "The list of calendars")))))]
pub(super) async fn add_sla_calendar(session: Session, Keyed { body: sent, key }: Keyed<SentCalendar>) -> Result<Once> {
    session.may(Permission::SetTargets)?;
    let new = sent.checked()?;
    session
        .once(key.as_ref(), "sla/calendars", async |act| {
            let now = act.now();
            let id = store::insert_calendar(act.db(), &new, now).await?;
            Once::created("/api/v1/sla/calendars", &told(act, id, Deed::Created, &Value::Null).await?)
        })
        .await
}

/// Replaces business hours. Policies that count in them get a new version; tickets keep the hours that were promised.
#[utoipa::path(put, path = "/api/v1/sla/calendars/{id}", tag = "sla", request_body = SentCalendar,
    params(("id" = i64, Path, description = "Its id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Calendar, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn replace_sla_calendar(
    session: Session,
    Path(id): Path<i64>,
    version: IfMatch,
    Json(sent): Json<SentCalendar>,
) -> Result<Tagged<Calendar>> {
    session.may(Permission::SetTargets)?;
    let to = sent.checked()?;
    let replaced = session
        .act(async |act| {
            let before = store::lock_calendar(act.db(), id).await?;
            version.check(before.version)?;
            let now = act.now();
            store::update_calendar(act.db(), id, &to, now).await?;
            store::renew_versions(act.db(), id, now).await?;
            told(act, id, Deed::Changed, &serde_json::to_value(&before.hours)?).await
        })
        .await?;
    Ok(Tagged(replaced.version, replaced))
}

/// Records what has become of business hours, and gives them.
async fn told(act: &mut Act, id: i64, deed: Deed, before: &Value) -> Result<Calendar> {
    let after = store::lock_calendar(act.db(), id).await?;
    let event = Setting::new(Noun::SlaCalendar, deed, id, json!({ "name": after.name }));
    act.record_change(&event, before, &serde_json::to_value(&after.hours)?).await?;
    Ok(after)
}

/// Removes business hours in which no policy counts.
#[utoipa::path(delete, path = "/api/v1/sla/calendars/{id}", tag = "sla", params(("id" = i64, Path, description = "Its id")), responses((status = 204)))]
pub(super) async fn remove_sla_calendar(session: Session, Path(id): Path<i64>) -> Result<NoContent> {
    session.may(Permission::SetTargets)?;
    session
        .act(async |act| {
            let before = store::lock_calendar(act.db(), id).await?;
            store::delete_calendar(act.db(), id).await?;
            let event = Setting::new(Noun::SlaCalendar, Deed::Deleted, id, json!({ "name": before.name }));
            act.record_change(&event, &serde_json::to_value(&before.hours)?, &Value::Null).await?;
            Ok(())
        })
        .await?;
    Ok(NoContent)
}
