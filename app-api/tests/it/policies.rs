//! Policies and business hours: which tickets they are for, what an edit changes and what it never does, and how a
//! ticket explains them (T-11, page 11 C13).

use serde_json::{Value, json};
use shared::session::Role;

use crate::{
    sla::{asked, at, shown},
    world::{Caller, TestApp, TestTenant, minutes},
};

pub fn targets(response: i64, resolution: i64) -> Value {
    let target = json!({ "response": response, "resolution": resolution });
    json!({ "low": target, "medium": target, "high": target, "urgent": target })
}

pub async fn office(adam: &Caller) -> i64 {
    let day = json!([[540, 720], [780, 1080]]);
    let week = json!([day, day, day, day, day, [], []]);
    let body =
        json!({ "name": "Office", "time_zone": "Europe/Paris", "week": week, "holidays": [{ "date": "2026-03-03", "name": "Outing" }] });
    adam.post("/api/v1/sla/calendars", body).await.expect(201)["id"].as_i64().expect("an id")
}

#[tokio::test]
async fn a_policy_with_business_hours_counts_in_them_and_is_explained() {
    let app = TestApp::start().await;
    let (adam, ana) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await);
    let chloe = app.acme.customer("chloe").await;
    let calendar = office(&adam).await;
    let body = json!({ "name": "Repairs", "categories": ["repair"], "targets": targets(240, 600), "calendar_id": calendar });
    let policy = adam.post("/api/v1/sla/policies", body).await.expect(201);
    let plain = chloe.opens("Elsewhere").await;
    // Monday 10:00 in Paris; Tuesday is a holiday.
    let ticket = asked(&chloe, json!({ "subject": "x", "description": "x", "category": "repair" })).await;
    let due = shown(&ana, ticket).await["sla"].clone();
    assert_eq!(due["response"]["due_at"], "2026-03-02T14:00:00Z");
    assert_eq!(due["resolution"]["due_at"], "2026-03-04T11:00:00Z");
    assert_eq!(shown(&ana, plain).await["sla"]["response"]["target_minutes"], 1440);
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    app.travel(minutes(150));
    let why = ana.get(&format!("/api/v1/tickets/{ticket}/sla")).await.expect(200);
    assert_eq!(
        (&why["policy"]["id"], &why["policy"]["name"], &why["policy"]["because"]),
        (&policy["id"], &json!("Repairs"), &json!(["category"]))
    );
    assert_eq!((&why["hours"]["time_zone"], &why["hours"]["holidays"][0]["name"]), (&json!("Europe/Paris"), &json!("Outing")));
    assert_eq!(why["response"]["elapsed_seconds"], 120 * 60);
    let span = &why["spans"][0];
    assert_eq!((&span["status"], &span["pace"], &span["counted_seconds"]), (&json!("in_progress"), &json!("running"), &json!(120 * 60)));
    assert_eq!(span["open"][0], json!({ "from": "2026-03-02T09:00:00Z", "to": "2026-03-02T11:00:00Z" }));
    chloe.get(&format!("/api/v1/tickets/{ticket}/sla")).await.is(403, "forbidden");
    app.drain().await;
}

