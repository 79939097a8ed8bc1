//! What is done about tenants' schemas, by operators, on the command line, and by the worker.

use control_api::fleet::{self, Fleet, work_all};
use serde_json::json;
use shared::act::Author;

use super::{Acts, Trail};
use crate::{
    fleet::{grown, owner},
    operators::{signed_in, text},
    provisioning::clean,
};

pub const ACTS: Acts = &[
    ("command line, a canary", &["system CanaryMarked acme"]),
    ("post /api/v1/operator/migrations", &["operator MigrationStarted -"]),
    ("post /api/v1/operator/migrations/{id}/pause", &["operator MigrationPaused -"]),
    ("post /api/v1/operator/migrations/{id}/resume", &["operator MigrationResumed -"]),
    ("worker, a database that cannot be migrated", &["system TenantMigrationFailed acme", "system MigrationStopped -"]),
    ("post /api/v1/operator/migrations/{id}/retry", &["operator MigrationRetried -"]),
    ("worker, all databases", &["system MigrationDone -"]),
];

#[tokio::test]
async fn a_run_of_migrations_is_told_of() {
    let world = grown(&["acme"]).await;
    let operator = signed_in(&world).await;
    let mut trail = Trail::of(&world, ACTS).await;
    world
        .app
        .db
        .act(Author::system("command line"), &world.app.clock, async |act| fleet::mark(act, "acme", true).await)
        .await
        .expect("marked");
    trail.tells("command line, a canary").await;
    let begun = world.post("/api/v1/operator/migrations").bearing(&operator).json(json!({})).await.expect(202);
    trail.tells("post /api/v1/operator/migrations").await;
    let path = format!("/api/v1/operator/migrations/{}", text(&begun.body["id"]));
    assert_eq!(begun.header("location"), path);
    let turn = async |word: &str| world.post(&format!("{path}/{word}")).bearing(&operator).await.expect(200).body;
    assert_eq!(turn("pause").await["state"], "paused");
    trail.tells("post /api/v1/operator/migrations/{id}/pause").await;
    assert_eq!(turn("resume").await["state"], "running");
    trail.tells("post /api/v1/operator/migrations/{id}/resume").await;
    let mut acme = owner(&world, "acme").await;
    sqlx::raw_sql("update _sqlx_migrations set success = false where version = 3").execute(&mut acme).await.expect("broken");
    work_all(&Fleet::from(&world.app)).await.expect("worked");
    trail.tells("worker, a database that cannot be migrated").await;
    let listed = world.get(&format!("{path}/tenants?state=failed")).bearing(&operator).await.expect(200).body;
    assert_eq!(listed["data"][0]["tenant"], "acme");
    assert!(text(&listed["data"][0]["last_error"]).contains("came to no end"));
    sqlx::raw_sql("update _sqlx_migrations set success = true").execute(&mut acme).await.expect("healed");
    assert_eq!(turn("retry").await["pending"], 1);
    trail.tells("post /api/v1/operator/migrations/{id}/retry").await;
    work_all(&Fleet::from(&world.app)).await.expect("worked");
    trail.tells("worker, all databases").await;
    let run = world.get(&path).bearing(&operator).await.expect(200).body;
    assert_eq!((&run["state"], &run["done"], &run["total"]), (&json!("done"), &json!(1), &json!(1)));
    world.post(&format!("{path}/pause")).bearing(&operator).await.refused(409, "conflict");
    world.travel(chrono::TimeDelta::minutes(16));
    for change in ["", "/pause", "/resume", "/retry"] {
        let path = if change.is_empty() { "/api/v1/operator/migrations".to_owned() } else { format!("{path}{change}") };
        world.post(&path).bearing(&operator).json(json!({})).await.refused(403, "step_up_required");
    }
    trail.ends();
    clean(&world).await;
}
