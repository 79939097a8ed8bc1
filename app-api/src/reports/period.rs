//! Which days a report is about, and into which parts they fall. Days are the organisation's own; a part is never longer than
//! the report.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize};
use shared::month::Month;
use utoipa::ToSchema;

use super::sums::Dimension;

/// Days of a report, unless told.
const USUAL: u64 = 30;
/// Days of a report at most: a year.
const MOST: i64 = 366;

/// By what a report is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// Each day.
    Day,
    /// Weeks that begin on Monday.
    Week,
    /// Calendar months.
    Month,
    /// The priority that the ticket had then.
    Priority,
    /// The ticket's category.
    Category,
    /// How the ticket came.
    Channel,
    /// The ticket's team.
    Team,
    /// Who is to answer for it.
    Agent,
}

impl GroupBy {
    /// What it is in sums; none for parts of the time.
    pub fn dimension(self) -> Option<Dimension> {
        match self {
            Self::Day | Self::Week | Self::Month => None,
            Self::Priority => Some(Dimension::Priority),
            Self::Category => Some(Dimension::Category),
            Self::Channel => Some(Dimension::Channel),
            Self::Team => Some(Dimension::Team),
            Self::Agent => Some(Dimension::Agent),
        }
    }
}

/// A day as somebody names it: as `2026-03-29`, or by one of its moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// The day itself.
    Date(NaiveDate),
    /// A moment.
    Moment(DateTime<Utc>),
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let is_date = text.len() == 10;
        let date = text.parse().ok().filter(|_| is_date).map(Self::Date);
        let day = date.or_else(|| DateTime::parse_from_rfc3339(&text).ok().map(|at| Self::Moment(at.to_utc())));
        let year = |day: &Self| match day {
            Self::Date(date) => date.year(),
            Self::Moment(at) => at.year(),
        };
        match day {
            Some(day) if (1970..9999).contains(&year(&day)) => Ok(day),
            Some(_) => Err(serde::de::Error::custom("out_of_range: The years 1970 to 9998.")),
            None => Err(serde::de::Error::custom("invalid: A day, as 2026-03-29.")),
        }
    }
}

impl Day {
    fn by(self, zone: Tz) -> NaiveDate {
        match self {
            Self::Date(date) => date,
            Self::Moment(at) => at.with_timezone(&zone).date_naive(),
        }
    }

    /// The same as an end: the first moment of a day ends the day before.
    fn end_by(self, zone: Tz) -> NaiveDate {
        match self {
            Self::Date(date) => date,
            Self::Moment(at) => (at - TimeDelta::microseconds(1)).with_timezone(&zone).date_naive(),
        }
    }
}

