//! The end of a tenant.

use chrono::TimeDelta;
use control_api::{deletion::purge, jobs, provisioning};
use serde_json::json;
use uuid::Uuid;

use super::{Acts, Trail};
use crate::{
    operators::signed_in,
    provisioning::{clean, real},
    world::PASSWORD,
};

pub const ACTS: Acts = &[
    ("post /api/v1/tenant/deletion", &["person TenantDeletionAsked acme"]),
    ("delete /api/v1/tenant/deletion", &["person TenantDeletionTakenBack acme"]),
    ("post /api/v1/operator/tenants/{slug}/delete", &["operator TenantDeletionAsked acme"]),
    ("worker, the days of grace are over", &["system TenantDeletionBegun acme"]),
    ("worker, the data goes", &["system TenantDeleted acme"]),
];

#[tokio::test]
async fn the_end_of_a_tenant_is_told_of() {
    let world = real().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    provisioning::walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    world.verify("ada@acme.example").await;
    let acme = world.settle("acme", world.try_log_in("acme", "ada@acme.example", PASSWORD).await).await;
    let operator = signed_in(&world).await;
    let mut trail = Trail::of(&world, ACTS).await;
    world.post("/api/v1/tenant/deletion").by(&acme).json(json!({ "slug": "acme" })).await.expect(201);
    trail.tells("post /api/v1/tenant/deletion").await;
    world.delete("/api/v1/tenant/deletion").by(&acme).await.expect(204);
    trail.tells("delete /api/v1/tenant/deletion").await;
    world.post("/api/v1/operator/tenants/acme/delete").bearing(&operator).await.expect(200);
    trail.tells("post /api/v1/operator/tenants/{slug}/delete").await;
    world.travel(TimeDelta::days(30));
    purge::begin_due(&world.app).await.expect("begun");
    trail.tells("worker, the days of grace are over").await;
    jobs::work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    trail.tells("worker, the data goes").await;
    trail.ends();
    clean(&world).await;
}
