//! What Vault has given, in memory and for a while: what runs goes on while Vault is away, and nothing outlives
//! [`HELD`]. Pure but for its lock; the time comes in.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use secrecy::SecretSlice;

/// How long something is used without Vault, as a tenant's route is without the control database.
pub(super) const HELD: Duration = Duration::from_secs(3600);
/// How long it is used before Vault is asked for it again.
const FRESH: Duration = Duration::from_secs(300);
/// While Vault is away, one in so long asks for what is held.
const PAUSE: Duration = Duration::from_secs(5);
/// A key that was made and is in no table yet: it has no other place than this.
pub(super) const MADE: Duration = Duration::from_secs(60);

struct Held {
    secret: SecretSlice<u8>,
    since: Instant,
    asked: Instant,
    until: Instant,
}

/// Secrets by what they belong to, as `tenant:{id}:db:{role}`.
#[derive(Default)]
pub(super) struct Memory(Mutex<HashMap<String, Held>>);

/// A secret that is held.
pub(super) struct Found {
    pub secret: SecretSlice<u8>,
    /// Vault need not be asked for it.
    pub is_fresh: bool,
}

impl Memory {
    // A std Mutex: nothing is awaited while it is held.
    fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.0.lock().expect("nobody panics while holding the memory")
    }

    pub(super) fn find(&self, name: &str, now: Instant) -> Option<Found> {
        let held = self.held();
        let found = held.get(name).filter(|held| now < held.until)?;
        Some(Found { secret: found.secret.clone(), is_fresh: now < found.since + FRESH || now < found.asked + PAUSE })
    }

    pub(super) fn keep(&self, name: String, secret: SecretSlice<u8>, (now, longest): (Instant, Duration)) {
        let until = now + longest;
        let mut held = self.held();
        held.retain(|_, held| now < held.until);
        held.insert(name, Held { secret, since: now, asked: now, until });
    }

    /// Somebody asks for it: others use what is held meanwhile.
    pub(super) fn ask(&self, name: &str, now: Instant) {
        if let Some(held) = self.held().get_mut(name) {
            held.asked = now;
        }
    }

    /// What there is.
    pub(super) fn names(&self) -> Vec<String> {
        self.held().keys().cloned().collect()
    }

    /// Forgets what is too old.
    pub(super) fn tidy(&self, now: Instant) {
        self.held().retain(|_, held| now < held.until);
    }

    /// Forgets everything whose name begins so.
    pub(super) fn forget(&self, begin: &str) {
        self.held().retain(|name, _| !name.starts_with(begin));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_fresh_then_held_then_gone() {
        let (memory, begin) = (Memory::default(), Instant::now());
        memory.keep("tenant:a:db".into(), vec![1].into(), (begin, HELD));
        let at = |seconds| memory.find("tenant:a:db", begin + Duration::from_secs(seconds)).map(|found| found.is_fresh);
        assert_eq!([0, 299, 300, 3599, 3600].map(at), [Some(true), Some(true), Some(false), Some(false), None]);
        memory.ask("tenant:a:db", begin + Duration::from_secs(1000));
        assert_eq!([1004, 1005, 3600].map(at), [Some(true), Some(false), None], "asked in vain, it lives no longer for that");
        memory.tidy(begin + HELD);
        assert!(memory.held().is_empty());
    }

    #[test]
    fn a_tenant_is_forgotten_with_all_that_is_its() {
        let (memory, now) = (Memory::default(), Instant::now());
        for name in ["tenant:a:db:r", "tenant:a:data-key:1 x", "tenant:b:db:r", "platform:data-key:1 x"] {
            memory.keep(name.into(), vec![1].into(), (now, HELD));
        }
        memory.forget("tenant:a:");
        let left = ["tenant:a:db:r", "tenant:a:data-key:1 x", "tenant:b:db:r", "platform:data-key:1 x"];
        assert_eq!(left.map(|name| memory.find(name, now).is_some()), [false, false, true, true]);
    }
}
