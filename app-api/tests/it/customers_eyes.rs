//! What a customer is shown, whatever they ask: an allow-list of names (R2 of page 11). Whatever is not
//! on it was meant for the staff, or needs a decision here first.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    operations::{OPEN, filled, operations, table},
    world::{Caller, Stream, TestApp, minutes},
};

/// Every name that may stand in an answer to a customer, wherever it stands.
const SHOWN: [&str; 133] = [
    // Files.
    "attachments",
    "attachments.awaits_message",
    "attachments.created_at",
    "attachments.file_size",
    "attachments.filename",
    "attachments.height",
    "attachments.id",
    "attachments.message_id",
    "attachments.mime_type",
    "attachments.original_name",
    "attachments.preview",
    "attachments.preview_url",
    "attachments.scan_status",
    "attachments.sha256",
    "attachments.ticket_id",
    "attachments.uploaded_by",
    "attachments.url",
    "attachments.url_expires_at",
    "attachments.width",
    "awaits_message",
    "file_size",
    "filename",
    "height",
    "message_id",
    "mime_type",
    "mine",
    "mine.allowed",
    "mine.allowed.bytes",
    "mine.allowed.files",
    "mine.allowed.today",
    "mine.used",
    "mine.used.bytes",
    "mine.used.files",
    "mine.used.today",
    "original_name",
    "preview",
    "preview_url",
    "scan_status",
    "sha256",
    "uploaded_by",
    "url",
    "url_expires_at",
    "width",
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
    "waiting_since",
    "team",
    "team_id",
    "follow_up",
    "follow_up.id",
    "follow_up.ticket_number",
    "follow_up_of",
    "merged_into",
    "predecessor",
    "predecessor.id",
    "predecessor.ticket_number",
    "survivor",
    "survivor.id",
    "survivor.ticket_number",
    // Categories and custom fields.
    "active",
    "category_id",
    "key",
    "labels",
    "labels.en",
    "labels.fr",
    "name",
    "options",
    "position",
    "required_for_agents",
    "required_for_customers",
    "skills",
    "type",
    "visible_to_customers",
    "sensitive",
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
/// Of what a search has found.
const OF_HITS: [&str; 17] = [
    "highlights",
    "highlights.field",
    "highlights.html",
    "kind",
    "score",
    "ticket",
    "ticket.assigned_to",
    "ticket.id",
    "ticket.priority",
    "ticket.requester",
    "ticket.requester.firstname",
    "ticket.requester.id",
    "ticket.requester.lastname",
    "ticket.status",
    "ticket.subject",
    "ticket.ticket_number",
    "ticket.updated_at",
];
/// Of the question that a resolution raises.
const OF_CSAT: [&str; 7] = ["answer", "answer.answered_at", "answer.changed_at", "answer.comment", "answer.rating", "expires_at", "token"];
/// Of the help centre.
const OF_ARTICLES: [&str; 12] =
    ["articles", "body_html", "locale", "locales", "published_at", "section_id", "slug", "state", "texts", "title", "vote", "votes"];
const OF_FILES: [&str; 5] = ["enabled", "extensions", "max_bytes", "previews", "staff_only"];
const OF_HINTS: [&str; 3] = ["at", "event", "message_id"];
/// What no customer ever reads.
const SECRET: [&str; 10] = [
    "DRAFT-CANARY",
    "HIDDEN-CANARY",
    "TEAM-CANARY",
    "NOTE-CANARY",
    "REASON-CANARY",
    "TAG-CANARY",
    "META-CANARY",
    "ana@acme.test",
    "bea@acme.test",
    "max@acme.test",
];

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
    let of_tickets = SHOWN.into_iter().chain(OF_HISTORY).chain(OF_HINTS).chain(OF_HITS).chain(OF_CSAT);
    let allowed: BTreeSet<&str> = of_tickets.chain(OF_ARTICLES).chain(OF_FILES).collect();
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
        "order_id": "A-1", "tags": ["TAG-CANARY"], "custom_fields": { "serial": "4711", "verdict": "HIDDEN-CANARY" } });
    let labels = json!({ "fr": "Un", "en": "One" });
    for (key, visible) in [("serial", true), ("verdict", false)] {
        let field = json!({ "key": key, "labels": labels, "type": "text", "visible_to_customers": visible });
        max.post("/api/v1/custom-fields", field).await.expect(201);
    }
    let team = max.post("/api/v1/teams", json!({ "name": "TEAM-CANARY" })).await.expect(201)["id"].clone();
    let category = json!({ "name": "Printers", "labels": labels, "team_id": team, "skills": ["TEAM-CANARY"] });
    max.post("/api/v1/categories", category).await.expect(201);
    let section = max.post("/api/v1/articles/sections", json!({ "labels": labels })).await.expect(201)["id"].clone();
    let text = json!({ "locale": "en", "title": "DRAFT-CANARY", "body": "It smokes." });
    max.post("/api/v1/articles", json!({ "section_id": section, "slug": "draft", "texts": [text] })).await.expect(201);
    let ticket = max.post("/api/v1/tickets", opened).await.expect(201)["id"].as_i64().expect("an id");
    sqlx::query("update support_tickets set metadata = '{\"source\": \"META-CANARY\"}'")
        .execute(&app.acme.db)
        .await
        .expect("more about it");
    app.travel(minutes(1));
    max.assigns(ticket, Some(bea.id)).await.expect(200);
    max.assigns(ticket, Some(ana.id)).await.expect(200);
    max.post(&format!("/api/v1/tickets/{ticket}/assign"), json!({ "team_id": team })).await.expect(200);
    max.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "priority": "high" })).await.expect(200);
    ana.notes(ticket, "NOTE-CANARY").await.expect(201);
    ana.says(ticket, "On my way").await.expect(201);
    let resolved = json!({ "status": "resolved", "reason": "REASON-CANARY" });
    ana.post(&format!("/api/v1/tickets/{ticket}/status"), resolved).await.expect(200);
    let token = chloe.get(&format!("/api/v1/tickets/{ticket}/csat")).await.expect(200)["token"].clone();
    chloe.post("/api/v1/csat", json!({ "token": token, "rating": 4 })).await.expect(200);
    let seen = max.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200).to_string();
    let walked = max.get(&format!("/api/v1/tickets/{ticket}/history")).await.expect(200).to_string();
    assert!(
        seen.contains("TAG-CANARY")
            && seen.contains("TEAM-CANARY")
            && seen.contains("HIDDEN-CANARY")
            && seen.contains("META-CANARY")
            && seen.contains("ana@acme.test"),
        "{seen}"
    );
    assert!(walked.contains("REASON-CANARY"), "{walked}");
    ticket
}

