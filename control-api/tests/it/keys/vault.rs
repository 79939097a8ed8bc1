//! Keys and passwords in Vault, which is a real OpenBao: what stands where, what goes on while it is away, and how an older
//! installation gets there.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use control_api::{
    App, clusters,
    keys::{self, next_master},
    provisioning,
};
use secrecy::ExposeSecret;
use shared::{
    Error,
    act::Author,
    health::Condition,
    seal::{Told, Vault, Wrapped, at_hand},
    tenancy::Slug,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    OLD,
    bao::Bao,
    held::{Holding, ring},
    killed::is_killed_at_with,
    work,
};
use crate::{
    provisioning::{clean, server},
    world::World,
};

/// In the order in which they are come by, on the way into Vault.
const POINTS: [&str; 9] = [
    "rotate_master.wrap.batch",
    "rotate_master.wrap.performed",
    "keys.reseal.batch",
    "rotate_master.values.noted",
    "rotate_master.passwords.kept",
    "rotate_master.passwords.one",
    "rotate_master.backups.one",
    "rotate_master.backups.performed",
    "rotate_master.check.performed",
];

pub async fn comes_under(app: &App, to: &str) -> Uuid {
    app.db.act(Author::system("test"), &app.clock, async |act| keys::ask_master(act, to).await).await.expect("asked")
}

pub async fn id(world: &World, slug: &str) -> Uuid {
    sqlx::query_scalar("select id from tenants where slug = $1").bind(slug).fetch_one(world.app.db.pool()).await.expect("a tenant")
}

/// A platform whose keys are in Vault, with one cluster, and two organisations that wait for their databases.
pub async fn platform(bao: &Bao) -> (World, App) {
    let world = World::empty().await;
    let app = world.restarted(bao.ring(ring(OLD, None)));
    clusters::add(&app.db, &app.keys.ring, &app.clock, &server()).await.expect("a cluster");
    for slug in ["acme", "globex"] {
        world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
    }
    (world, app)
}

pub async fn walk(app: &App) {
    provisioning::walk_all(app, Uuid::now_v7()).await.expect("walked");
}

#[tokio::test]
async fn a_new_tenants_password_is_in_vault_and_nothing_is_under_the_local_key() {
    let bao = Bao::start().await;
    let (world, app) = platform(&bao).await;
    walk(&app).await;
    for slug in ["acme", "globex"] {
        let role: String =
            sqlx::query_scalar("select role_name from tenants where slug = $1").bind(slug).fetch_one(app.db.pool()).await.expect("it");
        let known = bao.passwords(id(&world, slug).await).await.expect("in Vault");
        assert_eq!(known.as_object().expect("roles").keys().collect::<Vec<_>>(), [&role]);
        // Another process, which asks Vault alone, gets in.
        let other = world.restarted(bao.ring(ring(OLD, None)));
        let tenant = other.outside.tenants.get(&Slug::parse(slug).expect("a slug")).await.expect("active");
        tenant.db.read().await.expect("its own role enters its own database");
    }
    assert_eq!(world.count("select count(*) from tenants where sealed_password <> '' or key_id <> 'vault'").await, 0);
    assert_eq!(world.count("select count(*) from data_keys where master_key_id <> 'vault:v1' or not starts_with(encode(wrapped, 'escape'), 'vault:v1:')").await, 0);
    assert!(world.count("select count(*) from data_keys").await > 0, "the platform's");
    clean(&world).await;
}

#[tokio::test]
async fn one_tenants_key_and_password_are_nobody_elses() {
    let bao = Bao::start().await;
    let (world, app) = platform(&bao).await;
    walk(&app).await;
    let (acme, globex, seals) = (id(&world, "acme").await, id(&world, "globex").await, &app.keys.ring);
    let sealed = keys::sealed(&app.db, seals, Some(acme), b"secret", "o").await.expect("sealed");
    keys::sealed(&app.db, seals, Some(globex), b"secret", "o").await.expect("sealed");
    let fresh = || bao.ring(ring(OLD, None));
    assert_eq!(keys::opened(&app.db, &fresh(), Some(acme), &sealed.bytes, "o").await.expect("opened"), b"secret");
    let bytes: Vec<u8> =
        sqlx::query_scalar("select wrapped from data_keys where tenant_id = $1").bind(acme).fetch_one(app.db.pool()).await.expect("a key");
    for (whose, tenant, version) in [("another tenant", Some(globex), 1), ("the platform", None, 1), ("another version", Some(acme), 2)] {
        let (ring, wrapped) = (fresh(), Wrapped { version, bytes: bytes.clone() });
        assert!(at_hand(|| wrapped.unwrap(&ring, tenant)).await.is_err(), "{whose}");
    }
    world.sql("update data_keys set wrapped = (select wrapped from data_keys o where o.tenant_id <> data_keys.tenant_id) where tenant_id is not null").await;
    assert!(keys::opened(&app.db, &fresh(), Some(acme), &sealed.bytes, "o").await.is_err(), "a key of another row");
    let role: String =
        sqlx::query_scalar("select role_name from tenants where id = $1").bind(acme).fetch_one(app.db.pool()).await.expect("it");
    seals.credential(acme, &role).await.expect("its own");
    assert!(seals.credential(globex, &role).await.is_err(), "a role is looked for where its tenant is");
    clean(&world).await;
}

