//! Sealing: now and then whatever was committed since the last time gets a seal. A row that was
//! committed late, with a lower id than others that are sealed already, gets into the next one: a
//! seal names the rows that it covers. When all transactions have ended that were running at a seal,
//! ids below it that nobody has used stay unused, and a row that appears there is a forger's.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{
    chain::{Newest, RowsHash, Seal, month, multirange},
    store::{self, Unsealed},
};
use crate::{Result, db::Db};

/// So many rows are sealed in one transaction.
pub(super) const BATCH: i64 = 2000;
/// A snapshot behind which nothing has ended yet, for the first seal.
const NEVER: &str = "3:3:";

/// Seals what is not sealed yet, and says how many rows that were. Another process that seals here
/// at the same moment has its way.
pub async fn seal(db: &Db, now: DateTime<Utc>) -> Result<u64> {
    let mut sealed = 0;
    loop {
        let mut connection = db.begin().await?;
        if !store::lock(&mut connection).await? {
            return Ok(sealed);
        }
        let count = seal_some(&mut connection, now).await?;
        connection.commit(None).await?;
        sealed += count;
        if count < BATCH as u64 {
            return Ok(sealed);
        }
    }
}

/// The newest seal; none in a trail that has none yet.
pub async fn newest(db: &mut PgConnection) -> Result<Option<Newest>> {
    Ok(store::newest(db).await?.map(|seal| seal.newest()))
}

async fn seal_some(db: &mut PgConnection, now: DateTime<Utc>) -> Result<u64> {
    let last = store::newest(db).await?;
    let (settled, snapshot) = last.as_ref().map_or((0, NEVER), |seal| (seal.settled, seal.snapshot.as_str()));
    let rows = store::unsealed(db, settled, snapshot, BATCH).await?;
    let Some(end) = rows.last() else { return Ok(0) };
    let is_full = rows.len() as i64 == BATCH;
    let before = last.as_ref().map_or(0, |seal| seal.highest);
    let highest = if is_full { end.id } else { before.max(end.id) };
    let reached = if is_full { before.min(end.id) } else { before };
    let settled = if end.is_settled { settled.max(reached) } else { settled };
    let (snapshot, count) = (end.snapshot.clone(), rows.len() as u64);
    let (mut seq, mut previous) = last.map_or((0, Vec::new()), |seal| (seal.seq, seal.hash));
    for (month, rows) in by_month(rows) {
        seq += 1;
        let (ids, rows_hash) = cover(&rows);
        let row_count = rows.len() as i32;
        let (snapshot, hash) = (snapshot.clone(), Vec::new());
        let mut seal = Seal { seq, month, ids, row_count, rows_hash, previous, hash, highest, snapshot, settled, sealed_at: now };
        seal.hash = seal.digest();
        store::insert_seal(db, &seal).await?;
        previous = seal.hash;
    }
    Ok(count)
}

/// Rows of one month share a seal: when the month goes, no other loses rows.
fn by_month(rows: Vec<Unsealed>) -> BTreeMap<NaiveDate, Vec<Unsealed>> {
    let mut months: BTreeMap<NaiveDate, Vec<Unsealed>> = BTreeMap::new();
    for row in rows {
        months.entry(month(row.at)).or_default().push(row);
    }
    months
}

fn cover(rows: &[Unsealed]) -> (String, Vec<u8>) {
    let mut hash = RowsHash::default();
    rows.iter().for_each(|row| hash.add(&row.text));
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    (multirange(&ids), hash.finish())
}
