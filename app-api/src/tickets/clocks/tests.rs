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

#[test]
fn each_tiding_is_due_once_and_lists_say_what_was_told() {
    use Tiding::{Breach, Warning};
    use Which::{Resolution, Response};
    const WORK: (i64, Status) = (5, InProgress);
    for (why, walk, (answered, ended), told, now, next, worse) in [
        ("it runs", &[][..], (None, None), [UNTOLD; 2], 0, Some((Response, Warning, 48)), Worse::Running),
        ("nobody was warned yet", &[], (None, None), [UNTOLD; 2], 50, Some((Response, Warning, 48)), Worse::Running),
        ("they were", &[], (None, None), [WARNED, UNTOLD], 50, Some((Response, Breach, 60)), Worse::Warning),
        ("missed before anybody looked", &[], (None, None), [UNTOLD; 2], 70, Some((Response, Breach, 60)), Worse::Breached),
        ("missed and told", &[], (None, None), [MISSED, UNTOLD], 70, Some((Resolution, Warning, 192)), Worse::Breached),
        ("answered", &[WORK], (Some(10), None), [UNTOLD; 2], 100, Some((Resolution, Warning, 192)), Worse::Running),
        ("answered after a warning", &[WORK], (Some(55), None), [WARNED, UNTOLD], 100, Some((Resolution, Warning, 192)), Worse::Running),
        ("answered too late", &[WORK], (Some(70), None), [UNTOLD; 2], 100, Some((Response, Breach, 60)), Worse::Breached),
        ("it waits", &[WORK, (30, WaitingCustomer)], (None, None), [UNTOLD; 2], 500, None, Worse::Paused),
        ("it waits for more", &[WORK, (30, WaitingCustomer)], (Some(10), None), [UNTOLD; 2], 500, None, Worse::Paused),
        (
            "it goes on",
            &[WORK, (30, WaitingCustomer), (130, InProgress)],
            (Some(10), None),
            [UNTOLD; 2],
            140,
            Some((Resolution, Warning, 292)),
            Worse::Running,
        ),
        ("resolved", &[WORK, (30, Resolved)], (Some(10), Some(30)), [UNTOLD; 2], 500, None, Worse::Met),
        ("resolved without an answer", &[WORK, (30, Resolved)], (None, Some(30)), [UNTOLD; 2], 500, None, Worse::Met),
        (
            "resolved too late",
            &[WORK, (300, Resolved)],
            (Some(10), Some(300)),
            [UNTOLD; 2],
            400,
            Some((Resolution, Breach, 240)),
            Worse::Breached,
        ),
        ("resolved too late and told", &[WORK, (300, Resolved)], (Some(10), Some(300)), [UNTOLD, MISSED], 400, None, Worse::Breached),
        (
            "taken back",
            &[WORK, (30, Resolved), (100, InProgress)],
            (Some(10), None),
            [UNTOLD; 2],
            110,
            Some((Resolution, Warning, 262)),
            Worse::Running,
        ),
    ] {
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
        let expected = ClockView {
            target_minutes: 60,
            due_at: due.map(at),
            met_at: met.map(at),
            state,
            remaining_seconds: remaining,
        };
        assert_eq!(shown, expected, "{why}");
    }
}
