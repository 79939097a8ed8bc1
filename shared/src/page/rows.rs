//! Rows of a page, bounded by what they weigh.

use std::pin::pin;

use futures::{Stream, TryStreamExt};

/// Bytes that the texts of a page's rows have together, at most: a hundred rows are few, what people write into them is not.
const ROOM: usize = 2 << 20;

/// Rows of a page, as far as they were read.
#[derive(Debug)]
pub struct Rows<T> {
    rows: Vec<T>,
    is_cut: bool,
}

impl<T> Rows<T> {
    /// All that were asked for.
    pub fn all(rows: Vec<T>) -> Self {
        Self { rows, is_cut: false }
    }

    /// Reads rows as long as there is room for them: 2 MiB in all, by what `bytes` says of each. There is always room for one, so
    /// that whoever reads page after page comes to the end. What is behind them is read and thrown away: this bounds what a page
    /// holds, not what the database does for it.
    pub async fn within<E>(rows: impl Stream<Item = Result<T, E>>, bytes: impl Fn(&T) -> usize) -> Result<Self, E> {
        let mut rows = pin!(rows);
        let (mut read, mut left) = (Vec::new(), ROOM);
        while let Some(row) = rows.try_next().await? {
            let size = bytes(&row);
            if size > left && !read.is_empty() {
                return Ok(Self { rows: read, is_cut: true });
            }
            left = left.saturating_sub(size);
            read.push(row);
        }
        Ok(Self { rows: read, is_cut: false })
    }

    /// The same, each as `change` makes it.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Rows<U> {
        Rows { rows: self.rows.into_iter().map(change).collect(), is_cut: self.is_cut }
    }

    /// The rows, and whether there are more although these are fewer than were asked for.
    pub fn into_parts(self) -> (Vec<T>, bool) {
        (self.rows, self.is_cut)
    }

    /// The rows.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.rows
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;

    use super::*;

    #[tokio::test]
    async fn rows_are_read_as_long_as_there_is_room_and_one_is_read_always() {
        for (sizes, read, is_cut) in [
            (vec![], 0, false),
            (vec![ROOM], 1, false),
            (vec![2 * ROOM], 1, false),
            (vec![2 * ROOM, 0], 2, false),
            (vec![2 * ROOM, 1], 1, true),
            (vec![ROOM / 2, ROOM / 2, 0], 3, false),
            (vec![ROOM / 2, ROOM / 2, 1], 2, true),
            (vec![1, ROOM, 1], 1, true),
        ] {
            let rows = stream::iter(sizes.iter().copied().map(Ok::<usize, Infallible>));
            let Ok(rows) = Rows::within(rows, |size| *size).await;
            let (rows, was_cut) = rows.into_parts();
            assert_eq!((rows.len(), was_cut), (read, is_cut), "{sizes:?}");
        }
    }
}
