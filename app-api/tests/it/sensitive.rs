//! Sensitive fields (T-1, SEC-20): sealed wherever the database has their values, clear for whoever may see them.

use std::time::Duration;

use axum::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use shared::{
    seal::{FieldsKey, Keyring, Wrapped},
    session::Role,
};
use sqlx::AssertSqlSafe;

use crate::{
    importing::{IMPORTS, keeps, reads, sent},
    merge::{all, merges},
    search::finds,
    world::{Caller, TestApp, TestTenant, minutes, no_redis},
};

const FIELDS: &str = "/api/v1/custom-fields";

async fn field(boss: &Caller, key: &str, sensitive: bool, visible: bool) -> i64 {
    let labels = json!({ "fr": "Un", "en": "One" });
    let body = json!({ "key": key, "labels": labels, "type": "text", "sensitive": sensitive, "visible_to_customers": visible });
    boss.post(FIELDS, body).await.expect(201)["id"].as_i64().expect("an id")
}

/// Opens a ticket twice with one key, as a client does whose first answer was lost.
async fn opens(caller: &Caller, key: &str, values: Value) -> i64 {
    let body = json!({ "subject": "Refund", "description": "Please.", "custom_fields": values });
    let once = async || caller.with(&Method::POST, "/api/v1/tickets", body.clone(), &[("idempotency-key", key)]).await.expect(201);
    let first = once().await;
    assert_eq!((&once().await, &first["custom_fields"]), (&first, &values));
    first["id"].as_i64().expect("an id")
}

async fn values(caller: &Caller, ticket: i64) -> Value {
    caller.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)["custom_fields"].clone()
}

/// Tables in which that text stands in some row, as a dump would have it.
async fn holding(tenant: &TestTenant, text: &str) -> Vec<String> {
    let sql =
        "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(&tenant.db).await.expect("tables");
    let mut found = Vec::new();
    for table in tables {
        let sql = format!("select exists (select from {table} x where strpos(x::text, $1) > 0)");
        if sqlx::query_scalar(AssertSqlSafe(sql)).bind(text).fetch_one(&tenant.db).await.expect(&table) {
            found.push(table);
        }
    }
    found
}

/// Looks at everything that was there before.
async fn looks_back(app: &TestApp, tenant: &TestTenant) {
    let tenant = app.app.tenants.by_id(tenant.id).await.expect("known").expect("active");
    while app_api::worker::index_old(&app.app, &tenant).await.expect("looked at") == Some(Duration::ZERO) {}
}

#[tokio::test]
async fn a_sensitive_value_is_clear_for_whoever_may_see_it_and_nowhere_in_the_database() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (iban, card) = (field(&boss, "iban", true, false).await, field(&boss, "card", true, true).await);
    field(&boss, "serial", false, true).await;
    let ticket = opens(&chloe, "one", json!({ "card": "CARD-CANARY", "serial": "PLAIN-7" })).await;
    let path = format!("/api/v1/tickets/{ticket}");
    for (said, expected) in [("IBAN-CANARY", "sealed"), ("OTHER-CANARY", "sealed anew")] {
        let edit = json!({ "custom_fields": { "card": "CARD-CANARY", "serial": "PLAIN-7", "iban": said } });
        assert_eq!(ana.patch(&path, edit.clone()).await.expect(200)["custom_fields"], edit["custom_fields"]);
        let steps = all(&ana, ticket, "history").await;
        let step: Value = serde_json::from_str(steps.last().expect("a step")["to"].as_str().expect("text")).expect("JSON");
        assert_eq!(step, json!({ "card": "sealed", "serial": "PLAIN-7", "iban": expected }));
    }
    let whole = json!({ "card": "CARD-CANARY", "serial": "PLAIN-7", "iban": "OTHER-CANARY" });
    let theirs = json!({ "card": "CARD-CANARY", "serial": "PLAIN-7" });
    assert_eq!((values(&ana, ticket).await, values(&chloe, ticket).await), (whole.clone(), theirs.clone()));
    for (caller, expected) in [(&ana, &whole), (&chloe, &theirs)] {
        let listed = caller.get("/api/v1/tickets").await.expect(200);
        assert_eq!(&listed["data"][0]["custom_fields"], expected);
        assert_eq!(finds(caller, "CANARY").await, Vec::<i64>::new());
    }
    let file = ana.get("/api/v1/tickets/export?format=json").await.expect(200);
    assert_eq!(file[0]["custom_fields"], whole, "whoever may read it has it in their file");
    // Hidden again, and put away: it stays sealed.
    boss.patch(&format!("{FIELDS}/{card}"), json!({ "visible_to_customers": false })).await.expect(200);
    assert_eq!(boss.delete(&format!("{FIELDS}/{iban}")).await.status.as_u16(), 204);
    ana.patch(&path, json!({ "subject": "Refund, please" })).await.expect(200);
    assert_eq!((values(&ana, ticket).await, values(&chloe, ticket).await), (whole, json!({ "serial": "PLAIN-7" })));
    app.drain().await;
    assert!(holding(&app.acme, "PLAIN-7").await.contains(&"support_tickets".to_owned()), "what is not sensitive is found by the same look");
    assert_eq!(holding(&app.acme, "CANARY").await, Vec::<String>::new());
}

