//! The world of a test: acme and globex, each with its own database, and people who ask.

mod caller;
mod drain;
mod instance;
mod proxy;
mod stream;
mod tenant;

use std::{
    str::FromStr,
    sync::{Arc, Mutex},
};

use app_api::{app::App, orders::Orders, tickets};
use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use shared::{
    broker::{Message, Outcome},
    clock::Clock,
    mail::Letter,
};
use sqlx::PgPool;
use uuid::Uuid;

pub use caller::{Answer, Caller};
pub use instance::{Ground, Instance};
pub use proxy::Proxy;
pub use stream::Stream;
pub use tenant::{FIRST, TestTenant};

/// Both tenants and what they stand on. Whoever drops it has delivered every event.
pub struct TestApp {
    pub app: App,
    pub router: Router,
    pub clock: Clock,
    pub control: PgPool,
    pub acme: TestTenant,
    pub globex: TestTenant,
    pub published: Arc<Mutex<Vec<Message>>>,
    pub mails: Arc<Mutex<Vec<Letter>>>,
    ground: Ground,
    pub instance: Instance,
}

/// When a test begins.
fn morning() -> Clock {
    Clock::fixed(DateTime::<Utc>::from_str("2026-03-02T09:00:00Z").expect("a time"))
}

pub fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
}

/// Nobody's Redis: everything must work without.
pub fn no_redis() -> SecretString {
    "redis://127.0.0.1:1".to_owned().into()
}

/// The real one, for what several instances tell each other.
pub fn redis() -> SecretString {
    std::env::var("REDIS_URL").expect("REDIS_URL: run the tests with scripts/test").into()
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_beside(Orders::none().expect("figures")).await
    }

    /// The same beside an orders service.
    pub async fn start_beside(orders: Orders) -> Self {
        Self::start_on(Ground::new(morning(), orders).await).await
    }

    /// The same, which waits no longer than a moment for whoever takes tickets away and does not read on.
    pub async fn start_impatient() -> Self {
        Self::start_on(Ground::new(morning(), Orders::none().expect("figures")).await.impatient()).await
    }

    /// The same with the real store for files, and the real scanner.
    pub async fn start_storing() -> Self {
        let app = Self::start_on(Ground::new(morning(), Orders::none().expect("figures")).await.storing()).await;
        app.app.outside.storage.prepare().await.expect("a bucket");
        app
    }

    async fn start_on(ground: Ground) -> Self {
        let instance = ground.instance(&no_redis());
        let (acme, globex) = (ground.tenant("acme", &instance).await, ground.tenant("globex", &instance).await);
        Self {
            app: instance.app.clone(),
            router: instance.router.clone(),
            clock: ground.clock.clone(),
            control: ground.control.clone(),
            acme,
            globex,
            published: ground.published.clone(),
            mails: ground.mails.clone(),
            ground,
            instance,
        }
    }

    /// One more process on the same databases.
    pub fn another(&self, redis: &SecretString) -> Instance {
        self.ground.instance(redis)
    }

    /// One more process, which does not reach the store, and looks at no file.
    pub fn without_a_store(&self) -> Instance {
        self.ground.without_a_store().instance(&no_redis())
    }

    /// One more process, whose line to the control database may be cut.
    pub async fn another_behind(&self, line: &Proxy) -> Instance {
        let options: sqlx::postgres::PgConnectOptions = line.url.expose_secret().parse().expect("a URL");
        let options = options.database(self.control.connect_options().get_database().expect("a database"));
        self.ground.instance_on(&no_redis(), shared::db::lazy_pool(options, 4))
    }

    /// Ends the session that somebody's token belongs to, as the control plane does.
    pub async fn ends(&self, caller: &Caller) {
        let mut db = self.control.acquire().await.expect("a connection");
        caller.ends(&mut db).await;
    }

    /// Somebody is something else in their tenant from now on, and no event tells of it.
    pub async fn makes(&self, caller: &Caller, role: &str, status: &str) {
        let sql = "update memberships set role = $2, status = $3, version = version + 1 where user_id = $1";
        sqlx::query(sql).bind(caller.id).bind(role).bind(status).execute(&self.control).await.expect("changed");
    }

    /// Moves the clock.
    pub fn travel(&self, by: TimeDelta) {
        self.clock.advance(by);
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
        tickets::follow_people(&self.app, message).await
    }
}
