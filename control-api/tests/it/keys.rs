//! Data keys under master keys, and how both are exchanged while everything opens: with two organisations on a real server
//! and a real file store.

mod bao;
mod held;
mod killed;
mod moving;
mod stuck;
mod vault;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use control_api::{
    App, backups,
    deletion::{self, purge},
    jobs::{self, Job},
    keys::{self, SEALED, Scope, ask_data, ask_master},
};
use serde_json::json;
use shared::{act::Author, tenancy::Slug};
use uuid::Uuid;

use self::held::{Holding, ring};
use crate::world::World;

const OLD: (&str, u8) = ("k1", 0);
const NEW: (&str, u8) = ("k2", 2);

async fn asks(app: &App, scope: Scope) -> shared::Result<Uuid> {
    app.db.act(Author::system("test"), &app.clock, async |act| ask_data(act, scope).await).await
}

async fn asks_master(app: &App) -> Uuid {
    let to = app.keys.ring.key_id.clone();
    app.db.act(Author::system("test"), &app.clock, async |act| ask_master(act, &to).await).await.expect("asked")
}

async fn work(app: &App) {
    jobs::work_all(app, Uuid::now_v7()).await.expect("worked");
}

/// Asks for everything to come under this process's master key until the job has failed; says why it has.
async fn comes_to_nothing(world: &World, app: &App) -> String {
    let job = asks_master(app).await;
    for _ in 0..13 {
        work(app).await;
        world.travel(TimeDelta::minutes(3));
    }
    let listed = jobs::by_id(&mut world.app.db.read().await.expect("a connection"), job).await.expect("a job");
    assert_eq!(listed.status, "failed");
    assert_eq!(world.count("select count(*) from audit_logs where action = 'MasterRotated'").await, 0);
    listed.last_error.expect("why")
}

#[tokio::test]
async fn a_tenants_secrets_are_under_its_own_data_key_and_open_for_nobody_else() {
    let (stored, held) = Holding::start().await;
    let world = &stored.world;
    let (acme, globex) = (stored.id("acme").await, stored.id("globex").await);
    assert_eq!(held.versions(world, Some(acme)).await, BTreeSet::from([Some(1)]));
    assert_eq!(held.versions(world, None).await, BTreeSet::from([Some(1)]), "the platform's are under one, too");
    let sealed: Vec<u8> =
        sqlx::query_scalar("select sealed_password from tenants where slug = 'acme'").fetch_one(world.app.db.pool()).await.expect("it");
    let (ring, owner) = (&world.app.keys.ring, format!("tenant:{acme}:db"));
    assert!(ring.open(&sealed, &owner).is_err(), "not with the master key alone");
    let mut db = world.app.db.read().await.expect("a connection");
    for (whose, tenant, owner) in [
        ("another tenant's key", Some(globex), owner.clone()),
        ("the platform's", None, owner.clone()),
        ("another purpose", Some(acme), format!("tenant:{acme}:oidc")),
    ] {
        assert!(keys::open(&mut db, ring, tenant, &sealed, &owner).await.is_err(), "{whose}");
    }
    // Rows of the table that change places open nothing.
    drop(db);
    world.sql("update data_keys set wrapped = (select wrapped from data_keys o where o.tenant_id <> data_keys.tenant_id) where tenant_id is not null").await;
    let mut db = world.app.db.read().await.expect("a connection");
    assert!(keys::open(&mut db, ring, Some(acme), &sealed, &owner).await.is_err(), "a key of another row");
    drop(db);
    stored.clean().await;
}

