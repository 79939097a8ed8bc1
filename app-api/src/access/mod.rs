//! Access that has ended. A token lives for a quarter of an hour, and what it says may be wrong a moment
//! after it was given: its session was ended, its holder has another role or is gone, their tenant is
//! suspended. The control plane writes each such change into one table, in the act that makes it. Every
//! instance follows that table (R8, A7): within a second by itself, at once when Redis carries a hint.
//! Nothing is true because Redis says so. While the control database is away, what is known keeps
//! serving, and nobody can end anything there either; a figure says how old the knowledge is.
//! An instance that has never read the table serves nobody: it does not know whom to refuse.

mod ended;
mod follow;
mod model;
mod store;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use ended::Ended;
pub use follow::{follow, hear};
use shared::{Error, Result};
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
    looked: watch::Sender<Option<Instant>>,
    looks: AtomicU64,
    hinted: Notify,
    /// How far the table was read.
    position: Mutex<Option<model::Snapshot>>,
}

impl Default for Access {
    fn default() -> Self {
        let (looked, hinted, position) = (watch::Sender::new(None), Notify::new(), Mutex::new(None));
        Self(Arc::new(Inner { started: Instant::now(), ended: Ended::default(), looked, looks: AtomicU64::new(0), hinted, position }))
    }
}

impl Access {
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
