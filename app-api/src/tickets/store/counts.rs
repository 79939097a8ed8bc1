//! How many tickets there are, and how often they have a tag, as far as somebody sees them.

use std::time::Duration;

use shared::{Result, error::was_too_long};
use sqlx::PgConnection;

use super::super::{list::Filter, visibility::Viewer};
use super::{
    narrow::push_visible,
    read::{Query, broken_off, push_filter},
};

/// How many `viewer` sees in all.
pub(in crate::tickets) async fn count(db: &mut PgConnection, viewer: Viewer, filter: &Filter) -> Result<i64> {
    let mut query = Query::new("select count(*) from support_tickets t where ");
    push_filter(&mut query, viewer, filter);
    query.build_query_scalar().fetch_one(db).await.map_err(broken_off(filter))
}

/// How many `viewer` sees of each of these, in their order and in one question; none is counted beyond `most`.
pub(in crate::tickets) async fn count_each(db: &mut PgConnection, viewer: Viewer, filters: &[&Filter], most: i64) -> Result<Vec<i64>> {
    let mut query = Query::new("");
    for (n, filter) in filters.iter().enumerate() {
        query.push(if n == 0 { "select " } else { " union all select " }).push_bind(n as i64).push(", ");
        push_counted(&mut query, viewer, filter, most);
    }
    query.push(" order by 1");
    let rows: Vec<(i64, i64)> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(|(_, count)| count).collect())
}

/// The same of one that looks for words or names, on a connection that asks. None when that takes longer than `patience`.
pub(in crate::tickets) async fn count_words(
    db: &mut PgConnection,
    viewer: Viewer,
    filter: &Filter,
    (most, patience): (i64, Duration),
) -> Result<Option<i64>> {
    let limit = sqlx::query("select set_config('statement_timeout', $1, true)");
    limit.bind(format!("{}ms", patience.as_millis())).execute(&mut *db).await?;
    let mut query = Query::new("select ");
    push_counted(&mut query, viewer, filter, most);
    match query.build_query_scalar().fetch_one(db).await {
        Err(error) if was_too_long(&error) => Ok(None),
        counted => Ok(Some(counted?)),
    }
}

fn push_counted(query: &mut Query, viewer: Viewer, filter: &Filter, most: i64) {
    query.push("count(*) from (select from support_tickets t where ");
    push_filter(query, viewer, filter);
    // In the order of the lists, so that their indexes are used.
    query.push(" order by t.created_at desc, t.id desc limit ").push(most).push(") found");
}

/// The tags of the newest `within` tickets, as far as `viewer` sees them, that begin with `start`: the most used
/// first, at most `most` of them, each with how many of these tickets have it.
pub(in crate::tickets) async fn tags(
    db: &mut PgConnection,
    viewer: Viewer,
    start: &str,
    (within, most): (i64, i64),
) -> Result<Vec<(String, i64)>> {
    let mut query = Query::new("select tag, count(*) from (select t.* from support_tickets t order by t.id desc limit ");
    query.push_bind(within).push(") t, unnest(t.tags) tag where ");
    push_visible(&mut query, viewer);
    query.push(" and starts_with(lower(tag), lower(").push_bind(start.to_owned());
    query.push(")) group by tag order by 2 desc, tag collate \"C\" limit ").push_bind(most);
    Ok(query.build_query_as().fetch_all(db).await?)
}
