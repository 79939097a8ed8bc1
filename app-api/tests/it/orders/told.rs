//! What happens to orders reaches their open tickets: once, in whichever order it comes, and nobody else's.

use std::sync::Arc;

use app_api::tickets;
use serde_json::json;
use shared::broker::{Outcome, Queue, consume};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::shop::{Shop, amqp, change, known, later, lines, message, opened, order, seen};

const SHIPPED: &str = "shipped, paid, 649.00 EUR";

#[tokio::test]
async fn an_order_that_has_arrived_changes_its_open_tickets_with_history_and_event() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let made = order(&shop.app.acme, "C-1", &chloe);
    shop.service.desk.put(made.clone());
    let (open, other, closed) = (opened(&chloe, "C-1").await, opened(&chloe, "C-1").await, opened(&chloe, "C-1").await);
    boss.sets(closed, "closed").await.expect(200);
    let before = seen(&chloe, open).await["version"].as_i64().expect("a version");
    assert_eq!(shop.tells(message(&later(&made, 2, "delivered"))).await, Outcome::Done);
    for ticket in [open, other] {
        assert_eq!(known(&boss, ticket).await["state"], "delivered");
        assert_eq!(lines(&boss, ticket, "order").await, [format!("{SHIPPED} > delivered, paid, 649.00 EUR")]);
    }
    assert_eq!(known(&boss, closed).await["state"], "shipped", "a closed ticket is never changed again");
    assert_eq!(seen(&chloe, open).await["version"], before + 1);
    shop.app.drain().await;
    let heard: Vec<_> = shop.app.heard(&shop.app.acme).into_iter().filter(|event| event["event"] == "TicketOrderChanged").collect();
    assert_eq!(heard.len(), 2);
    let expected = json!({ "ticket_id": open, "ticket_number": seen(&boss, open).await["ticket_number"], "order_id": "C-1",
        "previous_validation": "valid", "validation": "valid", "state": "delivered", "payment": "paid" });
    assert_eq!(heard[0]["data"], expected);
    // The customer sees their order's id, and none of this.
    assert_eq!(lines(&chloe, open, "order").await, Vec::<String>::new());
    assert!(!seen(&chloe, open).await.to_string().contains("delivered"));
    let audited =
        r#"select count(*) from audit_logs where actor = '{"kind": "system", "name": "orders"}' and action = 'TicketOrderChanged'"#;
    assert_eq!(shop.app.acme.count(audited).await, 2);
    shop.closes().await;
}

#[tokio::test]
async fn what_comes_twice_late_or_says_nothing_new_changes_nothing() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let made = order(&shop.app.acme, "C-1", &chloe);
    shop.service.desk.put(made.clone());
    let ticket = opened(&chloe, "C-1").await;
    let third = message(&later(&made, 3, "delivered"));
    let table = [
        (message(&made), "shipped", 0),
        (third.clone(), "delivered", 1),
        (third, "delivered", 1),
        // Another message that says the same version, and one of before.
        (message(&later(&made, 3, "cancelled")), "delivered", 1),
        (message(&later(&made, 2, "confirmed")), "delivered", 1),
        // Newer, and nobody sees a difference.
        (message(&later(&made, 4, "delivered")), "delivered", 1),
        (message(&later(&made, 5, "returned")), "returned", 2),
    ];
    for (n, (message, state, changes)) in table.into_iter().enumerate() {
        assert_eq!(shop.tells(message).await, Outcome::Done);
        assert_eq!(known(&boss, ticket).await["state"], state, "message {n}");
        assert_eq!(lines(&boss, ticket, "order").await.len(), changes, "message {n}");
    }
    assert_eq!(known(&boss, ticket).await["version"], 5);
    shop.closes().await;
}

