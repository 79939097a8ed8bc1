//! What the control plane counts.

use prometheus::{Histogram, HistogramOpts, IntCounterVec, IntGauge, Opts, Registry};
use shared::audit;

use crate::clusters;

use crate::backups;

/// Counters of the control plane.
#[derive(Clone)]
pub struct Figures {
    /// Attempts to sign in, by outcome.
    pub logins: IntCounterVec,
    /// Time from sign-up to a tenant that can be used.
    pub provisioning: Histogram,
    /// Events that wait to be published.
    pub waiting: IntGauge,
    /// Seconds since the oldest of these.
    pub oldest: IntGauge,
    /// How the control database's audit trail is.
    pub audit: audit::Figures,
    /// Tenants whose trails do not contain their kept seals.
    pub chains_broken: IntGauge,
    /// How the clusters are.
    pub clusters: clusters::Figures,
    /// Tenants that wait until some cluster has room.
    pub waiting_for_room: IntGauge,
    /// How backups stand.
    pub backups: backups::Figures,
    /// Tenants' databases with an older schema than this release's.
    pub schemas_behind: IntGauge,
    /// Those with another one than a new database has.
    pub schemas_drifted: IntGauge,
    /// Those that were given up in the newest run of migrations.
    pub migrations_failed: IntGauge,
}

impl Figures {
    /// All at zero.
    pub fn new() -> anyhow::Result<Self> {
        let buckets = vec![0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 15.0, 60.0, 600.0];
        let provisioning = HistogramOpts::new("provisioning_duration_seconds", "Time from sign-up to a tenant that can be used");
        Ok(Self {
            logins: IntCounterVec::new(Opts::new("logins_total", "Attempts to sign in"), &["outcome"])?,
            provisioning: Histogram::with_opts(provisioning.buckets(buckets))?,
            waiting: IntGauge::new("outbox_events_waiting", "Events that wait to be published, as last counted")?,
            oldest: IntGauge::new("outbox_oldest_seconds", "Age of the oldest of these")?,
            audit: audit::Figures::new()?,
            chains_broken: IntGauge::new("audit_chains_broken", "Tenants whose audit trail does not contain its kept seal any more")?,
            clusters: clusters::Figures::new()?,
            waiting_for_room: IntGauge::new("provisionings_waiting_for_room", "Tenants that wait until some cluster has room")?,
            backups: backups::Figures::new()?,
            schemas_behind: IntGauge::new("tenant_schemas_behind", "Tenants' databases that lack a migration, as last looked at")?,
            schemas_drifted: IntGauge::new("tenant_schemas_drifted", "Tenants' databases whose schema is not that of a new one")?,
            migrations_failed: IntGauge::new("tenant_migrations_failed", "Tenants' databases given up in the newest run of migrations")?,
        })
    }

    /// Shows them on /metrics.
    pub fn register(&self, registry: &Registry) -> anyhow::Result<()> {
        registry.register(Box::new(self.logins.clone()))?;
        registry.register(Box::new(self.provisioning.clone()))?;
        registry.register(Box::new(self.waiting.clone()))?;
        registry.register(Box::new(self.oldest.clone()))?;
        registry.register(Box::new(self.chains_broken.clone()))?;
        registry.register(Box::new(self.waiting_for_room.clone()))?;
        self.clusters.register(registry)?;
        self.backups.register(registry)?;
        for gauge in [&self.schemas_behind, &self.schemas_drifted, &self.migrations_failed] {
            registry.register(Box::new(gauge.clone()))?;
        }
        Ok(self.audit.register(registry)?)
    }
}
