//! Orders (T-51 to T-53), with an orders service on the real RabbitMQ. Here: what it says when a ticket is opened, and what
//! happens when it says nothing.

mod compared;
pub mod shop;
mod taken_over;
mod told;

use std::time::{Duration, Instant};

use axum::http::Method;
use chrono::TimeDelta;
use futures::future::join_all;
use orders_service::Manner;
use serde_json::{Value, json};
use shop::{Shop, about, amqp, asked_in, known, lines, opened, opens, order, seen};

use crate::world::TestApp;

#[tokio::test]
async fn an_order_that_is_there_comes_with_its_ticket_and_says_how_much_that_presses() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    for (id, priority, why, payment, cents) in [
        ("ORD-501", "high", "order_value", "paid", 50_100),
        ("ORD-500", "medium", "default", "paid", 50_000),
        ("UNPAID-10", "urgent", "payment_failure", "failed", 1000),
    ] {
        let ticket = opens(&chloe, id).await.expect(201);
        assert_eq!((&ticket["priority"], &ticket["priority_reason"], &ticket["order_id"]), (&json!(priority), &json!(why), &json!(id)));
        assert!(ticket.get("metadata").is_none(), "{ticket}");
        let expected = json!({ "validation": "valid", "number": id.split_once('-').expect("a number").1, "state": "shipped", "payment": payment,
            "amount_cents": cents, "currency": "EUR", "placed_at": "2026-02-28T10:00:00Z", "updated_at": "2026-03-01T08:00:00Z", "version": 1 });
        assert_eq!(known(&boss, ticket["id"].as_i64().expect("an id")).await, expected);
    }
    let by_hand = json!({ "subject": "a", "description": "b", "order_id": "UNPAID-10", "priority": "low", "user_id": chloe.id });
    let ticket = boss.post("/api/v1/tickets", by_hand).await.expect(201);
    assert_eq!((&ticket["priority"], &ticket["priority_reason"]), (&json!("low"), &json!("manual")));
    let mut dollars = order(&shop.app.acme, "USD-1", &chloe);
    dollars.currency = "USD".into();
    shop.service.desk.put(dollars);
    assert_eq!(opens(&chloe, "USD-1").await.expect(201)["priority"], "medium", "nobody knows what that is in euros");
    shop.closes().await;
}

#[tokio::test]
async fn an_order_of_somebody_else_is_one_that_does_not_exist_and_nobody_learns_which() {
    let shop = Shop::open().await;
    let (boss, chloe, carl) =
        (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await, shop.app.acme.customer("carl").await);
    let gus = shop.app.globex.customer("gus").await;
    for theirs in [order(&shop.app.acme, "CARLS-1", &carl), order(&shop.app.globex, "GUS-1", &gus)] {
        shop.service.desk.put(theirs);
    }
    let before = shop.app.acme.count("select count(*) from events").await;
    let mut refusals = Vec::new();
    for id in ["NONE-1", "nothing", "CARLS-1", "OTHER-1", "ABROAD-1"] {
        let mut problem = opens(&chloe, id).await.is(422, "unknown_order");
        assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("order_id"), &json!("unknown_order")));
        problem["request_id"] = Value::Null;
        refusals.push(problem);
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
    for (customer, status) in [(&chloe, 422), (&carl, 201)] {
        let mut new = about("CARLS-1");
        new["user_id"] = json!(customer.id);
        boss.post("/api/v1/tickets", new).await.expect(status);
    }
    assert_eq!(shop.app.acme.count("select count(*) from support_tickets").await, 1);
    assert_eq!(shop.app.acme.count("select count(*) from events").await, before + 1);
    // The same id is another order in another shop.
    opens(&gus, "GUS-1").await.expect(201);
    shop.closes().await;
}

