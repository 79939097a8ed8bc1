//! A tenant goes to another server where Vault keeps passwords, or while they are handed over to it.

use chrono::TimeDelta;
use control_api::{App, clusters, jobs, moves};
use shared::{act::Author, tenancy::Slug};
use uuid::Uuid;

use super::{
    OLD,
    bao::Bao,
    held::ring,
    vault::{comes_under, id, platform, walk},
    work,
};
use crate::{
    moves::{begin, clean, walk_to, world as on_two_servers},
    provisioning::second_server,
    world::World,
};

async fn role(world: &World) -> String {
    sqlx::query_scalar("select role_name from tenants where slug = 'acme'").fetch_one(world.app.db.pool()).await.expect("a role")
}

/// A process that has just been started, and remembers nothing, gets into acme's database as the app plane does.
async fn comes_in(world: &World, bao: &Bao) {
    let fresh = world.restarted(bao.ring(ring(OLD, None)));
    let tenant = fresh.outside.tenants.get(&Slug::parse("acme").expect("a slug")).await.expect("served");
    tenant.db.read().await.expect("its own role enters its own database");
}

/// Acme and Globex on the first of two servers, with their passwords in Vault, and a move that has begun.
async fn moving(bao: &Bao) -> (World, App) {
    let (world, app) = platform(bao).await;
    walk(&app).await;
    clusters::add(&app.db, &app.keys.ring, &app.clock, &second_server()).await.expect("another cluster");
    let begun = app.db.act(Author::system("operator"), &app.clock, async |act| moves::begin(act, "acme", "second").await);
    begun.await.expect("begun");
    (world, app)
}

async fn roles(bao: &Bao, tenant: Uuid) -> Vec<String> {
    let known = bao.passwords(tenant).await.expect("in Vault");
    known.as_object().expect("roles").keys().cloned().collect()
}

#[tokio::test]
async fn a_tenant_that_moves_is_let_in_at_its_new_place_by_the_password_that_vault_keeps() {
    let bao = Bao::start().await;
    let (world, app) = moving(&bao).await;
    let old = role(&world).await;
    work(&app).await;
    let new = role(&world).await;
    assert_ne!(new, old);
    comes_in(&world, &bao).await;
    // The old place goes, and its password with it.
    for pause in [TimeDelta::seconds(7), TimeDelta::hours(25)] {
        world.travel(pause);
        work(&app).await;
    }
    assert_eq!(roles(&bao, id(&world, "acme").await).await, [new]);
    comes_in(&world, &bao).await;
    clean(&world).await;
}

#[tokio::test]
async fn a_move_that_is_taken_back_leaves_no_password_in_vault() {
    let bao = Bao::start().await;
    let (world, app) = moving(&bao).await;
    let job = jobs::claim(&app, Uuid::now_v7()).await.expect("asked").expect("a job");
    moves::perform(&app, &job).await.expect("prepared");
    assert_eq!(roles(&bao, id(&world, "acme").await).await.len(), 2, "the old place's and the new one's");
    world.sql("update jobs set step = 'undo', leased_until = null where kind = 'move'").await;
    work(&app).await;
    assert_eq!(roles(&bao, id(&world, "acme").await).await, [role(&world).await]);
    comes_in(&world, &bao).await;
    clean(&world).await;
}

#[tokio::test]
async fn a_password_is_handed_over_to_vault_when_its_tenant_has_come_to_rest() {
    let (bao, world) = (Bao::start().await, on_two_servers().await);
    begin(&world, "second").await.expect("begun");
    // The new role was made by a process that knew no Vault.
    let moving = walk_to(&world, "switch").await;
    let vaults = world.restarted(bao.ring(ring(OLD, None)));
    let rotation = comes_under(&vaults, "vault:v1").await;
    work(&vaults).await;
    assert_eq!(roles(&bao, id(&world, "globex").await).await.len(), 1, "nobody else waits");
    assert_eq!(bao.passwords(id(&world, "acme").await).await, None);
    let performed = moves::perform(&vaults, &moving).await.expect("switched");
    jobs::settle(&vaults, &moving, &performed).await.expect("noted").expect("goes on");
    comes_in(&world, &bao).await;
    for pause in [16, 31, 31] {
        world.travel(TimeDelta::seconds(pause));
        work(&vaults).await;
    }
    let status = jobs::by_id(&mut world.app.db.read().await.expect("a connection"), rotation).await.expect("a job").status;
    assert_eq!((status.as_str(), roles(&bao, id(&world, "acme").await).await), ("done", vec![role(&world).await]));
    comes_in(&world, &bao).await;
    clean(&world).await;
}
