//! `GET /api/v1/reports/tickets`: the tickets behind a number. Each fact that was counted is a row, so a ticket that was
//! resolved twice stands there twice, and there are as many rows as the number says.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    http::Json,
    page::{Asked, Order, Page, Paging},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    fact::Kind,
    period::{Day, Period},
    report::{may_see, period},
    store::reading,
    sums::Dimension,
};
use crate::{
    app::App,
    session::Session,
    tickets::{Party, Priority, Status},
};

/// By what the tickets behind a number are narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    /// The priority that the ticket had then.
    Priority,
    /// The ticket's category.
    Category,
    /// How the ticket came.
    Channel,
    /// The ticket's team.
    Team,
    /// Who is to answer for it.
    Agent,
    /// The points of a rating.
    Rating,
}

impl By {
    fn dimension(self) -> Dimension {
        match self {
            Self::Priority => Dimension::Priority,
            Self::Category => Dimension::Category,
            Self::Channel => Dimension::Channel,
            Self::Team => Dimension::Team,
            Self::Agent => Dimension::Agent,
            Self::Rating => Dimension::Value,
        }
    }
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Which number; `created` unless told.
    #[serde(default)]
    #[param(inline, required = false)]
    figure: Kind,
    /// The first day, as `2026-03-01`, or one of its moments; thirty days unless told, 366 at most.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day, which is included, as above; today unless told.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// By what it is narrowed to one group; `rating` where `figure` is `rated`.
    #[param(inline)]
    group_by: Option<By>,
    /// The key of that group; empty for tickets without.
    #[param(max_length = 64)]
    group: Option<String>,
}

/// A number that somebody looks behind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Narrowed {
    pub figure: Kind,
    pub period: Period,
    group: Option<(By, String)>,
}

impl Narrowed {
    fn of(wanted: &Wanted, period: Period) -> Result<Self> {
        let wrong = |field, code, why| Err(Error::field(field, code, why));
        let group = match (wanted.group_by, &wanted.group) {
            (None, None) => None,
            (Some(_), None) => return wrong("group", "required", "Say which group."),
            (None, Some(_)) => return wrong("group_by", "required", "Say what it is a group of."),
            (Some(By::Rating), Some(_)) if wanted.figure != Kind::Rated => {
                return wrong("group_by", "invalid", "Only ratings have points.");
            }
            (Some(By::Agent | By::Team), Some(id)) if !id.is_empty() && id.parse::<i64>().is_err() => {
                return wrong("group", "invalid", "An id, or nothing.");
            }
            (Some(by), Some(key)) => Some((by, key.clone())),
        };
        Ok(Self { figure: wanted.figure, period, group })
    }

    /// Which sums it is of.
    pub fn within(&self) -> (Dimension, &str) {
        self.group.as_ref().map_or((Dimension::All, ""), |(by, key)| (by.dimension(), key))
    }
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Key {
    pub day: NaiveDate,
    pub at: DateTime<Utc>,
    pub ticket_id: i64,
    pub source: i64,
}

/// A ticket behind a number, as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedTicket {
    /// Its id.
    pub id: i64,
    /// Its number.
    pub ticket_number: String,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// How much it presses.
    pub priority: Priority,
    /// Its category.
    pub category: Option<String>,
    /// Who asked.
    pub requester: Party,
}

/// One thing that was counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketCounted {
    /// In which number.
    pub figure: Kind,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Minutes since the ticket was opened; of first answers and resolutions.
    pub minutes: Option<i32>,
    /// Points; of ratings.
    pub rating: Option<i32>,
    /// What the customer wrote, plain text; of ratings.
    pub comment: Option<String>,
    /// Who is to answer for it.
    pub agent: Option<Party>,
    /// The ticket.
    pub ticket: CountedTicket,
    /// Where it stands in the list.
    #[serde(skip)]
    pub(super) key: Key,
}

/// Lists what was counted in a number of a report, the newest first unless told; `page.total` is that number.
#[utoipa::path(get, path = "/api/v1/reports/tickets", tag = "reports", params(Paging, Wanted),
    responses((status = 200, body = Page<TicketCounted>)))]
pub(super) async fn list_counted_tickets(
    session: Session,
    State(app): State<App>,
    Asked { paging, filter }: Asked<Wanted>,
) -> Result<Json<Page<TicketCounted>>> {
    may_see(&session)?;
    let mut db = session.read().await?;
    let (period, _) = period(&mut db, (filter.from, filter.to), app.clock.now()).await?;
    let asked = Narrowed::of(&filter, period)?;
    let part = paging.part::<Key>(&app.cursors, &format!("reports:{}:{asked:?}", session.tenant.id), Order::Newest)?;
    let rows = reading::facts(&mut db, &asked, &part).await?;
    let total = part.total(reading::count(&mut db, &asked)).await?;
    Ok(Json(part.page(rows, total, |row| row.key)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_named_with_what_it_is_a_group_of() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day");
        let narrowed = |figure, group_by, group: Option<&str>| {
            let wanted = Wanted { figure, from: None, to: None, group_by, group: group.map(str::to_owned) };
            match Narrowed::of(&wanted, Period { from: day, to: day }) {
                Ok(asked) => Ok((asked.within().0, asked.within().1.to_owned())),
                Err(Error::Invalid(errors)) => Err((errors[0].field.clone(), errors[0].code.clone())),
                Err(other) => panic!("{other:?}"),
            }
        };
        let within = |dimension, key: &str| Ok((dimension, key.to_owned()));
        let wrong = |field: &str, code: &str| Err((field.to_owned(), code.to_owned()));
        for (figure, by, group, expected) in [
            (Kind::Created, None, None, within(Dimension::All, "")),
            (Kind::Created, Some(By::Category), Some(""), within(Dimension::Category, "")),
            (Kind::Created, Some(By::Agent), Some("7"), within(Dimension::Agent, "7")),
            (Kind::Rated, Some(By::Rating), Some("5"), within(Dimension::Value, "5")),
            (Kind::Answered, Some(By::Rating), Some("5"), wrong("group_by", "invalid")),
            (Kind::Created, Some(By::Team), Some("x"), wrong("group", "invalid")),
            (Kind::Created, Some(By::Team), None, wrong("group", "required")),
            (Kind::Created, None, Some("7"), wrong("group_by", "required")),
        ] {
            assert_eq!(narrowed(figure, by, group), expected, "{figure:?} {by:?} {group:?}");
        }
    }
}
