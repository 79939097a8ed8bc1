//! A calendar month, in UTC: what is counted and paid by the month begins and ends here.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(NaiveDate);

impl Month {
    /// The month of that moment.
    pub fn of(at: DateTime<Utc>) -> Self {
        Self::with(at.date_naive())
    }

    /// The month of that day.
    pub fn with(day: NaiveDate) -> Self {
        Self(day.with_day(1).expect("each month has a first day"))
    }

    /// Its first day.
    pub fn first(self) -> NaiveDate {
        self.0
    }

    /// Its first moment.
    pub fn starts(self) -> DateTime<Utc> {
        self.0.and_time(NaiveTime::MIN).and_utc()
    }

    /// The first moment of the next one.
    pub fn ends(self) -> DateTime<Utc> {
        self.next().starts()
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX))
    }

    /// The one before it.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.checked_sub_months(Months::new(1)).unwrap_or(NaiveDate::MIN))
    }

    /// How many days it has.
    pub fn days(self) -> i64 {
        (self.next().0 - self.0).num_days()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d");
        let known = day.ok().filter(|day| text.len() == 7 && (2000..=2200).contains(&day.year()));
        known.map(Self).ok_or("invalid: A month, as 2026-11.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_through_years_and_leap_days() {
        for (text, days, next, previous) in
            [("2026-12", 31, "2027-01", "2026-11"), ("2028-02", 29, "2028-03", "2028-01"), ("2027-02", 28, "2027-03", "2027-01")]
        {
            let month: Month = text.parse().expect("a month");
            let told = (month.days(), month.next().to_string(), month.previous().to_string());
            assert_eq!(told, (days, next.to_owned(), previous.to_owned()), "{text}");
            assert_eq!(month.ends(), month.next().starts());
            assert_eq!(Month::of(month.ends() - chrono::TimeDelta::nanoseconds(1)), month);
        }
        for wrong in ["", "2026", "2026-13", "2026-1", "26-01", "2026-01-01", "9999-01", "2026-0a"] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }
}
