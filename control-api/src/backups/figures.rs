//! What operators are alarmed by: page 12.3.2.

use prometheus::{IntGauge, Registry};
use shared::Result;

use super::store;
use crate::app::App;

/// Figures about backups, as last counted.
#[derive(Clone)]
pub struct Figures {
    oldest: IntGauge,
    success: IntGauge,
    control: IntGauge,
    shrunk: IntGauge,
    drilled: IntGauge,
    drill_equal: IntGauge,
    drill_seconds: IntGauge,
}

impl Figures {
    /// All at zero.
    pub fn new() -> anyhow::Result<Self> {
        let gauge = |name: &str, help: &str| IntGauge::new(name, help);
        Ok(Self {
            oldest: gauge("backup_oldest_seconds", "Of all tenants, the age of the newest backup of the one whose is the oldest")?,
            success: gauge("backup_last_success_timestamp_seconds", "When a backup was last complete")?,
            control: gauge("backup_control_age_seconds", "Age of the control database's newest backup; -1 without one")?,
            shrunk: gauge("backup_shrunk_tenants", "Tenants whose newest dump is 20 % shorter than the one before it")?,
            drilled: gauge("backup_drill_age_seconds", "Age of the last drill; -1 without one")?,
            drill_equal: gauge("backup_drill_equal", "Whether the last drill's copy was equal: 1 or 0")?,
            drill_seconds: gauge("backup_drill_duration_seconds", "How long the last drill took")?,
        })
    }

    /// Shows them on /metrics.
    pub fn register(&self, registry: &Registry) -> anyhow::Result<()> {
        let all = [&self.oldest, &self.success, &self.control, &self.shrunk, &self.drilled, &self.drill_equal, &self.drill_seconds];
        for gauge in all {
            registry.register(Box::new(gauge.clone()))?;
        }
        Ok(())
    }
}

/// Counts them.
pub async fn count(app: &App) -> Result<()> {
    let (mut db, now, figures) = (app.db.read().await?, app.clock.now(), &app.figures.backups);
    let standing = store::standing(&mut db).await?;
    let drill = store::last_drill(&mut db).await?;
    figures.oldest.set(standing.oldest.map_or(0, |at| (now - at).num_seconds()));
    figures.success.set(standing.success.map_or(0, |at| at.timestamp()));
    figures.control.set(standing.control.map_or(-1, |at| (now - at).num_seconds()));
    figures.shrunk.set(standing.shrunk);
    figures.drilled.set(drill.as_ref().map_or(-1, |drill| (now - drill.ended_at).num_seconds()));
    figures.drill_equal.set(drill.as_ref().is_some_and(|drill| drill.is_equal).into());
    figures.drill_seconds.set(drill.map_or(0, |drill| (drill.ended_at - drill.started_at).num_seconds()));
    Ok(())
}
