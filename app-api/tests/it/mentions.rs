//! Whom a note names, and who watches, is told inside the product: once, of what they see, and never of their own doing.

use serde_json::{Value, json};

use crate::world::{Caller, TestApp};

/// What somebody was told, the oldest first: kind and ticket.
async fn told(caller: &Caller) -> Vec<(String, i64)> {
    let page = caller.get("/api/v1/notifications?sort=created_at&limit=100").await.expect(200);
    let row = |row: &Value| (row["kind"].as_str().expect("a kind").to_owned(), row["ticket_id"].as_i64().expect("a ticket"));
    page["data"].as_array().expect("rows").iter().map(row).collect()
}

fn of(ticket: i64, kinds: &[&str]) -> Vec<(String, i64)> {
    kinds.iter().map(|kind| ((*kind).to_owned(), ticket)).collect()
}

async fn watches(caller: &Caller, ticket: i64) {
    caller.put(&format!("/api/v1/tickets/{ticket}/watch"), json!({})).await.expect(204);
}

#[tokio::test]
async fn whom_a_note_names_is_told_once_if_they_still_see_the_ticket() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let (chloe, gil) = (app.acme.customer("chloe").await, app.globex.agent("gil").await);
    let ticket = chloe.opens("Printer on fire").await;
    let note = json!({ "message": "Look", "is_internal": true, "mentions": [boss.id, ben.id, ana.id, boss.id] });
    ana.post(&format!("/api/v1/tickets/{ticket}/messages"), note).await.expect(201);
    // Before anybody was told, the ticket is Ana's, and Ben sees it no more.
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    app.drain().await;
    app.drain().await;
    assert_eq!(told(&boss).await, of(ticket, &["mentioned"]));
    assert_eq!(told(&ben).await, []);
    assert_eq!(told(&ana).await, [], "nobody is told what they did themselves");
    for caller in [&chloe, &gil] {
        assert_eq!(told(caller).await, []);
    }
    let data = boss.get("/api/v1/notifications").await.expect(200)["data"][0]["data"].clone();
    assert_eq!((&data["mentioned_by"], &data["user_id"]), (&json!(ana.id), &json!(boss.id)));
}

#[tokio::test]
async fn who_watches_hears_of_public_words_statuses_and_assignments_of_others() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let chloe = app.acme.customer("chloe").await;
    let (ticket, other) = (chloe.opens("Printer on fire").await, chloe.opens("Another").await);
    for caller in [&ana, &ben, &boss] {
        watches(caller, ticket).await;
    }
    chloe.says(ticket, "Hello?").await.expect(201);
    ana.notes(ticket, "Angry").await.expect(201);
    chloe.says(other, "Hello?").await.expect(201);
    app.drain().await;
    for caller in [&ana, &ben, &boss] {
        assert_eq!(told(caller).await, of(ticket, &["watched_message"]));
    }
    boss.assigns(ticket, Some(ana.id)).await.expect(200);
    app.drain().await;
    assert_eq!(told(&ana).await, of(ticket, &["watched_message", "assigned"]), "once, as the one who got it");
    ana.says(ticket, "On my way").await.expect(201);
    ana.sets(ticket, "resolved").await.expect(200);
    app.drain().await;
    app.drain().await;
    assert_eq!(told(&ana).await, of(ticket, &["watched_message", "assigned"]));
    assert_eq!(told(&boss).await, of(ticket, &["watched_message", "watched_message", "watched_status"]));
    assert_eq!(told(&ben).await, [], "whoever has lost sight of it hears no more");
    assert_eq!(told(&chloe).await, []);
    boss.delete(&format!("/api/v1/tickets/{ticket}/watch")).await.expect(204);
    chloe.sets(ticket, "closed").await.expect(200);
    app.drain().await;
    assert_eq!(told(&boss).await.len(), 3);
    assert_eq!(app.globex.count("select count(*) from notifications").await, 0);
}

#[tokio::test]
async fn who_watches_hears_when_others_hand_a_ticket_over_and_when_it_is_merged() {
    let app = TestApp::start().await;
    let (ana, boss, moe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.manager("moe").await);
    let chloe = app.acme.customer("chloe").await;
    let (ticket, survivor) = (chloe.opens("Printer on fire").await, chloe.opens("Another").await);
    watches(&boss, ticket).await;
    watches(&moe, ticket).await;
    moe.assigns(ticket, Some(ana.id)).await.expect(200);
    app.drain().await;
    assert_eq!(told(&boss).await, of(ticket, &["watched_assigned"]));
    assert_eq!(told(&moe).await, []);
    moe.post(&format!("/api/v1/tickets/{ticket}/merge"), json!({ "into": survivor })).await.expect(200);
    chloe.says(survivor, "Hello?").await.expect(201);
    app.drain().await;
    let all = [of(ticket, &["watched_assigned", "watched_status"]), of(survivor, &["watched_message"])].concat();
    assert_eq!(told(&boss).await, all);
    assert_eq!(told(&moe).await, of(survivor, &["watched_message"]));
}

#[tokio::test]
async fn what_one_was_told_is_there_as_long_as_one_works_here_and_sees_the_ticket() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let chloe = app.acme.customer("chloe").await;
    let (ticket, own) = (chloe.opens("Printer on fire").await, ben.opens("My own").await);
    watches(&ben, ticket).await;
    chloe.says(ticket, "Hello?").await.expect(201);
    app.drain().await;
    boss.assigns(own, Some(ben.id)).await.expect(200);
    app.drain().await;
    let (both, one) = ([of(ticket, &["watched_message"]), of(own, &["assigned"])].concat(), of(own, &["assigned"]));
    let unread = async |caller: &Caller| {
        caller.get("/api/v1/notifications?unread=true&count=true").await.expect(200)["page"]["total"].as_i64().expect("a number")
    };
    assert_eq!((told(&ben).await, unread(&ben).await), (both.clone(), 2));
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    assert_eq!((told(&ben).await, unread(&ben).await), (one, 1), "the ticket is another's");
    ana.assigns(ticket, None).await.expect(200);
    assert_eq!((told(&ben).await, unread(&ben).await), (both, 2), "anybody may take it");
    let left = json!({ "user_id": ben.id, "email": "ben@acme.test", "firstname": "ben", "lastname": "Test", "locale": "en", "role": "customer", "active": true, "version": 9 });
    app.tell(&app.acme, left).await;
    ben.get(&format!("/api/v1/tickets/{own}")).await.expect(200);
    assert_eq!((told(&ben).await, unread(&ben).await), (vec![], 0), "a customer is told nothing here, of their own tickets either");
    app.drain().await;
}

#[tokio::test]
async fn the_newest_thousand_of_what_one_was_told_are_there_also_what_is_about_no_ticket() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let told = "insert into notifications (user_id, kind, data, created_at) select $1, 'assigned', '{}', $2 from generate_series(1, 1001)";
    sqlx::query(told).bind(ana.id).bind(app.clock.now()).execute(&app.acme.db).await.expect("told");
    let oldest = app.acme.count("select min(id) from notifications").await;
    for query in ["count=true", "count=true&unread=true"] {
        let page = ana.get(&format!("/api/v1/notifications?sort=created_at&limit=1&{query}")).await.expect(200);
        assert_eq!((&page["page"]["total"], &page["data"][0]["id"]), (&json!(1000), &json!(oldest + 1)), "{query}");
    }
    let page = ben.get("/api/v1/notifications?count=true").await.expect(200);
    assert_eq!(page["page"]["total"], 0);
    app.drain().await;
}
