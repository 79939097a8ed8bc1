//! Bad input gets a clear 4xx and loses nothing (page 11, I3 to I8).

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;

use crate::world::{Caller, TestApp};

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

/// The ids of all pages, of which none is larger than a page may be.
async fn of_all_pages(caller: &Caller, path: &str) -> Vec<i64> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = caller.get(&format!("{path}?limit=100{cursor}")).await.expect(200);
        assert!(page.to_string().len() < 5 << 19, "{path}: {} bytes", page.to_string().len());
        all.extend(page["data"].as_array().expect("rows").iter().map(|row| row["id"].as_i64().expect("an id")));
        let Some(next) = page["page"]["next_cursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn pages_of_long_texts_are_short_and_hold_each_row_once() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let long = chloe.opens("Long").await;
    for sql in [
        "insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
         select 'TKT-' || n, user_id, 'x', 'x', repeat('x', 300000), now() - n * interval '1 minute', now()
         from support_tickets, generate_series(1, 20) n
         where id = $1",
        "insert into ticket_messages (ticket_id, sender_id, sender_type, message, message_html, created_at, updated_at)
         select id, user_id, 'customer', 'x', repeat('x', 300000), now(), now()
         from support_tickets, generate_series(1, 20)
         where id = $1",
    ] {
        sqlx::query(sql).bind(long).execute(&app.acme.db).await.expect(sql);
    }
    for (path, count) in [("/api/v1/tickets".to_owned(), 21), (format!("/api/v1/tickets/{long}/messages"), 20)] {
        let all = of_all_pages(&boss, &path).await;
        assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (count, count), "{path}");
    }
    let file = boss.get("/api/v1/tickets/export?format=json").await.expect(200);
    assert_eq!(file.as_array().map(Vec::len), Some(21), "a file goes on behind a short page");
    let grown = chloe.post("/api/v1/tickets", json!({ "subject": "x", "description": "a@b.c ".repeat(10_000) })).await.expect(201);
    assert!(grown["description_html"].as_str().is_some_and(|html| html.len() < 70_000), "short links grow to no long text");
    app.drain().await;
}
