//! What the control plane counts.

use prometheus::{Histogram, HistogramOpts, IntCounterVec, IntGauge, Opts, Registry};
use shared::audit;

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
        })
    }

    /// Shows them on /metrics.
    pub fn register(&self, registry: &Registry) -> anyhow::Result<()> {
        registry.register(Box::new(self.logins.clone()))?;
        registry.register(Box::new(self.provisioning.clone()))?;
        registry.register(Box::new(self.waiting.clone()))?;
        registry.register(Box::new(self.oldest.clone()))?;
        registry.register(Box::new(self.chains_broken.clone()))?;
        Ok(self.audit.register(registry)?)
    }
}
