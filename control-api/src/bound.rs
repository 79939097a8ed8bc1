//! At most so many within a time, as counted in the control database.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use shared::{Error, Result};

/// How many there were, and when the first of them was.
pub type Count = (i64, Option<DateTime<Utc>>);

/// At most so many within this time; then none until the first of them is past.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// How many.
    pub most: i64,
    /// Within which time.
    pub within: TimeDelta,
}

impl Bound {
    /// Since when one counts.
    pub fn since(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - self.within
    }

    /// How long whoever comes after so many waits; nothing if there is room.
    pub fn wait(self, (count, first): Count, now: DateTime<Utc>) -> Option<Duration> {
        let left = || first.map_or(self.within, |first| first + self.within - now);
        (count >= self.most).then(|| left().to_std().unwrap_or_default())
    }

    /// `429 rate_limited` if there is no room.
    pub fn check(self, count: Count, now: DateTime<Utc>) -> Result<()> {
        self.wait(count, now).map_or(Ok(()), |retry_after| Err(Error::TooMany { retry_after }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_waits_until_the_first_is_past() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let bound = Bound { most: 3, within: TimeDelta::minutes(15) };
        for (count, first_minutes_ago, expected) in [
            (0, None, None),
            (2, Some(1), None),
            (3, Some(0), Some(15)),
            (3, Some(14), Some(1)),
            (4, Some(14), Some(1)),
            (3, Some(15), Some(0)),
            (3, Some(16), Some(0)),
            (3, None, Some(15)),
        ] {
            let first = first_minutes_ago.map(|minutes| now - TimeDelta::minutes(minutes));
            let expected = expected.map(|minutes| Duration::from_secs(minutes * 60));
            assert_eq!(bound.wait((count, first), now), expected, "{count} {first_minutes_ago:?}");
            assert_eq!(bound.check((count, first), now).is_err(), expected.is_some(), "{count} {first_minutes_ago:?}");
        }
        assert_eq!(bound.since(now), now - TimeDelta::minutes(15));
    }
}
