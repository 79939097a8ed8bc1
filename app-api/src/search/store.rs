//! The tables `search_entries` and `search_backfill`. Whatever is read on somebody's behalf goes through their
//! `Viewer`, in the same statement that finds it.

mod backfill;

use chrono::{DateTime, TimeDelta, Utc};
use shared::{Result, error::too_broad};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

pub(super) use backfill::{begin, index_messages, index_tickets, remember};

use super::model::{Kinds, Place, likeness};
use crate::{
    people::PersonId,
    tickets::{Search, Viewer, push_conditions, push_query, push_sight, push_visible, push_without, push_words, vector},
};

/// So many of the newest that hold the words are ranked, of all that there are.
const RANKED: i64 = 500;
/// So many of the newest with a similar subject or number.
const SIMILAR: i64 = 100;
/// So many days back they are looked for at first, then further back, and at last everywhere: only until there are enough. Each
/// of them is compared letter by letter, and some words are like very many.
const BACK: [Option<i64>; 3] = [Some(10), Some(100), None];
/// After so many days something counts half as much.
const HALF_LIFE: f64 = 90.0;

type Query = QueryBuilder<Postgres>;

/// What is asked.
pub(super) struct Question<'a> {
    pub viewer: Viewer,
    pub search: &'a Search,
    pub kinds: Kinds,
    /// The part of a number that is looked for.
    pub number: Option<&'a str>,
    /// Words that may be misspelled; empty where similar ones do not count.
    pub similar: &'a [String],
    /// What came later is not in the list.
    pub begun: DateTime<Utc>,
}

/// Something that was found.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub ticket_id: i64,
    pub message_id: i64,
    pub is_internal: bool,
    pub at: DateTime<Utc>,
    /// In millionths.
    pub score: i64,
    pub ticket_number: String,
    pub subject: String,
    pub status: String,
    pub priority: String,
    pub user_id: PersonId,
    pub firstname: String,
    pub lastname: String,
    pub assigned_to: Option<PersonId>,
    pub updated_at: DateTime<Utc>,
    pub tags: Vec<String>,
    /// The description or the message.
    pub text: String,
}

