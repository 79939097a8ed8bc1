//! The two clocks of a ticket (T-11, T-12): how much working time has passed while somebody owed the customer
//! something, and when that is more than was promised. All of it follows from the ticket's walk, so a clock that is
//! measured anew at any time says the same.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{Calendar, after, working};

/// A warning comes when so many hundredths of the target have passed (T-13).
pub const WARNED_AT: i32 = 80;

/// What a ticket's status does to its clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// We owe something: time counts.
    Running,
    /// The customer owes an answer: time is given back.
    Paused,
    /// Resolved or closed.
    Stopped,
}

/// A stretch of a ticket's life at one pace; the last one has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: Option<DateTime<Utc>>,
    /// Whether time counts.
    pub pace: Pace,
}

/// Where a clock stands (T-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Time counts.
    Running,
    /// The customer owes an answer.
    Paused,
    /// Done in time.
    Met,
    /// Too late, done or not.
    Breached,
}

impl State {
    /// Where a clock stands that was due then, or would have been, and is `done`, or looked at `now`.
    pub fn of(due_at: Option<DateTime<Utc>>, done: Option<DateTime<Utc>>, pace: Pace, now: DateTime<Utc>) -> Self {
        let is_late = due_at.is_some_and(|due| due <= done.unwrap_or(now));
        match (is_late, done, pace) {
            (true, ..) => Self::Breached,
            (false, Some(_), _) | (false, None, Pace::Stopped) => Self::Met,
            (false, None, Pace::Paused) => Self::Paused,
            (false, None, Pace::Running) => Self::Running,
        }
    }
}

/// What is known of a clock at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// When the target is, or was, reached; none while it pauses, or when that is years away.
    pub due_at: Option<DateTime<Utc>>,
    /// When the warning is due; as above.
    pub warn_at: Option<DateTime<Utc>>,
    /// Working time that has counted until it was done, or until now.
    pub elapsed: TimeDelta,
    /// Where it stands.
    pub state: State,
}

impl Clock {
    /// Working time that is left; negative when it is too late.
    pub fn left(&self, target: TimeDelta) -> TimeDelta {
        target - self.elapsed
    }
}

/// Measures a clock with that target over a ticket's life: until it was `done`, or as it stands `now`.
pub fn measure(target: TimeDelta, calendar: Option<&Calendar>, life: &[Span], done: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Clock {
    let due_at = reached(target, calendar, life, (done, now));
    let warn_at = reached(target * WARNED_AT / 100, calendar, life, (done, now));
    let pace = life.last().map_or(Pace::Stopped, |span| span.pace);
    Clock { due_at, warn_at, elapsed: elapsed(calendar, life, done.unwrap_or(now)), state: State::of(due_at, done, pace, now) }
}

/// Working time of a ticket's life that has counted until then.
pub fn elapsed(calendar: Option<&Calendar>, life: &[Span], end: DateTime<Utc>) -> TimeDelta {
    let running = life.iter().filter(|span| span.pace == Pace::Running && span.from <= end);
    running.map(|span| working(calendar, span.from, span.to.map_or(end, |to| to.min(end)))).sum()
}

/// When so much working time has passed, as things stood when it was `done`, or stand `now`: what runs then is taken to go
/// on, also the stretch that being done has ended.
fn reached(
    mut amount: TimeDelta,
    calendar: Option<&Calendar>,
    life: &[Span],
    (done, now): (Option<DateTime<Utc>>, DateTime<Utc>),
) -> Option<DateTime<Utc>> {
    let end = done.unwrap_or(now);
    for span in life.iter().filter(|span| span.pace == Pace::Running && span.from <= end) {
        match span.to.filter(|to| *to <= end && done != Some(*to)) {
            Some(to) => {
                let counted = working(calendar, span.from, to);
                if counted >= amount {
                    return after(calendar, span.from, amount);
                }
                amount -= counted;
            }
            None => return after(calendar, span.from, amount),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use Pace::{Paused, Running, Stopped};

    const T: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn h(hours: i64) -> DateTime<Utc> {
        T + TimeDelta::hours(hours)
    }

    /// A life of stretches that begin at these hours.
    fn life(stretches: &[(i64, Pace)]) -> Vec<Span> {
        let ends = stretches.iter().skip(1).map(|(at, _)| Some(h(*at))).chain([None]);
        stretches.iter().zip(ends).map(|((at, pace), to)| Span { from: h(*at), to, pace: *pace }).collect()
    }

    #[test]
    fn a_clock_runs_while_something_is_owed_and_gives_back_what_it_waited() {
        let hours = |n| TimeDelta::hours(n);
        for (why, stretches, done, now, due, elapsed, state) in [
            ("it runs", &[(0, Running)][..], None, 1, Some(4), 1, State::Running),
            ("it is due at this very moment", &[(0, Running)], None, 4, Some(4), 4, State::Breached),
            ("done a moment before", &[(0, Running)], Some(3), 9, Some(4), 3, State::Met),
            ("done at the moment is too late", &[(0, Running)], Some(4), 9, Some(4), 4, State::Breached),
            ("it pauses", &[(0, Running), (3, Paused)], None, 99, None, 3, State::Paused),
            ("it goes on", &[(0, Running), (3, Paused), (10, Running)], None, 10, Some(11), 3, State::Running),
            ("it is late after a pause", &[(0, Running), (3, Paused), (10, Running)], None, 12, Some(11), 5, State::Breached),
            ("it was late before the pause", &[(0, Running), (5, Paused)], None, 99, Some(4), 5, State::Breached),
            ("it stops in time", &[(0, Running), (3, Stopped)], Some(3), 99, Some(4), 3, State::Met),
            ("taken up again", &[(0, Running), (3, Stopped), (50, Running)], None, 50, Some(51), 3, State::Running),
            ("closed without an answer", &[(0, Running), (3, Stopped)], None, 99, None, 3, State::Met),
        ] {
            let clock = measure(hours(4), None, &life(stretches), done.map(h), h(now));
            assert_eq!((clock.due_at, clock.elapsed, clock.state), (due.map(h), hours(elapsed), state), "{why}");
        }
    }

    #[test]
    fn the_warning_comes_at_four_fifths() {
        let clock = measure(TimeDelta::hours(10), None, &life(&[(0, Running), (4, Paused), (6, Running)]), None, h(7));
        assert_eq!((clock.warn_at, clock.due_at), (Some(h(10)), Some(h(12))));
    }
}
