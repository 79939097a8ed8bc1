//! What is done with backups, by operators and by the worker for them.

use serde_json::json;
use shared::act::Author;

use super::{Acts, Trail};
use crate::{backups::world::Stored, operators::signed_in};

pub const ACTS: Acts = &[
    ("post /api/v1/operator/backups", &["operator BackupAsked acme"]),
    ("worker, a backup", &["system BackupTaken acme"]),
    ("post /api/v1/operator/drills", &["operator DrillAsked acme"]),
    ("worker, a drill", &["system BackupDrilled acme"]),
    ("post /api/v1/operator/backups/{id}/restore", &["operator RestoreAsked acme"]),
    ("worker, a restore", &["system TenantRestored acme", "system AuditReanchored acme", "system SessionsEnded(restored) acme"]),
    ("delete /api/v1/operator/backups/{id}", &["operator BackupDeleted acme"]),
    ("post /api/v1/tenant/exports", &["person ExportAsked acme"]),
    ("worker, an export", &["system ExportReady acme"]),
    ("get /api/v1/tenant/exports/{id}/download", &["person ExportTaken acme"]),
    ("worker, an export whose time is over", &["system ExportExpired acme"]),
    ("worker, an export that cannot be made", &["system ExportFailed acme"]),
    ("command line, the control database", &["system BackupAsked -"]),
    ("worker, the control database", &["system BackupTaken -"]),
];

#[tokio::test]
async fn backups_and_what_is_done_with_them_are_told_of() {
    let stored = Stored::start().await;
    let world = &stored.world;
    let token = signed_in(world).await;
    let mut trail = Trail::of(world, ACTS).await;
    let ask = async |path: &str, body| world.post(path).bearing(&token).json(body).await.expect(202).body;
    let backup = ask("/api/v1/operator/backups", json!({ "tenant": "acme" })).await["id"].as_str().expect("an id").to_owned();
    trail.tells("post /api/v1/operator/backups").await;
    stored.work().await;
    trail.tells("worker, a backup").await;
    ask("/api/v1/operator/drills", json!({ "tenant": "acme" })).await;
    trail.tells("post /api/v1/operator/drills").await;
    stored.work().await;
    trail.tells("worker, a drill").await;
    world.travel(chrono::TimeDelta::seconds(30));
    world.log_in("acme", "ada@acme.example").await;
    trail.prepared().await;
    ask(&format!("/api/v1/operator/backups/{backup}/restore"), json!({ "tenant": "acme" })).await;
    trail.tells("post /api/v1/operator/backups/{id}/restore").await;
    stored.work().await;
    trail.tells("worker, a restore").await;
    world.delete(&format!("/api/v1/operator/backups/{backup}")).bearing(&token).await.expect(204);
    trail.tells("delete /api/v1/operator/backups/{id}").await;
    world.travel(chrono::TimeDelta::seconds(30));
    let ada = world.log_in("acme", "ada@acme.example").await;
    trail.prepared().await;
    let export = world.post("/api/v1/tenant/exports").by(&ada).json(json!({})).await.expect(202).body;
    trail.tells("post /api/v1/tenant/exports").await;
    stored.work().await;
    trail.tells("worker, an export").await;
    let path = format!("/api/v1/tenant/exports/{}/download", export["id"].as_str().expect("an id"));
    assert_eq!(world.get(&path).by(&ada).await.status, 200);
    trail.tells("get /api/v1/tenant/exports/{id}/download").await;
    world.travel(chrono::TimeDelta::days(7));
    control_api::exports::expire(stored.app()).await.expect("taken away");
    trail.tells("worker, an export whose time is over").await;
    let ada = world.log_in("acme", "ada@acme.example").await;
    world.post("/api/v1/tenant/exports").by(&ada).json(json!({})).await.expect(202);
    trail.prepared().await;
    world.sql("update jobs set step = 'give_up' where kind = 'export' and finished_at is null").await;
    stored.work().await;
    trail.tells("worker, an export that cannot be made").await;
    let (db, clock) = (&world.app.db, &world.app.clock);
    let asked = db.act(Author::system("command line"), clock, async |act| control_api::backups::ask_backup(act, None).await);
    asked.await.expect("asked");
    trail.tells("command line, the control database").await;
    stored.work().await;
    trail.tells("worker, the control database").await;
    trail.ends();
    stored.clean().await;
}
