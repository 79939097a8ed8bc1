//! Access that has ended. A token lives for a quarter of an hour, and what it says may be wrong a moment
//! after it was given: its session was ended, its holder has another role or is gone, their tenant is
//! suspended. The control plane writes each such change into one table, in the act that makes it. Every
//! instance follows that table (R8, A7): within a second by itself, at once when Redis carries a hint.
//! Nothing is true because Redis says so. While the control database is away, what is known keeps
//! serving, and nobody can end anything there either; a figure says how old the knowledge is.
//! API keys are known here too, by their hashes, and end in the same way.
//! An instance that has never read the table serves nobody: it does not know whom to refuse.

mod credential;
mod ended;
mod follow;
mod keys;
mod model;
mod store;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use credential::Credential;
use ended::Ended;
pub use follow::{follow, hear};
pub use keys::ApiKey;
use keys::Keys;
use shared::{Error, Result};
use sqlx::PgPool;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

/// How long a request waits for an instance that has just started to know whom to refuse.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Who may no longer come in, as far as this instance knows.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

struct Inner {
    started: Instant,
    ended: Ended,
    keys: Keys,
    looked: watch::Sender<Option<Instant>>,
    looks: AtomicU64,
    hinted: Notify,
    /// How far the table was read.
    position: Mutex<Option<model::Snapshot>>,
}

impl Access {
    /// `control` reads the views of access and keys.
    pub fn new(control: PgPool) -> Self {
        let (started, looked, looks) = (Instant::now(), watch::Sender::new(None), AtomicU64::new(0));
        let (ended, keys, hinted, position) = (Ended::default(), Keys::new(control), Notify::new(), Mutex::new(None));
        Self(Arc::new(Inner { started, ended, keys, looked, looks, hinted, position }))
    }

    /// `401` for a session that has ended; `503` while that cannot be known.
    pub async fn check(&self, session: Uuid) -> Result<()> {
        self.known().await?;
        if self.0.ended.has(session) { Err(Error::Unauthenticated("unauthenticated")) } else { Ok(()) }
    }

    /// How old the knowledge is; before there is any, how long this process lacks it.
    pub fn age(&self) -> Duration {
        self.0.looked.borrow().unwrap_or(self.0.started).elapsed()
    }

    /// How often the table was read.
    pub fn looks(&self) -> u64 {
        self.0.looks.load(Ordering::Relaxed)
    }

    /// Returns once the table has been read: at once, but for the first moments of a process.
    pub async fn known(&self) -> Result<()> {
        if self.0.looked.borrow().is_some() {
            return Ok(());
        }
        let mut looked = self.0.looked.subscribe();
        let known = tokio::time::timeout(PATIENCE, looked.wait_for(Option::is_some)).await;
        known.is_ok_and(|looked| looked.is_ok()).then_some(()).ok_or(Error::Unavailable("control database"))
    }
}
