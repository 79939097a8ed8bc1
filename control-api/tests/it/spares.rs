//! Databases that wait for their tenants, on a real server.

use chrono::TimeDelta;
use control_api::provisioning::{Step, claim, perform, settle, spares, walk_all};
use serde_json::json;
use shared::testing;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

use crate::{
    clusters::set,
    provisioning::{clean, inside, places, server, status, walk_to, world},
    sign_up::futures_join,
    world::World,
};

async fn keep(world: &World) {
    spares::keep(&world.app).await.expect("kept");
}

/// Names of those that can be taken.
async fn ready(world: &World) -> Vec<String> {
    let ready = sqlx::query_scalar("select name from spares where ready_at is not null order by name");
    ready.fetch_all(world.app.db.pool()).await.expect("names")
}

/// How many databases and roles have one of these names.
async fn on_server(names: &[String]) -> i64 {
    let mut server = testing::admin_options().connect().await.expect("the server");
    let sql = "select (select count(*) from pg_database where datname = any($1)) + (select count(*) from pg_roles where rolname = any($1))";
    sqlx::query_scalar(sql).bind(names).fetch_one(&mut server).await.expect("counted")
}

async fn arrives(world: &World, slug: &str) {
    world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
}

#[tokio::test]
async fn nobody_comes_in_by_a_spares_role_and_whoever_signs_up_gets_it_under_their_own_name() {
    let world = world().await;
    keep(&world).await;
    let spare = ready(&world).await;
    assert_eq!((spare.len(), on_server(&spare).await), (2, 4));
    for name in &spare {
        for database in [name.as_str(), "postgres"] {
            let options = server().options().expect("a URL").database(database).username(name).password("");
            assert!(options.connect().await.is_err(), "{name} {database}");
        }
    }
    arrives(&world, "acme").await;
    let job = walk_to(&world, Uuid::now_v7(), Step::Seed).await;
    let taken = places(&world).await.remove(0);
    assert!(taken.0.starts_with("tenant_acme_") && taken.0 == taken.1, "{taken:?}");
    let chance = taken.0.rsplit('_').next().expect("chance");
    let was = spare.iter().find(|name| name.ends_with(chance)).expect("one of the spares");
    assert_eq!(on_server(std::slice::from_ref(was)).await, 2, "not yet renamed");
    perform(&world.app, &job).await.expect("done");
    perform(&world.app, &job).await.expect("twice is once");
    assert_eq!((on_server(std::slice::from_ref(was)).await, on_server(std::slice::from_ref(&taken.0)).await), (0, 2));
    settle(&world.app, &job).await.expect("noted");
    walk_all(&world.app, Uuid::now_v7()).await.expect("nothing else");
    world.travel(TimeDelta::seconds(16));
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    let mut inside = inside(&world, "acme").await;
    for (sql, allowed) in [("select id from tenant_marker", true), ("delete from audit_logs", false), ("create table mine (id int)", false)]
    {
        assert_eq!(sqlx::raw_sql(sql).execute(&mut inside).await.is_ok(), allowed, "{sql}");
    }
    inside.close().await.expect("left");
    keep(&world).await;
    assert_eq!(ready(&world).await.len(), 2, "another one waits");
    clean(&world).await;
}

#[tokio::test]
async fn killed_at_any_step_a_tenant_that_took_a_spare_is_finished_by_whoever_looks_next() {
    let world = world().await;
    for (n, killed_at) in [Step::Place, Step::Seed, Step::Activate].into_iter().enumerate() {
        keep(&world).await;
        let slug = format!("acme-{n}");
        arrives(&world, &slug).await;
        let job = walk_to(&world, Uuid::now_v7(), killed_at).await;
        perform(&world.app, &job).await.expect("done");
        world.travel(TimeDelta::seconds(16));
        walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
        assert_eq!(status(&world, &slug).await, "active", "killed at {killed_at:?}");
        assert!(settle(&world.app, &job).await.expect("asked").is_none(), "the dead one's note comes too late");
        inside(&world, &slug).await.close().await.expect("it may come in");
    }
    keep(&world).await;
    assert_eq!(world.count("select count(*) from spares").await, 2);
    clean(&world).await;
}

#[tokio::test]
async fn a_rename_that_was_broken_off_in_the_middle_is_finished() {
    let world = world().await;
    keep(&world).await;
    arrives(&world, "acme").await;
    let job = walk_to(&world, Uuid::now_v7(), Step::Seed).await;
    let taken = places(&world).await.remove(0);
    let spare = format!("hd_spare_{}", taken.0.rsplit('_').next().expect("chance"));
    let mut admin = server().options().expect("a URL").connect().await.expect("the server");
    sqlx::raw_sql(AssertSqlSafe(format!("alter role {spare} rename to {}", taken.1))).execute(&mut admin).await.expect("renamed");
    perform(&world.app, &job).await.expect("done");
    settle(&world.app, &job).await.expect("noted");
    world.travel(TimeDelta::seconds(16));
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    inside(&world, "acme").await.close().await.expect("it may come in");
    clean(&world).await;
}

