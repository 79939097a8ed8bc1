//! What the app plane holds while it runs, made in one place.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use secrecy::ExposeSecret;
use shared::{
    audit::{self, Failures, Waiting},
    auth::jwt::Tokens,
    broker::{Broker, PEOPLE, Rabbit},
    cache::Cache,
    changes::Changes,
    clock::Clock,
    config::SiteConfig,
    db,
    mail::Mailer,
    page::Cursors,
    storage::Storage,
    tenancy::Tenants,
};
use sqlx::PgPool;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use crate::{
    access::Access,
    config::Config,
    figures::Backlog,
    live::Hubs,
    media::{Media, Renderer, Scanner},
    notifications,
    orders::{ORDERS, Orders},
    people::People,
    reports,
    tickets::Turns,
};

/// Connections to the control database: it is asked once per tenant and some seconds.
const CONTROL_CONNECTIONS: u32 = 4;

/// The oldest schema of tenants' databases that this release works on: all tenants are migrated before it is rolled out, while
/// the release before, to which nothing that was added matters, serves them (ADR 0028).
pub const SCHEMA: i64 = 39;

/// The parts that handlers and workers use; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// See [`App`].
pub struct Parts {
    /// Where this service is found.
    pub site: SiteConfig,
    /// Checks access tokens.
    pub tokens: Tokens,
    /// The time.
    pub clock: Clock,
    /// Seals cursors, live positions, and what a link to a rating says.
    pub cursors: Cursors,
    /// Finds tenants and their databases.
    pub tenants: Tenants,
    /// Whose access has ended.
    pub access: Access,
    /// Finds members of tenants.
    pub people: People,
    /// Live streams.
    pub hubs: Hubs,
    /// What visits could not publish.
    pub backlog: Backlog,
    /// How many mails were held back or left out.
    pub spared: notifications::Spared,
    /// Files of tickets.
    pub media: Media,
    /// Who makes a file of tickets just now.
    pub turns: Turns,
    /// Whether nobody is refused for much: for load tests only.
    pub no_rate_limit: bool,
    /// What was refused, and how the audit trails are kept.
    pub audit: Audit,
    /// What lies outside the tenants' databases.
    pub outside: Outside,
}

/// What was refused, and how the audit trails are kept.
pub struct Audit {
    /// Where the edge hands over what was refused.
    pub failures: Failures,
    /// How the trails are.
    pub figures: audit::Figures,
}

/// What lies outside the tenants' databases.
pub struct Outside {
    /// The control database, as far as this plane may read it.
    pub control: PgPool,
    /// Redis.
    pub cache: Cache,
    /// RabbitMQ.
    pub broker: Broker,
    /// The orders service.
    pub orders: Orders,
    /// The file store.
    pub storage: Storage,
    /// The mail relay.
    pub mailer: Mailer,
    /// Which tenants have something new to tell.
    pub changes: Changes,
    /// This process, among its like.
    pub instance: Uuid,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<App> for Cursors {
    fn from_ref(app: &App) -> Self {
        app.cursors.clone()
    }
}

impl App {
    /// Puts ready parts together.
    pub fn of(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Makes the parts that `config` names; nothing is connected before it is used. The receiver
    /// is for [`shared::changes::spread`], what waits for [`crate::worker::write_failures`].
    pub fn new(config: &Config) -> anyhow::Result<(Self, UnboundedReceiver<Uuid>, Waiting)> {
        let clock = Clock::System;
        let cache = Cache::new(&config.parts.redis_url, &config.parts.redis_prefix)?;
        let (changes, waiting) = Changes::new();
        let (failures, refused) = Failures::new(clock.clone())?;
        let control_options = config.parts.control_database_url.expose_secret().parse()?;
        let control = db::lazy_pool(db::options(control_options, "app-api"), CONTROL_CONNECTIONS);
        let ring = config.keys.master.ring()?;
        let queues = vec![notifications::QUEUE, notifications::INBOX, reports::QUEUE, PEOPLE, ORDERS];
        let rabbit = Arc::new(Rabbit::new(&config.parts.amqp_url, queues));
        let parts = Parts {
            site: config.site.clone(),
            tokens: config.keys.tokens(),
            cursors: Cursors::new(&config.keys.jwt_secret),
            tenants: Tenants::new(control.clone(), cache.clone(), ring, changes.clone(), clock.clone(), config.allowance()).needing(SCHEMA),
            access: Access::new(control.clone()),
            people: People::new(control.clone()),
            hubs: Hubs::default(),
            backlog: Backlog::default(),
            spared: notifications::Spared::default(),
            media: Media::new(Scanner::at(&config.clamav_addr), &config.keys.jwt_secret).drawing(Renderer::at(&config.pdf_renderer)),
            turns: Turns::default(),
            no_rate_limit: config.no_rate_limit,
            audit: Audit { failures, figures: audit::Figures::new()? },
            outside: Outside {
                control,
                cache,
                orders: Orders::over(rabbit.clone(), &config.orders)?,
                broker: Broker::Rabbit(rabbit),
                storage: Storage::new(&config.parts),
                mailer: Mailer::smtp(&config.parts.smtp_url, &config.parts.mail_from)?,
                changes,
                instance: Uuid::now_v7(),
            },
            clock,
        };
        Ok((Self::of(parts), waiting, refused))
    }
}
