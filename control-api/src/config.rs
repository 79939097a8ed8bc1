//! Configuration of the control plane.

use clap::Args;
use secrecy::SecretString;
use shared::{
    auth::password::Passwords,
    config::{Finding, KeysConfig, LogConfig, MasterConfig, PartsConfig, Refused, SiteConfig, weak},
    seal::Keyring,
    storage::{Place, Storage},
};
use std::{net::SocketAddr, path::PathBuf};

use crate::billing::PaymentsConfig;

use crate::backups::Beside;

/// Everything that `control-api serve` is told.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where this service is found
    #[command(flatten)]
    pub site: SiteConfig,
    /// Where it listens
    #[command(flatten)]
    pub listen: Listen,
    /// What it stands on
    #[command(flatten)]
    pub parts: PartsConfig,
    /// Keys
    #[command(flatten)]
    pub keys: KeysConfig,
    /// Logging
    #[command(flatten)]
    pub log: LogConfig,
    /// Let admins in only with a second factor; false is for local trials only
    #[arg(long, env, default_value_t = true, action = clap::ArgAction::Set)]
    pub auth_require_admin_2fa: bool,
    /// How many passwords are hashed at once (2 to 64), each with 19 MiB; one of these turns is for sign-ins alone. 0: one for each core, at least 3
    #[arg(long, env, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=64))]
    pub password_hashers: u8,
    /// Databases that wait on each cluster for whoever signs up next (0 to 50); 0: each is made when it is needed
    #[arg(long, env, default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=50))]
    pub warm_databases: u8,
    /// Refuse nobody for coming often (1); for load tests, not in production
    #[arg(long, env, default_value = "0", value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::Set)]
    pub no_rate_limit: bool,
    /// Invoices and payments
    #[command(flatten)]
    pub payments: PaymentsConfig,
    /// Take backups and restore one for trial each night; false where other means do it
    #[arg(long, env, default_value_t = true, action = clap::ArgAction::Set)]
    pub backup_nightly: bool,
    /// Where pg_dump and pg_restore are, at least as new as the servers; none means the newest in /usr/lib/postgresql
    #[arg(long, env)]
    pub pg_bin: Option<PathBuf>,
    /// How many days back a tenant can be brought to any second, where its server's log is archived (1 to 35); base backups and the log are kept so long
    #[arg(long, env, default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=35))]
    pub pitr_days: u8,
    /// Where a server is made for that, with room for the largest one; its owner runs it, who must not be root
    #[arg(long, env)]
    pub restore_dir: Option<PathBuf>,
    /// This program, where that owner can start it; none means as it was started
    #[arg(long, env)]
    pub restore_program: Option<PathBuf>,
}

/// Where the control plane listens.
#[derive(Debug, Clone, Args)]
pub struct Listen {
    /// Address of the API
    #[arg(long, env, default_value = "127.0.0.1:6500")]
    pub bind_addr: SocketAddr,
    /// Private address of /metrics
    #[arg(long, env, default_value = "127.0.0.1:6510")]
    pub metrics_addr: SocketAddr,
}

impl Config {
    /// Refuses weak secrets and what cannot work together, all at once (SEC-21).
    pub fn check(&self) -> Result<(), Refused> {
        let is_real = self.site.is_production();
        let asked: Vec<_> = self.keys.asked().into_iter().chain(self.parts.asked()).chain(self.payments.asked()).collect();
        let mut findings = weak(&asked, is_real);
        findings.extend(self.keys.master.vault.findings(is_real));
        findings.extend(self.payments.findings(is_real));
        let mut refuse = |is_bad: bool, finding: Finding| findings.extend(is_bad.then_some(finding));
        let least = "at least 2, or 0 for one for each core";
        refuse(self.password_hashers == 1, Finding::new("PASSWORD_HASHERS", "is 1, and one turn is for sign-ins alone", least));
        refuse(is_real && self.no_rate_limit, Finding::new("NO_RATE_LIMIT", "is for load tests only", "leave it out, or APP_ENV=local"));
        let trial = Finding::new("AUTH_REQUIRE_ADMIN_2FA", "is false, which is for local trials only", "leave it out, or APP_ENV=local");
        refuse(is_real && !self.auth_require_admin_2fa, trial);
        refuse(is_real && self.site.public_scheme != "https", Finding::new("PUBLIC_SCHEME", "is not https", "leave it out"));
        Refused::unless_sound(findings)
    }

