//! A tenant's database goes to another server, on two real ones.

mod between;
mod hung;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use chrono::TimeDelta;
use control_api::{
    clusters::{self, NewCluster},
    jobs::{self, Job},
    moves, provisioning,
};
use secrecy::ExposeSecret;
use serde_json::json;
use shared::{act::Author, tenancy::Slug, testing};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use crate::{
    operators::signed_in,
    provisioning::{inside, place, second_server as second, server},
    world::World,
};

/// Acme and Globex on the first of two servers.
pub async fn world() -> World {
    let world = World::empty().await;
    let add = async |cluster: &NewCluster| clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, cluster).await;
    add(&server()).await.expect("a cluster");
    for slug in ["acme", "globex"] {
        world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
    }
    provisioning::walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    add(&second()).await.expect("another cluster");
    fill(&world).await;
    world
}

/// Some of everything that the tenant's role may write.
async fn fill(world: &World) {
    let mut acme = inside(world, "acme").await;
    for sql in [
        "insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
         select 'T' || n, u.id, 'Printer', 'On fire', '<p>On fire</p>', now(), now() from users u, generate_series(1, 50) n",
        "insert into ticket_messages (ticket_id, sender_id, sender_type, message, message_html, created_at, updated_at)
         select id, user_id, 'customer', 'é', '<p>é</p>', now(), now() from support_tickets",
        "insert into events (id, kind, exchange, routing_key, subject, data, actor, occurred_at)
         select gen_random_uuid(), 'TicketCreated', 'sav_exchange', 'x', 'ticket:' || n, '{}', '{}', now() from generate_series(1, 50) n",
        "insert into audit_logs (at, actor, action, resource, changes)
         select now() - n * interval '20 days', '{}', 'x', 'x', '{}' from generate_series(0, 20) n",
        "insert into reactions (consumer, event_id) select 'mail', id from events",
    ] {
        sqlx::raw_sql(sql).execute(&mut acme).await.expect("written");
    }
    acme.close().await.expect("left");
}

pub async fn begin(world: &World, to: &str) -> shared::Result<Uuid> {
    world.app.db.act(Author::system("operator"), &world.app.clock, async |act| moves::begin(act, "acme", to).await).await
}

pub async fn work(world: &World) {
    jobs::work_all(&world.app, Uuid::now_v7()).await.expect("worked");
}

/// Goes on with the move, as its holder, until it stands at a step.
pub async fn walk_to(world: &World, step: &str) -> Job {
    let mut job = jobs::claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("a job");
    while job.step != step {
        let performed = moves::perform(&world.app, &job).await.expect("done");
        job = jobs::settle(&world.app, &job, &performed).await.expect("noted").expect("goes on at once");
    }
    job
}

async fn status(world: &World, id: Uuid) -> (String, String, Option<String>) {
    let job = jobs::by_id(&mut world.app.db.read().await.expect("the database"), id).await.expect("a job");
    (job.status, job.step, job.last_error)
}

/// A server, by its superuser.
async fn superuser(first: bool, database: Option<&str>) -> PgConnection {
    let url = |name| std::env::var(name).expect(name).parse::<PgConnectOptions>().expect("a URL");
    let options = if first { testing::admin_options() } else { url("TEST_SECOND_DATABASE_ADMIN_URL") };
    let options = match database {
        Some(database) => options.database(database),
        None => options,
    };
    options.connect().await.expect("the server")
}

async fn count(db: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(db).await.expect("a count")
}

/// What a move could leave behind in and around a database: slots, publications, subscriptions, schemas, gates.
async fn left(first: bool, database: &str) -> i64 {
    let mut inside = superuser(first, Some(database)).await;
    count(
        &mut inside,
        "select (select count(*) from pg_replication_slots where database = current_database())
            + (select count(*) from pg_publication)
            + (select count(*) from pg_subscription s join pg_database d on d.oid = s.subdbid where d.datname = current_database())
            + (select count(*) from pg_namespace where nspname in ('passage', 'moving'))
            + (select count(*) from pg_trigger where tgname = 'passage')",
    )
    .await
}

/// How many databases and roles of that name a server has.
async fn known(first: bool, name: &str) -> i64 {
    let mut server = superuser(first, None).await;
    let sql = format!(
        "select (select count(*) from pg_database where datname = '{name}') + (select count(*) from pg_roles where rolname = '{name}')"
    );
    count(&mut server, &sql).await
}

