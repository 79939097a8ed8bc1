//! Password hashes: argon2id with 19 MiB, two passes, one lane (I-2), on a bounded number of
//! blocking threads so that logins cannot take the machine from everybody else.

use std::{sync::Arc, time::Duration};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{Error, Result};

/// How long a login may wait for its turn before it hears `503`.
const TURN: Duration = Duration::from_millis(2000);

/// Hashes and checks passwords, a bounded number at a time.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    dummy: Arc<str>,
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).expect("these parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Result<String> {
    let hash = argon2id().hash_password(password.as_bytes());
    Ok(hash.map_err(|e| anyhow::anyhow!("argon2: {e}"))?.to_string())
}

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|h| argon2id().verify_password(password.as_bytes(), &h).is_ok())
}

impl Passwords {
    /// At most `hashers` at once, each with 19 MiB.
    pub fn new(hashers: usize) -> Result<Self> {
        let dummy = hash("nobody has this password")?.into();
        Ok(Self { turns: Arc::new(Semaphore::new(hashers.max(1))), dummy })
    }

    /// The hash to store, as a PHC string.
    pub async fn hash(&self, password: SecretString) -> Result<String> {
        self.in_turn(move || hash(password.expose_secret())).await?
    }

    /// Whether `password` is the one behind `hash`. Without a hash, as for an unknown user, the
    /// same work is done and the answer is no: time tells nobody apart (I-7).
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        self.in_turn(move || matches(password.expose_secret(), &hash) && known).await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(TURN, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| Error::Unavailable("sign-in"))?
            .map_err(|_| Error::Unavailable("sign-in"))?;
        let work = move || {
            let done = work();
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_matches() {
        let passwords = Passwords::new(2).expect("argon2 works");
        let hash = passwords.hash("correct horse".into()).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let known = Some(hash);
        assert!(passwords.verify("correct horse".into(), known.clone()).await.expect("checked"));
        assert!(!passwords.verify("wrong horse".into(), known).await.expect("checked"));
        assert!(!passwords.verify("nobody has this password".into(), None).await.expect("checked"));
    }
}
