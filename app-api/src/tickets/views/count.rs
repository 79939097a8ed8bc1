//! `GET /api/v1/views/counts`: how many tickets each view has for its reader. What looks for words or names is counted apart and
//! for a moment only, so that no view keeps the others from their readers.

use std::time::{Duration, Instant};

use serde::Serialize;
use shared::{
    Error, Result,
    http::{Json, NoQuery},
};
use utoipa::ToSchema;

use super::{
    super::{list::Filter, store as tickets},
    model::BuiltIn,
    store,
};
use crate::{permissions::Permission, session::Session};

/// Beyond this nobody counts: "99+".
const EXACT: i64 = 99;

/// For so long the words of one view are looked for.
const PATIENCE: Duration = Duration::from_millis(500);
/// After so long no further view's words are.
const IN_ALL: Duration = Duration::from_millis(1500);

/// How many tickets each view has.
#[derive(Debug, Serialize, ToSchema)]
pub struct Counts {
    /// One for each view, the built-in ones first.
    pub data: Vec<ViewCount>,
}

/// How many tickets a view has.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ViewCount {
    /// The key of a built-in view, or the id of a saved one.
    pub view: String,
    /// How many; at most 99. Null where that cannot be said in time, because its words are too broad.
    #[schema(required)]
    pub count: Option<i64>,
    /// There are more than that.
    pub capped: bool,
}

impl ViewCount {
    fn of(view: String, found: Option<i64>) -> Self {
        Self { view, count: found.map(|found| found.min(EXACT)), capped: found.is_some_and(|found| found > EXACT) }
    }
}

/// Counts the tickets of each view, as far as the reader sees them: exactly up to 99. Of a view whose words are too broad
/// `count` is null.
#[utoipa::path(get, path = "/api/v1/views/counts", tag = "views", responses((status = 200, body = Counts)))]
pub(in crate::tickets) async fn count_views(session: Session, _: NoQuery) -> Result<Json<Counts>> {
    session.may(Permission::UseDesk)?;
    let (me, viewer) = (session.person.id, session.viewer());
    let saved = store::all(&mut *session.read().await?, me).await?;
    let names = BuiltIn::ALL.iter().map(|view| view.as_str().to_owned()).chain(saved.iter().map(|view| view.id.to_string()));
    let mut filters: Vec<_> = BuiltIn::ALL.into_iter().map(|view| Some(view.filter(me))).collect();
    for view in &saved {
        filters.push(match view.filter.for_reader(me, viewer) {
            // Its words would not be kept any more: whoever looks at it hears so.
            Err(Error::Invalid(_)) => None,
            filter => Some(filter?),
        });
    }
    let found = counted(&session, &filters).await?;
    Ok(Json(Counts { data: names.zip(found).map(|(view, found)| ViewCount::of(view, found)).collect() }))
}

/// How many each has, in their order; none where there is nothing to count by or that takes too long.
async fn counted(session: &Session, filters: &[Option<Filter>]) -> Result<Vec<Option<i64>>> {
    let (viewer, begun) = (session.viewer(), Instant::now());
    let plain: Vec<&Filter> = filters.iter().flatten().filter(|filter| filter.words_in().is_none()).collect();
    let mut of_plain = tickets::count_each(&mut *session.read().await?, viewer, &plain, EXACT + 1).await?.into_iter();
    let mut found = Vec::with_capacity(filters.len());
    for filter in filters {
        found.push(match filter {
            None => None,
            Some(filter) if filter.words_in().is_none() => of_plain.next(),
            Some(_) if begun.elapsed() > IN_ALL => None,
            // Each on a connection of its own: what was cut off ends its transaction.
            Some(filter) => tickets::count_words(&mut *session.ask().await?, viewer, filter, (EXACT + 1, PATIENCE)).await?,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_exact_up_to_99() {
        for (found, count, capped) in
            [(Some(0), Some(0), false), (Some(99), Some(99), false), (Some(100), Some(99), true), (None, None, false)]
        {
            assert_eq!(ViewCount::of("mine".into(), found), ViewCount { view: "mine".into(), count, capped });
        }
    }
}
