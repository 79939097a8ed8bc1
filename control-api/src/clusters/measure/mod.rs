//! Each cluster is looked at once a minute: whether it answers, how large its databases are, how many connections
//! are open. One that did not answer gets no tenants until it does, and is looked at again soon.

mod store;

use std::time::Duration;

use chrono::TimeDelta;
use shared::{Error, Result};
use sqlx::Connection;

use crate::{
    app::App,
    clusters::{self, Listed},
};

/// How old what is known of a cluster may be.
const EVERY: TimeDelta = TimeDelta::seconds(60);
/// The same of one that did not answer.
const SOON: TimeDelta = TimeDelta::seconds(5);
/// So long may a look take: sizes of a thousand databases are asked of the file system.
const LIMIT: Duration = Duration::from_secs(25);

/// What a look has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The size of its databases, as far as its administrator may enter them.
    pub bytes: i64,
    /// Connections of whoever uses it.
    pub connections: i32,
    /// How many it allows.
    pub max_connections: i32,
}

/// Looks at those whose time has come. Of several processes, one looks at each.
pub async fn measure_due(app: &App) -> Result<()> {
    let now = app.clock.now();
    let due = super::store::claim_due(&mut *app.db.read().await?, now, now + EVERY).await?;
    let mut looks = tokio::task::JoinSet::new();
    for id in due {
        let app = app.clone();
        looks.spawn(async move { note(&app, id).await });
    }
    while let Some(noted) = looks.join_next().await {
        noted.map_err(Error::internal)??;
    }
    Ok(())
}

async fn note(app: &App, id: i64) -> Result<()> {
    let found = tokio::time::timeout(LIMIT, look(app, id)).await.unwrap_or(Err(Error::Unavailable("cluster")));
    let (mut db, now) = (app.db.read().await?, app.clock.now());
    match found {
        Ok(found) => super::store::measured(&mut db, id, &found, now).await,
        // That says nothing of the cluster.
        Err(error) if error.is_vaults() => Err(error),
        Err(error) => {
            tracing::warn!(cluster = id, %error, "a cluster does not answer");
            super::store::away(&mut db, id, &error.to_string(), now + SOON).await
        }
    }
}

async fn look(app: &App, id: i64) -> Result<Measured> {
    let options = clusters::options(&app.db, &app.keys.ring, id).await?;
    let mut server = clusters::connect(&options).await?;
    let found = store::look(&mut server).await?;
    server.close().await?;
    Ok(found)
}

/// Shows what is known of all clusters, whoever has measured it.
pub async fn show(app: &App) -> Result<()> {
    let mut db = app.db.read().await?;
    let (known, waiting) = (super::store::list(&mut db).await?, super::store::waiting(&mut db).await?);
    app.figures.clusters.show(&known);
    app.figures.waiting_for_room.set(waiting);
    Ok(())
}

/// Figures of clusters, by name.
#[derive(Clone)]
pub struct Figures {
    gauges: [prometheus::IntGaugeVec; 6],
}

impl Figures {
    /// None yet.
    pub fn new() -> anyhow::Result<Self> {
        let gauge = |name, help| prometheus::IntGaugeVec::new(prometheus::Opts::new(name, help), &["cluster"]);
        Ok(Self {
            gauges: [
                gauge("cluster_up", "1 when the cluster answered when it was last looked at")?,
                gauge("cluster_tenants", "Tenants that the cluster holds")?,
                gauge("cluster_spares", "Databases that wait there for a tenant")?,
                gauge("cluster_bytes", "Size of its databases")?,
                gauge("cluster_connections", "Connections of whoever uses it")?,
                gauge("cluster_max_connections", "How many connections it allows")?,
            ],
        })
    }

    /// Shows them on /metrics.
    pub fn register(&self, registry: &prometheus::Registry) -> anyhow::Result<()> {
        self.gauges.iter().try_for_each(|gauge| Ok(registry.register(Box::new(gauge.clone()))?))
    }

    /// One that was removed is not shown any more.
    fn show(&self, known: &[Listed]) {
        self.gauges.iter().for_each(prometheus::core::MetricVec::reset);
        for c in known {
            let up = i64::from(c.trouble.is_none());
            let values =
                [Some(up), Some(c.tenants), Some(c.spares), c.bytes, c.connections.map(i64::from), c.max_connections.map(i64::from)];
            for (gauge, value) in self.gauges.iter().zip(values) {
                value.into_iter().for_each(|value| gauge.with_label_values(&[&c.name]).set(value));
            }
        }
    }
}
