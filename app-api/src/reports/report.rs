//! `GET /api/v1/reports/{overview,sla,agents,volume}`: the numbers of a period, divided by time or by what tickets are like.
//! They are of all tickets, so they are for whoever sees all tickets.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    db::Connection,
    http::{Json, Query},
};
use sqlx::PgConnection;
use utoipa::{IntoParams, ToSchema};

use super::{
    fact::Kind,
    figures::{Figures, Spread, Tally},
    period::{Day, GroupBy, Period},
    store::reading::{self, Counted},
    sums::Dimension,
};
use crate::{
    app::App,
    permissions::Permission,
    session::Session,
    settings,
    tickets::{Priority, Viewer},
};

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// The first day, as `2026-03-01`, or one of its moments; thirty days unless told, 366 at most.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day, which is included, as above; today unless told.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// By what it is divided.
    #[param(inline)]
    group_by: Option<GroupBy>,
}

/// Which days a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportPeriod {
    /// The first day.
    pub from: NaiveDate,
    /// The last day, which is included.
    pub to: NaiveDate,
    /// The clock that days go by.
    pub time_zone: &'static str,
    /// Whether everything from before was counted; until then numbers grow.
    pub is_complete: bool,
}

/// A part of a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportGroup {
    /// The first day, the word or the id; null for tickets without.
    pub key: Option<String>,
    /// Its name, where the key is an id.
    pub label: Option<String>,
    /// The first day that is counted.
    pub from: NaiveDate,
    /// The last one.
    pub to: NaiveDate,
    /// What happened.
    pub figures: Figures,
    /// Tickets that waited for somebody at its end; where it is divided by time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backlog: Option<i64>,
    /// Tickets that wait for this member now; in the report of agents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_tickets: Option<i64>,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    /// Which days.
    pub period: ReportPeriod,
    /// By what it is divided.
    pub group_by: GroupBy,
    /// All of it.
    pub totals: Figures,
    /// As many days right before it.
    pub previous: Figures,
    /// Its parts: those of time in order, agents by what they have resolved, all others by their names.
    pub groups: Vec<ReportGroup>,
}

/// So many ratings of so many points.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingCount {
    /// 1 to 5.
    pub rating: i64,
    /// How many.
    pub answers: i64,
}

/// Tickets that wait for somebody, by how long ago they were opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct BacklogAge {
    /// Opened at or before this time; null for the newest.
    pub opened_before: Option<DateTime<Utc>>,
    /// Opened after this time; null for the oldest.
    pub opened_after: Option<DateTime<Utc>>,
    /// How many.
    pub tickets: i64,
}

/// What it all comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Overview {
    /// Which days.
    pub period: ReportPeriod,
    /// By what it is divided.
    pub group_by: GroupBy,
    /// All of it.
    pub totals: Figures,
    /// As many days right before it.
    pub previous: Figures,
    /// How long first answers took.
    pub first_response: Spread,
    /// How long resolutions took.
    pub resolution: Spread,
    /// How many ratings of each number of points, 1 to 5.
    pub ratings: Vec<RatingCount>,
    /// Tickets that wait for somebody now.
    pub backlog: i64,
    /// The same by age, the newest first: up to 1, 3, 7, 30 days, and more.
    pub backlog_ages: Vec<BacklogAge>,
    /// Its parts.
    pub groups: Vec<ReportGroup>,
}

const TIMES: [GroupBy; 3] = [GroupBy::Day, GroupBy::Week, GroupBy::Month];
const PEOPLE: [GroupBy; 2] = [GroupBy::Agent, GroupBy::Team];
const ALL: [GroupBy; 8] =
    [GroupBy::Priority, GroupBy::Category, GroupBy::Agent, GroupBy::Team, GroupBy::Channel, GroupBy::Day, GroupBy::Week, GroupBy::Month];
const NO_AGENTS: [GroupBy; 7] =
    [GroupBy::Day, GroupBy::Week, GroupBy::Month, GroupBy::Priority, GroupBy::Category, GroupBy::Channel, GroupBy::Team];

