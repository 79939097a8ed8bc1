//! What a customer is shown, whatever they ask: an allow-list of names (R2 of page 11). Whatever is not
//! on it was meant for the staff, or needs a decision here first.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    isolation::{OPEN, filled, operations, table},
    world::{Caller, Stream, TestApp, minutes},
};

/// Every name that may stand in an answer to a customer, wherever it stands.
const SHOWN: [&str; 61] = [
    // Lists.
    "data",
    "page",
    "page.limit",
    "page.next_cursor",
    "page.total",
    // Tickets.
    "allowed_transitions",
    "assigned_to",
    "assignee",
    "assignee.firstname",
    "assignee.id",
    "assignee.lastname",
    "category",
    "channel",
    "closed_at",
    "created_at",
    "custom_fields",
    "custom_fields.serial",
    "description",
    "description_html",
    "id",
    "order_id",
    "priority",
    "priority_reason",
    "requester",
    "requester.email",
    "requester.firstname",
    "requester.id",
    "requester.lastname",
    "resolved_at",
    "sla",
    "sla.state",
    "sla.resolution",
    "sla.resolution.due_at",
    "sla.resolution.met_at",
    "sla.resolution.remaining_seconds",
    "sla.resolution.state",
    "sla.resolution.target_minutes",
    "sla.response",
    "sla.response.due_at",
    "sla.response.met_at",
    "sla.response.remaining_seconds",
    "sla.response.state",
    "sla.response.target_minutes",
    "status",
    "subject",
    "tags",
    "ticket_number",
    "unread_count",
    "updated_at",
    "user_id",
    "version",
    // Messages.
    "is_internal",
    "message",
    "message_html",
    "read_at",
    "sender_id",
    "sender_name",
    "sender_type",
    "ticket_id",
    // History, where `by` has what an assignee has.
    "by",
    "from",
];
const OF_HISTORY: [&str; 6] = ["by.firstname", "by.id", "by.lastname", "kind", "reason", "to"];
const OF_HINTS: [&str; 3] = ["at", "event", "message_id"];
/// What no customer ever reads.
const SECRET: [&str; 7] = ["NOTE-CANARY", "REASON-CANARY", "TAG-CANARY", "META-CANARY", "ana@acme.test", "bea@acme.test", "max@acme.test"];

/// Every name in an answer, after those that it stands in; lists and the list's own `data` add nothing.
fn names(value: &Value, within: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let path = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
                found.insert(path.clone());
                names(value, if name == "data" { within } else { &path }, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, within, found)),
        _ => {}
    }
}

#[track_caller]
fn shows_nothing_else(what: &str, body: &Value) {
    let mut found = BTreeSet::new();
    names(body, "", &mut found);
    let allowed: BTreeSet<&str> = SHOWN.into_iter().chain(OF_HISTORY).chain(OF_HINTS).collect();
    let others: Vec<_> = found.iter().filter(|name| !allowed.contains(name.as_str())).collect();
    assert!(others.is_empty(), "{what} shows {others:?}");
    let text = body.to_string();
    let told: Vec<_> = SECRET.iter().filter(|secret| text.contains(**secret)).collect();
    assert!(told.is_empty(), "{what} tells {told:?}: {text}");
}

