//! How seals hang together: what a seal's hash is made of, and which ids it covers. No IO.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sha2::{Digest, Sha256};

/// A seal over some rows of one month and over the seal before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seal {
    pub seq: i64,
    pub month: NaiveDate,
    /// The rows' ids, as PostgreSQL writes a multirange: `{[1,4),[7,8)}`.
    pub ids: String,
    pub row_count: i32,
    pub rows_hash: Vec<u8>,
    pub previous: Vec<u8>,
    pub hash: Vec<u8>,
    pub highest: i64,
    pub snapshot: String,
    pub settled: i64,
    pub sealed_at: DateTime<Utc>,
}

/// The newest seal of a chain: whoever keeps it elsewhere notices a chain that was cut or made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// Its number.
    pub seq: i64,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl Seal {
    /// SHA-256 over everything else that the seal says, the hash of the one before included.
    pub fn digest(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        digest.update(b"helpdeskly audit seal 1");
        let (seq, count) = (self.seq.to_be_bytes(), self.row_count.to_be_bytes());
        let (highest, settled) = (self.highest.to_be_bytes(), self.settled.to_be_bytes());
        let (month, at) = (self.month.to_string(), self.sealed_at.timestamp_micros().to_be_bytes());
        let parts: [&[u8]; 10] = [
            &self.previous,
            &seq,
            month.as_bytes(),
            self.ids.as_bytes(),
            &count,
            &self.rows_hash,
            &highest,
            self.snapshot.as_bytes(),
            &settled,
            &at,
        ];
        for part in parts {
            add(&mut digest, part);
        }
        digest.finalize().to_vec()
    }

    pub fn newest(&self) -> Newest {
        Newest { seq: self.seq, hash: self.hash.clone() }
    }
}

/// With its length before it: no part can lend the next one its end.
fn add(digest: &mut Sha256, part: &[u8]) {
    digest.update((part.len() as u64).to_be_bytes());
    digest.update(part);
}

/// The hash over a seal's rows, one after the other.
#[derive(Default)]
pub(super) struct RowsHash(Sha256);

impl RowsHash {
    pub fn add(&mut self, text: &str) {
        add(&mut self.0, text.as_bytes());
    }

    pub fn finish(self) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

/// Ids in order, as PostgreSQL writes a multirange.
pub(super) fn multirange(ids: &[i64]) -> String {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for &id in ids {
        match ranges.last_mut() {
            Some((_, end)) if *end == id => *end = id + 1,
            _ => ranges.push((id, id + 1)),
        }
    }
    let written: Vec<String> = ranges.iter().map(|(from, to)| format!("[{from},{to})")).collect();
    format!("{{{}}}", written.join(","))
}

/// The same back: from each, up to and without each. None for what is no multirange of ours.
pub(super) fn ranges(text: &str) -> Option<Vec<(i64, i64)>> {
    let inside = text.strip_prefix("{[")?.strip_suffix(")}")?;
    let range = |range: &str| {
        let (from, to) = range.split_once(',')?;
        Some((from.parse().ok()?, to.parse().ok()?))
    };
    inside.split("),[").map(range).collect()
}

/// The month of a time, by its first day.
pub(super) fn month(at: DateTime<Utc>) -> NaiveDate {
    let day = at.date_naive();
    day.with_day(1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        Seal {
            seq: 2,
            month: NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day"),
            ids: "{[1,3)}".into(),
            row_count: 2,
            rows_hash: vec![1],
            previous: vec![2],
            hash: vec![],
            highest: 2,
            snapshot: "5:5:".into(),
            settled: 1,
            sealed_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn whatever_a_seal_says_is_in_its_hash() {
        let changes: [fn(&mut Seal); 10] = [
            |s| s.seq = 3,
            |s| s.month = NaiveDate::from_ymd_opt(2026, 4, 1).expect("a day"),
            |s| s.ids = "{[1,4)}".into(),
            |s| s.row_count = 3,
            |s| s.rows_hash = vec![1, 1],
            |s| s.previous = vec![],
            |s| s.highest = 3,
            |s| s.snapshot = "5:6:".into(),
            |s| s.settled = 2,
            |s| s.sealed_at += chrono::TimeDelta::microseconds(1),
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut other = seal();
            change(&mut other);
            assert_ne!(other.digest(), seal().digest(), "change {n}");
        }
        assert_eq!(seal().digest(), seal().digest());
    }

    #[test]
    fn rows_in_another_order_or_cut_elsewhere_have_another_hash() {
        let of = |texts: &[&str]| {
            let mut hash = RowsHash::default();
            texts.iter().for_each(|text| hash.add(text));
            hash.finish()
        };
        assert_ne!(of(&["a", "b"]), of(&["b", "a"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["a"]), of(&["a"]));
    }

    #[test]
    fn ids_are_written_as_ranges_and_read_again() {
        for (ids, text) in [(&[1, 2, 3][..], "{[1,4)}"), (&[5], "{[5,6)}"), (&[1, 3, 4, 9], "{[1,2),[3,5),[9,10)}")] {
            assert_eq!(multirange(ids), text);
            let all: Vec<i64> = ranges(text).expect("ours").into_iter().flat_map(|(from, to)| from..to).collect();
            assert_eq!(all, ids);
        }
        for text in ["", "{}", "{[1,2)", "{(,)}", "[1,2)"] {
            assert_eq!(ranges(text), None, "{text}");
        }
    }
}
