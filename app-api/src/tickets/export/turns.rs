//! How many files are made at the same time: few of one organisation, so that no other one waits for it, and few in all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use shared::{Error, Result};
use uuid::Uuid;

/// Of one organisation.
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
    taken: Arc<Mutex<HashMap<Uuid, usize>>>,
    patience: Duration,
}

/// The right to make one file, until it is dropped.
pub struct Turn {
    turns: Turns,
    tenant: Uuid,
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

    /// A turn for that tenant: `429` when it has as many as it may, `503` when all have.
    pub(super) fn take(&self, tenant: Uuid) -> Result<Turn> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.get(&tenant).is_some_and(|own| *own >= EACH) {
            return Err(Error::TooMany { retry_after: AGAIN });
        }
        if taken.values().sum::<usize>() >= ALL {
            return Err(Error::Unavailable("exports"));
        }
        *taken.entry(tenant).or_default() += 1;
        Ok(Turn { turns: self.clone(), tenant })
    }
}

impl Turn {
    /// So long a piece of the file may wait for its receiver.
    pub(super) fn patience(&self) -> Duration {
        self.turns.patience
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut taken = self.turns.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.tenant) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_has_two_turns_and_all_together_six_and_what_is_given_back_is_free() {
        let turns = Turns::default();
        let tenants: Vec<Uuid> = (0..4).map(|_| Uuid::now_v7()).collect();
        let mut held: Vec<Turn> = tenants[..3].iter().flat_map(|id| [turns.take(*id), turns.take(*id)]).flatten().collect();
        assert_eq!(held.len(), 6);
        assert!(matches!(turns.take(tenants[0]), Err(Error::TooMany { .. })));
        assert!(matches!(turns.take(tenants[3]), Err(Error::Unavailable("exports"))));
        held.remove(0);
        assert!(turns.take(tenants[3]).is_ok());
        held.clear();
        assert!(turns.taken.lock().unwrap().is_empty(), "nothing is remembered of whoever has none");
    }
}
