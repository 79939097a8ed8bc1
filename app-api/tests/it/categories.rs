//! Categories and custom fields: what is free while nothing is defined, and what holds from then on.

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Caller, TestApp};

fn labels() -> Value {
    json!({ "fr": "Un", "en": "One" })
}

async fn category(boss: &Caller, name: &str, more: Value) -> i64 {
    let mut body = json!({ "name": name, "labels": labels() });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    boss.post("/api/v1/categories", body).await.expect(201)["id"].as_i64().unwrap()
}

async fn field(boss: &Caller, key: &str, kind: &str, more: Value) -> i64 {
    let mut body = json!({ "key": key, "labels": labels(), "type": kind });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    boss.post("/api/v1/custom-fields", body).await.expect(201)["id"].as_i64().unwrap()
}

async fn opens(caller: &Caller, category: Option<&str>, values: Value) -> Answer {
    let body = json!({ "subject": "x", "description": "x", "category": category, "custom_fields": values });
    caller.post("/api/v1/tickets", body).await
}

/// The wrong fields of a refusal, each with its code.
#[track_caller]
fn wrong(answer: Answer) -> Vec<String> {
    let problem = answer.is(422, "validation_failed");
    problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| format!("{} {}", e["field"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect()
}

async fn deletes(caller: &Caller, path: &str) -> Answer {
    caller.with(&Method::DELETE, path, json!({}), &[]).await
}

#[tokio::test]
async fn any_word_and_any_value_goes_until_something_is_defined_and_only_there() {
    let app = TestApp::start().await;
    let (boss, chloe, gus) = (app.acme.manager("boss").await, app.acme.customer("chloe").await, app.globex.customer("gus").await);
    let free = opens(&chloe, Some("whatever"), json!({ "any": { "thing": 1 } })).await.expect(201);
    assert_eq!((&free["category"], &free["custom_fields"]), (&json!("whatever"), &json!({ "any": { "thing": 1 } })));
    let billing = category(&boss, "Billing", json!({})).await;
    let path = format!("/api/v1/tickets/{}", free["id"]);
    assert_eq!(wrong(opens(&chloe, Some("whatever"), json!({})).await), ["category unknown_value"]);
    assert_eq!(opens(&chloe, Some("bILLING"), json!({})).await.expect(201)["category"], "Billing");
    opens(&chloe, None, json!({})).await.expect(201);
    // What stands in a ticket may stay there, and goes nowhere else.
    boss.patch(&path, json!({ "category": "whatever", "subject": "y" })).await.expect(200);
    assert_eq!(wrong(boss.patch(&path, json!({ "category": "other" })).await), ["category unknown_value"]);
    field(&boss, "serial", "text", json!({})).await;
    boss.patch(&path, json!({ "custom_fields": { "any": { "thing": 1 }, "serial": "a" } })).await.expect(200);
    assert_eq!(wrong(boss.patch(&path, json!({ "custom_fields": { "any": 2 } })).await), ["custom_fields.any unknown_field"]);
    opens(&gus, Some("whatever"), json!({ "any": 1 })).await.expect(201);
    for changed in [json!({ "active": false }), json!({ "active": true })] {
        let changed = boss.patch(&format!("/api/v1/categories/{billing}"), changed).await.expect(200);
        let answer = opens(&chloe, Some("billing"), json!({})).await;
        assert_eq!(answer.status.as_u16(), if changed["active"] == true { 201 } else { 422 });
    }
    app.drain().await;
}

#[tokio::test]
async fn a_category_is_defined_once_changed_by_its_version_and_put_away_where_tickets_name_it() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (used, unused) = (category(&boss, "Billing", json!({})).await, category(&boss, "Printers", json!({ "position": 4 })).await);
    let again = json!({ "name": "BILLING", "labels": labels() });
    boss.post("/api/v1/categories", again.clone()).await.is(409, "conflict");
    ana.post("/api/v1/categories", again).await.is(403, "forbidden");
    for (body, field) in [
        (json!({ "name": "", "labels": labels() }), "name"),
        (json!({ "name": "x" }), "labels"),
        (json!({ "name": "x", "labels": { "fr": "x" } }), "labels.en"),
        (json!({ "name": "x", "labels": labels(), "team_id": 99 }), "team_id"),
        (json!({ "name": "x", "labels": labels(), "skills": [""] }), "skills[0]"),
    ] {
        assert_eq!(boss.post("/api/v1/categories", body).await.is(422, "validation_failed")["errors"][0]["field"], field);
    }
    let path = format!("/api/v1/categories/{used}");
    boss.patch(&path, json!({ "name": "Money" })).await.is(422, "validation_failed");
    let edit = async |tag: &str| boss.with(&Method::PATCH, &path, json!({ "position": 9 }), &[("If-Match", tag)]).await;
    assert_eq!(edit("\"1\"").await.headers["etag"], "\"2\"");
    edit("\"1\"").await.is(412, "version_mismatch");
    let ticket = opens(&chloe, Some("billing"), json!({})).await.expect(201);
    boss.patch(&path, json!({ "active": false })).await.expect(200);
    chloe.get(&path).await.is(404, "not_found");
    for id in [used, unused] {
        deletes(&boss, &format!("/api/v1/categories/{id}")).await.expect(204);
        deletes(&boss, &format!("/api/v1/categories/{id}")).await.is(404, "not_found");
        boss.get(&format!("/api/v1/categories/{id}")).await.is(404, "not_found");
    }
    assert_eq!(app.acme.count("select count(*) from categories").await, 1);
    assert_eq!(chloe.get(&format!("/api/v1/tickets/{}", ticket["id"])).await.expect(200)["category"], "Billing");
    // The name is free again.
    category(&boss, "billing", json!({})).await;
    assert_eq!(boss.get("/api/v1/categories").await.expect(200)["data"].as_array().unwrap().len(), 1);
    app.drain().await;
}

#[tokio::test]
async fn values_are_held_against_the_fields_that_are_defined_and_each_wrong_one_is_named() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let printers = category(&boss, "Printers", json!({})).await;
    category(&boss, "Billing", json!({})).await;
    let seen = json!({ "visible_to_customers": true, "required_for_customers": true });
    field(&boss, "serial", "text", seen).await;
    field(&boss, "bought", "date", json!({ "visible_to_customers": true })).await;
    field(&boss, "verdict", "select", json!({ "options": ["ours", "theirs"], "required_for_agents": true })).await;
    field(&boss, "trays", "number", json!({ "category_id": printers, "visible_to_customers": true })).await;
    let all_wrong = json!({ "serial": 1, "bought": "yesterday", "verdict": "ours", "trays": 2, "colour": "red" });
    let mut named = wrong(opens(&chloe, Some("Billing"), all_wrong).await);
    named.sort();
    let field_of = |key: &str, code: &str| format!("custom_fields.{key} {code}");
    let expected = [
        ("bought", "invalid"),
        ("colour", "unknown_field"),
        ("serial", "invalid"),
        ("trays", "unknown_field"),
        ("verdict", "unknown_field"),
    ];
    assert_eq!(named, expected.map(|(key, code)| field_of(key, code)));
    assert_eq!(wrong(opens(&chloe, None, json!({})).await), [field_of("serial", "required")]);
    let values = json!({ "serial": "4711", "bought": "2026-02-28", "trays": 2 });
    let ticket = opens(&chloe, Some("printers"), values.clone()).await.expect(201);
    assert_eq!(ticket["custom_fields"], values);
    let path = format!("/api/v1/tickets/{}", ticket["id"]);
    // What is not touched is not judged; what is, is judged for the staff.
    ana.patch(&path, json!({ "subject": "y" })).await.expect(200);
    assert_eq!(wrong(ana.patch(&path, json!({ "custom_fields": values })).await), [field_of("verdict", "required")]);
    assert_eq!(wrong(ana.patch(&path, json!({ "category": "Billing" })).await), [field_of("verdict", "required")]);
    let judged = json!({ "serial": "4711", "trays": 2, "verdict": "theirs" });
    let both = json!({ "category": "Billing", "custom_fields": judged });
    assert_eq!(ana.patch(&path, both).await.expect(200)["custom_fields"], judged, "a value of before may stay in another category");
    assert_eq!(chloe.get(&path).await.expect(200)["custom_fields"], json!({ "serial": "4711", "trays": 2 }));
    let listed = chloe.get("/api/v1/tickets").await.expect(200);
    assert!(!listed.to_string().contains("verdict"), "{listed}");
    app.drain().await;
}

