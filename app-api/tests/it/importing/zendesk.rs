//! Zendesk's JSON export.

use serde_json::{Value, json};
use shared::session::Role;

use super::{IMPORTS, counts, errors, reads, run, sent};
use crate::world::TestApp;

/// A ticket as Zendesk exports it.
fn ticket(id: i64, change: Value) -> Value {
    let mut ticket = json!({
        "url": format!("https://acme.example/api/v2/tickets/{id}.json"), "id": id, "external_id": null,
        "via": { "channel": "email", "source": { "from": {}, "to": {}, "rel": null } },
        "created_at": "2024-01-02T03:04:05Z", "updated_at": "2024-02-03T04:05:06Z", "type": "incident", "subject": format!("Ticket {id}"),
        "description": "It smokes", "priority": "high", "status": "solved", "recipient": null,
        "requester": { "id": 1, "name": "Chloe Customer", "email": "chloe@acme.test" },
        "submitter": { "id": 1, "name": "Chloe Customer", "email": "chloe@acme.test" },
        "assignee": { "id": 2, "name": "Ana Agent", "email": "ana@acme.test" }, "organization": null, "group": { "id": 4, "name": "Support" },
        "collaborator": [], "tags": ["vip"], "custom_fields": [{ "id": 360_001, "value": "4711" }], "satisfaction_rating": null,
        "metric_set": { "solved_at": "2024-01-20T00:00:00Z" },
        "comments": [
            { "id": 11, "type": "Comment", "author_id": 1, "body": "It smokes", "public": true, "created_at": "2024-01-02T03:04:05Z", "attachments": [] },
            { "id": 12, "type": "Comment", "author_id": 2, "body": "On my way", "public": true, "created_at": "2024-01-02T04:04:05Z", "attachments": [{ "file_name": "a.png" }] },
            { "id": 13, "type": "Comment", "author_id": 2, "body": "NOTE-CANARY", "public": false, "created_at": "2024-01-03T04:04:05Z", "attachments": [] },
            { "id": 14, "type": "Comment", "author_id": 9, "body": "From whom?", "public": true, "created_at": "2024-01-04T04:04:05Z", "attachments": [] },
        ],
    });
    for (name, value) in change.as_object().expect("changes") {
        ticket[name] = value.clone();
    }
    ticket
}

fn lines(tickets: &[Value]) -> Vec<u8> {
    tickets.iter().map(|ticket| format!("{ticket}\n")).collect::<String>().into_bytes()
}

