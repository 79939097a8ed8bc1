//! What holds of every walk of a ticket, whoever tries whichever step (T-2 to T-5), and what its clocks count (T-11).

use chrono::{DateTime, TimeDelta, Utc};
use proptest::{collection::vec, option, prelude::*, sample::select};
use shared::Error;

use super::{
    arrival::standing,
    assign::status_after,
    clocks::{Life, Which, measured, tests::promise},
    model::Priority,
    status::{Status, Trigger},
};
use crate::people::PersonId;
use Status::{Closed, InProgress, Open, Resolved, WaitingCustomer};

/// The arrows of page 2; besides them, whatever is not closed is merged.
const ARROWS: [(Status, Status); 9] = [
    (Open, InProgress),
    (Open, Closed),
    (InProgress, WaitingCustomer),
    (InProgress, Resolved),
    (InProgress, Open),
    (WaitingCustomer, InProgress),
    (WaitingCustomer, Closed),
    (Resolved, Closed),
    (Resolved, InProgress),
];

/// Something that is tried.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Step(Trigger, Status),
    Hand(Option<PersonId>),
}

fn deed() -> impl Strategy<Value = Deed> {
    let triggers = vec![Trigger::Staff, Trigger::Customer, Trigger::CustomerWrote, Trigger::TimeIsUp, Trigger::Merged];
    let step = (select(triggers), select(Status::ALL.to_vec())).prop_map(|(trigger, to)| Deed::Step(trigger, to));
    prop_oneof![step, option::of(1_i64..3).prop_map(Deed::Hand)]
}

/// Where a ticket stands and with whom, if that is done; or why not.
fn done((status, whom): (Status, Option<PersonId>), deed: Deed) -> Result<(Status, Option<PersonId>), Error> {
    match deed {
        Deed::Step(trigger, to) => Ok((status.step(to, trigger)?.with(whom), whom)),
        Deed::Hand(to) => Ok((status_after(status, to)?, to)),
    }
}

/// A ticket's life as its row and its history tell it.
#[derive(Debug)]
struct Lived {
    now: DateTime<Utc>,
    walk: Vec<(DateTime<Utc>, Status)>,
    resolved_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    /// The time in which something was owed.
    owed: TimeDelta,
}

/// Lives through deeds, each after so many minutes.
fn lived(deeds: &[(i64, Deed)]) -> Lived {
    let mut ticket = (Open, None);
    let mut life = Lived { now: DateTime::UNIX_EPOCH, walk: Vec::new(), resolved_at: None, closed_at: None, owed: TimeDelta::zero() };
    for (minutes, deed) in deeds {
        let passed = TimeDelta::minutes(*minutes);
        life.now += passed;
        if matches!(ticket.0, Open | InProgress) {
            life.owed += passed;
        }
        let Ok(after) = done(ticket, *deed) else { continue };
        if after.0 != ticket.0 {
            life.walk.push((life.now, after.0));
            life.resolved_at = if after.0 == Resolved { Some(life.now) } else { life.resolved_at.filter(|_| after.0 == Closed) };
            life.closed_at = (after.0 == Closed).then_some(life.now);
        }
        ticket = after;
    }
    life
}

proptest! {
    #[test]
    fn a_ticket_takes_the_steps_of_the_page_and_no_others(deeds in vec(deed(), 0..60)) {
        let mut ticket = (Open, None);
        for deed in deeds {
            let from = ticket.0;
            match done(ticket, deed) {
                Ok(after) => {
                    let is_merge = matches!(deed, Deed::Step(Trigger::Merged, Closed));
                    prop_assert!(from != Closed, "closed is final: {deed:?}");
                    prop_assert!(after.0 == from || is_merge || ARROWS.contains(&(from, after.0)), "{from:?} {deed:?} {after:?}");
                    ticket = after;
                }
                Err(Error::Conflict { code, detail }) => {
                    prop_assert!(["illegal_transition", "ticket_closed"].contains(&code), "{code}");
                    prop_assert!(code == "ticket_closed" || detail.contains(from.as_str()), "{detail}");
                }
                Err(other) => prop_assert!(false, "{other:?}"),
            }
            prop_assert!(ticket.0 != InProgress || ticket.1.is_some(), "work in progress has somebody who does it");
            prop_assert!(ticket.0 != Open || ticket.1.is_none(), "what is open is nobody's");
        }
    }

    #[test]
    fn what_comes_from_elsewhere_stands_as_a_ticket_may_and_its_customer_moves_it_like_any_other(
        told in select(Status::ALL.to_vec()), whom in option::of(1_i64..3), deeds in vec(deed(), 0..60)
    ) {
        let mut ticket = (standing(told, whom), whom);
        let by_its_customer = match ticket.0 {
            WaitingCustomer => Some(Trigger::CustomerWrote),
            Resolved => Some(Trigger::Customer),
            _ => None,
        };
        if let Some(trigger) = by_its_customer {
            prop_assert!(done(ticket, Deed::Step(trigger, InProgress)).is_ok(), "{ticket:?}");
        }
        for deed in std::iter::once(None).chain(deeds.into_iter().map(Some)) {
            ticket = deed.and_then(|deed| done(ticket, deed).ok()).unwrap_or(ticket);
            prop_assert!(ticket.0 != InProgress || ticket.1.is_some(), "work in progress has somebody who does it");
            prop_assert!(ticket.0 != Open || ticket.1.is_none(), "what is open is nobody's");
            prop_assert!(ticket.0 != WaitingCustomer || ticket.1.is_some(), "somebody goes on with the answer that it waits for");
        }
    }

    #[test]
    fn only_the_undoing_of_a_merge_leaves_closed(trigger in deed(), to in select(Status::ALL.to_vec())) {
        prop_assert!(done((Closed, Some(1)), trigger).is_err());
        prop_assert_eq!(Closed.step(to, Trigger::Unmerged).is_ok(), to != Closed);
    }

    #[test]
    fn clocks_count_the_time_in_which_something_was_owed(deeds in vec((0_i64..300, deed()), 0..40)) {
        let Lived { now, walk, resolved_at, closed_at, owed } = lived(&deeds);
        let ended_at = resolved_at.or(closed_at);
        let life = Life { walk, ended_at, ..Life::beginning(Priority::Medium, DateTime::UNIX_EPOCH) };
        let spans = life.spans();
        let last = spans.last().map(|span| span.to);
        prop_assert!(spans.first().is_some_and(|span| span.from == DateTime::UNIX_EPOCH));
        prop_assert!(last == Some(None) && spans.windows(2).all(|pair| pair[0].to == Some(pair[1].from) && pair[0].from < pair[1].from));
        let clock = measured(&promise(), &life, now).expect("sound").clock(Which::Resolution);
        prop_assert_eq!(clock.elapsed, owed, "{:?}", life);
    }
}
