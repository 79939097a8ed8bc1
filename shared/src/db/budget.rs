//! How many connections an instance holds over all its databases: exactly as many as allowed, and
//! never one more. An idle one of another database makes room; who finds none waits in line.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use sqlx::PgConnection;
use tokio::sync::{Semaphore, oneshot};

/// The connections of one instance.
pub struct Budget<C = PgConnection>(Arc<Shared<C>>);

struct Shared<C> {
    state: Mutex<State<C>>,
    /// Turns of work that nobody waits for, over all databases.
    behind: Arc<Semaphore>,
    /// Turns of such work whose time has come.
    due: Arc<Semaphore>,
}

/// Of all connections, this part is for work that nobody waits for: opening one costs the server more than most
/// statements, and requests would wait for sweeps.
const BEHIND: usize = 5;
/// And this part for what has to be done at its time, however much of the other work there is.
const DUE: usize = 7;

struct State<C> {
    most: usize,
    /// Connections that are used, idle, being opened or being closed.
    open: usize,
    /// Whoever was used last comes last.
    idle: VecDeque<Idle<C>>,
    /// In order of arrival. While anybody waits, nothing is idle.
    waiting: VecDeque<Waiter<C>>,
}

struct Idle<C> {
    database: usize,
    connection: C,
    since: Instant,
    /// How long it may stay so.
    rest: Duration,
}

struct Waiter<C> {
    database: usize,
    hand: oneshot::Sender<Got<C>>,
}

/// The right to one connection. Dropped, it goes to whoever waits longest.
pub(super) struct Slot<C>(Option<Budget<C>>);

/// What asking for a connection leads to.
pub(super) struct Got<C> {
    /// Another database's, to be closed before one is opened in its place.
    pub displaced: Option<C>,
    /// One that stood idle.
    pub connection: Option<Found<C>>,
    /// The last field: what is dropped unseen is closed before its slot goes on.
    pub slot: Slot<C>,
}

/// A connection that stood idle.
pub(super) struct Found<C> {
    pub connection: C,
    /// How long it has.
    pub rested: Duration,
    /// How long it might have.
    pub rest: Duration,
}

impl<C> Clone for Budget<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> Budget<C> {
    /// Room for `most` connections.
    pub fn new(most: usize) -> Self {
        let state = Mutex::new(State { most, open: 0, idle: VecDeque::new(), waiting: VecDeque::new() });
        let part = |of: usize| Arc::new(Semaphore::new((most / of).max(1)));
        Self(Arc::new(Shared { state, behind: part(BEHIND), due: part(DUE) }))
    }

    /// Turns of work that nobody waits for: a fifth of the connections, or one.
    pub(super) fn behind(&self) -> &Arc<Semaphore> {
        &self.0.behind
    }

    /// Turns of what is due: a seventh of the connections, or one.
    pub(super) fn due(&self) -> &Arc<Semaphore> {
        &self.0.due
    }

    /// How many connections there are, idle ones too.
    pub fn open(&self) -> usize {
        self.lock().open
    }

    // A std Mutex: nothing is awaited while it is held.
    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.0.state.lock().expect("nobody panics while holding the budget")
    }

    fn slot(&self) -> Slot<C> {
        Slot(Some(self.clone()))
    }

    pub(super) fn idle(&self, database: usize) -> usize {
        self.lock().idle.iter().filter(|idle| idle.database == database).count()
    }

    /// Whether a connection is had without closing another database's.
    pub(super) fn has_room(&self, database: usize) -> bool {
        let state = self.lock();
        state.open < state.most || state.idle.iter().any(|idle| idle.database == database)
    }

    /// Waits for the right to a connection; there is no end to it but the caller's.
    pub(super) async fn take(&self, database: usize) -> Option<Got<C>> {
        let waiting = {
            let mut state = self.lock();
            if let Some(at) = state.idle.iter().rposition(|idle| idle.database == database) {
                let found = |idle: Idle<C>| Found { rested: idle.since.elapsed(), rest: idle.rest, connection: idle.connection };
                let connection = state.idle.remove(at).map(found);
                return Some(Got { slot: self.slot(), connection, displaced: None });
            }
            if state.open < state.most {
                state.open += 1;
                return Some(Got { slot: self.slot(), connection: None, displaced: None });
            }
            if let Some(oldest) = state.idle.pop_front() {
                return Some(Got { slot: self.slot(), connection: None, displaced: Some(oldest.connection) });
            }
            let (hand, waiting) = oneshot::channel();
            state.waiting.push_back(Waiter { database, hand });
            waiting
        };
        waiting.await.ok()
    }

    /// Keeps a connection for its next user, for as long as `rest`. When somebody else waits for room,
    /// it is given back: it has to be closed, and its slot dropped after that.
    pub(super) fn give_back(&self, database: usize, (connection, rest): (C, Duration), mut slot: Slot<C>) -> Option<(C, Slot<C>)> {
        let mut state = self.lock();
        let found = Found { connection, rested: Duration::ZERO, rest };
        let mut got = Got { slot: Slot(slot.0.take()), connection: Some(found), displaced: None };
        while let Some(waiter) = state.waiting.pop_front() {
            if waiter.hand.is_closed() {
                continue;
            }
            if waiter.database != database {
                state.waiting.push_front(waiter);
                drop(state);
                return got.connection.map(|found| (found.connection, got.slot));
            }
            match waiter.hand.send(got) {
                Ok(()) => return None,
                Err(back) => got = back,
            }
        }
        got.slot.0 = None;
        state.idle.extend(got.connection.map(|found| Idle { database, connection: found.connection, since: Instant::now(), rest }));
        None
    }

    /// Takes out what has been idle for long enough, to be closed.
    pub(super) fn reap(&self) -> Vec<(C, Slot<C>)> {
        let mut state = self.lock();
        let (old, idle) = state.idle.drain(..).partition(|idle| idle.since.elapsed() >= idle.rest);
        state.idle = idle;
        let old: VecDeque<Idle<C>> = old;
        old.into_iter().map(|idle| (idle.connection, self.slot())).collect()
    }

    pub(super) fn downgrade(&self) -> impl Fn() -> Option<Self> + Send + use<C>
    where
        C: Send + 'static,
    {
        let weak = Arc::downgrade(&self.0);
        move || weak.upgrade().map(Self)
    }
}

