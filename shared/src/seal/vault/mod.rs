//! Vault (or OpenBao), where it is told: its transit key wraps data keys, each derived for what the key belongs to, so that
//! one tenant's opens in nobody else's place; its KV store keeps the passwords of tenants' databases. What it has given is
//! held in memory for an hour at most. No transaction waits for it: what is not held makes an act give way
//! ([`Wanted`]), and the act is done anew when Vault has answered.

mod credentials;
mod http;
mod memory;
mod transit;
mod wanted;

use std::{
    collections::BTreeSet,
    fmt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

pub use http::Entry;
use http::{Answer, Http};
use memory::Memory;
use serde_json::json;
use tokio_util::sync::CancellationToken;
pub use transit::{Owned, is_vaults, version_of};
use uuid::Uuid;
pub use wanted::{Wanted, at_hand};

use crate::{
    Error, Result,
    health::{Part, probe},
};

/// What is unavailable when Vault is.
pub const VAULT: &str = "vault";
/// How many keys one act may want, one after the other.
pub(crate) const FETCHES: u8 = 8;
/// How often it is looked whether Vault answers and the token lives.
const LOOK: Duration = Duration::from_secs(5);
/// The same after it did not.
const SOON: Duration = Duration::from_secs(2);

/// Where Vault is, and what is there.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its address.
    pub address: String,
    /// The certificates that are believed; none: the machine's.
    pub ca: Option<PathBuf>,
    /// By what a process comes in.
    pub entry: Entry,
    /// Where the transit engine is.
    pub transit: String,
    /// The key in it.
    pub key: String,
    /// Where the KV engine is, of version 2.
    pub kv: String,
}

/// Asks Vault, and holds for a while what it has said; cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    http: Http,
    transit: String,
    key: String,
    kv: String,
    memory: Memory,
    /// Vault has answered once as this process needs it.
    is_met: AtomicBool,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", self.0.http.address())
    }
}

impl Vault {
    /// Vault as it is told; it is not asked before it is needed.
    pub fn new(told: &Told) -> Result<Self> {
        let http = Http::new(&told.address, told.ca.as_ref(), told.entry.clone())?;
        let (memory, is_met) = (Memory::default(), AtomicBool::default());
        let inner = Inner { http, transit: told.transit.clone(), key: told.key.clone(), kv: told.kv.clone(), memory, is_met };
        Ok(Self(Arc::new(inner)))
    }

    /// Keeps the token alive and what is held young, until `stop`. A process is ready when `begin` has first been done.
    pub async fn tend<F: Future<Output = Result<()>>>(&self, begin: impl Fn() -> F, stop: CancellationToken) {
        let tending = async {
            loop {
                self.0.memory.tidy(Instant::now());
                let done = async {
                    self.renew().await?;
                    begin().await
                };
                match done.await {
                    Ok(()) => {
                        if !self.0.is_met.swap(true, Ordering::Relaxed) {
                            tracing::info!(address = self.0.http.address(), "Vault gives what this process needs");
                        }
                        tokio::time::sleep(LOOK).await;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "Vault does not give what this process needs");
                        tokio::time::sleep(SOON).await;
                    }
                }
            }
        };
        tokio::select! { () = stop.cancelled() => {}, () = tending => {} }
    }

    /// Renews the token when half of its time is over. One that does not live longer by that is left: the next is from
    /// the file, or by the role.
    async fn renew(&self) -> Result<()> {
        let http = &self.0.http;
        let known = http.get("auth/token/lookup-self").await?.said()?;
        let whole = known["data"]["creation_ttl"].as_u64().unwrap_or_default();
        let is_late = |left: u64| whole > 0 && left * 2 < whole;
        if !is_late(known["data"]["ttl"].as_u64().unwrap_or_default()) {
            return Ok(());
        }
        let renewed = match known["data"]["renewable"].as_bool() {
            Some(true) => http.post("auth/token/renew-self", &json!({})).await?.said()?,
            _ => json!({}),
        };
        if is_late(renewed["auth"]["lease_duration"].as_u64().unwrap_or_default()) {
            http.leave().await;
        }
        Ok(())
    }

    /// How it is. A process that never met it cannot serve; one that did goes on for a while.
    pub async fn probe(&self) -> Part {
        let is_met = self.0.is_met.load(Ordering::Relaxed);
        let ask = async {
            let said = self.0.http.get("auth/token/lookup-self").await?.said()?;
            if is_met && said["data"].is_object() { Ok(()) } else { Err(Error::Unavailable(VAULT)) }
        };
        probe(VAULT, !is_met, ask).await
    }

    /// Tenants of which it holds something.
    pub fn held(&self) -> Vec<Uuid> {
        let names = self.0.memory.names();
        let tenants: BTreeSet<Uuid> = names.iter().filter_map(|name| name.strip_prefix("tenant:")?.get(..36)?.parse().ok()).collect();
        tenants.into_iter().collect()
    }

    /// Forgets what it holds of a tenant.
    pub fn forget(&self, tenant: Uuid) {
        self.0.memory.forget(&format!("tenant:{tenant}:"));
    }
}

impl Answer {
    /// What was said; that there is no such thing is no answer to most questions.
    fn said(self) -> Result<serde_json::Value> {
        match self {
            Self::Said(said) => Ok(said),
            Self::Absent => Err(Error::internal(anyhow::anyhow!("Vault has not what is asked for: an engine or a key is missing"))),
            Self::Refused(why) => Err(Error::internal(anyhow::anyhow!("Vault refuses: {why}"))),
        }
    }
}
