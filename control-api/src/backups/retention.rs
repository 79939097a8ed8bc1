//! How long backups are kept, and when in the night each is taken. Pure.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use uuid::Uuid;

/// The newest backup of so many days is kept.
const DAYS: usize = 7;
/// Of so many weeks.
const WEEKS: usize = 4;
/// Of so many months.
const MONTHS: usize = 6;
/// What a moment has become is kept for so long, as the database is that a restore has left.
const MOMENT: TimeDelta = TimeDelta::days(7);
/// The night in which backups are taken begins at midnight, UTC, and lasts so long.
const NIGHT: TimeDelta = TimeDelta::hours(5);
/// One that has failed is tried again so long after: until then others of its server have their turn.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// A backup that comes and goes by itself.
#[derive(Debug, Clone)]
pub struct Passing {
    /// Its id.
    pub id: Uuid,
    /// Whose it is; nil: the control database.
    pub owner: Uuid,
    /// As of when it is.
    pub taken_at: DateTime<Utc>,
    /// When it was complete.
    pub made_at: DateTime<Utc>,
    /// A moment has become this one, for a restore or a drill: it takes no night's place.
    pub is_moments: bool,
}

/// Which of one owner's, the newest first, are over.
pub fn over(of_one: &[Passing], now: DateTime<Utc>) -> Vec<Uuid> {
    let (moments, nightly): (Vec<_>, Vec<_>) = of_one.iter().partition(|backup| backup.is_moments);
    let taken: Vec<DateTime<Utc>> = nightly.iter().map(|backup| backup.taken_at).collect();
    let nightly = nightly.into_iter().zip(kept(&taken)).filter(|(_, keeps)| !keeps).map(|(backup, _)| backup.id);
    let moments = moments.into_iter().filter(|backup| backup.made_at + MOMENT < now).map(|backup| backup.id);
    nightly.chain(moments).collect()
}

/// Which of these, the newest first, are kept: the newest of each of the last 7 days, 4 weeks and 6 months that
/// have any.
fn kept(taken: &[DateTime<Utc>]) -> Vec<bool> {
    let mut seen: [HashSet<(i32, u32)>; 3] = Default::default();
    let spans = |at: &DateTime<Utc>| [(at.year(), at.ordinal()), (at.iso_week().year(), at.iso_week().week()), (at.year(), at.month())];
    let keeps = |at: &DateTime<Utc>| {
        let mut keeps = false;
        for ((seen, span), most) in seen.iter_mut().zip(spans(at)).zip([DAYS, WEEKS, MONTHS]) {
            keeps |= seen.len() < most && seen.insert(span);
        }
        keeps
    };
    taken.iter().map(keeps).collect()
}

/// Whether a backup is due of whom the newest is of `since` and the last that failed ended at `failed`.
pub fn is_due(tenant: Option<Uuid>, (since, failed): (DateTime<Utc>, Option<DateTime<Utc>>), now: DateTime<Utc>) -> bool {
    since < last_turn(tenant, now) && failed.is_none_or(|failed| failed + PAUSE <= now)
}

