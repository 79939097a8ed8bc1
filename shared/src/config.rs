//! Configuration that both planes share, from flags and environment. `--help` is the reference;
//! nonsense is refused at the start.

mod refused;
mod vault;
mod weak;

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderName;
pub use refused::{Refused, report};
use secrecy::{ExposeSecret, SecretString};
pub use vault::{VaultConfig, told};
pub use weak::{Asked, Finding, Kind, weak};

use crate::seal::{self, Keyring};

/// Where the service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum AppEnv {
    /// On a developer's or a trial's machine.
    Local,
    /// For real: weak secrets are refused.
    Production,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For reading by eye.
    Text,
}

/// Logging.
#[derive(Debug, Clone, clap::Args)]
pub struct LogConfig {
    /// How log lines look
    #[arg(long, env, value_enum, default_value = "json")]
    pub log_format: LogFormat,
    /// What is logged, as `info` or `info,sqlx=warn`
    #[arg(long, env, default_value = "info")]
    pub log_level: String,
}

/// Where this service is found.
#[derive(Debug, Clone, clap::Args)]
pub struct SiteConfig {
    /// Where the service runs
    #[arg(long, env, value_enum, default_value = "production")]
    pub app_env: AppEnv,
    /// Domain under which each tenant has its subdomain
    #[arg(long, env, default_value = "localhost")]
    pub base_domain: String,
    /// Scheme of the public addresses, `http` or `https`
    #[arg(long, env, default_value = "https", value_parser = ["http", "https"])]
    pub public_scheme: String,
    /// Port of the public addresses; none means the scheme's own
    #[arg(long, env)]
    pub public_port: Option<u16>,
    /// Serve the interactive API page at /docs
    #[arg(long, env, default_value_t = false, action = clap::ArgAction::Set)]
    pub enable_swagger: bool,
    /// Other origins that browsers may call from, separated by commas
    #[arg(long, env, value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Addresses of the proxies whose X-Forwarded-For is believed, separated by commas
    #[arg(long, env, value_delimiter = ',', default_value = "127.0.0.1")]
    pub trusted_proxies: Vec<IpAddr>,
    /// Header in which these proxies say the country of the client, as CF-IPCountry; none unless told
    #[arg(long, env)]
    pub country_header: Option<HeaderName>,
}

impl SiteConfig {
    /// The public address of a host label, as `https://acme.example.com`.
    pub fn url(&self, label: &str) -> String {
        let port = self.public_port.map(|p| format!(":{p}")).unwrap_or_default();
        format!("{}://{label}.{}{port}", self.public_scheme, self.base_domain)
    }

    /// Whether this runs for real.
    pub fn is_production(&self) -> bool {
        self.app_env == AppEnv::Production
    }
}

/// The parts that the service stands on.
#[derive(Debug, Clone, clap::Args)]
pub struct PartsConfig {
    /// The control database, `postgres://…`
    #[arg(long, env, hide_env_values = true, default_value = "", hide_default_value = true)]
    pub control_database_url: SecretString,
    /// Redis, `redis://…`; several nodes of a cluster with commas between
    #[arg(long, env, hide_env_values = true, default_value = "", hide_default_value = true)]
    pub redis_url: SecretString,
    /// What every key and channel in Redis begins with; different for each installation on one Redis
    #[arg(long, env, default_value = "helpdeskly")]
    pub redis_prefix: String,
    /// RabbitMQ, `amqp://…`
    #[arg(long, env, hide_env_values = true, default_value = "", hide_default_value = true)]
    pub amqp_url: SecretString,
    /// S3-compatible store
    #[arg(long, env, default_value = "", hide_default_value = true)]
    pub s3_endpoint: String,
    /// Bucket for all tenants' files
    #[arg(long, env, default_value = "sav")]
    pub s3_bucket: String,
    /// Region of the bucket
    #[arg(long, env, default_value = "us-east-1")]
    pub s3_region: String,
    /// Key id for the store
    #[arg(long, env, hide_env_values = true, default_value = "", hide_default_value = true)]
    pub s3_access_key: SecretString,
    /// Secret key for the store
    #[arg(long, env, hide_env_values = true, default_value = "", hide_default_value = true)]
    pub s3_secret_key: SecretString,
    /// Mail relay, `smtp://user:password@host:port` or `smtps://…`
    #[arg(long, env, hide_env_values = true, default_value = "", hide_default_value = true)]
    pub smtp_url: SecretString,
    /// Sender of all mails
    #[arg(long, env, default_value = "Helpdeskly <no-reply@localhost>")]
    pub mail_from: String,
}

impl PartsConfig {
    /// What is looked at before a process starts (SEC-21).
    pub fn asked(&self) -> Vec<Asked<'_>> {
        let of = |variable, secret, kind| Asked { variable, value: SecretString::expose_secret(secret), kind };
        vec![
            of("CONTROL_DATABASE_URL", &self.control_database_url, Kind::Urls),
            of("REDIS_URL", &self.redis_url, Kind::Urls),
            of("AMQP_URL", &self.amqp_url, Kind::Urls),
            Asked { variable: "S3_ENDPOINT", value: &self.s3_endpoint, kind: Kind::Address },
            of("S3_ACCESS_KEY", &self.s3_access_key, Kind::Name),
            of("S3_SECRET_KEY", &self.s3_secret_key, Kind::Password),
            of("SMTP_URL", &self.smtp_url, Kind::Relay),
        ]
    }
}

