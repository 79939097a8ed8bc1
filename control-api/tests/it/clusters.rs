//! Which server a tenant goes to, on two real ones.

use chrono::TimeDelta;
use control_api::{
    clusters::{self, Change, Listed, NewCluster},
    moves,
    provisioning::walk_all,
};
use serde_json::json;
use shared::act::Author;
use sqlx::Connection;
use uuid::Uuid;

use crate::{
    operators::signed_in,
    provisioning::{clean, inside, place, second_server, server, status, superuser, world},
    sign_up::futures_join,
    world::World,
};

/// A platform with two real servers.
pub async fn two() -> World {
    let world = world().await;
    add(&world, &second_server()).await;
    world
}

async fn add(world: &World, cluster: &NewCluster) {
    clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, cluster).await.expect("a cluster");
}

pub async fn set(world: &World, name: &str, to: serde_json::Value) -> shared::Result<Listed> {
    let to: Change = serde_json::from_value(to).expect("a change");
    world.app.db.act(Author::system("command line"), &world.app.clock, async |act| clusters::change(act, name, &to).await).await
}

async fn remove(world: &World, name: &str) -> shared::Result<()> {
    world.app.db.act(Author::system("command line"), &world.app.clock, async |act| clusters::remove(act, name).await).await
}

async fn known(world: &World, name: &str) -> Listed {
    clusters::by_name(&mut world.app.db.read().await.expect("a connection"), name).await.expect("known")
}

async fn arrives(world: &World, slug: &str) {
    world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
}

async fn walk(world: &World) {
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
}

#[tokio::test]
async fn tenants_live_on_both_servers_each_where_the_books_say() {
    let world = two().await;
    for slug in ["acme", "globex"] {
        arrives(&world, slug).await;
        walk(&world).await;
    }
    let (first, second) = (place(&world, "acme").await, place(&world, "globex").await);
    assert_ne!(first.options.get_port(), second.options.get_port());
    for (here, there, slug) in [(&first, &second, "acme"), (&second, &first, "globex")] {
        inside(&world, slug).await.close().await.expect("its role may enter");
        let count = "select count(*) from pg_database where datname = $1";
        for (server, expected) in [(here, 1), (there, 0)] {
            let mut server = superuser(server.options.get_port().into()).await;
            let found: i64 = sqlx::query_scalar(count).bind(&here.database).fetch_one(&mut server).await.expect("counted");
            assert_eq!(found, expected, "{slug}");
        }
    }
    clean(&world).await;
}

#[tokio::test]
async fn of_many_who_come_at_once_as_many_as_there_is_room_for_are_placed_and_the_others_wait() {
    let world = two().await;
    set(&world, "local", json!({ "max_tenants": 1 })).await.expect("set");
    set(&world, "second", json!({ "max_tenants": 1 })).await.expect("set");
    for n in 0..4 {
        arrives(&world, &format!("acme-{n}")).await;
    }
    let walked = futures_join((0..4).map(|_| walk_all(&world.app, Uuid::now_v7()))).await;
    assert!(walked.iter().all(Result::is_ok));
    for name in ["local", "second"] {
        assert_eq!(known(&world, name).await.tenants, 1, "{name}");
    }
    clusters::show_figures(&world.app).await.expect("shown");
    assert_eq!(world.app.figures.waiting_for_room.get(), 2);
    let operator = signed_in(&world).await;
    let books = world.get("/api/v1/operator/tenants").bearing(&operator).await.expect(200).body;
    let told: Vec<&str> = books["data"].as_array().expect("rows").iter().filter_map(|row| row["trouble"].as_str()).collect();
    let reason = "no cluster has room for a tenant: local is full (1 of 1 tenants), second is full (1 of 1 tenants)";
    assert_eq!(told, [reason, reason]);
    // They wait as long as it takes, and come in when somebody makes room.
    for _ in 0..20 {
        world.travel(TimeDelta::minutes(3));
        walk(&world).await;
    }
    assert_eq!(world.count("select count(*) from tenants where status = 'provisioning'").await, 2);
    set(&world, "second", json!({ "max_tenants": null })).await.expect("set");
    walk(&world).await;
    assert_eq!(world.count("select count(*) from tenants where status = 'active'").await, 4);
    assert_eq!(known(&world, "second").await.tenants, 3);
    clean(&world).await;
}

