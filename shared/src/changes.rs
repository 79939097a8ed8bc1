//! Who has something new to tell: every commit with an event announces its tenant here, to this
//! instance and through Redis to the others. A lost announcement only costs time: the slow sweep
//! and the live streams' own look find what it was about.

use std::time::Duration;

use futures::StreamExt;
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::cache::{CHANGED, Cache};

/// Announces tenants that have new events.
#[derive(Clone)]
pub struct Changes {
    here: broadcast::Sender<Uuid>,
    out: mpsc::UnboundedSender<Uuid>,
}

impl Changes {
    /// The announcements, and what [`spread`] passes to the other instances.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Uuid>) {
        let (out, waiting) = mpsc::unbounded_channel();
        (Self { here: broadcast::Sender::new(1024), out }, waiting)
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
}

/// Carries announcements to and from the other instances until `stop`.
pub async fn spread(changes: Changes, mut waiting: mpsc::UnboundedReceiver<Uuid>, cache: Cache, stop: CancellationToken) {
    let me = Uuid::now_v7().simple().to_string();
    let out = async {
        while let Some(first) = waiting.recv().await {
            let mut tenants = vec![first];
            while let Ok(more) = waiting.try_recv() {
                tenants.push(more);
            }
            tenants.sort_unstable();
            tenants.dedup();
            for tenant in tenants {
                cache.tell(CHANGED, &format!("{me} {tenant}")).await;
            }
        }
    };
    tokio::select! { () = stop.cancelled() => {}, () = out => {}, () = hear(&changes, &cache, &me) => {} }
}

async fn hear(changes: &Changes, cache: &Cache, me: &str) {
    loop {
        if let Ok(heard) = cache.listen(CHANGED).await {
            let mut heard = std::pin::pin!(heard);
            while let Some(text) = heard.next().await {
                match text.split_once(' ') {
                    Some((from, tenant)) if from != me => {
                        let _ = tenant.parse().map(|tenant| changes.here.send(tenant));
                    }
                    _ => {}
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}
