//! Paging by key: a sealed cursor and a bounded limit. No offsets, so a page costs the
//! same at the end of a million rows as at their start.

mod asked;
mod cursors;
mod rows;

pub use asked::{Asked, Order, Paging};
pub use cursors::Cursors;
pub use rows::Rows;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Result;

/// How many rows a page has: 1 to 100, 50 unless told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(i64);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl Limit {
    /// The number asked for.
    pub fn get(self) -> i64 {
        self.0
    }

    /// One more than asked for: the extra row says whether there is a next page.
    pub fn probe(self) -> i64 {
        self.0 + 1
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text.parse::<i64>() {
            Ok(n @ 1..=100) => Ok(Self(n)),
            _ => Err(serde::de::Error::custom("out_of_range: A whole number from 1 to 100.")),
        }
    }
}

/// What numbers the rows of a list.
pub trait Number: Copy {
    /// Before all of them.
    const FIRST: Self;
    /// Behind all of them.
    const LAST: Self;
}

impl Number for i64 {
    const FIRST: Self = Self::MIN;
    const LAST: Self = Self::MAX;
}

impl Number for Uuid {
    const FIRST: Self = Self::nil();
    const LAST: Self = Self::max();
}

/// The part of a list that is asked for.
pub struct Part<'a, K> {
    cursors: &'a Cursors,
    list: String,
    limit: Limit,
    is_counted: bool,
    /// In which order.
    pub order: Order,
    /// The row behind which it begins, unless that is the list's beginning.
    pub after: Option<K>,
}

impl<K: Number> Part<'_, K> {
    /// The number behind which it begins.
    pub fn edge(&self) -> K {
        self.after.unwrap_or(match self.order {
            Order::Oldest => K::FIRST,
            Order::Newest => K::LAST,
        })
    }
}

impl<K: Serialize> Part<'_, K> {
    /// How many rows to read: one more than asked for says whether there is a next page.
    pub fn probe(&self) -> i64 {
        self.limit.probe()
    }

    /// What `count` says, if that was asked; otherwise it is never run.
    pub async fn total(&self, count: impl Future<Output = Result<i64>>) -> Result<Option<i64>> {
        if self.is_counted { count.await.map(Some) } else { Ok(None) }
    }

    /// The page of rows that were read with [`Self::probe`].
    pub fn page<T>(&self, rows: Vec<T>, total: Option<i64>, key: impl Fn(&T) -> K) -> Result<Page<T>> {
        self.page_of(Rows::all(rows), total, key)
    }

    /// The same of rows that may have been too large to be read all.
    pub fn page_of<T>(&self, rows: Rows<T>, total: Option<i64>, key: impl Fn(&T) -> K) -> Result<Page<T>> {
        let mut page = Page::cut(rows, self.limit, self.cursors, &self.list, key)?;
        page.page.total = total;
        Ok(page)
    }
}

/// Reads a [`Part`] of what a store's `$select!` selects, by the numbers in a column. One index serves both
/// orders. `$1` and `$2` are where the part begins and how many rows it has. Where rows may be large, what a row weighs stands
/// behind it, and [`Rows`](crate::page::Rows) are read.
#[macro_export]
macro_rules! select_part {
    ($part:expr, $db:expr, $select:ident!($where:literal, $number:literal $(, $arg:expr)* $(,)?)) => {
        match $part.order {
            $crate::page::Order::Oldest => {
                $select!($where + " and " + $number + " > $1 order by " + $number + " limit $2", $part.edge(), $part.probe() $(, $arg)*)
                    .fetch_all($db)
                    .await
            }
            $crate::page::Order::Newest => {
                $select!($where + " and " + $number + " < $1 order by " + $number + " desc limit $2", $part.edge(), $part.probe() $(, $arg)*)
                    .fetch_all($db)
                    .await
            }
        }
    };
    ($part:expr, $db:expr, $select:ident!($where:literal, $number:literal $(, $arg:expr)* $(,)?), $bytes:expr) => {
        match $part.order {
            $crate::page::Order::Oldest => {
                let rows =
                    $select!($where + " and " + $number + " > $1 order by " + $number + " limit $2", $part.edge(), $part.probe() $(, $arg)*);
                $crate::page::Rows::within(rows.fetch($db), $bytes).await
            }
            $crate::page::Order::Newest => {
                let rows = $select!(
                    $where + " and " + $number + " < $1 order by " + $number + " desc limit $2", $part.edge(), $part.probe() $(, $arg)*
                );
                $crate::page::Rows::within(rows.fetch($db), $bytes).await
            }
        }
    };
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PageInfo {
    /// Give it back as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// The limit that was applied.
    pub limit: i64,
    /// How many there are in all; only with `count=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where they stand.
    pub page: PageInfo,
}

impl<T> Page<T> {
    /// Makes a page of rows that were read with [`Limit::probe`]: the surplus row goes, and the
    /// last one left gives the cursor.
    pub fn cut<K: Serialize>(rows: Rows<T>, limit: Limit, cursors: &Cursors, list: &str, key: impl Fn(&T) -> K) -> Result<Self> {
        let (mut rows, is_cut) = rows.into_parts();
        let more = is_cut || rows.len() as i64 > limit.get();
        rows.truncate(limit.get() as usize);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(cursors.seal(list, &key(last))?),
            _ => None,
        };
        Ok(Self { data: rows, page: PageInfo { next_cursor, limit: limit.get(), total: None } })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::btree_set, prelude::*};

    use super::*;

    /// What a store reads for a part of these rows.
    fn read(rows: &BTreeSet<i64>, part: &Part<'_, i64>) -> Vec<i64> {
        let count = part.probe() as usize;
        match part.order {
            Order::Oldest => rows.iter().copied().filter(|row| *row > part.edge()).take(count).collect(),
            Order::Newest => rows.iter().copied().rev().filter(|row| *row < part.edge()).take(count).collect(),
        }
    }

    proptest! {
        #[test]
        fn pages_hold_each_row_once_and_in_order_also_while_rows_come(
            rows in btree_set(-1000_i64..1000, 0..120),
            come in proptest::collection::vec(-1000_i64..1000, 0..40),
            limit in 1_i64..=100,
            newest in any::<bool>(),
        ) {
            let (cursors, list) = (Cursors::new(&"secret".into()), "rows:a");
            let order = if newest { Order::Newest } else { Order::Oldest };
            let (mut present, mut come, mut after, mut seen) = (rows.clone(), come.into_iter(), None, Vec::new());
            loop {
                let part = Part { cursors: &cursors, list: list.into(), limit: Limit(limit), is_counted: false, order, after };
                let page = part.page(read(&present, &part), None, |row| *row).expect("a page");
                prop_assert!(page.data.len() as i64 <= limit);
                seen.extend(page.data);
                let Some(next) = page.page.next_cursor else { break };
                prop_assert!(seen.len() as i64 % limit == 0, "a page before another is full");
                after = Some(cursors.open(list, &next).expect("its own"));
                present.extend(come.next());
            }
            let is_behind = |pair: &[i64]| if newest { pair[0] > pair[1] } else { pair[0] < pair[1] };
            prop_assert!(seen.windows(2).all(is_behind), "each once and in order: {:?}", seen);
            prop_assert!(rows.iter().all(|row| seen.contains(row)), "whatever was there at the beginning is met");
        }
    }
}
