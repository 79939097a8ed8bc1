//! What operators are alarmed by: page 12.3.2.

use prometheus::{IntGauge, IntGaugeVec, Opts, Registry};
use shared::Result;
use sqlx::Connection;

use super::{archive, base, store};
use crate::{app::App, clusters};

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
    restore_seconds: IntGauge,
    archives: [IntGaugeVec; 4],
}

impl Figures {
    /// All at zero.
    pub fn new() -> anyhow::Result<Self> {
        let gauge = |name: &str, help: &str| IntGauge::new(name, help);
        let of_server = |name: &str, help: &str| IntGaugeVec::new(Opts::new(name, help), &["cluster"]);
        Ok(Self {
            oldest: gauge("backup_oldest_seconds", "Of all tenants, the age of the newest backup of the one whose is the oldest")?,
            success: gauge("backup_last_success_timestamp_seconds", "When a backup was last complete")?,
            control: gauge("backup_control_age_seconds", "Age of the control database's newest backup; -1 without one")?,
            shrunk: gauge("backup_shrunk_tenants", "Tenants whose newest dump is 20 % shorter than the one before it")?,
            drilled: gauge("backup_drill_age_seconds", "Age of the last drill; -1 without one")?,
            drill_equal: gauge("backup_drill_equal", "Whether the last drill's copy was equal: 1 or 0")?,
            drill_seconds: gauge("backup_drill_duration_seconds", "How long the last drill took")?,
            restore_seconds: gauge("backup_restore_duration_seconds", "How long the last restore took; 0 without one")?,
            archives: [
                of_server("archive_age_seconds", "Since when a server has archived nothing of its log; -1: it does not answer")?,
                of_server("archive_failed_total", "How often archiving has failed, as the server counts")?,
                of_server("archive_failing", "1 while the last try to archive has failed")?,
                of_server("base_backup_age_seconds", "Age of a server's newest base backup; -1 without one")?,
            ],
        })
    }

    /// Shows them on /metrics.
    pub fn register(&self, registry: &Registry) -> anyhow::Result<()> {
        let all = [&self.oldest, &self.success, &self.control, &self.shrunk, &self.drilled, &self.drill_equal, &self.drill_seconds];
        for gauge in all {
            registry.register(Box::new(gauge.clone()))?;
        }
        registry.register(Box::new(self.restore_seconds.clone()))?;
        self.archives.iter().try_for_each(|gauge| Ok(registry.register(Box::new(gauge.clone()))?))
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
    figures.restore_seconds.set(store::last_restore(&mut db).await?.unwrap_or_default());
    let known = archive::store::all(&mut db).await?;
    drop(db);
    figures.archives.iter().for_each(prometheus::core::MetricVec::reset);
    // The newest of each server comes first: it is the one that is written to.
    for known in known.chunk_by(|one, next| one.cluster_id == next.cluster_id).filter_map(|of_one| of_one.first()) {
        count_archive(app, known).await?;
    }
    Ok(())
}

async fn count_archive(app: &App, known: &archive::store::Known) -> Result<()> {
    let (Some(id), Some(name)) = (known.cluster_id, &known.cluster) else { return Ok(()) };
    let mut db = app.db.read().await?;
    let newest = base::store::of_archive(&mut db, known.id).await?.first().map(|base| base.finished_at);
    drop(db);
    let options = clusters::options(&app.db, &app.keys.ring, id).await?;
    let asked = async {
        let mut server = clusters::connect(&options).await?;
        let standing = archive::store::standing(&mut server).await?;
        server.close().await?;
        Ok::<_, shared::Error>(standing)
    };
    let base = newest.map_or(-1, |at| (app.clock.now() - at).num_seconds());
    let [age, failed, failing] = match asked.await {
        Ok(standing) => [standing.age as i64, standing.failed, standing.is_failing.into()],
        Err(error) => {
            tracing::debug!(cluster = name, %error, "nobody knows how its archive stands");
            [-1, 0, 0]
        }
    };
    for (gauge, value) in app.figures.backups.archives.iter().zip([age, failed, failing, base]) {
        gauge.with_label_values(&[name]).set(value);
    }
    Ok(())
}
