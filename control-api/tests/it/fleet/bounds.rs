//! What a run may take: time of a file, and databases at a time.

use std::time::{Duration, Instant};

use control_api::fleet::{self, ATTEMPTS, Fleet, RunState, Wanted, work_all};
use shared::testing;
use sqlx::{ConnectOptions, Connection};

use super::{TABLE, act, error_of, fleet as with_files, grown, latest, owner, seen, start, states, version, with, worked};
use crate::{
    provisioning::{clean, inside},
    world::World,
};

/// A table as a migration makes one.
const SLOW: &str = "create table slow ();
    do $$ begin execute format('alter table slow owner to %I', (select tableowner from pg_tables where tablename = 'users')); end $$";
/// Sleeps in databases that have a table `slow`, longer than a file may take.
const SLEEPS: &str = "do $$ begin if to_regclass('public.slow') is not null then perform pg_sleep(60); end if; end $$";

#[tokio::test]
async fn a_file_that_takes_too_long_is_ended_and_is_that_tenants_failure_alone() {
    let slugs = ["acme", "globex", "third"];
    let world = grown(&slugs).await;
    sqlx::raw_sql(SLOW).execute(&mut owner(&world, "globex").await).await.expect("slow");
    let fleet = with_files(&world, &[TABLE, SLEEPS]);
    let run = start(&world, &fleet, Wanted::default()).await;
    // What may pass is tried again; this is the last try.
    sqlx::query("update migration_targets set attempts = $1 where tenant_id = (select id from tenants where slug = 'globex')")
        .bind(ATTEMPTS - 1)
        .execute(world.app.db.pool())
        .await
        .expect("tried");
    let began = Instant::now();
    let run = worked(&world, &fleet, &run).await;
    let took = began.elapsed();
    assert_eq!((run.state, run.done, run.failed), (RunState::Done, 2, 1), "{:?}", states(&world).await);
    assert!(error_of(&world, "globex").await.contains("broken off"), "{}", error_of(&world, "globex").await);
    assert!(took > Duration::from_secs(4) && took < Duration::from_secs(40), "{took:?}");
    // The file before it stays, of the one that was ended nothing.
    assert_eq!([version(&world, "acme").await, version(&world, "globex").await, version(&world, "third").await], [101, 100, 101]);
    failed(&world, &fleet, 1).await;
    let event = world.last_event("TenantMigrationFailed").await;
    assert_eq!(event["data"]["slug"], "globex");
    sqlx::raw_sql("drop table slow").execute(&mut owner(&world, "globex").await).await.expect("mended");
    act(&world, async |act| fleet::retry(act, &fleet.migrations, run.id).await).await.expect("again");
    failed(&world, &fleet, 0).await;
    assert!(worked(&world, &fleet, &run).await.has_succeeded());
    failed(&world, &fleet, 0).await;
    clean(&world).await;
}

/// The figure by which somebody is woken.
async fn failed(world: &World, fleet: &Fleet, count: i64) {
    fleet::count(fleet, &world.app.figures).await.expect("counted");
    assert_eq!(world.app.figures.migrations_failed.get(), count);
}

#[tokio::test]
async fn as_many_databases_as_told_are_worked_on_at_a_time_however_many_work_on_the_run() {
    let world = grown(&["one", "two", "three", "four", "five", "six", "seven"]).await;
    for (n, parallel) in [1_u8, 3].into_iter().enumerate() {
        // Waves of one come first, and none of them is begun before the one before has ended.
        let files = vec!["select pg_sleep(0.7)"; n + 1];
        let fleet = with_files(&world, &files);
        let run = start(&world, &fleet, Wanted { parallel, ..Wanted::default() }).await;
        let processes: Vec<_> = (0..2)
            .map(|_| {
                let fleet = fleet.clone();
                tokio::spawn(async move { work_all(&fleet).await })
            })
            .collect();
        let mut most = 0;
        while processes.iter().any(|process| !process.is_finished()) {
            most = most.max(at_work(&world).await);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        for process in processes {
            process.await.expect("not ended").expect("worked");
        }
        assert!(worked(&world, &fleet, &run).await.has_succeeded(), "{:?}", states(&world).await);
        assert_eq!(most, i64::from(parallel), "databases that slept at the same moment");
    }
    clean(&world).await;
}

/// In how many of this world's databases a migration sleeps at this moment.
async fn at_work(world: &World) -> i64 {
    let ours: Vec<String> = sqlx::query_scalar("select database_name from tenants where database_name is not null")
        .fetch_all(world.app.db.pool())
        .await
        .expect("names");
    let mut server = testing::admin_options().connect().await.expect("the server");
    let sql = "select count(*) from pg_stat_activity where datname = any($1) and wait_event = 'PgSleep'";
    let sleeping = sqlx::query_scalar(sql).bind(ours).fetch_one(&mut server).await.expect("counted");
    server.close().await.expect("left");
    sleeping
}

#[tokio::test]
async fn a_file_that_would_keep_requests_waiting_is_broken_off_and_nobody_fails() {
    let world = grown(&["acme"]).await;
    let fleet = with_files(&world, &["alter table users add column nickname text; do $$ begin perform pg_sleep(4); end $$"]);
    start(&world, &fleet, Wanted::default()).await;
    let working = tokio::spawn({
        let fleet = fleet.clone();
        async move { work_all(&fleet).await }
    });
    let mut reader = inside(&world, "acme").await;
    sqlx::raw_sql("set lock_timeout = '2s'").execute(&mut reader).await.expect("as every request");
    while !working.is_finished() {
        sqlx::raw_sql("select count(*) from users").execute(&mut reader).await.expect("served");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    working.await.expect("worked").expect("worked");
    assert!(error_of(&world, "acme").await.contains("broken off"), "{}", error_of(&world, "acme").await);
    assert_eq!((version(&world, "acme").await, states(&world).await["acme"].as_str()), (latest(), "pending"));
    reader.close().await.expect("left");
    clean(&world).await;
}

#[tokio::test]
async fn a_database_that_comes_to_no_end_is_given_up_and_its_tenant_keeps_what_it_had() {
    let world = grown(&["acme"]).await;
    let sleeps = "do $$ begin perform pg_sleep(4); end $$";
    let fleet = Fleet::from(&world.hurried(Duration::from_millis(800))).with(with(&[TABLE, sleeps]));
    let run = start(&world, &fleet, Wanted::default()).await;
    work_all(&fleet).await.expect("worked");
    assert!(error_of(&world, "acme").await.contains("it was not done within"), "{}", error_of(&world, "acme").await);
    assert_eq!(seen(&world, &run).await.failed, 1);
    clean(&world).await;
}
