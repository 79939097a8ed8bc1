//! Password hashes: argon2id with 19 MiB, two passes, one lane (I-2), on a bounded number of
//! blocking threads so that nobody takes the machine from everybody else. One of the turns is kept
//! for sign-ins: however many sign up, whoever has an account comes in. Hashes of other parameters, and
//! bcrypt hashes of the predecessor, are checked too, so that a sign-in can replace them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{Error, Result};

/// How long somebody may wait for a turn before they hear `503`.
const TURN: Duration = Duration::from_millis(2000);
/// How many may wait for each turn; whoever comes then hears `503` at once. It bounds the memory that
/// waiting takes, not the time: choosing a password takes a turn for two hashes and more, so not all
/// who wait need get theirs within `TURN`.
const WAITING: usize = 64;

/// What is stored where nobody has a password: no password fits it.
pub const NONE: &str = "!";
/// The highest bcrypt cost that is checked, about a second: more would be a way to hold up everybody.
const BCRYPT_MOST: u32 = 14;
/// What every hash begins with that needs no replacing.
const CURRENT: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// Gives turns to hash and check passwords, a bounded number at a time.
#[derive(Clone)]
pub struct Passwords {
    all: Arc<Semaphore>,
    logins: Lane,
    others: Lane,
    hasher: Hasher,
}

/// Who waits together: the places to wait in, and how many may have their turn at once.
#[derive(Clone)]
struct Lane {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Lane {
    fn of(turns: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(turns * WAITING)), turns: Arc::new(Semaphore::new(turns)) }
    }
}

/// The slow work itself. Only a turn hands it out.
#[derive(Clone)]
pub struct Hasher {
    dummy: Arc<str>,
    done: Arc<AtomicU64>,
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).expect("these parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Hasher {
    fn new() -> Result<Self> {
        let mut hasher = Self { dummy: Arc::default(), done: Arc::default() };
        hasher.dummy = hasher.hash(&"nobody has this password".into())?.into();
        Ok(hasher)
    }

    /// The hash to store, as a PHC string.
    pub fn hash(&self, password: &SecretString) -> Result<String> {
        self.done.fetch_add(1, Ordering::Relaxed);
        let hash = argon2id().hash_password(password.expose_secret().as_bytes());
        Ok(hash.map_err(|e| anyhow::anyhow!("argon2: {e}"))?.to_string())
    }

    /// Whether `password` is the one behind `hash`. Without a hash that can be checked, as for an unknown
    /// user, the same work is done and the answer is no: time tells nobody apart (I-7).
    pub fn matches(&self, password: &SecretString, hash: Option<&str>) -> bool {
        self.done.fetch_add(1, Ordering::Relaxed);
        let text = password.expose_secret();
        match hash.and_then(Stored::parse) {
            Some(Stored::Argon2(hash)) => argon2id().verify_password(text.as_bytes(), &*hash).is_ok(),
            Some(Stored::Bcrypt(hash)) => bcrypt::verify(text, hash).unwrap_or(false),
            None => {
                // The answer is no, whatever comes of it.
                let _ = argon2id().verify_password(text.as_bytes(), &*self.dummy);
                false
            }
        }
    }

    /// What to store instead of `hash`, whose password was just given: something, if its parameters are
    /// not those of today.
    pub fn renewed(&self, password: &SecretString, hash: &str) -> Result<Option<String>> {
        if hash.starts_with(CURRENT) { Ok(None) } else { self.hash(password).map(Some) }
    }
}

/// A hash that can be checked.
enum Stored<'a> {
    Argon2(Box<PasswordHash>),
    Bcrypt(&'a str),
}

impl<'a> Stored<'a> {
    fn parse(hash: &'a str) -> Option<Self> {
        let bcrypt: Option<u32> = hash.strip_prefix("$2").and_then(|rest| rest.split('$').nth(1)?.parse().ok());
        match bcrypt {
            Some(cost) => (cost <= BCRYPT_MOST).then_some(Self::Bcrypt(hash)),
            None => PasswordHash::new(hash).ok().filter(|h| h.algorithm.as_str().starts_with("argon2")).map(|h| Self::Argon2(Box::new(h))),
        }
    }
}

impl Passwords {
    /// How many turns there are unless told: one for each core, and never less than three, so that
    /// beside the one for sign-ins two serve everybody else.
    pub fn usual_turns() -> usize {
        std::thread::available_parallelism().map_or(1, usize::from).max(3)
    }

    /// At most `turns` at once, each with 19 MiB; one of at least two is for sign-ins alone.
    pub fn new(turns: usize) -> Result<Self> {
        let turns = turns.max(2);
        let all = Arc::new(Semaphore::new(turns));
        Ok(Self { all, logins: Lane::of(turns), others: Lane::of(turns - 1), hasher: Hasher::new()? })
    }

