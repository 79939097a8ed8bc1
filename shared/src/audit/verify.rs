//! Whether a trail is what was sealed: every row, every seal, and the newest seal that somebody else
//! has kept.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use super::{
    chain::{Newest, RowsHash, Seal, month, ranges},
    seal::BATCH,
    store,
};
use crate::{Error, Result, db::Db};

const SEALS: i64 = 200;
const ROWS: i64 = 2000;
const NAMED: i64 = 20;
/// How long before the last round of seals a row may say that it happened: clocks differ, and a
/// refused change is written a moment later.
const LATE: TimeDelta = TimeDelta::minutes(30);

/// What is wrong with a trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// A seal's rows say something else than when it was made.
    RowsChanged {
        /// The seal.
        seal: i64,
        /// Among these ids.
        ids: String,
    },
    /// Rows of a seal are gone.
    RowsDeleted {
        /// The seal.
        seal: i64,
        /// Some of their ids.
        ids: Vec<i64>,
    },
    /// Rows stand where everything was sealed already.
    RowsInserted {
        /// Some of their ids.
        ids: Vec<i64>,
    },
    /// Rows say that they happened long before they were written.
    RowsBackdated {
        /// The seal that they came with.
        seal: i64,
        /// Some of their ids.
        ids: Vec<i64>,
    },
    /// A seal says something else than when it was made.
    SealChanged {
        /// The seal.
        seal: i64,
    },
    /// Seals are gone, or stand in another order.
    SealsMissing {
        /// The seal that does not follow the one before.
        seal: i64,
    },
    /// The trail ends before the seal that was kept elsewhere.
    CutOff {
        /// The seal that was kept.
        kept: i64,
        /// The newest one that is there.
        newest: i64,
    },
    /// The seal that was kept elsewhere is another one here: the chain was made anew.
    Remade {
        /// The seal.
        seal: i64,
    },
    /// Months are gone that nobody was allowed to drop yet.
    DroppedEarly {
        /// Everything before this day is said to have expired.
        before: NaiveDate,
    },
}

/// What was found in one trail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Seals that were checked.
    pub seals: i64,
    /// Rows that were checked.
    pub rows: i64,
    /// Seals whose rows have expired: the chain over them was checked.
    pub expired: i64,
    /// Rows that wait for their seal.
    pub unsealed: i64,
    /// The newest seal's number.
    pub newest: i64,
    /// And its hash, in hex.
    pub hash: String,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Whether a trail still contains a seal that was its newest once.
pub async fn contains(db: &mut PgConnection, kept: &Newest) -> Result<bool> {
    Ok(store::seal_of(db, kept.seq).await?.is_some_and(|seal| seal.hash == kept.hash && seal.digest() == seal.hash))
}

/// Reads the whole trail, in pages, and compares it with its seals and with the one that was `kept`
/// elsewhere. Rows may be gone that are older than `months`: how long is not for the trail to say.
pub async fn verify(db: &Db, kept: Option<&Newest>, months: Months, now: DateTime<Utc>) -> Result<Report> {
    let mut db = db.read().await?;
    let mut report = Report::default();
    let Some(end) = store::newest(&mut db).await? else {
        report.unsealed = store::waiting(&mut db, 0).await?;
        report.findings.extend(kept.map(|kept| Finding::CutOff { kept: kept.seq, newest: 0 }));
        return Ok(report);
    };
    let latest = month(now).checked_sub_months(months).ok_or_else(|| Error::internal(anyhow::anyhow!("a time out of range")))?;
    let (mut last, mut rounds): (Option<Seal>, Rounds) = (None, Rounds::default());
    loop {
        let page = store::seals_after(&mut db, last.as_ref().map_or(0, |seal| seal.seq), SEALS).await?;
        let Some(_) = page.last() else { break };
        for seal in page {
            check_link(&mut report, last.as_ref(), &seal);
            let earliest = rounds.earliest(&seal);
            check_rows(&mut db, &mut report, (&seal, earliest), latest).await?;
            report.findings.extend(kept.filter(|k| k.seq == seal.seq && k.hash != seal.hash).map(|k| Finding::Remade { seal: k.seq }));
            last = Some(seal);
        }
    }
    let last = last.unwrap_or(end);
    report.findings.extend(kept.filter(|k| k.seq > last.seq).map(|k| Finding::CutOff { kept: k.seq, newest: last.seq }));
    let strangers = store::strangers(&mut db, last.settled, NAMED).await?;
    if !strangers.is_empty() {
        report.findings.push(Finding::RowsInserted { ids: strangers });
    }
    report.unsealed = store::waiting(&mut db, last.settled).await?;
    (report.newest, report.hash) = (last.seq, last.hash.iter().map(|byte| format!("{byte:02x}")).collect());
    Ok(report)
}

