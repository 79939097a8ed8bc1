//! What a question about tickets is narrowed to, on `support_tickets t`: what the reader may see, what the tickets must
//! be, which words they must hold. Columns and operators are of closed lists; what was asked is always bound.

use sqlx::{Postgres, QueryBuilder};

use super::super::{
    model::Priority,
    status::Status,
    syntax::{Condition, Search, Time, Whom},
    visibility::Viewer,
};
use crate::people::literal;

type Query = QueryBuilder<Postgres>;

/// What `viewer` may see: the one predicate.
pub fn push_visible(query: &mut Query, viewer: Viewer) {
    let (predicate, id) = viewer.predicate();
    for (n, part) in predicate.split("{}").enumerate() {
        if let Some(id) = id.filter(|_| n > 0) {
            query.push_bind(id);
        }
        query.push(part);
    }
}

/// What the tickets must be, each condition after an `and`.
pub fn push_conditions(query: &mut Query, conditions: &[Condition]) {
    for condition in conditions {
        match condition {
            Condition::Status(all) => push_any_of(query, "t.status", &words(all, Status::as_str)),
            Condition::Priority(all) => push_any_of(query, "t.priority", &words(all, Priority::as_str)),
            Condition::Category(all) => push_any_of(query, "t.category", all),
            // Said twice, for the index holds only tickets with tags.
            Condition::Tag(tag) => _ = query.push(" and t.tags <> '{}' and t.tags @> array[").push_bind(tag.clone()).push("]"),
            Condition::Order(order) => _ = query.push(" and t.order_id = ").push_bind(order.clone()),
            Condition::Assignee(whom) => push_whom(query, "t.assigned_to", whom),
            Condition::Requester(whom) => push_whom(query, "t.user_id", whom),
            Condition::From(time, at) => _ = query.push(" and ").push(column(*time)).push(" >= ").push_bind(*at),
            Condition::Before(time, at) => _ = query.push(" and ").push(column(*time)).push(" < ").push_bind(*at),
        }
    }
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<String> {
    all.iter().map(|one| word(*one).to_owned()).collect()
}

fn column(time: Time) -> &'static str {
    match time {
        Time::Created => "t.created_at",
        Time::Updated => "t.updated_at",
    }
}

fn push_whom(query: &mut Query, column: &'static str, whom: &Whom) {
    query.push(" and ").push(column);
    match whom {
        Whom::Person(id) => query.push(" = ").push_bind(*id),
        Whom::Nobody => query.push(" is null"),
        Whom::Anybody => query.push(" is not null"),
        Whom::Named(name) => query
            .push(" in (select u.id from users u where u.firstname || ' ' || u.lastname || ' ' || u.email ilike ")
            .push_bind(format!("%{}%", literal(name)))
            .push(")"),
        // `Search::asked_by` has put the asker's id in its place; nobody else is them.
        Whom::Me => query.push(" is null and false"),
    };
}

/// Tickets with an entry that holds all the words, and none that holds a word that must not be there. Of notes and
/// tags a customer's search knows nothing, not even by what it leaves out.
pub(super) fn push_text(query: &mut Query, viewer: Viewer, search: &Search) {
    if search.has_text() {
        query.push(" and exists (select from search_entries e where e.ticket_id = t.id");
        push_words(query, viewer, search);
        query.push(")");
    }
    if search.leaves_out() {
        query.push(" and not exists (select from search_entries e where e.ticket_id = t.id");
        push_sight(query, viewer);
        query.push(" and ").push(vector(viewer)).push(" @@ ");
        push_query(query, (&search.without, &search.without_phrases), false);
        query.push(")");
    }
}

/// Entries `e` that `viewer` may find and that hold all the words.
pub fn push_words(query: &mut Query, viewer: Viewer, search: &Search) {
    push_sight(query, viewer);
    query.push(" and e.vector @@ ");
    push_query(query, (&search.words, &search.phrases), true);
    if !viewer.is_staff() {
        // The index has found them, by their tags maybe.
        query.push(" and ").push(vector(viewer)).push(" @@ ");
        push_query(query, (&search.words, &search.phrases), true);
    }
}

/// Entries `e` that hold no word that must not be there.
pub fn push_without(query: &mut Query, viewer: Viewer, search: &Search) {
    if search.leaves_out() {
        query.push(" and coalesce(not ").push(vector(viewer)).push(" @@ ");
        push_query(query, (&search.without, &search.without_phrases), false);
        query.push(", true)");
    }
}

/// Entries `e` that `viewer` may find at all.
pub fn push_sight(query: &mut Query, viewer: Viewer) {
    query.push(if viewer.is_staff() { "" } else { " and not e.is_internal" });
}

/// What of an entry `e` the viewer may find it by: for customers without tags.
pub fn vector(viewer: Viewer) -> &'static str {
    if viewer.is_staff() { "e.vector" } else { "ts_filter(e.vector, '{a,c}')" }
}

/// The words of a search as the database looks for them.
pub fn push_query(query: &mut Query, (words, phrases): (&[String], &[String]), together: bool) {
    query.push("search_query(").push_bind(words.to_vec()).push(", ").push_bind(phrases.to_vec()).push(", ");
    query.push_bind(together).push(")");
}

/// One value is compared, so that the index gives the order too; several are a set.
pub(super) fn push_any_of(query: &mut Query, column: &'static str, values: &[String]) {
    match values {
        [] => {}
        [one] => {
            query.push(" and ").push(column).push(" = ").push_bind(one.clone());
        }
        several => {
            query.push(" and ").push(column).push(" = any(").push_bind(several.to_vec()).push(")");
        }
    }
}
