//! Processes of their own that exchange keys and are killed meanwhile, as `kill -9` does.

use std::{os::unix::process::ExitStatusExt, process::Stdio, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use control_api::keys::Scope;
use secrecy::ExposeSecret;
use shared::testing::secrets;
use tokio::process::Command;

use super::{NEW, OLD, asks, asks_master, held::Holding, ring, work};
use crate::world::{SEALING, World, url_of};

/// In the order in which they are come by.
const MASTER: [&str; 7] = [
    "rotate_master.wrap.batch",
    "rotate_master.wrap.performed",
    "keys.reseal.batch",
    "rotate_master.values.noted",
    "rotate_master.backups.one",
    "rotate_master.backups.performed",
    "rotate_master.check.performed",
];
const DATA: [&str; 6] = [
    "rotate_data.renew.one",
    "rotate_data.renew.performed",
    "keys.reseal.batch",
    "rotate_data.reseal.noted",
    "rotate_data.forget.one",
    "rotate_data.forget.performed",
];

/// Serves the world's platform with a new master key, until it is killed there.
async fn is_killed_at(world: &World, point: &str) {
    let keys = [
        ("DB_ENCRYPTION_KEY_ID", NEW.0.to_owned()),
        ("DB_ENCRYPTION_KEY", STANDARD.encode([NEW.1; 32])),
        ("DB_ENCRYPTION_KEYS_PREVIOUS", format!("{}:{SEALING}", OLD.0)),
    ];
    is_killed_with(world, point, keys.into()).await;
}

/// The same with the world's own key, and something besides.
pub async fn is_killed_at_with(world: &World, point: &str, mut more: Vec<(&str, String)>) {
    more.extend([("DB_ENCRYPTION_KEY_ID", OLD.0.to_owned()), ("DB_ENCRYPTION_KEY", SEALING.to_owned())]);
    is_killed_with(world, point, more).await;
}

async fn is_killed_with(world: &World, point: &str, keys: Vec<(&str, String)>) {
    // Nobody waits for a dead one's lease, and the world's clock is ahead of the machine's.
    world.sql("update jobs set next_at = to_timestamp(0), leased_until = null where finished_at is null").await;
    world.sql("update data_keys set retired_at = to_timestamp(0) where retired_at is not null").await;
    let told = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name}: run the tests with scripts/test"));
    let database: String = sqlx::query_scalar("select current_database()").fetch_one(world.app.db.pool()).await.expect("a name");
    let mut process = Command::new(env!("CARGO_BIN_EXE_control-api"));
    process.arg("serve").env_clear().envs(secrets::environment()).envs([
        ("APP_ENV", "local".to_owned()),
        ("BIND_ADDR", "127.0.0.1:0".to_owned()),
        ("METRICS_ADDR", "127.0.0.1:0".to_owned()),
        ("WARM_DATABASES", "0".to_owned()),
        ("BACKUP_NIGHTLY", "false".to_owned()),
        ("CONTROL_DATABASE_URL", url_of(&database).expose_secret().to_owned()),
        ("HD_CRASH_AT", point.to_owned()),
    ]);
    process.envs(keys);
    process.envs(["S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"].map(|name| (name, told(name))));
    let mut running = process.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().expect("it starts");
    let ended = tokio::time::timeout(Duration::from_secs(30), running.wait()).await;
    let ended = ended.unwrap_or_else(|_| panic!("it was not killed at {point}")).expect("it has ended");
    assert!(ended.signal().is_some(), "it has ended in another way before {point}: {ended}");
}

#[tokio::test]
async fn killed_in_the_middle_of_an_exchange_everything_opens_and_the_next_process_goes_on() {
    let (stored, held) = Holding::start().await;
    let world = &stored.world;
    held.is_from_before_data_keys(world, "globex").await;
    let both = world.restarted(ring(NEW, Some(OLD)));
    let master = asks_master(&both).await;
    for point in MASTER {
        is_killed_at(world, point).await;
        held.opens(&both).await;
        assert_ne!(stored.status(master).await, "done", "{point}");
    }
    world.sql("update jobs set next_at = to_timestamp(0), leased_until = null where finished_at is null").await;
    work(&both).await;
    assert_eq!(stored.status(master).await, "done");
    let new = world.restarted(ring(NEW, None));
    held.opens(&new).await;

    let data = asks(&both, Scope::All).await.expect("asked");
    for point in DATA {
        is_killed_at(world, point).await;
        held.opens(&new).await;
        assert_ne!(stored.status(data).await, "done", "{point}");
    }
    world.sql("update jobs set next_at = to_timestamp(0), leased_until = null where finished_at is null").await;
    work(&both).await;
    assert_eq!(stored.status(data).await, "done");
    assert_eq!(world.count("select count(*) from data_keys where retired_at is not null").await, 0);
    held.opens(&new).await;
    stored.clean().await;
}
