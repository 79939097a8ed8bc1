//! Who comes too often is refused before anything is asked about them.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use app_api::{
    limits::TABLE,
    router::{document, limits, router},
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, Response, header},
};
use prometheus::Registry;
use serde_json::Value;
use shared::{
    cache::Cache,
    http::{
        Edge, HttpMetrics,
        rate_limit::{Bucket, Limits, TENANT},
    },
    session::Role,
};
use tower::ServiceExt;
use uuid::Uuid;

use crate::world::{Answer, Caller, Proxy, TestApp, redis};

const NGINX: &str = "192.0.2.1";

#[test]
fn every_operation_stands_in_the_table() {
    let document: Value = serde_json::from_str(&document().expect("a document")).expect("JSON");
    let of = |(path, item): (&String, &Value)| -> Vec<String> {
        item.as_object().expect("operations").keys().map(|m| format!("{} {path}", m.to_uppercase())).collect()
    };
    let documented: BTreeSet<String> = document["paths"].as_object().expect("paths").iter().flat_map(of).collect();
    let listed: BTreeSet<String> = TABLE.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(listed.len(), TABLE.len(), "no operation stands there twice");
    assert_eq!(listed, documented);
}

/// The same app, which counts. Its proxy is nginx.
pub fn counting(app: &TestApp, limits: Limits) -> Router {
    let metrics = HttpMetrics::register(&Registry::new()).expect("new metrics");
    let trusted = [NGINX.parse::<IpAddr>().expect("an address")].into();
    router(app.app.clone(), Edge::plain(metrics, trusted, app.app.audit.failures.clone(), limits))
}

/// Counted by the real Redis, however long that takes on a busy machine.
fn patient(app: &TestApp) -> Limits {
    let cache = Cache::new(&redis(), &Uuid::now_v7().to_string()).expect("a URL").patient();
    Limits::new(TABLE, app.app.tokens.clone(), app.clock.clone(), cache)
}

/// How many requests somebody has decided about, and how.
fn decided(registry: &Registry, by: &str, decision: &str) -> f64 {
    let labelled = |metric: &prometheus::proto::Metric| {
        let is = |name: &str, value: &str| metric.get_label().iter().any(|label| label.name() == name && label.value() == value);
        is("by", by) && is("decision", decision)
    };
    let families = registry.gather();
    let family = families.iter().find(|family| family.name() == "rate_limit_decisions_total");
    family.into_iter().flat_map(|family| family.get_metric()).filter(|metric| labelled(metric)).map(|m| m.get_counter().value()).sum()
}

/// Somebody without a token, who says through a peer where they come from.
async fn stranger(router: &Router, peer: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let peer = SocketAddr::new(peer.parse().expect("an address"), 50_000);
    let mut request = Request::builder().uri("/api/v1/tickets").header(header::HOST, "acme.localhost:8080").extension(ConnectInfo(peer));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer")
}

/// Asks until somebody is refused, and says how often they were not.
async fn until_refused(caller: &Caller) -> (usize, Answer) {
    for n in 0..1200 {
        let answer = caller.get("/api/v1/tickets?limit=1").await;
        if answer.status == 429 {
            return (n, answer);
        }
        let limit = answer.headers.get("ratelimit-limit").unwrap_or_else(|| panic!("{answer:?}"));
        assert_eq!(limit.to_str().unwrap().len(), 2, "a customer's sixty");
    }
    panic!("nobody is refused");
}

