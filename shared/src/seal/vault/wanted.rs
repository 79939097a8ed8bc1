//! What somebody needs who does not wait for Vault.

use std::time::Instant;

use rand::Rng;
use secrecy::{ExposeSecret, SecretSlice};

use super::{
    Vault,
    memory::{HELD, MADE},
};
use crate::{Error, Result};

/// A key that Vault must be asked for.
#[derive(Debug)]
pub struct Wanted {
    vault: Vault,
    what: What,
}

#[derive(Debug)]
enum What {
    /// One that is wrapped.
    Key { wrapped: Vec<u8>, owner: String },
    /// A new one, wrapped.
    New { owner: String },
}

fn key_name(wrapped: &[u8], owner: &str) -> String {
    format!("{owner} {}", String::from_utf8_lossy(wrapped))
}

fn new_name(owner: &str) -> String {
    format!("{owner} new")
}

impl Wanted {
    /// Asks Vault for it, and holds it. Without Vault, what is held already is good enough.
    pub async fn fetch(&self) -> Result<()> {
        match &self.what {
            What::Key { wrapped, owner } => {
                let (memory, name, now) = (&self.vault.0.memory, key_name(wrapped, owner), Instant::now());
                memory.ask(&name, now);
                match self.vault.unwrap(&[(wrapped.clone(), owner.clone())]).await {
                    Ok(opened) => {
                        opened.into_iter().for_each(|key| memory.keep(name.clone(), key.into(), (Instant::now(), HELD)));
                        Ok(())
                    }
                    Err(Error::Unavailable(_)) if memory.find(&name, now).is_some() => Ok(()),
                    Err(error) => Err(error),
                }
            }
            What::New { owner } => {
                let mut key = vec![0; 32];
                rand::rng().fill_bytes(&mut key);
                let wrapped = self.vault.wrap(&[(key.clone(), owner.clone())]).await?;
                for wrapped in wrapped {
                    self.hold_new(owner, wrapped, key.clone().into());
                }
                Ok(())
            }
        }
    }

    fn hold_new(&self, owner: &str, wrapped: Vec<u8>, key: SecretSlice<u8>) {
        let (memory, now) = (&self.vault.0.memory, Instant::now());
        memory.keep(key_name(&wrapped, owner), key, (now, HELD));
        memory.keep(new_name(owner), wrapped.into(), (now, MADE));
    }
}

impl Vault {
    /// A wrapped key, if it is held.
    pub(in crate::seal) fn key(&self, wrapped: &[u8], owner: &str) -> Result<SecretSlice<u8>> {
        match self.0.memory.find(&key_name(wrapped, owner), Instant::now()).filter(|found| found.is_fresh) {
            Some(found) => Ok(found.secret),
            None => Err(self.wants(What::Key { wrapped: wrapped.to_vec(), owner: owner.to_owned() })),
        }
    }

    /// A new key, wrapped, if one was made for that owner just now.
    pub(in crate::seal) fn new_key(&self, owner: &str) -> Result<Vec<u8>> {
        match self.0.memory.find(&new_name(owner), Instant::now()) {
            Some(found) => Ok(found.secret.expose_secret().to_vec()),
            None => Err(self.wants(What::New { owner: owner.to_owned() })),
        }
    }

    fn wants(&self, what: What) -> Error {
        Error::Wanted(Box::new(Wanted { vault: self.clone(), what }))
    }
}

/// Runs `work`, which is no act, until all is at hand that it wants.
pub async fn at_hand<T>(work: impl Fn() -> Result<T>) -> Result<T> {
    for _ in 0..super::FETCHES {
        match work() {
            Err(Error::Wanted(wanted)) => wanted.fetch().await?,
            done => return done,
        }
    }
    Err(Error::Unavailable(super::VAULT))
}
