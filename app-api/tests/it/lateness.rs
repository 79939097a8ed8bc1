//! When the next time is up, that nobody looks too late, and what a late resolution does (T-13, T-14).

use std::time::{Duration, Instant};

use app_api::worker;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    sla::{asked, at, shown},
    world::{TestApp, minutes},
};

fn pressing() -> Value {
    json!({ "subject": "Printer on fire", "description": "It smokes.", "priority": "urgent" })
}

#[tokio::test]
async fn a_late_resolution_is_told_and_leaves_the_priority() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    ana.says(ticket, "On my way").await.expect(201);
    app.travel(TimeDelta::days(3));
    app.drain().await;
    let late = shown(&ana, ticket).await;
    assert_eq!((&late["sla"]["response"]["state"], &late["sla"]["resolution"]["state"]), (&json!("met"), &json!("breached")));
    assert_eq!((&late["priority"], &late["priority_reason"]), (&json!("medium"), &json!("default")));
    let kept = late["metadata"]["sla"]["breaches"].as_array().expect("breaches").clone();
    assert_eq!((kept.len(), &kept[0]["type"]), (1, &json!("resolution")));
    assert_eq!(app.acme.count("select count(*) from ticket_history where kind = 'priority'").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn a_visit_says_when_the_next_time_is_up() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let next = async || loop {
        match worker::fire_timers(&app.app, &tenant).await.expect("timers fire") {
            Some(Duration::ZERO) => {}
            wait => return wait.map(|wait| wait.as_secs() / 60),
        }
    };
    assert_eq!(next().await, None, "nothing runs");
    let ticket = asked(&chloe, pressing()).await;
    assert_eq!(next().await, Some(48), "the warning");
    app.travel(minutes(48));
    assert_eq!(next().await, Some(12), "the breach");
    app.travel(minutes(12));
    assert_eq!(next().await, Some(132), "the warning of the resolution");
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    let until = (app.clock.now() + minutes(30)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    ana.post(&format!("/api/v1/tickets/{ticket}/snooze"), json!({ "until": until })).await.expect(200);
    assert_eq!(next().await, Some(30), "it comes back");
    ana.sets(ticket, "waiting_customer").await.expect(200);
    app.travel(minutes(30));
    assert_eq!(next().await, Some(7 * 24 * 60 - 30), "it closes without an answer");
    chloe.says(ticket, "Here it is").await.expect(201);
    ana.sets(ticket, "resolved").await.expect(200);
    assert_eq!(next().await, Some(24 * 60), "it closes without an objection");
    chloe.sets(ticket, "closed").await.expect(200);
    assert_eq!(next().await, None, "it is over");
    app.drain().await;
}

/// Lets the clock go as fast as time does, until it is dropped.
fn goes(app: &TestApp) -> tokio_util::sync::DropGuard {
    let (clock, stop) = (app.clock.clone(), CancellationToken::new());
    let stopped = stop.clone();
    tokio::spawn(async move {
        let mut last = Instant::now();
        while !stopped.is_cancelled() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let now = Instant::now();
            clock.advance(TimeDelta::from_std(now - last).expect("a moment"));
            last = now;
        }
    });
    stop.drop_guard()
}

/// How long after it was due each breach of a tenant's tickets was noticed, once there are so many.
async fn noticed(app: &TestApp, count: i64) -> Vec<TimeDelta> {
    let breaches = "select b from support_tickets, jsonb_array_elements(metadata -> 'sla' -> 'breaches') b";
    let told = async {
        while app.acme.count("select count(*) from events where kind = 'TicketSLABreach'").await < count
            || app.globex.count("select count(*) from events where kind = 'TicketSLABreach'").await < count
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("the breaches are told");
    let mut late = Vec::new();
    for tenant in [&app.acme, &app.globex] {
        let kept: Vec<Value> = sqlx::query_scalar(breaches).fetch_all(&tenant.db).await.expect(breaches);
        late.extend(kept.iter().map(|breach| at(&breach["noticed_at"]) - at(&breach["due_at"])));
    }
    late
}

#[tokio::test]
async fn a_breach_is_noticed_within_five_seconds_by_a_process_that_runs_and_by_one_that_starts() {
    let app = TestApp::start().await;
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    for caller in [&chloe, &gus] {
        asked(caller, pressing()).await;
    }
    // Everybody was warned; the process comes when a breach is three seconds ahead.
    app.travel(minutes(48));
    app.drain().await;
    app.travel(minutes(12) - TimeDelta::seconds(3));
    let (running, clock) = (CancellationToken::new(), goes(&app));
    let timers = tokio::spawn(worker::look_after(app.app.clone(), &["timers"], running.clone()));
    let late = noticed(&app, 1).await;
    assert!(late.iter().all(|late| (TimeDelta::zero()..=TimeDelta::seconds(5)).contains(late)), "{late:?}");
    // It learns of new ones by their commits.
    for caller in [&chloe, &gus] {
        asked(caller, pressing()).await;
    }
    running.cancel();
    timers.await.expect("it ends");
    drop(clock);
    // Nobody looks for an hour; whoever starts then does at once.
    app.travel(minutes(60));
    let (starting, begun) = (CancellationToken::new(), Instant::now());
    let timers = tokio::spawn(worker::look_after(app.app.clone(), &["timers"], starting.clone()));
    noticed(&app, 2).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    starting.cancel();
    timers.await.expect("it ends");
    app.drain().await;
}
