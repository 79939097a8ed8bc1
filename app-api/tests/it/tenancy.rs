//! Which database a request reaches, and that a wrong one is never served.

use base64::{Engine, engine::general_purpose::STANDARD};
use shared::{
    changes::Changes,
    seal::{Keyring, Wrapped},
    tenancy::{Allowance, Slug, Tenants, Via},
};

use crate::world::{TestApp, TestTenant, redis};

#[tokio::test]
async fn a_database_that_belongs_to_another_tenant_is_not_served() {
    let app = TestApp::start().await;
    let gil = app.globex.agent("gil").await;
    let point = "update tenants set database_name = null where slug = 'acme'";
    sqlx::query(point).execute(&app.control).await.expect("freed");
    sqlx::query("update tenants a set database_name = g.database_name || '' from tenants g where a.slug = 'globex' and g.slug = 'globex'")
        .execute(&app.control)
        .await
        .expect("same");
    // Globex's route now leads to acme's database.
    let acme_database: String = sqlx::query_scalar("select current_database()").fetch_one(&app.acme.db).await.expect("its name");
    sqlx::query("update tenants set database_name = $1 where slug = 'globex'")
        .bind(acme_database)
        .execute(&app.control)
        .await
        .expect("misled");
    app.app.tenants.forget("globex").await;
    app.app.people.forget(app.globex.id, gil.id).await;
    gil.get("/api/v1/tickets").await.is(503, "unavailable");
}

#[tokio::test]
async fn suspended_unknown_and_contradictory_tenants_are_told_apart() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    app.acme.becomes("suspended").await;
    app.app.tenants.forget("acme").await;
    ana.get("/api/v1/tickets").await.is(403, "tenant_suspended");
    ana.at_slug("nobody").get("/api/v1/tickets").await.is(404, "tenant_not_found");
    let both = ana.request(&axum::http::Method::GET, "/api/v1/tickets").header("x-tenant", "globex").body(axum::body::Body::empty());
    ana.send(both.expect("a request")).await.is(400, "bad_request");
    app.drain().await;
}

#[tokio::test]
async fn a_tenant_that_is_known_is_served_while_the_control_database_is_away_and_an_unknown_one_is_not_denied() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    app.control.close().await;
    app.app.tenants.forget("acme").await;
    ana.get("/api/v1/tickets").await.expect(200);
    // 503, not 404: it may well exist.
    ana.at_slug("initech").get("/api/v1/tickets").await.is(503, "unavailable");
    app.drain().await;
}

#[tokio::test]
async fn a_connection_that_the_server_ended_while_it_rested_fails_nobody() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    ana.get("/api/v1/tickets").await.expect(200);
    let end =
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    assert!(app.acme.count(end).await > 0);
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    ana.get("/api/v1/tickets").await.expect(200);
}

#[tokio::test]
async fn a_process_with_another_master_key_does_not_go_by_what_those_with_the_former_one_have_remembered() {
    let app = TestApp::start().await;
    let former = app.another(&redis());
    let (ana, gil) = (app.acme.agent("ana").await.through(&former), app.globex.agent("gil").await.through(&former));
    for somebody in [&ana, &gil] {
        somebody.get("/api/v1/tickets").await.expect(200);
    }
    comes_under_another_master(&app, &app.acme).await;
    let ring = Keyring::one("k2", &STANDARD.encode([9; 32]).into()).expect("a key");
    let (cache, allowance) = (former.app.outside.cache.clone(), Allowance { tenant: 2, most: 2, instance: 4, via: Via::Direct });
    let next = Tenants::new(app.control.clone(), cache, ring, Changes::new().0, app.clock.clone(), allowance);
    let acme = next.get(&Slug::parse("acme").expect("a slug")).await.expect("it is opened");
    let marker: uuid::Uuid =
        sqlx::query_scalar("select id from tenant_marker").fetch_one(&mut *acme.db.read().await.expect("in")).await.expect("a marker");
    assert_eq!(marker, app.acme.id);
    // Globex's key is still under the former master, which is not known here any more.
    assert!(next.get(&Slug::parse("globex").expect("a slug")).await.is_err());
    assert!(next.passing(app.globex.id).await.is_err() && next.passing(app.acme.id).await.expect("opened").is_some());
    assert!(next.lookups().with_label_values(&["redis"]).get() >= 2, "both were remembered there");
    app.drain().await;
}

#[tokio::test]
async fn a_process_does_not_go_by_what_one_of_the_release_before_has_remembered() {
    let app = TestApp::start().await;
    let (former, next) = (app.another(&redis()), app.another(&redis()));
    app.acme.agent("ana").await.through(&former).get("/api/v1/tickets").await.expect(200);
    // It knows nothing of keys of fields, and of the number in the name.
    let cache = &former.app.outside.cache;
    let mut entry: serde_json::Value = serde_json::from_str(&cache.get("route:3:acme").await.expect("remembered")).expect("JSON");
    for since in ["sealed_fields_key", "fields_wrapped_key"] {
        entry["route"].as_object_mut().and_then(|route| route.remove(since)).expect(since);
    }
    cache.put("route:acme", &entry.to_string(), std::time::Duration::from_secs(2)).await;
    cache.forget("route:3:acme").await;
    let boss = app.acme.manager("boss").await.through(&next);
    let body = serde_json::json!({ "key": "iban", "labels": { "fr": "Un", "en": "One" }, "type": "text", "sensitive": true });
    boss.post("/api/v1/custom-fields", body).await.expect(201);
    app.drain().await;
}

/// What the exchange of the master key does to a tenant's data key.
async fn comes_under_another_master(app: &TestApp, tenant: &TestTenant) {
    let both = Keyring::new("k2", &STANDARD.encode([9; 32]).into(), Some(&format!("k1:{}", STANDARD.encode([7; 32])).into()));
    let sql = "select version, wrapped from data_keys where tenant_id = $1";
    let (version, bytes) = sqlx::query_as(sql).bind(tenant.id).fetch_one(&app.control).await.expect("a key");
    let known = [(Some(tenant.id), Wrapped { version, bytes })];
    let anew = Wrapped::anew(&both.expect("a ring"), &known).await.expect("wrapped").remove(0);
    let sql = "update data_keys set wrapped = $2, master_key_id = 'k2' where tenant_id = $1";
    sqlx::query(sql).bind(tenant.id).bind(&anew.bytes).execute(&app.control).await.expect("written");
}