#[tokio::test]
async fn the_master_key_is_exchanged_and_the_former_one_opens_nothing_any_more() {
    let (stored, held) = Holding::start().await;
    let (world, acme) = (&stored.world, stored.id("acme").await);
    held.is_from_before_data_keys(world, "globex").await;
    held.signs_a_record(world).await;
    held.opens(&world.app).await;
    let both = world.restarted(ring(NEW, Some(OLD)));
    held.opens(&both).await;
    let job = asks_master(&both).await;
    assert_eq!(asks_master(&both).await, job, "who asks again gets the same job");
    // A process that was not restarted leaves everything as it is.
    work(&world.app).await;
    let told = stored.status(job).await;
    assert!(told.contains("restart it with the new one"), "{told}");
    world.travel(TimeDelta::seconds(2));
    work(&both).await;
    assert_eq!(stored.status(job).await, "done");

    held.opens(&both).await;
    held.opens(&world.restarted(ring(NEW, None))).await;
    assert!(!held.any_opens(&world.restarted(ring(OLD, None))).await);
    assert_eq!(held.versions(world, Some(acme)).await, BTreeSet::from([Some(1)]), "data keys stay what they are");
    let globex = Some(stored.id("globex").await);
    assert_eq!(held.versions(world, globex).await, BTreeSet::from([Some(1)]), "what a master had sealed is under one");
    let mut db = world.app.db.read().await.expect("a connection");
    let masters = keys::masters(&mut db, "k2").await.expect("shown");
    assert_eq!((masters.left.total(), masters.wraps), (0, vec![("k2".to_owned(), 3)]));
    drop(db);
    stored.clean().await;
}

#[tokio::test]
async fn a_name_that_another_master_key_had_is_refused_and_everything_stays_as_it_is() {
    let (stored, held) = Holding::start().await;
    let world = &stored.world;
    let same = world.restarted(ring((OLD.0, NEW.1), Some(("before", OLD.1))));
    let why = comes_to_nothing(world, &same).await;
    assert!(why.contains("another master key named k1: give the new one a name of its own"), "{why}");
    held.opens(&world.app).await;
    // Under a name of its own it takes over.
    let named = world.restarted(ring(NEW, Some(OLD)));
    let job = asks_master(&named).await;
    work(&named).await;
    assert_eq!(stored.status(job).await, "done");
    held.opens(&world.restarted(ring(NEW, None))).await;
    stored.clean().await;
}

#[tokio::test]
async fn it_is_not_done_while_anything_is_left() {
    let (stored, held) = Holding::start().await;
    let world = &stored.world;
    let both = world.restarted(ring(NEW, Some(OLD)));
    world.sql("update data_keys set wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20)) where tenant_id = (select id from tenants where slug = 'globex')").await;
    let why = comes_to_nothing(world, &both).await;
    assert!(why.contains("data-key:1 opens with none of the keys k2, k1"), "{why}");
    let mut db = world.app.db.read().await.expect("a connection");
    assert!(keys::masters(&mut db, "k2").await.expect("shown").left.data_keys > 0);
    drop(db);
    // Something of the same kind that is under way may bring a value from before.
    world.sql("update data_keys set wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20)) where tenant_id = (select id from tenants where slug = 'globex')").await;
    world.sql("insert into jobs (id, kind, step, is_exclusive, next_at, asked_by, created_at) values (gen_random_uuid(), 'backup', 'dump', false, 'infinity', '{}', to_timestamp(0))").await;
    let again = asks_master(&both).await;
    work(&both).await;
    assert_eq!(stored.status(again).await, "wrap None", "it looks again");
    world.sql("delete from jobs where kind = 'backup' and finished_at is null").await;
    world.travel(TimeDelta::seconds(31));
    work(&both).await;
    assert_eq!(stored.status(again).await, "done");
    held.opens(&world.restarted(ring(NEW, None))).await;
    stored.clean().await;
}

