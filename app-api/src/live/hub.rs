//! One reader per tenant that has listeners.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use shared::{Result, tenancy::Tenant};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    model::{LiveEvent, Position},
    store,
};
use crate::app::App;

/// How often a reader looks by itself: announcements from other instances may be lost.
const LOOK: Duration = Duration::from_millis(700);
/// How soon it looks again while a running transaction hides something.
const AGAIN: Duration = Duration::from_millis(20);
const BATCH: i64 = 500;
const BUFFER: usize = 1024;

/// The readers of all tenants with listeners.
#[derive(Clone, Default)]
pub struct Hubs {
    hubs: Arc<Mutex<HashMap<Uuid, Weak<Hub>>>>,
    streams: Arc<AtomicUsize>,
    closing: CancellationToken,
}

/// The reader of one tenant; it ends when its last listener has gone.
pub(super) struct Hub {
    sender: broadcast::Sender<Arc<LiveEvent>>,
    reached: watch::Sender<Position>,
}

/// A place at a hub.
pub(super) struct Seat {
    /// What comes from now on.
    pub events: broadcast::Receiver<Arc<LiveEvent>>,
    /// Up to where the hub had read when the seat was taken.
    pub from: Position,
    _hub: Arc<Hub>,
    streams: Arc<AtomicUsize>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Hubs {
    /// How many streams are being served.
    pub fn streams(&self) -> usize {
        self.streams.load(Ordering::Relaxed)
    }

    /// Ends every stream: the process stops, and its listeners go on elsewhere.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Says when the streams are to end.
    pub(super) fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// Takes a place at the tenant's hub, which starts to read when it had no listener yet.
    pub(super) async fn sit(&self, app: &App, tenant: &Tenant) -> Result<Seat> {
        let hub = self.hub(app, tenant).await?;
        // First the ears, then the position: an event between the two is heard and known as old.
        let events = hub.sender.subscribe();
        let from = *hub.reached.borrow();
        self.streams.fetch_add(1, Ordering::Relaxed);
        Ok(Seat { events, from, _hub: hub, streams: self.streams.clone() })
    }

    async fn hub(&self, app: &App, tenant: &Tenant) -> Result<Arc<Hub>> {
        if let Some(hub) = self.known(tenant.id) {
            return Ok(hub);
        }
        let start = store::now(&mut *tenant.db.read().await?).await?;
        let mut hubs = self.hubs.lock().expect("nobody panics while holding the hubs");
        if let Some(hub) = hubs.get(&tenant.id).and_then(Weak::upgrade) {
            return Ok(hub);
        }
        let hub = Arc::new(Hub { sender: broadcast::Sender::new(BUFFER), reached: watch::Sender::new(start) });
        hubs.retain(|_, hub| hub.strong_count() > 0);
        hubs.insert(tenant.id, Arc::downgrade(&hub));
        tokio::spawn(read(app.outside.changes.listen(), tenant.clone(), Arc::downgrade(&hub)));
        Ok(hub)
    }

    fn known(&self, tenant: Uuid) -> Option<Arc<Hub>> {
        self.hubs.lock().expect("nobody panics while holding the hubs").get(&tenant).and_then(Weak::upgrade)
    }
}

/// Reads for as long as somebody listens.
async fn read(mut announced: broadcast::Receiver<Uuid>, tenant: Tenant, hub: Weak<Hub>) {
    let mut pause = LOOK;
    loop {
        wait(&mut announced, tenant.id, pause).await;
        let Some(hub) = hub.upgrade() else { return };
        pause = match catch_up(&tenant, &hub).await {
            Ok(true) => AGAIN,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::debug!(tenant = %tenant.id, %error, "live reader waits");
                LOOK
            }
        };
    }
}

/// Returns at an announcement for this tenant, or after `pause`.
async fn wait(announced: &mut broadcast::Receiver<Uuid>, tenant: Uuid, pause: Duration) {
    let told = async {
        loop {
            match announced.recv().await {
                Ok(id) if id != tenant => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                _ => return,
            }
        }
    };
    let _ = tokio::time::timeout(pause, told).await;
}

/// Passes on everything that is complete; true when a running transaction hides more.
async fn catch_up(tenant: &Tenant, hub: &Hub) -> Result<bool> {
    loop {
        let from = *hub.reached.borrow();
        let batch = store::after(&mut *tenant.db.read().await?, from, BATCH).await?;
        let full = batch.events.len() as i64 == BATCH;
        for event in batch.events {
            hub.reached.send_replace(event.at);
            // An error means that nobody listens just now.
            let _ = hub.sender.send(Arc::new(event));
        }
        if !full {
            return Ok(batch.more_to_come);
        }
    }
}