/// Some days, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// Which parameter is wrong, and how.
pub type Wrong = (&'static str, &'static str, &'static str);

impl Period {
    /// The days that were asked for: up to today, and thirty days, unless told.
    pub fn asked((from, to): (Option<Day>, Option<Day>), zone: Tz, now: DateTime<Utc>) -> Result<Self, Wrong> {
        let to = to.map_or_else(|| now.with_timezone(&zone).date_naive(), |day| day.end_by(zone));
        let from = from.map_or_else(|| to - Days::new(USUAL - 1), |day| day.by(zone));
        let period = Self { from, to };
        match period.days() {
            ..=0 => Err(("from", "out_of_range", "It must not be after `to`.")),
            n if n > MOST => Err(("from", "out_of_range", "At most 366 days.")),
            _ => Ok(period),
        }
    }

    /// How many days it has.
    pub fn days(self) -> i64 {
        (self.to - self.from).num_days() + 1
    }

    /// As many days right before it.
    #[must_use]
    pub fn before(self) -> Self {
        let days = Days::new(self.days().unsigned_abs());
        Self { from: self.from - days, to: self.to - days }
    }

    /// Its parts in order, if it is divided by time.
    pub fn parts(self, by: GroupBy) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut from = self.from;
        while from <= self.to {
            let last = match by {
                GroupBy::Week => from + Days::new(6 - u64::from(from.weekday().num_days_from_monday())),
                GroupBy::Month => Month::with(from).next().first() - Days::new(1),
                _ => from,
            };
            parts.push(Self { from, to: last.min(self.to) });
            from = last + Days::new(1);
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn day(text: &str) -> Day {
        serde_json::from_value(Value::from(text)).unwrap_or_else(|wrong| panic!("{text}: {wrong}"))
    }

    fn asked(from: &str, to: &str, zone: Tz) -> Result<String, Wrong> {
        let some = |text: &str| Some(text).filter(|text| !text.is_empty()).map(day);
        let now = "2026-03-29T22:30:00Z".parse().expect("a time");
        Period::asked((some(from), some(to)), zone, now).map(|period| format!("{} {}", period.from, period.to))
    }

    #[test]
    fn a_period_is_the_last_thirty_days_by_the_organisations_clock_unless_told() {
        let paris = Tz::Europe__Paris;
        for (from, to, zone, expected) in [
            ("", "", Tz::UTC, "2026-02-28 2026-03-29"),
            ("", "", paris, "2026-03-01 2026-03-30"),
            ("2026-03-01", "", Tz::UTC, "2026-03-01 2026-03-29"),
            ("", "2026-01-30", paris, "2026-01-01 2026-01-30"),
            ("2026-03-29", "2026-03-29", paris, "2026-03-29 2026-03-29"),
            ("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z", paris, "2026-03-01 2026-03-31"),
            ("2026-03-01T00:00:00+01:00", "2026-03-31T22:00:01Z", paris, "2026-03-01 2026-04-01"),
        ] {
            assert_eq!(asked(from, to, zone).as_deref(), Ok(expected), "{from} {to}");
        }
    }

    #[test]
    fn a_period_that_is_none_is_refused() {
        for (from, to) in [("2026-03-02", "2026-03-01"), ("2026-03-30", ""), ("2025-01-01", "2026-01-02")] {
            let wrong = asked(from, to, Tz::UTC).expect_err("refused");
            assert_eq!((wrong.0, wrong.1), ("from", "out_of_range"), "{from} {to}");
        }
        assert!(asked("2025-01-01", "2026-01-01", Tz::UTC).is_ok(), "a year");
        for (text, code) in [
            ("", "invalid"),
            ("yesterday", "invalid"),
            ("2026-02-30", "invalid"),
            ("2026-3-1", "invalid"),
            ("20260301", "invalid"),
            ("2026-03-01T00:00:00", "invalid"),
            ("1969-12-31", "out_of_range"),
            ("9999-01-01", "out_of_range"),
            ("9999-12-31T23:59:59Z", "out_of_range"),
        ] {
            let wrong = serde_json::from_value::<Day>(Value::from(text)).expect_err(text).to_string();
            assert!(wrong.starts_with(code), "{text}: {wrong}");
        }
    }

    #[test]
    fn the_days_before_are_as_many() {
        let of = |from: &str, to: &str| Period { from: from.parse().expect("a day"), to: to.parse().expect("a day") };
        assert_eq!(of("2026-03-01", "2026-03-31").before(), of("2026-01-29", "2026-02-28"));
        assert_eq!(of("2026-03-01", "2026-03-01").before(), of("2026-02-28", "2026-02-28"));
    }

    #[test]
    fn parts_hold_each_day_once_and_no_other() {
        let whole = Period { from: "2026-02-26".parse().expect("a day"), to: "2026-04-01".parse().expect("a day") };
        for (by, count, second) in [(GroupBy::Day, 35, "2026-02-27"), (GroupBy::Week, 6, "2026-03-02"), (GroupBy::Month, 3, "2026-03-01")] {
            let parts = whole.parts(by);
            assert_eq!((parts.len(), parts[1].from.to_string()), (count, second.to_owned()), "{by:?}");
            assert_eq!((parts[0].from, parts[count - 1].to), (whole.from, whole.to), "{by:?}");
            assert!(parts.windows(2).all(|two| two[0].to + Days::new(1) == two[1].from), "{by:?}");
        }
    }
}