#[tokio::test]
async fn its_tickets_come_with_people_comments_notes_and_mapped_fields() {
    let app = TestApp::start().await;
    let (adam, ana, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let boss = app.acme.manager("boss").await;
    let labels = json!({ "fr": "x", "en": "x" });
    boss.post("/api/v1/custom-fields", json!({ "key": "serial", "labels": labels, "type": "text", "required_for_agents": true }))
        .await
        .expect(201);
    let file =
        lines(&[ticket(1, json!({})), ticket(2, json!({ "status": "open", "assignee": null, "custom_fields": null, "comments": [] }))]);
    let import = sent(&adam, "zendesk", &file).await;
    let names: Vec<&Value> = import["columns"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
    assert_eq!((names, &import["mapping"]), (vec![&json!("type"), &json!("group"), &json!("360001")], &json!({})));
    let mapping = json!({ "mapping": { "360001": "custom_fields.serial", "type": "category", "group": "tags" } });
    adam.patch(&format!("{IMPORTS}/{}", import["id"]), mapping).await.expect(200);
    let done = reads(&app, &app.acme, &adam, &import, false).await;
    assert_eq!(counts(&done), [2, 0, 0, 2, 0], "{done}");
    assert_eq!(errors(&adam, &done).await, ["~1 attachments left_out", "~1 messages[2] unknown_value", "~2 status changed"]);
    let list = adam.get("/api/v1/tickets?sort=created_at").await.expect(200);
    let first = &list["data"][0];
    assert_eq!(
        json!([
            first["status"],
            first["priority"],
            first["category"],
            first["tags"],
            first["custom_fields"],
            first["channel"],
            first["resolved_at"],
            first["assigned_to"],
            first["user_id"]
        ]),
        json!(["resolved", "high", "incident", ["vip", "Support"], { "serial": "4711" }, "email", "2024-01-20T00:00:00Z", ana.id, chloe.id])
    );
    let told = |page: Value| -> Vec<Value> {
        page["data"].as_array().unwrap().iter().map(|m| json!([m["sender_type"], m["message"], m["sender_id"]])).collect()
    };
    let path = format!("/api/v1/tickets/{}/messages", first["id"]);
    assert_eq!(
        told(ana.get(&path).await.expect(200)),
        [json!(["agent", "On my way", ana.id]), json!(["agent", "NOTE-CANARY", ana.id]), json!(["system", "From whom?", null])]
    );
    assert_eq!(told(chloe.get(&path).await.expect(200)), [json!(["agent", "On my way", ana.id]), json!(["system", "From whom?", null])]);
    let shown = chloe.get(&format!("/api/v1/tickets/{}", first["id"])).await.expect(200);
    assert!(!shown.to_string().contains("CANARY"));
    app.drain().await;
    let clocks = ana.get(&format!("/api/v1/tickets/{}", first["id"])).await.expect(200)["sla"].clone();
    assert_eq!(clocks["response"]["met_at"], "2024-01-02T04:04:05Z");
    app.drain().await;
}

#[tokio::test]
async fn a_list_of_tickets_is_read_like_lines_of_them_and_every_status_has_its_own() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    app.acme.agent("ana").await;
    let statuses = ["new", "open", "pending", "hold", "solved", "closed", "deleted"];
    let tickets: Vec<Value> =
        statuses.iter().enumerate().map(|(n, status)| ticket(n as i64, json!({ "status": status, "comments": [] }))).collect();
    let file = serde_json::to_vec_pretty(&tickets).expect("JSON");
    let done = run(&app, &app.acme, &adam, "zendesk", &file).await;
    assert_eq!((counts(&done)[0], counts(&done)[2]), (6, 1), "{done}");
    let list = adam.get("/api/v1/tickets?limit=100").await.expect(200);
    let mut here: Vec<String> =
        list["data"].as_array().unwrap().iter().map(|t| format!("{} {}", t["subject"], t["status"]).replace('"', "")).collect();
    here.sort();
    assert_eq!(
        here,
        [
            "Ticket 0 in_progress",
            "Ticket 1 in_progress",
            "Ticket 2 waiting_customer",
            "Ticket 3 in_progress",
            "Ticket 4 resolved",
            "Ticket 5 closed"
        ]
    );
    assert_eq!(counts(&run(&app, &app.acme, &adam, "zendesk", &file).await)[1], 6, "a second time brings nothing");
    app.drain().await;
}

#[tokio::test]
async fn whoever_is_copied_answers_for_nobody_and_an_agent_who_has_left_has_answered() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    app.acme.agent("ana").await;
    app.acme.customer("chloe").await;
    let said = |author: i64, is_public: bool| {
        let body = format!("By {author}");
        json!({ "author_id": author, "body": body, "public": is_public, "created_at": "2024-01-02T04:04:05Z" })
    };
    let people = json!([{ "id": 3, "email": "ben@else.test", "role": "end-user" }, { "id": 4, "email": "lea@else.test", "role": "agent" }]);
    let with = |comments: Value| json!({ "status": "open", "collaborator": people, "comments": comments });
    let file = lines(&[
        ticket(1, with(json!([said(3, true), said(2, false), said(3, false)]))),
        ticket(2, with(json!([said(3, true), said(4, true)]))),
        ticket(3, with(json!([said(2, true)]))),
    ]);
    assert_eq!(counts(&run(&app, &app.acme, &adam, "zendesk", &file).await), [3, 0, 0, 0, 2]);
    app.drain().await;
    for (subject, sides, is_answered) in [
        ("Ticket 1", vec!["customer", "agent", "agent"], false),
        ("Ticket 2", vec!["customer", "agent"], true),
        ("Ticket 3", vec!["agent"], true),
    ] {
        let list = adam.get("/api/v1/tickets").await.expect(200);
        let ticket = list["data"].as_array().unwrap().iter().find(|ticket| ticket["subject"] == subject).expect("a ticket");
        let thread = adam.get(&format!("/api/v1/tickets/{}/messages", ticket["id"])).await.expect(200);
        let told: Vec<&str> = thread["data"].as_array().unwrap().iter().map(|m| m["sender_type"].as_str().unwrap()).collect();
        assert_eq!(told, sides, "{subject}");
        let shown = adam.get(&format!("/api/v1/tickets/{}", ticket["id"])).await.expect(200);
        assert_eq!(shown["sla"]["response"]["met_at"].is_string(), is_answered, "{subject}: {}", shown["sla"]);
    }
    app.drain().await;
}

#[tokio::test]
async fn a_long_or_strange_name_of_a_field_is_no_column() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let fields = json!([{ "id": "x".repeat(50_000), "value": 1 }, { "id": "a\0b", "value": 1 }, { "id": 5, "value": 1 }]);
    let import = sent(&adam, "zendesk", &lines(&[ticket(1, json!({ "custom_fields": fields }))])).await;
    let names: Vec<&Value> = import["columns"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
    assert_eq!(names, ["type", "group", "5"]);
    assert_eq!(counts(&reads(&app, &app.acme, &adam, &import, false).await)[0], 1);
    app.drain().await;
}