fn check_link(report: &mut Report, before: Option<&Seal>, seal: &Seal) {
    report.seals += 1;
    if seal.digest() != seal.hash {
        report.findings.push(Finding::SealChanged { seal: seal.seq });
    }
    let follows = match before {
        Some(before) => seal.seq == before.seq + 1 && seal.previous == before.hash,
        None => seal.seq == 1 && seal.previous.is_empty(),
    };
    if !follows {
        report.findings.push(Finding::SealsMissing { seal: seal.seq });
    }
}

type Earliest = Option<DateTime<Utc>>;

/// When everything was sealed: rows that came afterwards happened afterwards. Seals of one round have
/// one time; a round that was left in the middle has sealed whole batches, and says nothing.
#[derive(Default)]
struct Rounds {
    at: Earliest,
    rows: i64,
    complete: Earliest,
}

impl Rounds {
    /// The time before which no row of this seal can have happened.
    fn earliest(&mut self, seal: &Seal) -> Earliest {
        if self.at != Some(seal.sealed_at) {
            if self.rows % BATCH != 0 {
                self.complete = self.at;
            }
            (self.at, self.rows) = (Some(seal.sealed_at), 0);
        }
        self.rows += i64::from(seal.row_count);
        self.complete.map(|at| at - LATE)
    }
}

async fn check_rows(db: &mut PgConnection, report: &mut Report, (seal, earliest): (&Seal, Earliest), latest: NaiveDate) -> Result<()> {
    let count = |ranges: &Vec<(i64, i64)>| ranges.iter().map(|(from, to)| to.saturating_sub(*from)).fold(0, i64::saturating_add);
    let Some(ranges) = ranges(&seal.ids).filter(|ranges| count(ranges) == i64::from(seal.row_count)) else {
        report.findings.push(Finding::SealChanged { seal: seal.seq });
        return Ok(());
    };
    let found = read(db, seal, &ranges, earliest).await?;
    if found.count == 0 && seal.row_count > 0 && expired(db, report, seal, latest).await? {
        report.expired += 1;
        return Ok(());
    }
    report.rows += found.count;
    if !found.missing.is_empty() {
        report.findings.push(Finding::RowsDeleted { seal: seal.seq, ids: found.missing });
    } else if found.hash != seal.rows_hash || found.count != i64::from(seal.row_count) {
        report.findings.push(Finding::RowsChanged { seal: seal.seq, ids: seal.ids.clone() });
    }
    if !found.backdated.is_empty() {
        report.findings.push(Finding::RowsBackdated { seal: seal.seq, ids: found.backdated });
    }
    Ok(())
}

/// What stands in the table under a seal's ids.
struct Found {
    count: i64,
    hash: Vec<u8>,
    missing: Vec<i64>,
    backdated: Vec<i64>,
}

async fn read(db: &mut PgConnection, seal: &Seal, ranges: &[(i64, i64)], earliest: Earliest) -> Result<Found> {
    let (mut hash, mut found) = (RowsHash::default(), Found { count: 0, hash: Vec::new(), missing: Vec::new(), backdated: Vec::new() });
    let mut expected = ranges.iter().flat_map(|(from, to)| *from..*to).peekable();
    let first = ranges.first().map_or(0, |range| range.0);
    let (mut after, to) = (first - 1, ranges.last().map_or(0, |range| range.1) - 1);
    loop {
        let rows = store::rows_of(db, &seal.ids, (after, to), ROWS).await?;
        let is_end = (rows.len() as i64) < ROWS;
        for row in rows {
            (after, found.count) = (row.id, found.count + 1);
            hash.add(&row.text);
            while let Some(id) = expected.next_if(|id| *id <= row.id) {
                name(&mut found.missing, (id < row.id).then_some(id));
            }
            let is_backdated = earliest.is_some_and(|earliest| row.at < earliest) || month(row.at) != seal.month;
            name(&mut found.backdated, is_backdated.then_some(row.id));
        }
        if is_end {
            break;
        }
    }
    for id in expected.take(NAMED as usize) {
        name(&mut found.missing, Some(id));
    }
    found.hash = hash.finish();
    Ok(found)
}

fn name(ids: &mut Vec<i64>, id: Option<i64>) {
    if ids.len() < NAMED as usize {
        ids.extend(id);
    }
}

/// Whether a seal's rows are gone by right: the trail says so, and says nothing that it may not.
async fn expired(db: &mut PgConnection, report: &mut Report, seal: &Seal, latest: NaiveDate) -> Result<bool> {
    let Some(before) = store::expired_before(db).await?.filter(|before| seal.month < *before) else { return Ok(false) };
    let finding = Finding::DroppedEarly { before };
    if before > latest && !report.findings.contains(&finding) {
        report.findings.push(finding);
    }
    Ok(true)
}
