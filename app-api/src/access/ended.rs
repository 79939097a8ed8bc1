//! Sessions that have ended while a token of theirs may still be around.

use std::{
    collections::HashMap,
    sync::RwLock,
    time::{Duration, Instant},
};

use uuid::Uuid;

/// Longer than an access token lives, the leeway of clocks included.
pub const KEPT: Duration = Duration::from_secs(16 * 60);

/// Ended sessions, each until its last token has ended too. There is no bound by number, which would
/// let somebody push a session out by ending many of their own; sign-ins are few enough.
#[derive(Default)]
pub struct Ended(RwLock<HashMap<Uuid, Instant>>);

impl Ended {
    /// A session has ended.
    pub fn add(&self, session: Uuid) {
        self.0.write().expect("nobody panics while holding the ended").insert(session, Instant::now());
    }

    /// Whether a session has.
    pub fn has(&self, session: Uuid) -> bool {
        self.0.read().expect("nobody panics while holding the ended").contains_key(&session)
    }

    /// Forgets sessions whose tokens have all ended.
    pub fn tidy(&self, now: Instant) {
        let mut ended = self.0.write().expect("nobody panics while holding the ended");
        ended.retain(|_, since| now.saturating_duration_since(*since) < KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_session_is_known_until_its_last_token_has_ended() {
        let (ended, one, other) = (Ended::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        ended.add(one);
        assert!(ended.has(one) && !ended.has(other));
        let lifetime = shared::auth::jwt::LIFETIME.to_std().expect("a time") + Duration::from_secs(30);
        ended.tidy(Instant::now() + lifetime);
        assert!(ended.has(one));
        ended.tidy(Instant::now() + KEPT);
        assert!(!ended.has(one));
    }
}
