//! What goes with a tenant, what stays, and that nobody else loses anything: on a real server, a real file
//! store and a real Redis.

mod held;
mod together;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use control_api::{
    deletion::{self, KEPT, OF_ACCOUNT, OF_MEMBER, OF_TENANT, purge},
    jobs::{self, Job},
    provisioning::{self, retire},
};
use serde_json::{Value, json};
use shared::{act::Author, storage::prefix_of};
use sqlx::{AssertSqlSafe, Connection};
use uuid::Uuid;

use self::held::{Holding, files, id_of, on_server, put};
use crate::{
    operators::signed_in,
    provisioning::{clean, inside, place, real, world as without_store},
    world::{PASSWORD, Person, World},
};

/// An organisation with a database, and its admin.
async fn provisioned(world: &World, slug: &str) -> Person {
    let email = format!("admin@{slug}.example");
    world.sign_up(slug, &email).await.expect(202);
    provisioning::walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    world.verify(&email).await;
    world.log_in(slug, &email).await
}

/// Asked for by its admin, and thirty days on.
async fn is_due(world: &World, admin: &Person) {
    let admin = world.log_in(&admin.slug, &admin.email).await;
    world.post("/api/v1/tenant/deletion").by(&admin).json(json!({ "slug": admin.slug })).await.expect(201);
    world.travel(TimeDelta::days(30));
}

async fn carried_out(world: &World) {
    purge::begin_due(&world.app).await.expect("begun");
    jobs::work_all(&world.app, Uuid::now_v7()).await.expect("worked");
}

async fn record(world: &World, slug: &str) -> Value {
    let mut db = world.app.db.read().await.expect("a connection");
    let found = deletion::find(&mut db, slug, &world.app.keys.ring).await.expect("asked").expect("a record");
    serde_json::to_value(found).expect("JSON")
}

/// The job as it stands: its step, its trouble, whether it has ended.
async fn job(world: &World) -> (String, Option<String>, bool) {
    let sql = "select step, last_error, finished_at is not null from jobs where kind = 'purge' order by id desc limit 1";
    sqlx::query_as(sql).fetch_one(world.app.db.pool()).await.expect("a job")
}

#[tokio::test]
async fn everything_of_a_tenant_goes_and_another_loses_nothing() {
    let world = real().await;
    let (acme, globex) = (provisioned(&world, "acme").await, provisioned(&world, "globex").await);
    held::fill(&world, &acme).await;
    held::fill(&world, &globex).await;
    // Somebody who belongs to both.
    world.register("globex", "chloe@acme.example").await.expect(202);
    world.verify("chloe@acme.example").await;
    let both = world.log_in("globex", "chloe@acme.example").await;
    let (before, acme_place) = (Holding::of(&world, "globex").await, place(&world, "acme").await);
    let acme_id = id_of(&world, "acme").await;
    let people = world.count_of("select count(*) from memberships m join tenants t on t.id = m.tenant_id where t.slug = $1", "acme").await;
    // What jobs have left that came to no end.
    let strays = [acme_id, id_of(&world, "globex").await].map(|id| format!("backups/{id}/{}/", Uuid::now_v7()));
    for prefix in &strays {
        put(&world, prefix, 2).await;
    }
    is_due(&world, &acme).await;
    carried_out(&world).await;
    assert_eq!(job(&world).await, ("record".into(), None, true));

    let mut left = vec![];
    for prefix in &strays {
        left.push(world.app.outside.storage.delete_prefix(prefix).await.expect("deleted"));
    }
    assert_eq!(left, [0, 2], "of backups that never were, too");
    assert!(!on_server(&acme_place.database).await, "database and role are gone");
    assert_eq!(files(&world, acme_id).await, 0);
    assert_eq!(held::cached(&world, acme_id).await, 0);
    for table in OF_TENANT.iter().chain(&OF_MEMBER).chain(&["provisionings", "deletions"]) {
        let left: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table} where tenant_id = $1")))
            .bind(acme_id)
            .fetch_one(world.app.db.pool())
            .await
            .expect("counted");
        assert_eq!(left, 0, "{table}");
    }
    assert_eq!(world.count("select count(*) from users where email like '%acme.example'").await, 1, "who belongs elsewhere too stays");
    assert_eq!(world.count("select count(*) from mails where to_address = 'admin@acme.example'").await, 0);
    assert_eq!(Holding::of(&world, "globex").await, before);
    world.get("/api/v1/auth/me").by(&world.log_in("globex", &both.email).await).await.expect(200);

    is_only_a_name(&world, &acme).await;
    let shown = record(&world, "acme").await;
    assert_eq!(shown["is_verified"], true);
    let (said, removed) = (&shown["record"], &shown["record"]["removed"]);
    assert_eq!((&said["tenant"]["slug"], &said["asked_by"]["id"]), (&json!("acme"), &json!(acme.id)));
    assert_eq!(removed["databases"][0]["database"], acme_place.database);
    assert_eq!(removed["databases"][0]["rows"]["users"], 1);
    assert_eq!(removed["files"], json!({ "objects": 1003, "bytes": 3009 }));
    assert_eq!(removed["control_rows"]["data_keys"], 1, "what it had sealed is noise from now on");
    assert_eq!(removed["control_rows"]["field_keys"], 1, "nor do values of sensitive fields open");
    assert_eq!(removed["control_rows"]["memberships"], people);
    assert_eq!(removed["control_rows"]["users"], people - 1);
    clean(&world).await;
}