/// What fits best, after `after`.
pub(super) async fn find(db: &mut PgConnection, asked: &Question<'_>, after: Option<&Place>, limit: i64) -> Result<Vec<Row>> {
    if !asked.similar.is_empty() {
        let threshold = sqlx::query("select set_config('pg_trgm.word_similarity_threshold', $1, true)");
        threshold.bind(likeness(asked.similar).to_string()).execute(&mut *db).await?;
    }
    let mut query = found(asked);
    query.push(
        " select f.*, t.ticket_number, t.subject, t.status, t.priority, t.user_id, r.firstname, r.lastname, t.assigned_to, t.updated_at,
            t.tags, coalesce(m.message, t.description) as text
          from (select * from found where true",
    );
    if let Some(place) = after {
        query.push(" and (score, ticket_id, message_id) < (").push_bind(place.score).push(", ").push_bind(place.ticket_id);
        query.push(", ").push_bind(place.message_id).push(")");
    }
    query.push(" order by score desc, ticket_id desc, message_id desc limit ").push_bind(limit);
    query.push(
        ") f
          join support_tickets t on t.id = f.ticket_id
          join users r on r.id = t.user_id
          left join ticket_messages m on m.id = f.message_id and f.message_id > 0
          order by f.score desc, f.ticket_id desc, f.message_id desc",
    );
    query.build_query_as().fetch_all(db).await.map_err(too_broad("q"))
}

/// How many there are, of those that are looked at.
pub(super) async fn count(db: &mut PgConnection, asked: &Question<'_>) -> Result<i64> {
    let mut query = found(asked);
    query.push(" select count(*) from found");
    query.build_query_scalar().fetch_one(db).await.map_err(too_broad("q"))
}

/// `found`: each entry once, with its best score.
fn found(asked: &Question<'_>) -> Query {
    let mut query = Query::new("with found as (select ticket_id, message_id, is_internal, at, max(score) as score from (");
    push_ranked(&mut query, asked);
    if let Some(number) = asked.number {
        query.push(" union all ");
        push_numbered(&mut query, asked, number);
    }
    if !asked.similar.is_empty() {
        query.push(" union all ");
        push_similar(&mut query, asked);
    }
    query.push(") every group by ticket_id, message_id, is_internal, at)");
    query
}

/// The newest that hold the words, by how well they do; without words the newest tickets.
fn push_ranked(query: &mut Query, asked: &Question<'_>) {
    query.push("(select ticket_id, message_id, is_internal, at, (1000000 * (1 + ");
    if asked.search.has_text() {
        // The longer the text, the less a word in it says; at most 1.
        query.push("ts_rank_cd('{0.1, 0.3, 0.6, 1}', vector, ");
        push_query(query, (&asked.search.words, &asked.search.phrases), true);
        query.push(", 1 | 32) * ");
    }
    push_recency(query, asked);
    query.push("))::bigint as score from (select e.ticket_id, e.message_id, e.is_internal, e.at, ");
    query.push(vector(asked.viewer)).push(" as vector");
    push_entries(query, asked);
    if asked.search.has_text() {
        push_words(query, asked.viewer, asked.search);
        push_kinds(query, asked.kinds);
    } else {
        push_sight(query, asked.viewer);
        query.push(if asked.kinds.tickets { " and e.message_id = 0" } else { " and false" });
    }
    push_without(query, asked.viewer, asked.search);
    query.push(" order by e.at desc, e.ticket_id desc, e.message_id desc limit ").push_bind(RANKED).push(") newest)");
}

/// Tickets whose number it is, or a part of it.
fn push_numbered(query: &mut Query, asked: &Question<'_>, number: &str) {
    query.push("(select e.ticket_id, e.message_id, e.is_internal, e.at, (1000000 * (case when t.ticket_number = ");
    query.push_bind(format!("TKT-{number}")).push(" then 3 else 2 end + ");
    push_recency(query, asked);
    query.push(" / 2))::bigint as score");
    push_entries(query, asked);
    query.push(" and e.message_id = 0 and e.words like ").push_bind(format!("%{}%", number.to_ascii_lowercase()));
    query.push(" and t.ticket_number like ").push_bind(format!("%{number}%"));
    query.push(if asked.kinds.tickets { "" } else { " and false" });
    push_without(query, asked.viewer, asked.search);
    query.push(" order by e.at desc limit ").push_bind(SIMILAR).push(")");
}

/// Tickets whose number or subject has words like these.
fn push_similar(query: &mut Query, asked: &Question<'_>) {
    query.push("(");
    for span in 0..BACK.len() {
        query.push(if span == 0 { "with " } else { ", " });
        push_span(query, asked, span);
    }
    query.push(" select ticket_id, message_id, is_internal, at, (999999 * (");
    for (n, word) in asked.similar.iter().enumerate() {
        query.push(if n == 0 { "" } else { " + " });
        query.push("word_similarity(search_plain(").push_bind(word.clone()).push("), words)");
    }
    query.push(") / ").push_bind(asked.similar.len() as f64).push(")::bigint as score from (");
    for span in 0..BACK.len() {
        query.push(if span == 0 { "" } else { " union all " }).push("select * from span_").push(span);
    }
    query.push(" order by at desc limit ").push_bind(SIMILAR).push(") spans)");
}

/// Those of one span, where the newer spans have not enough.
fn push_span(query: &mut Query, asked: &Question<'_>, span: usize) {
    let ago = |days: i64| asked.begun - TimeDelta::days(days);
    query.push("span_").push(span).push(" as materialized (select e.ticket_id, e.message_id, e.is_internal, e.at, e.words");
    push_entries(query, asked);
    query.push(" and e.message_id = 0 and e.words is not null");
    if let Some(days) = BACK[span] {
        query.push(" and e.at > ").push_bind(ago(days));
    }
    if let Some(days) = BACK[..span].last().copied().flatten() {
        query.push(" and e.at <= ").push_bind(ago(days)).push(" and ");
        for newer in 0..span {
            query.push("(select count(*) from span_").push(newer).push(if newer + 1 == span { ") < " } else { ") + " });
        }
        query.push_bind(SIMILAR);
    }
    for word in asked.similar {
        query.push(" and e.words %> search_plain(").push_bind(word.clone()).push(")");
    }
    query.push(if asked.kinds.tickets { "" } else { " and false" });
    push_without(query, asked.viewer, asked.search);
    query.push(" order by e.at desc limit ").push_bind(SIMILAR).push(")");
}

/// 1 for what was just written, less for what is older.
fn push_recency(query: &mut Query, asked: &Question<'_>) {
    query.push("(1 / (1 + greatest(extract(epoch from ").push_bind(asked.begun).push(" - at), 0)::float8 / ");
    query.push_bind(HALF_LIFE * 86_400.0).push("))");
}

/// Entries of the tickets that the reader sees and that are what they must be.
fn push_entries(query: &mut Query, asked: &Question<'_>) {
    query.push(" from search_entries e join support_tickets t on t.id = e.ticket_id where ");
    push_visible(query, asked.viewer);
    push_conditions(query, &asked.search.conditions);
    query.push(" and e.at <= ").push_bind(asked.begun);
}

fn push_kinds(query: &mut Query, kinds: Kinds) {
    query.push(match (kinds.tickets, kinds.messages) {
        (true, true) => "",
        (true, false) => " and e.message_id = 0",
        (false, _) => " and e.message_id > 0",
    });
}

/// Of `words`, as they stand in what was found, those that were looked for: in another form, or as alike
/// as `likeness` says. A page has a thousand words: they are made plain all at once, and only those are stemmed that begin
/// like one that was looked for, for stems keep the first letter.
pub(super) async fn marked(db: &mut PgConnection, words: &[String], wanted: &[String], likeness: Option<f32>) -> Result<Vec<String>> {
    let marked = sqlx::query_scalar!(
        r#"with told as (
            select array(
                select word from unnest($2::text[]) as word where not search_is_filler(word)
            ) as words
         ), wanted as materialized (
            select search_plain(word) as plain, search_forms(word) as forms
            from told, unnest(case when told.words = '{}' then $2::text[] else told.words end) as word
         ), said as materialized (
            select word, plain
            from unnest($1::text[], string_to_array(search_plain(array_to_string($1::text[], E'\n')), E'\n')) as pairs (word, plain)
         )
         select s.word as "word!"
         from said s
         where exists (
            select from wanted w
            where left(s.plain, 1) = left(w.plain, 1) and search_forms(s.word) && w.forms
                or $3::real is not null and word_similarity(w.plain, s.plain) >= $3
         )"#,
        words,
        wanted,
        likeness,
    );
    marked.fetch_all(db).await.map_err(too_broad("q"))
}