#[tokio::test]
async fn while_vault_is_away_what_is_held_serves_and_what_is_new_waits() {
    let bao = Bao::start().await;
    let (world, app) = platform(&bao).await;
    walk(&app).await;
    let acme = id(&world, "acme").await;
    let sealed = keys::sealed(&app.db, &app.keys.ring, Some(acme), b"secret", "o").await.expect("sealed");
    let role: String =
        sqlx::query_scalar("select role_name from tenants where id = $1").bind(acme).fetch_one(app.db.pool()).await.expect("it");
    app.keys.ring.credential(acme, &role).await.expect("held from now on");
    bao.lets_in(false);
    tokio::time::sleep(Duration::from_millis(50)).await;

    assert_eq!(keys::opened(&app.db, &app.keys.ring, Some(acme), &sealed.bytes, "o").await.expect("held"), b"secret");
    app.keys.ring.credential(acme, &role).await.expect("held");
    let begun = Instant::now();
    let new = world.restarted(bao.ring(ring(OLD, None)));
    assert!(matches!(keys::opened(&new.db, &new.keys.ring, Some(acme), &sealed.bytes, "o").await, Err(error) if error.is_vaults()));
    let slug = Slug::parse("acme").expect("a slug");
    assert!(matches!(new.outside.tenants.get(&slug).await, Err(Error::Unavailable("vault"))), "no other way in");
    assert!(begun.elapsed() < Duration::from_secs(5), "two seconds each at most");
    let part = new.keys.ring.probe().await.expect("a part");
    assert!(part.vital && part.status == Condition::Down, "a new process is not ready");

    world.sign_up("initech", "ada@initech.example").await.expect(202);
    for _ in 0..3 {
        walk(&app).await;
        world.travel(TimeDelta::minutes(3));
    }
    let stands: (String, i32, String) = sqlx::query_as("select step, attempts, last_error from provisionings where finished_at is null")
        .fetch_one(app.db.pool())
        .await
        .expect("it waits");
    assert_eq!((stands.1, &*stands.2), (0, "vault is unavailable"), "at {}: nobody's fault, so nothing is taken back", stands.0);

    bao.lets_in(true);
    walk(&app).await;
    assert_eq!(world.count("select count(*) from tenants where status = 'active'").await, 3);
    new.outside.tenants.get(&slug).await.expect("without a restart");
    clean(&world).await;
}

