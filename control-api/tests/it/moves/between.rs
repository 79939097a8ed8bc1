//! Between the last word of the old database and the name of the new one; an older schema; and moments of both places.

use chrono::TimeDelta;
use control_api::{
    backups,
    fleet::{self, Fleet, Wanted},
    jobs, moves,
};
use shared::act::Author;
use uuid::Uuid;

use super::{away, begin, clean, count, everything, journey, status, superuser_port, walk_to, work, world};
use crate::{
    provisioning::{aged, inside, place},
    world::World,
};

#[tokio::test]
async fn a_last_word_that_leads_nowhere_is_taken_back_until_the_next_try() {
    let world = world().await;
    let id = begin(&world, "second").await.expect("begun");
    let dead = walk_to(&world, "switch").await;
    // The old database refuses changes already; its worker dies before the new place is named.
    let performed = moves::perform(&world.app, &dead).await.expect("done");
    let mut acme = inside(&world, "acme").await;
    let write = "insert into reactions (consumer, event_id) values ('between', gen_random_uuid())";
    sqlx::query(write).execute(&mut acme).await.expect_err("nobody writes");
    let port = superuser_port();
    away(&world, 1).await;
    world.travel(TimeDelta::seconds(16));
    work(&world).await;
    assert_eq!(status(&world, id).await.1, "switch");
    sqlx::query(write).execute(&mut acme).await.expect("everybody writes");
    assert!(jobs::settle(&world.app, &dead, &performed).await.expect("asked").is_none(), "the dead one names nothing any more");
    away(&world, port).await;
    world.travel(TimeDelta::seconds(30));
    work(&world).await;
    let there = count(&mut inside(&world, "acme").await, "select count(*) from reactions where consumer = 'between'").await;
    assert_eq!((place(&world, "acme").await.options.get_port(), there), (port, 1));
    clean(&world).await;
}

#[tokio::test]
async fn a_switch_whose_note_was_written_though_its_answer_was_lost_opens_the_old_place_to_nobody() {
    let world = world().await;
    let id = begin(&world, "second").await.expect("begun");
    let job = walk_to(&world, "switch").await;
    let performed = moves::perform(&world.app, &job).await.expect("done");
    let mut acme = inside(&world, "acme").await;
    jobs::settle(&world.app, &job, &performed).await.expect("noted").expect("goes on");
    assert_eq!(place(&world, "acme").await.options.get_port(), superuser_port());
    // The connection has died with the commit: its holder takes the step for failed.
    jobs::settle_failure(&world.app, &job, &shared::Error::Unavailable("database")).await.expect("noted");
    let refused = sqlx::query("delete from mails").execute(&mut acme).await.expect_err("nobody writes there any more");
    assert_eq!(refused.as_database_error().and_then(|e| e.code()).as_deref(), Some(shared::MOVED));
    assert!(!jobs::renew(&world.app, &job).await.expect("asked"), "who stands at a step that was left keeps nothing");
    assert_eq!(status(&world, id).await.1, "part");
    world.travel(TimeDelta::seconds(16));
    work(&world).await;
    clean(&world).await;
}

#[tokio::test]
async fn whoever_has_lost_the_move_takes_nobodys_last_word_back() {
    let world = world().await;
    begin(&world, "second").await.expect("begun");
    let dead = walk_to(&world, "switch").await;
    moves::perform(&world.app, &dead).await.expect("done");
    world.travel(TimeDelta::seconds(16));
    let living = jobs::claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("the same job");
    let performed = moves::perform(&world.app, &living).await.expect("done");
    jobs::settle_failure(&world.app, &dead, &shared::Error::Unavailable("cluster")).await.expect("noted");
    let mut acme = inside(&world, "acme").await;
    sqlx::query("delete from mails").execute(&mut acme).await.expect_err("nobody writes");
    jobs::settle(&world.app, &living, &performed).await.expect("noted").expect("goes on");
    assert_eq!(place(&world, "acme").await.options.get_port(), superuser_port());
    world.travel(TimeDelta::seconds(16));
    work(&world).await;
    clean(&world).await;
}

