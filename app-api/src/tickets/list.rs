//! `GET /api/v1/tickets`: what one sees, filtered, newest first unless told.

use axum::extract::State;
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use shared::{
    Error, Result,
    http::{Json, Query},
    page::{Limit, Page},
};
use utoipa::IntoParams;

use super::{
    clocks::Worse,
    model::{Label, Priority, Ticket},
    status::Status,
    store,
    visibility::Viewer,
};
use crate::{app::App, people::PersonId, permissions::Permission, session::Session};

/// What a list is narrowed to; empty means everything.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Filter {
    pub status: Vec<String>,
    pub priority: Vec<String>,
    pub category: Vec<String>,
    pub assigned_to: Option<Option<PersonId>>,
    pub user_id: Option<PersonId>,
    pub order_id: Option<String>,
    /// Words of `Worse` only.
    pub sla: Vec<&'static str>,
    pub created_from: Option<DateTime<Utc>>,
    pub created_to: Option<DateTime<Utc>>,
}

/// By which time, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Order {
    by_update: bool,
    pub descending: bool,
}

impl Order {
    /// Names are a closed list: nothing of a request ever becomes SQL.
    pub fn column(self) -> &'static str {
        if self.by_update { "t.updated_at" } else { "t.created_at" }
    }

    fn key(self, ticket: &Ticket) -> Key {
        Key { at: if self.by_update { ticket.updated_at } else { ticket.created_at }, id: ticket.id }
    }
}

/// Where a page ended.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Key {
    pub at: DateTime<Utc>,
    pub id: i64,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Any of these statuses, separated by commas.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    status: Words<Status>,
    /// Any of these priorities, separated by commas.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    priority: Words<Priority>,
    /// Any of these categories, separated by commas.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    category: Words<Label>,
    /// An agent's id, `me` or `none`.
    #[param(value_type = Option<String>)]
    assigned_to: Option<Assignee>,
    /// The requester's id.
    user_id: Option<PersonId>,
    /// The order's id.
    #[param(value_type = Option<String>)]
    order_id: Option<Label>,
    /// Any of these states of its clocks, separated by commas: `running`, `warning`, `breached`, `paused`, `met`.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    sla: Words<Worse>,
    /// Opened at or after this time.
    #[param(value_type = Option<String>, format = DateTime)]
    created_from: Option<Moment>,
    /// Opened before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    created_to: Option<Moment>,
    /// `-created_at` (unless told), `created_at`, `-updated_at` or `updated_at`.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    sort: Sort,
    /// How many, 1 to 100; 50 unless told.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where the previous page ended.
    cursor: Option<String>,
    /// Adds `page.total`.
    #[serde(default)]
    count: bool,
}

#[derive(Debug, Clone, Copy)]
enum Assignee {
    Me,
    Nobody,
    Person(PersonId),
}

impl<'de> Deserialize<'de> for Assignee {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match String::deserialize(from)?.as_str() {
            "me" => Ok(Self::Me),
            "none" => Ok(Self::Nobody),
            id => id.parse().map(Self::Person).map_err(|_| serde::de::Error::custom("invalid: An id, me or none.")),
        }
    }
}

/// A time that the database can hold: the years 1 to 9999.
#[derive(Debug, Clone, Copy)]
struct Moment(DateTime<Utc>);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let at = DateTime::<Utc>::deserialize(from)?;
        if (1..=9999).contains(&at.year()) { Ok(Self(at)) } else { Err(serde::de::Error::custom("out_of_range: The years 1 to 9999.")) }
    }
}

/// Words separated by commas, each a `T`.
#[derive(Debug)]
struct Words<T>(Vec<T>);

impl<T> Default for Words<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Words<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        use serde::de::{Error, value::StringDeserializer};
        let text = String::deserialize(from)?;
        let words = text.split(',').map(|word| T::deserialize(StringDeserializer::<D::Error>::new(word.to_owned())));
        let words = words.collect::<Result<Vec<T>, _>>()?;
        if words.len() > 20 { Err(D::Error::custom("too_long: At most 20 values.")) } else { Ok(Self(words)) }
    }
}

#[derive(Debug, Clone, Copy)]
struct Sort(Order);

impl Default for Sort {
    fn default() -> Self {
        Self(Order { by_update: false, descending: true })
    }
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let (descending, name) = text.strip_prefix('-').map_or((false, &*text), |name| (true, name));
        match name {
            "created_at" => Ok(Self(Order { by_update: false, descending })),
            "updated_at" => Ok(Self(Order { by_update: true, descending })),
            _ => Err(serde::de::Error::custom("unknown_value: created_at or updated_at, with - for the newest first.")),
        }
    }
}

impl Asked {
    fn filter(&self, me: PersonId) -> Filter {
        Filter {
            status: self.status.0.iter().map(|s| s.as_str().to_owned()).collect(),
            priority: self.priority.0.iter().map(|p| p.as_str().to_owned()).collect(),
            category: self.category.0.iter().map(|c| c.as_str().to_owned()).collect(),
            assigned_to: self.assigned_to.map(|a| match a {
                Assignee::Me => Some(me),
                Assignee::Nobody => None,
                Assignee::Person(id) => Some(id),
            }),
            user_id: self.user_id,
            order_id: self.order_id.as_ref().map(|o| o.as_str().to_owned()),
            sla: self.sla.0.iter().map(|s| s.as_str()).collect(),
            created_from: self.created_from.map(|m| m.0),
            created_to: self.created_to.map(|m| m.0),
        }
    }
}

/// Lists the tickets that the reader sees.
#[utoipa::path(get, path = "/api/v1/tickets", tag = "tickets", params(Asked),
    responses((status = 200, body = Page<Ticket>)))]
pub(super) async fn list_tickets(session: Session, State(app): State<App>, Query(asked): Query<Asked>) -> Result<Json<Page<Ticket>>> {
    session.may(Permission::ReadTickets)?;
    let (viewer, filter, order) = (session.viewer(), asked.filter(session.person.id), asked.sort.0);
    let list = list_name(&session, viewer, &filter, order)?;
    let after = asked.cursor.as_deref().map(|c| app.cursors.open::<Key>(&list, c)).transpose()?;
    let mut db = session.read().await?;
    let part = (after.as_ref(), asked.limit.probe());
    let rows = store::list(&mut db, viewer, &filter, order, part, app.clock.now()).await?;
    let mut page = Page::cut(rows, asked.limit, &app.cursors, &list, |ticket| order.key(ticket))?;
    if asked.count {
        page.page.total = Some(store::count(&mut db, viewer, &filter).await?);
    }
    Ok(Json(page))
}

/// A cursor is good for this tenant, these eyes, this filter and order only.
fn list_name(session: &Session, viewer: Viewer, filter: &Filter, order: Order) -> Result<String> {
    let what = serde_json::to_string(&(filter, order)).map_err(Error::internal)?;
    Ok(format!("tickets:{}:{viewer:?}:{what}", session.tenant.id))
}