#[tokio::test]
async fn a_tenants_data_key_is_exchanged_and_nobody_elses() {
    let (stored, held) = Holding::start().await;
    let (world, app) = (&stored.world, &stored.world.app);
    let (acme, globex) = (stored.id("acme").await, stored.id("globex").await);
    let job = asks(app, Scope::Tenant(acme)).await.expect("asked");
    assert_eq!(asks(app, Scope::Tenant(acme)).await.expect("the same"), job);
    assert!(asks(app, Scope::All).await.is_err(), "one at a time");
    work(app).await;
    held.opens(app).await;
    assert_eq!(held.versions(world, Some(acme)).await, BTreeSet::from([Some(2)]));
    assert_eq!(held.versions(world, Some(globex)).await, BTreeSet::from([Some(1)]));
    let kept = async || world.count("select count(*) from data_keys where retired_at is not null").await;
    assert_eq!(kept().await, 1, "somebody may have read the former one a moment ago");
    // Somebody has, and writes under it now.
    held.seals_late(world, "acme").await;
    world.travel(TimeDelta::seconds(61));
    work(app).await;
    assert_eq!(kept().await, 1, "something is under it");
    held.opens(app).await;
    for _ in 0..2 {
        world.travel(TimeDelta::seconds(61));
        work(app).await;
    }
    assert_eq!((kept().await, stored.status(job).await.as_str()), (0, "done"));
    assert_eq!(held.versions(world, Some(acme)).await, BTreeSet::from([Some(2)]));
    held.opens(app).await;
    // The app plane finds the key beside the password.
    let tenant = app.outside.tenants.get(&Slug::parse("acme").expect("a slug")).await.expect("served");
    tenant.db.read().await.expect("its role may enter");
    stored.clean().await;
}

#[tokio::test]
async fn a_former_data_key_stays_while_a_job_from_before_may_write_under_it() {
    let (stored, held) = Holding::start().await;
    let (world, app) = (&stored.world, &stored.world.app);
    world.sql("insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at) values (gen_random_uuid(), 'export', (select id from tenants where slug = 'acme'), 'archive', false, 'infinity', '{}', to_timestamp(0))").await;
    let job = asks(app, Scope::All).await.expect("asked");
    for _ in 0..3 {
        work(app).await;
        world.travel(TimeDelta::seconds(61));
    }
    assert_eq!(world.count("select count(*) from data_keys where retired_at is not null").await, 1, "acme's");
    assert_ne!(stored.status(job).await, "done");
    world.sql("delete from jobs where kind = 'export'").await;
    for _ in 0..3 {
        world.travel(TimeDelta::seconds(61));
        work(app).await;
    }
    assert_eq!(stored.status(job).await, "done");
    assert_eq!(world.count("select count(*) from data_keys where version = 2 and retired_at is null").await, 3);
    assert_eq!(world.count("select count(*) from data_keys").await, 3);
    held.opens(app).await;
    stored.clean().await;
}

/// Walks a job until it stands at a step.
async fn walk_to(app: &App, holder: Uuid, step: &str) -> Job {
    let mut job = jobs::claim(app, holder).await.expect("asked").expect("a job");
    while job.step != step {
        let done = jobs::perform(app, &job).await.expect("done");
        job = jobs::settle(app, &job, &done).await.expect("noted").expect("ours");
    }
    job
}

#[tokio::test]
async fn killed_at_any_step_everything_opens_and_whoever_looks_next_finishes() {
    let (stored, held) = Holding::start().await;
    let world = &stored.world;
    let mut number = 2;
    for killed_at in ["wrap", "values", "backups", "check", "renew", "reseal"] {
        let (former, next) = ((format!("k{}", number - 1), number - 1), (format!("k{number}"), number));
        let is_master = !matches!(killed_at, "renew" | "reseal");
        let former = if former.1 == 1 { ("k1", 0) } else { (former.0.as_str(), former.1) };
        let app = if is_master { world.restarted(ring((&next.0, next.1), Some(former))) } else { world.restarted(ring(former, None)) };
        let (job, dead) = if is_master {
            (asks_master(&app).await, Uuid::now_v7())
        } else {
            (asks(&app, Scope::All).await.expect("asked"), Uuid::now_v7())
        };
        let at = walk_to(&app, dead, killed_at).await;
        // The step is done, its note is not written: the process dies here.
        jobs::perform(&app, &at).await.expect("done");
        held.opens(&app).await;
        let late = jobs::perform(&app, &at).await.expect("done again");
        world.travel(TimeDelta::seconds(16));
        for _ in 0..3 {
            work(&app).await;
            world.travel(TimeDelta::seconds(61));
        }
        assert_eq!(stored.status(job).await, "done", "killed at {killed_at}");
        assert!(jobs::settle(&app, &at, &late).await.expect("asked").is_none(), "the dead one's note comes too late");
        held.opens(&app).await;
        number += u8::from(is_master);
    }
    held.opens(&world.restarted(ring((&format!("k{}", number - 1), number - 1), None))).await;
    stored.clean().await;
}

