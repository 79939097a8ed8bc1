//! What is changed in the books reaches the tenants' databases.

use control_api::provisioning::{self, walk_all};
use serde_json::json;
use shared::testing;
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use super::{clean, inside, place, world};

#[tokio::test]
async fn a_server_that_does_not_answer_keeps_nobody_elses_settings_waiting() {
    let world = world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    // More tenants than are looked up at a time, who come before the other one, on a server that is away.
    world
        .sql(
            "insert into clusters overriding system value
             select (jsonb_populate_record(c, '{\"id\": 900, \"name\": \"away\", \"port\": 1}')).* from clusters c limit 1;
             insert into tenants
             select (jsonb_populate_record(t, jsonb_build_object('id', '00000000-0000-0000-0000-' || lpad(n::text, 12, '0'), 'slug', 'away-' || n, 'lookalike', 'away-' || n,
                 'cluster_id', 900, 'database_name', 'tenant_away_' || n, 'role_name', 'tenant_away_' || n, 'version', 9))).*
             from tenants t, generate_series(1, 120) n",
        )
        .await;
    world.sql("update tenants set version = version + 1 where slug = 'acme'").await;
    provisioning::carry_settings(&world.app).await.expect("carried");
    assert_eq!(world.count("select count(*) from tenants where settings_applied = version").await, 1);
    world.sql("delete from tenants where cluster_id = 900").await;
    clean(&world).await;
}

#[tokio::test]
async fn changed_settings_reach_the_tenants_database() {
    let world = world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    let ada = world.log_in("acme", "ada@acme.example").await;
    let change = json!({ "organisation": "Acme & Söhne", "locale": "fr", "waiting_close_days": 14, "resolved_close_hours": 48 });
    world.patch("/api/v1/tenant").by(&ada).json(change).await.expect(200);
    provisioning::carry_settings(&world.app).await.expect("carried");
    assert_eq!(world.count("select count(*) from tenants where settings_applied = version").await, 1);
    let mut inside = inside(&world, "acme").await;
    let settings: (String, String, i32, i32) =
        sqlx::query_as("select organisation, locale, waiting_close_days, resolved_close_hours from settings")
            .fetch_one(&mut inside)
            .await
            .expect("settings");
    assert_eq!(settings, ("Acme & Söhne".into(), "fr".into(), 14, 48));
    inside.close().await.expect("left");
    clean(&world).await;
}

#[tokio::test]
async fn settings_that_were_written_where_a_tenant_was_are_written_where_it_is() {
    let world = world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    let old = place(&world, "acme").await.database;
    world.sql("update tenants set version = version + 1").await;
    // Somebody carries them at this moment.
    let mut other = testing::admin_options().database(&old).connect().await.expect("the database");
    sqlx::raw_sql("select pg_advisory_lock(hashtext('settings'))").execute(&mut other).await.expect("locked");
    let app = world.app.clone();
    let carrying = tokio::spawn(async move { provisioning::carry_settings(&app).await });
    let waits = "select exists (select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database()))";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut other).await.expect("asked") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // A restore names its copy meanwhile, which has nobody's settings yet.
    world.sql("update tenants set database_name = 'copy_of_acme', settings_applied = 0").await;
    other.close().await.expect("unlocked");
    carrying.await.expect("ended").expect("carried");
    assert_eq!(world.count("select count(*) from tenants where settings_applied = 0").await, 1);
    let back = sqlx::query("update tenants set database_name = $1").bind(&old);
    back.execute(world.app.db.pool()).await.expect("back");
    provisioning::carry_settings(&world.app).await.expect("carried");
    assert_eq!(world.count("select count(*) from tenants where settings_applied = version").await, 1);
    clean(&world).await;
}
