//! Configuration of the app plane.

use clap::Args;
use shared::{
    config::{Finding, KeysConfig, ListenConfig, LogConfig, PartsConfig, Refused, SiteConfig, weak},
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
    /// The orders service
    #[command(flatten)]
    pub orders: OrdersConfig,
    /// Database connections of this instance, over all tenants
    #[arg(long, env, default_value_t = 60)]
    pub db_max_connections: usize,
    /// Database connections for one tenant
    #[arg(long, env, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub db_max_connections_per_tenant: u32,
    /// How tenants' servers are reached
    #[arg(long, env, value_enum, default_value = "direct")]
    pub tenant_route: Via,
    /// ClamAV's daemon, `host:port`, which looks at files before anybody gets them; empty where there is none
    #[arg(long, env, default_value = "")]
    pub clamav_addr: String,
    /// poppler's `pdftoppm`, which draws first pages of PDFs; empty where there is none
    #[arg(long, env, default_value = "")]
    pub pdf_renderer: String,
    /// Refuse nobody for coming often (1); for load tests, not in production
    #[arg(long, env, default_value = "0", value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::Set)]
    pub no_rate_limit: bool,
}

/// The orders service, which is asked over RabbitMQ.
#[derive(Debug, Clone, Args)]
pub struct OrdersConfig {
    /// Queue in which the orders service takes questions; empty where there is no such service
    #[arg(long, env, default_value = "orders.rpc")]
    pub orders_queue: String,
    /// How long it has for an answer, in milliseconds
    #[arg(long, env, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(50..=2000))]
    pub orders_timeout_ms: u64,
}

impl Config {
    /// Refuses weak secrets and what cannot work together, all at once (SEC-21).
    pub fn check(&self) -> Result<(), Refused> {
        let is_real = self.site.is_production();
        let asked: Vec<_> = self.keys.asked().into_iter().chain(self.parts.asked()).collect();
        let mut findings = weak(&asked, is_real);
        findings.extend(self.keys.master.vault.findings(is_real));
        let mut refuse = |is_bad: bool, finding: Finding| findings.extend(is_bad.then_some(finding));
        refuse(is_real && self.no_rate_limit, Finding::new("NO_RATE_LIMIT", "is for load tests only", "leave it out, or APP_ENV=local"));
        refuse(is_real && self.site.public_scheme != "https", Finding::new("PUBLIC_SCHEME", "is not https", "leave it out"));
        let (all, each) = (self.db_max_connections, self.db_max_connections_per_tenant as usize);
        refuse(all < each, Finding::new("DB_MAX_CONNECTIONS", "is smaller than DB_MAX_CONNECTIONS_PER_TENANT", "raise it"));
        refuse(self.orders.orders_queue.len() > 255, Finding::new("ORDERS_QUEUE", "is no queue's name", "at most 255 bytes"));
        Refused::unless_sound(findings)
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
    use shared::testing::secrets;

    use super::Config;

    fn check(more: &[&str]) -> Result<(), String> {
        let words = secrets::words("app-api");
        let listen = ["--bind-addr", "127.0.0.1:1", "--metrics-addr", "127.0.0.1:2"];
        let words = words.iter().map(String::as_str).chain(listen).chain(more.iter().copied());
        // The defaults are asked for, whatever the environment of this test says.
        let command = Config::augment_args(Command::new("app-api").args_override_self(true))
            .mut_args(|arg| arg.env(clap::builder::Resettable::Reset));
        let matches = command.try_get_matches_from(words).map_err(|e| e.to_string())?;
        Config::from_arg_matches(&matches).map_err(|e| e.to_string())?.check().map_err(|e| e.to_string())
    }

    #[test]
    fn a_short_secret_is_refused_the_previous_one_too() {
        assert_eq!(check(&[]), Ok(()));
        let short = secrets::good("short")[..31].to_owned();
        let refused = check(&["--jwt-secret", &short]).expect_err("too short");
        assert!(refused.contains("JWT_SECRET") && !refused.contains(&short), "{refused}");
        let previous = ["--jwt-previous-kid", "k0", "--jwt-previous-secret", &short];
        assert!(check(&previous).expect_err("too short").contains("JWT_PREVIOUS_SECRET"));
    }

    #[test]
    fn production_starts_unless_told_to_be_careless() {
        assert!(check(&["--db-max-connections", "2", "--db-max-connections-per-tenant", "3"]).is_err());
        for careless in [&["--no-rate-limit", "1"], &["--public-scheme", "http"], &["--redis-url", "redis://cache"]] {
            assert!(check(careless).is_err(), "{careless:?}");
            assert_eq!(check(&[&careless[..], &["--app-env", "local"]].concat()), Ok(()), "{careless:?}");
        }
    }
}
