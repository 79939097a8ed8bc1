//! Tickets whose order is another ticket's: split off, or gone on with.

use serde_json::{Value, json};

use super::shop::{Shop, known, opened, order, seen};
use crate::world::{Answer, Caller};

async fn follows(caller: &Caller, of: i64, more: Value) -> Answer {
    let mut body = json!({ "subject": "Again", "description": "Help.", "follow_up_of": of });
    body.as_object_mut().expect("a body").extend(more.as_object().expect("fields").clone());
    caller.post("/api/v1/tickets", body).await
}

async fn splits(caller: &Caller, ticket: i64, message: &Value) -> Value {
    let body = json!({ "message_id": message, "subject": "My invoice" });
    caller.post(&format!("/api/v1/tickets/{ticket}/split"), body).await.expect(201)
}

fn pressed(ticket: &Value) -> (&str, &str, &str) {
    let text = |name: &str| ticket[name].as_str().expect("a text");
    (text("order_id"), text("priority"), text("priority_reason"))
}

#[tokio::test]
async fn an_order_that_is_taken_over_counts_as_if_it_had_been_given() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    for (id, priority, why) in
        [("ORD-501", "high", "order_value"), ("UNPAID-1", "urgent", "payment_failure"), ("ORD-1", "medium", "default")]
    {
        let ticket = opened(&chloe, id).await;
        let said = chloe.says(ticket, "And my invoice?").await.expect(201)["id"].clone();
        let split = splits(&boss, ticket, &said).await;
        boss.sets(ticket, "closed").await.expect(200);
        for new in [split, follows(&chloe, ticket, json!({})).await.expect(201), follows(&boss, ticket, json!({})).await.expect(201)] {
            assert_eq!(pressed(&new), (id, priority, why));
            assert_eq!(known(&boss, new["id"].as_i64().expect("an id")).await["validation"], "valid");
        }
    }
    shop.closes().await;
}

#[tokio::test]
async fn an_order_that_is_gone_or_that_nobody_tells_of_keeps_nobody_from_going_on() {
    let shop = Shop::open().await;
    let (boss, chloe, carl) =
        (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await, shop.app.acme.customer("carl").await);
    shop.service.desk.put(order(&shop.app.acme, "C-1", &chloe));
    let (gone, mute) = (opened(&chloe, "C-1").await, opened(&chloe, "MUTE-1").await);
    shop.service.desk.put(order(&shop.app.acme, "C-1", &carl));
    for (ticket, validation) in [(gone, "not_found"), (mute, "pending")] {
        boss.sets(ticket, "closed").await.expect(200);
        let new = follows(&chloe, ticket, json!({})).await.expect(201)["id"].as_i64().expect("an id");
        assert_eq!(known(&boss, new).await, json!({ "validation": validation }));
    }
    // What they give themselves must be there.
    follows(&chloe, gone, json!({ "order_id": "C-1" })).await.is(422, "unknown_order");
    shop.closes().await;
}

#[tokio::test]
async fn staff_who_go_on_for_a_customer_name_that_customers_order_and_not_their_own() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let closed = opened(&chloe, "ORD-1").await;
    boss.sets(closed, "closed").await.expect(200);
    shop.service.desk.put(order(&shop.app.acme, "CHLOES-1", &chloe));
    shop.service.desk.put(order(&shop.app.acme, "BOSSES-1", &boss));
    let new = follows(&boss, closed, json!({ "order_id": "CHLOES-1" })).await.expect(201);
    assert_eq!((pressed(&new), &new["user_id"]), (("CHLOES-1", "high", "order_value"), &json!(chloe.id)));
    follows(&boss, closed, json!({ "order_id": "BOSSES-1" })).await.is(422, "unknown_order");
    assert_eq!(seen(&chloe, new["id"].as_i64().expect("an id")).await["order_id"], "CHLOES-1");
    shop.closes().await;
}
