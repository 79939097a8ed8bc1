//! Configuration of the control plane.

use clap::Args;
use secrecy::SecretString;
use shared::{
    auth::password::Passwords,
    config::{KeysConfig, LogConfig, PartsConfig, SiteConfig},
    seal::Sealer,
    sign::Signer,
    storage::{Place, Storage},
};
use std::{net::SocketAddr, path::PathBuf};

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
    /// Refuses what cannot work together.
    pub fn check(&self) -> anyhow::Result<()> {
        self.keys.check()?;
        anyhow::ensure!(
            self.password_hashers != 1,
            "PASSWORD_HASHERS=1: one turn is for sign-ins alone; at least 2, or 0 for one for each core"
        );
        anyhow::ensure!(!self.site.is_production() || !self.no_rate_limit, "NO_RATE_LIMIT=1 is for load tests only (APP_ENV=local)");
        anyhow::ensure!(
            self.auth_require_admin_2fa || !self.site.is_production(),
            "AUTH_REQUIRE_ADMIN_2FA=false is for local trials only (APP_ENV=local)"
        );
        anyhow::ensure!(!self.site.is_production() || self.site.public_scheme == "https", "PUBLIC_SCHEME must be https in production");
        Ok(())
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
pub struct VaultConfig {
    /// The control database
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// Seals credentials; 32 bytes in base64
    #[arg(long, env, hide_env_values = true)]
    pub db_encryption_key: SecretString,
    /// Id of the sealing key
    #[arg(long, env, default_value = "k1")]
    pub db_encryption_key_id: String,
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

impl VaultConfig {
    /// Signs and checks records of what was deleted.
    pub fn records(&self) -> Signer {
        crate::deletion::signer(&self.db_encryption_key_id, &self.db_encryption_key)
    }

    /// Seals and opens with this key.
    pub fn sealer(&self) -> shared::Result<Sealer> {
        Sealer::new(&self.db_encryption_key_id, &self.db_encryption_key)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::Config;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn check(more: &[&str]) -> Result<(), String> {
        check_with(KEY, more)
    }

    fn check_with(secret: &str, more: &[&str]) -> Result<(), String> {
        let mut words = vec!["control-api", "--jwt-secret", secret, "--db-encryption-key", KEY];
        for address in ["--control-database-url", "--redis-url", "--amqp-url", "--s3-endpoint", "--s3-access-key", "--s3-secret-key"] {
            words.extend([address, "x"]);
        }
        words.extend(["--smtp-url", "x"].iter().chain(more));
        // The defaults are asked for, whatever the environment of this test says.
        let command = Config::augment_args(Command::new("control-api")).mut_args(|arg| arg.env(clap::builder::Resettable::Reset));
        let config =
            Config::from_arg_matches(&command.try_get_matches_from(words).map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
        config.check().map_err(|e| e.to_string())
    }

    #[test]
    fn a_secret_of_31_bytes_is_refused() {
        assert_eq!(check_with(&KEY[..32], &[]), Ok(()));
        let refused = check_with(&KEY[..31], &[]).expect_err("too short");
        assert!(refused.contains("JWT_SECRET") && !refused.contains(&KEY[..31]), "{refused}");
        let previous = ["--jwt-previous-kid", "k0", "--jwt-previous-secret", &KEY[..31]];
        assert!(check(&previous).expect_err("too short").contains("JWT_PREVIOUS_SECRET"));
    }

    #[test]
    fn production_starts_unless_told_to_be_careless() {
        assert_eq!(check(&[]), Ok(()));
        for careless in [&["--auth-require-admin-2fa", "false"], &["--no-rate-limit", "1"], &["--public-scheme", "http"]] {
            assert!(check(careless).is_err(), "{careless:?}");
            assert_eq!(check(&[&careless[..], &["--app-env", "local"]].concat()), Ok(()), "{careless:?}");
        }
    }
}