#[tokio::test]
async fn an_event_reaches_nobody_elses_ticket_and_a_forged_one_lies_with_the_dead() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let (gil, gus) = (shop.app.globex.manager("gil").await, shop.app.globex.customer("gus").await);
    let (ours, theirs) = (order(&shop.app.acme, "C-1", &chloe), order(&shop.app.globex, "C-1", &gus));
    for made in [&ours, &theirs] {
        shop.service.desk.put(made.clone());
    }
    let (mine, elsewhere) = (opened(&chloe, "C-1").await, opened(&gus, "C-1").await);
    assert_eq!(shop.tells(message(&later(&theirs, 2, "delivered"))).await, Outcome::Done);
    assert_eq!(
        (known(&boss, mine).await["state"].clone(), known(&gil, elsewhere).await["state"].clone()),
        (json!("shipped"), json!("delivered"))
    );
    // The order is another customer's by now, or another tenant says so.
    let mut passed_on = later(&ours, 3, "delivered");
    passed_on.customer_id += 1;
    assert_eq!(shop.tells(message(&passed_on)).await, Outcome::Done);
    let mut forged = message(&later(&ours, 4, "delivered"));
    forged.tenant = shop.app.globex.id;
    assert!(matches!(shop.tells(forged).await, Outcome::GiveUp(_)));
    let mut broken = message(&later(&ours, 5, "delivered"));
    broken.body = b"{}".to_vec();
    assert!(matches!(shop.tells(broken).await, Outcome::GiveUp(_)));
    // No tenant of ours.
    let mut strange = later(&ours, 6, "delivered");
    strange.tenant = Uuid::now_v7();
    assert_eq!(shop.tells(message(&strange)).await, Outcome::Done);
    assert_eq!(known(&boss, mine).await["state"], "shipped");
    shop.closes().await;
}

#[tokio::test]
async fn an_event_settles_a_ticket_that_waited_for_an_answer() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let ticket = opened(&chloe, "MUTE-1").await;
    let made = order(&shop.app.acme, "MUTE-1", &chloe);
    assert_eq!(shop.tells(message(&made)).await, Outcome::Done);
    assert_eq!(known(&boss, ticket).await["validation"], "valid");
    assert_eq!(lines(&boss, ticket, "order").await, [format!("pending > {SHIPPED}")]);
    assert_eq!(lines(&boss, ticket, "priority").await, ["medium > high"]);
    assert_eq!(seen(&boss, ticket).await["priority_reason"], "order_value");
    // Later failures of a payment are told, and change no priority: that is a rule of the opening.
    let mut failed = later(&made, 2, "shipped");
    failed.payment = "failed".into();
    assert_eq!(shop.tells(message(&failed)).await, Outcome::Done);
    let shown = seen(&boss, ticket).await;
    assert_eq!((&shown["metadata"]["order"]["payment"], &shown["priority"]), (&json!("failed"), &json!("high")));
    shop.closes().await;
}

#[tokio::test]
async fn the_services_own_messages_are_understood_from_the_broker_on() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let ticket = opened(&chloe, "ORD-501").await;
    let name = |text: &str| -> &'static str { text.to_owned().leak() };
    let queue =
        Queue { name: name(&format!("{}.app", shop.names.questions)), exchange: name(&shop.names.exchange), topics: &["orders.order.*"] };
    let (stop, app) = (CancellationToken::new(), Arc::new(shop.app.app.clone()));
    let reading = tokio::spawn(consume(amqp(), queue, async move |m| tickets::follow_orders(&app, m).await, stop.clone()));
    let told = |state| change(&shop.app.acme, "ORD-501", &chloe, state);
    let arrives = async {
        let mut state = "delivered";
        // Whatever is told before the queue is bound is heard by nobody.
        while known(&boss, ticket).await["state"] != "delivered" {
            shop.service.desk.change(&told(state)).await.expect("told");
            state = if state == "delivered" { "shipped" } else { "delivered" };
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), arrives).await.expect("it arrives");
    stop.cancel();
    reading.await.expect("it stops");
    for left in [queue.name.to_owned(), queue.dead()].into_iter().chain((1..=3).map(|n| queue.retry(n))) {
        shop.service.forget(&left).await.expect("gone");
    }
    shop.closes().await;
}
