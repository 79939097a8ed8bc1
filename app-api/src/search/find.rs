//! `GET /api/v1/search`: what fits best, of what the reader sees.

use std::collections::HashSet;

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    http::{Json, Query},
    page::{Limit, Page, Rows},
};
use sqlx::PgConnection;
use utoipa::IntoParams;

use super::{
    highlight,
    model::{FoundTicket, Highlight, Hit, Kind, Kinds, Place, Requester, likeness, number_in, spelled},
    store::{self, Question, Row},
};
use crate::{
    app::App,
    permissions::Permission,
    session::Session,
    tickets::{Priority, Search, Status},
};

/// Where fewer are found, similar words count too.
const FEW: usize = 5;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Words, `"exact words"`, `-without`, and conditions: `status:open,in_progress`, `priority:high`, `category:billing`,
    /// `tag:vip`, `order:A-1`, `assignee:me`, `requester:chloe`, `is:unassigned`, `created>=2026-01-01`, `updated:2026-01-31`.
    /// Without words: the newest tickets.
    #[param(value_type = Option<String>, max_length = 500)]
    #[serde(default)]
    q: Search,
    /// `ticket`, `message` or both, separated by a comma; both unless told.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    kind: Kinds,
    /// How many, 1 to 100; 50 unless told.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where the previous page ended.
    cursor: Option<String>,
    /// Adds `page.total`, which counts as far as to 500.
    #[serde(default)]
    count: bool,
}

/// Searches tickets and messages; the best comes first. Of notes and tags customers find nothing. Where little is found,
/// tickets with a similar word in their subject come last. `422 too_broad` when the search would take too long.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(Asked), responses((status = 200, body = Page<Hit>)))]
pub(super) async fn search(session: Session, State(app): State<App>, Query(asked): Query<Asked>) -> Result<Json<Page<Hit>>> {
    session.may(Permission::ReadTickets)?;
    let viewer = session.viewer();
    let search = asked.q.asked_by(session.person.id, viewer).map_err(|wrong| wrong.of("q"))?;
    let list = format!("search:{}:{viewer:?}:{}:{}", session.tenant.id, serde_json::to_string(&asked.kind)?, search);
    let after = asked.cursor.as_deref().map(|cursor| app.cursors.open::<Place>(&list, cursor)).transpose()?;
    let (number, words) = (number_in(&search), spelled(&search));
    let mut question = Question {
        viewer,
        search: &search,
        kinds: asked.kind,
        number: number.as_deref(),
        similar: if after.is_some_and(|place| place.is_loose) { words.as_slice() } else { &[] },
        begun: after.map_or_else(|| app.clock.now(), |place| place.begun),
    };
    let mut db = session.ask().await?;
    let mut rows = store::find(&mut db, &question, after.as_ref(), asked.limit.probe()).await?;
    if after.is_none() && rows.len() < FEW && !words.is_empty() {
        question.similar = &words;
        rows = store::find(&mut db, &question, None, asked.limit.probe()).await?;
    }
    let place = |row: &Row| Place {
        begun: question.begun,
        is_loose: !question.similar.is_empty(),
        score: row.score,
        ticket_id: row.ticket_id,
        message_id: row.message_id,
    };
    let found = Page::cut(Rows::all(rows), asked.limit, &app.cursors, &list, place)?;
    let total = if asked.count { Some(store::count(&mut db, &question).await?) } else { None };
    let mut page = found.page;
    page.total = total;
    Ok(Json(Page { data: shown(&mut db, &question, found.data).await?, page }))
}

/// The rows as the reader may know them, with the words marked.
async fn shown(db: &mut PgConnection, asked: &Question<'_>, rows: Vec<Row>) -> Result<Vec<Hit>> {
    let wanted = highlight::words(asked.search.words.iter().chain(&asked.search.phrases).map(String::as_str));
    let marked = if wanted.is_empty() || rows.is_empty() {
        HashSet::new()
    } else {
        let texts = rows.iter().flat_map(|row| [row.subject.as_str(), row.ticket_number.as_str(), row.text.as_str()]);
        let words = highlight::words(texts.chain(rows.iter().flat_map(|row| row.tags.iter().map(String::as_str))));
        let likeness = (!asked.similar.is_empty()).then(|| likeness(asked.similar));
        store::marked(db, &words, &wanted, likeness).await?.into_iter().collect()
    };
    rows.into_iter().map(|row| hit(row, asked, &marked)).collect()
}

fn hit(row: Row, asked: &Question<'_>, marked: &HashSet<String>) -> Result<Hit> {
    let broken = || Error::internal(anyhow::anyhow!("ticket {} holds a word that is none", row.ticket_id));
    let status = Status::parse(&row.status).ok_or_else(broken)?;
    let priority = Priority::parse(&row.priority).ok_or_else(broken)?;
    let is_message = row.message_id > 0;
    let highlights = if is_message { vec![said(&row, marked)] } else { told(&row, asked, marked) };
    Ok(Hit {
        kind: if is_message { Kind::Message } else { Kind::Ticket },
        ticket: FoundTicket {
            id: row.ticket_id,
            ticket_number: row.ticket_number,
            subject: row.subject,
            status,
            priority,
            requester: Requester { id: row.user_id, firstname: row.firstname, lastname: row.lastname },
            assigned_to: row.assigned_to,
            updated_at: row.updated_at,
        },
        message_id: is_message.then_some(row.message_id),
        is_internal: is_message.then_some(row.is_internal),
        highlights,
        score: row.score as f64 / 1e6,
        at: row.at,
    })
}

/// Of a message something is always shown.
fn said(row: &Row, marked: &HashSet<String>) -> Highlight {
    Highlight { field: "message", html: highlight::part(&row.text, marked).unwrap_or_else(|| highlight::beginning(&row.text)) }
}

/// Where the words stand in a ticket; its tags are not a customer's to know.
fn told(row: &Row, asked: &Question<'_>, marked: &HashSet<String>) -> Vec<Highlight> {
    let number = asked.number.and_then(|part| highlight::with_part(&row.ticket_number, part));
    let tags = if asked.viewer.is_staff() { highlight::whole(&row.tags.join(", "), marked) } else { None };
    let fields = [
        ("ticket_number", number.or_else(|| highlight::whole(&row.ticket_number, marked))),
        ("subject", highlight::whole(&row.subject, marked)),
        ("tags", tags),
        ("description", highlight::part(&row.text, marked)),
    ];
    fields.into_iter().filter_map(|(field, html)| Some(Highlight { field, html: html? })).collect()
}