#[tokio::test]
async fn an_edited_policy_counts_for_what_comes_and_never_for_what_was_promised() {
    let app = TestApp::start().await;
    let (adam, ana, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let before = chloe.opens("Before").await;
    let path = "/api/v1/sla/policies/1";
    let edit = json!({ "name": "Standard", "targets": targets(10, 20) });
    let (method, stale) = (axum::http::Method::PUT, [("if-match", "\"7\"")]);
    adam.with(&method, path, edit.clone(), &stale).await.is(412, "version_mismatch");
    let edited = adam.with(&method, path, edit, &[("if-match", "\"1\"")]).await.expect(200);
    assert_eq!(edited["version"], 2);
    let after = chloe.opens("After").await;
    let target = async |ticket| shown(&ana, ticket).await["sla"]["response"]["target_minutes"].as_i64().unwrap();
    assert_eq!((target(before).await, target(after).await), (1440, 10));
    ana.assigns(before, Some(ana.id)).await.expect(200);
    ana.patch(&format!("/api/v1/tickets/{before}"), json!({ "priority": "high", "tags": ["x"] })).await.expect(200);
    assert_eq!(target(before).await, 240, "as it was promised");
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_that_comes_under_another_policy_is_measured_by_that_from_its_creation() {
    let app = TestApp::start().await;
    let (adam, ana, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    adam.post("/api/v1/sla/policies", json!({ "name": "VIP", "tags": ["vip"], "targets": targets(30, 90) })).await.expect(201);
    let (ticket, created) = (chloe.opens("Printer on fire").await, app.clock.now());
    app.travel(minutes(20));
    let tagged = ana.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "tags": ["vip"] })).await.expect(200);
    assert_eq!(at(&tagged["sla"]["response"]["due_at"]), created + minutes(30));
    let back = ana.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "tags": [] })).await.expect(200);
    assert_eq!(at(&back["sla"]["response"]["due_at"]), created + minutes(1440));
    app.drain().await;
}

#[tokio::test]
async fn policies_and_hours_that_cannot_be_are_refused_by_field() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let calendar = office(&adam).await;
    let policy = |change: Value| {
        let mut body = json!({ "name": "x", "targets": targets(10, 20) });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    for (change, field) in [
        (json!({ "targets": targets(0, 20) }), "targets.low"),
        (json!({ "targets": targets(10, 525_601) }), "targets.low"),
        (json!({ "name": "" }), "name"),
        (json!({ "calendar_id": 4242 }), "calendar_id"),
        (json!({ "teams": vec![1; 51] }), "teams"),
        (json!({ "is_default": true }), "is_default"),
    ] {
        let refused = adam.post("/api/v1/sla/policies", policy(change)).await.is(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let put = axum::http::Method::PUT;
    let asks = adam.with(&put, "/api/v1/sla/policies/1", policy(json!({ "tags": ["vip"] })), &[]).await;
    assert_eq!(asks.is(422, "validation_failed")["errors"][0]["field"], "categories");
    let hours = |zone: &str, week: Value| json!({ "name": "Odd", "time_zone": zone, "week": week });
    for (body, field) in [
        (hours("Europe/Atlantis", json!([[[0, 60]], [], [], [], [], [], []])), "time_zone"),
        (hours("UTC", json!([[[0, 60]]])), "week"),
        (hours("UTC", json!([[], [], [], [], [], [], []])), "week"),
        (hours("UTC", json!([[[600, 540]], [], [], [], [], [], []])), "week"),
    ] {
        assert_eq!(adam.post("/api/v1/sla/calendars", body).await.is(422, "validation_failed")["errors"][0]["field"], field);
    }
    office_is_kept_while_a_policy_counts_in_it(&app.acme, &adam, calendar, policy(json!({ "calendar_id": calendar }))).await;
    app.drain().await;
}

async fn office_is_kept_while_a_policy_counts_in_it(tenant: &TestTenant, adam: &Caller, calendar: i64, policy: Value) {
    let path = format!("/api/v1/sla/calendars/{calendar}");
    let policy = adam.post("/api/v1/sla/policies", policy).await.expect(201)["id"].as_i64().expect("an id");
    let delete = axum::http::Method::DELETE;
    adam.with(&delete, &path, Value::Null, &[]).await.is(409, "conflict");
    let hours = json!({ "name": "Office", "time_zone": "UTC", "week": [[[0, 60]], [], [], [], [], [], []] });
    adam.with(&axum::http::Method::PUT, &path, hours, &[]).await.expect(200);
    assert_eq!(tenant.count("select count(*) from sla_policy_versions where calendar ->> 'time_zone' = 'UTC'").await, 1);
    let policy = format!("/api/v1/sla/policies/{policy}");
    assert_eq!(adam.get(&policy).await.expect(200)["version"], 2, "its hours have changed");
    adam.with(&delete, &policy, Value::Null, &[]).await.expect(204);
    adam.get(&policy).await.is(404, "not_found");
    adam.with(&delete, &path, Value::Null, &[]).await.expect(204);
}
