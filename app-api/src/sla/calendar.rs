//! Business hours (T-11): which moments count. Hours are local, as people agree on them, so a day of 23 or 25 hours has
//! the opening hours that its clocks show; holidays are local dates.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Minutes of a day, the first inclusive, the second not: `(540, 720)` is 9:00 to 12:00.
pub type Range = (u16, u16);

const DAY: u16 = 1440;
/// How far ahead a time is looked for: whoever is closed for longer promises nothing.
const HORIZON: u64 = 4 * 366;
/// Somewhere on earth a local date begins so long before it does in UTC, and ends so long after.
const FIRST: TimeDelta = TimeDelta::hours(15);
const LAST: TimeDelta = TimeDelta::hours(13);

/// When somebody works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    /// Monday to Sunday.
    week: [Vec<Range>; 7],
    holidays: BTreeSet<NaiveDate>,
}

/// A stretch of time, its end not included.
pub type Stretch = (DateTime<Utc>, DateTime<Utc>);

impl Calendar {
    /// The hours of a week in a zone, but on no holiday; or what is wrong with them.
    pub fn new(zone: Tz, week: [Vec<Range>; 7], holidays: BTreeSet<NaiveDate>) -> Result<Self, &'static str> {
        let is_sound = |ranges: &Vec<Range>| {
            ranges.iter().all(|(from, to)| from < to && *to <= DAY) && ranges.windows(2).all(|pair| pair[0].1 < pair[1].0)
        };
        if !week.iter().all(is_sound) {
            return Err("invalid: Ranges of a day go from earlier to later within 0 and 1440, in order, and do not touch.");
        }
        if week.iter().all(Vec::is_empty) {
            return Err("required: At least one range in the week.");
        }
        Ok(Self { zone, week, holidays })
    }

    /// The open stretches of one local date. A time that the clocks skip is not there; one that they show twice is there twice.
    fn of_date(&self, date: NaiveDate) -> Vec<Stretch> {
        if self.holidays.contains(&date) {
            return Vec::new();
        }
        let ranges = &self.week[date.weekday().num_days_from_monday() as usize];
        let midnight = date.and_time(NaiveTime::MIN);
        let mut open: Vec<Stretch> = Vec::new();
        for (from, to, offset) in self.offsets(midnight) {
            for (opens, closes) in ranges {
                let at = |minute: u16| (midnight + TimeDelta::minutes(minute.into()) - offset).and_utc();
                let stretch = (at(*opens).max(from), at(*closes).min(to));
                if stretch.0 < stretch.1 {
                    open.push(stretch);
                }
            }
        }
        open.sort_unstable();
        open
    }

    /// The stretches of UTC that may show the local date of `midnight`, each with its distance to UTC.
    fn offsets(&self, midnight: NaiveDateTime) -> Vec<(DateTime<Utc>, DateTime<Utc>, TimeDelta)> {
        let (from, to) = ((midnight - FIRST).and_utc(), (midnight + TimeDelta::days(1) + LAST).and_utc());
        let (before, after) = (self.offset(from), self.offset(to));
        if before == after {
            return vec![(from, to, before)];
        }
        let (mut low, mut high) = (from.timestamp(), to.timestamp());
        while high - low > 1 {
            let middle = low.midpoint(high);
            let at = DateTime::from_timestamp(middle, 0).unwrap_or(from);
            *(if self.offset(at) == before { &mut low } else { &mut high }) = middle;
        }
        let change = DateTime::from_timestamp(high, 0).unwrap_or(to);
        vec![(from, change, before), (change, to, after)]
    }

    fn offset(&self, at: DateTime<Utc>) -> TimeDelta {
        TimeDelta::seconds(self.zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into())
    }

    /// The open stretches from a time on, for as long as anybody looks.
    fn from(&self, at: DateTime<Utc>) -> impl Iterator<Item = Stretch> + '_ {
        let first = at.with_timezone(&self.zone).date_naive();
        // A date that lies across midnight UTC may have begun the day before.
        let dates = (0..HORIZON).filter_map(move |n| first.checked_sub_days(Days::new(1))?.checked_add_days(Days::new(n)));
        dates.flat_map(|date| self.of_date(date)).filter(move |(_, end)| *end > at).map(move |(start, end)| (start.max(at), end))
    }

    /// The open stretches between two times.
    pub fn open(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Stretch> {
        self.from(from).take_while(|(start, _)| *start < to).map(|(start, end)| (start, end.min(to))).collect()
    }

    /// When so much working time has passed since `from`; none if that is years away.
    pub fn add(&self, from: DateTime<Utc>, mut amount: TimeDelta) -> Option<DateTime<Utc>> {
        for (start, end) in self.from(from) {
            if end - start >= amount {
                return Some(start + amount);
            }
            amount -= end - start;
        }
        None
    }
}