#[tokio::test]
async fn a_tenant_of_an_older_schema_moves_as_it_is() {
    let world = world().await;
    aged(&world, "acme", 2).await;
    let held = everything(&mut inside(&world, "acme").await).await;
    begin(&world, "second").await.expect("begun");
    work(&world).await;
    let mut acme = inside(&world, "acme").await;
    assert_eq!((place(&world, "acme").await.options.get_port(), everything(&mut acme).await), (superuser_port(), held));
    assert_eq!(count(&mut acme, "select max(version) from _sqlx_migrations").await, 2);
    sqlx::query("update settings set locale = 'fr'").execute(&mut acme).await.expect("it is served");
    sqlx::query("delete from audit_logs").execute(&mut acme).await.expect_err("the trail is only appended to");
    clean(&world).await;
}

#[tokio::test]
async fn a_moment_behind_the_switch_is_looked_for_at_the_new_place() {
    let world = world().await;
    // Moments are by the servers' clocks: this world has their time.
    world.travel(time(&world).await - world.app.clock.now());
    world
        .sql(
            "update tenants set created_at = now() - interval '1 day';
             insert into archives (id, cluster_id, system_id, sealed_key, key_id, created_at)
             select gen_random_uuid(), id, 'x', '', 'k1', now() from clusters;
             insert into base_backups (id, archive_id, folder, started_at, finished_at, timeline, start_lsn, stop_lsn, start_file, bytes, size,
                sealed_key, key_id)
             select gen_random_uuid(), id, 'x', now() - interval '1 hour', now() - interval '1 hour', 1, '0/1', '0/2', repeat('0', 24), 1, 1, '', 'k1'
             from archives",
        )
        .await;
    let before = time(&world).await;
    begin(&world, "second").await.expect("begun");
    work(&world).await;
    let behind = time(&world).await;
    // Long after, the old one is closed, and it is planned that it goes.
    world.travel(TimeDelta::hours(1));
    work(&world).await;
    let (old, new) = journey(&world).await;
    for (at, expected) in [(before, old), (behind, new)] {
        let tenant: Uuid =
            sqlx::query_scalar("select id from tenants where slug = 'acme'").fetch_one(world.app.db.pool()).await.expect("a tenant");
        let plan = async |act: &mut shared::act::Act| backups::restore::plan_at(act, tenant, at, false).await;
        world.app.db.act(Author::system("test"), &world.app.clock, plan).await.expect("planned");
        let sql = "delete from jobs where kind = 'restore' returning state #>> '{source,database}'";
        let database: String = sqlx::query_scalar(sql).fetch_one(world.app.db.pool()).await.expect("a restore");
        assert_eq!(database, expected);
    }
    clean(&world).await;
}

/// The time, as the servers have it.
async fn time(world: &World) -> chrono::DateTime<chrono::Utc> {
    sqlx::query_scalar("select clock_timestamp()").fetch_one(world.app.db.pool()).await.expect("the time")
}

#[tokio::test]
async fn nobody_moves_while_their_database_comes_to_another_schema() {
    let world = world().await;
    let fleet = Fleet::from(&world.app);
    let begun = world.app.db.act(Author::system("test"), &world.app.clock, async |act| {
        fleet::start(act, &fleet.migrations, &Wanted { tenant: Some("acme".into()), ..Wanted::default() }).await
    });
    begun.await.expect("begun");
    fleet::claim(&fleet).await.expect("asked").expect("a database");
    let error = begin(&world, "second").await.expect_err("under way");
    assert!(error.to_string().contains("migration_under_way"), "{error}");
    world.travel(TimeDelta::seconds(16));
    begin(&world, "second").await.expect("whoever did that has died");
    clean(&world).await;
}