impl<C> Drop for Slot<C> {
    fn drop(&mut self) {
        let Some(budget) = self.0.take() else { return };
        let mut state = budget.lock();
        while let Some(waiter) = state.waiting.pop_front() {
            let Err(mut got) = waiter.hand.send(Got { slot: budget.slot(), connection: None, displaced: None }) else { return };
            // They have left: their slot is still ours to give.
            got.slot.0 = None;
        }
        state.open -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: usize = 1;
    const GLOBEX: usize = 2;
    const LONG: Duration = Duration::from_secs(60);

    async fn taken(budget: &Budget<&'static str>, database: usize) -> Got<&'static str> {
        budget.take(database).await.expect("the budget lives")
    }

    #[tokio::test]
    async fn an_idle_connection_is_used_again_or_makes_room_for_another_database() {
        let budget = Budget::new(1);
        let got = taken(&budget, ACME).await;
        assert!(budget.give_back(ACME, ("acme's", LONG), got.slot).is_none());
        let again = taken(&budget, ACME).await;
        assert_eq!((again.connection.map(|c| c.connection), again.displaced), (Some("acme's"), None));
        assert!(budget.give_back(ACME, ("acme's", LONG), again.slot).is_none());
        let other = taken(&budget, GLOBEX).await;
        assert_eq!((other.connection.is_none(), other.displaced, budget.open()), (true, Some("acme's"), 1));
        drop(other.slot);
        assert_eq!(budget.open(), 0);
    }

    #[tokio::test]
    async fn who_waits_longest_comes_next_and_who_left_is_passed_over() {
        let budget = Budget::new(1);
        let first = taken(&budget, ACME).await;
        let (mut left, mut globex, mut acme) = (Box::pin(budget.take(GLOBEX)), Box::pin(budget.take(GLOBEX)), Box::pin(budget.take(ACME)));
        assert!(
            futures::poll!(&mut left).is_pending() && futures::poll!(&mut globex).is_pending() && futures::poll!(&mut acme).is_pending()
        );
        drop(left);
        // Globex waits for room: acme's connection is not kept for acme, who came later.
        let (connection, slot) = budget.give_back(ACME, ("acme's", LONG), first.slot).expect("to be closed");
        assert!(futures::poll!(&mut globex).is_pending(), "not before it is closed");
        assert_eq!((connection, budget.open()), ("acme's", 1));
        drop(slot);
        let got = globex.await.expect("the budget lives");
        assert!(futures::poll!(&mut acme).is_pending());
        assert!(budget.give_back(ACME, ("acme's", LONG), got.slot).is_none());
        let got = acme.await.expect("the budget lives");
        assert_eq!((got.connection.map(|c| c.connection), budget.open()), (Some("acme's"), 1), "handed over without being closed");
    }

    #[tokio::test]
    async fn what_nobody_receives_any_more_is_not_lost() {
        let budget = Budget::new(1);
        let first = taken(&budget, ACME).await;
        let mut waiting = Box::pin(budget.take(GLOBEX));
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(first.slot);
        drop(waiting);
        assert_eq!(budget.open(), 0);
        drop(taken(&budget, ACME).await);
    }

    #[tokio::test]
    async fn each_connection_is_reaped_when_it_has_been_idle_for_as_long_as_it_may() {
        let budget = Budget::new(2);
        let (kept, passing) = (taken(&budget, ACME).await, taken(&budget, ACME).await);
        assert!(budget.give_back(ACME, ("passing", Duration::ZERO), passing.slot).is_none());
        assert!(budget.give_back(ACME, ("kept", LONG), kept.slot).is_none());
        let old = budget.reap();
        assert_eq!((old.len(), old[0].0, budget.open(), budget.idle(ACME)), (1, "passing", 2, 1), "it counts until it is closed");
        drop(old);
        assert_eq!(budget.open(), 1);
    }
}
