//! One reader per tenant that has listeners.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use shared::{Error, Result, tenancy::Tenant};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    model::{LiveEvent, Position},
    pace::{Looked, Pace},
    store,
};
use crate::{app::App, people::PersonId, tickets::Moved};

/// Streams that one person may have open here at once.
const PER_PERSON: usize = 8;
/// When somebody who has too many may ask again: streams that were left end within a heartbeat.
const FULL: Duration = Duration::from_secs(15);
const BATCH: i64 = 500;
const BUFFER: usize = 1024;
const MOVES: usize = 64;

/// The readers of all tenants with listeners.
#[derive(Clone, Default)]
pub struct Hubs {
    hubs: Arc<Mutex<HashMap<Uuid, Weak<Hub>>>>,
    seats: Arc<Mutex<Seats>>,
    closing: CancellationToken,
}

/// The seats of everybody who has one.
type Seats = HashMap<(Uuid, PersonId), Row>;

/// One person's seats: how many, and a knock for all of them.
#[derive(Default)]
struct Row {
    count: usize,
    knock: watch::Sender<()>,
}

/// The reader of one tenant; it ends when its last listener has gone.
pub(super) struct Hub {
    /// Where it reads: positions of one database mean nothing in another.
    address: String,
    sender: broadcast::Sender<Arc<LiveEvent>>,
    moves: broadcast::Sender<Arc<Moved>>,
    reached: watch::Sender<Position>,
    /// It reads no more: its streams end, and who comes next gets another hub.
    over: CancellationToken,
}

/// A place at a hub.
pub(super) struct Seat {
    /// What comes from now on.
    pub events: broadcast::Receiver<Arc<LiveEvent>>,
    /// At which tickets people come and go.
    pub moves: broadcast::Receiver<Arc<Moved>>,
    /// Up to where the hub had read when the seat was taken.
    pub from: Position,
    /// Says that the hub reads no more.
    pub over: CancellationToken,
    /// Changes when it may be that they may no longer read.
    pub knocked: watch::Receiver<()>,
    _hub: Arc<Hub>,
    _taken: Taken,
}

/// One of a person's streams, until it is dropped.
struct Taken {
    seats: Arc<Mutex<Seats>>,
    whose: (Uuid, PersonId),
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().expect("nobody panics while holding the seats");
        match seats.get_mut(&self.whose) {
            Some(row) if row.count > 1 => row.count -= 1,
            _ => drop(seats.remove(&self.whose)),
        }
    }
}

impl Hubs {
    /// How many streams are being served.
    pub fn streams(&self) -> usize {
        self.seats.lock().expect("nobody panics while holding the seats").values().map(|row| row.count).sum()
    }

    /// Ends every stream: the process stops, and its listeners go on elsewhere.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Makes a person's streams ask at once whether they may still go on; without a person, all of the
    /// tenant's.
    pub fn knock(&self, tenant: Uuid, person: Option<PersonId>) {
        let seats = self.seats.lock().expect("nobody panics while holding the seats");
        match person {
            Some(person) => seats.get(&(tenant, person)).into_iter().for_each(|row| row.knock.send_replace(())),
            None => seats.iter().filter(|((of, _), _)| *of == tenant).for_each(|(_, row)| row.knock.send_replace(())),
        }
    }

    /// Tells the listeners of a tenant that somebody came to a ticket or went.
    pub(super) fn moved(&self, moved: Moved) {
        let hub = self.hubs.lock().expect("nobody panics while holding the hubs").get(&moved.tenant).and_then(Weak::upgrade);
        if let Some(hub) = hub {
            // An error means that nobody listens just now.
            let _ = hub.moves.send(Arc::new(moved));
        }
    }

    /// Says when the streams are to end.
    pub(super) fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// Takes a place at the tenant's hub, which starts to read when it had no listener yet. `429`
    /// for somebody who has too many already.
    pub(super) async fn sit(&self, app: &App, tenant: &Tenant, person: PersonId) -> Result<Seat> {
        let (taken, knocked) = self.take((tenant.id, person))?;
        let hub = self.hub(app, tenant).await?;
        // First the ears, then the position: an event between the two is heard and known as old.
        let events = hub.sender.subscribe();
        let from = *hub.reached.borrow();
        Ok(Seat { events, moves: hub.moves.subscribe(), from, over: hub.over.clone(), knocked, _hub: hub, _taken: taken })
    }

