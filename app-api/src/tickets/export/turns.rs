//! How many files are made at the same time: few of one organisation, so that no other one waits for it, and few in all. Where
//! all are taken, whoever comes gets the turn of a file that is read slowly: no few organisations keep all others waiting.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::{Error, Result};
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

use super::pace::Pace;

/// Of one organisation while half of all are free; then one.
const EACH: usize = 2;
/// Of all.
const ALL: usize = 6;
/// After which time it is worth to ask again.
const AGAIN: Duration = Duration::from_secs(10);
/// So long a piece of a file may wait for a receiver who does not read on: whoever is slower gives their turn to others.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who makes a file of tickets just now, in this process.
#[derive(Clone)]
pub struct Turns {
    taken: Arc<Mutex<Taken>>,
    patience: Duration,
}

#[derive(Default)]
struct Taken {
    next: u64,
    /// In the order in which they were taken.
    holders: BTreeMap<u64, Holder>,
}

struct Holder {
    tenant: Uuid,
    pace: Pace,
    /// Since when a piece waits for its receiver.
    waits_since: Option<Instant>,
    /// Told when the turn is another's.
    lost: Arc<Notify>,
}

impl Holder {
    /// How its file is read by now.
    fn pace(&self) -> Pace {
        let waits = self.waits_since.map_or(Duration::ZERO, |since| since.elapsed());
        Pace { waited: self.pace.waited + waits, ..self.pace }
    }
}

/// The right to make one file, until it is dropped or another needs it more.
pub struct Turn {
    turns: Turns,
    id: u64,
    lost: Arc<Notify>,
}

impl Default for Turns {
    fn default() -> Self {
        Self::with_patience(PATIENCE)
    }
}

impl Turns {
    /// Turns that are taken from whoever leaves a piece of their file waiting for longer.
    pub fn with_patience(patience: Duration) -> Self {
        Self { taken: Arc::default(), patience }
    }

    /// A turn for that tenant, if need be the one that the longest is held by a slow receiver: `429` when the tenant has as many
    /// as it may, `503` when all have, and read on.
    pub(super) fn take(&self, tenant: Uuid) -> Result<Turn> {
        let mut taken = self.taken();
        let own = taken.holders.values().filter(|holder| holder.tenant == tenant).count();
        let free = ALL.saturating_sub(taken.holders.len());
        if own >= EACH || own > 0 && free < ALL / 2 {
            return Err(Error::TooMany { retry_after: AGAIN });
        }
        if free == 0 {
            let slow = taken.holders.iter().find(|(_, holder)| holder.pace().holds_others_up()).map(|(id, _)| *id);
            let holder = slow.and_then(|id| taken.holders.remove(&id)).ok_or(Error::Unavailable("exports"))?;
            holder.lost.notify_one();
        }
        let (id, lost) = (taken.next, Arc::new(Notify::new()));
        taken.next += 1;
        taken.holders.insert(id, Holder { tenant, pace: Pace::default(), waits_since: None, lost: lost.clone() });
        Ok(Turn { turns: self.clone(), id, lost })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// So long a piece of the file may wait for its receiver.
    pub(super) fn patience(&self) -> Duration {
        self.turns.patience
    }

    /// Whether it is another's by now.
    pub(super) fn is_lost(&self) -> bool {
        !self.turns.taken().holders.contains_key(&self.id)
    }

    /// Returns once it is another's.
    pub(super) async fn lost(&self) {
        self.lost.notified().await;
    }

    /// Says that a piece waits for its receiver from now on.
    pub(super) fn waits(&self) {
        if let Some(holder) = self.turns.taken().holders.get_mut(&self.id) {
            holder.waits_since = Some(Instant::now());
        }
    }

    /// Says that the receiver took so much after so long, and tells how they read by now; nothing of a turn that is lost.
    pub(super) fn paced(&self, bytes: usize, waited: Duration) -> Pace {
        let mut taken = self.turns.taken();
        let Some(holder) = taken.holders.get_mut(&self.id) else { return Pace::default() };
        holder.waits_since = None;
        holder.pace.bytes += bytes as u64;
        holder.pace.waited += waited;
        holder.pace
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.taken().holders.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(turns: &Turns) -> Result<Turn> {
        turns.take(Uuid::now_v7())
    }

    #[test]
    fn an_organisation_has_two_turns_while_half_are_free_and_then_one_and_all_together_six() {
        let turns = Turns::default();
        let tenants: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
        let mut held: Vec<Turn> = [0, 0, 1, 1, 2].map(|n| turns.take(tenants[n]).expect("a turn")).into();
        assert!(matches!(turns.take(tenants[0]), Err(Error::TooMany { .. })), "it has two");
        assert!(matches!(turns.take(tenants[2]), Err(Error::TooMany { .. })), "the last one is for somebody who has none");
        held.push(turns.take(tenants[3]).expect("it has none"));
        assert!(matches!(turns.take(tenants[4]), Err(Error::Unavailable("exports"))), "nobody is slow");
        held.remove(0);
        assert!(turns.take(tenants[4]).is_ok());
        held.clear();
        assert!(turns.taken().holders.is_empty(), "nothing is remembered of whoever has none");
    }

    #[test]
    fn whoever_comes_when_all_are_taken_gets_the_turn_of_the_first_who_reads_slowly() {
        let turns = Turns::default();
        let mut held: Vec<Turn> = (0..ALL).map(|_| takes(&turns).expect("a turn")).collect();
        let minute = Duration::from_secs(60);
        held[0].paced(1 << 30, minute);
        held[2].paced(1 << 20, minute);
        held[4].paced(1 << 20, minute);
        let lost = |held: &[Turn]| held.iter().map(Turn::is_lost).collect::<Vec<_>>();
        for at in [2, 4] {
            assert!(!held[at].is_lost());
            let turn = takes(&turns).expect("a slow one's");
            assert!(held[at].is_lost(), "{at}");
            held.push(turn);
        }
        assert!(takes(&turns).is_err(), "the others read on");
        assert_eq!(lost(&held), [false, false, true, false, true, false, false, false]);
        held.remove(2);
        assert!(takes(&turns).is_err(), "what was lost makes no room again");
    }
}
