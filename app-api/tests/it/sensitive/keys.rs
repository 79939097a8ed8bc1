//! Keys of sensitive fields: without the right one nothing is sealed, and everything that needs none goes on.

use std::time::Duration;

use axum::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use shared::seal::{FieldsKey, Keyring, Wrapped};

use super::{FIELDS, field, opens, stored, values};
use crate::world::{Caller, TestApp, TestTenant, minutes, no_redis};

/// The organisation's key of fields, sealed.
async fn field_key(app: &TestApp, tenant: &TestTenant) -> Vec<u8> {
    let sql = "select sealed_key from field_keys where tenant_id = $1";
    sqlx::query_scalar(sql).bind(tenant.id).fetch_one(&app.control).await.expect("a key")
}

/// Another one stands in its place.
async fn has_field_key(app: &TestApp, tenant: &TestTenant, sealed: &[u8]) {
    let sql = "update field_keys set sealed_key = $2 where tenant_id = $1";
    sqlx::query(sql).bind(tenant.id).bind(sealed).execute(&app.control).await.expect("written");
}

/// A new key of fields, under the data key that the tenant has.
async fn another_field_key(app: &TestApp, tenant: &TestTenant) -> Vec<u8> {
    let ring = Keyring::one("k1", &STANDARD.encode([7; 32]).into()).expect("a ring");
    let sql = "select version, wrapped from data_keys where tenant_id = $1";
    let (version, bytes) = sqlx::query_as(sql).bind(tenant.id).fetch_one(&app.control).await.expect("a data key");
    let key = Wrapped { version, bytes }.unwrap(&ring, Some(tenant.id)).expect("unwrapped");
    key.seal(&FieldsKey::generate(), &FieldsKey::owner(tenant.id)).expect("sealed")
}

/// What the exchange of a tenant's data key does; the former one is gone afterwards.
async fn comes_under_another_data_key(app: &TestApp, tenant: &TestTenant) {
    let (ring, whose) = (Keyring::one("k1", &STANDARD.encode([7; 32]).into()).expect("a ring"), Some(tenant.id));
    let sql = "select version, wrapped, sealed_key from data_keys join field_keys using (tenant_id) where tenant_id = $1";
    let (version, bytes, sealed): (i32, Vec<u8>, Vec<u8>) =
        sqlx::query_as(sql).bind(tenant.id).fetch_one(&app.control).await.expect("keys");
    let (former, next) = (Wrapped { version, bytes }, Wrapped::generate(&ring, whose, 2).expect("a key"));
    let owner = FieldsKey::owner(tenant.id);
    let plain = former.unwrap(&ring, whose).and_then(|key| key.open(&sealed, &owner)).expect("opened");
    let sealed = next.unwrap(&ring, whose).and_then(|key| key.seal(&plain, &owner)).expect("sealed");
    let sql = "update field_keys set sealed_key = $2, key_id = 'data:2' where tenant_id = $1";
    sqlx::query(sql).bind(tenant.id).bind(sealed).execute(&app.control).await.expect("written");
    sqlx::query("delete from data_keys where tenant_id = $1").bind(tenant.id).execute(&app.control).await.expect("gone");
    let sql = "insert into data_keys (tenant_id, version, master_key_id, wrapped) values ($1, 2, 'k1', $2)";
    sqlx::query(sql).bind(tenant.id).bind(&next.bytes).execute(&app.control).await.expect("written");
}

#[tokio::test]
async fn what_is_sealed_opens_for_its_tenant_alone_and_after_its_data_key_was_exchanged() {
    let app = TestApp::start().await;
    // Globex's password is under no data key.
    let (boss, grace) = (app.acme.manager("boss").await, app.globex.manager("grace").await);
    for caller in [&boss, &grace] {
        field(caller, "iban", true, false).await;
    }
    let (ours, theirs) = (opens(&boss, "one", json!({ "iban": "ACME" })).await, opens(&grace, "one", json!({ "iban": "GLOBEX" })).await);
    comes_under_another_data_key(&app, &app.globex).await;
    // As long as it lives, it follows who may come in.
    let other = app.another(&no_redis());
    let elsewhere = grace.through(&other);
    assert_eq!(values(&elsewhere, theirs).await, json!({ "iban": "GLOBEX" }));
    // What is another's opens nowhere else.
    let sealed: Value = sqlx::query_scalar("select sealed_fields from support_tickets where id = $1")
        .bind(ours)
        .fetch_one(&app.acme.db)
        .await
        .expect("sealed");
    sqlx::query("update support_tickets set sealed_fields = $2 where id = $1")
        .bind(theirs)
        .bind(sealed)
        .execute(&app.globex.db)
        .await
        .expect("written");
    let shown = elsewhere.get(&format!("/api/v1/tickets/{theirs}")).await.expect(200);
    assert_eq!((&shown["custom_fields"], &shown["unreadable"]), (&json!({}), &json!(["iban"])));
    assert_eq!(values(&boss, ours).await, json!({ "iban": "ACME" }));
    app.drain().await;
}

