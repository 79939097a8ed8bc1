//! One tenant: its database, and the people who come to it.

use axum::Router;
use shared::{
    auth::{
        api_key::NewKey,
        jwt::{Grant, Pass, Tokens},
    },
    clock::Clock,
    seal::{FieldsKey, Keyring, Wrapped},
    session::Role,
    testing,
};
use sqlx::{PgConnection, PgPool, migrate::Migrator, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{Caller, Ground, Instance};

static TENANT: Migrator = sqlx::migrate!("../migrations/tenant");

/// The first ticket of the events that tests write themselves: no real one has such an id.
pub const FIRST: i64 = 1_000_000;

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

impl Ground {
    pub async fn tenant(&self, slug: &'static str, instance: &Instance) -> TestTenant {
        let id = Uuid::now_v7();
        let (options, db) = database(id, slug).await;
        register(slug, id, &options, &self.control, &self.ring).await;
        let (router, tokens, clock) = (instance.router.clone(), self.tokens.clone(), self.clock.clone());
        TestTenant { id, slug, db, router, tokens, clock, control: self.control.clone() }
    }
}

/// A new database of that tenant, empty but for what provisioning writes.
async fn database(id: Uuid, slug: &str) -> (PgConnectOptions, PgPool) {
    let options = testing::database("tenant", &TENANT).await;
    let db = furnish(id, slug, &options).await;
    (options, db)
}

/// What provisioning writes.
async fn furnish(id: Uuid, slug: &str, options: &PgConnectOptions) -> PgPool {
    let db = testing::pool(options).await;
    sqlx::query("insert into tenant_marker (id, slug) values ($1, $2)").bind(id).bind(slug).execute(&db).await.expect("marked");
    sqlx::query("insert into settings (organisation) values ($1)").bind(slug).execute(&db).await.expect("set");
    db
}

async fn register(slug: &str, id: Uuid, options: &PgConnectOptions, control: &PgPool, ring: &Keyring) {
    sqlx::query(
        "insert into clusters (name, sealed_admin_url, key_id, host, port, created_at, updated_at)
         values ('local', '', 'k1', $1, $2, now(), now()) on conflict do nothing",
    )
    .bind(options.get_host())
    .bind(i32::from(options.get_port()))
    .execute(control)
    .await
    .expect("a cluster");
    let (owner, key) = (format!("tenant:{id}:db"), Wrapped::generate(ring, Some(id), 1).expect("a data key"));
    // One has a data key, the others' passwords are from before there were any.
    let (password, key_id) = match slug {
        "acme" => (key.unwrap(ring, Some(id)).and_then(|key| key.seal(password().as_bytes(), &owner)), "data:1"),
        _ => (ring.seal(password().as_bytes(), &owner), "k1"),
    };
    sqlx::query(
        "insert into tenants (id, slug, lookalike, organisation, locale, status, cluster_id, database_name, role_name, sealed_password, key_id, created_at, updated_at)
         values ($1, $2, $2, $2, 'en', 'active', (select id from clusters), $3, $4, $5, $6, now(), now())",
    )
    .bind(id)
    .bind(slug)
    .bind(options.get_database())
    .bind(options.get_username())
    .bind(password.expect("sealed"))
    .bind(key_id)
    .execute(control)
    .await
    .expect("a tenant");
    sqlx::query("insert into data_keys (tenant_id, version, master_key_id, wrapped) values ($1, 1, 'k1', $2)")
        .bind(id)
        .bind(&key.bytes)
        .execute(control)
        .await
        .expect("a key");
    let of_fields = key.unwrap(ring, Some(id)).and_then(|key| key.seal(&FieldsKey::generate(), &FieldsKey::owner(id)));
    sqlx::query("insert into field_keys (tenant_id, sealed_key, key_id) values ($1, $2, 'data:1')")
        .bind(id)
        .bind(of_fields.expect("sealed"))
        .execute(control)
        .await
        .expect("a key of fields");
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

    /// An operator whom this tenant lets look for an hour, and the id of the leave.
    pub async fn guest(&self) -> (Caller, i64) {
        let admin = self.person("leave", Role::Admin).await;
        let sql = "insert into operators (email, name, password_hash, created_at) values ($1, 'Op', 'none', now()) returning id";
        let email = format!("{}@platform.test", self.slug);
        let operator: i64 = sqlx::query_scalar(sql).bind(email).fetch_one(&self.control).await.expect("an operator");
        let sql = "insert into operator_sessions (hash, operator_id, opened_at, last_used_at) values ($1, $2, now(), now())";
        sqlx::query(sql).bind(self.id.as_bytes()).bind(operator).execute(&self.control).await.expect("a session");
        let (now, ends_at) = (self.clock.now(), self.clock.now() + chrono::TimeDelta::hours(1));
        let sql = "insert into support_grants (tenant_id, granted_by, hours, reason, created_at, ends_at)
                   values ($1, $2, 1, 'look', $3, $4) returning id";
        let asked = sqlx::query_scalar(sql).bind(self.id).bind(admin.id).bind(now).bind(ends_at);
        let grant: i64 = asked.fetch_one(&self.control).await.expect("a leave");
        let token = self.tokens.issue_pass(&Pass { operator, tenant: self.id, grant, ends_at }, now).expect("a token");
        (Caller { kept: Some(token), ..admin }, grant)
    }

    pub async fn manager(&self, name: &str) -> Caller {
        self.person(name, Role::Manager).await
    }

    /// Somebody of that role, known in the control plane only: the app plane fetches them itself.
    pub async fn person(&self, name: &str, role: Role) -> Caller {
        let email = format!("{name}@{}.test", self.slug);
        let id: i64 = sqlx::query_scalar(
            "insert into users (email, firstname, lastname, locale, password_hash, email_verified_at, created_at, updated_at)
             values ($1, $2, 'Test', 'en', 'none', now(), now(), now()) returning id",
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

    /// A key of these scopes that somebody has made, as the control plane keeps it.
    pub async fn key(&self, maker: &Caller, scopes: &[&str]) -> Caller {
        let (key, scopes) = (NewKey::generate(), scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>());
        let sql =
            "insert into api_keys (tenant_id, user_id, name, prefix, hash, scopes, created_at) values ($1, $2, 'Shop', $3, $4, $5, now())";
        let made = sqlx::query(sql).bind(self.id).bind(maker.id).bind(&key.prefix).bind(&key.hash).bind(scopes);
        made.execute(&self.control).await.expect("a key");
        maker.showing(&key.text)
    }

    /// A token for anybody, member or not.
    pub fn caller(&self, id: i64, role: Role) -> Caller {
        let grant = Grant { user_id: id, tenant: self.id, role: role.as_str().into(), session: Uuid::now_v7(), amr: vec!["pwd".into()] };
        let (tokens, clock) = (self.tokens.clone(), self.clock.clone());
        Caller { id, grant, tokens, clock, kept: None, slug: self.slug, db: self.db.clone(), router: self.router.clone() }
    }

    /// The tenant's database is another one from now on; `db` stays the one before.
    pub async fn moves(&self) {
        let (options, _) = database(self.id, self.slug).await;
        self.lies_at(&options).await;
    }

    async fn lies_at(&self, options: &PgConnectOptions) {
        let moved = sqlx::query("update tenants set database_name = $2 where id = $1").bind(self.id).bind(options.get_database());
        moved.execute(&self.control).await.expect("moved");
    }

    /// Undoes nothing, but makes the database anew with the migrations up to this one, as the release
    /// before has it.
    pub async fn goes_back_to(&mut self, version: i64) {
        self.has_only(|other| other <= version).await;
    }

    /// The same with those migrations alone.
    pub async fn has_only(&mut self, has: impl Fn(i64) -> bool) {
        let before: Vec<_> = TENANT.iter().filter(|m| has(m.version)).cloned().collect();
        let options = testing::database("tenant_before", &Migrator::with_migrations(before)).await;
        self.db = furnish(self.id, self.slug, &options).await;
        self.lies_at(&options).await;
    }

    /// Runs the migrations that its database lacks.
    pub async fn catches_up(&self) {
        TENANT.run(&self.db).await.expect("migrated");
    }

    /// Writes `count` events, of the tickets from [`FIRST`] on, which are published already. Nobody
    /// else's transaction hides them any more.
    pub async fn tells_of(&self, count: i64, audience: &str) {
        self.writes(&mut self.db.acquire().await.expect("a connection"), count, audience).await;
        self.settles().await;
    }

    /// Waits until no transaction on the server hides an event.
    pub async fn settles(&self) {
        while self.count("select count(*) from events where xid >= pg_snapshot_xmin(pg_current_snapshot())").await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// The same in somebody's transaction.
    pub async fn writes(&self, db: &mut PgConnection, count: i64, audience: &str) {
        let events = "insert into events (id, kind, exchange, routing_key, subject, data, audience, actor, occurred_at, published_at)
            select gen_random_uuid(), 'TicketEdited', 'sav_exchange', 'sav.ticket.edited', 'ticket:' || n,
                jsonb_build_object('ticket_id', n, 'ticket_number', 'TKT-X'), $2::text::jsonb, '{}', now(), now()
            from generate_series($3, $3 + $1 - 1) n";
        sqlx::query(events).bind(count).bind(audience).bind(FIRST).execute(db).await.expect("written");
    }

    /// The tenant's status in the control plane.
    pub async fn becomes(&self, status: &str) {
        let changed = sqlx::query("update tenants set status = $2 where id = $1").bind(self.id).bind(status);
        changed.execute(&self.control).await.expect("changed");
    }

    /// One number from this tenant's database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db).await.expect(sql)
    }
}
