//! Turns to bring a file: each file that comes takes disk and time, and nobody takes all of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use shared::{Error, Result};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use crate::people::PersonId;

/// Files that come at the same moment; others wait for their turn. While one comes it takes disk alone: sixteen organisations that do
/// their worst are needed to take all turns.
const AT_ONCE: usize = 256;
/// Of those that have come, files that are judged at the same moment: that takes some MiB of memory.
const JUDGED: usize = 8;
/// Those of one organisation: one alone stops nobody else.
const OF_TENANT: usize = 16;
/// Those of one person, who sends three at once from our pages.
const OF_PERSON: usize = 4;
/// How long one waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whose turns are counted: an organisation's, or those of a person in it.
type Whose = (Uuid, Option<PersonId>);

/// All turns of this instance.
#[derive(Clone)]
pub struct Turns {
    all: Arc<Semaphore>,
    judged: Arc<Semaphore>,
    of: Arc<Mutex<HashMap<Whose, Arc<Semaphore>>>>,
    patience: Duration,
}

/// A turn, until it is dropped.
pub struct Turn {
    _all: OwnedSemaphorePermit,
    _tenant: Narrow,
    _person: Narrow,
}

impl Default for Turns {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), judged: Arc::new(Semaphore::new(JUDGED)), of: Arc::default(), patience: PATIENCE }
    }
}

impl Turns {
    /// A turn for a person's file: `429` where too many of their own are coming, `503` where too many of others are.
    pub async fn turn(&self, tenant: Uuid, person: PersonId) -> Result<Turn> {
        let until = Instant::now() + self.patience;
        // One's own first: whoever waits for those has nothing that others wait for.
        let person = self.narrow((tenant, Some(person)), OF_PERSON, until).await;
        let person = person.ok_or(Error::TooMany { retry_after: self.patience })?;
        let tenant = self.narrow((tenant, None), OF_TENANT, until).await;
        let all = timeout_at(until, self.all.clone().acquire_owned()).await.ok().and_then(Result::ok);
        match (tenant, all) {
            (Some(tenant), Some(all)) => Ok(Turn { _all: all, _tenant: tenant, _person: person }),
            _ => Err(Error::Unavailable("turn to upload")),
        }
    }

    /// A turn to have a file judged that has come; that takes a moment, so everybody gets one.
    pub async fn judge(&self) -> Result<SemaphorePermit<'_>> {
        self.judged.acquire().await.map_err(Error::internal)
    }

    async fn narrow(&self, whose: Whose, most: usize, until: Instant) -> Option<Narrow> {
        let turns = known(&self.of).entry(whose).or_insert_with(|| Arc::new(Semaphore::new(most))).clone();
        // From here on it is forgotten by whoever leaves last, also of those who wait in vain.
        let mut narrow = Narrow { whose, of: self.of.clone(), turns: Some(turns.clone()), permit: None };
        narrow.permit = Some(timeout_at(until, turns.acquire_owned()).await.ok()?.ok()?);
        Some(narrow)
    }
}

/// One of somebody's turns.
struct Narrow {
    whose: Whose,
    of: Arc<Mutex<HashMap<Whose, Arc<Semaphore>>>>,
    turns: Option<Arc<Semaphore>>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Narrow {
    fn drop(&mut self) {
        let mut of = known(&self.of);
        (self.permit, self.turns) = (None, None);
        // Nobody else has it, and nobody gets it while we hold the map.
        if of.get(&self.whose).is_some_and(|turns| Arc::strong_count(turns) == 1) {
            of.remove(&self.whose);
        }
    }
}

fn known(of: &Mutex<HashMap<Whose, Arc<Semaphore>>>) -> MutexGuard<'_, HashMap<Whose, Arc<Semaphore>>> {
    of.lock().expect("nobody panics while holding the turns")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns() -> Turns {
        Turns { patience: Duration::from_millis(50), ..Turns::default() }
    }

    #[tokio::test]
    async fn nobody_takes_all_turns_and_no_organisation_does() {
        let (turns, acme, globex) = (turns(), Uuid::from_u128(1), Uuid::from_u128(2));
        let mut held = Vec::new();
        for _ in 0..OF_PERSON {
            held.push(turns.turn(acme, 1).await.expect("a turn"));
        }
        assert!(matches!(turns.turn(acme, 1).await, Err(Error::TooMany { .. })));
        // People are counted in their organisation.
        held.push(turns.turn(globex, 1).await.expect("a turn"));
        for person in 2..=4 {
            for _ in 0..OF_PERSON {
                held.push(turns.turn(acme, person).await.expect("a turn"));
            }
        }
        assert!(matches!(turns.turn(acme, 5).await, Err(Error::Unavailable(_))));
        for person in 2..=16 {
            held.push(turns.turn(globex, person).await.expect("a turn"));
        }
        for (tenant, person) in (3..=16).flat_map(|tenant| (0..16).map(move |person| (tenant, person))) {
            held.push(turns.turn(Uuid::from_u128(tenant), person).await.expect("a turn"));
        }
        assert!(matches!(turns.turn(Uuid::from_u128(17), 1).await, Err(Error::Unavailable(_))));
        assert_eq!(held.len(), AT_ONCE);
    }

    #[tokio::test]
    async fn a_turn_goes_to_whoever_waits_and_who_has_none_is_forgotten() {
        let (mut turns, acme) = (turns(), Uuid::from_u128(1));
        turns.patience = Duration::from_secs(20);
        let mut held = Vec::new();
        for _ in 0..OF_PERSON {
            held.push(turns.turn(acme, 1).await.expect("a turn"));
        }
        let waits = tokio::spawn({
            let turns = turns.clone();
            async move { turns.turn(acme, 1).await.is_ok() }
        });
        tokio::task::yield_now().await;
        held.clear();
        assert!(waits.await.expect("it waits"));
        assert!(known(&turns.of).is_empty(), "{}", known(&turns.of).len());
        turns.patience = Duration::ZERO;
        let alone = turns.all.clone().acquire_many_owned(u32::try_from(AT_ONCE).expect("few")).await.expect("all");
        assert!(turns.turn(acme, 1).await.is_err());
        drop(alone);
        assert!(known(&turns.of).is_empty(), "whoever waited in vain is forgotten, too");
    }
}
