//! Lives of tickets, and what is counted of them.

use chrono::TimeDelta;

use super::{Kind::*, *};

const ANA: PersonId = 7;
const BEN: PersonId = 8;

fn minute(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(n)
}

/// A step at that minute, which is its id as well.
fn step(at: i64, kind: &str, from: &str, to: &str, by: Option<PersonId>) -> Step {
    let word = |word: &str| Some(word.to_owned()).filter(|word| !word.is_empty());
    Step { id: at, at: minute(at), kind: kind.into(), from: word(from), to: word(to), by }
}

fn moved(at: i64, from: &str, to: &str) -> Step {
    step(at, "status", from, to, Some(ANA))
}

fn life(steps: Vec<Step>) -> Past {
    Past {
        id: 1,
        created_at: minute(0),
        priority: "medium".into(),
        category: Some("billing".into()),
        team_id: Some(3),
        channel: "web".into(),
        is_merged: false,
        answered_at: None,
        answered_by: None,
        ended_at: None,
        response: Promise { is_made: true, due_at: Some(minute(60)), is_broken: false },
        resolution: Promise { is_made: true, due_at: Some(minute(600)), is_broken: false },
        steps,
        ratings: Vec::new(),
    }
}

/// Kind, minute, whose, priority and value.
type Told = (Kind, i64, Option<PersonId>, String, Option<i32>);

fn told(past: &Past) -> Vec<Told> {
    let mut told: Vec<_> = facts(past, Tz::UTC)
        .into_iter()
        .map(|fact| (fact.kind, (fact.at - minute(0)).num_minutes(), fact.agent_id, fact.priority, fact.value))
        .collect();
    told.sort_by_key(|(kind, at, ..)| (*at, *kind));
    told
}

fn kinds(past: &Past) -> Vec<(Kind, i64)> {
    told(past).into_iter().map(|(kind, at, ..)| (kind, at)).collect()
}

#[test]
fn a_ticket_that_is_answered_resolved_and_confirmed_in_time() {
    let mut past = life(vec![
        moved(1, "", "open"),
        step(5, "assignment", "", "7", Some(BEN)),
        moved(6, "open", "in_progress"),
        moved(90, "in_progress", "resolved"),
        step(95, "status", "resolved", "closed", Some(99)),
    ]);
    (past.answered_at, past.answered_by, past.ended_at) = (Some(minute(20)), Some(BEN), Some(minute(90)));
    past.ratings = vec![Rating { id: 4, at: minute(200), solving_id: 90, rating: 5 }];
    let medium = || "medium".to_owned();
    assert_eq!(
        told(&past),
        [
            (Created, 0, None, medium(), None),
            (Answered, 20, Some(BEN), medium(), Some(20)),
            (ResponseMet, 20, Some(BEN), medium(), None),
            (Resolved, 90, Some(ANA), medium(), Some(90)),
            (ResolutionMet, 90, Some(ANA), medium(), None),
            (Rated, 200, Some(ANA), medium(), Some(5)),
        ]
    );
}

#[test]
fn a_promise_counts_once_and_a_reopening_takes_back_that_it_was_kept() {
    let steps = |more: Vec<Step>| {
        [vec![moved(1, "", "open"), moved(6, "open", "in_progress"), moved(90, "in_progress", "resolved")], more].concat()
    };
    let mut past = life(steps(vec![moved(100, "resolved", "in_progress")]));
    assert_eq!(kinds(&past), [(Created, 0), (Resolved, 90), (Reopened, 100)]);
    past = life(steps(vec![moved(100, "resolved", "in_progress"), moved(120, "in_progress", "resolved")]));
    past.ended_at = Some(minute(120));
    assert_eq!(kinds(&past), [(Created, 0), (Resolved, 90), (Reopened, 100), (Resolved, 120), (ResolutionMet, 120)]);
    past = life(steps(vec![
        moved(100, "resolved", "in_progress"),
        step(600, "sla", "resolution", "breached", None),
        moved(700, "in_progress", "resolved"),
    ]));
    past.ended_at = Some(minute(700));
    past.resolution.is_broken = true;
    let missed = [(Created, 0), (Resolved, 90), (Reopened, 100), (ResolutionBreached, 600), (Resolved, 700)];
    assert_eq!(kinds(&past), missed);
    // A later target that would have been kept does not mend it.
    past.resolution.due_at = Some(minute(9999));
    assert_eq!(kinds(&past), missed);
}