/// The name stays, so that nobody gets it or one like it again, and opens nothing.
async fn is_only_a_name(world: &World, admin: &Person) {
    for slug in ["acme", "acrne"] {
        world.sign_up(slug, "new@acme.example").await.refused(409, "slug_taken");
    }
    world.get("/api/v1/tenants/acme/status").await.refused(404, "tenant_not_found");
    world.get("/api/v1/auth/me").by(admin).await.refused(404, "tenant_not_found");
    world.try_log_in("acme", &admin.email, PASSWORD).await.refused(404, "tenant_not_found");
    let refresh = json!({ "refresh_token": admin.refresh });
    world.post("/api/v1/auth/refresh").json(refresh).await.refused(401, "unauthenticated");
    let operator = signed_in(world).await;
    for way in ["resume", "suspend", "delete"] {
        world.post(&format!("/api/v1/operator/tenants/acme/{way}")).bearing(&operator).await.refused(409, "conflict");
    }
    let row = world.get("/api/v1/operator/tenants/acme").bearing(&operator).await.expect(200).body;
    assert_eq!((&row["status"], &row["organisation"], &row["cluster"]), (&json!("deleted"), &json!(""), &Value::Null));
    let told = world.get("/api/v1/operator/tenants/acme/record").bearing(&operator).await.expect(200).body;
    assert_eq!((&told["is_verified"], &told["record"]["tenant"]["slug"]), (&json!(true), &json!("acme")));
    world.get("/api/v1/operator/tenants/globex/record").bearing(&operator).await.refused(404, "not_found");
    assert_eq!(world.last_event("TenantDeleted").await["data"]["slug"], "acme");
}

#[tokio::test]
async fn killed_at_any_step_it_is_finished_by_whoever_looks_next_and_the_record_is_the_same() {
    let world = real().await;
    let steps = ["look", "close", "databases", "objects", "cache", "rows", "people", "record"];
    let mut records = Vec::new();
    for (n, killed_at) in steps.into_iter().enumerate() {
        let slug = format!("acme-{n}");
        let admin = provisioned(&world, &slug).await;
        let id = id_of(&world, &slug).await;
        put(&world, &prefix_of(id), 2).await;
        let database = place(&world, &slug).await.database;
        is_due(&world, &admin).await;
        purge::begin_due(&world.app).await.expect("begun");
        let (dead, living) = (Uuid::now_v7(), Uuid::now_v7());
        let job = walk_to(&world, dead, killed_at).await;
        // The step is done, its note is not written: the process dies here. Done once more, it does no harm.
        purge::perform(&world.app, &job).await.expect("done");
        let late = purge::perform(&world.app, &job).await.expect("done again");
        assert!(jobs::claim(&world.app, living).await.expect("asked").is_none(), "a living lease is respected");
        world.travel(TimeDelta::seconds(16));
        jobs::work_all(&world.app, living).await.expect("worked");
        assert!(jobs::settle(&world.app, &job, &late).await.expect("asked").is_none(), "the dead one's note comes too late");
        assert!(!on_server(&database).await, "killed at {killed_at}");
        let told = record(&world, &slug).await;
        assert_eq!(told["is_verified"], true, "killed at {killed_at}");
        let removed = &told["record"]["removed"];
        records.push(json!([removed["files"], removed["databases"][0]["rows"], removed["control_rows"]["users"]]));
    }
    assert!(records.iter().all(|record| *record == records[0]), "{records:#?}");
    assert_eq!(records[0][0]["objects"], 2);
    clean(&world).await;
}

