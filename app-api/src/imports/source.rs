//! Reading a file's records from the parts in which it came. Of the file are held at a time: the part that is read, and the
//! record that is being put together.

use shared::Result;
use sqlx::PgConnection;

use super::{
    cut::{Scan, lead},
    model::{Delimiter, Kind, RECORD},
    store,
};

/// Bytes of records that are read in one go, at most; one record at least.
const TOGETHER: usize = 512 << 10;

/// A record, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line in which it begins.
    pub line: i64,
    /// Its bytes; none of one that is longer than any may be.
    pub bytes: Option<Vec<u8>>,
    /// Where the next one begins.
    pub next: Spot,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// The byte.
    pub position: i64,
    /// Its line.
    pub line: i64,
}

impl Spot {
    fn behind(self, bytes: &[u8]) -> Self {
        let breaks = bytes.iter().filter(|byte| **byte == b'\n').count();
        Self { position: self.position + bytes.len() as i64, line: self.line + breaks as i64 }
    }
}

/// A file that is read.
pub(super) struct Source {
    import: i64,
    kind: Kind,
    delimiter: Delimiter,
    /// The part that was read last.
    part: Vec<u8>,
    /// What of it was not looked at yet begins here.
    at: usize,
    spot: Spot,
}

impl Source {
    /// The file of an import from there on.
    pub fn new(import: i64, (kind, delimiter): (Kind, Delimiter), spot: Spot) -> Self {
        Self { import, kind, delimiter, part: Vec::new(), at: 0, spot }
    }

    /// Whether it would go on from there.
    pub fn is_at(&self, import: i64, spot: Spot) -> bool {
        self.import == import && self.spot == spot
    }

    /// The next records, `most` of them at most; none at the end.
    pub async fn next(&mut self, db: &mut PgConnection, most: usize) -> Result<Vec<Record>> {
        let (mut records, mut read) = (Vec::new(), 0);
        while records.len() < most && read < TOGETHER {
            let Some(record) = self.one(db).await? else { break };
            read += record.bytes.as_ref().map_or(0, Vec::len);
            records.push(record);
        }
        Ok(records)
    }

    async fn one(&mut self, db: &mut PgConnection) -> Result<Option<Record>> {
        if !self.pass_over_lead(db).await? {
            return Ok(None);
        }
        let (line, mut scan, mut record) = (self.spot.line, Scan::new(self.kind, self.delimiter), Some(Vec::new()));
        loop {
            let left = &self.part[self.at..];
            let end = scan.feed(left);
            let taken = &left[..end.unwrap_or(left.len())];
            // Longer than any record may be: what is left of it is only counted.
            record = record.filter(|bytes: &Vec<u8>| bytes.len() + taken.len() <= RECORD);
            if let Some(bytes) = &mut record {
                bytes.extend_from_slice(taken);
            }
            self.spot = self.spot.behind(taken);
            self.at += taken.len();
            if end.is_some() || !self.fill(db).await? {
                return Ok(Some(Record { line, bytes: record, next: self.spot }));
            }
        }
    }

    /// False at the end of the file.
    async fn pass_over_lead(&mut self, db: &mut PgConnection) -> Result<bool> {
        loop {
            let left = &self.part[self.at..];
            let passed = lead(self.kind, left);
            let is_met = passed < left.len();
            self.spot = self.spot.behind(&left[..passed]);
            self.at += passed;
            if is_met {
                return Ok(true);
            }
            if !self.fill(db).await? {
                return Ok(false);
            }
        }
    }

    /// Reads the part that follows, once the one before was looked at to its end.
    async fn fill(&mut self, db: &mut PgConnection) -> Result<bool> {
        debug_assert_eq!(self.at, self.part.len());
        let Some((starts, part)) = store::part_at(db, self.import, self.spot.position).await? else { return Ok(false) };
        self.at = usize::try_from(self.spot.position - starts).unwrap_or(usize::MAX).min(part.len());
        self.part = part;
        Ok(self.at < self.part.len())
    }
}
