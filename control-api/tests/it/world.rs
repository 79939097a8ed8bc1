//! A small world: two organisations, Acme and Globex, their people, their mails, and time.

mod answer;
mod keys;
mod parts;
mod trails;

use std::{
    future::{Future, IntoFuture},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderName, Method, Request},
};
use chrono::{DateTime, TimeDelta};
use control_api::{
    App,
    app::{Keys, Outside, Parts, Rules},
    attempts::Attempts,
    backups::Tools,
    billing::Payments,
    figures::Figures,
    links,
    router::{MIGRATIONS, router},
    sso::{Providers, Reach},
};
use serde_json::{Value, json};
use shared::{
    audit::Failures,
    auth::{jwt::Tokens, password::Passwords},
    broker::{Broker, Message},
    cache::Cache,
    changes::Changes,
    clock::Clock,
    config::{AppEnv, PartsConfig, SiteConfig},
    db::{self, Db},
    http::{Edge, HttpMetrics, rate_limit::Limits},
    mail::{Letter, Mailer, deliver_due},
    outbox,
    page::Cursors,
    seal::Keyring,
    storage::Storage,
    tenancy::{Allowance, Tenants, Via},
    testing,
};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;
use uuid::Uuid;

pub use answer::{Answer, served};
use parts::nowhere;
pub use parts::url_of;

/// Everybody's password: long, unguessable, the same.
pub const PASSWORD: &str = "plover-kite-anvil-42";
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// Where nginx says a client's country.
const COUNTRY: HeaderName = HeaderName::from_static("x-country");
/// Where every request comes from; `X-Forwarded-For` says for whom.
const NGINX: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50_000);
const ALLOWANCE: Allowance = Allowance { tenant: 3, most: 3, instance: 10, via: Via::Direct };
pub const SEALING: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub struct World {
    pub app: App,
    router: Router,
    letters: Arc<Mutex<Vec<Letter>>>,
    messages: Arc<Mutex<Vec<Message>>>,
    written: watch::Receiver<u64>,
    _stop: DropGuard,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: i64,
    pub email: String,
    pub slug: String,
    pub access: String,
    pub refresh: String,
}

fn site(scheme: &str) -> SiteConfig {
    SiteConfig {
        app_env: AppEnv::Local,
        base_domain: "localhost".into(),
        public_scheme: scheme.into(),
        public_port: Some(8080),
        enable_swagger: false,
        cors_origins: vec![],
        trusted_proxies: vec![],
        country_header: None,
    }
}

impl World {
    /// An empty platform.
    pub async fn empty() -> Self {
        Self::at("http").await
    }

    /// An empty platform, reached by this scheme.
    pub async fn at(scheme: &str) -> Self {
        Self::on(scheme, &nowhere(), Payments::None).await
    }

    /// An empty platform whose tenants pay by this.
    pub async fn paying(payments: Payments) -> Self {
        Self::on("http", &nowhere(), payments).await
    }

