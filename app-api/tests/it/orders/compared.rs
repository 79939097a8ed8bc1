//! Tickets are compared with their orders: what nobody could say is settled, what no event has told is learned.

use std::time::Duration;

use chrono::TimeDelta;
use orders_service::Manner;
use prometheus::{Registry, TextEncoder};
use serde_json::json;

use super::shop::{Shop, known, later, lines, opened, order, seen};
use crate::world::{Caller, minutes};

/// So soon a ticket is compared whose order nobody could tell of.
const SOON: TimeDelta = TimeDelta::seconds(30);
const DAY: TimeDelta = TimeDelta::hours(24);

/// Opens a ticket while the service is silent.
async fn waits(shop: &Shop, chloe: &Caller, order: &str) -> i64 {
    shop.service.desk.is(Manner::Silent);
    let ticket = opened(chloe, order).await;
    shop.service.desk.is(Manner::Prompt);
    ticket
}

#[tokio::test]
async fn what_nobody_could_say_at_the_opening_is_settled_later() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let dear = waits(&shop, &chloe, "ORD-501").await;
    let set = waits(&shop, &chloe, "UNPAID-1").await;
    let unknown = waits(&shop, &chloe, "OTHER-1").await;
    boss.patch(&format!("/api/v1/tickets/{set}"), json!({ "priority": "low" })).await.expect(200);
    // Not before its time, and only by its own tenant's visits.
    assert_eq!(shop.compares(&shop.app.acme).await, SOON.to_std().ok());
    shop.app.travel(SOON);
    assert_eq!(shop.compares(&shop.app.globex).await, None);
    assert_eq!(known(&boss, dear).await["validation"], "pending");
    assert_eq!(shop.compares(&shop.app.acme).await, DAY.to_std().ok());
    let shown = seen(&boss, dear).await;
    assert_eq!((&shown["priority"], &shown["priority_reason"]), (&json!("high"), &json!("order_value")));
    assert_eq!(lines(&boss, dear, "order").await, ["pending > shipped, paid, 501.00 EUR"]);
    assert_eq!(lines(&boss, dear, "priority").await, ["medium > high"]);
    assert_eq!(shown["sla"]["response"]["target_minutes"], 240, "what is high is promised sooner");
    // What somebody has set stays.
    let shown = seen(&boss, set).await;
    assert_eq!((&shown["priority"], &shown["metadata"]["order"]["payment"]), (&json!("low"), &json!("failed")));
    // What is not there is said to the staff, with a line and an event.
    assert_eq!(known(&boss, unknown).await, json!({ "validation": "not_found" }));
    assert_eq!(lines(&boss, unknown, "order").await, ["pending > not_found"]);
    shop.app.drain().await;
    let heard = shop.app.heard(&shop.app.acme);
    let told = |ticket: i64, event: &str| heard.iter().filter(|e| e["event"] == event && e["data"]["ticket_id"] == ticket).count();
    assert_eq!([told(dear, "TicketOrderChanged"), told(set, "TicketOrderChanged"), told(unknown, "TicketOrderChanged")], [1; 3]);
    assert_eq!([told(dear, "TicketPriorityChanged"), told(unknown, "TicketPriorityChanged")], [1, 0]);
    for ticket in [dear, set, unknown] {
        let (shown, history) = (seen(&chloe, ticket).await, chloe.get(&format!("/api/v1/tickets/{ticket}/history")).await.expect(200));
        assert!(shown.get("metadata").is_none() && !format!("{shown}{history}").contains("not_found"), "{shown} {history}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn what_the_service_could_not_say_is_asked_for_again_soon_and_then_ever_more_seldom() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    shop.service.desk.is(Manner::Failing);
    let ticket = opened(&chloe, "ORD-501").await;
    assert_eq!(known(&boss, ticket).await, json!({ "validation": "pending" }));
    for (passed, again) in [(30, 60), (60, 90), (90, 180), (3600, 3600)] {
        shop.app.travel(TimeDelta::seconds(passed));
        assert_eq!(shop.compares(&shop.app.acme).await, Some(Duration::from_secs(again)), "{passed}");
    }
    assert_eq!(known(&boss, ticket).await, json!({ "validation": "pending" }));
    shop.service.desk.is(Manner::Prompt);
    shop.app.travel(TimeDelta::hours(1));
    assert_eq!(shop.compares(&shop.app.acme).await, DAY.to_std().ok());
    assert_eq!(known(&boss, ticket).await["validation"], "valid");
    shop.closes().await;
}

#[tokio::test]
async fn what_no_event_has_told_is_learned_when_they_are_compared() {
    let shop = Shop::open().await;
    let (boss, chloe, carl) =
        (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await, shop.app.acme.customer("carl").await);
    let made = ["C-1", "C-2", "C-3"].map(|id| order(&shop.app.acme, id, &chloe));
    for one in &made {
        shop.service.desk.put(one.clone());
    }
    let tickets = [opened(&chloe, "C-1").await, opened(&chloe, "C-2").await, opened(&chloe, "C-3").await];
    shop.service.desk.put(later(&made[0], 2, "delivered"));
    shop.service.desk.put(order(&shop.app.acme, "C-2", &carl));
    shop.app.travel(minutes(9));
    assert_eq!(shop.compares(&shop.app.acme).await, Some(Duration::from_secs(60)));
    shop.app.travel(minutes(1));
    shop.compares(&shop.app.acme).await;
    assert_eq!(known(&boss, tickets[0]).await["state"], "delivered");
    assert_eq!(known(&boss, tickets[1]).await, json!({ "validation": "not_found" }));
    assert_eq!(lines(&boss, tickets[1], "order").await, ["shipped, paid, 649.00 EUR > not_found"]);
    assert_eq!(lines(&boss, tickets[2], "order").await, Vec::<String>::new());
    // It comes back the day after; and nothing is asked twice in between.
    shop.service.desk.put(later(&made[1], 3, "shipped"));
    let asked = shop.service.desk.asked();
    shop.compares(&shop.app.acme).await;
    assert_eq!(shop.service.desk.asked(), asked);
    shop.app.travel(DAY);
    shop.compares(&shop.app.acme).await;
    assert_eq!(known(&boss, tickets[1]).await["validation"], "valid");
    assert_eq!(shop.service.desk.asked(), asked + 3);
    let registry = Registry::new();
    shop.app.app.outside.orders.register(&registry).expect("new figures");
    let figures = TextEncoder::new().encode_to_string(&registry.gather()).expect("text");
    for line in [
        r#"order_checks_total{outcome="changed"} 2"#,
        r#"order_checks_total{outcome="lost"} 1"#,
        r#"order_checks_total{outcome="same"} 3"#,
        r#"order_answers_total{answer="missing"} 1"#,
        "order_breaker_open 0",
    ] {
        assert!(figures.contains(line), "{line}\n{figures}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn a_visit_ends_with_the_first_silence_and_one_ticket_is_one_workers() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let mute = opened(&chloe, "MUTE-1").await;
    let mut tickets = Vec::new();
    for _ in 0..25 {
        tickets.push(opened(&chloe, "ORD-1").await);
    }
    shop.app.travel(minutes(10));
    let asked = shop.service.desk.asked();
    assert_eq!(shop.compares(&shop.app.acme).await, Some(Duration::from_secs(60)));
    assert_eq!(shop.service.desk.asked(), asked + 1, "it goes no further");
    // The silent one waits; the others have their turn, so many at a time, and two workers share them.
    let (one, two) = tokio::join!(shop.compares(&shop.app.acme), shop.compares(&shop.app.acme));
    assert!(one != Some(Duration::ZERO) || two != Some(Duration::ZERO));
    assert_eq!(shop.service.desk.asked(), asked + 26);
    assert_eq!(shop.compares(&shop.app.acme).await, Some(Duration::from_secs(60)), "the silent one is next");
    assert_eq!(known(&boss, mute).await["validation"], "pending");
    shop.closes().await;
}

#[tokio::test]
async fn for_a_ticket_that_somebody_is_changing_a_visit_comes_back_after_a_moment() {
    let shop = Shop::open().await;
    let chloe = shop.app.acme.customer("chloe").await;
    let (ticket, none) = (opened(&chloe, "ORD-1").await, chloe.opens("Without an order").await);
    let aimless = "update support_tickets set order_check_at = created_at where id = $1";
    sqlx::query(aimless).bind(none).execute(&shop.app.acme.db).await.expect(aimless);
    shop.app.travel(minutes(10));
    let asked = shop.service.desk.asked();
    let mut changing = shop.app.acme.db.begin().await.expect("a transaction");
    sqlx::query("select from support_tickets where id = $1 for update").bind(ticket).execute(&mut *changing).await.expect("locked");
    assert_eq!(shop.compares(&shop.app.acme).await, Some(Duration::from_secs(2)));
    changing.rollback().await.expect("let go");
    assert_eq!(shop.compares(&shop.app.acme).await, DAY.to_std().ok());
    assert_eq!(shop.service.desk.asked(), asked + 1);
    shop.closes().await;
}

#[tokio::test]
async fn tickets_from_before_anybody_asked_are_asked_for_and_closed_ones_left_alone() {
    let shop = Shop::open().await;
    let (boss, chloe) = (shop.app.acme.manager("boss").await, shop.app.acme.customer("chloe").await);
    let (open, closed) = (opened(&chloe, "ORD-501").await, opened(&chloe, "ORD-501").await);
    boss.sets(closed, "closed").await.expect(200);
    // As the release before has written them.
    let old = "update support_tickets set metadata = '{}', order_check_at = null, priority = 'medium', priority_reason = 'default'";
    sqlx::query(old).execute(&shop.app.acme.db).await.expect(old);
    let asked = shop.service.desk.asked();
    assert_eq!(shop.compares(&shop.app.acme).await, DAY.to_std().ok());
    assert_eq!(shop.service.desk.asked(), asked + 1);
    let shown = seen(&boss, open).await;
    assert_eq!((&shown["metadata"]["order"]["validation"], &shown["priority"]), (&json!("valid"), &json!("medium")));
    assert_eq!(seen(&boss, closed).await["metadata"], json!({}));
    shop.closes().await;
}
