//! What came from elsewhere goes on like any other ticket.

use serde_json::{Value, json};
use shared::session::Role;

use super::{errors, run};
use crate::world::{Caller, TestApp};

const FILE: &[u8] = b"id,subject,email,status,assignee,created_at\n\
    1,Waits,chloe@acme.test,pending,,2024-01-01\n\
    2,Waits for Ana,chloe@acme.test,pending,ana@acme.test,2024-01-01\n\
    3,Solved,chloe@acme.test,solved,,2024-01-01\n\
    4,Solved too,chloe@acme.test,solved,gone@acme.test,2024-01-01\n\
    5,Solved by Ana,chloe@acme.test,solved,ana@acme.test,2024-01-01\n\
    6,Taken,chloe@acme.test,open,ana@acme.test,2024-01-01\n\
    7,Taken as well,chloe@acme.test,,ana@acme.test,2024-01-01\n";

/// The ticket about that.
async fn about(caller: &Caller, subject: &str) -> Value {
    let list = caller.get("/api/v1/tickets?limit=100").await.expect(200);
    list["data"].as_array().expect("tickets").iter().find(|ticket| ticket["subject"] == subject).expect("a ticket").clone()
}

/// Where it stands and with whom.
async fn stands(caller: &Caller, subject: &str) -> Value {
    let ticket = about(caller, subject).await;
    json!([ticket["status"], ticket["assigned_to"]])
}

#[tokio::test]
async fn its_customer_answers_and_reopens_it_and_what_is_nobodys_is_somebodys_to_take() {
    let app = TestApp::start().await;
    let (adam, ana, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let stranger = app.globex.customer("chloe").await;
    let done = run(&app, &app.acme, &adam, "csv", FILE).await;
    let changed = ["~2 status changed", "~5 assignee_email unknown_value", "~7 status changed", "~8 status changed"];
    assert_eq!(errors(&adam, &done).await, changed);
    let id = async |subject: &str| about(&adam, subject).await["id"].as_i64().expect("an id");
    for (subject, before, reopen, after) in [
        ("Waits", json!(["open", null]), false, json!(["open", null])),
        ("Waits for Ana", json!(["waiting_customer", ana.id]), false, json!(["in_progress", ana.id])),
        ("Solved", json!(["resolved", null]), true, json!(["open", null])),
        ("Solved by Ana", json!(["resolved", ana.id]), true, json!(["in_progress", ana.id])),
    ] {
        assert_eq!(stands(&adam, subject).await, before, "{subject}");
        let path = format!("/api/v1/tickets/{}/messages", id(subject).await);
        let said = json!({ "message": "Not yet", "reopen": reopen });
        stranger.post(&path, said.clone()).await.expect(404);
        chloe.post(&path, said).await.expect(201);
        assert_eq!(stands(&adam, subject).await, after, "{subject}");
    }
    let reopened = chloe.sets(id("Solved too").await, "in_progress").await.expect(200);
    assert_eq!(reopened["status"], "open");
    assert_eq!(about(&adam, "Solved too").await["waiting_since"], json!(app.clock.now()), "it waits from now on");
    ana.assigns(id("Solved").await, Some(ana.id)).await.expect(200);
    assert_eq!(stands(&adam, "Solved").await, json!(["in_progress", ana.id]));
    app.drain().await;
}

#[tokio::test]
async fn what_was_open_and_somebodys_is_work_that_they_hand_on_and_end() {
    let app = TestApp::start().await;
    let (adam, ana) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await);
    app.acme.customer("chloe").await;
    run(&app, &app.acme, &adam, "csv", FILE).await;
    for subject in ["Taken", "Taken as well"] {
        assert_eq!(stands(&adam, subject).await, json!(["in_progress", ana.id]), "{subject}");
        let id = about(&adam, subject).await["id"].as_i64().expect("an id");
        ana.says(id, "On my way").await.expect(201);
        ana.assigns(id, None).await.expect(200);
        assert_eq!(stands(&adam, subject).await, json!(["open", null]), "{subject}");
        ana.assigns(id, Some(ana.id)).await.expect(200);
        ana.sets(id, "resolved").await.expect(200);
    }
    app.drain().await;
}