/// Shows what came, what was done, how fast, how well it was liked, and what is left. Divided by `day`, `week` or `month`; by
/// `day` unless told.
#[utoipa::path(get, path = "/api/v1/reports/overview", tag = "reports", params(Wanted), responses((status = 200, body = Overview)))]
pub(super) async fn show_overview(session: Session, State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Overview>> {
    let (mut db, asked) = begin(&session, &app, &wanted, &TIMES).await?;
    let counted = reading::counted(&mut db, asked.period, None, true).await?;
    let report = asked.report(&mut db, &counted).await?;
    let spread = |kind| counted.values.get(&kind).map_or_else(|| Spread::of(&BTreeMap::new()), Spread::of);
    let points = |rating| counted.values.get(&Kind::Rated).and_then(|points| points.get(&rating)).copied().unwrap_or_default();
    let ages = ages(&mut db, app.clock.now()).await?;
    Ok(Json(Overview {
        period: report.period,
        group_by: report.group_by,
        totals: report.totals,
        previous: report.previous,
        first_response: spread(Kind::Answered),
        resolution: spread(Kind::Resolved),
        ratings: (1..=5).map(|rating| RatingCount { rating, answers: points(rating) }).collect(),
        backlog: ages.iter().map(|age| age.tickets).sum(),
        backlog_ages: ages,
        groups: report.groups,
    }))
}

/// Shows which promises were kept and which were missed. Divided by `priority` (unless told), `category`, `agent`, `team`,
/// `channel`, `day`, `week` or `month`.
#[utoipa::path(get, path = "/api/v1/reports/sla", tag = "reports", params(Wanted), responses((status = 200, body = Report)))]
pub(super) async fn show_sla_report(session: Session, State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Report>> {
    show(&session, &app, &wanted, &ALL).await
}

/// Shows what each agent has done, and what waits for them. Divided by `agent` (unless told) or `team`.
#[utoipa::path(get, path = "/api/v1/reports/agents", tag = "reports", params(Wanted), responses((status = 200, body = Report)))]
pub(super) async fn show_agents_report(session: Session, State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Report>> {
    show(&session, &app, &wanted, &PEOPLE).await.map(|Json(mut report)| {
        // What nobody answers for says nothing of anybody.
        report.groups.retain(|group| group.key.is_some() || report.group_by != GroupBy::Agent);
        Json(report)
    })
}

/// Shows how many tickets came and went, and how many were left at the end of each part. Divided by `day` (unless told), `week`,
/// `month`, `priority`, `category`, `channel` or `team`.
#[utoipa::path(get, path = "/api/v1/reports/volume", tag = "reports", params(Wanted), responses((status = 200, body = Report)))]
pub(super) async fn show_volume_report(session: Session, State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Report>> {
    show(&session, &app, &wanted, &NO_AGENTS).await
}

async fn show(session: &Session, app: &App, wanted: &Wanted, ways: &[GroupBy]) -> Result<Json<Report>> {
    let (mut db, asked) = begin(session, app, wanted, ways).await?;
    let counted = reading::counted(&mut db, asked.period, asked.group_by.dimension(), false).await?;
    asked.report(&mut db, &counted).await.map(Json)
}

/// `403` for whoever does not see all that is counted.
pub(super) fn may_see(session: &Session) -> Result<()> {
    session.may(Permission::SeeReports)?;
    if session.viewer() == Viewer::Everything { Ok(()) } else { Err(Error::Forbidden("forbidden")) }
}

/// The days that somebody asks for, by the organisation's clock.
pub(super) async fn period(db: &mut PgConnection, days: (Option<Day>, Option<Day>), now: DateTime<Utc>) -> Result<(Period, Tz)> {
    let zone = settings::zone(db).await?;
    let period = Period::asked(days, zone, now).map_err(|(field, code, why)| Error::field(field, code, why))?;
    Ok((period, zone))
}

/// What is asked for, as it may be asked.
struct Asked {
    period: Period,
    zone: Tz,
    group_by: GroupBy,
}

/// Refuses whoever may not ask, and what cannot be asked. The first of the ways is taken unless another is told.
async fn begin(session: &Session, app: &App, wanted: &Wanted, ways: &[GroupBy]) -> Result<(Connection, Asked)> {
    may_see(session)?;
    let group_by = wanted.group_by.unwrap_or(ways[0]);
    if !ways.contains(&group_by) {
        return Err(Error::field("group_by", "unknown_value", "This report is not divided so."));
    }
    let mut db = session.read().await?;
    let (period, zone) = period(&mut db, (wanted.from, wanted.to), app.clock.now()).await?;
    Ok((db, Asked { period, zone, group_by }))
}

impl Asked {
    async fn report(&self, db: &mut PgConnection, counted: &Counted) -> Result<Report> {
        let is_complete = reading::is_complete(&mut *db, self.zone.name()).await?;
        let groups = match self.group_by.dimension() {
            None => self.parts(counted),
            Some(dimension) => self.groups(db, dimension, &counted.groups).await?,
        };
        Ok(Report {
            period: ReportPeriod { from: self.period.from, to: self.period.to, time_zone: self.zone.name(), is_complete },
            group_by: self.group_by,
            totals: Figures::from(&within(counted, self.period)),
            previous: Figures::from(&within(counted, self.period.before())),
            groups,
        })
    }

    /// The parts of the time, each with what was left at its end.
    fn parts(&self, counted: &Counted) -> Vec<ReportGroup> {
        let mut backlog = counted.before.growth() + within(counted, self.period.before()).growth();
        let parts = self.period.parts(self.group_by).into_iter().map(|part| {
            let tally = within(counted, part);
            backlog += tally.growth();
            let key = match self.group_by {
                GroupBy::Month => part.from.format("%Y-%m").to_string(),
                _ => part.from.to_string(),
            };
            ReportGroup {
                key: Some(key),
                label: None,
                from: part.from,
                to: part.to,
                figures: Figures::from(&tally),
                backlog: Some(backlog),
                open_tickets: None,
            }
        });
        parts.collect()
    }

    async fn groups(&self, db: &mut PgConnection, dimension: Dimension, tallies: &BTreeMap<String, Tally>) -> Result<Vec<ReportGroup>> {
        let mut groups: Vec<ReportGroup> = tallies.iter().map(|(key, tally)| self.group(key, tally)).collect();
        let ids: Vec<i64> = groups.iter().filter_map(|group| group.key.as_deref()?.parse().ok()).collect();
        match dimension {
            Dimension::Agent => self.name_agents(db, &mut groups, &ids).await?,
            Dimension::Team => name(&mut groups, &reading::names_of_teams(db, &ids).await?),
            _ => {}
        }
        let name = |group: &ReportGroup| (group.key.is_none(), group.label.clone().or_else(|| group.key.clone()));
        match dimension {
            Dimension::Agent => groups.sort_by_key(|group| (std::cmp::Reverse(group.figures.resolved), name(group))),
            Dimension::Priority => groups.sort_by_key(|group| std::cmp::Reverse(group.key.as_deref().and_then(Priority::parse))),
            _ => groups.sort_by_key(name),
        }
        Ok(groups)
    }

    fn group(&self, key: &str, tally: &Tally) -> ReportGroup {
        ReportGroup {
            key: Some(key.to_owned()).filter(|key| !key.is_empty()),
            label: None,
            from: self.period.from,
            to: self.period.to,
            figures: Figures::from(tally),
            backlog: None,
            open_tickets: None,
        }
    }

    /// Names agents, with what waits for them; whoever works here and has done nothing yet stands there, too.
    async fn name_agents(&self, db: &mut PgConnection, groups: &mut Vec<ReportGroup>, ids: &[i64]) -> Result<()> {
        for worker in reading::workers(db, ids).await? {
            let key = worker.id.to_string();
            let known = groups.iter().position(|group| group.key.as_ref() == Some(&key));
            let at = known.unwrap_or_else(|| {
                groups.push(self.group(&key, &Tally::default()));
                groups.len() - 1
            });
            (groups[at].label, groups[at].open_tickets) = (Some(worker.name), Some(worker.open_tickets));
        }
        Ok(())
    }
}

fn name(groups: &mut [ReportGroup], names: &BTreeMap<i64, String>) {
    for group in groups {
        group.label = group.key.as_deref().and_then(|key| names.get(&key.parse().ok()?)).cloned();
    }
}

/// All that was counted in some days.
fn within(counted: &Counted, period: Period) -> Tally {
    let mut sum = Tally::default();
    counted.days.range(period.from..=period.to).for_each(|(_, tally)| sum.join(tally));
    sum
}

/// What waits for somebody, by age.
async fn ages(db: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<BacklogAge>> {
    let times = [1, 3, 7, 30].map(|days| now - TimeDelta::days(days));
    let counts = reading::open_since(db, times).await?;
    let before = [None].into_iter().chain(times.map(Some));
    let after = times.map(Some).into_iter().chain([None]);
    let ages = before.zip(after).zip(counts);
    Ok(ages.map(|((opened_before, opened_after), tickets)| BacklogAge { opened_before, opened_after, tickets }).collect())
}
