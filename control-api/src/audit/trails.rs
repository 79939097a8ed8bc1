//! All trails of the platform, for whoever keeps or checks them: the worker, and an operator's command.

use shared::{cache::Cache, clock::Clock, db::Db, tenancy::Tenants};

use crate::{
    app::{self, App},
    config::SealConfig,
};

/// The control database and tenants' own.
#[derive(Clone)]
pub struct Trails {
    pub(super) db: Db,
    pub(super) tenants: Tenants,
    pub(super) clock: Clock,
}

impl Trails {
    /// For a command.
    pub fn new(config: &SealConfig) -> anyhow::Result<Self> {
        let url = &config.database.control_database_url;
        let tenants = app::tenants(url, Cache::none()?, config.ring()?)?;
        Ok(Self { db: app::database(url)?.0, tenants, clock: Clock::System })
    }
}

impl From<&App> for Trails {
    fn from(app: &App) -> Self {
        Self { db: app.db.clone(), tenants: app.outside.tenants.clone(), clock: app.clock.clone() }
    }
}
