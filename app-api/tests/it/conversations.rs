//! What is said in threads, who reads it, and what a retry does (T-31 to T-34, P-14).

use axum::http::Method;
use futures::future::join_all;
use serde_json::json;

use crate::world::{TestApp, minutes};

#[tokio::test]
async fn a_note_is_in_nothing_that_a_customer_reads() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    app.travel(minutes(1));
    let before = chloe.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200);
    ana.notes(ticket, "NOTE-CANARY").await.expect(201);
    assert_eq!(chloe.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200), before);
    ana.says(ticket, "Hello").await.expect(201);
    app.drain().await;
    for path in ["", "/messages", "/history"] {
        let body = chloe.get(&format!("/api/v1/tickets/{ticket}{path}")).await.expect(200).to_string();
        assert!(!body.contains("NOTE-CANARY"), "{path}");
    }
    assert_eq!(chloe.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)["unread_count"], 1);
    assert!(app.mails.lock().unwrap().iter().all(|m| !m.text.contains("NOTE-CANARY")));
    let thread = ana.get(&format!("/api/v1/tickets/{ticket}/messages")).await.expect(200);
    assert_eq!(thread["data"].as_array().unwrap().len(), 2);
    chloe.notes(ticket, "I want one too").await.is(403, "forbidden");
    app.drain().await;
}

#[tokio::test]
async fn what_is_unread_is_counted_for_each_side_and_cleared_by_reading() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let path = format!("/api/v1/tickets/{ticket}");
    chloe.says(ticket, "Hurry").await.expect(201);
    ana.says(ticket, "Yes").await.expect(201);
    let unread = async |caller: &crate::world::Caller| caller.get(&path).await.expect(200)["unread_count"].clone();
    assert_eq!((unread(&ana).await, unread(&chloe).await), (json!(2), json!(1)));
    ana.post(&format!("{path}/read"), json!({})).await.expect(204);
    assert_eq!((unread(&ana).await, unread(&chloe).await), (json!(0), json!(1)));
    let thread = chloe.get(&format!("{path}/messages")).await.expect(200);
    assert!(thread["data"][0]["read_at"].is_string() && thread["data"][1]["read_at"].is_null());
    app.drain().await;
}

#[tokio::test]
async fn a_resolved_ticket_is_reopened_by_a_message_only_when_the_customer_says_so() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    ana.sets(ticket, "resolved").await.expect(200);
    let path = format!("/api/v1/tickets/{ticket}");
    chloe.says(ticket, "Thank you").await.expect(201);
    assert_eq!(chloe.get(&path).await.expect(200)["status"], "resolved");
    chloe.post(&format!("{path}/messages"), json!({ "message": "It burns again", "reopen": true })).await.expect(201);
    assert_eq!(chloe.get(&path).await.expect(200)["status"], "in_progress");
    app.drain().await;
}

#[tokio::test]
async fn a_retry_with_the_same_key_gets_the_same_answer_and_makes_nothing_twice() {
    let app = TestApp::start().await;
    let (chloe, dan) = (app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let body = json!({ "subject": "Printer on fire", "description": "It smokes." });
    let open = async |caller: &crate::world::Caller, body: &serde_json::Value| {
        caller.with(&Method::POST, "/api/v1/tickets", body.clone(), &[("Idempotency-Key", "once")]).await
    };
    let answers = join_all((0..10).map(|_| open(&chloe, &body))).await;
    assert!(answers.iter().all(|a| a.headers["etag"] == "\"1\""), "the first answer and those that repeat it");
    let ids: Vec<_> = answers.into_iter().map(|a| a.expect(201)).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, 1);
    assert_eq!(app.acme.count("select count(*) from events").await, 1);
    open(&chloe, &json!({ "subject": "Another", "description": "x" })).await.is(422, "idempotency_key_reused");
    assert_ne!(open(&dan, &body).await.expect(201)["id"], ids[0]["id"]);
    app.travel(minutes(24 * 60 + 1));
    assert_ne!(open(&chloe, &body).await.expect(201)["id"], ids[0]["id"]);
    app.drain().await;
}

#[tokio::test]
async fn staff_open_tickets_for_customers_and_customers_only_for_themselves() {
    let app = TestApp::start().await;
    let (ana, chloe, dan) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let body = |id: i64| json!({ "subject": "By phone", "description": "x", "user_id": id, "priority": "high" });
    let ticket = ana.post("/api/v1/tickets", body(chloe.id)).await.expect(201);
    assert_eq!((ticket["user_id"].as_i64(), &ticket["priority_reason"]), (Some(chloe.id), &json!("manual")));
    chloe.post("/api/v1/tickets", body(dan.id)).await.is(403, "forbidden");
    ana.post("/api/v1/tickets", body(i64::MAX)).await.is(422, "validation_failed");
    app.drain().await;
}
