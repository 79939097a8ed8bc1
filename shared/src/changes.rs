//! Who has something new to tell: every commit with an event announces its tenant here, to this
//! instance and through Redis to the others. A lost announcement only costs time: the slow sweep
//! and the live streams' own look find what it was about. Each instance also tells Redis that it is
//! there and hears itself: while it does, the others' announcements come through too.

use std::{collections::BTreeSet, time::Duration};

use futures::{Stream, StreamExt};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::cache::{CHANGED, Cache};

/// How often an instance says that it is there.
const BEAT: Duration = Duration::from_secs(1);
/// Whoever has not heard even themselves for so long hears nobody.
const SILENCE: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_secs(2);

/// Announces tenants that have new events.
#[derive(Clone)]
pub struct Changes {
    here: broadcast::Sender<Uuid>,
    out: mpsc::UnboundedSender<Uuid>,
    carried: watch::Sender<bool>,
}

impl Changes {
    /// The announcements, and what [`spread`] passes to the other instances.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Uuid>) {
        let (out, waiting) = mpsc::unbounded_channel();
        (Self { here: broadcast::Sender::new(1024), out, carried: watch::Sender::new(false) }, waiting)
    }

    /// Says that `tenant` has new events.
    pub fn announce(&self, tenant: Uuid) {
        // Errors mean that nobody listens, which is nobody's loss.
        let _ = self.here.send(tenant);
        let _ = self.out.send(tenant);
    }

    /// What is announced from now on. A slow listener misses some and is told so.
    pub fn listen(&self) -> broadcast::Receiver<Uuid> {
        self.here.subscribe()
    }

    /// Whether announcements of other instances come through. A change to true may hide some that
    /// were lost before.
    pub fn carried(&self) -> watch::Receiver<bool> {
        self.carried.subscribe()
    }
}

/// Carries announcements to and from the other instances until `stop`.
pub async fn spread(changes: Changes, mut waiting: mpsc::UnboundedReceiver<Uuid>, cache: Cache, stop: CancellationToken) {
    let me = Uuid::now_v7().simple().to_string();
    let (mut beat, mut untold) = (tokio::time::interval(BEAT), BTreeSet::new());
    let out = async {
        loop {
            tokio::select! {
                _ = beat.tick() => if !cache.tell(CHANGED, &me).await { continue },
                first = waiting.recv() => match first {
                    Some(first) => untold.extend(std::iter::once(first).chain(std::iter::from_fn(|| waiting.try_recv().ok()))),
                    None => return,
                },
            }
            tell(&cache, &me, &mut untold).await;
        }
    };
    tokio::select! { () = stop.cancelled() => {}, () = out => {}, () = hear(&changes, &cache, &me) => {} }
}

/// Tells of everybody who waits, each once. Whom Redis did not hear of waits for the next beat.
async fn tell(cache: &Cache, me: &str, untold: &mut BTreeSet<Uuid>) {
    while let Some(tenant) = untold.first().copied() {
        if !cache.tell(CHANGED, &format!("{me} {tenant}")).await {
            return;
        }
        untold.remove(&tenant);
    }
}

async fn hear(changes: &Changes, cache: &Cache, me: &str) {
    loop {
        if let Ok(heard) = cache.listen(CHANGED).await {
            follow(changes, std::pin::pin!(heard), me).await;
            changes.carried.send_if_modified(std::mem::take);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Passes on what is heard, until the line ends or is silent: a Redis that hangs keeps it open.
async fn follow(changes: &Changes, mut heard: impl Stream<Item = String> + Unpin, me: &str) {
    let mut myself = tokio::time::Instant::now();
    while let Ok(Some(text)) = tokio::time::timeout_at(myself + SILENCE, heard.next()).await {
        match text.split_once(' ') {
            Some((from, tenant)) if from != me => {
                let _ = tenant.parse().map(|tenant| changes.here.send(tenant));
            }
            None if text == me => {
                myself = tokio::time::Instant::now();
                changes.carried.send_if_modified(|carried| !std::mem::replace(carried, true));
            }
            _ => {}
        }
    }
}
