//! `GET /api/v1/csat`: how customers have rated what was done, as far as the reader sees the tickets.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::Json,
    page::{Asked, Order, PageInfo, Paging},
};
use utoipa::{IntoParams, ToSchema};

use super::{model::Rating, store};
use crate::{
    app::App,
    people::PersonId,
    permissions::Permission,
    session::Session,
    tickets::{Party, TicketName},
};

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Answers about this ticket.
    pub ticket_id: Option<i64>,
    /// Answers about what this member has resolved.
    pub agent_id: Option<PersonId>,
    /// Answers of so many points.
    #[param(value_type = Option<i16>, minimum = 1, maximum = 5)]
    pub rating: Option<Rating>,
}

/// How a resolution was rated.
#[derive(Debug, Serialize, ToSchema)]
pub struct CsatAnswer {
    /// Its id.
    pub id: i64,
    /// The ticket.
    pub ticket: TicketName,
    /// What it was about.
    pub subject: String,
    /// Who was asked.
    pub requester: Party,
    /// Who had resolved it; null where nobody did by hand.
    pub agent: Option<Party>,
    /// 1 to 5 points.
    pub rating: i16,
    /// What the customer wrote, plain text.
    pub comment: Option<String>,
    /// When the ticket was resolved.
    pub resolved_at: DateTime<Utc>,
    /// When it was rated first.
    pub answered_at: DateTime<Utc>,
    /// When the answer was last changed.
    pub changed_at: DateTime<Utc>,
}

/// So many answers of so many points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CsatPoints {
    /// 1 to 5.
    pub rating: i16,
    /// How many.
    pub answers: i64,
}

/// All answers that fit, taken together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CsatSummary {
    /// How many.
    pub answers: i64,
    /// CsatPoints on average; null where there is none.
    pub average: Option<f64>,
    /// How many of each number of points, of which there are any, the fewest points first.
    pub ratings: Vec<CsatPoints>,
}

impl CsatSummary {
    fn of(ratings: Vec<CsatPoints>) -> Self {
        let answers: i64 = ratings.iter().map(|points| points.answers).sum();
        let total: i64 = ratings.iter().map(|points| points.answers * i64::from(points.rating)).sum();
        Self { answers, average: (answers > 0).then(|| total as f64 / answers as f64), ratings }
    }
}

/// A page of answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CsatAnswers {
    /// The answers.
    data: Vec<CsatAnswer>,
    /// Where they stand.
    page: PageInfo,
    /// All that fit, taken together; on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<CsatSummary>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Key {
    pub at: DateTime<Utc>,
    pub id: i64,
}

/// Lists how customers have rated tickets that the reader sees, the newest answer first, with their average.
#[utoipa::path(get, path = "/api/v1/csat", tag = "satisfaction", params(Paging, Wanted),
    responses((status = 200, body = CsatAnswers)))]
pub(super) async fn list_ratings(
    session: Session,
    State(app): State<App>,
    Asked { paging, filter }: Asked<Wanted>,
) -> Result<Json<CsatAnswers>> {
    session.may(Permission::SeeFeedback)?;
    let viewer = session.viewer();
    let part = paging.part::<Key>(&app.cursors, &format!("csat:{}:{viewer:?}:{filter:?}", session.tenant.id), Order::Newest)?;
    let mut db = session.read().await?;
    let rows = store::list(&mut db, viewer, &filter, &part).await?;
    let summary = match part.after {
        None => Some(CsatSummary::of(store::points(&mut db, viewer, &filter).await?)),
        Some(_) => None,
    };
    let total = part.total(store::count(&mut db, viewer, &filter)).await?;
    let page = part.page(rows, total, |answer| Key { at: answer.answered_at, id: answer.id })?;
    Ok(Json(CsatAnswers { data: page.data, page: page.page, summary }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_of_all_answers_and_there_is_none_of_none() {
        let of = |all: &[(i16, i64)]| {
            CsatSummary::of(all.iter().map(|(rating, answers)| CsatPoints { rating: *rating, answers: *answers }).collect())
        };
        assert_eq!((of(&[]).answers, of(&[]).average), (0, None));
        assert_eq!((of(&[(1, 1), (5, 3)]).answers, of(&[(1, 1), (5, 3)]).average), (4, Some(4.0)));
    }
}