async fn to_its_end(caller: &Caller, mut job: Value) -> Value {
    while job["state"] == "running" {
        tokio::time::sleep(Duration::from_millis(20)).await;
        job = caller.get(&format!("/api/v1/bulk/{}", job["id"])).await.expect(200);
    }
    job
}

#[tokio::test]
async fn whatever_becomes_of_a_ticket_its_sensitive_values_go_on_sealed() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    field(&boss, "card", true, true).await;
    let mut tickets = Vec::new();
    for key in ["one", "two"] {
        tickets.push(opens(&chloe, key, json!({ "card": format!("CARD-CANARY-{key}") })).await);
    }
    let (one, two) = (tickets[0], tickets[1]);
    let said = chloe.says(one, "And my invoice?").await.expect(201)["id"].clone();
    let split = json!({ "message_id": said, "subject": "My invoice" });
    let split = ana.with(&Method::POST, &format!("/api/v1/tickets/{one}/split"), split, &[("idempotency-key", "split")]).await.expect(201);
    assert_eq!(split["custom_fields"], json!({ "card": "CARD-CANARY-one" }), "it goes on in the new ticket");
    let work = json!({ "name": "Late", "scope": "own", "actions": [{ "action": "tags", "add": ["late"] }] });
    let id = ana.post("/api/v1/macros", work).await.expect(201)["id"].clone();
    let applied = format!("/api/v1/tickets/{one}/macros/{id}");
    let applied = ana.with(&Method::POST, &applied, json!({}), &[("idempotency-key", "macro")]).await.expect(201);
    assert_eq!(applied["custom_fields"], json!({ "card": "CARD-CANARY-one" }));
    let bulk = json!({ "ids": tickets, "action": "priority", "priority": "high" });
    let job = to_its_end(&ana, ana.post("/api/v1/tickets/bulk", bulk).await.body).await;
    let undone = to_its_end(&ana, ana.post(&format!("/api/v1/bulk/{}/undo", job["id"]), json!({})).await.body).await;
    assert_eq!((&job["done"], &undone["done"]), (&json!(2), &json!(2)));
    assert_eq!(merges(&boss, two, one).await.expect(200)["custom_fields"], json!({ "card": "CARD-CANARY-one" }));
    assert_eq!(values(&ana, two).await, json!({ "card": "CARD-CANARY-two" }));
    app.drain().await;
    assert_eq!(holding(&app.acme, "CANARY").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_imported_is_sealed_as_what_is_typed() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    field(&adam, "iban", true, false).await;
    let import = sent(&adam, "csv", b"id,subject,description,email,iban\n1,One,Please,chloe@acme.test,CSV-CANARY\n").await;
    let mut mapping = import["mapping"].clone();
    mapping["iban"] = json!("custom_fields.iban");
    adam.patch(&format!("{IMPORTS}/{}", import["id"]), json!({ "mapping": mapping })).await.expect(200);
    assert_eq!(reads(&app, &app.acme, &adam, &import, false).await["imported"], 1);
    let listed = adam.get("/api/v1/tickets").await.expect(200);
    assert_eq!(listed["data"][0]["custom_fields"], json!({ "iban": "CSV-CANARY" }));
    // What its head was shown with goes with the file.
    assert_eq!(holding(&app.acme, "CSV-CANARY").await, ["imports"]);
    keeps(&app, &app.acme).await;
    assert_eq!(holding(&app.acme, "CSV-CANARY").await, Vec::<String>::new());
    assert_eq!(app.acme.count("select count(*) from import_parts").await, 0);
    let shown = adam.get(&format!("{IMPORTS}/{}", import["id"])).await.expect(200);
    assert_eq!((&shown["columns"][4]["name"], &shown["columns"][4]["sample"]), (&json!("iban"), &json!("")));
    app.drain().await;
}

