//! What operators, the command line and the worker do.

use control_api::{
    audit::{Trails, reanchor},
    clusters::{self, NewCluster},
    operators::cli,
    provisioning, two_factor,
};
use serde_json::json;
use shared::act::Author;
use uuid::Uuid;

use super::{Acts, Trail};
use crate::{
    moves,
    operators::{EMAIL, challenge, code, prove, text, try_in},
    provisioning::{second_server, server, world},
    world::{PASSWORD, World},
};

pub const ACTS: Acts = &[
    ("command line, a cluster", &["system ClusterAdded -"]),
    ("post /api/v1/tenants, to be given up", &["person TenantCreated acme"]),
    ("worker, a tenant that is given up", &["system TenantFailed acme"]),
    ("command line, once more", &["system TenantCreated acme"]),
    ("worker, a tenant's database", &["system TenantProvisioned acme", "system UserCreated acme"]),
    ("command line, an operator", &["system OperatorAdded -"]),
    ("post /api/v1/operator/auth/login", &[]),
    ("post /api/v1/operator/auth/2fa/setup", &["operator OperatorTwoFactorBegun -"]),
    ("post /api/v1/operator/auth/2fa/enable", &["operator OperatorSignedIn -"]),
    ("post /api/v1/operator/auth/2fa/verify", &["operator OperatorSignedIn -"]),
    ("post /api/v1/operator/tenants/{slug}/retry", &["operator TenantCreated acme"]),
    ("post /api/v1/operator/tenants/{slug}/suspend", &["operator TenantSuspended acme"]),
    ("post /api/v1/operator/tenants/{slug}/resume", &["operator TenantResumed acme"]),
    ("post /api/v1/operator/tenants/{slug}/move", &["operator TenantMoveBegun acme"]),
    ("worker, a tenant that moves", &["system TenantMoved acme"]),
    ("command line, a tenant that is to move", &["system TenantMoveBegun acme"]),
    ("worker, a move that is taken back", &["system TenantMoveUndone acme"]),
    ("post /api/v1/operator/support-access/{slug}", &["operator SupportUsed acme"]),
    ("patch /api/v1/operator/clusters/{name}", &["operator ClusterChanged -"]),
    ("command line, a cluster less", &["system ClusterRemoved -"]),
    ("post /api/v1/operator/auth/logout", &["operator OperatorSignedOut -"]),
    ("command line, an operator less", &["system OperatorRemoved -"]),
    ("command line, second factors", &["system SessionsEnded(second_factor_changed) acme", "system TwoFactorReset acme"]),
    ("command line, a trail as it is", &["system AuditReanchored acme"]),
];