#[tokio::test]
async fn a_process_is_ready_when_vault_has_given_what_it_needs_and_stays_so() {
    let bao = Bao::start().await;
    let (ring, stop) = (bao.ring(ring(OLD, None)), CancellationToken::new());
    bao.lets_in(false);
    let (tended, until) = (ring.clone(), stop.clone());
    let tending = tokio::spawn(async move { tended.tend(|| std::future::ready(Ok(())), until).await });
    let is = async || {
        let part = ring.probe().await.expect("a part");
        (part.vital, part.status == Condition::Ok)
    };
    assert_eq!(is().await, (true, false));
    bao.lets_in(true);
    let begun = Instant::now();
    while is().await != (false, true) {
        assert!(begun.elapsed() < Duration::from_secs(10), "ten seconds after Vault is back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bao.lets_in(false);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(is().await, (false, false), "one that runs goes on with what it holds");
    stop.cancel();
    tending.await.expect("ended");
}

#[tokio::test]
async fn a_process_outlives_its_token_by_its_role_and_by_the_file() {
    let bao = Bao::start().await;
    let by_role = ring(OLD, None).kept_by(Vault::new(&bao.told_a_role().await).expect("a client"));
    let wrapped = by_role.wrap(b"secret", "o").await.expect("wrapped");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(by_role.unwrap(&wrapped.bytes, "o").await.expect("with another token"), b"secret");

    let first = bao.gives_a_token().await;
    let by_file = bao.ring(ring(OLD, None));
    assert_eq!(by_file.unwrap(&wrapped.bytes, "o").await.expect("opened"), b"secret");
    bao.takes_back(&first).await;
    assert!(matches!(by_file.unwrap(&wrapped.bytes, "o").await, Err(Error::Unavailable("vault"))), "nobody comes in by it any more");
    bao.gives_a_token().await;
    assert_eq!(by_file.unwrap(&wrapped.bytes, "o").await.expect("with the next one"), b"secret");
}

#[tokio::test]
async fn a_transit_key_that_tells_nobody_apart_is_refused() {
    let bao = Bao::start().await;
    let told = Told { key: bao.has_a_plain_key().await, ..bao.told() };
    let ring = ring(OLD, None).kept_by(Vault::new(&told).expect("a client"));
    assert!(ring.newest().await.expect_err("refused").to_string().contains("not derived"));
}

#[tokio::test]
async fn all_passwords_of_a_tenant_go_those_of_former_versions_too() {
    let bao = Bao::start().await;
    let (ring, acme, globex) = (bao.ring(ring(OLD, None)), Uuid::now_v7(), Uuid::now_v7());
    let mut made = Vec::new();
    for (tenant, role) in [(acme, "one"), (acme, "two"), (globex, "one")] {
        made.push(ring.new_credential(tenant, role).await.expect("made"));
    }
    let again = ring.new_credential(acme, "one").await.expect("made");
    assert_eq!(again.expose_secret(), made[0].expose_secret(), "asked for again, it is the same");
    assert!(ring.take_credential(acme, "one", &made[1]).await.is_err(), "another one is not put in its place");
    ring.remove_credential(acme, "two").await.expect("removed");
    ring.remove_credential(acme, "two").await.expect("twice is once");
    assert_eq!(bao.passwords(acme).await.expect("one is left").as_object().expect("roles").len(), 1);
    for _ in 0..2 {
        ring.remove_credentials(acme).await.expect("removed");
    }
    assert_eq!(bao.versions(acme).await, None);
    assert!(ring.credential(acme, "one").await.is_err(), "memory has forgotten it, too");
    assert_eq!(bao.versions(globex).await, Some(1), "nobody else loses anything");
    ring.remove_credentials(globex).await.expect("removed");
}

#[tokio::test]
async fn an_older_installation_goes_into_vault_and_its_key_is_exchanged_there() {
    let (bao, (stored, held)) = (Bao::start().await, Holding::start().await);
    let world = &stored.world;
    held.is_from_before_data_keys(world, "globex").await;
    held.signs_a_record(world).await;
    let vaults = world.restarted(bao.ring(ring(OLD, None)));
    held.opens(&vaults).await;
    let job = comes_under(&vaults, "vault:v1").await;
    // A process that was told of no Vault leaves everything as it is.
    work(&world.app).await;
    assert!(stored.status(job).await.contains("restart it with the new one"));
    world.travel(TimeDelta::seconds(2));
    work(&vaults).await;
    assert_eq!(stored.status(job).await, "done");
    held.opens(&vaults).await;
    held.opens(&world.restarted(bao.ring(ring(OLD, None)))).await;
    assert!(!held.any_opens(&world.app).await, "the local key opens nothing of it any more");
    assert_eq!(world.count("select count(*) from tenants where sealed_password <> ''").await, 0);
    for slug in ["acme", "globex"] {
        assert_eq!(bao.passwords(stored.id(slug).await).await.expect("in Vault").as_object().expect("roles").len(), 1, "{slug}");
    }

    let to = next_master(&vaults.db, &vaults.keys.ring).await.expect("the next");
    assert_eq!(to, "vault:v2");
    let job = comes_under(&vaults, &to).await;
    assert_eq!(next_master(&vaults.db, &vaults.keys.ring).await.expect("the same"), to, "none is made while one is exchanged");
    work(&vaults).await;
    assert_eq!(stored.status(job).await, "done");
    held.opens(&world.restarted(bao.ring(ring(OLD, None)))).await;
    let mut db = world.app.db.read().await.expect("a connection");
    let masters = keys::masters(&mut db, "vault:v2").await.expect("shown");
    assert_eq!((masters.left.total(), masters.wraps), (0, vec![("vault:v2".to_owned(), 3)]));
    drop(db);
    stored.clean().await;
}

#[tokio::test]
async fn killed_on_the_way_into_vault_everything_opens_and_the_next_process_goes_on() {
    let (bao, (stored, held)) = (Bao::start().await, Holding::start().await);
    let world = &stored.world;
    held.is_from_before_data_keys(world, "globex").await;
    let vaults = || world.restarted(bao.ring(ring(OLD, None)));
    let job = comes_under(&vaults(), "vault:v1").await;
    for point in POINTS {
        is_killed_at_with(world, point, bao.environment()).await;
        held.opens(&vaults()).await;
        assert_ne!(stored.status(job).await, "done", "{point}");
    }
    world.sql("update jobs set next_at = to_timestamp(0), leased_until = null where finished_at is null").await;
    work(&vaults()).await;
    assert_eq!(stored.status(job).await, "done");
    held.opens(&vaults()).await;
    assert!(!held.any_opens(&world.app).await);
    stored.clean().await;
}