#[tokio::test]
async fn a_field_that_becomes_sensitive_has_its_values_sealed_by_and_by_and_stays_so() {
    let app = TestApp::start().await;
    let (boss, chloe, gus) = (app.acme.manager("boss").await, app.acme.customer("chloe").await, app.globex.customer("gus").await);
    let grace = app.globex.manager("grace").await;
    let (id, theirs) = (field(&boss, "iban", false, true).await, field(&grace, "iban", false, true).await);
    let path = format!("{FIELDS}/{id}");
    let (old, elsewhere) = (opens(&chloe, "old", json!({ "iban": "OLD-1" })).await, opens(&gus, "old", json!({ "iban": "OLD-1" })).await);
    boss.patch(&format!("/api/v1/tickets/{old}"), json!({ "custom_fields": { "iban": "OLD-2" } })).await.expect(200);
    let seen = async || {
        let ticket = boss.get(&format!("/api/v1/tickets/{old}")).await.expect(200);
        ["custom_fields", "version", "updated_at"].map(|name| ticket[name].clone())
    };
    let before = seen().await;
    assert_eq!(boss.patch(&path, json!({ "sensitive": true })).await.expect(200)["sensitive"], true);
    assert_eq!(values(&boss, old).await, json!({ "iban": "OLD-2" }), "as long as it is not sealed yet");
    looks_back(&app, &app.acme).await;
    assert!(holding(&app.acme, "OLD-2").await.contains(&"support_tickets".to_owned()), "somebody may write what they read before");
    // After a day kept answers are forgotten, too; what the trail said before, it says.
    app.travel(minutes(2));
    looks_back(&app, &app.acme).await;
    sqlx::query("delete from idempotency_keys").execute(&app.acme.db).await.expect("forgotten");
    for value in ["OLD-1", "OLD-2"] {
        let left = holding(&app.acme, value).await;
        assert!(left.iter().all(|table| table.starts_with("audit_logs")), "{left:?}");
    }
    assert_eq!(seen().await, before, "nobody sees a difference");
    assert_eq!(all(&boss, old, "history").await.last().expect("a step")["to"], r#"{"iban": "sealed"}"#);
    // Never in clear again: not switched off, and not by a new field of the same key.
    let refused = boss.patch(&path, json!({ "sensitive": false })).await.is(422, "validation_failed");
    assert_eq!(refused["errors"][0]["field"], "sensitive");
    assert_eq!(boss.delete(&path).await.status.as_u16(), 204);
    assert_eq!(field(&boss, "iban", false, true).await, id);
    assert_eq!(chloe.get(&path).await.expect(200)["sensitive"], true);
    // The others' field of the same name is theirs to mark.
    looks_back(&app, &app.globex).await;
    assert_eq!(gus.get(&format!("{FIELDS}/{theirs}")).await.expect(200)["sensitive"], false);
    assert_eq!(values(&gus, elsewhere).await, json!({ "iban": "OLD-1" }));
    app.drain().await;
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
    let elsewhere = grace.through(&app.another(&no_redis()));
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
    assert_eq!(elsewhere.get(&format!("/api/v1/tickets/{theirs}")).await.status.as_u16(), 500);
    assert_eq!(values(&boss, ours).await, json!({ "iban": "ACME" }));
    app.drain().await;
}

#[tokio::test]
async fn without_a_key_nothing_is_marked_and_everything_else_goes_on() {
    let app = TestApp::start().await;
    let grace = app.globex.manager("grace").await;
    sqlx::query("delete from field_keys where tenant_id = $1").bind(app.globex.id).execute(&app.control).await.expect("gone");
    let elsewhere = grace.through(&app.another(&no_redis()));
    let body = json!({ "key": "iban", "labels": { "fr": "Un", "en": "One" }, "type": "text", "sensitive": true });
    elsewhere.post(FIELDS, body).await.is(503, "unavailable");
    let id = field(&elsewhere, "iban", false, true).await;
    elsewhere.patch(&format!("{FIELDS}/{id}"), json!({ "sensitive": true })).await.is(503, "unavailable");
    assert_eq!(values(&elsewhere, opens(&elsewhere, "one", json!({ "iban": "clear" })).await).await, json!({ "iban": "clear" }));
    app.drain().await;
}
