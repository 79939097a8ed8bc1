//! Whether what is on the servers is what the books say.

use chrono::TimeDelta;
use control_api::{
    inspection::{Asked, Finding, Inspector, What, check},
    provisioning::{spares, walk_all},
};
use shared::testing;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use uuid::Uuid;

use crate::{
    provisioning::{clean, inside, places, server, world},
    world::World,
};

/// Looks at these alone: the server is the other tests', too.
async fn looked(world: &World, only: &[String], fix: bool) -> Vec<Finding> {
    let inspector = Inspector { db: &world.app.db, ring: &world.app.keys.ring, clock: &world.app.clock };
    check(&inspector, &Asked { fix, only: only.to_vec() }, |_, _| {}).await.expect("looked")
}

async fn found(world: &World, only: &[String]) -> Vec<(What, bool)> {
    looked(world, only, false).await.into_iter().map(|f| (f.what, f.can_be_fixed)).collect()
}

async fn fixed(world: &World, only: &[String]) -> Vec<(What, bool)> {
    looked(world, only, true).await.into_iter().map(|f| (f.what, f.fixed)).collect()
}

async fn admin() -> PgConnection {
    server().options().expect("a URL").connect().await.expect("the server")
}

async fn run(db: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(db).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// Acme, which is served, and two spares.
async fn acme() -> (World, String) {
    let world = world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    spares::keep(&world.app).await.expect("kept");
    let name = places(&world).await.remove(0).0;
    (world, name)
}

async fn spare(world: &World) -> String {
    sqlx::query_scalar("select name from spares order by name limit 1").fetch_one(world.app.db.pool()).await.expect("a spare")
}

#[tokio::test]
async fn tenants_and_spares_as_they_are_made_are_as_they_should_be() {
    let (world, acme) = acme().await;
    let names = [acme, spare(&world).await];
    assert_eq!(found(&world, &names).await, []);
    clean(&world).await;
}

#[tokio::test]
async fn what_stands_in_no_book_is_dropped_a_day_after_it_was_first_seen() {
    let (world, _) = acme().await;
    let orphan = format!("tenant_gone_{}", &Uuid::new_v4().simple().to_string()[..12]);
    let only = [orphan.clone()];
    let mut admin = admin().await;
    run(&mut admin, format!("create role {orphan} nologin")).await;
    run(&mut admin, format!("create database {orphan}")).await;
    run(&mut admin, format!("revoke all on database {orphan} from public")).await;
    let young = [(What::OrphanDatabase, false), (What::OrphanRole, false)];
    assert_eq!(found(&world, &only).await, young);
    assert_eq!(fixed(&world, &only).await, young);
    world.travel(TimeDelta::hours(24));
    assert_eq!(found(&world, &only).await, [(What::OrphanDatabase, true), (What::OrphanRole, true)]);
    // An open job that names it may be about to use it.
    let job = "insert into jobs (id, kind, step, state, is_exclusive, next_at, asked_by, created_at)
        values (gen_random_uuid(), 'retire', 'drop', jsonb_build_object('database', $1::text), false, now(), '{}', now())";
    sqlx::query(job).bind(&orphan).execute(world.app.db.pool()).await.expect("planned");
    assert_eq!(fixed(&world, &only).await, []);
    world.sql("delete from jobs").await;
    // It is as new once more.
    assert_eq!(fixed(&world, &only).await, young);
    world.travel(TimeDelta::hours(24));
    assert_eq!(fixed(&world, &only).await, [(What::OrphanDatabase, true), (What::OrphanRole, true)]);
    assert_eq!(found(&world, &only).await, []);
    let left: i64 = sqlx::query_scalar("select count(*) from pg_database where datname = $1")
        .bind(&orphan)
        .fetch_one(&mut admin)
        .await
        .expect("counted");
    assert_eq!(left, 0);
    clean(&world).await;
}

#[tokio::test]
async fn rights_that_were_changed_are_given_as_they_should_be() {
    let (world, acme) = acme().await;
    let spare = spare(&world).await;
    // Nobody less takes away a role that has rights.
    let mut within = testing::admin_options().database(&acme).connect().await.expect("the database");
    for (wrong, what, name) in [
        (format!("revoke insert on mails from {acme}"), What::WrongRights, &acme),
        (format!("grant update on audit_logs to {acme}"), What::WrongRights, &acme),
        (format!("grant truncate on mails to {acme}; grant create on schema public to {acme}"), What::WrongRights, &acme),
        (format!("revoke connect on database {acme} from {acme}"), What::WrongRights, &acme),
        (format!("grant connect on database {acme} to public"), What::OpenToEverybody, &acme),
        (format!("grant connect on database {spare} to public"), What::OpenToEverybody, &spare),
        (format!("drop owned by {acme}; drop role {acme}"), What::RoleMissing, &acme),
    ] {
        run(&mut within, wrong.clone()).await;
        let only = std::slice::from_ref(name);
        assert_eq!(found(&world, only).await, [(what, true)], "{wrong}");
        assert_eq!(fixed(&world, only).await, [(what, true)], "{wrong}");
        assert_eq!(found(&world, only).await, [], "{wrong}");
    }
    within.close().await.expect("left");
    inside(&world, "acme").await.close().await.expect("it may come in, by the password of the books");
    clean(&world).await;
}

#[tokio::test]
async fn what_may_hold_somebodys_data_is_told_and_left_alone() {
    let (world, acme) = acme().await;
    let only = std::slice::from_ref(&acme);
    let mut within = server().options().expect("a URL").database(&acme).connect().await.expect("the database");
    run(&mut within, format!("update tenant_marker set id = gen_random_uuid(); revoke insert on mails from {acme}")).await;
    within.close().await.expect("left");
    let wrong = [(What::AnothersDatabase, false), (What::WrongRights, false)];
    assert_eq!(found(&world, only).await, wrong);
    assert_eq!(fixed(&world, only).await, wrong);
    let (mut admin, aside) = (admin().await, acme.replace("tenant_", "aside_"));
    run(&mut admin, format!("alter database {acme} rename to {aside}")).await;
    assert_eq!(fixed(&world, only).await, [(What::DatabaseMissing, false)]);
    run(&mut admin, format!("alter database {aside} rename to {acme}")).await;
    clean(&world).await;
}

#[tokio::test]
async fn a_spare_that_is_gone_and_a_server_that_is_away_are_told() {
    let (world, _) = acme().await;
    let spare = spare(&world).await;
    run(&mut admin().await, format!("drop database {spare}")).await;
    let only = [spare.clone(), "local".into()];
    assert_eq!(fixed(&world, &only).await, [(What::SpareMissing, true)]);
    assert_eq!(found(&world, &["local".to_owned()]).await, []);
    run(&mut admin().await, format!("drop role {spare}")).await;
    world.sql("update clusters set sealed_admin_url = 'x'").await;
    assert_eq!(fixed(&world, &only).await, [(What::Away, false)]);
    clusters_told(&world).await;
    clean(&world).await;
}

/// As the command line tells a cluster anew.
async fn clusters_told(world: &World) {
    control_api::clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, &server()).await.expect("a cluster");
}
