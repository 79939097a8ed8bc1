//! `GET /api/v1/tickets/{ticket}/sla`: why a ticket is due when it is. Each stretch of its life with what counted of it,
//! the policy and the hours that were promised, and what has been told.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{
    Error, Result,
    http::{Json, NoQuery, Path},
};
use utoipa::ToSchema;

use super::{
    clocks::{ClockView, Life, Sla, Which},
    model::{Priority, TicketRef},
    status::Status,
    store,
};
use crate::{
    app::App,
    permissions::Permission,
    session::Session,
    sla::{
        self, Hours, Policy,
        calendar::{Calendar, Stretch},
        clock::{Pace, Span, elapsed},
    },
};
use axum::extract::State;

/// Opening stretches that are listed of one span, the first of them.
const STRETCHES: usize = 100;

/// Why a ticket is due when it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The policy that it was measured by.
    policy: PolicyUsed,
    /// Its priority, which chooses the targets.
    priority: Priority,
    /// Why it has that.
    priority_reason: String,
    /// The hours that counted, as they were promised; null for round the clock.
    hours: Option<Hours>,
    /// Until the first public answer.
    response: ClockExplained,
    /// Until the resolution.
    resolution: ClockExplained,
    /// Its life, in stretches of one status.
    spans: Vec<SpanExplained>,
}

/// A policy, and why it is the ticket's.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyUsed {
    id: i64,
    name: String,
    /// The version that counts; edits since then are for other tickets.
    version: i32,
    /// What of the ticket it looks at; empty for the default one.
    because: Vec<&'static str>,
}

/// One clock, and what has been told of it.
#[derive(Debug, Serialize, ToSchema)]
struct ClockExplained {
    #[serde(flatten)]
    clock: ClockView,
    /// Working seconds that have counted.
    elapsed_seconds: i64,
    /// When a warning was given.
    warned_at: Option<DateTime<Utc>>,
    /// When the breach was noticed.
    breached_at: Option<DateTime<Utc>>,
}

/// A stretch of the ticket's life.
#[derive(Debug, Serialize, ToSchema)]
struct SpanExplained {
    from: DateTime<Utc>,
    /// Null while it goes on.
    to: Option<DateTime<Utc>>,
    status: Status,
    /// What the status does to the clocks.
    pace: Pace,
    /// Working seconds that counted: none unless the clocks ran.
    counted_seconds: i64,
    /// The opening hours within it, at most 100 stretches; null for round the clock and where nothing ran.
    open: Option<Vec<Open>>,
}

/// A stretch of opening hours.
#[derive(Debug, Serialize, ToSchema)]
struct Open {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// Explains a ticket's targets; staff only. `404` for a ticket that has not been measured yet.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/sla", tag = "sla", params(("ticket" = String, Path, description = "Id or number")),
    responses((status = 200, body = Explanation)))]
pub(super) async fn explain_ticket_sla(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    _: NoQuery,
) -> Result<Json<Explanation>> {
    session.may(Permission::SeeTargets)?;
    let (mut db, now) = (session.read().await?, app.clock.now());
    let ticket = store::find(&mut db, session.viewer(), &ticket, now).await?;
    let facts = store::clock_facts(&mut db, ticket.id).await?;
    let (Some((id, version)), Some(shown)) = (facts.policy, ticket.sla) else { return Err(Error::NotFound("not_found")) };
    let policy = sla::version(&mut db, id, version).await?.ok_or(Error::NotFound("not_found"))?;
    explained(policy, (ticket.priority, ticket.priority_reason), &facts.life, shown, now).map(Json)
}

fn explained(
    policy: Policy,
    (priority, priority_reason): (Priority, String),
    life: &Life,
    shown: Sla,
    now: DateTime<Utc>,
) -> Result<Explanation> {
    let calendar = policy.calendar()?;
    let (calendar, lived) = (calendar.as_ref(), life.spans());
    let spans = life.stretches().into_iter().map(|(stretch, status)| span(stretch, status, calendar, now)).collect();
    let clock = |which: Which, clock: ClockView| ClockExplained {
        clock,
        elapsed_seconds: elapsed(calendar, &lived, life.done(which).unwrap_or(now)).num_seconds(),
        warned_at: life.told(which).warned_at,
        breached_at: life.told(which).breached_at,
    };
    let asks =
        [("category", !policy.fits.categories.is_empty()), ("tags", !policy.fits.tags.is_empty()), ("team", !policy.fits.teams.is_empty())];
    let because = asks.into_iter().filter(|(_, asks)| *asks).map(|(what, _)| what).collect();
    Ok(Explanation {
        response: clock(Which::Response, shown.response),
        resolution: clock(Which::Resolution, shown.resolution),
        policy: PolicyUsed { id: policy.id, name: policy.name, version: policy.version, because },
        priority,
        priority_reason,
        hours: policy.hours,
        spans,
    })
}

fn span(span: Span, status: Status, calendar: Option<&Calendar>, now: DateTime<Utc>) -> SpanExplained {
    let Span { from, to, pace } = span;
    let end = to.unwrap_or(now);
    let counted_seconds = elapsed(calendar, &[span], end).num_seconds();
    let open =
        |calendar: &Calendar| calendar.open(from, end).into_iter().take(STRETCHES).map(|(from, to): Stretch| Open { from, to }).collect();
    SpanExplained { from, to, status, pace, counted_seconds, open: calendar.filter(|_| pace == Pace::Running).map(open) }
}
