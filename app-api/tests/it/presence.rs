//! Who is at a ticket just now (T-35).

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Answer, Caller, Stream, TestApp, redis};

async fn is(caller: &Caller, ticket: i64, state: &str) -> Answer {
    caller.post(&format!("/api/v1/tickets/{ticket}/presence"), json!({ "state": state })).await
}

fn others(answer: Answer) -> Vec<(i64, String)> {
    let body = answer.expect(200);
    let row = |row: &Value| (row["id"].as_i64().expect("an id"), row["state"].as_str().expect("a state").to_owned());
    let mut all: Vec<_> = body["data"].as_array().expect("rows").iter().map(row).collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn without_redis_nobody_is_shown_and_nothing_else_changes() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    is(&chloe, ticket, "viewing").await.is(403, "forbidden");
    is(&ana, 424_242, "viewing").await.is(404, "not_found");
    is(&ana, ticket, "sleeping").await.is(422, "validation_failed");
    for caller in [&ana, &ben, &ana] {
        assert_eq!(others(is(caller, ticket, "typing").await), []);
    }
    ana.says(ticket, "On my way").await.expect(201);
    app.drain().await;
}

#[tokio::test]
async fn colleagues_at_a_ticket_see_each_other_and_nobody_else_does() {
    let app = TestApp::start().await;
    let (here, there) = (app.another(&redis()), app.another(&redis()));
    let (ana, ben) = (app.acme.agent("ana").await.through(&here), app.acme.agent("ben").await.through(&there));
    let (boss, chloe) = (app.acme.manager("boss").await.through(&here), app.acme.customer("chloe").await);
    let (gil, gus) = (app.globex.agent("gil").await.through(&here), app.globex.customer("gus").await);
    let (ticket, second) = (chloe.opens("Printer on fire").await, chloe.opens("Another").await);
    let elsewhere = gus.opens("Elsewhere").await;
    assert_eq!(elsewhere, ticket, "the same id at the other tenant's");
    // The first words may be lost while connections are made.
    answers(&here.app).await;
    answers(&there.app).await;
    assert_eq!(others(is(&ana, ticket, "viewing").await), []);
    assert_eq!(others(is(&ben, ticket, "typing").await), [(ana.id, "viewing".into())]);
    assert_eq!(others(is(&ana, ticket, "typing").await), [(ben.id, "typing".into())]);
    assert_eq!(others(is(&gil, elsewhere, "viewing").await), [], "each tenant has its own");
    assert_eq!(others(is(&boss, second, "viewing").await), [], "each ticket has its own");
    assert_eq!(others(is(&boss, ticket, "viewing").await), [(ana.id, "typing".into()), (ben.id, "typing".into())]);
    assert_eq!(others(is(&ben, ticket, "gone").await), [(ana.id, "typing".into()), (boss.id, "viewing".into())]);
    assert_eq!(others(is(&boss, ticket, "viewing").await), [(ana.id, "typing".into())]);
    // Whoever has lost sight of it is not there any more.
    boss.assigns(ticket, Some(ben.id)).await.expect(200);
    assert_eq!(others(is(&boss, ticket, "viewing").await), []);
    is(&ana, ticket, "viewing").await.is(404, "not_found");
    app.drain().await;
}

#[tokio::test]
async fn streams_of_colleagues_who_see_the_ticket_hint_at_it_at_every_instance() {
    let app = TestApp::start().await;
    let (here, there) = (app.another(&redis()), app.another(&redis()));
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let (chloe, gil) = (app.acme.customer("chloe").await, app.globex.agent("gil").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    app.acme.settles().await;
    answers(&here.app).await;
    let mut of_boss = Stream::open(&boss.through(&there), None).await;
    let mut others = Vec::new();
    for caller in [&ben, &chloe, &gil] {
        let mut stream = Stream::open(&caller.through(&there), None).await;
        stream.expect("ready").await;
        others.push(stream);
    }
    of_boss.expect("ready").await;
    // Until the other instance listens, nobody there hears it.
    let heard = async {
        loop {
            for state in ["viewing", "typing"] {
                is(&ana.through(&here), ticket, state).await.expect(200);
                if let Ok(heard) = tokio::time::timeout(Duration::from_millis(300), of_boss.next()).await {
                    return heard.expect("the stream goes on");
                }
            }
        }
    };
    let heard = tokio::time::timeout(Duration::from_secs(20), heard).await.expect("a hint");
    assert_eq!((heard.name.as_str(), heard.ticket()), ("presence", ticket));
    for stream in &mut others {
        let silence = tokio::time::timeout(Duration::from_millis(200), stream.next()).await;
        assert!(silence.is_err(), "{silence:?}");
    }
    app.drain().await;
}

/// Waits until an instance has its line to Redis.
async fn answers(app: &app_api::app::App) {
    for _ in 0..100 {
        if app.outside.cache.call("warm", (1, Some(0)), Duration::from_secs(1)).await.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("Redis does not answer");
}
