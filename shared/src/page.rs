//! Paging by key: a sealed cursor and a bounded limit. No offsets, so a page costs the
//! same at the end of a million rows as at their start.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Error, Result, seal::Sealer};

/// Cursors have lengths in steps of so many bytes.
const STEP: usize = 32;

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
    pub fn cut<K: Serialize>(mut rows: Vec<T>, limit: Limit, cursors: &Cursors, list: &str, key: impl Fn(&T) -> K) -> Result<Self> {
        let more = rows.len() as i64 > limit.get();
        rows.truncate(limit.get() as usize);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(cursors.seal(list, &key(last))?),
            _ => None,
        };
        Ok(Self { data: rows, page: PageInfo { next_cursor, limit: limit.get(), total: None } })
    }

    /// A list that is short by nature and given whole.
    pub fn whole(data: Vec<T>) -> Self {
        let limit = data.len() as i64;
        Self { data, page: PageInfo { next_cursor: None, limit, total: None } }
    }
}

/// Seals and reads cursors. A cursor is valid for the list and viewer that it was made for, and says
/// nothing to whoever holds it.
#[derive(Clone)]
pub struct Cursors {
    sealer: Sealer,
}

impl Cursors {
    /// Seals with a key derived from `secret`, for this purpose alone.
    pub fn new(secret: &SecretString) -> Self {
        Self { sealer: Sealer::derived("cursor", secret) }
    }

    /// The cursor for `key` in `list` (name the tenant, the viewer and the filters there).
    pub fn seal(&self, list: &str, key: &impl Serialize) -> Result<String> {
        let mut body = serde_json::to_vec(key)?;
        // Not even the number of digits shows. JSON may end in spaces.
        body.resize(body.len().next_multiple_of(STEP), b' ');
        Ok(URL_SAFE_NO_PAD.encode(self.sealer.seal(&body, list)?))
    }

    /// What a cursor says; `422` for one that is not ours or of another list.
    pub fn open<K: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<K> {
        self.try_open(list, cursor).ok_or_else(|| Error::field("cursor", "invalid", "this is no cursor of this list"))
    }

    fn try_open<K: DeserializeOwned>(&self, list: &str, cursor: &str) -> Option<K> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        serde_json::from_slice(&self.sealer.open(&sealed, list).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_in_its_own_list_and_untouched() {
        let cursors = Cursors::new(&"secret".into());
        let cursor = cursors.seal("tickets:a", &(1, 2)).expect("sealed");
        assert_eq!(cursors.open::<(i64, i64)>("tickets:a", &cursor).expect("opened"), (1, 2));
        let touched = cursor.replacen(&cursor[5..6], if &cursor[5..6] == "A" { "B" } else { "A" }, 1);
        for (list, cursor) in [("tickets:b", cursor.as_str()), ("tickets:a", &touched), ("tickets:a", ""), ("tickets:a", "%%%")] {
            assert!(cursors.open::<(i64, i64)>(list, cursor).is_err(), "{list} {cursor}");
        }
        let other = Cursors::new(&"another secret".into());
        assert!(other.open::<(i64, i64)>("tickets:a", &cursor).is_err());
    }

    #[test]
    fn a_cursor_shows_nothing_of_what_it_says() {
        let cursors = Cursors::new(&"secret".into());
        let seal = |n: u64| cursors.seal("live:a", &n).expect("sealed");
        let bytes = URL_SAFE_NO_PAD.decode(seal(4_242_424_242)).expect("base64");
        assert!(!bytes.windows(4).any(|w| w == b"4242"));
        assert_ne!(seal(7), seal(7));
        assert_eq!(seal(7).len(), seal(u64::MAX).len());
    }
}