/// Keys.
#[derive(Debug, Clone, clap::Args)]
pub struct KeysConfig {
    /// Signs access tokens; at least 32 bytes
    #[arg(long, env, hide_env_values = true, default_value = "", hide_default_value = true)]
    pub jwt_secret: SecretString,
    /// Id of the signing key
    #[arg(long, env, default_value = "k1")]
    pub jwt_kid: String,
    /// The signing key before the last rotation, still accepted
    #[arg(long, env, hide_env_values = true, requires = "jwt_previous_kid")]
    pub jwt_previous_secret: Option<SecretString>,
    /// Id of the previous signing key
    #[arg(long, env)]
    pub jwt_previous_kid: Option<String>,
    /// What seals
    #[command(flatten)]
    pub master: MasterConfig,
}

/// Master keys, which wrap data keys.
#[derive(Debug, Clone, clap::Args)]
pub struct MasterConfig {
    /// Wraps the data keys that seal credentials; 32 bytes in base64
    #[arg(long, env, hide_env_values = true, default_value = "", hide_default_value = true)]
    pub db_encryption_key: SecretString,
    /// Id of that key
    #[arg(long, env, default_value = "k1")]
    pub db_encryption_key_id: String,
    /// Keys from before it that still open what they have sealed, as id:base64,id:base64
    #[arg(long, env, hide_env_values = true)]
    pub db_encryption_keys_previous: Option<SecretString>,
    /// Vault
    #[command(flatten)]
    pub vault: VaultConfig,
}

impl MasterConfig {
    /// Seals and opens with these keys, or with Vault's where that is told.
    pub fn ring(&self) -> crate::Result<Keyring> {
        let ring = Keyring::new(&self.db_encryption_key_id, &self.db_encryption_key, self.db_encryption_keys_previous.as_ref())?;
        Ok(match self.vault.vault()? {
            Some(vault) => ring.kept_by(vault),
            None => ring,
        })
    }

    /// What is looked at before a process starts (SEC-21).
    pub fn asked(&self) -> Vec<Asked<'_>> {
        let newest = Asked { variable: "DB_ENCRYPTION_KEY", value: self.db_encryption_key.expose_secret(), kind: Kind::Key };
        let previous = seal::entries(self.db_encryption_keys_previous.as_ref()).map(|entry| {
            let value = entry.split_once(':').map_or("no key", |(_, key)| key);
            Asked { variable: "DB_ENCRYPTION_KEYS_PREVIOUS", value, kind: Kind::Key }
        });
        std::iter::once(newest).chain(previous).collect()
    }
}

impl KeysConfig {
    /// Signs and checks access tokens with these keys.
    pub fn tokens(&self) -> crate::auth::jwt::Tokens {
        let previous = self.jwt_previous_kid.as_deref().zip(self.jwt_previous_secret.as_ref());
        crate::auth::jwt::Tokens::new(&self.jwt_kid, &self.jwt_secret, previous)
    }

    /// What is looked at before a process starts (SEC-21).
    pub fn asked(&self) -> Vec<Asked<'_>> {
        let of = |variable, secret, kind| Asked { variable, value: SecretString::expose_secret(secret), kind };
        let mut asked = vec![of("JWT_SECRET", &self.jwt_secret, Kind::Text)];
        asked.extend(self.jwt_previous_secret.as_ref().map(|secret| of("JWT_PREVIOUS_SECRET", secret, Kind::Text)));
        asked.extend(self.master.asked());
        asked
    }
}

/// Where the service listens. The defaults belong to each plane.
#[derive(Debug, Clone, clap::Args)]
pub struct ListenConfig {
    /// Address of the API
    #[arg(long, env)]
    pub bind_addr: SocketAddr,
    /// Private address of /metrics
    #[arg(long, env)]
    pub metrics_addr: SocketAddr,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "0123456789abcdef0123456789abcdef";

    fn keys(secret: &str, kid: &str, previous: Option<(&str, &str)>) -> KeysConfig {
        KeysConfig {
            jwt_secret: secret.into(),
            jwt_kid: kid.into(),
            jwt_previous_secret: previous.map(|(secret, _)| SecretString::from(secret)),
            jwt_previous_kid: previous.map(|(_, kid)| kid.into()),
            master: MasterConfig {
                db_encryption_key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".into(),
                db_encryption_key_id: "k1".into(),
                db_encryption_keys_previous: None,
                vault: VaultConfig::none(),
            },
        }
    }

    #[test]
    fn the_previous_key_opens_what_it_signed_until_it_is_taken_out() {
        let (clock, next) = (crate::clock::Clock::System, "fedcba9876543210fedcba9876543210");
        let grant = crate::auth::jwt::Grant {
            user_id: 7,
            tenant: uuid::Uuid::nil(),
            role: "agent".into(),
            session: uuid::Uuid::nil(),
            amr: vec!["pwd".into()],
        };
        let token = keys(LONG, "k1", None).tokens().issue(&grant, clock.now()).expect("issued");
        for (previous, accepted) in [(Some((LONG, "k1")), true), (Some((LONG, "k0")), false), (Some((next, "k1")), false), (None, false)] {
            assert_eq!(keys(next, "k2", previous).tokens().verify(&token, &clock).is_ok(), accepted, "{previous:?}");
        }
    }
}