    async fn on(scheme: &str, parts: &PartsConfig, payments: Payments) -> Self {
        shared::start_tls();
        let options = testing::database("control", &MIGRATIONS).await;
        let tools = Tools::new(None, url_of(options.get_database().expect("a name"))).beside(Some(parts::beside(parts)));
        let (told, news) = watch::channel(0);
        let hint = Arc::new(move || told.send_modify(|n: &mut u64| *n += 1));
        let db = Db::new(db::options(options, "test"), 20, &db::budget(20), hint);
        let (letters, messages) = (Arc::default(), Arc::default());
        let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).expect("a time"));
        let (ring, cache) = (Keyring::one("k1", &SEALING.into()).expect("a key"), Cache::none().expect("none"));
        let tenants = Tenants::new(db.pool().clone(), cache, ring, Changes::new().0, clock.clone(), ALLOWANCE);
        let (failures, refused) = Failures::new(clock.clone()).expect("figures");
        let written = refused.written();
        let app = App::of(Parts {
            site: site(scheme),
            db,
            clock,
            keys: Keys {
                tokens: Tokens::new("k1", &SECRET.into(), None),
                ring: Keyring::one("k1", &SEALING.into()).expect("a key"),
                records: control_api::deletion::signer(&Keyring::one("k1", &SEALING.into()).expect("a key")),
                cursors: Cursors::new(&SECRET.into()),
            },
            passwords: Passwords::new(4).expect("argon2 works"),
            attempts: Attempts::new(&SECRET.into()),
            outside: Outside {
                cache: Cache::new(&parts.redis_url, &parts.redis_prefix).expect("a URL"),
                broker: Broker::Memory(Arc::clone(&messages)),
                mailer: Mailer::Memory(Arc::clone(&letters)),
                storage: Storage::new(parts),
                tools,
                tenants,
                providers: Providers::new(Reach::Trial).expect("an HTTP client"),
                payments,
            },
            rules: Rules {
                no_rate_limit: false,
                require_admin_2fa: true,
                warm_databases: 2,
                nightly_backups: true,
                tax_rate: 2000,
                pitr_window: TimeDelta::days(7),
                longest_step: Duration::from_secs(6 * 3600),
            },
            figures: Figures::new().expect("figures"),
            failures: failures.clone(),
            news,
        });
        let metrics = HttpMetrics::register(&prometheus::Registry::new()).expect("figures");
        let edge = Edge { country: Some(COUNTRY), ..Edge::plain(metrics, Arc::new([NGINX.ip()]), failures, Limits::off()) };
        let (router, stop) = (router(app.clone(), edge), CancellationToken::new());
        tokio::spawn(control_api::audit::write_failures(app.clone(), refused, stop.clone()));
        Self { app, router, letters, messages, written, _stop: stop.drop_guard() }
    }

    /// The same world, where requests are counted, by the real Redis, however long that takes.
    pub fn counting(self) -> Self {
        let redis = std::env::var("REDIS_URL").expect("REDIS_URL: run the tests with scripts/test").into();
        let cache = Cache::new(&redis, &Uuid::now_v7().to_string()).expect("a URL").patient();
        let limits = Limits::new(control_api::limits::TABLE, self.app.keys.tokens.clone(), self.app.clock.clone(), cache);
        let metrics = HttpMetrics::register(&prometheus::Registry::new()).expect("figures");
        let failures = self.app.failures.clone();
        let edge = Edge::plain(metrics, Arc::new([NGINX.ip()]), failures, limits);
        Self { router: router(self.app.clone(), edge), ..self }
    }

    /// Acme and Globex, each with an admin who has proved their address.
    pub async fn start() -> (Self, Person, Person) {
        let world = Self::empty().await;
        let acme = world.organisation("acme").await;
        let globex = world.organisation("globex").await;
        (world, acme, globex)
    }

    /// An organisation that can be used, with its admin. Its database is not made: `provisioning`
    /// tests that, and nothing else needs it.
    pub async fn organisation(&self, slug: &str) -> Person {
        let email = format!("admin@{slug}.example");
        let first = self.sign_up(slug, &email).await;
        // A busy machine may give up a sign-up while it waits for a turn to hash the password.
        if first.status == 503 {
            let again = served(|| self.post("/api/v1/tenants").json(sign_up_form(slug, &email))).await;
            assert!([202, 409].contains(&again.status), "{}", again.body);
        } else {
            first.expect(202);
        }
        self.open_doors(slug).await;
        self.verify(&email).await;
        self.log_in(slug, &email).await
    }

    pub async fn sign_up(&self, slug: &str, email: &str) -> Answer {
        self.post("/api/v1/tenants").json(sign_up_form(slug, email)).await
    }

    /// Says of a tenant that its database is there.
    pub async fn open_doors(&self, slug: &str) {
        let sql = "with c as (
            insert into clusters (name, sealed_admin_url, key_id, host, port, created_at, updated_at)
            values ('nowhere', 'x', 'k1', '127.0.0.1', 1, now(), now())
            on conflict (name) do update set updated_at = now()
            returning id
        )
        update tenants set status = 'active', cluster_id = c.id, database_name = slug, role_name = slug, sealed_password = 'x', key_id = 'k1',
            settings_applied = 1
        from c where slug = $1";
        sqlx::query(sql).bind(slug).execute(self.app.db.pool()).await.expect("opened");
        self.sql("delete from provisionings where tenant_id in (select id from tenants where status = 'active')").await;
    }

    pub async fn sql(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(self.app.db.pool()).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.app.db.pool()).await.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// Somebody of the staff, invited and come.
    pub async fn member(&self, admin: &Person, name: &str, role: &str) -> Person {
        let email = format!("{name}@{}.example", admin.slug);
        self.post("/api/v1/invitations").by(admin).json(json!({ "email": email, "role": role })).await.expect(201);
        let token = self.token_for(&email).await;
        let body = json!({ "token": token, "password": PASSWORD, "firstname": name, "lastname": "Lopez" });
        let answer = self.post("/api/v1/auth/invitations/accept").at(&admin.slug).json(body).await.expect(200);
        self.settle(&admin.slug, answer).await
    }

    /// A customer, registered and proved.
    pub async fn customer(&self, slug: &str, name: &str) -> Person {
        self.customer_of(slug, &format!("{name}@{slug}.example")).await
    }

    pub async fn customer_of(&self, slug: &str, email: &str) -> Person {
        self.register(slug, email).await.expect(202);
        self.verify(email).await;
        self.log_in(slug, email).await
    }

    pub async fn register(&self, slug: &str, email: &str) -> Answer {
        self.post("/api/v1/auth/register").at(slug).json(register_form(email, PASSWORD)).await
    }

    pub async fn try_log_in(&self, slug: &str, email: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login").at(slug).json(json!({ "email": email, "password": password })).await
    }

    /// Signs in, with the second factor where it is asked for.
    pub async fn log_in(&self, slug: &str, email: &str) -> Person {
        let answer = self.try_log_in(slug, email, PASSWORD).await.expect(200);
        self.settle(slug, answer).await
    }

    /// All mails to the address so far, the oldest first.
    pub async fn mails(&self, email: &str) -> Vec<Letter> {
        links::answer_due(&self.app).await.expect("answered");
        deliver_due(&self.app.db, &self.app.outside.mailer, &self.app.clock).await.expect("delivered");
        let letters = self.letters.lock().expect("letters");
        letters.iter().filter(|l| l.to_address == email).cloned().collect()
    }

    /// All events that the broker has got so far, as their envelopes.
    pub async fn events(&self) -> Vec<Value> {
        outbox::relay(&self.app.db, None, Uuid::nil(), &self.app.outside.broker, &self.app.clock).await.expect("relayed");
        let messages = self.messages.lock().expect("messages");
        messages.iter().map(|m| serde_json::from_slice(&m.body).expect("an envelope")).collect()
    }

    /// The newest event of that name.
    pub async fn last_event(&self, name: &str) -> Value {
        let events = self.events().await;
        events.into_iter().rfind(|e| e["event"] == name).unwrap_or_else(|| panic!("no {name}"))
    }

    pub async fn count_of(&self, sql: &'static str, of: &str) -> i64 {
        sqlx::query_scalar(sql).bind(of).fetch_one(self.app.db.pool()).await.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    pub fn travel(&self, by: TimeDelta) {
        self.app.clock.advance(by);
    }

    pub fn ask<'a>(&'a self, method: Method, path: &'a str) -> Ask<'a> {
        Ask { world: self, method, path, headers: vec![], body: None }
    }

    pub fn get<'a>(&'a self, path: &'a str) -> Ask<'a> {
        self.ask(Method::GET, path)
    }

    pub fn post<'a>(&'a self, path: &'a str) -> Ask<'a> {
        self.ask(Method::POST, path)
    }

    pub fn put<'a>(&'a self, path: &'a str) -> Ask<'a> {
        self.ask(Method::PUT, path)
    }

    pub fn patch<'a>(&'a self, path: &'a str) -> Ask<'a> {
        self.ask(Method::PATCH, path)
    }

    pub fn delete<'a>(&'a self, path: &'a str) -> Ask<'a> {
        self.ask(Method::DELETE, path)
    }
}

