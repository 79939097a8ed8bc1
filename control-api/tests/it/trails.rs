//! Trails are kept, checked, and searched without reading all of them.

use chrono::Months;
use control_api::{
    audit::{Checked, Scope, Trails, anchor_all, check, keep_own, reanchor},
    provisioning::walk_all,
};
use serde_json::{Value, json};
use shared::{
    audit,
    tenancy::{Quiet, Slug},
};
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use crate::{provisioning, world::World};

const KEPT: Months = Months::new(60);

async fn checked(world: &World, scope: Scope) -> (u8, Vec<Value>) {
    let mut told = Vec::new();
    let tell = |checked: &Checked| told.push(serde_json::to_value(checked).expect("JSON"));
    let code = check(&Trails::from(&world.app), &scope, KEPT, tell).await.expect("checked");
    (code, told)
}

fn acme() -> Scope {
    Scope::Tenant("acme".into())
}

#[tokio::test]
async fn a_trail_that_was_cut_or_made_anew_shows_by_the_seal_that_was_kept() {
    let (world, _, _) = World::start().await;
    let (own, other) = (world.own("acme").await, world.own("globex").await);
    let (trails, now) = (Trails::from(&world.app), world.app.clock.now());
    for own in [&own, &other] {
        own.writes(5, 1, now).await;
        own.seals(now).await;
    }
    keep_own(&world.app).await.expect("kept");
    assert_eq!(anchor_all(&trails, &mut Quiet::new(1)).await.expect("looked"), 0);
    own.writes(2, 1, now).await;
    own.seals(now).await;
    assert_eq!(anchor_all(&trails, &mut Quiet::new(1)).await.expect("looked"), 0);
    let (code, told) = checked(&world, Scope::All).await;
    let trail = |told: &Value| (told["trail"].clone(), told["sound"].clone());
    assert_eq!(
        (code, told.iter().map(trail).collect::<Vec<_>>()),
        (0, vec![(json!("control"), json!(true)), (json!("acme"), json!(true)), (json!("globex"), json!(true))])
    );
    assert_eq!((&told[1]["seals"], &told[1]["rows"]), (&json!(2), &json!(7)));
    // Cut off, and made anew so that the trail alone is without fault.
    own.forge("delete from audit_logs where id > 4; delete from audit_seals").await;
    own.seals(now).await;
    assert_eq!(checked(&world, acme()).await.0, 1);
    let (code, told) = checked(&world, Scope::All).await;
    assert_eq!((code, &told[2]["sound"]), (1, &json!(true)), "the other's is sound: {told:?}");
    assert_eq!(told[1]["findings"], json!([{ "kind": "cut_off", "kept": 2, "newest": 1 }]));
    // The kept seal stays as proof, however far the forged trail grows, nor does it matter that the tenant is suspended.
    world.sql("update tenants set status = 'suspended' where slug = 'acme'").await;
    for _ in 0..3 {
        own.writes(1, 1, now).await;
        own.seals(now).await;
        assert_eq!(anchor_all(&trails, &mut Quiet::new(1)).await.expect("looked"), 1);
    }
    assert_eq!(checked(&world, acme()).await.1[0]["findings"], json!([{ "kind": "remade", "seal": 2 }]));
    // An operator knows why, as after a restore; that is told to the tenant.
    reanchor(&trails, "acme").await.expect("taken");
    assert_eq!(anchor_all(&trails, &mut Quiet::new(1)).await.expect("looked"), 0);
    assert_eq!(checked(&world, acme()).await.0, 0);
    assert_eq!(world.last_event("AuditReanchored").await["data"], json!({ "tenant_id": own.id, "from_seal": 2, "to_seal": 4 }));
}

#[tokio::test]
async fn the_control_planes_own_trail_is_sealed_and_checked() {
    let (world, acme, _) = World::start().await;
    keep_own(&world.app).await.expect("kept");
    world.log_in("acme", &acme.email).await;
    keep_own(&world.app).await.expect("kept");
    let (code, told) = checked(&world, Scope::Control).await;
    let rows = world.count("select count(*) from audit_logs").await;
    assert_eq!((code, &told[0]["rows"], &told[0]["unsealed"]), (0, &json!(rows), &json!(0)));
    world.sql("set session_replication_role = replica; update audit_logs set ip = '192.0.2.1' where id = 2; set session_replication_role = origin").await;
    let (code, told) = checked(&world, Scope::Control).await;
    assert_eq!((code, &told[0]["findings"][0]["kind"]), (1, &json!("rows_changed")));
}

#[tokio::test]
async fn a_trail_that_cannot_be_read_is_neither_sound_nor_forged() {
    let (world, _, _) = World::start().await;
    keep_own(&world.app).await.expect("kept");
    let (code, told) = checked(&world, Scope::All).await;
    assert_eq!(code, 2, "{told:?}");
    assert!(told[1]["sound"].is_null() && told[1]["error"].is_string(), "{told:?}");
    assert!(check(&Trails::from(&world.app), &Scope::Tenant("nobody".into()), KEPT, |_| {}).await.is_err());
}

