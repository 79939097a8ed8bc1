//! Every operation of the OpenAPI document × nobody, garbage, the other tenant, each role. An
//! operation without a row in the table fails the test.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use shared::session::Role;

use crate::world::{Answer, Caller, TestApp};

/// What each operation answers to a customer, an agent, a manager and an admin, all asking about a
/// ticket that another customer has opened and another agent works on.
pub fn table(assignee: i64) -> BTreeMap<&'static str, (Option<Value>, [u16; 4])> {
    BTreeMap::from([
        ("GET /api/v1/agents", (None, [403, 200, 200, 200])),
        ("GET /api/v1/live", (None, [200, 200, 200, 200])),
        ("GET /api/v1/tickets", (None, [200, 200, 200, 200])),
        ("POST /api/v1/tickets", (Some(json!({ "subject": "a", "description": "b" })), [201, 201, 201, 201])),
        ("GET /api/v1/tickets/{ticket}", (None, [404, 404, 200, 200])),
        ("PATCH /api/v1/tickets/{ticket}", (Some(json!({ "subject": "c" })), [403, 404, 200, 200])),
        ("POST /api/v1/tickets/{ticket}/assign", (Some(json!({ "assigned_to": assignee })), [403, 404, 200, 200])),
        ("POST /api/v1/tickets/{ticket}/status", (Some(json!({ "status": "resolved" })), [404, 404, 200, 200])),
        ("GET /api/v1/tickets/{ticket}/messages", (None, [404, 404, 200, 200])),
        ("POST /api/v1/tickets/{ticket}/messages", (Some(json!({ "message": "a" })), [404, 404, 201, 201])),
        ("POST /api/v1/tickets/{ticket}/read", (None, [404, 404, 204, 204])),
        ("GET /api/v1/tickets/{ticket}/history", (None, [404, 404, 200, 200])),
    ])
}

/// What was done, as the trail says.
const DONE: &str = "select count(*) from audit_logs where outcome = 'success'";

/// Operations that are open to everybody, because they tell nothing of a tenant.
pub const OPEN: [&str; 3] = ["GET /health", "GET /health/live", "GET /health/ready"];

pub fn operations() -> Vec<String> {
    let document: Value = serde_json::from_str(&app_api::router::document().expect("a document")).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| {
        let methods: Vec<String> = item.as_object().expect("operations").keys().map(|m| format!("{} {path}", m.to_uppercase())).collect();
        methods
    };
    paths.iter().flat_map(of).collect()
}

