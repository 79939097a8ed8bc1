//! What holds of every calendar and every clock, whichever hours, zones, pauses and targets there are (T-10 to T-12);
//! and what another library says of business hours.

use std::{array, collections::BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    calendar::{Calendar, Range, working},
    clock::{Pace, Span, State, measure},
};

/// Zones whose clocks change by an hour, by half of one, in the other half of the year, around Ramadan, by a whole day, never.
const ZONES: [Tz; 8] = [
    Tz::Europe__Paris,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kathmandu,
    Tz::Africa__Casablanca,
    Tz::Pacific__Apia,
    Tz::America__Sao_Paulo,
    Tz::UTC,
];

/// Up to three ranges of a day.
fn day() -> impl Strategy<Value = Vec<Range>> {
    vec(0_u16..=1440, 0..=6).prop_map(|edges| {
        let edges: Vec<u16> = BTreeSet::from_iter(edges).into_iter().collect();
        edges.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}

fn calendar() -> impl Strategy<Value = Calendar> {
    let holidays = vec((2010_i32..2028, 1_u32..366), 0..20);
    (select(ZONES.to_vec()), array::from_fn::<_, 7, _>(|_| day()), holidays).prop_filter_map("somebody works", |(zone, week, days)| {
        let days = days.into_iter().filter_map(|(year, day)| NaiveDate::from_yo_opt(year, day)).collect();
        Calendar::new(zone, week, days).ok()
    })
}

/// Any second of the years in which these zones change most.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (1_262_304_000_i64..1_830_000_000).prop_map(|second| DateTime::from_timestamp(second, 0).expect("a time"))
}

/// A ticket's life of up to eight stretches after `from`, none of them empty.
fn life(from: DateTime<Utc>) -> impl Strategy<Value = Vec<Span>> {
    let pace = select(vec![Pace::Running, Pace::Paused, Pace::Stopped]);
    vec((pace, 1_i64..400_000), 1..8).prop_map(move |stretches| {
        let (mut at, last) = (from, stretches.len() - 1);
        let span = |(n, (pace, seconds)): (usize, (Pace, i64))| {
            let pace = if n == 0 { Pace::Running } else { pace };
            let from = at;
            at += TimeDelta::seconds(seconds);
            Span { from, to: (n < last).then_some(at), pace }
        };
        stretches.into_iter().enumerate().map(span).collect()
    })
}

/// When its last stretch began.
fn begun(life: &[Span]) -> DateTime<Utc> {
    life.last().expect("a stretch").from
}

fn lived() -> impl Strategy<Value = Vec<Span>> {
    moment().prop_flat_map(life)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_due_has_exactly_the_working_time_before_it(calendar in calendar(), from in moment(), seconds in 1_i64..500_000) {
        let amount = TimeDelta::seconds(seconds);
        if let Some(due) = calendar.add(from, amount) {
            prop_assert_eq!(working(Some(&calendar), from, due), amount);
            prop_assert_eq!(working(Some(&calendar), from, due - TimeDelta::seconds(1)), amount - TimeDelta::seconds(1), "not before");
        }
    }

    #[test]
    fn stretches_come_in_order_and_none_is_counted_twice(calendar in calendar(), from in moment(), days in 1_i64..40) {
        let open = calendar.open(from, from + TimeDelta::days(days));
        prop_assert!(open.iter().all(|(start, end)| start < end));
        prop_assert!(open.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{:?}", open);
    }

    #[test]
    fn working_time_adds_up_wherever_it_is_cut(calendar in calendar(), from in moment(), cut in 0_i64..900_000, rest in 0_i64..900_000) {
        let (cut, to) = (from + TimeDelta::seconds(cut), from + TimeDelta::seconds(cut + rest));
        let counted = |from, to| working(Some(&calendar), from, to);
        prop_assert_eq!(counted(from, cut) + counted(cut, to), counted(from, to));
    }

    #[test]
    fn a_clock_that_is_measured_later_says_the_same_of_what_was(life in lived(), minutes in 1_i64..6000, waits in 0_i64..900_000) {
        let now = begun(&life);
        let target = TimeDelta::minutes(minutes);
        let (first, later) = (measure(target, None, &life, None, now), measure(target, None, &life, None, now + TimeDelta::seconds(waits)));
        prop_assert_eq!((first.due_at, first.warn_at), (later.due_at, later.warn_at));
        prop_assert!(first.elapsed <= later.elapsed);
        prop_assert!(first.state != State::Breached || later.state == State::Breached, "a breach stays one");
    }

    #[test]
    fn what_runs_is_due_when_what_is_left_has_passed(life in lived(), minutes in 1_i64..60_000) {
        let now = begun(&life);
        let target = TimeDelta::minutes(minutes);
        let clock = measure(target, None, &life, None, now);
        if clock.state == State::Running {
            prop_assert_eq!(clock.due_at, Some(now + clock.left(target)));
        }
        prop_assert_eq!(clock.state == State::Breached, clock.elapsed >= target);
    }

    #[test]
    fn a_longer_target_is_never_missed_earlier(life in lived(), minutes in 1_i64..6000, more in 1_i64..6000) {
        let now = begun(&life);
        let due = |minutes| measure(TimeDelta::minutes(minutes), None, &life, None, now).due_at;
        if let Some(longer) = due(minutes + more) {
            prop_assert!(due(minutes).is_some_and(|shorter| shorter < longer));
        }
    }
}

#[test]
fn another_library_that_counts_each_minute_says_the_same() {
    let mut asked = csv::ReaderBuilder::new().delimiter(b';').quoting(false).from_reader(include_str!("oracle.csv").as_bytes());
    let mut compared = 0;
    for row in asked.records() {
        let row = row.expect("a row");
        let week: [Vec<Range>; 7] = serde_json::from_str(&row[1]).expect("a week");
        let holidays = row[2].split(',').filter(|day| !day.is_empty()).map(|day| day.parse().expect("a day")).collect();
        let calendar = Calendar::new(row[0].parse().expect("a zone"), week, holidays).expect("sound");
        let (from, due): (DateTime<Utc>, DateTime<Utc>) = (row[3].parse().expect("a time"), row[5].parse().expect("a time"));
        let minutes = TimeDelta::minutes(row[4].parse().expect("a number"));
        assert_eq!(calendar.add(from, minutes), Some(due), "{row:?}");
        compared += 1;
    }
    assert_eq!(compared, 200);
}