/// The working time between two times; without a calendar all of it.
pub fn working(calendar: Option<&Calendar>, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
    match calendar {
        Some(calendar) => calendar.open(from, to).iter().map(|(start, end)| *end - *start).sum(),
        None => (to - from).max(TimeDelta::zero()),
    }
}

/// When so much working time has passed since `from`.
pub fn after(calendar: Option<&Calendar>, from: DateTime<Utc>, amount: TimeDelta) -> Option<DateTime<Utc>> {
    calendar.map_or(Some(from + amount), |calendar| calendar.add(from, amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect(text)
    }

    /// Monday to Friday, 9 to 12 and 13 to 18 local time, closed at Christmas.
    fn office(zone: Tz) -> Calendar {
        let day = vec![(540, 720), (780, 1080)];
        let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, Vec::new(), Vec::new()];
        Calendar::new(zone, week, BTreeSet::from([NaiveDate::from_ymd_opt(2026, 12, 25).expect("a date")])).expect("sound")
    }

    fn always(zone: Tz, ranges: &[Range]) -> Calendar {
        Calendar::new(zone, std::array::from_fn(|_| ranges.to_vec()), BTreeSet::new()).expect("sound")
    }

    #[test]
    fn working_hours_skip_nights_lunch_weekends_and_holidays() {
        let paris = office(Tz::Europe__Paris);
        for (from, hours, due) in [
            ("2026-03-02T08:00:00Z", 1, "2026-03-02T09:00:00Z"),
            ("2026-03-02T08:00:00Z", 3, "2026-03-02T11:00:00Z"),
            ("2026-03-02T08:00:00Z", 4, "2026-03-02T13:00:00Z"),
            ("2026-03-02T02:00:00Z", 1, "2026-03-02T09:00:00Z"),
            // Friday 17:40 and four hours: Monday 13:40.
            ("2026-03-06T16:40:00Z", 4, "2026-03-09T12:40:00Z"),
            ("2026-12-24T16:00:00Z", 2, "2026-12-28T09:00:00Z"),
            // The clocks go forward on Sunday: Monday begins an hour earlier in UTC.
            ("2026-03-27T16:00:00Z", 2, "2026-03-30T08:00:00Z"),
        ] {
            assert_eq!(paris.add(at(from), TimeDelta::hours(hours)), Some(at(due)), "{from} + {hours} h");
        }
    }

    #[test]
    fn days_that_clocks_shorten_lengthen_or_leave_out_count_what_clocks_show() {
        let minutes = |calendar: &Calendar, from: &str, to: &str| working(Some(calendar), at(from), at(to)).num_minutes();
        let night = always(Tz::Europe__Berlin, &[(135, 165)]);
        for (calendar, from, to, counted, why) in [
            (&night, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", 0, "2:15 to 2:45 is skipped"),
            (&night, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", 60, "2:15 to 2:45 comes twice"),
            (&night, "2026-10-25T12:00:00Z", "2026-10-26T12:00:00Z", 30, "an ordinary night"),
            (&always(Tz::Australia__Lord_Howe, &[(0, 1440)]), "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z", 1470, "half an hour more"),
            (&always(Tz::Pacific__Apia, &[(0, 1440)]), "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", 2880, "time goes on"),
            (&office(Tz::Pacific__Apia), "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", 480, "a Thursday; Friday the 30th was left out"),
        ] {
            assert_eq!(minutes(calendar, from, to), counted, "{why}");
        }
    }

    #[test]
    fn hours_that_cannot_be_are_refused() {
        let week = |ranges: &[Range]| std::array::from_fn(|_| ranges.to_vec());
        for wrong in [&[(600, 540)][..], &[(540, 540)], &[(0, 1441)], &[(540, 720), (700, 800)], &[(540, 720), (720, 800)], &[]] {
            assert!(Calendar::new(Tz::UTC, week(wrong), BTreeSet::new()).is_err(), "{wrong:?}");
        }
        let dates = (0..2000).filter_map(|n| NaiveDate::from_ymd_opt(2026, 1, 1)?.checked_add_days(Days::new(n)));
        let closed = Calendar::new(Tz::UTC, week(&[(0, 1440)]), dates.collect()).expect("sound");
        assert_eq!(closed.add(at("2026-01-01T00:00:00Z"), TimeDelta::minutes(1)), None, "whoever is closed for years promises nothing");
    }
}
