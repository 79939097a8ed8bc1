//! Sensitive fields (T-1, SEC-20): sealed wherever the database has their values, clear for whoever may see them.

mod keys;

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use shared::session::Role;
use sqlx::AssertSqlSafe;

use crate::{
    importing::{IMPORTS, keeps, reads, sent},
    merge::{all, merges},
    search::finds,
    world::{Caller, TestApp, TestTenant, minutes},
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

/// What stands in a ticket in the database: values in clear, and the others.
async fn stored(tenant: &TestTenant, ticket: i64) -> (Value, Value) {
    let sql = "select custom_fields, sealed_fields from support_tickets where id = $1";
    sqlx::query_as(sql).bind(ticket).fetch_one(&tenant.db).await.expect("it")
}

/// Writes a value in clear besides the sealed ones, as a release does that knows of none.
async fn is_written_by_the_release_before(tenant: &TestTenant, ticket: i64, values: Value) {
    let sql = "update support_tickets set custom_fields = custom_fields || $2 where id = $1";
    sqlx::query(sql).bind(ticket).bind(values).execute(&tenant.db).await.expect("written");
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
    assert_eq!(reads(&app, &app.acme, &adam, &import, false).await["counts"]["imported"], 1);
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

#[tokio::test]
async fn what_the_release_before_wrote_in_clear_is_newer_than_what_is_sealed_and_is_sealed_when_it_is_said_again() {
    let app = TestApp::start().await;
    let boss = app.acme.manager("boss").await;
    let id = field(&boss, "iban", true, false).await;
    let (one, two) = (opens(&boss, "one", json!({ "iban": "OLD" })).await, opens(&boss, "two", json!({ "iban": "OLD" })).await);
    app.travel(minutes(2));
    looks_back(&app, &app.acme).await;
    for ticket in [one, two] {
        is_written_by_the_release_before(&app.acme, ticket, json!({ "iban": "NEWER" })).await;
        assert_eq!(values(&boss, ticket).await, json!({ "iban": "NEWER" }));
    }
    boss.patch(&format!("/api/v1/tickets/{one}"), json!({ "subject": "Refund, please" })).await.expect(200);
    assert_eq!((values(&boss, one).await, stored(&app.acme, one).await.0), (json!({ "iban": "NEWER" }), json!({})));
    looks_back(&app, &app.acme).await;
    assert_eq!(stored(&app.acme, two).await.0, json!({ "iban": "NEWER" }), "nobody looks for it");
    boss.patch(&format!("{FIELDS}/{id}"), json!({ "sensitive": true })).await.expect(200);
    app.travel(minutes(2));
    looks_back(&app, &app.acme).await;
    assert_eq!((values(&boss, two).await, stored(&app.acme, two).await.0), (json!({ "iban": "NEWER" }), json!({})));
    app.drain().await;
}

#[tokio::test]
async fn whoever_looks_back_comes_again_when_what_was_marked_may_be_sealed() {
    let app = TestApp::start().await;
    let boss = app.acme.manager("boss").await;
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let look = async || app_api::worker::index_old(&app.app, &tenant).await;
    while look().await.expect("looked at").is_some() {}
    let id = field(&boss, "iban", false, false).await;
    let ticket = opens(&boss, "one", json!({ "iban": "OLD" })).await;
    boss.patch(&format!("{FIELDS}/{id}"), json!({ "sensitive": true })).await.expect(200);
    assert_eq!(look().await.expect("looked at"), Some(Duration::from_secs(60)));
    app.travel(minutes(1));
    // What else is looked at fails: that keeps no value in clear.
    sqlx::query("alter table search_backfill rename to away").execute(&app.acme.db).await.expect("away");
    look().await.expect_err("it is told");
    assert_eq!(stored(&app.acme, ticket).await.0, json!({}));
    sqlx::query("alter table away rename to search_backfill").execute(&app.acme.db).await.expect("back");
    app.drain().await;
}

#[tokio::test]
async fn however_many_fields_were_ever_sensitive_all_of_them_are_and_there_are_no_more_than_can_be_read() {
    let app = TestApp::start().await;
    let boss = app.acme.manager("boss").await;
    field(&boss, "zip", true, false).await;
    let sql = "insert into sensitive_fields (key, marked_at, seal_after, proof)
        select 'a' || n, marked_at, null, proof from sensitive_fields, generate_series(1, 1000) n";
    sqlx::query(sql).execute(&app.acme.db).await.expect("marked");
    let ticket = opens(&boss, "one", json!({ "zip": "75011" })).await;
    assert_eq!(stored(&app.acme, ticket).await.0, json!({}));
    let sql = "insert into custom_fields (key, type, label_fr, label_en, created_at, updated_at)
        select 'f' || n, 'text', 'Un', 'One', now(), now() from generate_series(2, 499) n";
    sqlx::query(sql).execute(&app.acme.db).await.expect("defined");
    field(&boss, "last", false, false).await;
    let body = json!({ "key": "more", "labels": { "fr": "Un", "en": "One" }, "type": "text" });
    boss.post(FIELDS, body.clone()).await.is(409, "conflict");
    app.globex.manager("grace").await.post(FIELDS, body).await.expect(201);
    app.drain().await;
}
