//! The world of a test: acme and globex, each with its own database, and people who ask.

mod caller;

use std::{
    str::FromStr,
    sync::{Arc, Mutex},
};

use app_api::{
    app::{App, Outside, Parts},
    live::Hubs,
    notifications,
    people::{self, People},
    router, worker,
};
use axum::Router;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use prometheus::Registry;
use serde_json::Value;
use shared::{
    auth::jwt::{Grant, Tokens},
    broker::{Broker, Message, Outcome},
    cache::Cache,
    changes::Changes,
    clock::Clock,
    config::{PartsConfig, SiteConfig},
    http::{Edge, HttpMetrics},
    mail::{Letter, Mailer},
    page::Cursors,
    seal::Sealer,
    session::Role,
    storage::Storage,
    tenancy::{Allowance, Tenants, Via},
    testing,
};
use sqlx::{PgPool, migrate::Migrator, postgres::PgConnectOptions};
use uuid::Uuid;

pub use caller::{Answer, Caller};

static CONTROL: Migrator = sqlx::migrate!("../migrations/control");
static TENANT: Migrator = sqlx::migrate!("../migrations/tenant");
const SECRET: &str = "a secret of the tests, 32 bytes or more";

/// Both tenants and what they stand on.
pub struct TestApp {
    pub app: App,
    pub router: Router,
    pub clock: Clock,
    pub control: PgPool,
    pub acme: TestTenant,
    pub globex: TestTenant,
    pub published: Arc<Mutex<Vec<Message>>>,
    pub mails: Arc<Mutex<Vec<Letter>>>,
}

/// One tenant.
#[derive(Clone)]
pub struct TestTenant {
    pub id: Uuid,
    pub slug: &'static str,
    pub db: PgPool,
    router: Router,
    tokens: Tokens,
    clock: Clock,
    control: PgPool,
}

pub fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
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
    }
}

