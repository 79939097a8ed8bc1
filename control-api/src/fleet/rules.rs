//! Who comes when, when a run stops by itself, and what a failure leads to. Pure.

use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use super::model::Candidate;

/// How often a database is tried while what is in the way may pass: about half a minute.
pub const ATTEMPTS: i32 = 6;

/// The waves: canaries, one in a hundred, one in ten, all others (handbook, 12.3.1).
pub fn waves(candidates: &[Candidate], canaries: &[String], chance: impl Fn(Uuid) -> u64) -> Vec<(Uuid, i16)> {
    let (first, mut rest): (Vec<_>, Vec<_>) = candidates.iter().partition(|c| c.is_canary || canaries.contains(&c.slug));
    rest.sort_by_key(|candidate| (chance(candidate.id), candidate.id));
    let hundredth = rest.len().div_ceil(100);
    let tenth = hundredth + rest.len().div_ceil(10);
    let wave = |place: usize| {
        if place < hundredth {
            1
        } else if place < tenth {
            2
        } else {
            3
        }
    };
    let rest = rest.into_iter().enumerate().map(|(place, candidate)| (candidate.id, wave(place)));
    first.into_iter().map(|candidate| (candidate.id, 0)).chain(rest).collect()
}

/// How far a run has come; failures that an operator has forgiven are not among these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Databases in all.
    pub total: i64,
    /// Those that wait or are worked on.
    pub open: i64,
    /// Those that failed.
    pub failed: i64,
    /// Canaries among these.
    pub canaries_failed: i64,
    /// A whole wave, of more than one, is among these.
    pub wave_failed: bool,
}

/// What becomes of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The next database.
    GoOn,
    /// No other database; with the reason.
    Stop(String),
    /// Nothing is left.
    Done,
}

/// What becomes of a run of which `max_failures` per cent may fail. One broken database stops nobody, however few
/// there are, unless it is a canary's or none may fail. A wave of which not one has succeeded says enough of the next, however
/// small a part of all it is; unless all may fail.
pub fn judge(standing: Standing, max_failures: f64) -> Verdict {
    let Standing { total, open, failed, canaries_failed, wave_failed } = standing;
    let share = (total as f64 * max_failures / 100.0).floor() as i64;
    let may_fail = if max_failures > 0.0 { share.max(1) } else { 0 };
    if canaries_failed > 0 {
        return Verdict::Stop("a canary failed".into());
    }
    if failed > may_fail {
        return Verdict::Stop(format!("{failed} of {total} databases failed; {may_fail} may"));
    }
    if wave_failed && max_failures < 100.0 {
        return Verdict::Stop("a whole wave failed".into());
    }
    if open == 0 { Verdict::Done } else { Verdict::GoOn }
}

/// Why a database was not migrated. Whatever it was, the database is as it was before the file that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Something in the way that may pass: a lock, a server that is away.
    Passing(String),
    /// It will be the same the next time.
    Lasting(String),
    /// Rows are fewer than before, or would be: no other database is touched before somebody has looked.
    RowsLost(String),
}

impl Trouble {
    /// What happened, for an engineer.
    pub fn text(&self) -> &str {
        match self {
            Self::Passing(text) | Self::Lasting(text) | Self::RowsLost(text) => text,
        }
    }

    /// When it is tried again after so many tries; none when it is given up. Pauses of 1 s, 2 s, 4 s … and up to
    /// a half more by `chance`, from 0 to 1, so that not all come again at once.
    pub fn again_after(&self, attempts: i32, chance: f64) -> Option<TimeDelta> {
        match self {
            Self::Passing(_) if attempts < ATTEMPTS => {
                let pause = 1000_i64 << attempts.clamp(1, ATTEMPTS) >> 1;
                Some(TimeDelta::milliseconds(pause + (pause as f64 * chance / 2.0) as i64))
            }
            Self::Passing(_) | Self::Lasting(_) | Self::RowsLost(_) => None,
        }
    }
}

/// How long a file may hold what others wait for, from its first lock on. With the longest [`lock_wait`] before it, that is
/// less than the 2 s for which a request waits for a lock (handbook 12.1).
pub const HOLD: Duration = Duration::from_millis(1200);

