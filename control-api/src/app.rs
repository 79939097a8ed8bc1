//! What the control plane holds while it runs, made in one place.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::extract::FromRef;
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use shared::{
    audit::{Failures, Waiting},
    auth::{jwt::Tokens, password::Passwords},
    broker::{Broker, PEOPLE, Rabbit},
    cache::Cache,
    changes::Changes,
    clock::Clock,
    config::SiteConfig,
    db::{self, Db},
    mail::Mailer,
    page::Cursors,
    seal::Keyring,
    session::Role,
    sign::Signer,
    storage::Storage,
    tenancy::{Allowance, Tenants, Via},
};
use tokio::sync::watch;

use crate::{
    attempts::Attempts,
    backups,
    billing::Payments,
    config::Config,
    deletion,
    figures::Figures,
    lease,
    sso::{Providers, Reach},
};

/// Connections to the control database.
const CONNECTIONS: usize = 16;
const CONNECTIONS_FOR_ROUTES: u32 = 2;
/// Connections to tenants' databases: somebody reads a trail now and then.
const ALLOWANCE: Allowance = Allowance { tenant: 2, most: 2, instance: 12, via: Via::Direct };

/// The parts that handlers and workers use; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// See [`App`].
pub struct Parts {
    /// Where this service is found.
    pub site: SiteConfig,
    /// The control database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// What signs and seals.
    pub keys: Keys,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Counts who tries them.
    pub attempts: Attempts,
    /// What lies outside the control database.
    pub outside: Outside,
    /// What is asked of everybody.
    pub rules: Rules,
    /// What is counted.
    pub figures: Figures,
    /// Where the edge hands over what was refused.
    pub failures: Failures,
    /// Changes with each commit that recorded something: workers look then.
    pub news: watch::Receiver<u64>,
}

/// What is asked of everybody here; local trials may ask for less.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Load is being tested: nobody is refused for coming often.
    pub no_rate_limit: bool,
    /// Admins come in with a second factor only.
    pub require_admin_2fa: bool,
    /// Databases that wait for a tenant on each cluster.
    pub warm_databases: u8,
    /// Backups are taken and drilled each night.
    pub nightly_backups: bool,
    /// The tax on invoices, in hundredths of a percent.
    pub tax_rate: i32,
    /// How far back any moment can be reached, where a server's log is archived.
    pub pitr_window: TimeDelta,
    /// No step of a job and no database of a run takes longer, whatever its kind allows.
    pub longest_step: Duration,
}

impl Rules {
    /// Whether somebody in this role must have a second factor (I-6).
    pub fn needs_second_factor(self, role: Role) -> bool {
        self.require_admin_2fa && role == Role::Admin
    }
}

/// What signs and seals.
pub struct Keys {
    /// Issues and checks access tokens.
    pub tokens: Tokens,
    /// Seals and opens, together with data keys ([`crate::keys`]).
    pub ring: Keyring,
    /// Signs records of what was deleted.
    pub records: Signer,
    /// Signs cursors.
    pub cursors: Cursors,
}

/// What lies outside the control database.
pub struct Outside {
    /// Redis.
    pub cache: Cache,
    /// RabbitMQ.
    pub broker: Broker,
    /// The mail relay.
    pub mailer: Mailer,
    /// The file store.
    pub storage: Storage,
    /// PostgreSQL's own programs.
    pub tools: backups::Tools,
    /// Tenants' own databases, with the tenants' own rights: for their audit trails.
    pub tenants: Tenants,
    /// Organisations' identity providers.
    pub providers: Providers,
    /// Whoever takes payments.
    pub payments: Payments,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<App> for Cursors {
    fn from_ref(app: &App) -> Self {
        app.keys.cursors.clone()
    }
}

impl App {
    /// Puts ready parts together.
    pub fn of(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Makes the parts that `config` names; nothing is connected before it is used. What waits is for
    /// [`crate::audit::write_failures`].
    pub fn new(config: &Config) -> anyhow::Result<(Self, Waiting)> {
        let (db, news) = database(&config.parts.control_database_url)?;
        let clock = Clock::System;
        let (failures, refused) = Failures::new(clock.clone())?;
        let cache = Cache::new(&config.parts.redis_url, &config.parts.redis_prefix)?;
        let ring = config.keys.master.ring()?;
        let tenants = tenants(&config.parts.control_database_url, cache.clone(), ring.clone())?;
        let app = Self::of(Parts {
            site: config.site.clone(),
            db,
            clock,
            keys: Keys {
                tokens: config.keys.tokens(),
                records: deletion::signer(&ring),
                ring,
                cursors: Cursors::new(&config.keys.jwt_secret),
            },
            passwords: Passwords::new(config.hashers())?,
            attempts: Attempts::new(&config.keys.jwt_secret),
            outside: Outside {
                cache,
                broker: Broker::Rabbit(Arc::new(Rabbit::new(&config.parts.amqp_url, vec![PEOPLE]))),
                mailer: Mailer::smtp(&config.parts.smtp_url, &config.parts.mail_from)?,
                storage: Storage::new(&config.parts),
                tools: backups::Tools::new(config.pg_bin.clone(), config.parts.control_database_url.clone()).beside(config.beside()?),
                tenants,
                providers: Providers::new(if config.site.is_production() { Reach::Internet } else { Reach::Trial })?,
                payments: config.payments.payments()?,
            },
            rules: Rules {
                no_rate_limit: config.no_rate_limit,
                require_admin_2fa: config.auth_require_admin_2fa,
                warm_databases: config.warm_databases,
                nightly_backups: config.backup_nightly,
                tax_rate: config.payments.invoice_tax_rate.into(),
                pitr_window: TimeDelta::days(config.pitr_days.into()),
                longest_step: lease::LONG,
            },
            figures: Figures::new()?,
            failures,
            news,
        });
        Ok((app, refused))
    }
}

/// The control database, connected when first used, and what changes with its commits.
pub fn database(url: &SecretString) -> anyhow::Result<(Db, watch::Receiver<u64>)> {
    let options = db::options(url.expose_secret().parse()?, "control-api");
    let (told, news) = watch::channel(0);
    let hint = Arc::new(move || told.send_modify(|n| *n += 1));
    Ok((Db::new(options, CONNECTIONS, &db::budget(CONNECTIONS), hint), news))
}

/// Tenants' own databases, connected when first used.
pub fn tenants(control: &SecretString, cache: Cache, ring: Keyring) -> anyhow::Result<Tenants> {
    let control = db::lazy_pool(db::options(control.expose_secret().parse()?, "control-api"), CONNECTIONS_FOR_ROUTES);
    // Nothing is recorded there: nobody waits for these announcements.
    let (changes, _) = Changes::new();
    Ok(Tenants::new(control, cache, ring, changes, Clock::System, ALLOWANCE))
}