#[tokio::test]
async fn with_a_tenant_its_keys_go_and_its_backups_are_noise() {
    let (stored, held) = Holding::start().await;
    let (world, app) = (&stored.world, &stored.world.app);
    let (acme, globex) = (stored.id("acme").await, stored.id("globex").await);
    let read = async |tenant: Uuid| {
        let sealed: Vec<Vec<u8>> = sqlx::query_scalar("select sealed_key from backups where tenant_id = $1")
            .bind(tenant)
            .fetch_all(app.db.pool())
            .await
            .expect("rows");
        let mut opened = Vec::new();
        for sealed in sealed {
            opened.push(backups::keys::open(&app.db, &app.keys.ring, Some(tenant), &sealed).await.is_ok());
        }
        opened
    };
    held.has_a_backup_from_before_data_keys(world, "acme").await;
    assert_eq!((read(acme).await, read(globex).await), (vec![true, true], vec![true]));
    assert_eq!(stored.keys(&format!("backups/{acme}/")).await.iter().filter(|key| key.ends_with("/key")).count(), 1);
    world.travel(TimeDelta::seconds(30));
    let admin = world.log_in("acme", "ada@acme.example").await;
    world.post("/api/v1/tenant/deletion").by(&admin).json(json!({ "slug": "acme" })).await.expect(201);
    world.travel(TimeDelta::days(30));
    purge::begin_due(app).await.expect("begun");
    work(app).await;
    assert_eq!((read(acme).await, read(globex).await), (vec![false, false], vec![true]));
    assert_eq!(stored.keys(&format!("backups/{acme}/")).await.iter().filter(|key| key.ends_with("/key")).count(), 0);
    let mut db = app.db.read().await.expect("a connection");
    let shown = deletion::find(&mut db, "acme", &app.keys.ring).await.expect("asked").expect("a record");
    assert_eq!(shown.record["removed"]["control_rows"]["data_keys"], 1);
    assert!(keys::current(&mut db, &app.keys.ring, Some(acme)).await.is_err(), "a name gets no key");
    drop(db);
    // What cannot be opened any more keeps nobody from exchanging keys.
    let job = asks_master(&world.restarted(ring(NEW, Some(OLD)))).await;
    work(&world.restarted(ring(NEW, Some(OLD)))).await;
    assert_eq!(stored.status(job).await, "done");
    stored.clean().await;
}

#[tokio::test]
async fn a_purge_under_way_keeps_nobody_from_exchanging_keys_and_its_jobs_forget_theirs() {
    let (stored, _) = Holding::start().await;
    let (world, app) = (&stored.world, &stored.world.app);
    let acme = stored.id("acme").await;
    let knowing = "select count(*) from jobs where tenant_id::text = $1 and finished_at is not null and state <> '{}'";
    assert!(world.count_of(knowing, &acme.to_string()).await > 0);
    let admin = world.log_in("acme", "ada@acme.example").await;
    world.post("/api/v1/tenant/deletion").by(&admin).json(json!({ "slug": "acme" })).await.expect(201);
    world.travel(TimeDelta::days(30));
    purge::begin_due(app).await.expect("begun");
    walk_to(app, Uuid::now_v7(), "people").await;
    assert_eq!(world.count_of(knowing, &acme.to_string()).await, 0);
    let job = asks(app, Scope::All).await.expect("asked");
    work(app).await;
    assert_eq!(world.count("select count(*) from jobs where kind = 'rotate_data' and attempts = 0 and last_error is null").await, 1);
    world.travel(TimeDelta::seconds(60));
    work(app).await;
    assert_eq!(stored.status(job).await, "done");
    stored.clean().await;
}

