//! What the document does not name is not there: no other method, parameter or field opens anything
//! (R1, R6, R10, R11 of page 11).

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};

use crate::{
    operations::{OPEN, filled, operations, table},
    world::{Caller, TestApp},
};

const METHODS: [Method; 9] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE, Method::CONNECT];
/// Headers by which some servers take one method for another.
const OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];
/// What an attacker would like to set (R6), and a name that nobody has thought of.
const EXTRA: [&str; 12] = [
    "role",
    "is_admin",
    "tenant_id",
    "id",
    "created_at",
    "sla_due_at",
    "requester_id",
    "ticket_number",
    "email_verified",
    "metadata",
    "version",
    "never_heard_of",
];

fn document() -> Value {
    serde_json::from_str(&app_api::router::document().expect("a document")).expect("JSON")
}

/// The methods that each path knows.
fn paths() -> BTreeMap<String, Vec<String>> {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for operation in operations() {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        known.entry(path.to_owned()).or_default().push(method.to_owned());
    }
    known
}

/// A ticket that its assignee alone works on, and a manager who may see it.
async fn scene(app: &TestApp) -> (Caller, i64) {
    let (chloe, max) = (app.acme.customer("chloe").await, app.acme.manager("max").await);
    let ticket = chloe.opens("Printer on fire").await;
    max.assigns(ticket, Some(max.id)).await.expect(200);
    (max, ticket)
}

#[tokio::test]
async fn each_path_answers_the_methods_of_the_document_and_no_other_whatever_a_header_says() {
    let app = TestApp::start().await;
    let (max, ticket) = scene(&app).await;
    let events = || app.acme.count("select count(*) from events");
    let (before, mut refused) = (events().await, 0);
    for (path, known) in paths() {
        let url = filled(&max, &path, ticket).await;
        for method in METHODS {
            let plain = if method == Method::HEAD { "GET" } else { method.as_str() };
            if known.iter().any(|known| known == plain) {
                continue;
            }
            for (header, real) in OVERRIDES.into_iter().zip(known.iter().cycle()) {
                let request = max.request(&method, &url).header(header, real).header(header::CONTENT_TYPE, "application/json");
                let answer = max.send(request.body(Body::from("{}")).expect("a request")).await;
                assert_eq!(answer.status, 405, "{method} {path}: {answer:?}");
                let allowed = answer.headers[header::ALLOW].to_str().expect("methods").to_owned();
                assert!(known.iter().all(|known| allowed.contains(known.as_str())), "{method} {path}: {allowed}");
                refused += 1;
            }
        }
    }
    assert!(refused > 200, "{refused}");
    assert_eq!(events().await, before);
    app.drain().await;
}

#[tokio::test]
async fn no_header_makes_a_reading_request_a_writing_one() {
    let app = TestApp::start().await;
    let (max, ticket) = scene(&app).await;
    let events = || app.acme.count("select count(*) from events");
    let before = events().await;
    for path in [format!("/api/v1/tickets/{ticket}"), "/api/v1/tickets".into(), format!("/api/v1/tickets/{ticket}/messages")] {
        for header in OVERRIDES {
            for method in ["DELETE", "PATCH", "POST"] {
                let body = json!({ "subject": "Changed", "description": "b", "message": "b" });
                max.with(&Method::GET, &path, body.clone(), &[(header, method)]).await.expect(200);
                let request = max.request(&Method::GET, &format!("{path}?_method={method}")).header(header, method);
                let status = max.send(request.body(Body::empty()).expect("a request")).await.status;
                assert_eq!(status, 422, "{path}");
            }
        }
    }
    assert_eq!(max.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)["subject"], "Printer on fire");
    assert_eq!(events().await, before);
    app.drain().await;
}

#[tokio::test]
async fn every_reading_operation_refuses_a_parameter_that_the_document_does_not_name() {
    let app = TestApp::start().await;
    let (max, ticket) = scene(&app).await;
    let mut asked = 0;
    for operation in operations().into_iter().filter(|o| !OPEN.contains(&o.as_str())) {
        let Some(path) = operation.strip_prefix("GET ") else { continue };
        let path = filled(&max, path, ticket).await;
        for wrong in
            ["colour=red", "include=audit", "fields=password_hash", "filter[requester.totp_secret][like]=a%25", "Limit=1", "tenant=globex"]
        {
            let problem = max.get(&format!("{path}?{wrong}")).await.is(422, "validation_failed");
            let name = wrong.split('=').next().expect("a name");
            assert_eq!(
                (&problem["errors"][0]["field"], &problem["errors"][0]["code"]),
                (&json!(name), &json!("unknown_field")),
                "{operation}"
            );
            asked += 1;
        }
    }
    assert!(asked >= 36, "{asked}");
    app.drain().await;
}

#[test]
fn every_request_of_the_document_says_that_it_takes_no_other_field() {
    let document = document();
    let mut bodies = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema/$ref") else { continue };
            let place = schema.as_str().and_then(|reference| reference.strip_prefix('#')).expect("a reference");
            assert_eq!(document.pointer(place).expect("a schema")["additionalProperties"], false, "{method} {path}");
            bodies += 1;
        }
    }
    assert!(bodies >= 5, "{bodies}");
}

#[tokio::test]
async fn every_good_body_with_one_more_field_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let (max, ticket) = scene(&app).await;
    let changes = || app.acme.count("select (select count(*) from events) + (select sum(version) from support_tickets)::bigint");
    let (before, mut refused) = (changes().await, 0);
    for (operation, (body, _)) in table(max.id) {
        let Some(Value::Object(body)) = body else { continue };
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let (method, path) = (Method::from_bytes(method.as_bytes()).expect("a method"), filled(&max, path, ticket).await);
        for extra in EXTRA {
            let mut body = body.clone();
            body.insert(extra.into(), json!(1));
            let problem = max.with(&method, &path, Value::Object(body), &[]).await.is(422, "validation_failed");
            assert_eq!(
                (&problem["errors"][0]["field"], &problem["errors"][0]["code"]),
                (&json!(extra), &json!("unknown_field")),
                "{operation}"
            );
            refused += 1;
        }
    }
    assert!(refused >= 5 * EXTRA.len(), "{refused}");
    assert_eq!(changes().await, before);
    app.drain().await;
}