#[test]
fn what_is_late_but_not_told_yet_counts_neither_way() {
    let mut past = life(vec![moved(1, "", "open"), moved(6, "open", "in_progress"), moved(601, "in_progress", "resolved")]);
    (past.answered_at, past.ended_at) = (Some(minute(60)), Some(minute(601)));
    assert_eq!(kinds(&past), [(Created, 0), (Answered, 60), (Resolved, 601)]);
    (past.response, past.resolution) = (Promise::default(), Promise::default());
    assert_eq!(kinds(&past), [(Created, 0), (Answered, 60), (Resolved, 601)], "nothing was promised");
}

#[test]
fn a_missed_answer_counts_for_the_priority_before_it_was_raised_and_for_who_worked_on_it() {
    let mut past = life(vec![
        moved(1, "", "open"),
        step(5, "assignment", "", "8", Some(ANA)),
        step(60, "sla", "response", "breached", None),
        step(61, "priority", "medium", "high", None),
        step(70, "assignment", "8", "7", Some(ANA)),
        moved(80, "in_progress", "resolved"),
    ]);
    past.priority = "high".into();
    let of = |kind| told(&past).into_iter().find(|fact| fact.0 == kind).map(|fact| (fact.2, fact.3));
    assert_eq!(of(ResponseBreached), Some((Some(BEN), "medium".to_owned())));
    assert_eq!(of(Created), Some((None, "medium".to_owned())));
    assert_eq!(of(Resolved), Some((Some(ANA), "high".to_owned())));
}

#[test]
fn a_ticket_that_went_on_in_another_counts_for_nothing_until_they_are_parted() {
    let steps =
        vec![moved(1, "", "open"), moved(6, "open", "in_progress"), moved(90, "in_progress", "resolved"), moved(95, "resolved", "closed")];
    let mut past = life(steps.clone());
    (past.is_merged, past.ended_at) = (true, Some(minute(90)));
    assert_eq!(kinds(&past), []);
    past = life([steps, vec![moved(100, "closed", "resolved")]].concat());
    past.ended_at = Some(minute(90));
    assert_eq!(kinds(&past), [(Created, 0), (Resolved, 90), (ResolutionMet, 90)]);
    past = life(vec![moved(1, "", "open"), moved(50, "open", "closed"), moved(60, "closed", "open")]);
    assert_eq!(kinds(&past), [(Created, 0)], "that it was closed meanwhile is nobody's number");
}

#[test]
fn what_is_closed_unresolved_is_whose_it_was() {
    let mut past = life(vec![moved(1, "", "open"), moved(50, "open", "closed")]);
    past.ended_at = Some(minute(50));
    let of = |past: &Past| told(past).into_iter().map(|fact| (fact.0, fact.2)).collect::<Vec<_>>();
    assert_eq!(of(&past), [(Created, None), (ClosedUnresolved, Some(ANA)), (ResolutionMet, Some(ANA))]);
    past = life(vec![
        moved(1, "", "open"),
        step(5, "assignment", "", "8", Some(ANA)),
        moved(6, "in_progress", "waiting_customer"),
        step(900, "status", "waiting_customer", "closed", None),
    ]);
    (past.ended_at, past.resolution.due_at) = (Some(minute(900)), None);
    assert_eq!(of(&past), [(Created, None), (ClosedUnresolved, Some(BEN)), (ResolutionMet, Some(BEN))], "time was up for the customer");
}

#[test]
fn days_are_those_of_the_organisations_clock_also_when_it_is_set() {
    let paris = Tz::Europe__Paris;
    for (at, day) in [
        ("2026-03-28T22:59:59Z", "2026-03-28"),
        ("2026-03-28T23:00:00Z", "2026-03-29"),
        ("2026-03-29T21:59:59Z", "2026-03-29"),
        ("2026-03-29T22:00:00Z", "2026-03-30"),
        ("2026-10-24T21:59:59Z", "2026-10-24"),
        ("2026-10-24T22:00:00Z", "2026-10-25"),
        ("2026-10-25T22:59:59Z", "2026-10-25"),
        ("2026-10-25T23:00:00Z", "2026-10-26"),
    ] {
        let past = Past { created_at: at.parse().expect(at), ..life(Vec::new()) };
        assert_eq!(facts(&past, paris)[0].day.to_string(), day, "{at}");
    }
}