/// The journey of acme's newest move: the databases that it leaves and comes to.
async fn journey(world: &World) -> (String, String) {
    let sql = "select state #>> '{from,database}', state #>> '{to,database}' from jobs where kind = 'move' order by id desc limit 1";
    sqlx::query_as(sql).fetch_one(world.app.db.pool()).await.expect("a move")
}

/// Takes away what the test made, on both servers.
pub async fn clean(world: &World) {
    let sql = "select database_name from tenants where database_name is not null
         union select state #>> '{from,database}' from jobs where kind = 'move'
         union select state #>> '{to,database}' from jobs where kind = 'move'";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(world.app.db.pool()).await.expect("names");
    for first in [true, false] {
        let mut server = superuser(first, None).await;
        for name in &names {
            for sql in [format!("drop database if exists {name} with (force)"), format!("drop role if exists {name}")] {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut server).await.expect("dropped");
            }
        }
    }
}

/// Everything that the tenant's role reads, table by table.
async fn everything(db: &mut PgConnection) -> Vec<(String, i64, String)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.relname from pg_class c where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
            and c.relname not in ('_sqlx_migrations', 'relay_lease') order by 1",
    )
    .fetch_all(&mut *db)
    .await
    .expect("tables");
    let mut all = vec![];
    for table in tables {
        let sql = format!(
            "select count(*), coalesce(md5(string_agg(row, ',' order by row)), '') from (select (to_jsonb(t) - 'xid')::text as row from {table} t) r"
        );
        let (rows, hash): (i64, String) = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut *db).await.expect("rows");
        all.push((table, rows, hash));
    }
    all
}

#[tokio::test]
async fn a_tenant_that_moves_takes_everything_with_it_and_leaves_nothing_open() {
    let world = world().await;
    let (mut before, globex) = (inside(&world, "acme").await, place(&world, "globex").await.database);
    let (held, kept) = (everything(&mut before).await, months(true, &place(&world, "acme").await.database).await);
    let id = begin(&world, "second").await.expect("begun");
    work(&world).await;
    let (old, new) = journey(&world).await;
    let now = place(&world, "acme").await;
    assert_eq!((&now.database, now.options.get_port()), (&new, superuser_port()));
    let mut after = inside(&world, "acme").await;
    assert_eq!(everything(&mut after).await, held);
    assert_eq!(months(false, &new).await, kept);
    // Nothing hides the events from whoever reads live, and ids go on where they were.
    let hidden = count(&mut after, "select count(*) from events where xid >= pg_snapshot_xmin(pg_current_snapshot())").await;
    let ahead = count(&mut after, "select nextval('audit_logs_ids') - max(id) from audit_logs").await;
    assert_eq!((hidden, ahead), (0, 1));
    let refused = sqlx::query("delete from mails").execute(&mut before).await.expect_err("the old database takes no change");
    assert_eq!(refused.as_database_error().and_then(|e| e.code()).as_deref(), Some(shared::MOVED));
    assert_eq!((left(false, &new).await, place(&world, "globex").await.database), (0, globex));
    // A moment later the old one is closed, a day later it is gone.
    world.travel(TimeDelta::seconds(7));
    work(&world).await;
    assert_eq!(status(&world, id).await.0, "done");
    assert!(sqlx::query("select 1").execute(&mut before).await.is_err(), "whoever was inside was shown out");
    assert_eq!(known(true, &old).await, 2);
    world.travel(TimeDelta::hours(25));
    work(&world).await;
    assert_eq!((known(true, &old).await, known(false, &new).await), (0, 2));
    // And back.
    begin(&world, "local").await.expect("begun");
    work(&world).await;
    assert_eq!(everything(&mut inside(&world, "acme").await).await, held);
    clean(&world).await;
}

fn superuser_port() -> u16 {
    second().admin_url.expose_secret().parse::<PgConnectOptions>().expect("a URL").get_port()
}

async fn months(first: bool, database: &str) -> Vec<(String, String)> {
    let mut inside = superuser(first, Some(database)).await;
    sqlx::query_as("select name, starts::text from audit.partitions order by 2").fetch_all(&mut inside).await.expect("months")
}

