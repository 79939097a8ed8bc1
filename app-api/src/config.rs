//! Configuration of the app plane.

use clap::Args;
use shared::{
    config::{KeysConfig, ListenConfig, LogConfig, PartsConfig, SiteConfig},
    tenancy::{Allowance, Via},
};

/// Everything that `app-api serve` and `app-api work` are told.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where this service is found
    #[command(flatten)]
    pub site: SiteConfig,
    /// Where it listens
    #[command(flatten)]
    pub listen: ListenConfig,
    /// What it stands on
    #[command(flatten)]
    pub parts: PartsConfig,
    /// Keys
    #[command(flatten)]
    pub keys: KeysConfig,
    /// Logging
    #[command(flatten)]
    pub log: LogConfig,
    /// Database connections of this instance, over all tenants
    #[arg(long, env, default_value_t = 60)]
    pub db_max_connections: usize,
    /// Database connections for one tenant
    #[arg(long, env, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub db_max_connections_per_tenant: u32,
    /// How tenants' servers are reached
    #[arg(long, env, value_enum, default_value = "direct")]
    pub tenant_route: Via,
    /// Refuse nobody for coming often (1); for load tests, not in production
    #[arg(long, env, default_value = "0", value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::Set)]
    pub no_rate_limit: bool,
}

impl Config {
    /// Refuses what cannot work together.
    pub fn check(&self) -> anyhow::Result<()> {
        self.keys.check()?;
        anyhow::ensure!(
            self.db_max_connections >= self.db_max_connections_per_tenant as usize,
            "DB_MAX_CONNECTIONS is smaller than DB_MAX_CONNECTIONS_PER_TENANT"
        );
        anyhow::ensure!(!self.site.is_production() || !self.no_rate_limit, "NO_RATE_LIMIT=1 is for load tests only (APP_ENV=local)");
        anyhow::ensure!(!self.site.is_production() || self.site.public_scheme == "https", "PUBLIC_SCHEME must be https in production");
        Ok(())
    }

    /// How many connections this instance may hold.
    pub fn allowance(&self) -> Allowance {
        Allowance { tenant: self.db_max_connections_per_tenant, instance: self.db_max_connections, via: self.tenant_route }
    }
}