#[tokio::test]
async fn each_spare_is_taken_once_and_who_finds_none_gets_a_new_database() {
    let world = world().await;
    let kept = futures_join((0..3).map(|_| spares::keep(&world.app))).await;
    assert!(kept.iter().all(Result::is_ok));
    let spares = ready(&world).await;
    assert_eq!(spares.len(), 2, "three who make them make two together");
    for n in 0..4 {
        arrives(&world, &format!("acme-{n}")).await;
    }
    let walked = futures_join((0..4).map(|_| walk_all(&world.app, Uuid::now_v7()))).await;
    assert!(walked.iter().all(Result::is_ok));
    assert_eq!(world.count("select count(distinct database_name) from tenants where status = 'active'").await, 4);
    let from_spares =
        places(&world).await.into_iter().filter(|(name, _)| spares.iter().any(|s| name[name.len() - 12..] == s[s.len() - 12..]));
    assert_eq!(from_spares.count(), 2);
    assert_eq!(world.count("select count(*) from spares").await, 0);
    clean(&world).await;
}

#[tokio::test]
async fn what_a_crash_leaves_is_dropped_when_its_time_is_over() {
    let world = world().await;
    let chance = |n: u8| format!("hd_spare_{}{n}", &Uuid::new_v4().simple().to_string()[..11]);
    let (named, role, database) = (chance(1), chance(2), chance(3));
    let mut admin = server().options().expect("a URL").connect().await.expect("the server");
    for sql in [format!("create role {role} nologin; create role {database} nologin"), format!("create database {database}")] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.expect("made");
    }
    let left = [named, role, database];
    let sql = "insert into spares (name, cluster_id, schema_version, schema_digest, holder, leased_until, created_at)
        select unnest($1::text[]), c.id, 0, '', gen_random_uuid(), $2, $2 from clusters c";
    let until = world.app.clock.now() + TimeDelta::seconds(60);
    sqlx::query(sql).bind(&left).bind(until).execute(world.app.db.pool()).await.expect("entered");
    keep(&world).await;
    assert_eq!(on_server(&left).await, 3, "somebody may still work on them");
    world.travel(TimeDelta::seconds(60));
    keep(&world).await;
    assert_eq!(on_server(&left).await, 0);
    let now = ready(&world).await;
    assert!(now.len() == 2 && !now.iter().any(|name| left.contains(name)), "{now:?}");
    clean(&world).await;
}

#[tokio::test]
async fn a_spare_of_older_migrations_is_not_taken_and_gives_way_to_a_new_one() {
    let world = world().await;
    keep(&world).await;
    let old = ready(&world).await;
    for older in ["update spares set schema_version = schema_version - 1", "update spares set schema_digest = 'another'"] {
        world.sql(older).await;
        let slug = if older.contains("digest") { "globex" } else { "acme" };
        arrives(&world, slug).await;
        walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
        assert_eq!(status(&world, slug).await, "active");
        assert_eq!(world.count("select count(*) from spares").await, 2, "none was taken");
        keep(&world).await;
        assert_eq!(ready(&world).await.len(), 2);
    }
    assert_eq!(on_server(&old).await, 0);
    // A later release's are its own affair.
    let newer = ready(&world).await;
    world.sql("update spares set schema_version = schema_version + 1").await;
    keep(&world).await;
    assert_eq!(ready(&world).await, newer);
    clean(&world).await;
}

#[tokio::test]
async fn a_closed_cluster_keeps_none() {
    let world = world().await;
    keep(&world).await;
    let spares = ready(&world).await;
    set(&world, "local", json!({ "accepting": false })).await.expect("closed");
    keep(&world).await;
    assert_eq!((world.count("select count(*) from spares").await, on_server(&spares).await), (0, 0));
    clean(&world).await;
}

#[tokio::test]
async fn a_spare_that_was_taken_in_vain_is_dropped_under_either_name() {
    let world = world().await;
    for (slug, is_renamed) in [("acme", false), ("globex", true)] {
        keep(&world).await;
        arrives(&world, slug).await;
        let job = walk_to(&world, Uuid::now_v7(), Step::Seed).await;
        if is_renamed {
            perform(&world.app, &job).await.expect("done");
        }
        let name = places(&world).await.remove(0).0;
        let names = [name.clone(), format!("hd_spare_{}", &name[name.len() - 12..])];
        assert_eq!(on_server(&names).await, 2, "{slug}");
        world.sql("update provisionings set step = 'undo', leased_until = null where finished_at is null").await;
        let undo = claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("a job");
        perform(&world.app, &undo).await.expect("taken back");
        settle(&world.app, &undo).await.expect("noted");
        assert_eq!((on_server(&names).await, status(&world, slug).await.as_str()), (0, "failed"), "{slug}");
        assert!(perform(&world.app, &job).await.is_err(), "who comes late finds no place");
        assert_eq!(on_server(&names).await, 0);
    }
    clean(&world).await;
}