#[tokio::test]
async fn whoever_is_on_the_way_to_a_server_takes_the_room_there() {
    let world = two().await;
    set(&world, "second", json!({ "accepting": false })).await.expect("closed");
    for slug in ["acme", "globex"] {
        arrives(&world, slug).await;
        walk(&world).await;
    }
    set(&world, "second", json!({ "accepting": true, "max_tenants": 1 })).await.expect("opened");
    set(&world, "local", json!({ "accepting": false })).await.expect("closed");
    let begin = async |slug: &'static str| {
        world.app.db.act(Author::system("operator"), &world.app.clock, async |act| moves::begin(act, slug, "second").await).await
    };
    begin("acme").await.expect("there is room for one");
    let full = begin("globex").await.expect_err("it is acme's").to_string();
    assert!(full.contains("cluster_full"), "{full}");
    arrives(&world, "late").await;
    walk(&world).await;
    assert_eq!(status(&world, "late").await, "provisioning");
    // It does not arrive.
    world.sql("update jobs set finished_at = now(), outcome = 'failed' where kind = 'move'").await;
    world.travel(TimeDelta::minutes(3));
    walk(&world).await;
    assert_eq!(status(&world, "late").await, "active");
    clean(&world).await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_gets_no_tenants_until_it_does() {
    let world = two().await;
    let sealed = |url: &str| world.app.keys.ring.seal(url.as_bytes(), "cluster:second:admin").expect("sealed");
    let there: Vec<u8> = sqlx::query_scalar("select sealed_admin_url from clusters where name = 'second'")
        .fetch_one(world.app.db.pool())
        .await
        .expect("a URL");
    let turn = async |url: &[u8]| {
        let sql = "update clusters set sealed_admin_url = $1 where name = 'second'";
        sqlx::query(sql).bind(url).execute(world.app.db.pool()).await.expect("changed");
    };
    turn(&sealed("postgres://nobody:x@127.0.0.1:1/postgres")).await;
    clusters::measure_due(&world.app).await.expect("measured");
    assert!(known(&world, "second").await.trouble.is_some() && known(&world, "local").await.trouble.is_none());
    for n in 0..2 {
        arrives(&world, &format!("acme-{n}")).await;
        walk(&world).await;
    }
    assert_eq!(known(&world, "local").await.tenants, 2, "the fewest would have been on the other");
    set(&world, "local", json!({ "accepting": false })).await.expect("set");
    arrives(&world, "late").await;
    walk(&world).await;
    assert_eq!(status(&world, "late").await, "provisioning");
    turn(&there).await;
    world.travel(TimeDelta::seconds(5));
    clusters::measure_due(&world.app).await.expect("measured");
    assert_eq!(known(&world, "second").await.trouble, None);
    walk(&world).await;
    assert_eq!(status(&world, "late").await, "active");
    clean(&world).await;
}