pub fn sign_up_form(slug: &str, email: &str) -> Value {
    json!({ "organisation": "Organisation", "slug": slug, "email": email, "password": PASSWORD, "firstname": "Ada", "lastname": "Byron" })
}

pub fn register_form(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password, "firstname": "Chloé", "lastname": "Bernard" })
}

/// A request; awaiting it sends it.
pub struct Ask<'a> {
    world: &'a World,
    method: Method,
    path: &'a str,
    headers: Vec<(&'a str, String)>,
    body: Option<Vec<u8>>,
}

impl<'a> Ask<'a> {
    /// At this organisation's host.
    pub fn at(self, slug: &str) -> Self {
        self.with("host", format!("{slug}.localhost:8080"))
    }

    /// By this person, at their own organisation's host.
    pub fn by(self, person: &Person) -> Self {
        self.at(&person.slug).bearing(&person.access)
    }

    pub fn bearing(self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }

    pub fn with(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn json(self, body: Value) -> Self {
        self.raw(body.to_string().into_bytes()).with("content-type", "application/json")
    }

    pub fn raw(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }
}

impl<'a> IntoFuture for Ask<'a> {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = format!("{} {}", self.method, self.path);
            let mut request = Request::builder().method(self.method).uri(self.path);
            request = request.extension(ConnectInfo(NGINX));
            for (name, value) in &self.headers {
                request = request.header(*name, value);
            }
            let request = request.body(Body::from(self.body.unwrap_or_default())).expect("a request");
            let response = self.world.router.clone().oneshot(request).await.expect("an answer");
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, 1 << 24).await.expect("a body");
            let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Answer { what, status: parts.status.as_u16(), headers: parts.headers, body, text }
        })
    }
}