/// How long the `tries`-th try of a file waits for a lock. While it waits, whoever comes after it waits too.
pub fn lock_wait(tries: u32) -> Duration {
    Duration::from_millis(if tries == 0 { 250 } else { 500 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(count: u128, canaries: u128) -> Vec<Candidate> {
        (0..count).map(|n| Candidate { id: Uuid::from_u128(n), slug: format!("t{n}"), is_canary: n < canaries }).collect()
    }

    #[test]
    fn canaries_go_first_then_a_hundredth_a_tenth_and_all() {
        for (count, canaries, sizes) in [
            (0, 0, [0, 0, 0, 0]),
            (1, 0, [0, 1, 0, 0]),
            (10, 0, [0, 1, 1, 8]),
            (10, 1, [2, 1, 1, 6]),
            (1000, 0, [1, 10, 100, 889]),
            (1000, 2, [3, 10, 100, 887]),
        ] {
            let named: &[String] = &["t9".into(), "nobody".into()];
            let planned =
                waves(&candidates(count, canaries), if count > 1 && sizes[0] > 0 { named } else { &[] }, |id| !(id.as_u128() as u64));
            let found = [0, 1, 2, 3].map(|wave| planned.iter().filter(|(_, of)| *of == wave).count());
            assert_eq!(found, sizes, "{count} {canaries}");
            assert_eq!(planned.len() as u128, count);
        }
        let planned = waves(&candidates(10, 0), &[], |id| !(id.as_u128() as u64));
        assert_eq!(planned[0], (Uuid::from_u128(9), 1), "chance says who goes first");
    }

    #[test]
    fn a_run_stops_at_a_canary_or_at_too_many_and_at_nothing_else() {
        let standing = |total, failed, canaries_failed| Standing { total, open: 1, failed, canaries_failed, wave_failed: false };
        let stops = |standing, max| matches!(judge(standing, max), Verdict::Stop(_));
        for (total, failed, canaries, max, expected) in [
            (1000, 0, 0, 1.0, false),
            (1000, 10, 0, 1.0, false),
            (1000, 11, 0, 1.0, true),
            (1000, 1, 1, 1.0, true),
            (10, 1, 0, 1.0, false),
            (10, 2, 0, 1.0, true),
            (10, 2, 0, 25.0, false),
            (10, 1, 0, 0.0, true),
            (10, 10, 0, 100.0, false),
        ] {
            assert_eq!(stops(standing(total, failed, canaries), max), expected, "{failed} of {total}, {canaries} canaries, {max} %");
        }
        for (total, failed, max, expected) in [(1000, 10, 1.0, true), (1000, 10, 99.0, true), (1000, 10, 100.0, false)] {
            let wave = Standing { wave_failed: true, ..standing(total, failed, 0) };
            assert_eq!(stops(wave, max), expected, "a whole wave of {failed} of {total}, {max} %");
        }
        let over = Standing { open: 0, ..standing(10, 1, 0) };
        assert_eq!(judge(over, 1.0), Verdict::Done);
        assert_eq!(judge(Standing { open: 1, ..over }, 1.0), Verdict::GoOn);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let pause = |trouble: Trouble, attempts, chance| trouble.again_after(attempts, chance).map(|p| p.num_milliseconds());
        let pauses: Vec<_> = (1..=ATTEMPTS).map(|n| pause(Trouble::Passing(String::new()), n, 0.0)).collect();
        assert_eq!(pauses, [Some(1000), Some(2000), Some(4000), Some(8000), Some(16_000), None]);
        assert_eq!(pause(Trouble::Passing(String::new()), 1, 1.0), Some(1500));
        assert_eq!(pause(Trouble::Lasting(String::new()), 1, 0.0), None);
        assert_eq!(pause(Trouble::RowsLost(String::new()), 1, 0.0), None);
        assert_eq!([0, 1, 2, 40].map(|tries| lock_wait(tries).as_millis()), [250, 500, 500, 500]);
        assert!([0, 1, 40].iter().all(|tries| lock_wait(*tries) + HOLD < Duration::from_secs(2)), "a request waits for longer");
    }
}