/// Walks the purge until it stands at a step.
async fn walk_to(world: &World, holder: Uuid, step: &str) -> Job {
    let mut job = jobs::claim(&world.app, holder).await.expect("asked").expect("a job");
    while job.step != step {
        let performed = purge::perform(&world.app, &job).await.expect("done");
        job = jobs::settle(&world.app, &job, &performed).await.expect("noted").expect("ours");
    }
    job
}

#[tokio::test]
async fn once_it_has_begun_nobody_takes_it_back() {
    let world = real().await;
    let acme = provisioned(&world, "acme").await;
    is_due(&world, &acme).await;
    // The time is over and nobody has looked yet: it can be taken back.
    let admin = world.log_in("acme", &acme.email).await;
    world.delete("/api/v1/tenant/deletion").by(&admin).await.expect(204);
    carried_out(&world).await;
    assert_eq!(world.count("select count(*) from jobs").await, 0);
    is_due(&world, &acme).await;
    purge::begin_due(&world.app).await.expect("begun");
    purge::begin_due(&world.app).await.expect("begun once");
    let (admin, operator) = (world.log_in("acme", &acme.email).await, signed_in(&world).await);
    assert_eq!(world.get("/api/v1/tenant/deletion").by(&admin).await.expect(200).body["is_begun"], true);
    world.delete("/api/v1/tenant/deletion").by(&admin).await.refused(409, "conflict");
    world.post("/api/v1/operator/tenants/acme/resume").bearing(&operator).await.refused(409, "conflict");
    assert_eq!(world.count("select count(*) from jobs").await, 1);
    clean(&world).await;
}

#[tokio::test]
async fn what_else_is_done_with_the_tenants_data_is_finished_first() {
    let world = real().await;
    let acme = provisioned(&world, "acme").await;
    world
        .sql(
            "insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at)
            select gen_random_uuid(), 'move', id, 'copy', true, now(), '{}', now() from tenants",
        )
        .await;
    is_due(&world, &acme).await;
    carried_out(&world).await;
    assert_eq!(world.count("select count(*) from deletions where begun_at is null").await, 1, "it waits");
    inside(&world, "acme").await.close().await.expect("left");
    world.sql("update jobs set finished_at = now(), outcome = 'done' where kind = 'move'").await;
    carried_out(&world).await;
    assert_eq!(record(&world, "acme").await["is_verified"], true);
    clean(&world).await;
}

#[tokio::test]
async fn while_the_file_store_is_away_nothing_goes() {
    let world = without_store().await;
    let acme = provisioned(&world, "acme").await;
    let before = world.count("select count(*) from users").await;
    is_due(&world, &acme).await;
    carried_out(&world).await;
    let (step, error, ended) = job(&world).await;
    assert_eq!((step.as_str(), ended), ("look", false));
    assert!(error.expect("trouble").contains("storage"));
    inside(&world, "acme").await.close().await.expect("left");
    assert_eq!(world.count("select count(*) from users").await, before);
    clean(&world).await;
}

#[tokio::test]
async fn a_database_with_another_tenants_marker_is_not_touched() {
    let world = real().await;
    let (acme, _) = (provisioned(&world, "acme").await, provisioned(&world, "globex").await);
    // Somebody has mistaken one for the other.
    let mistake = "update tenants set database_name = 'lost' where slug = 'acme';
        update tenants a set database_name = g.database_name from tenants g where a.slug = 'acme' and g.slug = 'globex'";
    world.sql("alter table tenants drop constraint tenants_database_key").await;
    let own = place(&world, "acme").await.database;
    world.sql(mistake).await;
    is_due(&world, &acme).await;
    carried_out(&world).await;
    let (step, error, _) = job(&world).await;
    assert_eq!(step, "look", "{error:?}");
    assert!(error.expect("trouble").contains("belongs to tenant"));
    inside(&world, "globex").await.close().await.expect("left");
    sqlx::query("update tenants set database_name = $1 where slug = 'acme'").bind(own).execute(world.app.db.pool()).await.expect("mended");
    world.travel(TimeDelta::minutes(3));
    carried_out(&world).await;
    assert_eq!(job(&world).await, ("record".into(), None, true));
    inside(&world, "globex").await.close().await.expect("left");
    clean(&world).await;
}

