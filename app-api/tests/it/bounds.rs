//! How much a tenant may have: numbers of the control plane, which act here.

use futures::future::join_all;
use serde_json::json;
use shared::{http::rate_limit::Limits, tenancy::Slug};
use uuid::Uuid;

use crate::world::{Caller, TestApp, TestTenant};

/// Gives a tenant a plan of this name with these limits, as the control plane does.
pub async fn gives(app: &TestApp, tenant: &TestTenant, plan: &str, limits: &str) {
    let made = format!(
        "insert into plans (code, name, currency, created_at, updated_at) values ('{plan}', 'x', 'EUR', now(), now());
         update plans set {limits} where code = '{plan}';"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(made)).execute(&app.control).await.expect("a plan");
    let given = "insert into tenant_plans (tenant_id, plan, since) values ($1, $2, now())
        on conflict (tenant_id) do update set plan = excluded.plan";
    sqlx::query(given).bind(tenant.id).bind(plan).execute(&app.control).await.expect("given");
    app.app.tenants.forget("acme").await;
    app.app.tenants.forget("globex").await;
}

async fn open(caller: &Caller) -> u16 {
    caller.post("/api/v1/tickets", json!({ "subject": "It broke", "description": "Since Monday" })).await.status.as_u16()
}

const OPENED: &str = "select count(*) from support_tickets";

#[tokio::test]
async fn of_fifty_who_open_a_ticket_at_once_exactly_as_many_do_as_the_month_has_room_for() {
    let app = TestApp::start().await;
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    chloe.opens("Before there was a limit").await;
    gives(&app, &app.acme, "tiny", "tickets_a_month = 7").await;
    let another = app.another(&crate::world::no_redis());
    let elsewhere = chloe.through(&another);
    let answers = join_all((0..50).map(|n| open(if n % 2 == 0 { &chloe } else { &elsewhere }))).await;
    let of = |status| answers.iter().filter(|answer| **answer == status).count();
    // Whoever waited too long for a connection was told so, and opened nothing.
    assert_eq!((of(201), of(201) + of(413) + of(503)), (6, 50), "{answers:?}");
    assert_eq!(app.acme.count(OPENED).await, 7);
    let refused = chloe.post("/api/v1/tickets", json!({ "subject": "One more", "description": "Please" })).await.is(413, "quota_exceeded");
    assert_eq!(refused["quota"], json!({ "limit": "tickets_a_month", "allowed": 7, "used": 7 }));
    assert_eq!(open(&gus).await, 201, "another tenant has its own");
    app.travel(chrono::TimeDelta::days(29));
    assert_eq!(open(&chloe).await, 413, "the 31st of March");
    app.travel(chrono::TimeDelta::days(1));
    assert_eq!(open(&chloe).await, 201, "a new month begins");
    app.drain().await;
}

#[tokio::test]
async fn a_refused_ticket_leaves_nothing_and_a_retry_of_one_that_was_opened_takes_no_room() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    gives(&app, &app.acme, "single", "tickets_a_month = 1").await;
    let body = json!({ "subject": "It broke", "description": "Since Monday" });
    let with = async |key: &str| chloe.with(&axum::http::Method::POST, "/api/v1/tickets", body.clone(), &[("idempotency-key", key)]).await;
    let first = with("one").await.expect(201);
    assert_eq!(with("one").await.expect(201)["id"], first["id"]);
    with("two").await.is(413, "quota_exceeded");
    assert_eq!(app.acme.count(OPENED).await, 1);
    // The refused key is free: with more room it opens a ticket.
    gives(&app, &app.acme, "pair", "tickets_a_month = 2").await;
    with("two").await.expect(201);
    assert_eq!(app.acme.count(OPENED).await, 2);
    app.drain().await;
}

#[tokio::test]
async fn tickets_that_cost_something_more_are_opened_beyond_the_limit() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    gives(&app, &app.acme, "metered", "tickets_a_month = 1, extra_ticket = 5").await;
    for _ in 0..3 {
        assert_eq!(open(&chloe).await, 201);
    }
    app.drain().await;
}

#[tokio::test]
async fn a_tenants_requests_a_minute_are_its_plans() {
    let app = TestApp::start().await;
    let cache = shared::cache::Cache::new(&crate::world::redis(), &Uuid::now_v7().to_string()).expect("a URL").patient();
    let limits = Limits::new(app_api::limits::TABLE, app.app.tokens.clone(), app.clock.clone(), cache);
    let router = crate::rates::counting(&app, limits);
    let (ana, gil) = (app.acme.agent("ana").await.by_way_of(&router), app.globex.agent("gil").await.by_way_of(&router));
    gives(&app, &app.acme, "slow", "requests_a_minute = 60").await;
    let mut served = 0;
    while ana.get("/api/v1/tickets?limit=1").await.status == 200 {
        served += 1;
        assert!(served <= 60, "nobody is refused");
        gil.get("/api/v1/tickets?limit=1").await.expect(200);
    }
    assert_eq!(served, 60);
    ana.get("/api/v1/tickets").await.is(429, "rate_limited");
    gil.get("/api/v1/tickets").await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn a_tenants_connections_are_its_plans_and_never_more() {
    let app = TestApp::start().await;
    let (chloe, slug) = (app.acme.customer("chloe").await, Slug::parse("acme").expect("a slug"));
    gives(&app, &app.acme, "narrow", "connections = 1").await;
    chloe.get("/api/v1/tickets").await.expect(200);
    let tenant = app.app.tenants.get(&slug).await.expect("active");
    let first = tenant.db.read().await.expect("a connection");
    let second = tokio::time::timeout(std::time::Duration::from_millis(500), tenant.db.read()).await;
    assert!(second.is_err(), "there is one, and it is used");
    drop(first);
    tenant.db.read().await.expect("it is free again");
    // A change of the plan counts for whoever asks next.
    gives(&app, &app.acme, "wider", "connections = 2").await;
    let tenant = app.app.tenants.get(&slug).await.expect("active");
    let two = (tenant.db.read().await.expect("one"), tenant.db.read().await.expect("two"));
    drop(two);
    app.drain().await;
}
