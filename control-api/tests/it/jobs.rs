//! Jobs: who may work on one, what becomes of it when its worker dies, and what operators see. Told by the
//! plainest kind, which drops a database that somebody has left.

mod standing;

use std::time::Duration;

use chrono::TimeDelta;
use control_api::{
    jobs::{self, Job, Performed, claim, settle, settle_failure, work_all},
    provisioning::{retire, walk_all},
};
use serde_json::json;
use shared::{Error, act::Author, testing};
use sqlx::{AssertSqlSafe, ConnectOptions};
use uuid::Uuid;

use crate::{
    operators::{signed_in, text},
    provisioning::{clean, world},
    world::World,
};

async fn tenant(world: &World, slug: &str) -> Uuid {
    let id = sqlx::query_scalar("select id from tenants where slug = $1").bind(slug).fetch_one(world.app.db.pool());
    id.await.expect("a tenant")
}

/// Two tenants with databases of their own.
async fn two_tenants() -> (World, Uuid, Uuid) {
    let world = world().await;
    for slug in ["acme", "globex"] {
        world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
    }
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    let (acme, globex) = (tenant(&world, "acme").await, tenant(&world, "globex").await);
    (world, acme, globex)
}

/// A database, and a role of the same name, that nobody uses.
async fn left(world: &World) -> retire::Left {
    let name = format!("tenant_left_{}", &Uuid::new_v4().simple().to_string()[..12]);
    let mut admin = testing::admin_options().connect().await.expect("the server");
    for sql in [
        format!("create role {name}"),
        format!("grant {name} to provisioner with admin option"),
        format!("create database {name} owner provisioner strategy file_copy"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.expect("made");
    }
    let cluster_id = sqlx::query_scalar("select id from clusters").fetch_one(world.app.db.pool()).await.expect("a cluster");
    retire::Left { cluster_id, database: name.clone(), role: name, left_at: None }
}

/// Whether database and role are there.
async fn is_there(left: &retire::Left) -> (bool, bool) {
    let mut admin = testing::admin_options().connect().await.expect("the server");
    let there =
        sqlx::query_as("select exists (select from pg_database where datname = $1), exists (select from pg_roles where rolname = $2)");
    there.bind(&left.database).bind(&left.role).fetch_one(&mut admin).await.expect("the catalogue answers")
}

async fn plan(world: &World, tenant: Uuid, left: &retire::Left, after: TimeDelta) {
    let at = world.app.clock.now() + after;
    let planned = world.app.db.act(Author::system("test"), &world.app.clock, async |act| retire::plan(act, tenant, left, at).await);
    planned.await.expect("planned");
}

async fn taken(world: &World, holder: Uuid) -> Option<Job> {
    claim(&world.app, holder).await.expect("asked")
}

async fn outcome(world: &World) -> Option<String> {
    sqlx::query_scalar("select outcome from jobs").fetch_one(world.app.db.pool()).await.expect("one job")
}

#[tokio::test]
async fn a_left_database_is_dropped_when_its_time_has_come_and_not_before() {
    let (world, acme, _) = two_tenants().await;
    let left = left(&world).await;
    plan(&world, acme, &left, TimeDelta::days(7)).await;
    world.travel(TimeDelta::days(6));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!((is_there(&left).await, outcome(&world).await), ((true, true), None));
    world.travel(TimeDelta::days(1));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!((is_there(&left).await, outcome(&world).await), ((false, false), Some("done".into())));
    clean(&world).await;
}

#[tokio::test]
async fn what_a_tenant_uses_is_never_dropped() {
    let (world, acme, globex) = two_tenants().await;
    let place = "select cluster_id, database_name, role_name from tenants where id = $1";
    let (cluster_id, database, role): (i64, String, String) =
        sqlx::query_as(place).bind(globex).fetch_one(world.app.db.pool()).await.expect("a place");
    let used = retire::Left { cluster_id, database, role, left_at: None };
    plan(&world, acme, &used, TimeDelta::zero()).await;
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    let (attempts, error): (i32, String) = sqlx::query_as("select attempts, last_error from jobs where finished_at is null")
        .fetch_one(world.app.db.pool())
        .await
        .expect("open");
    assert!(attempts == 1 && error.contains("in use"), "{attempts} {error}");
    assert_eq!(is_there(&used).await, (true, true));
    clean(&world).await;
}

#[tokio::test]
async fn a_job_is_one_workers_until_its_lease_ends_and_then_anothers() {
    let (world, acme, globex) = two_tenants().await;
    let (first, second) = (left(&world).await, left(&world).await);
    plan(&world, acme, &first, TimeDelta::zero()).await;
    plan(&world, globex, &second, TimeDelta::zero()).await;
    let (dead, living) = (Uuid::now_v7(), Uuid::now_v7());
    let (one, other) = (taken(&world, dead).await.expect("a job"), taken(&world, living).await.expect("another"));
    assert_ne!(one.id, other.id);
    assert!(taken(&world, living).await.is_none(), "a living lease is respected");
    // The step is done, its note is not written: the process dies here.
    retire::perform(&world.app, &one).await.expect("done");
    world.travel(TimeDelta::seconds(16));
    work_all(&world.app, living).await.expect("worked");
    assert_eq!(world.count("select count(*) from jobs where outcome = 'done'").await, 2);
    assert!(settle(&world.app, &one, &Performed::then("drop")).await.expect("asked").is_none(), "the dead one's note comes too late");
    settle_failure(&world.app, &one, &Error::Unavailable("cluster")).await.expect("asked");
    assert_eq!(world.count("select count(*) from jobs where outcome = 'done' and last_error is null").await, 2);
    clean(&world).await;
}

#[tokio::test]
async fn a_step_whose_end_was_noted_does_not_begin_again_because_the_answer_was_lost() {
    let (world, acme, _) = two_tenants().await;
    plan(&world, acme, &left(&world).await, TimeDelta::zero()).await;
    let job = taken(&world, Uuid::now_v7()).await.expect("due");
    settle(&world.app, &job, &Performed::then("elsewhere")).await.expect("noted");
    settle_failure(&world.app, &job, &Error::Unavailable("control database")).await.expect("asked");
    let at = "select count(*) from jobs where step = 'elsewhere' and attempts = 0 and last_error is null";
    assert_eq!(world.count(at).await, 1);
    world.sql("update jobs set step = 'drop', leased_until = null").await;
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(outcome(&world).await.as_deref(), Some("done"));
    clean(&world).await;
}

#[tokio::test]
async fn a_step_that_kills_whoever_does_it_is_not_given_to_one_after_the_other() {
    let (world, acme, _) = two_tenants().await;
    plan(&world, acme, &left(&world).await, TimeDelta::zero()).await;
    for deaths in 0..=12 {
        assert_eq!(taken(&world, Uuid::now_v7()).await.expect("due").attempts, deaths);
        world.travel(TimeDelta::seconds(16));
    }
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(world.count("select count(*) from jobs where finished_at is null and last_error like '%dies%'").await, 1);
    assert!(taken(&world, Uuid::now_v7()).await.is_none(), "not at once");
    world.travel(TimeDelta::minutes(2));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(outcome(&world).await.as_deref(), Some("done"));
    clean(&world).await;
}

#[tokio::test]
async fn what_fails_is_tried_again_later_and_a_kind_that_is_unknown_waits_for_who_knows_it() {
    let (world, acme, _) = two_tenants().await;
    let left = left(&world).await;
    plan(&world, acme, &left, TimeDelta::zero()).await;
    world.sql("update jobs set step = 'nonsense', kind = 'nonsense'").await;
    assert!(taken(&world, Uuid::now_v7()).await.is_none());
    world.sql("update jobs set step = 'drop', kind = 'retire'").await;
    let holder = Uuid::now_v7();
    for (attempts, pause) in [(1, 1), (2, 2), (3, 4)] {
        let job = taken(&world, holder).await.expect("due");
        settle_failure(&world.app, &job, &Error::Unavailable("cluster")).await.expect("noted");
        assert_eq!(
            sqlx::query_scalar::<_, i32>("select attempts from jobs").fetch_one(world.app.db.pool()).await.expect("a job"),
            attempts
        );
        assert!(taken(&world, holder).await.is_none(), "not at once");
        world.travel(TimeDelta::seconds(pause));
    }
    work_all(&world.app, holder).await.expect("worked");
    assert_eq!(outcome(&world).await.as_deref(), Some("done"));
    clean(&world).await;
}

#[tokio::test]
async fn a_step_that_comes_to_no_end_is_given_up_and_tried_again() {
    let (world, acme, _) = two_tenants().await;
    plan(&world, acme, &left(&world).await, TimeDelta::zero()).await;
    // Its first question waits for somebody who does not go.
    let mut other = world.app.db.pool().begin().await.expect("begun");
    sqlx::raw_sql("lock table tenants in access exclusive mode").execute(&mut *other).await.expect("held");
    work_all(&world.hurried(Duration::from_millis(300)), Uuid::now_v7()).await.expect("worked");
    other.rollback().await.expect("gone");
    let (attempts, error): (i32, String) = sqlx::query_as("select attempts, last_error from jobs where finished_at is null")
        .fetch_one(world.app.db.pool())
        .await
        .expect("open");
    assert!(attempts == 1 && error.contains("it was not done within"), "{attempts} {error}");
    world.travel(TimeDelta::seconds(1));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(outcome(&world).await.as_deref(), Some("done"));
    clean(&world).await;
}

#[tokio::test]
async fn operators_see_jobs_and_how_far_they_are() {
    let (world, acme, globex) = two_tenants().await;
    let (first, second) = (left(&world).await, left(&world).await);
    plan(&world, acme, &first, TimeDelta::zero()).await;
    plan(&world, globex, &second, TimeDelta::days(7)).await;
    let token = signed_in(&world).await;
    let ask = async |path: &'static str| world.get(path).bearing(&token).await;
    ask("/api/v1/operator/jobs/00000000-0000-0000-0000-000000000009").await.refused(404, "job_not_found");
    ask("/api/v1/operator/jobs/9").await.refused(404, "not_found");
    let of = async |path: &'static str| ask(path).await.expect(200).body["data"].as_array().expect("jobs").len();
    assert_eq!((of("/api/v1/operator/jobs").await, of("/api/v1/operator/jobs?tenant=acme").await), (2, 1));
    assert_eq!((of("/api/v1/operator/jobs?kind=retire").await, of("/api/v1/operator/jobs?kind=move").await), (2, 0));
    let job = taken(&world, Uuid::now_v7()).await.expect("due");
    jobs::progress(&world.app, &job, 3, 8).await.expect("said");
    let shown = world.get(&format!("/api/v1/operator/jobs/{}", job.id)).bearing(&token).await.expect(200).body;
    assert_eq!((&shown["tenant"], &shown["done"], &shown["total"]), (&"acme".into(), &3.into(), &8.into()));
    world.travel(TimeDelta::days(7));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(world.count("select count(*) from jobs where outcome = 'done'").await, 2);
    let sweep =
        async || jobs::sweep(&mut world.app.db.read().await.expect("a connection"), world.app.clock.now(), 100).await.expect("swept");
    assert_eq!(sweep().await, 0);
    world.travel(TimeDelta::days(181));
    assert_eq!(sweep().await, 2);
    clean(&world).await;
}

#[tokio::test]
async fn jobs_are_listed_by_where_they_stand_and_paged_among_these() {
    let (world, ..) = World::start().await;
    world
        .sql(
            "insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at, leased_until, outcome, finished_at)
             select gen_random_uuid(), kind, t.id, step, false, now(), '{}', now(), leased_until, outcome, finished_at
             from tenants t, (values
                ('move', 'copy', now() + interval '1 hour', null, null),
                ('backup', 'files', now() - interval '1 hour', null, null),
                ('backup', 'dump', null, null, null),
                ('export', 'archive', null, 'failed', now()),
                ('drill', 'drop', null, 'done', now())
             ) j (kind, step, leased_until, outcome, finished_at)
             where t.slug = 'acme'",
        )
        .await;
    let token = signed_in(&world).await;
    let ask = async |query: &str| world.get(&format!("/api/v1/operator/jobs?{query}")).bearing(&token).await;
    for (status, kinds, units) in [
        ("running", &["move"][..], vec![json!("bytes")]),
        // Whoever had it is dead.
        ("waiting", &["backup", "backup"], vec![json!("bytes"), json!("files")]),
        ("failed", &["export"], vec![json!(null)]),
        ("done", &["drill"], vec![json!(null)]),
    ] {
        let listed = ask(&format!("status={status}&count=true")).await.expect(200).body;
        let rows = listed["data"].as_array().expect("jobs");
        assert!(rows.iter().all(|job| job["status"] == status), "{listed}");
        assert_eq!(rows.iter().map(|job| &job["kind"]).collect::<Vec<_>>(), kinds, "{status}");
        let mut said: Vec<_> = rows.iter().map(|job| job["unit"].clone()).collect();
        said.sort_by_key(ToString::to_string);
        assert_eq!(said, units, "{status}");
        assert_eq!(listed["page"]["total"], kinds.len(), "{status}");
    }
    let first = ask("status=waiting&limit=1").await.expect(200).body;
    let cursor = text(&first["page"]["next_cursor"]);
    let second = ask(&format!("status=waiting&limit=1&cursor={cursor}")).await.expect(200).body;
    assert_ne!(first["data"][0]["id"], second["data"][0]["id"]);
    assert_eq!((second["data"].as_array().expect("jobs").len(), &second["page"]["next_cursor"]), (1, &json!(null)));
    for query in [&*format!("status=running&cursor={cursor}"), "status=nonsense", "status=running&status=done"] {
        ask(query).await.refused(422, "validation_failed");
    }
    assert_eq!(ask("status=waiting&kind=move").await.expect(200).body["data"], json!([]));
    assert_eq!(ask("status=running&tenant=globex").await.expect(200).body["data"], json!([]));
}
