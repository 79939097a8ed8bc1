//! `GET /api/v1/views/counts`: how many tickets each view has for its reader, in one round trip.

use serde::Serialize;
use shared::{
    Result,
    http::{Json, NoQuery},
};
use utoipa::ToSchema;

use super::{super::store as tickets, model::BuiltIn, store};
use crate::{permissions::Permission, session::Session};

/// Beyond this nobody counts: "99+".
const EXACT: i64 = 99;

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
    /// How many; at most 99.
    pub count: i64,
    /// There are more than that.
    pub capped: bool,
}

impl ViewCount {
    fn of(view: String, found: i64) -> Self {
        Self { view, count: found.min(EXACT), capped: found > EXACT }
    }
}

/// Counts the tickets of each view, as far as the reader sees them: exactly up to 99.
#[utoipa::path(get, path = "/api/v1/views/counts", tag = "views", responses((status = 200, body = Counts)))]
pub(in crate::tickets) async fn count_views(session: Session, _: NoQuery) -> Result<Json<Counts>> {
    session.may(Permission::UseDesk)?;
    let (me, viewer) = (session.person.id, session.viewer());
    let mut db = session.read().await?;
    let saved = store::all(&mut db, me).await?;
    let names = BuiltIn::ALL.iter().map(|view| view.as_str().to_owned()).chain(saved.iter().map(|view| view.id.to_string()));
    let mut filters: Vec<_> = BuiltIn::ALL.into_iter().map(|view| view.filter(me)).collect();
    for view in &saved {
        filters.push(view.filter.for_reader(me, viewer)?);
    }
    let found = tickets::count_each(&mut db, viewer, &filters, EXACT + 1).await?;
    Ok(Json(Counts { data: names.zip(found).map(|(view, found)| ViewCount::of(view, found)).collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_exact_up_to_99() {
        for (found, count, capped) in [(0, 0, false), (99, 99, false), (100, 99, true)] {
            assert_eq!(ViewCount::of("mine".into(), found), ViewCount { view: "mine".into(), count, capped });
        }
    }
}
