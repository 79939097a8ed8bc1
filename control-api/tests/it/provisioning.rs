//! How a tenant gets its database, on a real server.

mod aged;
mod servers;
mod settings;

use std::time::Duration;

use chrono::TimeDelta;
use control_api::{
    clusters::{self, NewCluster},
    provisioning::{self, ATTEMPTS, Job, Step, claim, perform, settle, walk_all},
};
use secrecy::ExposeSecret;
use shared::{act::Author, testing};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

pub use aged::aged;
pub use servers::{second_server, server};

use crate::{sign_up::futures_join, world::World};

/// A platform with one real cluster.
pub async fn world() -> World {
    with_cluster(World::empty().await).await
}

/// The same, standing on the stack's own Redis and file store.
pub async fn real() -> World {
    with_cluster(World::real().await).await
}

/// That platform, with one real cluster.
pub async fn with_cluster(world: World) -> World {
    clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, &server()).await.expect("a cluster");
    world
}

pub async fn status(world: &World, slug: &str) -> String {
    let answer = world.get(&format!("/api/v1/tenants/{slug}/status")).await.expect(200);
    answer.body["status"].as_str().expect("a status").to_owned()
}

pub struct Place {
    pub options: PgConnectOptions,
    pub database: String,
}

/// Where the app plane would find the tenant, with the credentials that it would open.
pub async fn place(world: &World, slug: &str) -> Place {
    let (id, host, port, database, role, sealed): (Uuid, String, i32, String, String, Vec<u8>) =
        sqlx::query_as("select id, host, port, database, role, sealed_password from app_tenants where slug = $1")
            .bind(slug)
            .fetch_one(world.app.db.pool())
            .await
            .expect("a served tenant");
    let password = world.opened(Some(id), &sealed, &format!("tenant:{id}:db")).await;
    let options = PgConnectOptions::new_without_pgpass()
        .host(&host)
        .port(port as u16)
        .database(&database)
        .username(&role)
        .password(std::str::from_utf8(&password).expect("text"));
    Place { options, database }
}

pub async fn inside(world: &World, slug: &str) -> PgConnection {
    place(world, slug).await.options.connect().await.expect("the tenant's role may enter its database")
}

/// Databases and roles of all tenants.
pub async fn places(world: &World) -> Vec<(String, String)> {
    let places = sqlx::query_as("select database_name, role_name from tenants where database_name is not null");
    places.fetch_all(world.app.db.pool()).await.expect("places")
}

/// Walks a new tenant's job until it stands at a step.
pub async fn walk_to(world: &World, holder: Uuid, step: Step) -> Job {
    let mut job = claim(&world.app, holder).await.expect("asked").expect("a job");
    while job.step != step {
        perform(&world.app, &job).await.expect("done");
        job = settle(&world.app, &job).await.expect("noted").expect("ours");
    }
    job
}

/// Takes away what the test made.
pub async fn clean(world: &World) {
    let made = "select c.port, m.database_name, m.role_name
        from (
            select cluster_id, database_name, role_name from tenants where database_name is not null
            union all
            select cluster_id, name, name from spares
        ) m
        join clusters c on c.id = m.cluster_id";
    let made: Vec<(i32, String, String)> = sqlx::query_as(made).fetch_all(world.app.db.pool()).await.expect("places");
    for (port, database, role) in made {
        // Nobody less may end the connections that the world still has to tenants' databases.
        let mut admin = superuser(port).await;
        for sql in [format!("drop database if exists {database} with (force)"), format!("drop role if exists {role}")] {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.expect("dropped");
        }
    }
}

/// The superuser of whichever test server listens there: both have one password.
pub async fn superuser(port: i32) -> PgConnection {
    testing::admin_options().port(port as u16).connect().await.expect("the server")
}