#[tokio::test]
async fn a_retry_gets_the_first_answer_whatever_has_become_of_the_order() {
    let shop = Shop::open().await;
    let (chloe, carl) = (shop.app.acme.customer("chloe").await, shop.app.acme.customer("carl").await);
    shop.service.desk.put(order(&shop.app.acme, "C-1", &chloe));
    let key = [("idempotency-key", "order-1")];
    let first = chloe.with(&Method::POST, "/api/v1/tickets", about("C-1"), &key).await.expect(201);
    shop.service.desk.put(order(&shop.app.acme, "C-1", &carl));
    let again = chloe.with(&Method::POST, "/api/v1/tickets", about("C-1"), &key).await.expect(201);
    assert_eq!(first["id"], again["id"]);
    assert_eq!(shop.app.acme.count("select count(*) from support_tickets").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn a_ticket_without_an_order_asks_nobody_and_waits_for_nobody() {
    let shop = Shop::open().await;
    shop.service.desk.is(Manner::Silent);
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let begun = Instant::now();
    let ticket = chloe.opens("Printer on fire").await;
    assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    assert_eq!(shop.service.desk.asked(), 0);
    assert_eq!(seen(&boss, ticket).await["metadata"], json!({}));
    assert_eq!(shop.app.acme.count("select count(*) from support_tickets where order_check_at is not null").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn a_service_that_says_nothing_keeps_a_customer_two_seconds_and_the_ticket_says_so() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    for id in ["MUTE-1", "SLOW-1"] {
        let begun = Instant::now();
        let ticket = opened(&chloe, id).await;
        let took = begun.elapsed();
        assert!(took >= Duration::from_secs(2) && took < Duration::from_secs(3), "{id}: {took:?}");
        assert_eq!(known(&boss, ticket).await, json!({ "validation": "pending" }));
        assert_eq!(lines(&boss, ticket, "order").await, Vec::<String>::new());
        assert_eq!(seen(&boss, ticket).await["priority"], "medium");
    }
    // Its late answer about the slow one is nobody's; others are answered as ever.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let ticket = opened(&chloe, "ORD-501").await;
    assert_eq!(known(&boss, ticket).await["validation"], "valid");
    shop.closes().await;
}

#[tokio::test]
async fn where_nobody_reads_or_the_broker_is_away_nobody_waits_at_all() {
    for orders in [asked_in("test.orders.nobody", &amqp()), asked_in("orders.rpc", &"amqp://127.0.0.1:1".to_owned().into())] {
        let app = TestApp::start_beside(orders).await;
        let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
        let begun = Instant::now();
        let ticket = opened(&chloe, "ORD-501").await;
        assert!(begun.elapsed() < Duration::from_millis(1800), "{:?}", begun.elapsed());
        assert_eq!(known(&boss, ticket).await, json!({ "validation": "pending" }));
        app.drain().await;
    }
}

#[tokio::test]
async fn without_an_orders_service_an_order_is_what_the_customer_says() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let ticket = opened(&chloe, "NONE-1").await;
    let shown = seen(&boss, ticket).await;
    assert_eq!((&shown["order_id"], &shown["metadata"]), (&json!("NONE-1"), &json!({})));
    app.drain().await;
}

#[tokio::test]
async fn an_order_that_cannot_be_read_keeps_its_own_ticket_waiting_and_nobody_elses() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let mut broken = order(&shop.app.acme, "ODD-1", &chloe);
    broken.currency = "euro".into();
    shop.service.desk.put(broken);
    for _ in 0..6 {
        let ticket = opened(&chloe, "ODD-1").await;
        assert_eq!(known(&boss, ticket).await, json!({ "validation": "pending" }));
    }
    let others = opened(&chloe, "ORD-501").await;
    assert_eq!(known(&boss, others).await["validation"], "valid");
    // Nor is it compared in the place of all others.
    shop.app.travel(TimeDelta::minutes(10));
    let asked = shop.service.desk.asked();
    assert_eq!(shop.compares(&shop.app.acme).await, Some(Duration::from_secs(3600)));
    assert_eq!(shop.service.desk.asked(), asked + 7);
    shop.service.desk.put(order(&shop.app.acme, "ODD-1", &chloe));
    shop.app.travel(TimeDelta::hours(1));
    shop.compares(&shop.app.acme).await;
    let settled = "select count(*) from support_tickets where metadata -> 'order' ->> 'validation' = 'valid'";
    assert_eq!(shop.app.acme.count(settled).await, 7);
    shop.closes().await;
}

#[tokio::test]
async fn orders_that_the_service_fails_at_keep_no_other_organisation_from_asking() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let (greta, gus) = (shop.app.globex.manager("greta").await, shop.app.globex.customer("gus").await);
    for asked in 1..=6 {
        let ticket = opened(&chloe, &format!("FAILS-{asked}")).await;
        assert_eq!((known(&boss, ticket).await, shop.service.desk.asked()), (json!({ "validation": "pending" }), asked));
    }
    let ticket = opened(&gus, "ORD-501").await;
    assert_eq!(known(&greta, ticket).await["validation"], "valid");
    shop.closes().await;
}

#[tokio::test]
async fn a_service_that_was_silent_five_times_is_left_alone_for_half_a_minute_and_then_tried() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let gus = shop.app.globex.customer("gus").await;
    shop.service.desk.is(Manner::Silent);
    let ids = ["ORD-1", "ORD-2", "ORD-3", "ORD-4", "ORD-5"];
    let silent = join_all(ids.map(|id| opens(&chloe, id))).await;
    assert!(silent.iter().all(|answer| answer.status == 201));
    assert_eq!(shop.service.desk.asked(), 5);
    // It is back, but nobody asks yet: of no tenant.
    shop.service.desk.is(Manner::Prompt);
    for caller in [&chloe, &gus] {
        let begun = Instant::now();
        opened(caller, "ORD-501").await;
        assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    }
    assert_eq!(shop.service.desk.asked(), 5);
    shop.app.travel(TimeDelta::seconds(29));
    opened(&chloe, "ORD-501").await;
    assert_eq!(shop.service.desk.asked(), 5);
    shop.app.travel(TimeDelta::seconds(1));
    for asked in [6, 7] {
        let ticket = opened(&chloe, "ORD-501").await;
        assert_eq!((known(&boss, ticket).await["validation"].clone(), shop.service.desk.asked()), (json!("valid"), asked));
    }
    shop.closes().await;
}

#[tokio::test]
async fn an_error_among_silences_is_no_answer_that_ends_them() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    shop.service.desk.is(Manner::Silent);
    join_all(["ORD-1", "ORD-2", "ORD-3", "ORD-4"].map(|id| opened(&chloe, id))).await;
    for manner in [Manner::Failing, Manner::Silent] {
        shop.service.desk.is(manner);
        opened(&chloe, "ORD-5").await;
    }
    shop.service.desk.is(Manner::Prompt);
    let ticket = opened(&chloe, "ORD-6").await;
    assert_eq!((known(&boss, ticket).await, shop.service.desk.asked()), (json!({ "validation": "pending" }), 6));
    shop.closes().await;
}