#[tokio::test]
async fn each_server_is_measured_once_a_minute_by_one_of_many() {
    let world = world().await;
    arrives(&world, "acme").await;
    walk(&world).await;
    assert_eq!(known(&world, "local").await.bytes, None);
    clusters::measure_due(&world.app).await.expect("measured");
    let first = known(&world, "local").await;
    assert!(first.bytes.is_some_and(|bytes| bytes > 5_000_000) && first.connections.is_some_and(|n| n > 0), "{first:?}");
    assert!(first.max_connections.is_some_and(|n| n >= 100), "{first:?}");
    clusters::show_figures(&world.app).await.expect("shown");
    let registry = prometheus::Registry::new();
    world.app.figures.register(&registry).expect("shown");
    let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("text");
    for line in ["cluster_up{cluster=\"local\"} 1", "cluster_tenants{cluster=\"local\"} 1", "cluster_bytes{cluster=\"local\"}"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    world.travel(TimeDelta::seconds(59));
    clusters::measure_due(&world.app).await.expect("too early");
    assert_eq!(known(&world, "local").await.answered_at, first.answered_at);
    world.travel(TimeDelta::seconds(1));
    clusters::measure_due(&world.app).await.expect("measured");
    assert_eq!(known(&world, "local").await.answered_at, Some(world.app.clock.now()));
    // What is as large as it may be takes nobody.
    set(&world, "local", json!({ "max_bytes": first.bytes.map(|bytes| bytes / 2) })).await.expect("set");
    arrives(&world, "globex").await;
    walk(&world).await;
    assert_eq!(status(&world, "globex").await, "provisioning");
    clean(&world).await;
}

#[tokio::test]
async fn operators_see_clusters_and_change_them_in_a_fresh_session() {
    let world = world().await;
    let operator = signed_in(&world).await;
    let at = "/api/v1/operator/clusters/local";
    let seen = world.get(at).bearing(&operator).await.expect(200).body;
    assert_eq!((&seen["accepting"], &seen["max_tenants"], &seen["pooled"]), (&json!(true), &json!(null), &json!(null)));
    assert!(!seen.to_string().contains("postgres://"), "nobody sees what opens it: {seen}");
    for (body, field, code) in [
        (json!({ "max_tenants": -1 }), "max_tenants", "out_of_range"),
        (json!({ "max_tenants": 100_001 }), "max_tenants", "out_of_range"),
        (json!({ "max_bytes": "1" }), "max_bytes", "invalid"),
        (json!({ "host": "x" }), "host", "unknown_field"),
    ] {
        let wrong = world.patch(at).bearing(&operator).json(body.clone()).await.refused(422, "validation_failed").wrong_field();
        assert_eq!(wrong, (field.into(), code.into()), "{body}");
    }
    let changed = world.patch(at).bearing(&operator).json(json!({ "accepting": false, "max_tenants": 5 })).await.expect(200).body;
    assert_eq!((&changed["accepting"], &changed["max_tenants"]), (&json!(false), &json!(5)));
    let changed = world.patch(at).bearing(&operator).json(json!({ "max_tenants": null })).await.expect(200).body;
    assert_eq!((&changed["accepting"], &changed["max_tenants"]), (&json!(false), &json!(null)));
    let changes: Vec<String> = sqlx::query_scalar("select changes::text from audit_logs where action = 'ClusterChanged' order by id")
        .fetch_all(world.app.db.pool())
        .await
        .expect("rows");
    assert!(changes.len() == 2 && changes[0].contains("accepting") && !changes[0].contains("host"), "{changes:?}");
    world.travel(TimeDelta::minutes(16));
    world.patch(at).bearing(&operator).json(json!({ "accepting": true })).await.refused(403, "step_up_required");
    world.get("/api/v1/operator/clusters/nowhere").bearing(&operator).await.refused(404, "cluster_not_found");
}

#[tokio::test]
async fn a_cluster_leaves_the_books_when_it_is_closed_and_holds_nothing() {
    let world = two().await;
    let code = |result: shared::Result<()>| match result {
        Err(shared::Error::Conflict { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    arrives(&world, "acme").await;
    walk(&world).await;
    assert_eq!(code(remove(&world, "local").await), "cluster_open");
    for name in ["local", "second"] {
        set(&world, name, json!({ "accepting": false })).await.expect("closed");
    }
    assert_eq!(code(remove(&world, "local").await), "cluster_in_use");
    remove(&world, "second").await.expect("nobody was there");
    assert!(matches!(remove(&world, "second").await, Err(shared::Error::NotFound("cluster_not_found"))));
    assert_eq!(world.count("select count(*) from audit_logs where action = 'ClusterRemoved'").await, 1);
    // What is told anew stays closed; a new one may be.
    add(&world, &server()).await;
    assert!(!known(&world, "local").await.accepting);
    add(&world, &NewCluster { is_closed: true, ..second_server() }).await;
    assert!(!known(&world, "second").await.accepting);
    clean(&world).await;
}

#[tokio::test]
async fn a_server_notices_within_a_minute_that_an_administrator_is_gone() {
    let world = crate::provisioning::world().await;
    let id: i64 = sqlx::query_scalar("select id from clusters").fetch_one(world.app.db.pool()).await.expect("a cluster");
    let options = clusters::options(&world.app.db, &world.app.keys.ring, id).await.expect("a way");
    let mut server = clusters::connect(&options).await.expect("the server");
    for (name, expected) in [("tcp_keepalives_idle", "30"), ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "3")] {
        let set: String = sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(&mut server).await.expect("told");
        assert_eq!(set, expected, "{name}");
    }
}