#[tokio::test]
async fn killed_at_any_step_it_is_finished_by_whoever_looks_next() {
    let world = world().await;
    let held = everything(&mut inside(&world, "acme").await).await;
    let id = begin(&world, "second").await.expect("begun");
    let mut seen = vec![];
    while status(&world, id).await.0 != "done" {
        world.travel(TimeDelta::seconds(16));
        let job = jobs::claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("a job");
        seen.push(job.step.clone());
        // The step is done, its note is not written: the process dies here.
        moves::perform(&world.app, &job).await.expect("done");
        assert!(jobs::claim(&world.app, Uuid::now_v7()).await.expect("asked").is_none(), "a living lease is respected");
        world.travel(TimeDelta::seconds(16));
        let living = jobs::claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("the same job");
        let performed = moves::perform(&world.app, &living).await.expect("done once more");
        jobs::settle(&world.app, &living, &performed).await.expect("noted");
        assert!(jobs::settle(&world.app, &job, &performed).await.expect("asked").is_none(), "the dead one's note comes too late");
    }
    assert_eq!(seen, ["prepare", "publish", "copy", "verify", "switch", "part", "close"]);
    assert_eq!(everything(&mut inside(&world, "acme").await).await, held);
    clean(&world).await;
}

#[tokio::test]
async fn taken_back_at_the_last_moment_the_tenant_stays_and_nothing_is_left() {
    let world = world().await;
    let id = begin(&world, "second").await.expect("begun");
    let job = walk_to(&world, "switch").await;
    // The old database refuses changes already, the new place was never named.
    moves::perform(&world.app, &job).await.expect("done");
    let mut acme = inside(&world, "acme").await;
    sqlx::query("delete from mails").execute(&mut acme).await.expect_err("nobody writes");
    world.sql("update jobs set step = 'undo', leased_until = null where kind = 'move'").await;
    work(&world).await;
    assert_eq!(status(&world, id).await.0, "failed");
    sqlx::query("delete from mails").execute(&mut acme).await.expect("everybody writes");
    let (old, new) = journey(&world).await;
    assert_eq!((place(&world, "acme").await.database, left(true, &old).await, known(false, &new).await), (old, 0, 0));
    let told: Vec<String> = sqlx::query_scalar("select action from audit_logs where action like 'TenantMove%' order by id")
        .fetch_all(world.app.db.pool())
        .await
        .expect("the trail");
    assert_eq!(told, ["TenantMoveBegun", "TenantMoveUndone"]);
    clean(&world).await;
}

#[tokio::test]
async fn a_server_that_is_away_or_cannot_take_the_rows_leaves_the_tenant_where_it_was() {
    let world = world().await;
    let id = begin(&world, "second").await.expect("begun");
    walk_to(&world, "publish").await;
    // Full, or broken otherwise: it takes no rows.
    let (old, new) = journey(&world).await;
    let full = "alter table support_tickets add check (false) not valid";
    sqlx::raw_sql(full).execute(&mut superuser(false, Some(&new)).await).await.expect("it takes none");
    world.sql("update jobs set leased_until = null where kind = 'move'").await;
    walk_to(&world, "copy").await;
    world.sql("update jobs set leased_until = null, attempts = 11 where kind = 'move'").await;
    let job = jobs::claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("a job");
    let failed = moves::perform(&world.app, &job).await;
    let Err(error) = failed else { panic!("{failed:?}") };
    jobs::settle_failure(&world.app, &job, &error).await.expect("noted");
    // Away, when all is to be taken back: the source keeps nothing, and the rest waits.
    let port = superuser_port();
    away(&world, 1).await;
    let job = jobs::claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("a job");
    assert_eq!(job.step, "undo");
    let error = moves::perform(&world.app, &job).await.expect_err("the target is away");
    jobs::settle_failure(&world.app, &job, &error).await.expect("noted");
    assert_eq!((left(true, &old).await, known(false, &new).await), (0, 2));
    away(&world, port).await;
    world.travel(TimeDelta::seconds(20));
    work(&world).await;
    let (status, step, why) = status(&world, id).await;
    assert_eq!((status.as_str(), step.as_str(), why.is_some()), ("failed", "undo", true));
    assert_eq!((left(true, &old).await, known(false, &new).await, place(&world, "acme").await.database), (0, 0, old));
    clean(&world).await;
}

#[tokio::test]
async fn a_move_is_not_taken_back_from_where_the_tenant_works() {
    let world = world().await;
    begin(&world, "second").await.expect("begun");
    walk_to(&world, "part").await;
    let (_, new) = journey(&world).await;
    assert_eq!(place(&world, "acme").await.database, new);
    world.sql("update jobs set step = 'undo', leased_until = null where kind = 'move'").await;
    let job = jobs::claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("a job");
    let error = moves::perform(&world.app, &job).await.expect_err("it is in use");
    assert!(error.to_string().contains("in use"), "{error}");
    assert_eq!((known(false, &new).await, place(&world, "acme").await.database), (2, new));
    world.sql("update jobs set step = 'part', leased_until = null where kind = 'move'").await;
    work(&world).await;
    clean(&world).await;
}

