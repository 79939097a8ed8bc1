//! A process that closes the gate and falls silent.

use std::time::{Duration, Instant};

use control_api::{clusters, moves};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;
use uuid::Uuid;

use super::{begin, clean, superuser, walk_to, work, world};
use crate::{
    provisioning::{inside, place, server},
    world::World,
};

/// The gate, as the database knows it.
const GATE: i64 = 7_219_004_512;

/// Stands before the first server until it falls silent: connections stay open, and nothing comes through.
async fn line() -> (clusters::NewCluster, watch::Sender<bool>) {
    let mut url: Url = server().admin_url.expose_secret().parse().expect("a URL");
    let target = (url.host_str().expect("a host").to_owned(), url.port().unwrap_or(5432));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    url.set_host(Some("127.0.0.1")).expect("a host");
    url.set_port(Some(listener.local_addr().expect("an address").port())).expect("a port");
    let silent = watch::Sender::new(false);
    tokio::spawn(accept(listener, target, silent.subscribe()));
    (clusters::NewCluster { admin_url: url.as_str().into(), ..server() }, silent)
}

async fn accept(listener: TcpListener, target: (String, u16), silent: watch::Receiver<bool>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (target, mut silent) = (target.clone(), silent.clone());
        tokio::spawn(async move {
            let mut far = TcpStream::connect(target).await.expect("the server");
            let falls_silent = tokio::select! {
                biased;
                _ = silent.wait_for(|is| *is) => true,
                _ = tokio::io::copy_bidirectional(&mut near, &mut far) => false,
            };
            if falls_silent {
                std::future::pending::<()>().await;
            }
        });
    }
}

async fn reached_by(world: &World, cluster: &clusters::NewCluster) {
    clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, cluster).await.expect("told");
}

async fn is(db: &mut PgConnection, sql: &'static str) {
    let begun = Instant::now();
    while !sqlx::query_scalar::<_, bool>(sql).bind(GATE).fetch_one(&mut *db).await.expect("asked") {
        assert!(begun.elapsed() < Duration::from_secs(10), "{sql}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_gate_whose_keeper_has_fallen_silent_is_opened_by_the_server() {
    let world = world().await;
    begin(&world, "second").await.expect("begun");
    let job = walk_to(&world, "switch").await;
    let (old, mut acme) = (place(&world, "acme").await.database, inside(&world, "acme").await);
    let (cluster, silent) = line().await;
    reached_by(&world, &cluster).await;
    let mut watching = superuser(true, Some(&old)).await;
    // Somebody is inside until whoever closes the gate has sent the last beat before it.
    let mut within = superuser(true, Some(&old)).await;
    sqlx::query("select pg_advisory_lock_shared($1)").bind(GATE).execute(&mut within).await.expect("inside");
    let (app, moving) = (world.app.clone(), job.clone());
    let switching = tokio::spawn(async move { moves::perform(&app, &moving).await.map(drop) });
    let asks = "select exists (select from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and not granted
        and (classid::int8 << 32 | objid::int8) = $1 and database = (select oid from pg_database where datname = current_database()))";
    is(&mut watching, asks).await;
    sqlx::raw_sql("begin; lock table passage.beat").execute(&mut watching).await.expect("no further beat comes");
    sqlx::query("select pg_advisory_unlock_shared($1)").bind(GATE).execute(&mut within).await.expect("left");
    let holds = "select exists (select from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and granted
        and (classid::int8 << 32 | objid::int8) = $1 and database = (select oid from pg_database where datname = current_database()))";
    is(&mut within, holds).await;
    silent.send_replace(true);
    let begun = Instant::now();
    // Otherwise whoever writes gives up before, and comes again.
    sqlx::raw_sql("set lock_timeout = '15s'; set statement_timeout = '15s'").execute(&mut acme).await.expect("patient");
    let write = sqlx::query("insert into reactions (consumer, event_id) values ('between', $1)").bind(Uuid::now_v7());
    let written = tokio::time::timeout(Duration::from_secs(15), write.execute(&mut acme)).await;
    written.expect("the gate was opened").expect("written");
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    switching.abort();
    watching.close().await.expect("left");
    // Another process goes on, by another way.
    reached_by(&world, &server()).await;
    world.sql("update jobs set step = 'undo', leased_until = null where kind = 'move'").await;
    work(&world).await;
    clean(&world).await;
}
