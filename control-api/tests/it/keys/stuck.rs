//! What does not open keeps nobody else's from being exchanged.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{NEW, OLD, Scope, asks, comes_to_nothing, held::Holding, jobs, keys, ring, work};

#[tokio::test]
async fn a_key_and_a_value_that_do_not_open_keep_nothing_else_from_the_new_master_key() {
    let (stored, held) = Holding::start().await;
    let world = &stored.world;
    let both = world.restarted(ring(NEW, Some(OLD)));
    held.has_a_backup_from_before_data_keys(world, "acme").await;
    held.has_a_backup_from_before_data_keys(world, "acme").await;
    // The first of all keys, and the first of all values from before there were data keys.
    world
        .sql("update data_keys set wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20)) where id = (select min(id) from data_keys)")
        .await;
    let older = "select min(id::text)::uuid from backups where key_id = 'k1' and tenant_id is not null";
    let broken: Uuid = sqlx::query_scalar(older).fetch_one(world.app.db.pool()).await.expect("a backup");
    let breaks = "update backups set sealed_key = set_byte(sealed_key, 20, 255 - get_byte(sealed_key, 20)) where id = $1";
    sqlx::query(breaks).bind(broken).execute(world.app.db.pool()).await.expect("broken");
    let why = comes_to_nothing(world, &both).await;
    assert!(why.contains("2 do not open, all others are exchanged"), "{why}");
    let mut db = world.app.db.read().await.expect("a connection");
    let left = keys::masters(&mut db, "k2").await.expect("shown").left;
    drop(db);
    assert_eq!((left.data_keys, left.values, left.backups), (1, 1, 0));
    // With the former key gone, all others open.
    let alone = world.restarted(ring(NEW, None));
    assert!(held.any_opens(&alone).await);
    assert_eq!(world.count("select count(*) from data_keys where master_key_id = 'k2'").await, 2);
    // Mended, it goes on.
    sqlx::query(breaks).bind(broken).execute(world.app.db.pool()).await.expect("mended");
    world.sql("update data_keys set wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20)) where master_key_id = 'k1'").await;
    let again = super::asks_master(&both).await;
    work(&both).await;
    assert_eq!(stored.status(again).await, "done");
    let mut db = world.app.db.read().await.expect("a connection");
    assert_eq!(keys::masters(&mut db, "k2").await.expect("shown").left.total(), 0);
    drop(db);
    stored.clean().await;
}

#[tokio::test]
async fn a_value_that_does_not_open_keeps_nothing_else_from_the_next_data_keys() {
    let (stored, _held) = Holding::start().await;
    let (world, app) = (&stored.world, &stored.world.app);
    world.sql("update identity_providers set sealed_secret = set_byte(sealed_secret, 25, 255 - get_byte(sealed_secret, 25))").await;
    let job = asks(app, Scope::All).await.expect("asked");
    for _ in 0..15 {
        work(app).await;
        world.travel(TimeDelta::minutes(3));
    }
    let listed = jobs::by_id(&mut app.db.read().await.expect("a connection"), job).await.expect("a job");
    assert_eq!(listed.status, "failed");
    let why = listed.last_error.expect("why");
    assert!(why.contains("1 do not open, all others are exchanged"), "{why}");
    let behind = "select count(*) from tenants where substring(sealed_password from 8 for 1) <> '\\x02'::bytea";
    assert_eq!(world.count(behind).await, 0);
    assert_eq!(world.count("select count(*) from data_keys where retired_at is null and version = 2").await, 3);
    // Acme's former key stays: something is under it.
    let kept: Vec<(String, i32)> =
        sqlx::query_as("select t.slug, d.version from data_keys d join tenants t on t.id = d.tenant_id where d.retired_at is not null")
            .fetch_all(app.db.pool())
            .await
            .expect("keys");
    assert_eq!(kept, [("acme".to_owned(), 1)]);
    stored.clean().await;
}