    fn take(&self, whose: (Uuid, PersonId)) -> Result<(Taken, watch::Receiver<()>)> {
        let mut seats = self.seats.lock().expect("nobody panics while holding the seats");
        let row = seats.entry(whose).or_default();
        if row.count >= PER_PERSON {
            return Err(Error::TooMany { retry_after: FULL });
        }
        row.count += 1;
        Ok((Taken { seats: self.seats.clone(), whose }, row.knock.subscribe()))
    }

    async fn hub(&self, app: &App, tenant: &Tenant) -> Result<Arc<Hub>> {
        let address = tenant.db.address();
        if let Some(hub) = self.known(tenant.id, &address) {
            return Ok(hub);
        }
        let start = store::now(&mut *tenant.db.read().await?).await?;
        let mut hubs = self.hubs.lock().expect("nobody panics while holding the hubs");
        if let Some(hub) = living(&hubs, tenant.id, &address) {
            return Ok(hub);
        }
        let (sender, reached) = (broadcast::Sender::new(BUFFER), watch::Sender::new(start));
        let hub = Arc::new(Hub { address, sender, moves: broadcast::Sender::new(MOVES), reached, over: CancellationToken::new() });
        hubs.retain(|_, hub| hub.strong_count() > 0);
        hubs.insert(tenant.id, Arc::downgrade(&hub));
        let ears = Ears { announced: app.outside.changes.listen(), carried: app.outside.changes.carried() };
        tokio::spawn(read(app.clone(), tenant.clone(), ears, Arc::downgrade(&hub), hub.over.clone()));
        Ok(hub)
    }

    fn known(&self, tenant: Uuid, address: &str) -> Option<Arc<Hub>> {
        living(&self.hubs.lock().expect("nobody panics while holding the hubs"), tenant, address)
    }
}

fn living(hubs: &HashMap<Uuid, Weak<Hub>>, tenant: Uuid, address: &str) -> Option<Arc<Hub>> {
    hubs.get(&tenant).and_then(Weak::upgrade).filter(|hub| !hub.over.is_cancelled() && hub.address == address)
}

/// What wakes a reader.
struct Ears {
    announced: broadcast::Receiver<Uuid>,
    carried: watch::Receiver<bool>,
}

/// Reads for as long as somebody listens. Whatever ends it, a panic too, ends the hub.
async fn read(app: App, tenant: Tenant, mut ears: Ears, hub: Weak<Hub>, over: CancellationToken) {
    let _over = over.drop_guard();
    let (here, mut pace) = (tenant.db.address(), Pace::default());
    loop {
        let carried = *ears.carried.borrow_and_update();
        ears.wait(tenant.id, pace.pause(carried)).await;
        let Some(hub) = hub.upgrade() else { return };
        // Asked anew each time: the tenant's database may have moved.
        let looked = match app.tenants.get(&tenant.slug).await {
            Ok(now) if now.db.address() != here => return,
            Ok(now) => catch_up(&now, &hub).await,
            Err(error) => Err(error),
        };
        pace.after(looked.unwrap_or_else(|error| {
            tracing::debug!(tenant = %tenant.id, %error, "live reader waits");
            Looked::Failed
        }));
    }
}

impl Ears {
    /// Returns at an announcement for this tenant, when it has become another question whether the
    /// others' come through, or after `pause`.
    async fn wait(&mut self, tenant: Uuid, pause: Duration) {
        tokio::select! {
            () = told(&mut self.announced, tenant) => {}
            Ok(()) = self.carried.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
        // One look answers everything that was announced before it.
        while !matches!(self.announced.try_recv(), Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed)) {}
    }
}

async fn told(announced: &mut broadcast::Receiver<Uuid>, tenant: Uuid) {
    loop {
        match announced.recv().await {
            Ok(id) if id != tenant => {}
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            _ => return,
        }
    }
}

/// Passes on everything that is complete.
async fn catch_up(tenant: &Tenant, hub: &Hub) -> Result<Looked> {
    let start = *hub.reached.borrow();
    loop {
        let from = *hub.reached.borrow();
        let batch = store::after(&mut *tenant.db.read().await?, from, BATCH).await?;
        for event in batch.events {
            hub.reached.send_replace(event.at);
            // An error means that nobody listens just now.
            let _ = hub.sender.send(Arc::new(event));
        }
        hub.reached.send_replace(batch.reached);
        if !batch.is_full {
            let moved = batch.reached > start;
            return Ok(if batch.more_to_come { Looked::Hidden { moved } } else { Looked::All });
        }
    }
}
