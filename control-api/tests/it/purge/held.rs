//! What a tenant has, everywhere.

use std::collections::BTreeMap;

use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    primitives::ByteStream,
};
use control_api::deletion::{OF_MEMBER, OF_TENANT};
use serde_json::json;
use shared::{storage::prefix_of, testing};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

use crate::{
    api_keys::{all, key},
    passkeys::device,
    provisioning::inside,
    sign_up::futures_join,
    world::{Person, World},
};

pub async fn id_of(world: &World, slug: &str) -> Uuid {
    sqlx::query_scalar("select id from tenants where slug = $1").bind(slug).fetch_one(world.app.db.pool()).await.expect("an id")
}

/// Something in each place: people of several kinds, more than go at once, keys, files, counts in Redis.
pub async fn fill(world: &World, admin: &Person) {
    let slug = admin.slug.as_str();
    let ana = world.member(admin, "ana", "agent").await;
    device(world, &ana, "Phone").await;
    key(world, admin, &all()).await;
    world.customer(slug, "chloe").await;
    world.register(slug, &format!("unproved@{slug}.example")).await.expect(202);
    world.post("/api/v1/invitations").by(admin).json(json!({ "email": format!("late@{slug}.example"), "role": "agent" })).await.expect(201);
    world.post("/api/v1/tenant/support-access").by(admin).json(json!({ "hours": 1, "reason": "look" })).await.expect(201);
    world.post("/api/v1/auth/password/forgot").at(slug).json(json!({ "email": ana.email })).await.expect(202);
    world.events().await;
    let id = id_of(world, slug).await;
    let crowd = "with made as (
            insert into users (email, firstname, lastname, locale, password_hash, created_at, updated_at)
            select n || '@' || $2 || '-crowd.example', 'N', 'N', 'en', 'x', now(), now() from generate_series(1, 1100) n
            returning id
        )
        insert into memberships (tenant_id, user_id, role, status, created_at, updated_at)
        select $1, id, 'customer', 'active', now(), now() from made";
    sqlx::query(crowd).bind(id).bind(slug).execute(world.app.db.pool()).await.expect("a crowd");
    put(world, &prefix_of(id), 1003).await;
    for name in ["rate:7:tickets", "rate:all"] {
        world.app.outside.cache.put(&format!("t:{{{id}}}:{name}"), "1", std::time::Duration::from_secs(600)).await;
    }
}

fn client() -> (Client, String) {
    let told = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name}: run the tests with scripts/test"));
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(told("S3_REGION")))
        .endpoint_url(told("S3_ENDPOINT"))
        .force_path_style(true)
        .credentials_provider(Credentials::new(told("S3_ACCESS_KEY"), told("S3_SECRET_KEY"), None, None, "test"))
        .build();
    (Client::from_conf(config), told("S3_BUCKET"))
}

/// Files of three bytes each.
pub async fn put(_world: &World, prefix: &str, count: usize) {
    let (client, bucket) = client();
    for some in (0..count).collect::<Vec<_>>().chunks(50) {
        let puts = some.iter().map(|n| {
            let body = ByteStream::from_static(b"abc");
            client.put_object().bucket(&bucket).key(format!("{prefix}a/{n}")).body(body).send()
        });
        assert!(futures_join(puts).await.into_iter().all(|put| put.is_ok()), "stored");
    }
}

pub async fn files(world: &World, tenant: Uuid) -> u64 {
    world.app.outside.storage.count_prefix(&prefix_of(tenant)).await.expect("counted").objects
}

pub async fn cached(world: &World, tenant: Uuid) -> usize {
    let mut found = 0;
    for name in ["rate:7:tickets", "rate:all"] {
        found += usize::from(world.app.outside.cache.get(&format!("t:{{{tenant}}}:{name}")).await.is_some());
    }
    found
}

/// Whether the server has a database or a role of that name.
pub async fn on_server(name: &str) -> bool {
    let mut admin = testing::admin_options().connect().await.expect("the server");
    let sql = "select exists (select from pg_database where datname = $1) or exists (select from pg_roles where rolname = $1)";
    let there = sqlx::query_scalar(sql).bind(name).fetch_one(&mut admin).await.expect("asked");
    admin.close().await.expect("left");
    there
}

/// Another database with the same in it.
pub async fn copy(of: &str, name: &str) {
    let mut admin = testing::admin_options().connect().await.expect("the server");
    for sql in [
        format!("drop database if exists {name}"),
        format!("create database {name} template {of}"),
        format!("alter database {name} owner to provisioner"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.expect("copied");
    }
    admin.close().await.expect("left");
}

/// How much of everything a tenant has.
#[derive(Debug, PartialEq, Eq)]
pub struct Holding {
    control: BTreeMap<&'static str, i64>,
    accounts: i64,
    database: Vec<String>,
    files: u64,
    cached: usize,
}

impl Holding {
    pub async fn of(world: &World, slug: &str) -> Self {
        let (id, pool, mut control) = (id_of(world, slug).await, world.app.db.pool(), BTreeMap::new());
        for table in OF_TENANT.iter().chain(&OF_MEMBER).chain(&["provisionings"]).copied() {
            let count = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table} where tenant_id = $1")));
            control.insert(table, count.bind(id).fetch_one(pool).await.expect("counted"));
        }
        let accounts = "select count(*) from users u join memberships m on m.user_id = u.id where m.tenant_id = $1";
        let accounts = sqlx::query_scalar(accounts).bind(id).fetch_one(pool).await.expect("counted");
        let mut inside = inside(world, slug).await;
        let database = sqlx::query_scalar("select email from users order by 1").fetch_all(&mut inside).await.expect("people");
        inside.close().await.expect("left");
        Self { control, accounts, database, files: files(world, id).await, cached: cached(world, id).await }
    }
}