    /// Works for a sign-in, as soon as it is its turn.
    pub async fn login_turn<T: Send + 'static>(&self, work: impl FnOnce(&Hasher) -> T + Send + 'static) -> Result<T> {
        self.turn(&self.logins, work).await
    }

    /// Works for anything else.
    pub async fn other_turn<T: Send + 'static>(&self, work: impl FnOnce(&Hasher) -> T + Send + 'static) -> Result<T> {
        self.turn(&self.others, work).await
    }

    /// How often a password was hashed or checked since the start.
    pub fn done(&self) -> u64 {
        self.hasher.done.load(Ordering::Relaxed)
    }

    async fn turn<T: Send + 'static>(&self, lane: &Lane, work: impl FnOnce(&Hasher) -> T + Send + 'static) -> Result<T> {
        let busy = || Error::Unavailable("password hashing");
        let place = lane.places.clone().try_acquire_owned().map_err(|_| busy())?;
        // The lane's own turn first: of the common ones the others never hold or wait for all.
        let both = async { Ok((lane.turns.clone().acquire_owned().await?, self.all.clone().acquire_owned().await?)) };
        let turn = tokio::time::timeout(TURN, both).await.map_err(|_| busy())?;
        let turn = turn.map_err(|_: tokio::sync::AcquireError| busy())?;
        drop(place);
        let hasher = self.hasher.clone();
        let work = move || {
            let done = work(&hasher);
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_matches() {
        let passwords = Passwords::new(2).expect("argon2 works");
        let hash = passwords.other_turn(|hasher| hasher.hash(&"correct horse".into())).await.expect("a turn").expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let matches = async |password: &'static str, hash: Option<String>| {
            passwords.login_turn(move |hasher| hasher.matches(&password.into(), hash.as_deref())).await.expect("a turn")
        };
        assert!(matches("correct horse", Some(hash.clone())).await);
        assert!(!matches("wrong horse", Some(hash)).await);
        let before = passwords.done();
        assert!(!matches("nobody has this password", None).await);
        assert_eq!(passwords.done(), before + 1, "an unknown user costs the same");
    }

    #[test]
    fn older_hashes_fit_and_are_renewed_and_what_is_none_costs_the_same() {
        let hasher = Hasher::new().expect("argon2 works");
        let password: SecretString = "correct horse".into();
        let current = hasher.hash(&password).expect("hashed");
        let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).expect("parameters"));
        let weaker = weaker.hash_password(b"correct horse").expect("hashed").to_string();
        let bcrypt = bcrypt::hash("correct horse", 4).expect("hashed");
        for (hash, renewed) in [(current, false), (weaker, true), (bcrypt.clone(), true), (bcrypt.replace("$2b$", "$2y$"), true)] {
            assert!(hasher.matches(&password, Some(&hash)), "{hash}");
            assert!(!hasher.matches(&"wrong horse".into(), Some(&hash)), "{hash}");
            let new = hasher.renewed(&password, &hash).expect("hashed");
            assert_eq!(new.is_some(), renewed, "{hash}");
            assert!(new.is_none_or(|new| new.starts_with(CURRENT) && hasher.matches(&password, Some(&new))));
        }
        let costly = bcrypt.replacen("$04$", "$31$", 1);
        for none in [NONE, "", "$2b$", "$2b$04$x", "$argon2id$", &costly] {
            let before = hasher.done.load(Ordering::Relaxed);
            assert!(!hasher.matches(&password, Some(none)), "{none}");
            assert_eq!(hasher.done.load(Ordering::Relaxed), before + 1);
        }
    }

    #[tokio::test]
    async fn unless_told_two_turns_at_least_serve_others_than_sign_ins() {
        let passwords = Passwords::new(Passwords::usual_turns()).expect("argon2 works");
        assert!(passwords.others.turns.available_permits() >= 2);
        assert_eq!(passwords.all.available_permits(), passwords.others.turns.available_permits() + 1);
    }

    #[tokio::test]
    async fn a_flood_of_sign_ups_is_refused_at_once_and_keeps_nobody_from_signing_in() {
        let passwords = Passwords::new(2).expect("argon2 works");
        let (free, blocked) = mpsc::channel::<()>();
        // One sign-up works, as long as `free` lives, and all places behind it are taken.
        let working = passwords.clone();
        let working = tokio::spawn(async move { working.other_turn(move |_| blocked.recv().is_err()).await });
        while passwords.others.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.other_turn(|_| ()).await })
            })
            .collect();
        while passwords.others.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(passwords.other_turn(|_| ()).await, Err(Error::Unavailable(_))));
        passwords.login_turn(|_| ()).await.expect("a sign-in has its turn meanwhile");
        drop(free);
        assert!(working.await.expect("it ended").expect("a turn"));
        for waiter in waiting {
            waiter.await.expect("it ended").expect("a turn");
        }
    }
}
