//! What a trail needs now and then: months made ahead, expired ones dropped, new rows sealed.

use chrono::{DateTime, Utc};
use prometheus::{IntCounter, IntGauge, Registry};

use super::{seal, store};
use crate::{Error, Result, db::Db};

/// What was done for one trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Until when there are months; later rows have a place, too, but one that holds them all.
    pub months_until: DateTime<Utc>,
    /// Months that were dropped.
    pub dropped: i32,
    /// Rows that were sealed.
    pub sealed: u64,
}

/// Makes months, drops expired ones, seals. Sealing does not wait for the months, which give way to whoever
/// holds a lock. A tenant's database that has no months yet is left alone.
pub async fn keep(db: &Db, now: DateTime<Utc>) -> Result<Option<Kept>> {
    let mut connection = db.read().await?;
    if db.lacks_months() {
        return Ok(None);
    }
    let months = store::keep_months(&mut connection).await;
    drop(connection);
    let sealed = seal(db, now).await?;
    let (months_until, dropped) = months?;
    Ok(Some(Kept { months_until, dropped, sealed }))
}

/// What operators see of the trails of one plane.
#[derive(Clone)]
pub struct Figures {
    sealed: IntCounter,
    failed: IntCounter,
    unmade: IntGauge,
}

impl Figures {
    /// All at zero.
    pub fn new() -> Result<Self> {
        let of = |error: prometheus::Error| Error::internal(error);
        Ok(Self {
            sealed: IntCounter::new("audit_rows_sealed_total", "Rows of audit trails that were sealed").map_err(of)?,
            failed: IntCounter::new("audit_upkeep_failures_total", "Rounds in which a trail could not be kept in order").map_err(of)?,
            unmade: IntGauge::new("audit_months_missing", "Trails, as of the last round, whose months ahead end within 31 days")
                .map_err(of)?,
        })
    }

    /// Shows them on /metrics.
    pub fn register(&self, registry: &Registry) -> Result<()> {
        for counter in [&self.sealed, &self.failed] {
            registry.register(Box::new(counter.clone())).map_err(Error::internal)?;
        }
        registry.register(Box::new(self.unmade.clone())).map_err(Error::internal)
    }

    /// Notes what became of one trail, and says whether its months end soon.
    pub fn note(&self, kept: &Result<Option<Kept>>, now: DateTime<Utc>) -> bool {
        match kept {
            Ok(kept) => {
                self.sealed.inc_by(kept.map_or(0, |kept| kept.sealed));
                kept.is_some_and(|kept| (kept.months_until - now).num_days() < 31)
            }
            Err(_) => {
                self.failed.inc();
                false
            }
        }
    }

    /// Notes after a round how many trails have too few months ahead.
    pub fn missing(&self, trails: i64) {
        self.unmade.set(trails);
    }
}
