//! Several processes on the same databases.

use std::time::Duration;

use app_api::app::App;

use crate::world::{Proxy, Stream, TestApp, no_redis, redis};

/// Waits until announcements of other processes come through, or no longer.
async fn carried(app: &App, expected: bool) {
    let mut carried = app.outside.changes.carried();
    let turning = carried.wait_for(|carried| *carried == expected);
    tokio::time::timeout(Duration::from_secs(10), turning).await.expect("it turns").expect("somebody tells");
}

#[tokio::test]
async fn what_happens_at_one_process_is_heard_at_another_without_redis_too() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let other = app.another(&no_redis());
    let mut there = Stream::open(&ana.through(&other), None).await;
    there.expect("ready").await;
    let ticket = chloe.opens("Printer on fire").await;
    let heard = there.expect_ticket(ticket).await;
    // A position of one process is good for the other.
    let next = chloe.opens("Next").await;
    Stream::open(&ana, Some(&heard.id)).await.expect_ticket(next).await;
    app.drain().await;
}

#[tokio::test]
async fn with_redis_a_stream_hears_of_the_other_process_at_once() {
    let app = TestApp::start().await;
    let (here, there) = (app.another(&redis()), app.another(&redis()));
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await.through(&here));
    let (gil, gus) = (app.globex.agent("gil").await, app.globex.customer("gus").await.through(&here));
    carried(&here.app, true).await;
    carried(&there.app, true).await;
    let (mut of_ana, mut of_gil) = (Stream::open(&ana.through(&there), None).await, Stream::open(&gil.through(&there), None).await);
    of_ana.expect("ready").await;
    of_gil.expect("ready").await;
    // The readers' own looks are ten seconds apart: whatever comes sooner was announced.
    for n in 0..5 {
        let (ticket, other) = (chloe.opens(&format!("Printer {n} on fire")).await, gus.opens("Elsewhere").await);
        app.acme.settles().await;
        app.globex.settles().await;
        let complete = tokio::time::Instant::now();
        of_ana.expect_ticket(ticket).await;
        of_gil.expect_ticket(other).await;
        assert!(complete.elapsed() < Duration::from_secs(3), "{:?}", complete.elapsed());
    }
    app.drain().await;
}

#[tokio::test]
async fn a_redis_that_hangs_is_noticed_and_streams_look_by_themselves() {
    let app = TestApp::start().await;
    let line = Proxy::before(&redis()).await;
    let there = app.another(&line.url);
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    carried(&there.app, true).await;
    let mut stream = Stream::open(&ana.through(&there), None).await;
    stream.expect("ready").await;
    line.freeze();
    let ticket = chloe.opens("Printer on fire").await;
    carried(&there.app, false).await;
    stream.expect_ticket(ticket).await;
    app.drain().await;
}

#[tokio::test]
async fn two_installations_on_one_redis_do_not_take_each_others_tenants_for_their_own() {
    for app in [TestApp::start().await, TestApp::start().await] {
        let there = app.another(&redis());
        app.acme.agent("ana").await.through(&there).get("/api/v1/tickets").await.expect(200);
        app.drain().await;
    }
}

#[tokio::test]
async fn two_processes_close_a_ticket_once() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let other = app.another(&no_redis());
    for n in 0..10 {
        let ticket = chloe.opens(&format!("Ticket {n}")).await;
        ana.assigns(ticket, Some(ana.id)).await.expect(200);
        ana.sets(ticket, "resolved").await.expect(200);
    }
    app.travel(chrono::TimeDelta::hours(24));
    let close = async |app: &App| {
        let tenant = app.tenants.get(&shared::tenancy::Slug::parse("acme").expect("a slug")).await.expect("active");
        app_api::worker::fire_timers(app, &tenant).await.expect("closed");
    };
    futures::join!(close(&app.app), close(&other.app), close(&app.app), close(&other.app));
    assert_eq!(app.acme.count("select count(*) from support_tickets where status = 'closed'").await, 10);
    assert_eq!(app.acme.count("select count(*) from ticket_history where to_value = 'closed'").await, 10);
    assert_eq!(app.acme.count("select count(*) from events where data ->> 'new_status' = 'closed'").await, 10);
    app.drain().await;
}