/// Sends, and looks at the head of the answer only: the live stream has no end.
pub async fn ask(caller: &Caller, token: Option<&str>, operation: &str, ticket: i64, body: Option<&Value>) -> (u16, Option<String>) {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).expect("a method"))
        .uri(path.replace("{ticket}", &ticket.to_string()))
        .header(header::HOST, format!("{}.localhost", caller.slug))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string()));
    let response = tower::ServiceExt::oneshot(caller.router.clone(), request.body(body).expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    if status < 400 {
        return (status, None);
    }
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    let problem: Value = serde_json::from_slice(&bytes).expect("a problem");
    (status, problem["code"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn every_operation_refuses_whoever_may_not_ask() {
    let app = TestApp::start().await;
    let (chloe, ana, bea) = (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.acme.agent("bea").await);
    let ticket = chloe.opens("Printer on fire").await;
    let strangers = [Role::Customer, Role::Agent, Role::Manager, Role::Admin];
    let table = table(ana.id);
    for operation in operations() {
        if OPEN.contains(&operation.as_str()) {
            continue;
        }
        let (body, expected) = table.get(operation.as_str()).unwrap_or_else(|| panic!("{operation} has no row in the table"));
        let body = body.as_ref();
        assert_eq!(ask(&chloe, None, &operation, ticket, body).await, (401, Some("unauthenticated".into())), "{operation}");
        assert_eq!(ask(&chloe, Some("a.b.c"), &operation, ticket, body).await, (401, Some("unauthenticated".into())), "{operation}");
        for (role, expected) in strangers.into_iter().zip(expected) {
            let foreign = app.globex.person(&format!("{}{}", role.as_str(), uuid::Uuid::now_v7().simple()), role).await;
            assert_eq!(
                ask(&foreign.at(&app.acme), Some(&foreign.token()), &operation, ticket, body).await,
                (403, Some("tenant_mismatch".into())),
                "{operation} {role:?}"
            );
            let here = app.acme.person(&format!("{}{}", role.as_str(), uuid::Uuid::now_v7().simple()), role).await;
            // One of its own: what is as it was already is no change.
            let ticket = chloe.opens("Printer on fire").await;
            bea.assigns(ticket, Some(bea.id)).await.expect(200);
            let before = app.acme.count(DONE).await;
            assert_eq!(ask(&here, Some(&here.token()), &operation, ticket, body).await.0, *expected, "{operation} {role:?}");
            // Where somebody has read to is no change of anything that others see.
            let changes = *expected < 300 && !operation.starts_with("GET ") && !operation.ends_with("/read");
            assert_eq!(app.acme.count(DONE).await > before, changes, "{operation} {role:?}: the trail says so (AU-1)");
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn every_operation_of_a_suspended_tenant_is_refused_to_everybody_and_the_other_tenant_is_served() {
    let app = TestApp::start().await;
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    let ticket = chloe.opens("Printer on fire").await;
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push(app.acme.person(role.as_str(), role).await);
    }
    app.drain().await;
    app.acme.becomes("suspended").await;
    app.app.tenants.forget("acme").await;
    let table = table(people[1].id);
    for operation in operations().into_iter().filter(|o| !OPEN.contains(&o.as_str())) {
        let body = table[operation.as_str()].0.as_ref();
        for person in &people {
            let refused = (403, Some("tenant_suspended".into()));
            assert_eq!(ask(person, Some(&person.token()), &operation, ticket, body).await, refused, "{operation} {}", person.id);
        }
    }
    gus.opens("Elsewhere").await;
    app.drain().await;
}

#[tokio::test]
async fn nothing_of_one_tenant_is_in_anything_of_the_other() {
    let app = TestApp::start().await;
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    let (boss, other) = (app.acme.manager("boss").await, app.globex.manager("other").await);
    chloe.opens("CANARY-ACME").await;
    gus.opens("CANARY-GLOBEX").await;
    app.drain().await;
    let list = |caller: Caller| async move { caller.get("/api/v1/tickets?count=true").await.expect(200).to_string() };
    let (acme, globex) = (list(boss).await, list(other).await);
    assert!(acme.contains("CANARY-ACME") && !acme.contains("CANARY-GLOBEX"));
    assert!(globex.contains("CANARY-GLOBEX") && !globex.contains("CANARY-ACME"));
    assert!(app.heard(&app.acme).iter().all(|e| !e.to_string().contains("CANARY-GLOBEX")));
    let mails = app.mails.lock().unwrap().clone();
    assert!(mails.iter().filter(|m| m.to_address.ends_with("@acme.test")).all(|m| !m.text.contains("CANARY-GLOBEX")));
    app.drain().await;
}

#[tokio::test]
async fn a_token_opens_nothing_once_its_holder_has_gone() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    let state = |role: &str, active: bool, version: i64| json!({ "user_id": ana.id, "email": "ana@acme.test", "firstname": "ana", "lastname": "Test", "locale": "en", "role": role, "active": active, "version": version });
    app.tell(&app.acme, state("customer", true, 2)).await;
    ana.get("/api/v1/agents").await.is(403, "forbidden");
    app.tell(&app.acme, state("agent", true, 1)).await;
    ana.get("/api/v1/agents").await.is(403, "forbidden");
    app.tell(&app.acme, state("customer", false, 3)).await;
    ana.get("/api/v1/tickets").await.is(401, "unauthenticated");
    let nobody = app.acme.caller(424_242, Role::Admin);
    nobody.get("/api/v1/tickets").await.is(401, "unauthenticated");
    app.drain().await;
}

#[tokio::test]
async fn an_ended_token_says_so() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await.who_keeps_the_token();
    app.travel(crate::world::minutes(16));
    let answer: Answer = ana.get("/api/v1/tickets").await;
    answer.is(401, "token_expired");
    app.drain().await;
}
