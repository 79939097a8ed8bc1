//! One process of the app plane. A test may have several on the same databases.

use std::sync::{Arc, Mutex};

use app_api::{
    access::{self, Access},
    app::{App, Audit, Outside, Parts},
    figures::Backlog,
    live::{self, Hubs},
    media::{Media, Renderer, Scanner},
    notifications::Spared,
    orders::Orders,
    people::People,
    router,
    tickets::Turns,
};
use axum::Router;
use base64::{Engine, engine::general_purpose::STANDARD};
use prometheus::Registry;
use secrecy::SecretString;
use shared::{
    audit::{self, Failures},
    auth::jwt::Tokens,
    broker::{Broker, Message},
    cache::Cache,
    changes::{Changes, spread},
    clock::Clock,
    config::{PartsConfig, SiteConfig},
    http::{Edge, HttpMetrics, rate_limit::Limits},
    mail::{Letter, Mailer},
    page::Cursors,
    seal::Keyring,
    storage::Storage,
    tenancy::{Allowance, Tenants, Via},
    testing,
};
use sqlx::{PgPool, migrate::Migrator};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

static CONTROL: Migrator = sqlx::migrate!("../migrations/control");
const SECRET: &str = "a secret of the tests, 32 bytes or more";

/// What all instances of a test stand on.
pub struct Ground {
    pub control: PgPool,
    pub published: Arc<Mutex<Vec<Message>>>,
    pub mails: Arc<Mutex<Vec<Letter>>>,
    pub(super) ring: Keyring,
    pub(super) tokens: Tokens,
    pub(super) clock: Clock,
    orders: Orders,
    /// How soon whoever takes tickets away must read on.
    turns: fn() -> Turns,
    /// Where files go, and who looks at them.
    files: (PartsConfig, Scanner),
    /// Tests share one Redis, and in all of them there is an `acme`.
    redis_prefix: String,
}

/// One process; it stops hearing the others when dropped.
pub struct Instance {
    pub app: App,
    pub router: Router,
    written: watch::Receiver<u64>,
    _stop: DropGuard,
}

impl Ground {
    pub async fn new(clock: Clock, orders: Orders) -> Self {
        Self {
            control: testing::pool(&testing::database("control", &CONTROL).await).await,
            published: Arc::default(),
            mails: Arc::default(),
            ring: Keyring::one("k1", &STANDARD.encode([7; 32]).into()).expect("a key"),
            tokens: Tokens::new("k1", &SECRET.into(), None),
            clock,
            orders,
            turns: Turns::default,
            files: (parts(), Scanner::Nobody),
            redis_prefix: Uuid::now_v7().to_string(),
        }
    }

