//! What operators see on /metrics besides requests: pools, queues, what waits to be published.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use prometheus::{IntGauge, IntGaugeVec, Opts, Registry};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;

/// Tenants that have a label of their own; all others are counted together.
const NAMED: usize = 20;
const EVERY: Duration = Duration::from_secs(15);

/// How much waits, and since when.
type Waiting = (i64, DateTime<Utc>);

/// What visits have found waiting, by tenant.
#[derive(Clone, Default)]
pub struct Backlog(Arc<Mutex<HashMap<Uuid, Waiting>>>);

impl Backlog {
    /// Notes what waits in a tenant's outbox; `None` for nothing.
    pub fn note(&self, tenant: Uuid, waiting: Option<Waiting>) {
        let mut all = self.0.lock().expect("nobody panics while holding the backlog");
        match waiting {
            Some(waiting) => drop(all.insert(tenant, waiting)),
            None => drop(all.remove(&tenant)),
        }
    }

    /// How many events wait, and for how many seconds the oldest does.
    pub fn sum(&self, now: DateTime<Utc>) -> (i64, i64) {
        let all = self.0.lock().expect("nobody panics while holding the backlog");
        let oldest = all.values().map(|(_, since)| (now - since).num_seconds()).max();
        (all.values().map(|(count, _)| count).sum(), oldest.unwrap_or_default().max(0))
    }
}

/// Figures that are read when somebody looks.
#[derive(Clone)]
pub struct Figures {
    app: App,
    pools: IntGauge,
    connections: IntGaugeVec,
    streams: IntGauge,
    access_age: IntGauge,
    behind: IntGauge,
    waiting: IntGauge,
    oldest: IntGauge,
    queues: IntGaugeVec,
}

impl Figures {
    /// Registers all of them.
    pub fn register(registry: &Registry, app: &App) -> anyhow::Result<Self> {
        let gauge = |name: &str, help: &str| -> anyhow::Result<IntGauge> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let family = |name: &str, help: &str, label: &str| -> anyhow::Result<IntGaugeVec> {
            let family = IntGaugeVec::new(Opts::new(name, help), &[label])?;
            registry.register(Box::new(family.clone()))?;
            Ok(family)
        };
        registry.register(Box::new(app.tenants.lookups()))?;
        registry.register(Box::new(app.tenants.heavy_reads()))?;
        registry.register(Box::new(app.spared.counter()))?;
        gauge("database_connections_limit", "Database connections this process may hold for tenants")?.set(app.tenants.limit() as i64);
        Ok(Self {
            app: app.clone(),
            pools: gauge("tenant_pools", "Tenant pools held open")?,
            connections: family(
                "active_database_connections",
                "Database connections held open, the 20 tenants with most and others",
                "tenant_id",
            )?,
            streams: gauge("live_streams", "Live streams being served")?,
            access_age: gauge("access_knowledge_age_seconds", "How long ago this process last read whose access has ended")?,
            behind: gauge("tenant_schemas_behind", "Tenants seen whose database lacks a migration")?,
            waiting: gauge("outbox_events_waiting", "Events that visits have found and could not publish")?,
            oldest: gauge("outbox_oldest_seconds", "Age of the oldest of these")?,
            queues: family("broker_queue_messages", "Messages that lie in a queue, as last asked", "queue")?,
        })
    }

    /// Reads what costs nothing.
    pub fn refresh(&self) {
        self.pools.set(self.app.tenants.open().0 as i64);
        self.streams.set(self.app.hubs.streams() as i64);
        self.access_age.set(self.app.access.age().as_secs() as i64);
        self.behind.set(self.app.tenants.behind() as i64);
        let (waiting, oldest) = self.app.backlog.sum(self.app.clock.now());
        self.waiting.set(waiting);
        self.oldest.set(oldest);
        self.connections.reset();
        for (tenant, held) in labels(self.app.tenants.holders()) {
            self.connections.with_label_values(&[&tenant]).set(held as i64);
        }
    }

    /// Asks the broker now and then, until `stop`. What it does not answer is not shown.
    pub async fn follow_queues(self, stop: CancellationToken) {
        loop {
            let depths = tokio::select! { () = stop.cancelled() => return, depths = self.app.outside.broker.depths() => depths };
            self.queues.reset();
            for (queue, depth) in depths.unwrap_or_default() {
                self.queues.with_label_values(&[&queue]).set(depth.into());
            }
            tokio::select! { () = stop.cancelled() => return, () = tokio::time::sleep(EVERY) => {} }
        }
    }
}

/// A bounded number of labels, whatever the number of tenants; their sum is the sum of all.
fn labels(mut holders: Vec<(Uuid, usize)>) -> Vec<(String, usize)> {
    holders.sort_unstable_by_key(|(id, held)| (std::cmp::Reverse(*held), *id));
    let others = holders.split_off(holders.len().min(NAMED));
    let named = holders.into_iter().map(|(id, held)| (id.to_string(), held));
    named.chain([("others".to_owned(), others.iter().map(|(_, held)| held).sum())]).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_tenants_with_most_connections_are_named_and_the_sum_is_kept() {
        let holders: Vec<(Uuid, usize)> = (1..=30).map(|n| (Uuid::from_u128(n), n as usize)).collect();
        let labels = labels(holders);
        assert_eq!((labels.len(), labels.iter().map(|(_, held)| held).sum::<usize>()), (21, 465));
        assert_eq!((labels[0].clone(), labels[20].clone()), ((Uuid::from_u128(30).to_string(), 30), ("others".into(), 55)));
    }

    #[test]
    fn a_backlog_is_as_old_as_its_oldest_event_and_ends_with_it() {
        let (backlog, now) = (Backlog::default(), DateTime::<Utc>::UNIX_EPOCH);
        let (acme, globex) = (Uuid::from_u128(1), Uuid::from_u128(2));
        backlog.note(acme, Some((2, now)));
        backlog.note(globex, Some((3, now + TimeDelta::seconds(5))));
        assert_eq!(backlog.sum(now + TimeDelta::seconds(9)), (5, 9));
        backlog.note(acme, None);
        assert_eq!(backlog.sum(now + TimeDelta::seconds(9)), (3, 4));
        backlog.note(globex, None);
        assert_eq!(backlog.sum(now), (0, 0));
    }
}