/// A ticket of the customer's with everything that the staff alone knows of it.
async fn furnished(app: &TestApp, chloe: &Caller) -> i64 {
    let (ana, bea, max) = (app.acme.agent("ana").await, app.acme.agent("bea").await, app.acme.manager("max").await);
    let opened = json!({ "subject": "Printer on fire", "description": "It smokes.", "user_id": chloe.id, "category": "Printers",
        "order_id": "A-1", "tags": ["TAG-CANARY"], "custom_fields": { "serial": "4711" } });
    let ticket = max.post("/api/v1/tickets", opened).await.expect(201)["id"].as_i64().expect("an id");
    sqlx::query("update support_tickets set metadata = '{\"source\": \"META-CANARY\"}'")
        .execute(&app.acme.db)
        .await
        .expect("more about it");
    app.travel(minutes(1));
    max.assigns(ticket, Some(bea.id)).await.expect(200);
    max.assigns(ticket, Some(ana.id)).await.expect(200);
    max.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "priority": "high" })).await.expect(200);
    ana.notes(ticket, "NOTE-CANARY").await.expect(201);
    ana.says(ticket, "On my way").await.expect(201);
    let resolved = json!({ "status": "resolved", "reason": "REASON-CANARY" });
    ana.post(&format!("/api/v1/tickets/{ticket}/status"), resolved).await.expect(200);
    let seen = max.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200).to_string();
    let walked = max.get(&format!("/api/v1/tickets/{ticket}/history")).await.expect(200).to_string();
    assert!(seen.contains("TAG-CANARY") && seen.contains("META-CANARY") && seen.contains("ana@acme.test"), "{seen}");
    assert!(walked.contains("REASON-CANARY"), "{walked}");
    ticket
}

#[tokio::test]
async fn whatever_a_customer_asks_they_are_shown_what_is_on_the_list_and_nothing_else() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let mut stream = Stream::open(&chloe, None).await;
    stream.expect("ready").await;
    let ticket = furnished(&app, &chloe).await;
    let (table, mut answered, mut seen) = (table(chloe.id), 0, BTreeSet::new());
    for operation in operations().into_iter().filter(|o| !OPEN.contains(&o.as_str()) && !o.ends_with("/live")) {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let path = filled(path, ticket);
        let closes = path.ends_with("/status");
        let body = if closes { json!({ "status": "in_progress" }) } else { table[operation.as_str()].0.clone().unwrap_or_default() };
        for query in if method == "GET" { ["", "?limit=1"].as_slice() } else { [""].as_slice() } {
            let query = if path.ends_with(&ticket.to_string()) || path.contains("/sla") { "" } else { query };
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = chloe.with(&method, &format!("{path}{query}"), body.clone(), &[]).await;
            // What is refused to everybody like them, or is not there.
            if answer.status.as_u16() == table[operation.as_str()].1[0] && !answer.status.is_success() {
                continue;
            }
            assert!(answer.status.is_success(), "{operation}: {answer:?}");
            answered += 1;
            shows_nothing_else(&operation, &answer.body);
            names(&answer.body, "", &mut seen);
        }
    }
    let counted = chloe.get("/api/v1/tickets?count=true").await.expect(200);
    shows_nothing_else("the count", &counted);
    names(&counted, "", &mut seen);
    assert!(answered >= 10, "{answered}");
    stream.until_ticket(ticket).await;
    let unseen: Vec<_> = SHOWN.iter().chain(&OF_HISTORY).filter(|name| !seen.contains(**name)).collect();
    assert!(unseen.is_empty(), "the list allows what nobody is shown: {unseen:?}");
    app.drain().await;
}

#[tokio::test]
async fn what_a_customer_hears_while_the_staff_works_is_on_the_list_too() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let mut stream = Stream::open(&chloe, None).await;
    stream.expect("ready").await;
    let ticket = furnished(&app, &chloe).await;
    let last = chloe.opens("The last one").await;
    let mut about = 0;
    loop {
        let heard = stream.next().await.expect("the stream goes on");
        shows_nothing_else(&heard.name, &heard.data);
        if heard.ticket() == last {
            break;
        }
        assert_eq!(heard.ticket(), ticket);
        about += 1;
    }
    assert!(about >= 3, "{about}");
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    let theirs: Vec<_> = mails.iter().filter(|mail| mail.to_address == "chloe@acme.test").collect();
    assert!(!theirs.is_empty());
    for mail in theirs {
        let text = format!("{} {}", mail.subject, mail.text);
        assert!(SECRET.iter().all(|secret| !text.contains(secret)), "{text}");
    }
}
