//! What is done with a server's log and with copies of whole servers.

use serde_json::json;

use super::{Acts, Trail};
use crate::{backups::server::Server, operators::signed_in};

pub const ACTS: Acts = &[
    ("command line, an archive", &["system ArchiveBegun -"]),
    ("worker, a base backup", &["system BaseBackupTaken -"]),
    ("post /api/v1/operator/tenants/{slug}/restore", &["operator RestoreAsked acme"]),
    ("worker, a moment", &["system BackupTaken acme", "system TenantRestored acme", "system AuditReanchored acme"]),
    ("worker, a base backup with which another's time is over", &["system BaseBackupTaken -", "system BaseBackupDeleted -"]),
];

#[tokio::test]
async fn archives_base_backups_and_moments_are_told_of() {
    let server = Server::quiet().await;
    let stored = &server.stored;
    let token = signed_in(&stored.world).await;
    let mut trail = Trail::of(&stored.world, ACTS).await;
    server.archives().await;
    trail.tells("command line, an archive").await;
    server.base().await;
    trail.tells("worker, a base backup").await;
    let at = server.now().await;
    let body = json!({ "at": at });
    stored.world.post("/api/v1/operator/tenants/acme/restore").bearing(&token).json(body).await.expect(202);
    trail.tells("post /api/v1/operator/tenants/{slug}/restore").await;
    stored.work().await;
    trail.tells("worker, a moment").await;
    server.base().await;
    trail.prepared().await;
    let aged = "update base_backups set started_at = started_at - interval '9 days', finished_at = finished_at - interval '9 days'";
    stored.world.sql(aged).await;
    server.base().await;
    trail.tells("worker, a base backup with which another's time is over").await;
    trail.ends();
    stored.clean().await;
}