#[tokio::test]
async fn without_a_key_nothing_is_marked_and_everything_else_goes_on() {
    let app = TestApp::start().await;
    let grace = app.globex.manager("grace").await;
    sqlx::query("delete from field_keys where tenant_id = $1").bind(app.globex.id).execute(&app.control).await.expect("gone");
    // As long as it lives, it follows who may come in.
    let other = app.another(&no_redis());
    let elsewhere = grace.through(&other);
    let body = json!({ "key": "iban", "labels": { "fr": "Un", "en": "One" }, "type": "text", "sensitive": true });
    elsewhere.post(FIELDS, body).await.is(503, "unavailable");
    let id = field(&elsewhere, "iban", false, true).await;
    elsewhere.patch(&format!("{FIELDS}/{id}"), json!({ "sensitive": true })).await.is(503, "unavailable");
    assert_eq!(values(&elsewhere, opens(&elsewhere, "one", json!({ "iban": "clear" })).await).await, json!({ "iban": "clear" }));
    app.drain().await;
}

#[tokio::test]
async fn a_value_that_does_not_open_is_left_out_and_named_and_lost_by_nothing_that_is_done_meanwhile() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    field(&boss, "iban", true, false).await;
    field(&boss, "card", true, true).await;
    field(&boss, "serial", false, true).await;
    let ticket = opens(&chloe, "one", json!({ "card": "CARD", "serial": "7" })).await;
    let other = opens(&chloe, "two", json!({ "card": "CARD" })).await;
    let path = format!("/api/v1/tickets/{ticket}");
    boss.patch(&path, json!({ "custom_fields": { "iban": "IBAN", "card": "CARD", "serial": "7" } })).await.expect(200);
    let sql = "update support_tickets set sealed_fields = sealed_fields || '{\"iban\": \"AAAA\"}' where id = $1";
    sqlx::query(sql).bind(ticket).execute(&app.acme.db).await.expect("broken");

    let shown = boss.get(&path).await.expect(200);
    assert_eq!((&shown["custom_fields"], &shown["unreadable"]), (&json!({ "card": "CARD", "serial": "7" }), &json!(["iban"])));
    assert_eq!(boss.get("/api/v1/tickets").await.expect(200)["data"].as_array().map(Vec::len), Some(2));
    let file = boss.get("/api/v1/tickets/export?format=json").await.expect(200);
    assert!(file.as_array().is_some_and(|file| file.iter().any(|one| one["unreadable"] == json!(["iban"]))), "{file}");
    let theirs = chloe.get(&path).await.expect(200);
    assert_eq!((&theirs["custom_fields"]["card"], &theirs["unreadable"]), (&json!("CARD"), &Value::Null));

    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    ana.says(ticket, "We look at it.").await.expect(201);
    let said = chloe.says(ticket, "And my invoice?").await.expect(201)["id"].clone();
    boss.patch(&path, json!({ "custom_fields": { "card": "OTHER" }, "subject": "Refund, please" })).await.expect(200);
    assert_eq!(values(&boss, ticket).await, json!({ "card": "OTHER" }));
    boss.patch(&path, json!({ "custom_fields": { "card": "OTHER", "iban": "NEW" } })).await.is(409, "conflict");
    let split = json!({ "message_id": said, "subject": "My invoice" });
    let split = ana.with(&Method::POST, &format!("{path}/split"), split, &[("idempotency-key", "split")]).await.expect(201);
    assert_eq!((&split["custom_fields"], &split["unreadable"]), (&json!({ "card": "OTHER" }), &json!(["iban"])));
    ana.sets(ticket, "resolved").await.expect(200);
    app.travel(minutes(60 * 24 * 30));
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    while app_api::worker::fire_timers(&app.app, &tenant).await.expect("timers fire") == Some(Duration::ZERO) {}
    assert_eq!(boss.get(&path).await.expect(200)["status"], "closed");
    for kept in [ticket, split["id"].as_i64().expect("an id")] {
        assert_eq!(stored(&app.acme, kept).await.1["iban"], "AAAA", "as it was");
    }
    assert_eq!(values(&boss, other).await, json!({ "card": "CARD" }));
    app.drain().await;
}

