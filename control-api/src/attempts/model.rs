//! When one more password may be tried.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Who counts together: those of this time.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// How long one source is remembered for one account: its pauses grow within this time.
pub const MEMORY: TimeDelta = TimeDelta::days(1);
/// Wrong passwords on one account from one source before the first pause.
const FREE: i64 = 5;
/// Wrong passwords on one account within the window, from wherever.
const PER_ACCOUNT: i64 = 20;
/// Wrong passwords from one source within the window, at whatever accounts: an office stands behind one.
const PER_SOURCE: i64 = 100;
/// Accounts at which one password was wrong within the window, from wherever.
const PER_PASSWORD: i64 = 30;

/// Who knocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A device that came in before, or the person's own sessions: others do not keep them out.
    Own,
    /// A network that the person came in from before: those who try from elsewhere do not keep it out.
    Known,
    /// Anybody.
    Strange,
}

/// Tries that count together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Wrong ones.
    pub failed: i64,
    /// Those that are being looked at.
    pub open: i64,
    /// When the oldest of all these was made.
    pub first: Option<DateTime<Utc>>,
}

/// What was tried of late.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    /// At this account from this source, within the memory.
    pub pair: Tally,
    /// When the newest wrong one of these was made.
    pub pair_last: Option<DateTime<Utc>>,
    /// At this account, within the window.
    pub account: Tally,
    /// From this source, within the window.
    pub source: Tally,
    /// Of this password at other accounts, within the window; each account once.
    pub password: Tally,
}

/// What comes of a wish to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try.
    Go,
    /// Those that are being looked at decide it.
    Wait,
    /// Not before this time has gone by.
    Refuse(Duration),
}

/// The rule.
pub fn judge(door: Door, seen: &Seen, now: DateTime<Utc>) -> Verdict {
    let pair = paused(seen, now);
    let account = || bound(seen.account, PER_ACCOUNT, now);
    let others = || stricter(bound(seen.source, PER_SOURCE, now), bound(seen.password, PER_PASSWORD, now));
    match door {
        Door::Own => pair,
        Door::Known => stricter(pair, others()),
        Door::Strange => stricter(pair, stricter(account(), others())),
    }
}

/// How long somebody waits after so many wrong passwords since the last right one: never more than
/// five are tried within a quarter of an hour.
fn pause(failed: i64) -> TimeDelta {
    match failed {
        ..FREE => TimeDelta::zero(),
        5 => WINDOW,
        6 => WINDOW * 2,
        7 => WINDOW * 4,
        8.. => WINDOW * 8,
    }
}

fn paused(seen: &Seen, now: DateTime<Utc>) -> Verdict {
    let Tally { failed, open, .. } = seen.pair;
    let until = seen.pair_last.map(|last| last + pause(failed)).filter(|until| failed >= FREE && *until > now);
    match until {
        Some(until) => refuse(until - now),
        // After a pause there is one try at a time: each decides about the next.
        None if open >= (FREE - failed).max(1) => Verdict::Wait,
        None => Verdict::Go,
    }
}

fn bound(tally: Tally, most: i64, now: DateTime<Utc>) -> Verdict {
    if tally.failed >= most {
        return refuse(tally.first.map_or(WINDOW, |first| first + WINDOW - now));
    }
    if tally.failed + tally.open >= most { Verdict::Wait } else { Verdict::Go }
}

fn refuse(wait: TimeDelta) -> Verdict {
    Verdict::Refuse(wait.to_std().unwrap_or_default().max(Duration::from_secs(1)))
}

fn stricter(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Refuse(a), Verdict::Refuse(b)) => Verdict::Refuse(a.max(b)),
        (refused @ Verdict::Refuse(_), Verdict::Go | Verdict::Wait) | (Verdict::Go | Verdict::Wait, refused @ Verdict::Refuse(_)) => {
            refused
        }
        (Verdict::Wait, Verdict::Go | Verdict::Wait) | (Verdict::Go, Verdict::Wait) => Verdict::Wait,
        (Verdict::Go, Verdict::Go) => Verdict::Go,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    fn minutes(n: u64) -> Verdict {
        Verdict::Refuse(Duration::from_secs(n * 60))
    }

    #[test]
    fn five_are_free_and_then_the_pauses_grow() {
        use Verdict::{Go, Wait};
        for (failed, open, minutes_ago, expected) in [
            (0, 0, 0, Go),
            (4, 0, 0, Go),
            (0, 4, 0, Go),
            (3, 2, 0, Wait),
            (0, 5, 0, Wait),
            (5, 0, 0, minutes(15)),
            (5, 0, 14, minutes(1)),
            (5, 0, 15, Go),
            (5, 1, 15, Wait),
            (6, 0, 15, minutes(15)),
            (6, 0, 30, Go),
            (7, 0, 30, minutes(30)),
            (8, 0, 60, minutes(60)),
            (99, 0, 119, minutes(1)),
            (99, 0, 120, Go),
        ] {
            let last = (failed > 0).then(|| now() - TimeDelta::minutes(minutes_ago));
            let seen = Seen { pair: Tally { failed, open, first: last }, pair_last: last, ..Seen::default() };
            for door in [Door::Own, Door::Known, Door::Strange] {
                assert_eq!(judge(door, &seen, now()), expected, "{failed} {open} {minutes_ago} {door:?}");
            }
        }
    }

    #[test]
    fn what_others_do_keeps_out_strangers_only() {
        use Verdict::{Go, Wait};
        let full = |failed, open| Tally { failed, open, first: Some(now() - TimeDelta::minutes(5)) };
        let seen = Seen::default();
        for (seen, own, known, strange) in [
            (Seen { account: full(19, 0), ..seen }, Go, Go, Go),
            (Seen { account: full(20, 0), ..seen }, Go, Go, minutes(10)),
            (Seen { account: full(19, 1), ..seen }, Go, Go, Wait),
            (Seen { source: full(99, 0), ..seen }, Go, Go, Go),
            (Seen { source: full(100, 0), ..seen }, Go, minutes(10), minutes(10)),
            (Seen { source: full(0, 100), ..seen }, Go, Wait, Wait),
            (Seen { password: full(29, 0), ..seen }, Go, Go, Go),
            (Seen { password: full(30, 0), ..seen }, Go, minutes(10), minutes(10)),
            (Seen { password: full(30, 0), account: full(0, 20), ..seen }, Go, minutes(10), minutes(10)),
        ] {
            for (door, expected) in [(Door::Own, own), (Door::Known, known), (Door::Strange, strange)] {
                assert_eq!(judge(door, &seen, now()), expected, "{seen:?} {door:?}");
            }
        }
    }
}
