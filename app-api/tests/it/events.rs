//! What the broker hears: the contract's fields, in order per ticket, nothing lost while it is away.

use serde_json::{Value, json};
use shared::{broker::Broker, outbox};
use uuid::Uuid;

use crate::world::{TestApp, minutes};

#[tokio::test]
async fn the_events_carry_exactly_the_contracts_fields() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    ana.says(ticket, "Hello").await.expect(201);
    app.travel(minutes(90));
    ana.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "priority": "high", "subject": "Fire" })).await.expect(200);
    ana.sets(ticket, "resolved").await.expect(200);
    app.drain().await;
    let heard = app.heard(&app.acme);
    assert!(
        heard
            .iter()
            .all(|e| e["tenant"] == app.acme.id.to_string() && e["id"].is_string() && e["timestamp"].as_str().unwrap().ends_with('Z'))
    );
    let shown: Vec<Value> = heard.iter().map(|e| json!({ "event": e["event"], "data": hide(&e["data"]) })).collect();
    insta::assert_json_snapshot!(shown);
    app.drain().await;
}

/// Ids and numbers differ from run to run.
fn hide(data: &Value) -> Value {
    let hidden =
        |key: &str| key.ends_with("_id") && key != "order_id" || key.ends_with("_by") || key == "assigned_to" || key == "ticket_number";
    data.as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.clone(), if hidden(key) && !value.is_null() { json!("[id]") } else { value.clone() }))
        .collect()
}

#[tokio::test]
async fn a_broker_that_is_away_delays_events_and_loses_none() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let url = "amqp://127.0.0.1:1".to_owned().into();
    let away = Broker::Rabbit(std::sync::Arc::new(shared::broker::Rabbit::new(&url, Vec::new())));
    let ticket = chloe.opens("Printer on fire").await;
    chloe.says(ticket, "Hurry").await.expect(201);
    assert!(outbox::relay(&tenant.db, Some(tenant.id), Uuid::now_v7(), &away, &app.clock).await.is_err());
    assert_eq!(outbox::backlog(&tenant.db).await.expect("counted").0, 2);
    let kept = Broker::Memory(std::sync::Arc::clone(&app.published));
    // Another relay goes on at once.
    let other = outbox::relay(&tenant.db, Some(tenant.id), Uuid::now_v7(), &kept, &app.clock).await.expect("asked");
    assert_eq!(other.published, 2);
    let names: Vec<_> = app.heard(&app.acme).iter().map(|e| e["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["TicketCreated", "MessageAdded"]);
    assert_eq!(outbox::backlog(&tenant.db).await.expect("counted").0, 0);
    app.drain().await;
}

#[tokio::test]
async fn a_refused_change_leaves_no_event_and_no_row_of_success() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let before = app.acme.count("select count(*) from events").await;
    ana.sets(ticket, "resolved").await.is(409, "illegal_transition");
    ana.assigns(ticket, Some(424_242)).await.is(422, "validation_failed");
    assert_eq!(app.acme.count("select count(*) from events").await, before);
    assert_eq!(app.acme.count("select count(*) from audit_logs where outcome = 'success'").await, before);
    app.drain().await;
}
