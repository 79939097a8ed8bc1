//! Whose access has ended is refused at every process within five seconds (I-5, R8, A7, T8), whatever
//! becomes of Redis, and no broker tells of it here.

use std::time::Duration;

use app_api::app::App;
use shared::cache::ACCESS;

use crate::world::{Caller, Proxy, Stream, TestApp, no_redis, redis};

const TICKETS: &str = "/api/v1/tickets";

async fn listening(caller: &Caller) -> Stream {
    let mut stream = Stream::open(caller, None).await;
    stream.expect("ready").await;
    stream
}

/// Waits until a process has looked once more.
async fn looks_again(app: &App) {
    let before = app.access.looks();
    let looking = async {
        while app.access.looks() == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), looking).await.expect("it looks");
}

#[tokio::test]
async fn an_ended_session_is_refused_at_every_process_with_redis_and_without() {
    let app = TestApp::start().await;
    let (with, without) = (app.another(&redis()), app.another(&no_redis()));
    let (ana, ben, gil) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.globex.agent("gil").await);
    let elsewhere = ana.elsewhere();
    for instance in [&with, &without] {
        ana.through(instance).get(TICKETS).await.expect(200);
    }
    app.ends(&ana).await;
    with.app.outside.cache.tell(ACCESS, "").await;
    for instance in [&with, &without] {
        ana.through(instance).comes_to(TICKETS, 401).await;
        ana.through(instance).get(TICKETS).await.is(401, "unauthenticated");
        for other in [&elsewhere, &ben, &gil] {
            other.through(instance).get(TICKETS).await.expect(200);
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn a_hint_through_redis_makes_a_process_look_at_once() {
    let app = TestApp::start().await;
    let there = app.another(&redis());
    app.acme.agent("ana").await.through(&there).get(TICKETS).await.expect(200);
    // By themselves there would be ten looks in ten seconds.
    let (began, before) = (tokio::time::Instant::now(), there.app.access.looks());
    while there.app.access.looks() < before + 30 {
        there.app.outside.cache.tell(ACCESS, "").await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(began.elapsed() < Duration::from_secs(10), "{} looks", there.app.access.looks() - before);
    }
    app.drain().await;
}

#[tokio::test]
async fn a_persons_new_role_acts_at_every_process_though_no_event_tells_of_it() {
    let app = TestApp::start().await;
    let other = app.another(&no_redis());
    let (ana, gil) = (app.acme.agent("ana").await, app.globex.agent("gil").await);
    let ana = ana.through(&other);
    ana.get("/api/v1/agents").await.expect(200);
    app.makes(&ana, "customer", "active").await;
    ana.comes_to("/api/v1/agents", 403).await;
    app.makes(&ana, "customer", "removed").await;
    ana.comes_to(TICKETS, 401).await;
    assert_eq!(app.acme.count("select count(*) from users where active").await, 0);
    app.makes(&ana, "agent", "active").await;
    ana.comes_to("/api/v1/agents", 200).await;
    gil.through(&other).get("/api/v1/agents").await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn streams_end_with_the_session_the_role_and_the_tenant_and_no_others_do() {
    let app = TestApp::start().await;
    let (ana, ben, max) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("max").await);
    let (gil, gus) = (app.globex.agent("gil").await, app.globex.customer("gus").await);
    let elsewhere = ana.elsewhere();
    let (mut of_ana, mut of_elsewhere) = (listening(&ana).await, listening(&elsewhere).await);
    let (mut of_ben, mut of_max, mut of_gil) = (listening(&ben).await, listening(&max).await, listening(&gil).await);
    app.ends(&ana).await;
    of_ana.ends().await;
    app.makes(&ben, "customer", "active").await;
    of_ben.ends().await;
    let ticket = max.opens("Printer on fire").await;
    of_elsewhere.expect_ticket(ticket).await;
    of_max.expect_ticket(ticket).await;
    app.makes(&max, "manager", "removed").await;
    of_max.ends().await;
    app.drain().await;
    app.acme.becomes("suspended").await;
    of_elsewhere.ends().await;
    elsewhere.get(TICKETS).await.is(403, "tenant_suspended");
    of_gil.expect_ticket(gus.opens("Still here").await).await;
    app.drain().await;
}

#[tokio::test]
async fn a_change_that_is_committed_late_is_not_missed() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let mut late = app.control.begin().await.expect("a transaction");
    ana.ends(&mut late).await;
    // Written later, committed earlier.
    app.ends(&ben).await;
    ben.comes_to(TICKETS, 401).await;
    looks_again(&app.app).await;
    ana.get(TICKETS).await.expect(200);
    late.commit().await.expect("committed");
    ana.comes_to(TICKETS, 401).await;
    app.drain().await;
}

#[tokio::test]
async fn a_process_that_starts_knows_what_ended_while_a_living_token_may_be_around() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    app.ends(&ana).await;
    sqlx::query("update access_changes set at = at - interval '15 minutes'").execute(&app.control).await.expect("long ago");
    let later = app.another(&no_redis());
    // The very first request: it does not wait for a look that comes a second later.
    ana.through(&later).get(TICKETS).await.is(401, "unauthenticated");
    ben.through(&later).get(TICKETS).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn without_the_control_database_what_is_known_keeps_serving_and_who_knows_nothing_serves_nobody() {
    let app = TestApp::start().await;
    let line = Proxy::before(&std::env::var("TEST_DATABASE_ADMIN_URL").expect("a URL").into()).await;
    let there = app.another_behind(&line).await;
    let (ana, ben) = (app.acme.agent("ana").await.through(&there), app.acme.agent("ben").await.through(&there));
    app.ends(&ana).await;
    ana.comes_to(TICKETS, 401).await;
    ben.get(TICKETS).await.expect(200);
    line.freeze();
    let frozen = there.app.access.looks();
    ben.get(TICKETS).await.expect(200);
    ana.get(TICKETS).await.is(401, "unauthenticated");
    let aging = async {
        while there.app.access.age() < Duration::from_secs(2) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), aging).await.expect("the knowledge grows old");
    assert!(there.app.access.looks() <= frozen + 1, "a look was on its way at most");
    ben.get(TICKETS).await.expect(200);
    ana.get(TICKETS).await.is(401, "unauthenticated");
    let newborn = app.another_behind(&line).await;
    ben.through(&newborn).get(TICKETS).await.is(503, "unavailable");
    app.drain().await;
}