/// When a tenant's turn last was: each has a moment of its own in the night, so that they do not come at once.
pub fn last_turn(tenant: Option<Uuid>, now: DateTime<Utc>) -> DateTime<Utc> {
    let part = tenant.map_or(0, |id| id.as_bytes().iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into())));
    let into = TimeDelta::seconds((part % NIGHT.num_seconds().cast_unsigned()).cast_signed());
    let midnight =
        now - TimeDelta::seconds(now.timestamp().rem_euclid(86_400)) - TimeDelta::nanoseconds(now.timestamp_subsec_nanos().into());
    let today = midnight + into;
    if today <= now { today } else { today - TimeDelta::days(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn seven_days_four_weeks_and_six_months_are_kept() {
        let nightly: Vec<DateTime<Utc>> = (0..400).map(|day| at("2026-11-22T02:00:00Z") - TimeDelta::days(day)).collect();
        let kept_days: Vec<String> =
            nightly.iter().zip(kept(&nightly)).filter(|(_, keeps)| *keeps).map(|(day, _)| day.format("%m-%d").to_string()).collect();
        let expected = "11-22 11-21 11-20 11-19 11-18 11-17 11-16 11-15 11-08 11-01 10-31 09-30 08-31 07-31 06-30";
        assert_eq!(kept_days.join(" "), expected);
    }

    #[test]
    fn of_one_day_the_newest_is_kept_and_gaps_keep_older_ones() {
        for (taken, keeps) in [
            (vec![], vec![]),
            (vec!["2026-01-01T00:00:00Z"], vec![true]),
            (vec!["2026-01-05T03:00:00Z", "2026-01-05T02:00:00Z", "2026-01-05T01:00:00Z"], vec![true, false, false]),
            (vec!["2026-06-01T00:00:00Z", "2024-01-01T00:00:00Z", "2020-01-01T00:00:00Z"], vec![true, true, true]),
        ] {
            let taken: Vec<_> = taken.into_iter().map(at).collect();
            assert_eq!(kept(&taken), keeps, "{taken:?}");
        }
    }

    #[test]
    fn what_a_moment_has_become_makes_no_night_go_and_lasts_a_week() {
        let now = at("2026-11-22T12:00:00Z");
        let passing = |id: u128, taken_at: &str, made_at: &str, is_moments| Passing {
            id: Uuid::from_u128(id),
            owner: Uuid::nil(),
            taken_at: at(taken_at),
            made_at: at(made_at),
            is_moments,
        };
        // Of one day: a drill of 14:00, the night's of 02:00, and a restore to 01:00.
        let all = [
            passing(1, "2026-11-21T14:00:00Z", "2026-11-22T05:00:00Z", true),
            passing(2, "2026-11-21T02:00:00Z", "2026-11-21T02:01:00Z", false),
            passing(3, "2026-11-21T01:00:00Z", "2026-11-22T11:00:00Z", true),
            passing(4, "2026-11-14T01:00:00Z", "2026-11-15T11:59:00Z", true),
        ];
        assert_eq!(over(&all, now), [Uuid::from_u128(4)]);
        assert_eq!(over(&[all[1].clone(), passing(5, "2026-11-21T01:30:00Z", "2026-11-21T01:31:00Z", false)], now), [Uuid::from_u128(5)]);
    }

    #[test]
    fn a_backup_is_due_once_after_its_turn_and_an_hour_after_it_has_failed() {
        // The control database's turn is at midnight.
        for (now, since, failed, is_due_now) in [
            ("2026-11-22T00:00:01Z", "2026-11-21T00:00:02Z", None, true),
            ("2026-11-22T12:00:00Z", "2026-11-22T00:00:02Z", None, false),
            ("2026-11-22T00:30:00Z", "2026-11-21T00:00:02Z", Some("2026-11-22T00:15:00Z"), false),
            ("2026-11-22T01:14:59Z", "2026-11-21T00:00:02Z", Some("2026-11-22T00:15:00Z"), false),
            ("2026-11-22T01:15:00Z", "2026-11-21T00:00:02Z", Some("2026-11-22T00:15:00Z"), true),
            ("2026-11-22T01:15:00Z", "2026-11-22T00:10:00Z", Some("2026-11-22T00:05:00Z"), false),
        ] {
            assert_eq!(is_due(None, (at(since), failed.map(at)), at(now)), is_due_now, "{now} {since} {failed:?}");
        }
    }

    #[test]
    fn each_has_one_turn_a_night_and_they_are_spread() {
        let now = at("2026-11-22T12:34:56.789Z");
        let turns: Vec<_> = (0..1000).map(|n| last_turn(Some(Uuid::from_u128(n * 7_919_777_777_777)), now)).collect();
        assert!(turns.iter().all(|turn| *turn >= at("2026-11-22T00:00:00Z") && *turn < at("2026-11-22T05:00:00Z")));
        let first_hour = turns.iter().filter(|turn| **turn < at("2026-11-22T01:00:00Z")).count();
        assert!((120..280).contains(&first_hour), "{first_hour}");
        let id = Some(Uuid::from_u128(77));
        let turn = last_turn(id, now);
        assert_eq!(last_turn(id, turn), turn);
        assert_eq!(last_turn(id, turn - TimeDelta::seconds(1)), turn - TimeDelta::days(1));
        assert_eq!(last_turn(None, now), at("2026-11-22T00:00:00Z"));
    }
}
