//! Configuration of the app plane.

use clap::Args;
use shared::{
    config::{KeysConfig, ListenConfig, LogConfig, PartsConfig, SiteConfig},
    tenancy::{Allowance, Via},
};

/// No plan gives a tenant more connections of one instance (P-2).
const MOST_PER_TENANT: u32 = 20;

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
        let (tenant, instance) = (self.db_max_connections_per_tenant, self.db_max_connections);
        Allowance { tenant, most: MOST_PER_TENANT, instance, via: self.tenant_route }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::Config;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn check(secret: &str, more: &[&str]) -> Result<(), String> {
        let mut words = vec!["app-api", "--jwt-secret", secret, "--db-encryption-key", KEY];
        words.extend(["--bind-addr", "127.0.0.1:1", "--metrics-addr", "127.0.0.1:2", "--smtp-url", "x"]);
        for address in ["--control-database-url", "--redis-url", "--amqp-url", "--s3-endpoint", "--s3-access-key", "--s3-secret-key"] {
            words.extend([address, "x"]);
        }
        words.extend(more);
        // The defaults are asked for, whatever the environment of this test says.
        let command = Config::augment_args(Command::new("app-api")).mut_args(|arg| arg.env(clap::builder::Resettable::Reset));
        let matches = command.try_get_matches_from(words).map_err(|e| e.to_string())?;
        Config::from_arg_matches(&matches).map_err(|e| e.to_string())?.check().map_err(|e| e.to_string())
    }

    #[test]
    fn a_secret_of_31_bytes_is_refused() {
        assert_eq!(check(&KEY[..32], &[]), Ok(()));
        let refused = check(&KEY[..31], &[]).expect_err("too short");
        assert!(refused.contains("JWT_SECRET") && !refused.contains(&KEY[..31]), "{refused}");
        let previous = ["--jwt-previous-kid", "k0", "--jwt-previous-secret", &KEY[..31]];
        assert!(check(KEY, &previous).expect_err("too short").contains("JWT_PREVIOUS_SECRET"));
    }

    #[test]
    fn production_starts_unless_told_to_be_careless() {
        assert!(check(KEY, &["--db-max-connections", "2", "--db-max-connections-per-tenant", "3"]).is_err());
        for careless in [&["--no-rate-limit", "1"], &["--public-scheme", "http"]] {
            assert!(check(KEY, careless).is_err(), "{careless:?}");
            assert_eq!(check(KEY, &[&careless[..], &["--app-env", "local"]].concat()), Ok(()), "{careless:?}");
        }
    }
}
