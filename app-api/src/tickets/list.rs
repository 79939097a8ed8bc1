//! `GET /api/v1/tickets`: what one sees, filtered, newest first unless told.

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use shared::{
    Error, Result,
    http::{Json, query_of},
    page::{Limit, Page},
};
use utoipa::IntoParams;

use super::{
    clocks::Worse,
    model::{Label, Priority, Ticket},
    status::Status,
    store,
    syntax::{Search, Wrong},
    views::{self, ViewKey},
    visibility::Viewer,
};
use crate::{
    app::App,
    people::{PersonId, TeamId},
    permissions::Permission,
    session::Session,
};

/// What a list is narrowed to; empty means everything.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Filter {
    /// Words of `Status` only.
    pub status: Vec<&'static str>,
    pub priority: Vec<String>,
    pub category: Vec<String>,
    pub assigned_to: Option<Option<PersonId>>,
    pub team: Option<Option<TeamId>>,
    pub user_id: Option<PersonId>,
    pub order_id: Option<String>,
    /// Words of `Worse` only.
    pub sla: Vec<&'static str>,
    pub created_from: Option<DateTime<Utc>>,
    pub created_to: Option<DateTime<Utc>>,
    pub search: Search,
    pub tag: Vec<String>,
    pub channel: Vec<String>,
    /// Only what is out of sight of the queue, or only what is not.
    pub snoozed: Option<bool>,
    /// What a view narrows it to besides.
    pub view: Option<Box<Self>>,
}

impl Filter {
    /// The parameter whose words are looked for in texts or names, if there are any: what that costs depends on them.
    pub fn words_in(&self) -> Option<&'static str> {
        match (self.search.reads_text(), &self.view) {
            (true, _) => Some("q"),
            (false, Some(view)) => view.words_in().map(|_| "view"),
            (false, None) => None,
        }
    }
}

/// By which time, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Order {
    by: By,
    pub descending: bool,
}

/// A time of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum By {
    Creation,
    Update,
    /// Its next target: what is owed to nobody just now comes behind everything else.
    Due,
    /// Since when its customer waits: where nobody does it comes behind everything else.
    Waiting,
}

/// When that is due which nobody waits for.
pub(super) const NEVER: DateTime<Utc> = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day").and_time(NaiveTime::MIN).and_utc();

impl Order {
    /// Names are a closed list: nothing of a request ever becomes SQL.
    pub fn column(self) -> &'static str {
        match self.by {
            By::Creation => "t.created_at",
            By::Update => "t.updated_at",
            By::Due => NEXT_DUE,
            By::Waiting => WAITING,
        }
    }

    pub fn key(self, ticket: &Ticket) -> Key {
        let at = match self.by {
            By::Creation => ticket.created_at,
            By::Update => ticket.updated_at,
            By::Due => ticket.next_due().unwrap_or(NEVER),
            By::Waiting => ticket.waiting_since.unwrap_or(NEVER),
        };
        Key { at, id: ticket.id }
    }
}

/// `Ticket::next_due` or `NEVER`, as the index `tickets_by_due` has it.
const NEXT_DUE: &str = "(coalesce(case when t.resolved_at is null and t.closed_at is null then least(
    case when t.first_response_at is null then t.response_due_at end, t.resolution_due_at) end, '9999-12-31 00:00:00+00'::timestamptz))";

/// `Ticket::waiting_since` or `NEVER`, as the index `tickets_by_waiting` has it.
const WAITING: &str = "(case when t.status in ('open', 'in_progress') then coalesce(t.waiting_since, t.created_at)
    else '9999-12-31 00:00:00+00'::timestamptz end)";

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
    /// A team's id, or `none`.
    #[param(value_type = Option<String>)]
    team: Option<Queue>,
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
    /// What `GET /search` takes: words that stand in the ticket or in its thread, and conditions as `status:open`.
    #[param(value_type = Option<String>, max_length = 500)]
    #[serde(default)]
    pub(super) q: Search,
    /// Any of these tags, separated by commas; staff only.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    tag: Words<Label>,
    /// Any of these channels, separated by commas.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    channel: Words<Label>,
    /// Only what is out of sight of the queue, or only what is not; staff only.
    snoozed: Option<bool>,
    /// A view: the key of a built-in one, or the id of a saved one; staff only. Other filters narrow it further.
    #[param(value_type = Option<String>)]
    view: Option<ViewKey>,
    /// `created_at`, `updated_at`, `due_at` (its next target) or `waiting` (since when its customer waits), with `-` for the
    /// latest first; `-created_at` unless told.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    sort: Sort,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Paged {
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

impl Paged {
    const FIELDS: [&str; 3] = ["limit", "cursor", "count"];

    /// Whether that parameter says which part is read, not what of.
    pub(super) fn names(name: &str) -> bool {
        Self::FIELDS.contains(&name)
    }
}

