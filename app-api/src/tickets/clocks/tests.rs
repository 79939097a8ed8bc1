//! What is told of a ticket's clocks next, what lists say of them, and what each shows (T-13, T-15).

use super::*;
use crate::sla::Targets;
use Status::{InProgress, Resolved, WaitingCustomer};

/// An hour for the answer and four for the resolution, round the clock.
pub(in crate::tickets) fn promise() -> Policy {
    let target = Target { response: 60, resolution: 240 };
    let targets = Targets { low: target, medium: target, high: target, urgent: target };
    Policy { id: 1, version: 1, name: "All".into(), is_default: true, fits: Default::default(), targets, hours: None }
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

const UNTOLD: Told = Told { warned_at: None, breached_at: None };
const WARNED: Told = Told { warned_at: Some(DateTime::UNIX_EPOCH), breached_at: None };
const MISSED: Told = Told { warned_at: Some(DateTime::UNIX_EPOCH), breached_at: Some(DateTime::UNIX_EPOCH) };

/// Why, the walk, when it was answered and ended, what was told, now, what is to be told next, and what lists say.
type Case = (&'static str, &'static [(i64, Status)], [Option<i64>; 2], [Told; 2], i64, Option<(Which, Tiding, i64)>, Worse);

const NEW: [Told; 2] = [UNTOLD; 2];
const WORK: (i64, Status) = (5, InProgress);
const WAIT: (i64, Status) = (30, WaitingCustomer);
const DONE: (i64, Status) = (30, Resolved);
const LATE: (i64, Status) = (300, Resolved);
const NEAR: Option<(Which, Tiding, i64)> = Some((Which::Response, Tiding::Warning, 48));
const OVER: Option<(Which, Tiding, i64)> = Some((Which::Response, Tiding::Breach, 60));

/// The resolution is near at that minute.
const fn near(minute: i64) -> Option<(Which, Tiding, i64)> {
    Some((Which::Resolution, Tiding::Warning, minute))
}

const CASES: [Case; 16] = [
    ("it runs", &[], [None, None], NEW, 0, NEAR, Worse::Running),
    ("nobody was warned yet", &[], [None, None], NEW, 50, NEAR, Worse::Running),
    ("they were", &[], [None, None], [WARNED, UNTOLD], 50, OVER, Worse::Warning),
    ("missed before anybody looked", &[], [None, None], NEW, 70, OVER, Worse::Breached),
    ("missed and told", &[], [None, None], [MISSED, UNTOLD], 70, near(192), Worse::Breached),
    ("answered", &[WORK], [Some(10), None], NEW, 100, near(192), Worse::Running),
    ("answered after a warning", &[WORK], [Some(55), None], [WARNED, UNTOLD], 100, near(192), Worse::Running),
    ("answered too late", &[WORK], [Some(70), None], NEW, 100, OVER, Worse::Breached),
    ("it waits", &[WORK, WAIT], [None, None], NEW, 500, None, Worse::Paused),
    ("it waits for more", &[WORK, WAIT], [Some(10), None], NEW, 500, None, Worse::Paused),
    ("it goes on", &[WORK, WAIT, (130, InProgress)], [Some(10), None], NEW, 140, near(292), Worse::Running),
    ("resolved", &[WORK, DONE], [Some(10), Some(30)], NEW, 500, None, Worse::Met),
    ("resolved without an answer", &[WORK, DONE], [None, Some(30)], NEW, 500, None, Worse::Met),
    ("too late", &[WORK, LATE], [Some(10), Some(300)], NEW, 400, Some((Which::Resolution, Tiding::Breach, 240)), Worse::Breached),
    ("too late and told", &[WORK, LATE], [Some(10), Some(300)], [UNTOLD, MISSED], 400, None, Worse::Breached),
    ("taken back", &[WORK, DONE, (100, InProgress)], [Some(10), None], NEW, 110, near(262), Worse::Running),
];

#[test]
fn each_tiding_is_due_once_and_lists_say_what_was_told() {
    for (why, walk, [answered, ended], told, now, next, worse) in CASES {
        let walk = walk.iter().map(|(minute, status)| (at(*minute), *status)).collect();
        let (first_response_at, ended_at) = (answered.map(at), ended.map(at));
        let life = Life { priority: Priority::Low, created_at: at(0), walk, first_response_at, ended_at, told };
        let measured = measured(&promise(), &life, at(now)).expect("sound");
        let untold = Which::BOTH.into_iter().filter_map(|which| measured.untold(which).map(|(tiding, due)| (which, tiding, due)));
        let first = untold.min_by_key(|(_, _, due)| *due);
        assert_eq!(first, next.map(|(which, tiding, minute)| (which, tiding, at(minute))), "{why}");
        assert_eq!((measured.next_at(), measured.worse()), (first.map(|(_, _, due)| due), worse), "{why}");
    }
}

#[test]
fn a_clock_shows_what_is_left_while_something_is_owed_and_nothing_when_it_has_stopped() {
    let (runs, waits) = ((Some(60), None), (None, Some(1200)));
    for (why, (due, left_seconds), met, pace, now, state, remaining) in [
        ("it runs", runs, None, Pace::Running, 10, State::Running, Some(3000)),
        ("it is over", runs, None, Pace::Running, 70, State::Breached, Some(-600)),
        ("it waits", waits, None, Pace::Paused, 70, State::Paused, Some(1200)),
        ("it is done", runs, Some(30), Pace::Running, 70, State::Met, None),
        ("it was done too late", runs, Some(61), Pace::Running, 70, State::Breached, None),
        ("nobody waits any more", (None, None), None, Pace::Stopped, 70, State::Met, None),
    ] {
        let kept = Kept { target_minutes: 60, due_at: due.map(at), left_seconds };
        let shown = ClockView::of(kept, met.map(at), pace, at(now));
        let expected = ClockView { target_minutes: 60, due_at: due.map(at), met_at: met.map(at), state, remaining_seconds: remaining };
        assert_eq!(shown, expected, "{why}");
    }
}
