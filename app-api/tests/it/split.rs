//! What a customer wrote beside the matter becomes a ticket of its own (T-40).

use serde_json::{Value, json};

use crate::{
    merge::{all, merges},
    sla::shown,
    world::{Answer, Caller, TestApp, minutes},
};

async fn splits(caller: &Caller, ticket: i64, message: &Value) -> Answer {
    caller.post(&format!("/api/v1/tickets/{ticket}/split"), json!({ "message_id": message, "subject": "My invoice" })).await
}

#[tokio::test]
async fn only_what_the_customer_wrote_in_this_open_ticket_is_split() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let (chloe, dan) = (app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let (ticket, other, bens) = (chloe.opens("Printer on fire").await, dan.opens("Dan's").await, chloe.opens("Ben's").await);
    let said = chloe.says(ticket, "And my invoice?").await.expect(201)["id"].clone();
    let elsewhere = dan.says(other, "Mine").await.expect(201)["id"].clone();
    let note = ana.notes(ticket, "NOTE-CANARY").await.expect(201)["id"].clone();
    let answer = ana.says(ticket, "On my way").await.expect(201)["id"].clone();
    ben.assigns(bens, Some(ben.id)).await.expect(200);
    let count = || app.acme.count("select (select count(*) from support_tickets) + (select count(*) from ticket_links)");
    let before = count().await;
    splits(&chloe, ticket, &said).await.is(403, "forbidden");
    splits(&ana, bens, &said).await.is(404, "not_found");
    for wrong in [&note, &answer, &elsewhere, &json!(424_242)] {
        let refused = splits(&ana, ticket, wrong).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!("message_id"), &json!("unknown_value")));
    }
    ana.post(&format!("/api/v1/tickets/{ticket}/split"), json!({ "message_id": said })).await.is(422, "validation_failed");
    boss.sets(ticket, "closed").await.expect(200);
    splits(&ana, ticket, &said).await.is(409, "ticket_closed");
    assert_eq!(count().await, before);
    app.drain().await;
}

#[tokio::test]
async fn a_message_is_copied_into_a_ticket_of_its_own_and_both_say_so() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let opened = json!({ "subject": "Printer on fire", "description": "It smokes.", "category": "printers", "order_id": "A-1" });
    let source = chloe.post("/api/v1/tickets", opened).await.expect(201)["id"].as_i64().expect("an id");
    boss.patch(&format!("/api/v1/tickets/{source}"), json!({ "tags": ["vip"] })).await.expect(200);
    let said = chloe.says(source, "And *where* is my invoice?").await.expect(201);
    boss.notes(source, "NOTE-CANARY").await.expect(201);
    app.travel(minutes(30));
    let (thread, before) = (all(&boss, source, "messages").await, shown(&boss, source).await);
    let (path, body) =
        (format!("/api/v1/tickets/{source}/split"), json!({ "message_id": said["id"], "subject": "My invoice", "category": "billing" }));
    let key = [("idempotency-key", "once")];
    let new = ana.with(&axum::http::Method::POST, &path, body.clone(), &key).await.expect(201);
    assert_eq!(ana.with(&axum::http::Method::POST, &path, body, &key).await.expect(201), new, "a retry splits nothing");
    let id = new["id"].as_i64().expect("an id");
    let given =
        ["user_id", "subject", "description", "description_html", "category", "order_id", "tags", "status"].map(|name| new[name].clone());
    let expected = [
        json!(chloe.id),
        json!("My invoice"),
        said["message"].clone(),
        said["message_html"].clone(),
        json!("billing"),
        json!("A-1"),
        json!(["vip"]),
        json!("open"),
    ];
    assert_eq!(given, expected);
    assert_eq!(new["sla"]["response"]["remaining_seconds"], 24 * 3600, "its clocks begin now");
    assert_eq!(all(&boss, source, "messages").await, thread, "what was said stays where it was said");
    assert_eq!(shown(&boss, source).await, before);
    assert!(all(&boss, id, "messages").await.is_empty());
    for (ticket, other) in [(id, source), (source, id)] {
        assert_eq!(all(&boss, ticket, "links").await[0]["ticket"]["id"], other);
        let history = all(&boss, ticket, "history").await;
        let step = history.iter().find(|step| step["kind"] == "link").expect("a link");
        assert_eq!((&step["reason"], &step["by"]["id"]), (&json!("split"), &json!(ana.id)));
    }
    assert_eq!(shown(&chloe, id).await["description"], said["message"]);
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    assert_eq!(mails.iter().filter(|mail| mail.to_address == "chloe@acme.test" && mail.text.contains("My invoice")).count(), 1);
    assert!(mails.iter().all(|mail| !mail.text.contains("NOTE-CANARY")));
}

#[tokio::test]
async fn what_came_with_a_merge_can_be_split_off_again() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (duplicate, survivor) = (chloe.opens("Duplicate").await, chloe.opens("Survivor").await);
    let said = chloe.says(duplicate, "And my invoice?").await.expect(201)["id"].clone();
    merges(&boss, duplicate, survivor).await.expect(200);
    splits(&boss, duplicate, &said).await.is(409, "ticket_closed");
    let new = splits(&boss, survivor, &said).await.expect(201);
    assert_eq!(new["description"], "And my invoice?");
    let notice = all(&boss, survivor, "messages").await[1]["id"].clone();
    splits(&boss, survivor, &notice).await.is(422, "validation_failed");
    app.drain().await;
}
