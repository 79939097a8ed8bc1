//! Reading tickets on somebody's behalf. Everything here goes through the reader's [`Viewer`].

use chrono::{DateTime, Utc};
use shared::{Error, Result, db::Lent, error::too_broad, page::Rows};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::super::{
    list::{Filter, Key, Order},
    model::{Ticket, TicketRef},
    visibility::Viewer,
};
use super::{
    merges::name_others,
    narrow::{push_any_of, push_conditions, push_text, push_visible},
    row::{Row, select},
};

pub(super) type Query = QueryBuilder<Postgres>;

fn push_named(query: &mut Query, ticket: &TicketRef) {
    match ticket {
        TicketRef::Id(id) => query.push("t.id = ").push_bind(*id),
        TicketRef::Number(number) => query.push("t.ticket_number = ").push_bind(number.clone()),
    };
    query.push(" and ");
}

/// The ticket, if `viewer` sees it.
pub(in crate::tickets) async fn find(db: &mut impl Lent, viewer: Viewer, ticket: &TicketRef, now: DateTime<Utc>) -> Result<Ticket> {
    fetch(db, viewer, ticket, "", now).await
}

/// The same without its sealed values, for somebody who asks for other things: who sees it, and where it stands.
pub(in crate::tickets) async fn glance(db: &mut PgConnection, viewer: Viewer, ticket: &TicketRef, now: DateTime<Utc>) -> Result<Ticket> {
    let row = row(&mut *db, viewer, ticket, "").await?.ok_or(Error::NotFound("not_found"))?;
    let mut ticket = row.shown_to(viewer, now);
    name_others(db, viewer, std::slice::from_mut(&mut ticket)).await?;
    Ok(ticket)
}

/// The ticket, if `viewer` sees it, and nobody else changes it before the act ends (T-8).
pub(in crate::tickets) async fn lock(db: &mut impl Lent, viewer: Viewer, ticket: &TicketRef, now: DateTime<Utc>) -> Result<Ticket> {
    fetch(db, viewer, ticket, " for update of t", now).await
}

async fn fetch(db: &mut impl Lent, viewer: Viewer, ticket: &TicketRef, lock: &'static str, now: DateTime<Utc>) -> Result<Ticket> {
    let row = row(db.db(), viewer, ticket, lock).await?.ok_or(Error::NotFound("not_found"))?;
    let mut ticket = row.opened(&*db).shown_to(viewer, now);
    name_others(db.db(), viewer, std::slice::from_mut(&mut ticket)).await?;
    Ok(ticket)
}

async fn row(db: &mut PgConnection, viewer: Viewer, ticket: &TicketRef, lock: &'static str) -> Result<Option<Row>> {
    let mut query = select(viewer);
    push_named(&mut query, ticket);
    push_visible(&mut query, viewer);
    query.push(lock);
    Ok(query.build_query_as().fetch_optional(db).await?)
}

/// The ticket without its sealed values, and since when it has its status, for the system itself. `skip locked`: a ticket that
/// somebody is changing just now is left to them, and of two timers one takes it.
pub(in crate::tickets) async fn lock_free(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<Option<(Ticket, DateTime<Utc>)>> {
    let everything = Viewer::Everything;
    let found = row(db, everything, &TicketRef::Id(id), " for update of t skip locked").await?;
    Ok(found.map(|row| (row.status_since(), row)).map(|(since, row)| (row.shown_to(everything, now), since)))
}

/// One page of what `viewer` sees, in `order`, after `after`: so many, or fewer of long ones.
pub(in crate::tickets) async fn list(
    db: &mut impl Lent,
    viewer: Viewer,
    filter: &Filter,
    order: Order,
    (after, limit): (Option<&Key>, i64),
    now: DateTime<Utc>,
) -> Result<Rows<Ticket>> {
    let mut query = select(viewer);
    push_filter(&mut query, viewer, filter);
    if let Some(key) = after {
        let compare = if order.descending { " < (" } else { " > (" };
        query.push(" and (").push(order.column()).push(", t.id)").push(compare).push_bind(key.at).push(", ").push_bind(key.id).push(")");
    }
    let direction = if order.descending { " desc" } else { " asc" };
    // A number of ours, so it stands in the text: a plan for all numbers would be one for a tenth of all tickets.
    query.push(" order by ").push(order.column()).push(direction).push(", t.id").push(direction).push(" limit ").push(limit);
    let rows = query.build_query_as::<Row>().fetch(db.db());
    let rows = Rows::within(rows, Row::bytes).await.map_err(broken_off(filter))?;
    let mut tickets = rows.map(|row| row.opened(&*db).shown_to(viewer, now));
    name_others(db.db(), viewer, tickets.as_mut_slice()).await?;
    Ok(tickets)
}

/// Where words are looked for, it is they that take too long; elsewhere it is the server.
pub(super) fn broken_off(filter: &Filter) -> impl FnOnce(sqlx::Error) -> Error {
    let words_in = filter.words_in();
    move |error| match words_in {
        Some(parameter) => too_broad(parameter)(error),
        None => error.into(),
    }
}

pub(super) fn push_filter(query: &mut Query, viewer: Viewer, filter: &Filter) {
    push_visible(query, viewer);
    push_narrowed(query, viewer, filter);
    if let Some(view) = &filter.view {
        push_narrowed(query, viewer, view);
    }
}

fn push_narrowed(query: &mut Query, viewer: Viewer, filter: &Filter) {
    push_words_of(query, "t.status", &filter.status);
    push_any_of(query, "t.priority", &filter.priority);
    push_any_of(query, "t.category", &filter.category);
    if let Some(assignee) = filter.assigned_to {
        match assignee {
            Some(id) => query.push(" and t.assigned_to = ").push_bind(id),
            None => query.push(" and t.assigned_to is null"),
        };
    }
    if let Some(team) = filter.team {
        match team {
            Some(id) => query.push(" and t.team_id = ").push_bind(id),
            None => query.push(" and t.team_id is null"),
        };
    }
    if let Some(id) = filter.user_id {
        query.push(" and t.user_id = ").push_bind(id);
    }
    push_words_of(query, "t.sla_state", &filter.sla);
    if let Some(order) = &filter.order_id {
        query.push(" and t.order_id = ").push_bind(order.clone());
    }
    if let Some(from) = filter.created_from {
        query.push(" and t.created_at >= ").push_bind(from);
    }
    if let Some(to) = filter.created_to {
        query.push(" and t.created_at < ").push_bind(to);
    }
    push_desk(query, filter);
    push_conditions(query, &filter.search.conditions);
    push_text(query, viewer, &filter.search);
}

/// What is said twice lets the indexes of a part of the tickets be used.
fn push_desk(query: &mut Query, filter: &Filter) {
    if !filter.tag.is_empty() {
        query.push(" and t.tags <> '{}' and t.tags && ").push_bind(filter.tag.clone());
    }
    push_any_of(query, "t.channel", &filter.channel);
    if !filter.channel.is_empty() && filter.channel.iter().all(|channel| channel != "web") {
        query.push(" and t.channel <> 'web'");
    }
    if let Some(snoozed) = filter.snoozed {
        query.push(if snoozed { " and t.snoozed_until is not null" } else { " and t.snoozed_until is null" });
    }
}

/// Words of ours, so they stand in the text: only so can a plan for all values use an index of such tickets alone.
fn push_words_of(query: &mut Query, column: &'static str, words: &[&'static str]) {
    if !words.is_empty() {
        query.push(" and ").push(column).push(" in ('").push(words.join("', '")).push("')");
    }
}