#[tokio::test]
async fn no_search_reads_a_whole_trail() {
    let (world, acme, _) = World::start().await;
    let own = world.own("acme").await;
    own.writes(100_000, 7, world.app.clock.now()).await;
    let control = "insert into audit_logs (at, tenant_id, actor, action, resource, changes)
        select now() - n * interval '1 minute', t.id, jsonb_build_object('kind', 'person', 'id', n % 50), 'SignedIn', 'user:' || n % 50, '{}'
        from generate_series(1, 50000) n, tenants t";
    // Of so many rows at once the product's five seconds for a statement are not enough on a busy machine.
    let mut patient = world.app.db.pool().acquire().await.expect("a connection").detach();
    for step in ["set statement_timeout = 0", control, "vacuum analyze audit_logs"] {
        sqlx::raw_sql(step).execute(&mut patient).await.expect(step);
    }
    sqlx::raw_sql("vacuum analyze audit_logs").execute(&own.pool).await.expect("analysed");
    for (database, condition) in [
        (&own.pool, "true"),
        (&own.pool, "actor ->> 'id' = '9' and actor ->> 'kind' = 'person'"),
        (&own.pool, "action = 'Rare'"),
        (&own.pool, "resource = 'ticket:5'"),
        (&own.pool, "(resource = 'member' or resource ~>=~ 'member:' and resource ~<~ 'member;')"),
        (&own.pool, "(resource = 'ticket' or resource ~>=~ 'ticket:' and resource ~<~ 'ticket;')"),
        (&own.pool, "outcome = 'error'"),
        (&own.pool, "at >= now() - interval '3 days' and at < now()"),
        (world.app.db.pool(), "action = 'Rare'"),
        (world.app.db.pool(), "resource = 'user:5'"),
        (world.app.db.pool(), "(resource = 'cluster' or resource ~>=~ 'cluster:' and resource ~<~ 'cluster;')"),
        (world.app.db.pool(), "tenant_id = (select id from tenants where slug = 'acme')"),
        (world.app.db.pool(), "tenant_id = (select id from tenants where slug = 'acme') and actor ->> 'id' = '9'"),
        (world.app.db.pool(), "tenant_id = (select id from tenants where slug = 'acme') and action = 'Rare'"),
        (world.app.db.pool(), "tenant_id = (select id from tenants where slug = 'acme') and resource = 'user:5'"),
        (world.app.db.pool(), "tenant_id = (select id from tenants where slug = 'acme') and outcome = 'error'"),
    ] {
        for rest in ["", " and (at, id) < (now() - interval '10 days', 5000)"] {
            let sql = format!("explain analyze select * from audit_logs where {condition}{rest} order by at desc, id desc limit 51");
            let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone())).fetch_all(database).await.expect("a plan");
            let plan = plan.join("\n");
            assert!(!plan.contains("Seq Scan on logs_past") && !plan.contains("Sort Method: external"), "{sql}\n{plan}");
            let removed = plan.lines().filter_map(|line| line.split("Rows Removed by Filter: ").nth(1)?.trim().parse::<i64>().ok()).max();
            assert!(removed.unwrap_or(0) < 5_000, "{sql}\n{plan}");
        }
    }
    let page = world.get("/api/v1/audit-logs?limit=100&resource=ticket:5").by(&acme).await.expect(200).body;
    assert_eq!(page["data"].as_array().expect("rows").len(), 100);
}

/// Takes the last month that is made away, with all that lies ahead: nobody has made months lately.
const ABANDONED: &str = "do $$ declare last audit.partitions; begin
    alter table audit_logs detach partition audit.logs_ahead;
    drop table audit.logs_ahead;
    delete from audit.partitions where name = 'logs_ahead';
    select * into last from audit.partitions order by starts desc limit 1;
    execute format('alter table audit_logs detach partition audit.%I', last.name);
    execute format('drop table audit.%I', last.name);
    delete from audit.partitions where name = last.name;
    perform audit.add('logs_ahead', last.starts, 'infinity');
    insert into audit_logs (at, actor, action, resource, changes) values (last.starts, '{}', 'Ahead', 'x', '{}');
end $$";

#[tokio::test]
async fn a_provisioned_tenants_trail_is_kept_and_read_with_the_tenants_own_rights() {
    let world = provisioning::world().await;
    for slug in ["acme", "globex"] {
        world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
        walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    }
    let (ada, place) = (world.log_in("acme", "ada@acme.example").await, provisioning::place(&world, "acme").await);
    let mut owner = provisioning::server().options().expect("a URL").database(&place.database).connect().await.expect("the database");
    sqlx::raw_sql(ABANDONED).execute(&mut owner).await.expect("abandoned");
    let tenant = world.app.outside.tenants.get(&Slug::parse("acme").expect("a slug")).await.expect("served");
    let kept = audit::keep(&tenant.db, world.app.clock.now()).await.expect("kept").expect("it has months");
    assert_eq!(kept.sealed, 1);
    let months: i64 = sqlx::query_scalar("select count(*) from audit.partitions").fetch_one(&mut owner).await.expect("counted");
    assert_eq!(months, 5, "what is past with this month, three to come, what lies ahead");
    let open = "select count(*) from pg_tables where schemaname = 'audit' and has_table_privilege($1, quote_ident(schemaname) || '.' || quote_ident(tablename), 'insert, update, delete')
        and has_schema_privilege($1, 'audit', 'usage')";
    let open: i64 = sqlx::query_scalar(open).bind(&place.database).fetch_one(&mut owner).await.expect("counted");
    assert_eq!(open, 0, "new months are nobody's");
    owner.close().await.expect("left");
    let rows = world.get("/api/v1/audit-logs?action=Ahead").by(&ada).await.expect(200).body;
    assert_eq!(rows["data"][0]["id"], "app-1");
    let gus = world.log_in("globex", "ada@globex.example").await;
    assert_eq!(world.get("/api/v1/audit-logs?action=Ahead").by(&gus).await.expect(200).body["data"], json!([]));
    assert_eq!(checked(&world, Scope::All).await.0, 0);
    provisioning::clean(&world).await;
}
