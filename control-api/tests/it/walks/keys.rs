//! Keys are exchanged, by the command line and by the worker for it.

use chrono::TimeDelta;
use control_api::{
    jobs,
    keys::{Scope, ask_data, ask_master},
};
use shared::act::Author;
use uuid::Uuid;

use super::{Acts, Trail};
use crate::provisioning::{clean, world};

pub const ACTS: Acts = &[
    ("command line, another master key", &["system MasterRotationAsked -"]),
    ("worker, another master key", &["system MasterRotated -"]),
    ("command line, a tenant's data key", &["system DataRotationAsked acme"]),
    ("worker, a tenant's data key", &["system DataKeyRotated acme", "system DataRotated acme"]),
    ("command line, the platform's data key", &["system DataRotationAsked -"]),
    ("worker, the platform's data key", &["system DataKeyRotated -", "system DataRotated -"]),
];

#[tokio::test]
async fn whoever_exchanges_keys_is_told_of() {
    let world = world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    control_api::provisioning::walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    let acme: Uuid = sqlx::query_scalar("select id from tenants").fetch_one(world.app.db.pool()).await.expect("an id");
    let (db, clock) = (&world.app.db, &world.app.clock);
    let work = async || jobs::work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    let mut trail = Trail::of(&world, ACTS).await;
    db.act(Author::system("command line"), clock, async |act| ask_master(act, "k1").await).await.expect("asked");
    trail.tells("command line, another master key").await;
    work().await;
    trail.tells("worker, another master key").await;
    for (asked, done, scope) in [
        ("command line, a tenant's data key", "worker, a tenant's data key", Scope::Tenant(acme)),
        ("command line, the platform's data key", "worker, the platform's data key", Scope::Platform),
    ] {
        db.act(Author::system("command line"), clock, async |act| ask_data(act, scope).await).await.expect("asked");
        trail.tells(asked).await;
        work().await;
        world.travel(TimeDelta::seconds(61));
        work().await;
        trail.tells(done).await;
    }
    trail.ends();
    clean(&world).await;
}
