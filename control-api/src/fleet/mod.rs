//! Fleet migrations: how every tenant's database comes to a newer schema while it is worked in (C-6). A run names the
//! schema and has a row for each database. Whoever has the same files works on it, workers of servers and the command
//! that began it: canaries first, then one in a hundred, one in ten, all. A database that fails keeps the schema that
//! it had, and its tenant is served by that; too many of them stop the run. What a file may contain, [`lint`] says.

mod drift;
pub mod lint;
mod manage;
mod migrations;
mod model;
mod rules;
mod store;
mod target;
mod turn;
mod walk;

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
pub use drift::{count, look_around};
pub use migrations::Migrations;
pub use model::{Run, RunState, Target, Wanted};
pub use rules::ATTEMPTS;
use shared::{Error, Result, clock::Clock, db::Db, seal::Keyring};
use sqlx::PgConnection;
pub use turn::{mark, pause, resume, retry, start};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
pub use walk::{claim, work_all};

use crate::{app::App, clusters, config::SealConfig, lease, provisioning::Place};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(manage::start_migration, manage::list_migrations))
        .routes(routes!(manage::show_migration))
        .routes(routes!(manage::list_migration_tenants))
        .routes(routes!(manage::pause_migration))
        .routes(routes!(manage::resume_migration))
        .routes(routes!(manage::retry_migration))
}

/// What somebody needs who works on runs: a worker, or a command.
#[derive(Clone)]
pub struct Fleet {
    /// The control database.
    pub db: Db,
    /// The files.
    pub migrations: Arc<Migrations>,
    ring: Keyring,
    clock: Clock,
    longest: Duration,
}

/// They never change while the process lives.
static OWN: LazyLock<Arc<Migrations>> = LazyLock::new(|| Arc::new(Migrations::of_this_release()));

impl Fleet {
    /// For a command.
    pub fn new(db: Db, config: &SealConfig) -> Result<Self> {
        Ok(Self { db, migrations: OWN.clone(), ring: config.ring()?, clock: Clock::System, longest: lease::LONG })
    }

    /// With other files than this release's.
    #[must_use]
    pub fn with(self, migrations: Migrations) -> Self {
        Self { migrations: Arc::new(migrations), ..self }
    }
}

impl From<&App> for Fleet {
    fn from(app: &App) -> Self {
        let longest = app.rules.longest_step;
        Self { db: app.db.clone(), migrations: OWN.clone(), ring: app.keys.ring.clone(), clock: app.clock.clone(), longest }
    }
}

/// Brings a copy of a tenant's database, in which nobody works yet, to the newest migration of this release.
pub async fn bring_up(app: &App, tenant: Uuid, place: &Place) -> Result<()> {
    let server = clusters::options(&app.db, &app.keys.ring, place.cluster_id).await?;
    let migrated = target::migrate(&target::Aim { tenant, place, server }, &OWN).await;
    migrated.map(drop).map_err(|trouble| anyhow::anyhow!("migrating the copy: {}", trouble.text()).into())
}

/// A run as it stands.
pub async fn by_id(db: &mut PgConnection, run: Uuid) -> Result<Run> {
    store::by_id(db, run).await?.ok_or(Error::NotFound("migration_not_found"))
}

/// Whether somebody brings a tenant's database to another schema at this moment.
pub async fn is_under_way(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<bool> {
    store::is_under_way(db, tenant, now).await
}

/// The newest run, if there was any.
pub async fn newest(db: &mut PgConnection) -> Result<Option<Run>> {
    store::newest(db).await
}
