//! What every list takes: limit, cursor, order and count, besides its own filters.

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::{Cursors, Limit, Part};
use crate::{
    Error, Result,
    http::{NoQuery, query_of},
};

/// In which order a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub enum Order {
    /// What came first.
    #[serde(rename = "created_at")]
    Oldest,
    /// What came last.
    #[serde(rename = "-created_at")]
    Newest,
}

/// Which part of a list is asked for; every list takes this.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many, 1 to 100; 50 unless told.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at` is the oldest first, `-created_at` the newest.
    #[param(inline)]
    sort: Option<Order>,
    /// Adds `page.total`.
    #[param(value_type = Option<bool>)]
    count: bool,
}

impl Paging {
    const FIELDS: [&str; 4] = ["limit", "cursor", "sort", "count"];

    /// The part of `list` (name the tenant, the viewer and the filters there), which is read in `order`
    /// unless told. A cursor of the other order is `422`, like one of another list.
    pub fn part<'a, K: DeserializeOwned>(&self, cursors: &'a Cursors, list: &str, order: Order) -> Result<Part<'a, K>> {
        let order = self.sort.unwrap_or(order);
        let list = format!("{list}:{order:?}");
        let after = self.cursor.as_deref().map(|cursor| cursors.open(&list, cursor)).transpose()?;
        Ok(Part { cursors, list, limit: self.limit, is_counted: self.count, order, after })
    }
}

/// A list's own filters, and which part of it is asked for.
pub struct Asked<F = NoQuery> {
    /// What the list is narrowed to.
    pub filter: F,
    /// Which part.
    pub paging: Paging,
}

impl<F: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<F> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let filter = query_of(parts, |name| !Paging::FIELDS.contains(&name))?;
        Ok(Self { filter, paging: query_of(parts, |name| Paging::FIELDS.contains(&name))? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(query: &str) -> Result<Asked> {
        let request = axum::http::Request::get(format!("/?{query}")).body(()).expect("a request");
        Asked::from_request_parts(&mut request.into_parts().0, &()).await
    }

    #[tokio::test]
    async fn a_list_refuses_what_it_does_not_know() {
        for (query, refused) in [
            ("limit=0", Some(("limit", "out_of_range"))),
            ("limit=101", Some(("limit", "out_of_range"))),
            ("limit=x", Some(("limit", "out_of_range"))),
            ("count=yes", Some(("count", "invalid"))),
            ("count", Some(("count", "invalid"))),
            ("sort=", Some(("sort", "unknown_value"))),
            ("sort=id", Some(("sort", "unknown_value"))),
            ("sort=-updated_at", Some(("sort", "unknown_value"))),
            ("sort=created_at,id", Some(("sort", "unknown_value"))),
            ("sort=created_at&sort=-created_at", Some(("sort", "duplicate_field"))),
            ("offset=1", Some(("offset", "unknown_field"))),
            ("limit=5&colour=red", Some(("colour", "unknown_field"))),
            ("", None),
            ("limit=100&sort=-created_at&count=true&cursor=x", None),
            ("%6cimit=1&count=false", None),
        ] {
            let told = match asked(query).await {
                Ok(_) => None,
                Err(Error::Invalid(errors)) => Some((errors[0].field.to_string(), errors[0].code.to_string())),
                Err(other) => panic!("{query}: {other:?}"),
            };
            assert_eq!(told.as_ref().map(|(field, code)| (&**field, &**code)), refused, "{query}");
        }
    }

    #[tokio::test]
    async fn a_cursor_is_good_for_its_own_order() {
        let cursors = Cursors::new(&"secret".into());
        let part = |query: String, order| {
            let cursors = &cursors;
            async move { asked(&query).await?.paging.part::<i64>(cursors, "a", order).map(|part| (part.order, part.edge())) }
        };
        assert_eq!(part(String::new(), Order::Oldest).await.expect("a part"), (Order::Oldest, i64::MIN));
        assert_eq!(part(String::new(), Order::Newest).await.expect("a part"), (Order::Newest, i64::MAX));
        let newest = asked("sort=-created_at&limit=1").await.expect("asked").paging;
        let first = newest.part::<i64>(&cursors, "a", Order::Oldest).expect("a part").page(vec![9, 8], Some(2), |n| *n).expect("a page");
        assert_eq!((first.data, first.page.total), (vec![9], Some(2)));
        let cursor = first.page.next_cursor.expect("a second page");
        for (sort, order, found) in [
            ("", Order::Oldest, None),
            ("&sort=created_at", Order::Newest, None),
            ("", Order::Newest, Some(9)),
            ("&sort=-created_at", Order::Oldest, Some(9)),
        ] {
            let edge = part(format!("cursor={cursor}{sort}"), order).await.ok().map(|(_, edge)| edge);
            assert_eq!(edge, found, "{sort:?} {order:?}");
        }
    }
}