/// A file of a public message.
const ENCLOSED: &str = "
    insert into ticket_attachments (ticket_id, message_id, original_name, filename, file_path, mime_type, file_size, sha256, media_category,
        scan_status, preview, uploaded_by, by_staff, created_at, updated_at)
    select ticket_id, id, 'a.txt', 'a.txt', 'nowhere', 'text/plain', 1, 'none', 'text', 'pending', 'none', 0, false, now(), now()
    from ticket_messages where ticket_id = $1 and not is_internal order by id limit 1";

/// Whether the document says that so many at most can be asked for there.
fn takes_a_limit(path: &str) -> bool {
    let document: Value = serde_json::from_str(&app_api::router::document().expect("a document")).expect("JSON");
    let parameters = &document["paths"][path]["get"]["parameters"];
    parameters.as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "limit"))
}

/// A ticket that was merged, the closed one that it was merged into, and the one that goes on from there.
async fn going_on(app: &TestApp, chloe: &Caller) -> [i64; 3] {
    let moe = app.acme.manager("moe").await;
    let (duplicate, survivor) = (chloe.opens("Printer on fire").await, chloe.opens("It still burns").await);
    moe.notes(duplicate, "NOTE-CANARY").await.expect(201);
    moe.patch(&format!("/api/v1/tickets/{duplicate}"), json!({ "tags": ["TAG-CANARY"] })).await.expect(200);
    moe.post(&format!("/api/v1/tickets/{duplicate}/merge"), json!({ "into": survivor })).await.expect(200);
    moe.sets(survivor, "closed").await.expect(200);
    let body = json!({ "subject": "It burns again", "description": "Help.", "follow_up_of": duplicate });
    let opened = chloe.post("/api/v1/tickets", body).await.expect(201);
    shows_nothing_else("a follow-up", &opened);
    [duplicate, survivor, opened["id"].as_i64().expect("an id")]
}

#[tokio::test]
async fn whatever_a_customer_asks_they_are_shown_what_is_on_the_list_and_nothing_else() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let mut stream = Stream::open(&chloe, None).await;
    stream.expect("ready").await;
    let ticket = furnished(&app, &chloe).await;
    let (table, mut answered, mut seen) = (table(chloe.id), 0, BTreeSet::new());
    // A file is no JSON; it is shown with its message.
    sqlx::query(ENCLOSED).bind(ticket).execute(&app.acme.db).await.expect("a file");
    let asked = |o: &String| !OPEN.contains(&o.as_str()) && !o.ends_with("/live") && o != "POST /api/v1/tickets/{ticket}/attachments";
    for operation in operations().into_iter().filter(asked) {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let is_list = takes_a_limit(path);
        let path = filled(&chloe, path, ticket).await;
        let closes = path.ends_with("/status");
        let body = if closes { json!({ "status": "in_progress" }) } else { table[operation.as_str()].0.clone().unwrap_or_default() };
        for query in if method == "GET" { ["", "?limit=1"].as_slice() } else { [""].as_slice() } {
            let query = if is_list { query } else { "" };
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
    for q in ["smokes", "way", "NOTE-CANARY", "CANARY", "TAG", "REASON", "ana"] {
        let found = chloe.get(&format!("/api/v1/search?count=true&q={q}")).await.expect(200);
        shows_nothing_else(&format!("the search for {q}"), &found);
        names(&found, "", &mut seen);
    }
    for other in going_on(&app, &chloe).await {
        let shown = chloe.get(&format!("/api/v1/tickets/{other}")).await.expect(200);
        shows_nothing_else("a ticket that goes on in another", &shown);
        names(&shown, "", &mut seen);
    }
    assert!(answered >= 10, "{answered}");
    stream.until_ticket(ticket).await;
    let of_tickets = SHOWN.iter().chain(&OF_HISTORY).chain(&OF_HITS).chain(&OF_CSAT);
    let unseen: Vec<_> = of_tickets.chain(&OF_ARTICLES).chain(&OF_FILES).filter(|name| !seen.contains(**name)).collect();
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