/// A store that nobody answers for: these tests have no files.
fn parts() -> PartsConfig {
    let url = |text: &str| text.to_owned().into();
    PartsConfig {
        control_database_url: url("postgres://unused"),
        redis_url: redis(),
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

/// No Redis: everything must work without.
fn redis() -> secrecy::SecretString {
    "redis://127.0.0.1:1".to_owned().into()
}

impl TestApp {
    pub async fn start() -> Self {
        let start = DateTime::<Utc>::from_str("2026-03-02T09:00:00Z").expect("a time");
        let clock = Clock::fixed(start);
        let control_options = testing::database("control", &CONTROL).await;
        let control = testing::pool(&control_options).await;
        let sealer = Sealer::new("k1", &STANDARD.encode([7; 32]).into()).expect("a key");
        let (changes, _) = Changes::new();
        let cache = Cache::new(&redis()).expect("a URL");
        let (published, mails) = (Arc::default(), Arc::default());
        let tokens = Tokens::new("k1", &SECRET.into(), None);
        let allowance = Allowance { tenant: 5, instance: 20, via: Via::Direct };
        let app = App::of(Parts {
            site: site(),
            tokens: tokens.clone(),
            clock: clock.clone(),
            cursors: Cursors::new(&SECRET.into()),
            tenants: Tenants::new(control.clone(), cache.clone(), sealer.clone(), changes.clone(), clock.clone(), allowance),
            people: People::new(control.clone()),
            hubs: Hubs::default(),
            outside: Outside {
                control: control.clone(),
                cache,
                broker: Broker::Memory(Arc::clone(&published)),
                storage: Storage::new(&parts()),
                mailer: Mailer::Memory(Arc::clone(&mails)),
                changes,
                instance: Uuid::now_v7(),
            },
        });
        let metrics = HttpMetrics::register(&Registry::new()).expect("new metrics");
        let router = router::router(app.clone(), Edge { metrics, trusted: Arc::new([]), cors: Vec::new() });
        let tenant = async |slug| tenant(slug, &control, &sealer, &router, &tokens, &clock).await;
        let (acme, globex) = (tenant("acme").await, tenant("globex").await);
        Self { app, router, clock, control, acme, globex, published, mails }
    }

    /// Moves the clock.
    pub fn travel(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Publishes, reacts and sends until nothing is left. Each message is delivered twice: what
    /// happens twice must not show.
    pub async fn drain(&self) {
        for _ in 0..10 {
            let mut quiet = true;
            for tenant in [&self.acme, &self.globex] {
                let Ok(Some(tenant)) = self.app.tenants.by_id(tenant.id).await else { continue };
                worker::publish(&self.app, &tenant).await.expect("events go out");
                worker::send_mails(&self.app, &tenant).await.expect("mails go out");
            }
            let messages: Vec<Message> = self.published.lock().unwrap().clone();
            for message in messages.iter().filter(|m| listens(&m.routing_key)) {
                for _ in 0..2 {
                    assert_eq!(notifications::react(&self.app, message.clone()).await, Outcome::Done);
                }
                quiet &= self.delivered(message).await;
            }
            if quiet {
                return;
            }
        }
        panic!("it does not come to rest");
    }

    async fn delivered(&self, message: &Message) -> bool {
        let tenant = if message.tenant == self.acme.id { &self.acme } else { &self.globex };
        let waiting: i64 = sqlx::query_scalar(
            "select (select count(*) from mails where status = 'pending') + (select count(*) from events where published_at is null)",
        )
        .fetch_one(&tenant.db)
        .await
        .expect("counted");
        waiting == 0
    }

    /// What was published for a tenant, in order.
    pub fn heard(&self, tenant: &TestTenant) -> Vec<Value> {
        let published = self.published.lock().unwrap();
        published.iter().filter(|m| m.tenant == tenant.id).map(|m| serde_json::from_slice(&m.body).expect("JSON")).collect()
    }

    /// Delivers a user event as the control plane publishes it.
    pub async fn tell(&self, tenant: &TestTenant, data: Value) -> Outcome {
        self.tell_for(tenant, tenant, data).await
    }

    /// The same with an envelope that names `whose`.
    pub async fn tell_for(&self, tenant: &TestTenant, whose: &TestTenant, data: Value) -> Outcome {
        let id = Uuid::now_v7();
        let body =
            serde_json::json!({ "id": id, "event": "UserUpdated", "tenant": whose.id, "timestamp": "2026-03-02T09:00:00Z", "data": data });
        let message = Message {
            id,
            exchange: "auth_exchange".into(),
            routing_key: "auth.user.updated".into(),
            tenant: tenant.id,
            occurred_at: "2026-03-02T09:00:00Z".into(),
            body: body.to_string().into_bytes(),
        };
        people::follow(&self.app, message).await
    }
}

fn listens(topic: &str) -> bool {
    notifications::QUEUE.topics.contains(&topic)
}

async fn tenant(slug: &'static str, control: &PgPool, sealer: &Sealer, router: &Router, tokens: &Tokens, clock: &Clock) -> TestTenant {
    let options = testing::database("tenant", &TENANT).await;
    let id = Uuid::now_v7();
    register(slug, id, &options, control, sealer).await;
    let db = testing::pool(&options).await;
    sqlx::query("insert into tenant_marker (id, slug) values ($1, $2)").bind(id).bind(slug).execute(&db).await.expect("marked");
    sqlx::query("insert into settings (organisation) values ($1)").bind(slug).execute(&db).await.expect("set");
    TestTenant { id, slug, db, router: router.clone(), tokens: tokens.clone(), clock: clock.clone(), control: control.clone() }
}

async fn register(slug: &str, id: Uuid, options: &PgConnectOptions, control: &PgPool, sealer: &Sealer) {
    sqlx::query(
        "insert into clusters (name, sealed_admin_url, key_id, host, port, created_at, updated_at)
         values ('local', '', 'k1', $1, $2, now(), now()) on conflict do nothing",
    )
    .bind(options.get_host())
    .bind(i32::from(options.get_port()))
    .execute(control)
    .await
    .expect("a cluster");
    let password = sealer.seal(password().as_bytes(), &format!("tenant:{id}:db")).expect("sealed");
    sqlx::query(
        "insert into tenants (id, slug, lookalike, organisation, locale, status, cluster_id, database_name, role_name, sealed_password, key_id, created_at, updated_at)
         values ($1, $2, $2, $2, 'en', 'active', (select id from clusters), $3, $4, $5, 'k1', now(), now())",
    )
    .bind(id)
    .bind(slug)
    .bind(options.get_database())
    .bind(options.get_username())
    .bind(password)
    .execute(control)
    .await
    .expect("a tenant");
}

/// The test server's superuser stands in for the tenant's role, whose rights are the control
/// plane's to prove.
fn password() -> String {
    let url = std::env::var("TEST_DATABASE_ADMIN_URL").expect("TEST_DATABASE_ADMIN_URL: run the tests with scripts/test");
    let authority = url.split("://").nth(1).and_then(|rest| rest.split('@').next()).unwrap_or_default();
    authority.split_once(':').map(|(_, password)| password.to_owned()).unwrap_or_default()
}

impl TestTenant {
    pub async fn customer(&self, name: &str) -> Caller {
        self.person(name, Role::Customer).await
    }

    pub async fn agent(&self, name: &str) -> Caller {
        self.person(name, Role::Agent).await
    }

    pub async fn manager(&self, name: &str) -> Caller {
        self.person(name, Role::Manager).await
    }

    /// Somebody of that role, known in the control plane only: the app plane fetches them itself.
    pub async fn person(&self, name: &str, role: Role) -> Caller {
        let email = format!("{name}@{}.test", self.slug);
        let id: i64 = sqlx::query_scalar(
            "insert into users (email, firstname, lastname, locale, password_hash, created_at, updated_at)
             values ($1, $2, 'Test', 'en', 'none', now(), now()) returning id",
        )
        .bind(email)
        .bind(name)
        .fetch_one(&self.control)
        .await
        .expect("a user");
        sqlx::query("insert into memberships (tenant_id, user_id, role, status, created_at, updated_at) values ($1, $2, $3, 'active', now(), now())")
            .bind(self.id)
            .bind(id)
            .bind(role.as_str())
            .execute(&self.control)
            .await
            .expect("a membership");
        let caller = self.caller(id, role);
        caller.get("/api/v1/tickets?limit=1").await.expect(200);
        caller
    }

    /// A token for anybody, member or not.
    pub fn caller(&self, id: i64, role: Role) -> Caller {
        let grant = Grant { user_id: id, tenant: self.id, role: role.as_str().into(), session: Uuid::now_v7(), amr: vec!["pwd".into()] };
        let (tokens, clock) = (self.tokens.clone(), self.clock.clone());
        Caller { id, grant, tokens, clock, kept: None, slug: self.slug, router: self.router.clone() }
    }

    /// One number from this tenant's database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db).await.expect(sql)
    }
}
