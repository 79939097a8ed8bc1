//! A run that an operator holds, and who ends it.

use serde_json::{Value, json};

use crate::{
    operators::{signed_in, text},
    world::World,
};

#[tokio::test]
async fn a_run_that_is_held_ends_for_another_one_only_when_that_is_asked_for() {
    let (world, ..) = World::start().await;
    let operator = signed_in(&world).await;
    let ask = async |body: Value| world.post("/api/v1/operator/migrations").bearing(&operator).json(body).await;
    let begun = ask(json!({})).await.expect(202).body;
    ask(json!({ "replaces_held": true })).await.refused(409, "migration_under_way");
    let path = format!("/api/v1/operator/migrations/{}", text(&begun["id"]));
    world.post(&format!("{path}/pause")).bearing(&operator).await.expect(200);
    for body in [json!({}), json!({ "tenant": "acme" }), json!({ "replaces_held": false })] {
        ask(body).await.refused(409, "migration_held");
        let held = world.get(&path).bearing(&operator).await.expect(200).body;
        assert_eq!(held["state"], "paused");
    }
    assert_eq!(world.count("select count(*) from migration_runs").await, 1);
    assert_eq!(world.count("select count(*) from audit_logs where action = 'MigrationStopped'").await, 0);
    let another = ask(json!({ "replaces_held": true })).await.expect(202).body;
    assert_eq!(another["state"], "running");
    let ended = world.get(&path).bearing(&operator).await.expect(200).body;
    assert_eq!((&ended["state"], &ended["reason"]), (&json!("stopped"), &json!("another run took its place")));
    assert_eq!(world.count("select count(*) from audit_logs where action = 'MigrationStopped'").await, 1);
}