    /// Its instances keep files in the real store, and the real scanner looks at them.
    pub fn storing(self) -> Self {
        let told = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name}: run the tests with scripts/test"));
        let parts = PartsConfig {
            s3_endpoint: told("S3_ENDPOINT"),
            s3_bucket: told("S3_BUCKET"),
            s3_access_key: told("S3_ACCESS_KEY").into(),
            s3_secret_key: told("S3_SECRET_KEY").into(),
            ..parts()
        };
        Self { files: (parts, Scanner::at(&told("CLAMAV_ADDR"))), ..self }
    }

    /// The same ground without a store.
    pub fn without_a_store(&self) -> Self {
        Self {
            control: self.control.clone(),
            published: self.published.clone(),
            mails: self.mails.clone(),
            ring: self.ring.clone(),
            tokens: self.tokens.clone(),
            clock: self.clock.clone(),
            orders: self.orders.clone(),
            turns: self.turns,
            files: (parts(), Scanner::Nobody),
            redis_prefix: self.redis_prefix.clone(),
        }
    }

    /// Its instances wait no longer than a moment for whoever takes tickets away and does not read on.
    pub fn impatient(self) -> Self {
        Self { turns: || Turns::with_patience(std::time::Duration::from_millis(500)), ..self }
    }

    pub fn instance(&self, redis: &SecretString) -> Instance {
        self.instance_on(redis, self.control.clone())
    }

    /// The same, which reaches the control database by a line of its own.
    pub fn instance_on(&self, redis: &SecretString, control: PgPool) -> Instance {
        let (changes, waiting) = Changes::new();
        let (cache, stop) = (Cache::new(redis, &self.redis_prefix).expect("a URL"), CancellationToken::new());
        let (failures, refused) = Failures::new(self.clock.clone()).expect("figures");
        let written = refused.written();
        let app = self.app(cache.clone(), changes.clone(), (failures.clone(), control));
        tokio::spawn(app_api::worker::write_failures(app.clone(), refused, stop.clone()));
        tokio::spawn(spread(changes, waiting, cache, stop.clone()));
        tokio::spawn(access::follow(app.clone(), stop.clone()));
        tokio::spawn(access::hear(app.clone(), stop.clone()));
        tokio::spawn(live::hear(app.clone(), stop.clone()));
        let metrics = HttpMetrics::register(&Registry::new()).expect("new metrics");
        let router = router::router(
            app.clone(),
            Edge { slow: app_api::limits::SLOW, ..Edge::plain(metrics, Arc::new([]), failures, Limits::off()) },
        );
        Instance { app, router, written, _stop: stop.drop_guard() }
    }

    fn app(&self, cache: Cache, changes: Changes, (failures, control): (Failures, PgPool)) -> App {
        let (clock, ring) = (self.clock.clone(), self.ring.clone());
        let allowance = Allowance { tenant: 5, most: 20, instance: 20, via: Via::Direct };
        App::of(Parts {
            site: site(),
            tokens: self.tokens.clone(),
            clock: clock.clone(),
            cursors: Cursors::new(&SECRET.into()),
            tenants: Tenants::new(control.clone(), cache.clone(), ring, changes.clone(), clock, allowance).needing(app_api::app::SCHEMA),
            access: Access::new(control.clone()),
            people: People::new(control.clone()),
            hubs: Hubs::default(),
            backlog: Backlog::default(),
            spared: Spared::default(),
            media: Media::new(self.files.1.clone(), &SECRET.into()).drawing(renderer()),
            turns: (self.turns)(),
            no_rate_limit: false,
            audit: Audit { failures, figures: audit::Figures::new().expect("figures") },
            outside: Outside {
                control,
                cache,
                broker: Broker::Memory(self.published.clone()),
                orders: self.orders.clone(),
                storage: Storage::new(&self.files.0),
                mailer: Mailer::Memory(self.mails.clone()),
                changes,
                instance: Uuid::now_v7(),
            },
        })
    }
}

impl Instance {
    /// Waits until so many refused changes have been written into audit trails, in all.
    pub async fn refusals(&self, count: u64) {
        let mut written = self.written.clone();
        let waiting = tokio::time::timeout(std::time::Duration::from_secs(30), written.wait_for(|n| *n >= count));
        waiting.await.expect("in time").expect("they are being written");
    }
}

/// Who draws documents, where they are here.
fn renderer() -> Renderer {
    let program = "/usr/bin/pdftoppm";
    Renderer::at(if std::path::Path::new(program).exists() { program } else { "" })
}

fn site() -> SiteConfig {
    SiteConfig {
        app_env: shared::config::AppEnv::Local,
        base_domain: "localhost".into(),
        public_scheme: "http".into(),
        public_port: Some(8080),
        enable_swagger: false,
        cors_origins: Vec::new(),
        trusted_proxies: Vec::new(),
        country_header: None,
    }
}

/// A store that nobody answers for: these tests have no files.
fn parts() -> PartsConfig {
    let url = |text: &str| text.to_owned().into();
    PartsConfig {
        control_database_url: url("postgres://unused"),
        redis_url: super::no_redis(),
        redis_prefix: "test".into(),
        amqp_url: url("amqp://unused"),
        s3_endpoint: "http://127.0.0.1:1".into(),
        s3_bucket: "sav".into(),
        s3_region: "us-east-1".into(),
        s3_access_key: url("none"),
        s3_secret_key: url("none"),
        smtp_url: url("smtp://127.0.0.1:1"),
        mail_from: "Helpdeskly <no-reply@localhost>".into(),
    }
}