#[tokio::test]
async fn without_the_key_tickets_with_sealed_values_go_on_and_those_stay() {
    let app = TestApp::start().await;
    let grace = app.globex.manager("grace").await;
    field(&grace, "iban", true, false).await;
    field(&grace, "serial", false, false).await;
    let ticket = opens(&grace, "one", json!({ "iban": "IBAN" })).await;
    let (before, key) = (stored(&app.globex, ticket).await, field_key(&app, &app.globex).await);
    let mut broken = key.clone();
    *broken.last_mut().expect("a byte") ^= 1;
    has_field_key(&app, &app.globex, &broken).await;
    // As long as it lives, it follows who may come in.
    let other = app.another(&no_redis());
    let elsewhere = grace.through(&other);
    let path = format!("/api/v1/tickets/{ticket}");
    assert_eq!(elsewhere.get(&path).await.expect(200)["unreadable"], json!(["iban"]), "the rest of the organisation is served");
    elsewhere.assigns(ticket, Some(grace.id)).await.expect(200);
    elsewhere.says(ticket, "We look at it.").await.expect(201);
    elsewhere.patch(&path, json!({ "custom_fields": { "serial": "7" } })).await.expect(200);
    elsewhere.patch(&path, json!({ "custom_fields": { "iban": "NEW" } })).await.is(503, "unavailable");
    let body = json!({ "subject": "Refund", "description": "Please.", "custom_fields": { "iban": "NEW" } });
    let once = async |caller: &Caller, body: &Value, key: &str| {
        caller.with(&Method::POST, "/api/v1/tickets", body.clone(), &[("idempotency-key", key)]).await
    };
    once(&elsewhere, &body, "two").await.is(503, "unavailable");
    let first = json!({ "subject": "Refund", "description": "Please.", "custom_fields": { "iban": "IBAN" } });
    once(&elsewhere, &first, "one").await.is(503, "unavailable");
    assert_eq!(app.globex.count("select count(*) from idempotency_keys where body ? '$fields'").await, 1, "an answer is under it, too");
    assert_eq!(stored(&app.globex, ticket).await, (json!({ "serial": "7" }), before.1));
    // Mended, it serves the same process.
    has_field_key(&app, &app.globex, &key).await;
    let mended = async {
        while elsewhere.get(&path).await.expect(200)["unreadable"] != Value::Null {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), mended).await.expect("as soon as its route is read again");
    // As long as it lives, it follows who may come in.
    let third = app.another(&no_redis());
    let mended = grace.through(&third);
    assert_eq!(values(&mended, ticket).await, json!({ "serial": "7", "iban": "IBAN" }));
    assert_eq!(once(&mended, &first, "one").await.expect(201)["id"], ticket);
    app.drain().await;
}

#[tokio::test]
async fn by_another_key_than_the_first_one_nothing_is_sealed() {
    let app = TestApp::start().await;
    let grace = app.globex.manager("grace").await;
    field(&grace, "iban", true, false).await;
    let (serial, ticket) = (field(&grace, "serial", false, false).await, opens(&grace, "one", json!({ "iban": "IBAN" })).await);
    let (before, key) = (stored(&app.globex, ticket).await, field_key(&app, &app.globex).await);
    // The control database came back from before the organisation had its key, and the sweep has made another one.
    let another = another_field_key(&app, &app.globex).await;
    has_field_key(&app, &app.globex, &another).await;
    // As long as it lives, it follows who may come in.
    let other = app.another(&no_redis());
    let elsewhere = grace.through(&other);
    let body = json!({ "subject": "Refund", "description": "Please.", "custom_fields": { "iban": "NEW" } });
    elsewhere.post("/api/v1/tickets", body).await.is(503, "unavailable");
    elsewhere.patch(&format!("{FIELDS}/{serial}"), json!({ "sensitive": true })).await.is(503, "unavailable");
    elsewhere.says(ticket, "We look at it.").await.expect(201);
    assert_eq!(elsewhere.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)["unreadable"], json!(["iban"]));
    assert_eq!(stored(&app.globex, ticket).await, before);
    has_field_key(&app, &app.globex, &key).await;
    // As long as it lives, it follows who may come in.
    let third = app.another(&no_redis());
    let mended = grace.through(&third);
    assert_eq!(values(&mended, ticket).await, json!({ "iban": "IBAN" }));
    app.drain().await;
}