#[tokio::test]
async fn a_field_that_nobody_could_fill_in_is_refused_and_one_put_away_comes_back_under_its_key() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let new = |key: &str, kind: &str, more: Value| {
        let mut body = json!({ "key": key, "labels": labels(), "type": kind });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (body, field) in [
        (new("Serial", "text", json!({})), "key"),
        (new("serial", "colour", json!({})), "type"),
        (new("serial", "select", json!({})), "options"),
        (new("serial", "text", json!({ "options": ["a"] })), "options"),
        (new("serial", "text", json!({ "required_for_customers": true })), "required_for_customers"),
        (new("serial", "text", json!({ "category_id": 99 })), "category_id"),
    ] {
        assert_eq!(boss.post("/api/v1/custom-fields", body).await.is(422, "validation_failed")["errors"][0]["field"], field);
    }
    let id = field(&boss, "serial", "text", json!({ "visible_to_customers": true })).await;
    let path = format!("/api/v1/custom-fields/{id}");
    boss.post("/api/v1/custom-fields", new("serial", "text", json!({}))).await.is(409, "conflict");
    boss.patch(&path, json!({ "visible_to_customers": false, "required_for_customers": true })).await.is(422, "validation_failed");
    boss.patch(&path, json!({ "type": "number" })).await.is(422, "validation_failed");
    chloe.get(&path).await.expect(200);
    let ticket = opens(&chloe, None, json!({ "serial": "4711" })).await.expect(201)["id"].clone();
    let ticket = format!("/api/v1/tickets/{ticket}");
    // Hidden in the meantime, then put away: customers do not get the value, the staff does.
    boss.patch(&path, json!({ "visible_to_customers": false })).await.expect(200);
    chloe.get(&path).await.is(404, "not_found");
    for _ in 0..2 {
        assert_eq!(chloe.get(&ticket).await.expect(200)["custom_fields"], json!({}));
        assert_eq!(boss.get(&ticket).await.expect(200)["custom_fields"], json!({ "serial": "4711" }));
        let gone = deletes(&boss, &path).await.status.as_u16();
        assert!([204, 404].contains(&gone), "{gone}");
    }
    boss.post("/api/v1/custom-fields", new("serial", "number", json!({}))).await.is(409, "conflict");
    assert_eq!(field(&boss, "serial", "text", json!({ "visible_to_customers": true })).await, id);
    assert_eq!(chloe.get(&ticket).await.expect(200)["custom_fields"], json!({ "serial": "4711" }));
    app.drain().await;
}
