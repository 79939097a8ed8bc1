//! Tenants whose databases have the schema of the release before, beside others of this one: what the control plane does with
//! them, it does.

use chrono::TimeDelta;
use control_api::{
    fleet::{Fleet, Wanted},
    provisioning,
};

use super::{MIGRATIONS, latest, start, states, version, worked};
use crate::{
    backups::world::Stored,
    moves,
    provisioning::{clean, place},
    world::World,
};

/// Takes away what this release's last files have brought.
const BACK: &str = include_str!("../../../../bench/before_last.sql");
/// The first of the files that it takes back.
const LAST: i64 = 40;

#[tokio::test]
async fn a_tenant_of_the_release_before_is_served_and_kept_beside_one_of_this() {
    let stored = Stored::start().await;
    let world = &stored.world;
    stored.sql("acme", BACK).await;
    assert_eq!((version(world, "acme").await, version(world, "globex").await), (before(), latest()));
    // Settings go into both, trails are read from both, and backups of both are equal to what they were taken of.
    let again = "update tenants set organisation = 'Renamed', version = version + 1 where slug in ('acme', 'globex')";
    world.sql(again).await;
    provisioning::carry_settings(&world.app).await.expect("carried");
    for slug in ["acme", "globex"] {
        assert_eq!(stored.number(slug, "select count(*) from settings where organisation = 'Renamed'").await, 1, "{slug}");
        let ada = world.log_in(slug, &format!("ada@{slug}.example")).await;
        let trail = world.get("/api/v1/audit-logs").by(&ada).await.expect(200).body;
        assert!(trail["data"].as_array().is_some_and(|rows| !rows.is_empty()), "{slug}: {trail}");
        let before = stored.rows(slug).await;
        let taken = stored.take(slug).await;
        assert!(stored.drill(slug).await.is_equal, "{slug}");
        stored.restore(slug, taken.id).await;
        let after = stored.rows(slug).await;
        for (table, rows) in before.iter().filter(|(table, _)| *table != "public._sqlx_migrations") {
            assert_eq!(after.get(table), Some(rows), "{slug} {table}");
        }
    }
    assert_eq!(version(world, "acme").await, latest(), "what is restored comes to this release");
    stored.clean().await;
}

#[tokio::test]
async fn it_moves_as_it_is_and_is_brought_forward_where_it_arrives() {
    let world = moves::world().await;
    for slug in ["acme", "globex"] {
        sqlx::raw_sql(BACK).execute(&mut super::owner(&world, slug).await).await.expect("back");
    }
    let (here, tickets) = (place(&world, "acme").await, "select count(*) from support_tickets");
    moves::begin(&world, "second").await.expect("begun");
    moves::work(&world).await;
    for _ in 0..3 {
        world.travel(TimeDelta::seconds(10));
        moves::work(&world).await;
    }
    let ended: Vec<(Option<String>, Option<String>)> =
        sqlx::query_as("select outcome, last_error from jobs where kind = 'move'").fetch_all(world.app.db.pool()).await.expect("a job");
    assert_eq!(ended, [(Some("done".to_owned()), None)]);
    let there = place(&world, "acme").await;
    assert_ne!(there.options.get_port(), here.options.get_port());
    let mut inside = crate::provisioning::inside(&world, "acme").await;
    let counted: i64 = sqlx::query_scalar(tickets).fetch_one(&mut inside).await.expect("counted");
    let applied: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(&mut inside).await.expect("a version");
    sqlx::Connection::close(inside).await.expect("left");
    assert_eq!((counted, applied), (50, before()));
    brought_forward(&world).await;
    world.travel(TimeDelta::hours(25));
    moves::work(&world).await;
    clean(&world).await;
}

/// The version that is left.
fn before() -> i64 {
    MIGRATIONS.iter().map(|file| file.version).filter(|version| *version < LAST).max().expect("files")
}

/// All of them.
async fn brought_forward(world: &World) {
    let fleet = Fleet::from(&world.app);
    let run = start(world, &fleet, Wanted::default()).await;
    assert!(worked(world, &fleet, &run).await.has_succeeded(), "{:?}", states(world).await);
}