fn number(answer: &Answer, name: &str) -> u64 {
    answer.headers[name].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_customer_has_sixty_requests_a_minute_and_takes_none_from_anybody_else() {
    let app = TestApp::start().await;
    let router = counting(&app, patient(&app));
    let at = |caller: Caller| caller.by_way_of(&router);
    let (chloe, carl) = (at(app.acme.customer("chloe").await), at(app.acme.customer("carl").await));
    // The same number in the other tenant; nobody has it there.
    let twin = at(app.globex.caller(chloe.id, Role::Customer));
    let first = chloe.get("/api/v1/tickets").await;
    assert_eq!((number(&first, "ratelimit-limit"), number(&first, "ratelimit-remaining")), (60, 59));
    assert!((1..=60).contains(&number(&first, "ratelimit-reset")));
    let (more, refused) = until_refused(&chloe).await;
    assert_eq!(more, 59);
    assert_eq!((number(&refused, "ratelimit-limit"), number(&refused, "ratelimit-remaining")), (60, 0));
    assert_eq!(number(&refused, "ratelimit-reset"), number(&refused, "retry-after"));
    assert!((1..=60).contains(&number(&refused, "retry-after")));
    refused.is(429, "rate_limited");
    carl.get("/api/v1/tickets").await.expect(200);
    twin.get("/api/v1/tickets").await.is(401, "unauthenticated");
    // Not by another operation either, nor by the stream.
    chloe.get("/api/v1/live").await.is(429, "rate_limited");
    app.drain().await;
}

#[tokio::test]
async fn a_refusal_does_not_even_look_for_the_tenant() {
    let app = TestApp::start().await;
    let router = counting(&app, patient(&app));
    let chloe = app.acme.customer("chloe").await;
    let chloe = chloe.by_way_of(&router);
    until_refused(&chloe).await;
    let lookups = app.app.tenants.lookups();
    let asked = || -> u64 { ["memory", "redis", "database"].map(|by| lookups.with_label_values(&[by]).get()).iter().sum() };
    let before = asked();
    for _ in 0..20 {
        chloe.get("/api/v1/tickets").await.is(429, "rate_limited");
    }
    assert_eq!(asked(), before);
    app.drain().await;
}

#[tokio::test]
async fn strangers_are_counted_by_the_network_that_the_proxy_names_and_by_no_other_header() {
    let app = TestApp::start().await;
    let router = counting(&app, patient(&app));
    // Straight at our port, with other claims each time.
    for n in 0..100 {
        let claim = format!("198.51.100.{n}");
        let claims = [
            ("x-forwarded-for", claim.as_str()),
            ("x-real-ip", claim.as_str()),
            ("forwarded", claim.as_str()),
            ("cf-connecting-ip", claim.as_str()),
            ("true-client-ip", claim.as_str()),
            ("authorization", if n % 2 == 0 { "Bearer a.b.c" } else { "Basic eDp5" }),
        ];
        assert_eq!(stranger(&router, "203.0.113.9", &claims).await.status(), 401, "{n}");
    }
    let claims = [("x-forwarded-for", "198.51.100.200"), ("x-real-ip", "198.51.100.200")];
    assert_eq!(stranger(&router, "203.0.113.9", &claims).await.status(), 429);
    assert_eq!(stranger(&router, "203.0.113.10", &claims).await.status(), 401);
    // Behind nginx: the last address counts, and a whole /64 is one.
    for n in 0..100 {
        let told = format!("198.51.100.{n}, 2001:db8:1:2::{n:x}");
        assert_eq!(stranger(&router, NGINX, &[("x-forwarded-for", &told)]).await.status(), 401, "{n}");
    }
    assert_eq!(stranger(&router, NGINX, &[("x-forwarded-for", "2001:db8:1:2:ffff::1")]).await.status(), 429);
    assert_eq!(stranger(&router, NGINX, &[("x-forwarded-for", "2001:db8:1:3::1")]).await.status(), 401);
    app.drain().await;
}

#[tokio::test]
async fn a_flood_of_strangers_from_one_network_leaves_the_signed_in_alone_and_health_is_free() {
    let app = TestApp::start().await;
    let router = counting(&app, patient(&app));
    let ana = app.acme.agent("ana").await;
    let ana = ana.by_way_of(&router);
    for _ in 0..150 {
        // Neither has an address: the same network.
        let unknown = Request::builder().method(Method::GET).uri("/nothing/here").body(Body::empty()).expect("a request");
        router.clone().oneshot(unknown).await.expect("an answer");
    }
    let unknown = Request::builder().uri("/nothing/here").body(Body::empty()).expect("a request");
    assert_eq!(router.clone().oneshot(unknown).await.expect("an answer").status(), 429);
    ana.get("/api/v1/tickets").await.expect(200);
    let health = Request::builder().uri("/health/live").body(Body::empty()).expect("a request");
    let health = router.clone().oneshot(health).await.expect("an answer");
    assert_eq!((health.status().as_u16(), health.headers().get("ratelimit-limit")), (200, None));
    app.drain().await;
}

#[tokio::test]
async fn nobody_begins_anew_when_redis_goes_away() {
    let app = TestApp::start().await;
    let line = Proxy::before(&redis()).await;
    let process = app.another(&line.url);
    let router = counting(&app, limits(&process.app));
    let chloe = app.acme.customer("chloe").await;
    let chloe = chloe.by_way_of(&router);
    let begun = Instant::now();
    for _ in 0..50 {
        chloe.get("/api/v1/tickets").await.expect(200);
    }
    line.freeze();
    let (more, _) = until_refused(&chloe).await;
    // This process has seen fifty of sixty; one more a second has come back since they began.
    assert!(more <= 11 + begun.elapsed().as_secs() as usize, "{more} within {:?}", begun.elapsed());
    app.drain().await;
}

#[tokio::test]
async fn a_key_has_a_thousand_requests_a_minute_from_wherever_they_come() {
    let app = TestApp::start().await;
    let router = counting(&app, patient(&app));
    let adam = app.acme.person("adam", Role::Admin).await;
    let (busy, other) = (app.acme.key(&adam, &["tickets:read"]).await, app.acme.key(&adam, &["tickets:read"]).await);
    let ask = async |key: &Caller, peer: &str| {
        let bearer = format!("Bearer {}", key.token());
        stranger(&router, peer, &[("authorization", &bearer)]).await.status().as_u16()
    };
    for _ in 0..600 {
        assert_eq!(ask(&busy, "198.51.100.1").await, 200);
    }
    let mut more = 0;
    while ask(&busy, "198.51.100.2").await == 200 {
        more += 1;
        assert!(more <= 400, "nobody is refused");
    }
    assert_eq!(more, 400);
    assert_eq!(ask(&other, "198.51.100.2").await, 200);
    app.drain().await;
}

#[tokio::test]
async fn what_is_dear_is_counted_by_key_from_wherever_it_comes() {
    let app = TestApp::start().await;
    let router = counting(&app, patient(&app));
    let (adam, greta) = (app.acme.person("adam", Role::Admin).await, app.globex.person("greta", Role::Admin).await);
    let scopes = ["tickets:read", "tickets:write"];
    let (busy, other) = (app.acme.key(&adam, &scopes).await, app.globex.key(&greta, &scopes).await);
    let undoes = async |key: &Caller, peer: &str| {
        let peer = SocketAddr::new(peer.parse().expect("an address"), 50_000);
        let request = key.request(&Method::POST, "/api/v1/bulk/424242/undo").extension(ConnectInfo(peer));
        key.by_way_of(&router).send(request.body(Body::empty()).expect("a request")).await.status.as_u16()
    };
    // More from here than one may, by two who share the address.
    for _ in 0..30 {
        assert_eq!(undoes(&busy, "198.51.100.1").await, 404);
        assert_eq!(undoes(&other, "198.51.100.1").await, 404);
    }
    for peer in ["198.51.100.1", "198.51.100.2"] {
        assert_eq!(undoes(&busy, peer).await, 429, "{peer}");
    }
    app.drain().await;
}

#[tokio::test]
async fn whoever_makes_keys_up_comes_no_more_often_than_whoever_shows_none() {
    let app = TestApp::start().await;
    let router = counting(&app, patient(&app));
    let ask = async |n: usize| {
        let bearer = format!("Bearer hdk_{n:0>12}_{}", "x".repeat(43));
        stranger(&router, "203.0.113.9", &[("authorization", &bearer)]).await.status().as_u16()
    };
    for n in 0..100 {
        assert_eq!(ask(n).await, 401, "{n}");
    }
    // The one that is too many tells; whoever comes after it is not looked at.
    ask(100).await;
    assert_eq!(ask(101).await, 429);
    app.drain().await;
}

#[test]
fn how_often_each_operation_may_be_called() {
    insta::assert_snapshot!(TABLE.iter().map(|(method, path, policy)| format!("{method} {path}: {policy:?}\n")).collect::<String>());
}

#[tokio::test]
async fn a_tenant_whose_measure_is_full_refuses_all_its_people_and_its_keys_and_no_other_tenants() {
    let app = TestApp::start().await;
    let (limits, registry) = (patient(&app), Registry::new());
    limits.register(&registry).expect("figures");
    let router = counting(&app, limits.clone());
    let (chloe, ana, gus) = (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.globex.customer("gus").await);
    let adam = app.acme.person("adam", Role::Admin).await;
    let key = app.acme.key(&adam, &["tickets:read"]).await;
    let [chloe, ana, gus, key] = [chloe, ana, gus, key].map(|caller| caller.by_way_of(&router));
    for caller in [&chloe, &ana, &gus, &key] {
        caller.get("/api/v1/tickets").await.expect(200);
    }
    // What is left of the tenant's six thousand, and one more.
    let whole = [Bucket { key: format!("t:{{{}}}:rate:all", app.acme.id), rate: TENANT }];
    let filling = async { while limits.take(&whole).await.is_ok() {} };
    tokio::time::timeout(std::time::Duration::from_secs(120), filling).await.expect("it is full at last");
    for caller in [&chloe, &ana, &key] {
        let refused = caller.get("/api/v1/tickets").await;
        assert_eq!(number(&refused, "ratelimit-remaining"), 0);
        assert_eq!(number(&refused, "ratelimit-limit"), 6000, "the tenant's, not the person's own");
        refused.is(429, "rate_limited");
    }
    gus.get("/api/v1/tickets").await.expect(200);
    // Whom Redis has refused, the wall in this process refuses next, and does not ask again.
    let (by_memory, by_redis) = (decided(&registry, "memory", "refused"), decided(&registry, "redis", "refused"));
    for _ in 0..10 {
        ana.get("/api/v1/tickets").await.is(429, "rate_limited");
    }
    assert_eq!(decided(&registry, "memory", "refused") - by_memory, 10.0);
    assert_eq!(decided(&registry, "redis", "refused"), by_redis);
    assert_eq!(decided(&registry, "instance", "allowed") + decided(&registry, "instance", "refused"), 0.0, "Redis has counted");
    app.drain().await;
}