#[tokio::test]
async fn databases_that_it_has_left_go_with_it_though_they_were_to_stay_for_longer() {
    let world = real().await;
    let acme = provisioned(&world, "acme").await;
    let (id, own) = (id_of(&world, "acme").await, place(&world, "acme").await);
    // As after a move: the old one waits.
    held::copy(&own.database, "old_of_acme").await;
    let cluster: i64 = sqlx::query_scalar("select id from clusters").fetch_one(world.app.db.pool()).await.expect("a cluster");
    let left = retire::Left { cluster_id: cluster, database: "old_of_acme".into(), role: "old_of_acme".into(), left_at: None };
    let later = world.app.clock.now() + TimeDelta::days(300);
    let planned = world.app.db.act(Author::system("test"), &world.app.clock, async |act| retire::plan(act, id, &left, later).await);
    planned.await.expect("planned");
    is_due(&world, &acme).await;
    carried_out(&world).await;
    assert_eq!(job(&world).await.1, None);
    for database in [own.database.as_str(), "old_of_acme"] {
        assert!(!on_server(database).await, "{database}");
    }
    let told = record(&world, "acme").await;
    assert_eq!(told["record"]["removed"]["databases"].as_array().expect("databases").len(), 2);
    assert_eq!(world.count("select count(*) from jobs where finished_at is null").await, 0, "nothing waits any more");
    clean(&world).await;
}

#[tokio::test]
async fn a_record_is_not_changed_and_if_it_is_it_does_not_verify() {
    let world = real().await;
    let acme = provisioned(&world, "acme").await;
    is_due(&world, &acme).await;
    carried_out(&world).await;
    for sql in ["update deletion_records set record = '{}'", "delete from deletion_records", "truncate deletion_records"] {
        let refused = sqlx::raw_sql(sql).execute(world.app.db.pool()).await.expect_err(sql);
        assert!(refused.to_string().contains("only appended to"), "{sql}: {refused}");
    }
    let forge = async |sql: &str| {
        let sql = format!("set session_replication_role = replica; {sql}; set session_replication_role = origin");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(world.app.db.pool()).await.expect("forged");
    };
    assert_eq!(record(&world, "acme").await["is_verified"], true);
    for (sql, back) in [
        (
            "update deletion_records set record = replace(record, '\"slug\":\"acme\"', '\"slug\":\"acne\"')",
            "update deletion_records set record = replace(record, '\"slug\":\"acne\"', '\"slug\":\"acme\"')",
        ),
        ("update deletion_records set hash = sha256('x')", "update deletion_records set hash = sha256(convert_to(record, 'UTF8'))"),
        (
            "update deletion_records set record = record || ' ', hash = sha256(convert_to(record || ' ', 'UTF8'))",
            "update deletion_records set record = rtrim(record), hash = sha256(convert_to(rtrim(record), 'UTF8'))",
        ),
        (
            "update deletion_records set signature = set_byte(signature, 0, 255 - get_byte(signature, 0))",
            "update deletion_records set signature = set_byte(signature, 0, 255 - get_byte(signature, 0))",
        ),
    ] {
        forge(sql).await;
        assert_eq!(record(&world, "acme").await["is_verified"], false, "{sql}");
        forge(back).await;
        assert_eq!(record(&world, "acme").await["is_verified"], true, "{back}");
    }
    clean(&world).await;
}

/// Whoever adds a table that names a tenant or a person decides what becomes of its rows.
#[tokio::test]
async fn every_table_that_names_a_tenant_or_a_person_is_emptied_or_kept_for_a_reason() {
    let world = World::empty().await;
    let tables = async |sql: &'static str| -> BTreeSet<String> {
        sqlx::query_scalar(sql).fetch_all(world.app.db.pool()).await.expect("tables").into_iter().collect()
    };
    let of_tenants = tables(
        "select c.table_name::text from information_schema.columns c
        join information_schema.tables t using (table_schema, table_name)
        where c.table_schema = 'public' and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE'",
    )
    .await;
    let known = OF_TENANT.iter().chain(&OF_MEMBER).copied().chain(KEPT.map(|kept| kept.0));
    assert_eq!(of_tenants, known.map(str::to_owned).collect());
    let of_people = tables("select conrelid::regclass::text from pg_constraint where confrelid = 'users'::regclass").await;
    let known: BTreeSet<&str> = OF_TENANT.iter().chain(&OF_MEMBER).chain(&OF_ACCOUNT).copied().collect();
    let unknown: Vec<&String> = of_people.iter().filter(|table| !known.contains(table.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