#[tokio::test]
async fn killed_at_any_step_it_is_finished_by_whoever_looks_next() {
    let world = world().await;
    let steps = [Step::Place, Step::Role, Step::Database, Step::Grants, Step::Seed, Step::Activate];
    for (n, killed_at) in steps.into_iter().enumerate() {
        let slug = format!("acme-{n}");
        world.sign_up(&slug, &format!("ada@{slug}.example")).await.expect(202);
        let (dead, living) = (Uuid::now_v7(), Uuid::now_v7());
        let job = walk_to(&world, dead, killed_at).await;
        // The step is done, its note is not written: the process dies here.
        perform(&world.app, &job).await.expect("done");
        assert!(claim(&world.app, living).await.expect("asked").is_none(), "a living lease is respected");
        world.travel(TimeDelta::seconds(16));
        walk_all(&world.app, living).await.expect("walked");
        assert_eq!(status(&world, &slug).await, "active", "killed at {killed_at:?}");
        assert!(settle(&world.app, &job).await.expect("asked").is_none(), "the dead one's note comes too late");
        let mut inside = inside(&world, &slug).await;
        let people: Vec<(String, String)> = sqlx::query_as("select email, role from users").fetch_all(&mut inside).await.expect("people");
        assert_eq!(people, [(format!("ada@{slug}.example"), "admin".to_owned())]);
        inside.close().await.expect("left");
    }
    clean(&world).await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a list of what is tried")]
async fn the_tenants_role_may_work_in_its_own_database_and_nowhere_else() {
    let world = world().await;
    for slug in ["acme", "globex"] {
        world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
    }
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    let other = place(&world, "globex").await.database;
    let mut acme = inside(&world, "acme").await;
    for (sql, allowed) in [
        ("select id, slug from tenant_marker", true),
        ("select organisation, locale, waiting_close_days, resolved_close_hours from settings", true),
        (
            "insert into mails (id, message_id, template, to_address, to_name, subject, body_text, body_html, next_at, created_at) values (gen_random_uuid(), '', '', '', '', '', '', '', now(), now())",
            true,
        ),
        ("delete from mails", true),
        ("insert into audit_logs (at, actor, action, resource, changes) values (now(), '{}', 'x', 'x', '{}')", true),
        ("update audit_logs set action = 'y'", false),
        ("delete from audit_logs", false),
        ("truncate audit_logs", false),
        ("select count(*) from audit_logs", true),
        ("update audit_seals set row_count = 0", false),
        ("delete from audit_seals", false),
        ("select * from audit.logs_past", false),
        ("update audit.retention set months = 12", false),
        ("select audit.add('mine', '2001-01-01', '2001-02-01')", false),
        ("alter table audit_logs disable trigger append_only", false),
        ("drop trigger append_only on audit_logs", false),
        ("alter table audit_logs detach partition audit.logs_past", false),
        ("select setval('audit_logs_ids', 1)", false),
        ("select audit_make_months()", true),
        ("select audit_drop_expired()", true),
        ("update tenant_marker set slug = 'globex'", false),
        ("insert into tenant_marker (id, slug) values (gen_random_uuid(), 'x')", false),
        ("delete from _sqlx_migrations", false),
        ("create table mine (id int)", false),
        ("create schema mine", false),
        ("create temporary table mine (id int)", false),
        ("alter table users add column x int", false),
        ("drop table users", false),
        ("create database mine", false),
        ("create role mine", false),
        ("alter role provisioner password 'x'", false),
        ("set role provisioner", false),
        ("select passwd from pg_shadow", false),
        ("select rolpassword from pg_authid", false),
        ("select pg_read_file('/etc/passwd')", false),
        ("select pg_ls_dir('.')", false),
        ("select lo_import('/etc/passwd')", false),
        ("copy users to '/tmp/users'", false),
        ("copy users to program 'true'", false),
        ("create extension dblink", false),
        ("create extension postgres_fdw", false),
        ("create language plpython3u", false),
        ("alter system set log_statement = 'none'", false),
        ("set log_statement = 'none'", false),
    ] {
        let done = sqlx::raw_sql(sql).execute(&mut acme).await;
        assert_eq!(done.is_ok(), allowed, "{sql}: {done:?}");
    }
    acme.close().await.expect("left");
    for database in [&other, "postgres", "template0", "template1"] {
        let there = place(&world, "acme").await.options.database(database).connect().await;
        let refused = there.expect_err("closed").to_string();
        assert!(refused.contains("permission denied") || refused.contains("not currently accepting"), "{database}: {refused}");
    }
    // This test's own control database was made without any care: it is found.
    let open = clusters::open_to_everybody(&server()).await.expect("asked");
    let control: String = sqlx::query_scalar("select current_database()").fetch_one(world.app.db.pool()).await.expect("a name");
    assert!(open.contains(&control) && !open.contains(&other) && !open.contains(&"template1".to_owned()), "{open:?}");
    clean(&world).await;
}

#[tokio::test]
async fn at_no_step_may_another_tenant_enter_a_new_database() {
    let world = world().await;
    for slug in ["acme", "globex"] {
        world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
        if slug == "acme" {
            walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
        }
    }
    let acme = place(&world, "acme").await.options;
    let mut job = walk_to(&world, Uuid::now_v7(), Step::Database).await;
    let (mine, new) = (place(&world, "acme").await.database, places(&world).await);
    let new = &new.iter().find(|(database, _)| *database != mine).expect("globex's").0;
    while job.step != Step::Activate {
        perform(&world.app, &job).await.expect("done");
        let there = acme.clone().database(new).connect().await;
        assert!(there.is_err_and(|e| e.to_string().contains("permission denied")), "after {:?}", job.step);
        job = settle(&world.app, &job).await.expect("noted").expect("ours");
    }
    clean(&world).await;
}

#[tokio::test]
async fn many_walkers_make_each_database_once() {
    let world = world().await;
    for n in 0..4 {
        world.sign_up(&format!("acme-{n}"), &format!("ada@acme{n}.example")).await.expect(202);
    }
    let walks = (0..3).map(|_| walk_all(&world.app, Uuid::now_v7()));
    let walked = tokio::time::timeout(Duration::from_secs(120), futures_join(walks)).await.expect("in time");
    assert!(walked.iter().all(Result::is_ok));
    for n in 0..4 {
        assert_eq!(status(&world, &format!("acme-{n}")).await, "active");
    }
    let events = world.events().await;
    assert_eq!(events.iter().filter(|e| e["event"] == "TenantProvisioned").count(), 4);
    assert_eq!(events.iter().filter(|e| e["event"] == "UserCreated").count(), 4);
    clean(&world).await;
}

#[tokio::test]
async fn what_cannot_be_done_is_taken_back_and_can_be_tried_again() {
    let world = world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let holder = Uuid::now_v7();
    // The database is there already when the cluster goes away.
    walk_to(&world, holder, Step::Grants).await;
    let database = world.app.db.pool();
    let name = places(&world).await.remove(0).0;
    let url = |text: &str| world.app.keys.ring.seal(text.as_bytes(), "cluster:local:admin").expect("sealed");
    let set = async |sealed: Vec<u8>| {
        sqlx::query("update clusters set sealed_admin_url = $1").bind(sealed).execute(database).await.expect("changed");
    };
    set(url("postgres://nobody:x@127.0.0.1:1/postgres")).await;
    world.travel(TimeDelta::seconds(16));
    for _ in 0..ATTEMPTS {
        walk_all(&world.app, holder).await.expect("walked");
        assert_eq!(status(&world, "acme").await, "provisioning");
        world.travel(TimeDelta::minutes(3));
    }
    assert_eq!(world.count("select count(*) from provisionings where step = 'undo'").await, 1);
    set(url(server().admin_url.expose_secret())).await;
    walk_all(&world.app, holder).await.expect("walked");
    assert_eq!(status(&world, "acme").await, "failed");
    assert_eq!(world.last_event("TenantFailed").await["data"]["slug"], "acme");
    let mut admin = server().options().expect("a URL").connect().await.expect("the server");
    for sql in ["select count(*) from pg_database where datname = $1", "select count(*) from pg_roles where rolname = $1"] {
        let left: i64 = sqlx::query_scalar(sql).bind(&name).fetch_one(&mut admin).await.expect("counted");
        assert_eq!(left, 0, "{sql}");
    }
    let tenant: Uuid = sqlx::query_scalar("select id from tenants").fetch_one(database).await.expect("an id");
    retry(&world, tenant).await.expect("begun again");
    assert!(retry(&world, tenant).await.is_err(), "only once");
    walk_all(&world.app, holder).await.expect("walked");
    assert_eq!(status(&world, "acme").await, "active");
    world.log_in("acme", "ada@acme.example").await;
    clean(&world).await;
}

async fn retry(world: &World, tenant: Uuid) -> shared::Result<()> {
    world.app.db.act(Author::system("command line"), &world.app.clock, async |act| provisioning::retry(act, tenant).await).await
}

#[tokio::test]
async fn a_compensation_that_comes_late_takes_nothing_of_a_later_try() {
    let world = world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let (frozen, living) = (Uuid::now_v7(), Uuid::now_v7());
    let tenant = walk_to(&world, frozen, Step::Grants).await.tenant;
    let first = places(&world).await;
    world.sql("update provisionings set step = 'undo', leased_until = null").await;
    let undo = claim(&world.app, frozen).await.expect("asked").expect("a job");
    // Its process freezes. Others take back, try again and succeed.
    world.travel(TimeDelta::seconds(16));
    walk_all(&world.app, living).await.expect("walked");
    assert_eq!(status(&world, "acme").await, "failed");
    retry(&world, tenant).await.expect("begun again");
    walk_all(&world.app, living).await.expect("walked");
    let second = places(&world).await;
    assert!(first[0].0 != second[0].0 && first[0].1 != second[0].1, "each try has names of its own: {first:?}");
    perform(&world.app, &undo).await.expect("nothing to be done");
    assert!(settle(&world.app, &undo).await.expect("asked").is_none());
    assert_eq!(status(&world, "acme").await, "active");
    inside(&world, "acme").await.close().await.expect("left");
    clean(&world).await;
}

#[tokio::test]
async fn a_database_in_which_somebody_has_worked_is_not_taken_back() {
    let world = world().await;
    for (slug, work) in [
        (
            "acme",
            "insert into events (id, kind, exchange, routing_key, subject, data, actor, occurred_at) values (gen_random_uuid(), '', '', '', '', '{}', '{}', now())",
        ),
        ("globex", "update tenant_marker set id = gen_random_uuid()"),
    ] {
        world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
        walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
        let database = place(&world, slug).await.database;
        let mut owner = server().options().expect("a URL").database(&database).connect().await.expect("the database");
        sqlx::raw_sql(work).execute(&mut owner).await.expect(slug);
        owner.close().await.expect("left");
        world.sql("update tenants set status = 'provisioning'; update provisionings set step = 'undo', finished_at = null").await;
        let job = claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("a job");
        assert!(perform(&world.app, &job).await.is_err(), "{slug}");
        world.sql("update tenants set status = 'active'; update provisionings set step = 'done', finished_at = now()").await;
        inside(&world, slug).await.close().await.expect("it is still there");
    }
    clean(&world).await;
}

#[tokio::test]
async fn without_a_cluster_a_tenant_waits_for_one() {
    let world = World::empty().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let holder = Uuid::now_v7();
    walk_all(&world.app, holder).await.expect("walked");
    assert_eq!(status(&world, "acme").await, "provisioning");
    clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, &server()).await.expect("a cluster");
    clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, &server()).await.expect("twice is once");
    assert_eq!(clusters::list(&mut world.app.db.read().await.expect("a connection")).await.expect("listed").len(), 1);
    world.travel(TimeDelta::seconds(2));
    walk_all(&world.app, holder).await.expect("walked");
    assert_eq!(status(&world, "acme").await, "active");
    clean(&world).await;
}

#[tokio::test]
async fn the_least_loaded_cluster_gets_the_next_tenant() {
    let world = world().await;
    let second = NewCluster { name: "second".into(), pooled: Some(("127.0.0.1".into(), 6543)), ..server() };
    clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, &second).await.expect("a cluster");
    for slug in ["acme", "globex"] {
        world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
        walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    }
    assert_eq!(world.count("select count(distinct cluster_id) from tenants").await, 2);
    assert_eq!(world.count("select count(*) from app_tenants where pooled_port = 6543").await, 1);
    clean(&world).await;
}