/// What the list is asked for, and which page of it.
pub(super) struct AskedPage(Asked, Paged);

impl<S: Send + Sync> FromRequestParts<S> for AskedPage {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self(query_of(parts, |name| !Paged::names(name))?, query_of(parts, Paged::names)?))
    }
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

/// In whose queue.
#[derive(Debug, Clone, Copy)]
struct Queue(Option<TeamId>);

impl<'de> Deserialize<'de> for Queue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match String::deserialize(from)?.as_str() {
            "none" => Ok(Self(None)),
            id => id.parse().map(|id| Self(Some(id))).map_err(|_| serde::de::Error::custom("invalid: An id or none.")),
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
        Self(Order { by: By::Creation, descending: true })
    }
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let (descending, name) = text.strip_prefix('-').map_or((false, &*text), |name| (true, name));
        let by = match name {
            "created_at" => By::Creation,
            "updated_at" => By::Update,
            "due_at" => By::Due,
            "waiting" => By::Waiting,
            _ => {
                let known = "unknown_value: created_at, updated_at, due_at or waiting, with - for the latest first.";
                return Err(serde::de::Error::custom(known));
            }
        };
        Ok(Self(Order { by, descending }))
    }
}

impl Asked {
    /// What these words narrow a list to, for `me` who asks.
    pub(super) fn filter(&self, me: PersonId, viewer: Viewer) -> Result<Filter, Wrong> {
        Ok(Filter {
            status: self.status.0.iter().map(|s| s.as_str()).collect(),
            priority: self.priority.0.iter().map(|p| p.as_str().to_owned()).collect(),
            category: self.category.0.iter().map(|c| c.as_str().to_owned()).collect(),
            assigned_to: self.assigned_to.map(|a| match a {
                Assignee::Me => Some(me),
                Assignee::Nobody => None,
                Assignee::Person(id) => Some(id),
            }),
            team: self.team.map(|queue| queue.0),
            user_id: self.user_id,
            order_id: self.order_id.as_ref().map(|o| o.as_str().to_owned()),
            sla: self.sla.0.iter().map(|s| s.as_str()).collect(),
            created_from: self.created_from.map(|m| m.0),
            created_to: self.created_to.map(|m| m.0),
            tag: self.tag.0.iter().map(|t| t.as_str().to_owned()).collect(),
            channel: self.channel.0.iter().map(|c| c.as_str().to_owned()).collect(),
            snoozed: self.snoozed,
            search: self.q.clone().asked_by(me, viewer)?,
            ..Filter::default()
        })
    }
}

impl Asked {
    /// What these words narrow a list to and how it is sorted, for whoever asks.
    pub(super) async fn narrowed(&self, session: &Session) -> Result<(Filter, Order)> {
        // Customers know nothing of tags, teams and snoozes: a filter would tell them.
        if self.view.is_some() || !self.tag.0.is_empty() || self.team.is_some() || self.snoozed.is_some() {
            session.may(Permission::UseDesk)?;
        }
        let view = views::narrowing(session, self.view).await?.map(Box::new);
        let filter = self.filter(session.person.id, session.viewer()).map_err(|wrong| wrong.of("q"))?;
        Ok((Filter { view, ..filter }, self.sort.0))
    }
}

/// Lists the tickets that the reader sees; a page of long ones holds fewer than its limit. `422 too_broad` when looking for
/// the words would take too long.
#[utoipa::path(get, path = "/api/v1/tickets", tag = "tickets", params(Asked, Paged),
    responses((status = 200, body = Page<Ticket>)))]
pub(super) async fn list_tickets(
    session: Session,
    State(app): State<App>,
    AskedPage(asked, paged): AskedPage,
) -> Result<Json<Page<Ticket>>> {
    session.may(Permission::ReadTickets)?;
    let (viewer, (filter, order)) = (session.viewer(), asked.narrowed(&session).await?);
    let list = list_name(&session, viewer, &filter, order)?;
    let after = paged.cursor.as_deref().map(|c| app.cursors.open::<Key>(&list, c)).transpose()?;
    let mut db = if filter.words_in().is_some() { session.ask().await? } else { session.read().await? };
    let part = (after.as_ref(), paged.limit.probe());
    let rows = store::list(&mut db, viewer, &filter, order, part, app.clock.now()).await?;
    let mut page = Page::cut(rows, paged.limit, &app.cursors, &list, |ticket| order.key(ticket))?;
    if paged.count {
        page.page.total = Some(store::count(&mut db, viewer, &filter).await?);
    }
    Ok(Json(page))
}

/// A cursor is good for this tenant, these eyes, this filter and order only.
fn list_name(session: &Session, viewer: Viewer, filter: &Filter, order: Order) -> Result<String> {
    let what = serde_json::to_string(&(filter, order)).map_err(Error::internal)?;
    Ok(format!("tickets:{}:{viewer:?}:{what}", session.tenant.id))
}
