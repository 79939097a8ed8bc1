//! What lies outside may be away.

use serde_json::json;
use shared::broker::Broker;

use crate::world::World;

#[tokio::test]
async fn without_redis_broker_and_store_the_plane_still_works_and_says_so() {
    let (world, acme, _) = World::start().await;
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
    let health = world.get("/health").await.expect(200).body;
    assert_eq!(health["status"], "degraded");
    let parts: Vec<(&str, &str)> =
        health["parts"].as_array().expect("parts").iter().filter_map(|p| Some((p["name"].as_str()?, p["status"].as_str()?))).collect();
    assert_eq!(parts, [("database", "ok"), ("redis", "down"), ("broker", "ok"), ("storage", "down")]);
    world.get("/health/ready").await.expect(200);
    world.get("/health/live").await.expect(200);
}

#[tokio::test]
async fn a_database_that_is_behind_is_not_ready() {
    let world = World::empty().await;
    world.sql("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)").await;
    world.get("/health/ready").await.expect(503);
    assert_eq!(world.get("/health").await.expect(503).body["status"], "down");
}

#[tokio::test]
async fn a_database_of_the_release_after_is_worked_with() {
    let (world, acme, _) = World::start().await;
    let ahead = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        select max(version) + 1, 'of the release after', true, '', 0 from _sqlx_migrations";
    world.sql(ahead).await;
    world.get("/health/ready").await.expect(200);
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
    world.sign_up("third", "ada@third.example").await.expect(202);
}

#[tokio::test]
async fn events_keep_their_order_and_are_told_once() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    for role in ["manager", "agent", "manager"] {
        world.patch(&format!("/api/v1/members/{}", ana.id)).by(&acme).json(json!({ "role": role })).await.expect(200);
    }
    let events = world.events().await;
    let versions: Vec<i64> = events
        .iter()
        .filter(|e| e["data"]["user_id"] == ana.id && e["data"]["version"].is_i64())
        .filter_map(|e| e["data"]["version"].as_i64())
        .collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    assert_eq!(world.events().await.len(), events.len());
    assert!(matches!(world.app.outside.broker, Broker::Memory(_)));
    let logged = world.count("select count(*) from audit_logs where outcome = 'success'").await;
    assert_eq!(logged, world.count("select count(*) from events").await, "one audit row per event");
}
