//! Bad input gets a clear 4xx and loses nothing (page 11, I3 to I8).

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;

use crate::world::TestApp;

#[tokio::test]
async fn bad_bodies_are_refused_with_the_right_code() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let (deep, long, wide) = ("[".repeat(100_000), "x".repeat(70_000), "x".repeat((1 << 20) + 1));
    let ticket = |field: &str| format!(r#"{{"subject":"a","description":"b",{field}}}"#);
    let cases = [
        ("{".to_owned(), 400, "malformed_json"),
        (deep.clone(), 400, "malformed_json"),
        (ticket(&format!(r#""custom_fields":{}"#, deep)), 400, "malformed_json"),
        ("[]".to_owned(), 422, "validation_failed"),
        ("null".to_owned(), 422, "validation_failed"),
        (r#"{"subject":"a"}"#.to_owned(), 422, "validation_failed"),
        (r#"{"subject":1,"description":"b"}"#.to_owned(), 422, "validation_failed"),
        (r#"{"subject":"a\u0000","description":"b"}"#.to_owned(), 422, "validation_failed"),
        (r#"{"subject":"a","description":"b\u0000"}"#.to_owned(), 422, "validation_failed"),
        (r#"{"subject":"a\ud800","description":"b"}"#.to_owned(), 400, "malformed_json"),
        (r#"{"subject":"a","subject":"b","description":"b"}"#.to_owned(), 422, "validation_failed"),
        (ticket(r#""priority":"mega""#), 422, "validation_failed"),
        (ticket(r#""id":1"#), 422, "validation_failed"),
        (ticket(r#""status":"closed""#), 422, "validation_failed"),
        (ticket(r#""user_id":9223372036854775808"#), 422, "validation_failed"),
        (ticket(r#""user_id":1.5"#), 422, "validation_failed"),
        (ticket(r#""custom_fields":{"a":[[[[1]]]]}"#), 422, "validation_failed"),
        (ticket(r#""custom_fields":{"a":"\u0000"}"#), 422, "validation_failed"),
        (format!(r#"{{"subject":"a","description":"{long}"}}"#), 422, "validation_failed"),
        (wide, 413, "payload_too_large"),
    ];
    for (body, status, code) in cases {
        let shown = body.chars().take(80).collect::<String>();
        let request =
            chloe.request(&Method::POST, "/api/v1/tickets").header(header::CONTENT_TYPE, "application/json").body(Body::from(body));
        let answer = chloe.send(request.expect("a request")).await;
        assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (status, Some(code)), "{shown} {}", answer.body);
    }
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn bad_paths_queries_and_methods_are_problems_too() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    for (method, path, status, code) in [
        (Method::GET, "/api/v1/nothing", 404, "not_found"),
        (Method::GET, "/api/v1/tickets/0", 404, "not_found"),
        (Method::GET, "/api/v1/tickets/-1", 404, "not_found"),
        (Method::GET, "/api/v1/tickets/99999999999999999999", 404, "not_found"),
        (Method::GET, "/api/v1/tickets/%00", 404, "not_found"),
        (Method::GET, "/api/v1/tickets/%ff", 404, "not_found"),
        (Method::GET, "/api/v1/tickets/TKT-'or'1", 404, "not_found"),
        (Method::DELETE, "/api/v1/tickets", 405, "method_not_allowed"),
        (Method::PUT, "/api/v1/tickets/1", 405, "method_not_allowed"),
        (Method::GET, "/api/v1/tickets?limit=0", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?limit=101", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?limit=1e2", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?cursor=AAAA", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?cursor=", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?sort=password", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?status=open,mega", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?colour=red", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?category=%00", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?assigned_to=nobody", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?user_id=99999999999999999999", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?created_from=yesterday", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?created_from=-100000-01-01T00:00:00Z", 422, "validation_failed"),
        (Method::GET, "/api/v1/tickets?created_to=%2B100000-01-01T00:00:00Z", 422, "validation_failed"),
    ] {
        let answer = ana.send(ana.request(&method, path).body(Body::empty()).expect("a request")).await;
        assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (status, Some(code)), "{method} {path} {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
        assert!(answer.body["request_id"].is_string(), "{path}");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_body_that_is_no_json_is_415_and_headers_are_always_set() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let request = chloe.request(&Method::POST, "/api/v1/tickets").header(header::CONTENT_TYPE, kind).body(Body::from("{}"));
        let answer = chloe.send(request.expect("a request")).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
        answer.is(415, "unsupported_media_type");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_sane_request_id_is_taken_over_and_another_is_replaced() {
    let app = TestApp::start().await;
    for (given, kept) in [("abcdef-123456", true), ("a b", false), ("x", true), (&"x".repeat(65), false)] {
        let request = Request::get("/health/live").header("x-request-id", given).body(Body::empty()).expect("a request");
        let answer = tower::ServiceExt::oneshot(app.router.clone(), request).await.expect("an answer");
        assert_eq!(answer.headers()["x-request-id"] == given, kept, "{given}");
    }
    app.drain().await;
}

#[tokio::test]
async fn naughty_strings_come_back_as_they_were_sent() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    for text in ["'; drop table users; --", "%_\\", "{{7*7}}", "𝕏 ñ 漢字 🤖", "<script>alert(1)</script>", "null", "undefined", "=1+1"]
    {
        let ticket = chloe.post("/api/v1/tickets", json!({ "subject": text, "description": text, "category": text })).await.expect(201);
        assert_eq!((&ticket["subject"], &ticket["description"], &ticket["category"]), (&json!(text), &json!(text), &json!(text)));
        assert!(!ticket["description_html"].as_str().unwrap().contains("<script"));
        let tagged = ana.patch(&format!("/api/v1/tickets/{}", ticket["id"]), json!({ "tags": [text] })).await.expect(200);
        assert_eq!(tagged["tags"], json!([text]));
    }
    app.drain().await;
}