#[tokio::test]
async fn operators_command_line_and_worker_are_told_of() {
    let world = world().await;
    let mut trail = Trail::of(&world, ACTS).await.and_before();
    trail.tells("command line, a cluster").await;
    is_given_up(&world, &mut trail).await;
    let password = cli::add(&world.app.db, &world.app.clock, EMAIL, "Olga").await.expect("added");
    trail.tells("command line, an operator").await;
    let token = comes_in(&world, &password, &mut trail).await;
    world.post("/api/v1/operator/tenants/acme/retry").bearing(&token).await.expect(200);
    trail.tells("post /api/v1/operator/tenants/{slug}/retry").await;
    provisioning::walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    trail.tells("worker, a tenant's database").await;
    world.post("/api/v1/operator/tenants/acme/suspend").bearing(&token).await.expect(200);
    trail.tells("post /api/v1/operator/tenants/{slug}/suspend").await;
    world.post("/api/v1/operator/tenants/acme/resume").bearing(&token).await.expect(200);
    trail.tells("post /api/v1/operator/tenants/{slug}/resume").await;
    moves_on(&world, &token, &mut trail).await;
    let acme = world.settle("acme", world.try_log_in("acme", "ada@acme.example", PASSWORD).await).await;
    world.post("/api/v1/tenant/support-access").by(&acme).json(json!({ "hours": 1, "reason": "look" })).await.expect(201);
    trail.prepared().await;
    world.post("/api/v1/operator/support-access/acme").bearing(&token).await.expect(200);
    trail.tells("post /api/v1/operator/support-access/{slug}").await;
    let second = NewCluster { name: "other".into(), ..server() };
    clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, &second).await.expect("a cluster");
    trail.prepared().await;
    world.patch("/api/v1/operator/clusters/other").bearing(&token).json(json!({ "accepting": false })).await.expect(200);
    trail.tells("patch /api/v1/operator/clusters/{name}").await;
    let less = world.app.db.act(Author::system("command line"), &world.app.clock, async |act| clusters::remove(act, "other").await);
    less.await.expect("removed");
    trail.tells("command line, a cluster less").await;
    world.post("/api/v1/operator/auth/logout").bearing(&token).await.expect(204);
    trail.tells("post /api/v1/operator/auth/logout").await;
    cli::remove(&world.app.db, &world.app.clock, EMAIL).await.expect("removed");
    trail.tells("command line, an operator less").await;
    two_factor::reset(&world.app.db, &world.app.clock, "localhost", "ada@acme.example").await.expect("reset");
    trail.tells("command line, second factors").await;
    reanchor(&Trails::from(&world.app), "acme").await.expect("taken");
    trail.tells("command line, a trail as it is").await;
    trail.ends();
    moves::clean(&world).await;
}

/// A tenant that goes to another server, and one that would go back.
async fn moves_on(world: &World, token: &str, trail: &mut Trail<'_>) {
    clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, &second_server()).await.expect("another cluster");
    trail.prepared().await;
    world.post("/api/v1/operator/tenants/acme/move").bearing(token).json(json!({ "cluster": "second" })).await.expect(202);
    trail.tells("post /api/v1/operator/tenants/{slug}/move").await;
    moves::work(world).await;
    world.travel(chrono::TimeDelta::seconds(7));
    moves::work(world).await;
    trail.tells("worker, a tenant that moves").await;
    moves::begin(world, "local").await.expect("begun");
    trail.tells("command line, a tenant that is to move").await;
    world.sql("update jobs set step = 'undo' where kind = 'move' and finished_at is null").await;
    moves::work(world).await;
    trail.tells("worker, a move that is taken back").await;
}

/// A tenant whose database cannot be made, nor at the second try.
async fn is_given_up(world: &World, trail: &mut Trail<'_>) {
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    trail.tells("post /api/v1/tenants, to be given up").await;
    let fails = async || {
        world.sql("update provisionings set step = 'undo'").await;
        provisioning::walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    };
    fails().await;
    trail.tells("worker, a tenant that is given up").await;
    let tenant: Uuid = sqlx::query_scalar("select id from tenants").fetch_one(world.app.db.pool()).await.expect("an id");
    let again = world.app.db.act(Author::system("command line"), &world.app.clock, async |act| provisioning::retry(act, tenant).await);
    again.await.expect("begun again");
    trail.tells("command line, once more").await;
    fails().await;
    trail.prepared().await;
}

async fn comes_in(world: &World, password: &str, trail: &mut Trail<'_>) -> String {
    let token = text(&try_in(world, password).await.expect(200).body["enrolment_token"]);
    trail.tells("post /api/v1/operator/auth/login").await;
    world.post("/api/v1/operator/auth/2fa/setup").bearing(&token).await.expect(200);
    trail.tells("post /api/v1/operator/auth/2fa/setup").await;
    let first = json!({ "code": code(world).await });
    world.post("/api/v1/operator/auth/2fa/enable").bearing(&token).json(first).await.expect(200);
    trail.tells("post /api/v1/operator/auth/2fa/enable").await;
    world.travel(chrono::TimeDelta::seconds(30));
    let ticket = challenge(world, password).await;
    let inside = prove(world, &ticket, &code(world).await).await.expect(200);
    trail.tells("post /api/v1/operator/auth/2fa/verify").await;
    text(&inside.body["access_token"])
}