/// Has the second server be somewhere else.
async fn away(world: &World, port: u16) {
    let mut url: url::Url = second().admin_url.expose_secret().parse().expect("a URL");
    url.set_port(Some(port)).expect("a port");
    let sealed = world.app.keys.ring.seal(url.as_str().as_bytes(), "cluster:second:admin").expect("sealed");
    let update = sqlx::query("update clusters set sealed_admin_url = $1, port = $2 where name = 'second'");
    update.bind(sealed).bind(i32::from(port)).execute(world.app.db.pool()).await.expect("told");
}

#[tokio::test]
async fn whoever_writes_while_the_tenant_moves_is_served_and_writes_once() {
    let world = world().await;
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
    let slug = Slug::parse("acme").expect("a slug");
    let writers: Vec<_> = (0..3)
        .map(|_| {
            let (app, stop, written, slug) = (world.app.clone(), stop.clone(), written.clone(), slug.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let tenant = app.outside.tenants.get(&slug).await.expect("a tenant");
                    let work = async |act: &mut shared::act::Act| {
                        let id = Uuid::now_v7();
                        sqlx::query("insert into reactions (consumer, event_id) values ('writer', $1)").bind(id).execute(act.db()).await?;
                        sqlx::query("update settings set locale = 'fr'").execute(act.db()).await?;
                        Ok(())
                    };
                    tenant.db.act(Author::system("writer"), &app.clock, work).await.expect("written");
                    written.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    begin(&world, "second").await.expect("begun");
    work(&world).await;
    let at_the_switch = written.load(Ordering::SeqCst);
    while written.load(Ordering::SeqCst) < at_the_switch + 20 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.expect("no writer failed");
    }
    let there = count(&mut inside(&world, "acme").await, "select count(*) from reactions where consumer = 'writer'").await;
    assert_eq!(there, written.load(Ordering::SeqCst));
    assert_eq!(place(&world, "acme").await.options.get_port(), superuser_port());
    clean(&world).await;
}

#[tokio::test]
async fn who_may_move_whom_and_where() {
    let world = world().await;
    let token = signed_in(&world).await;
    let post = |slug: &str, to: &str| {
        let path = format!("/api/v1/operator/tenants/{slug}/move");
        let (world, token, body) = (&world, token.clone(), json!({ "cluster": to }));
        async move { world.post(&path).bearing(&token).json(body).await }
    };
    post("nobody", "second").await.refused(404, "tenant_not_found");
    post("acme", "nowhere").await.refused(404, "cluster_not_found");
    post("acme", "local").await.refused(409, "already_there");
    world.sql("update clusters set accepting = false where name = 'second'").await;
    post("acme", "second").await.refused(409, "cluster_closed");
    world.sql("update clusters set accepting = true").await;
    for (set, unset, refusal) in [
        ("max_tenants = 0", "max_tenants = null", "cluster_full"),
        ("bytes = 7, max_bytes = 7", "max_bytes = null", "cluster_full"),
        ("trouble = 'it is away'", "trouble = null", "cluster_away"),
    ] {
        let sql = |set| AssertSqlSafe(format!("update clusters set {set} where name = 'second'"));
        sqlx::raw_sql(sql(set)).execute(world.app.db.pool()).await.expect("set");
        post("acme", "second").await.refused(409, refusal);
        sqlx::raw_sql(sql(unset)).execute(world.app.db.pool()).await.expect("unset");
    }
    for status in ["deleting", "deleted", "failed", "provisioning"] {
        let set = format!("update tenants set status = '{status}' where slug = 'globex'");
        sqlx::raw_sql(AssertSqlSafe(set)).execute(world.app.db.pool()).await.expect("set");
        post("globex", "second").await.refused(409, "conflict");
    }
    world.sql("update tenants set status = 'suspended' where slug = 'acme'").await;
    let begun = post("acme", "second").await.expect(202).body;
    assert_eq!((begun["kind"].as_str(), begun["step"].as_str(), begun["tenant"].as_str()), (Some("move"), Some("prepare"), Some("acme")));
    post("acme", "second").await.refused(409, "job_under_way");
    // A suspended tenant moves like any other.
    work(&world).await;
    assert_eq!(place(&world, "acme").await.options.get_port(), superuser_port());
    world.travel(TimeDelta::minutes(16));
    post("globex", "second").await.refused(403, "step_up_required");
    clean(&world).await;
}
