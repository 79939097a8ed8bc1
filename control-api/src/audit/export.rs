//! `GET /api/v1/audit-logs/export`: the same rows as a file. It is written while it is read, page by
//! page: the memory it takes does not grow with it, and no transaction stays open.

use std::collections::VecDeque;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::{Stream, stream::try_unfold};
use serde::Deserialize;
use shared::{Result, act::Act, http::Query, page::Order, session::Role, spreadsheet::push_line};
use utoipa::{IntoParams, ToSchema};

use super::{
    model::{Entry, Filter, Outcome, Placed, Position},
    sources::Sources,
};
use crate::{
    api_keys::{AuditRead, Scoped},
    app::App,
    events::{Event, Whom},
};

const PAGE: i64 = 500;
const COLUMNS: [&str; 16] = [
    "id",
    "at",
    "plane",
    "actor_kind",
    "actor_id",
    "actor_name",
    "actor_role",
    "action",
    "resource",
    "outcome",
    "status",
    "code",
    "ip",
    "user_agent",
    "request_id",
    "changes",
];
/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A table with a line of names.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Which rows, and how they are written.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `csv` or `jsonl`.
    #[param(inline)]
    format: Format,
    /// Only what this person did, by their id.
    user: Option<i64>,
    /// Only this action.
    action: Option<String>,
    /// Only what this happened to.
    resource: Option<String>,
    /// Only from this moment on.
    from: Option<chrono::DateTime<chrono::Utc>>,
    /// Only before this moment.
    to: Option<chrono::DateTime<chrono::Utc>>,
    /// Only what was done, or only what was refused.
    #[param(inline)]
    outcome: Option<Outcome>,
}

/// All rows that fit, the newest first, as a file. The export stands in the trail itself.
#[utoipa::path(
    get,
    path = "/api/v1/audit-logs/export",
    tag = "audit",
    params(Which),
    responses((status = 200, content((String = "text/csv"), (String = "application/jsonl")))),
    security(("bearer" = []))
)]
pub async fn export_audit_logs(State(app): State<App>, session: Scoped<AuditRead>, Query(which): Query<Which>) -> Result<Response> {
    session.must_be(Role::Admin)?;
    let (user, from, outcome, now) = (which.user, which.from, which.outcome, app.clock.now());
    let asked = Filter { user, action: which.action, resource: which.resource, from, to: which.to, outcome };
    asked.check()?;
    let sources = Sources::for_export(&app, &session.tenant).await?;
    // A database that does not answer is told while there is still a status to tell it with.
    sources.page(&asked, (Order::Newest, None), 1).await?;
    let whom = Whom { tenant_id: session.tenant.id, user_id: session.member.user_id };
    let told = serde_json::to_value(&asked)?;
    let event = Event::AuditExported(whom, told);
    session.act(async |act: &mut Act| act.record(&event).await).await?;
    // What is written from now on, its own row too, is not part of it.
    let filter = Filter { to: Some(asked.to.map_or(now, |to| to.min(now))), ..asked };
    let (kind, name) = match which.format {
        Format::Csv => ("text/csv; charset=utf-8", "audit-log.csv"),
        Format::Jsonl => ("application/jsonl", "audit-log.jsonl"),
    };
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
    Ok((headers, Body::from_stream(written(sources, filter, which.format))).into_response())
}

/// The file, a page at a time. A failure in the middle breaks it off: nobody takes a part for the whole.
fn written(sources: Sources, filter: Filter, format: Format) -> impl Stream<Item = Result<Bytes>> + Send {
    let head = if format == Format::Csv { line(COLUMNS.map(str::to_owned)) } else { Ok(Vec::new()) };
    let begin = (sources, filter, None::<Position>, VecDeque::from([head]), false);
    try_unfold(begin, move |(sources, filter, after, mut ready, is_end)| async move {
        if let Some(head) = ready.pop_front() {
            return Ok(Some((Bytes::from(head?), (sources, filter, after, ready, is_end))));
        }
        if is_end {
            return Ok(None);
        }
        let rows = sources.page(&filter, (Order::Newest, after), PAGE).await?;
        let (is_end, last) = ((rows.len() as i64) < PAGE, rows.last().map(Placed::position));
        let mut page = Vec::new();
        for entry in sources.named(rows).await? {
            page.extend(match format {
                Format::Csv => line(cells(&entry))?,
                Format::Jsonl => [serde_json::to_vec(&entry)?, b"\n".to_vec()].concat(),
            });
        }
        Ok(Some((Bytes::from(page), (sources, filter, last.or(after), ready, is_end))))
    })
}

fn line(cells: [String; 16]) -> Result<Vec<u8>> {
    let mut line = Vec::new();
    push_line(&mut line, cells.iter().map(String::as_str))?;
    Ok(line)
}

fn cells(entry: &Entry) -> [String; 16] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        entry.id.clone(),
        entry.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        entry.id.split('-').next().unwrap_or_default().to_owned(),
        entry.actor.kind.clone(),
        entry.actor.id.map(|id| id.to_string()).unwrap_or_default(),
        text(&entry.actor.name),
        text(&entry.actor.role),
        entry.action.clone(),
        entry.resource.clone(),
        entry.outcome.as_str().to_owned(),
        entry.status.map(|status| status.to_string()).unwrap_or_default(),
        text(&entry.code),
        text(&entry.ip),
        text(&entry.user_agent),
        text(&entry.request_id),
        entry.changes.to_string(),
    ]
}