#[tokio::test]
async fn each_organisation_has_a_key_of_sensitive_fields_and_one_from_before_gets_it_once() {
    let (stored, _held) = Holding::start().await;
    let (world, app) = (&stored.world, &stored.world.app);
    let (acme, globex) = (stored.id("acme").await, stored.id("globex").await);
    let key = async |tenant: Uuid| -> Option<Vec<u8>> {
        let sql = "select sealed_key from field_keys where tenant_id = $1";
        sqlx::query_scalar(sql).bind(tenant).fetch_optional(app.db.pool()).await.expect("asked")
    };
    let theirs = key(acme).await.expect("it came with its place");
    sqlx::query("delete from field_keys where tenant_id = $1").bind(globex).execute(app.db.pool()).await.expect("gone");
    let mut given = Vec::new();
    for _ in 0..2 {
        control_api::worker::sweep(app, app.clock.now()).await.expect("swept");
        given.push(key(globex).await.expect("given"));
    }
    assert_eq!((&given[0], key(acme).await), (&given[1], Some(theirs.clone())));
    let mut opened = Vec::new();
    for (tenant, sealed) in [(acme, &theirs), (globex, &given[0])] {
        let owner = format!("tenant:{tenant}:fields");
        let plain = keys::opened(&app.db, &app.keys.ring, Some(tenant), sealed, &owner).await.expect("opened");
        assert_eq!(plain.len(), 32);
        opened.push(plain);
    }
    assert_ne!(opened[0], opened[1]);
    assert!(keys::opened(&app.db, &app.keys.ring, Some(globex), &theirs, &format!("tenant:{acme}:fields")).await.is_err());
    world.sql("update tenants set status = 'deleted' where slug = 'globex'").await;
    sqlx::query("delete from field_keys where tenant_id = $1").bind(globex).execute(app.db.pool()).await.expect("gone");
    control_api::worker::sweep(app, app.clock.now()).await.expect("swept");
    assert_eq!(key(globex).await, None, "of whom only the name is left");
    world.sql("update tenants set status = 'active' where slug = 'globex'").await;
    stored.clean().await;
}

/// A worker of the release before exchanges data keys without a look at the keys of fields.
#[tokio::test]
async fn a_data_key_under_which_a_key_of_fields_stands_goes_with_its_tenant_alone() {
    let (stored, _held) = Holding::start().await;
    let (world, acme) = (&stored.world, stored.id("acme").await);
    let forget = async || {
        let gone = sqlx::query("delete from data_keys where tenant_id = $1").bind(acme);
        gone.execute(world.app.db.pool()).await.map(|done| done.rows_affected())
    };
    let refused = forget().await.expect_err("its key of fields is under it").to_string();
    assert!(refused.contains("the key of sensitive fields is under data key 1"), "{refused}");
    let asked = "insert into deletions (tenant_id, returns_to, asked_by, asked_at, delete_after) values ($1, 'active', '{}', now(), now())";
    sqlx::query(asked).bind(acme).execute(world.app.db.pool()).await.expect("asked");
    forget().await.expect_err("it may be taken back");
    world.sql("update deletions set begun_at = now()").await;
    assert_eq!(forget().await.expect("gone"), 1);
    stored.clean().await;
}

#[tokio::test]
async fn every_column_with_sealed_values_is_known_to_whoever_exchanges_keys() {
    let world = World::empty().await;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select c.table_name::text, c.column_name::text
         from information_schema.columns c
         join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and c.column_name like 'sealed\\_%' and c.data_type = 'bytea' and t.table_type = 'BASE TABLE'",
    )
    .fetch_all(world.app.db.pool())
    .await
    .expect("columns");
    let known: BTreeSet<(String, String)> = SEALED.iter().map(|values| (values.table.to_owned(), values.column.to_owned())).collect();
    assert_eq!(columns.into_iter().collect::<BTreeSet<_>>(), known);
}