    /// Where side servers are made; none: nowhere.
    pub fn beside(&self) -> anyhow::Result<Option<Beside>> {
        let Some(folder) = self.restore_dir.clone() else { return Ok(None) };
        let program = self.restore_program.clone().map_or_else(std::env::current_exe, Ok)?;
        Ok(Some(Beside { folder, program, store: (&self.parts).into() }))
    }

    /// Passwords hashed at once.
    pub fn hashers(&self) -> usize {
        match self.password_hashers {
            0 => Passwords::usual_turns(),
            told => told.into(),
        }
    }
}

/// What a command needs that works on the control database alone.
#[derive(Debug, Clone, Args)]
pub struct DatabaseConfig {
    /// The control database, `postgres://…`
    #[arg(long, env, hide_env_values = true)]
    pub control_database_url: SecretString,
}

/// What a command needs that also handles credentials.
#[derive(Debug, Clone, Args)]
pub struct SealConfig {
    /// The control database
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// What seals
    #[command(flatten)]
    pub master: MasterConfig,
}

/// What a command needs that reads the file store.
#[derive(Debug, Clone, Args)]
pub struct StoreConfig {
    /// S3-compatible store
    #[arg(long, env)]
    pub s3_endpoint: String,
    /// Bucket for all tenants' files
    #[arg(long, env, default_value = "sav")]
    pub s3_bucket: String,
    /// Region of the bucket
    #[arg(long, env, default_value = "us-east-1")]
    pub s3_region: String,
    /// Key id for the store
    #[arg(long, env, hide_env_values = true)]
    pub s3_access_key: SecretString,
    /// Secret key for the store
    #[arg(long, env, hide_env_values = true)]
    pub s3_secret_key: SecretString,
}

impl StoreConfig {
    /// The store.
    pub fn storage(self) -> Storage {
        Storage::at(&self.place())
    }

    /// Where it is.
    pub fn place(self) -> Place {
        let Self { s3_endpoint: endpoint, s3_bucket: bucket, s3_region: region, s3_access_key: access_key, s3_secret_key: secret_key } =
            self;
        Place { endpoint, bucket, region, access_key, secret_key }
    }
}

impl SealConfig {
    /// Seals and opens with these keys.
    pub fn ring(&self) -> shared::Result<Keyring> {
        self.master.ring()
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};
    use shared::testing::secrets;

    use super::Config;

    fn check(more: &[&str]) -> Result<(), String> {
        let words = secrets::words("control-api");
        let words = words.iter().map(String::as_str).chain(more.iter().copied());
        // The defaults are asked for, whatever the environment of this test says.
        let command = Config::augment_args(Command::new("control-api").args_override_self(true))
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
        assert!(check(&["--password-hashers", "1"]).is_err());
        let key = ["--payment-key", "0123456789abcdef"];
        assert!(check(&["--payment-url", "https://pay.example.com"]).is_err(), "without a key");
        assert_eq!(check(&[&["--payment-url", "https://pay.example.com"][..], &key].concat()), Ok(()));
        assert!(check(&[&["--payment-url", "http://pay.example.com"][..], &key].concat()).is_err(), "not sealed");
        for careless in [
            &["--auth-require-admin-2fa", "false"],
            &["--no-rate-limit", "1"],
            &["--public-scheme", "http"],
            &["--redis-url", "redis://cache"],
        ] {
            assert!(check(careless).is_err(), "{careless:?}");
            assert_eq!(check(&[&careless[..], &["--app-env", "local"]].concat()), Ok(()), "{careless:?}");
        }
    }
}
