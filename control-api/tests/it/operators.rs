//! Those who run the platform: how they come in, and what they may.

use chrono::TimeDelta;
use control_api::operators::cli;
use futures::future::join_all;
use serde_json::{Value, json};
use shared::auth::totp::Authenticator;
use uuid::Uuid;

use crate::world::{Answer, World};

pub const EMAIL: &str = "olga@platform.example";

/// Olga, added on the command line; her first password.
pub async fn added(world: &World) -> String {
    cli::add(&world.app.db, &world.app.clock, EMAIL, "Olga").await.expect("added")
}

pub async fn try_in(world: &World, password: &str) -> Answer {
    world.post("/api/v1/operator/auth/login").json(json!({ "email": EMAIL, "password": password })).await
}

/// What Olga's app shows at this moment.
pub async fn code(world: &World) -> String {
    let sql = "select id, sealed_secret from operators where email = $1 and removed_at is null";
    let (id, sealed): (i64, Vec<u8>) = sqlx::query_as(sql).bind(EMAIL).fetch_one(world.app.db.pool()).await.expect("Olga");
    let secret = world.opened(None, &sealed, &format!("operator:{id}:totp")).await;
    Authenticator::open(&secret, EMAIL).expect("an app").code(world.app.clock.now())
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

async fn enrolled(world: &World, password: &str) -> String {
    let token = text(&try_in(world, password).await.expect(200).body["enrolment_token"]);
    world.post("/api/v1/operator/auth/2fa/setup").bearing(&token).await.expect(200);
    let enabled = world.post("/api/v1/operator/auth/2fa/enable").bearing(&token).json(json!({ "code": code(world).await })).await;
    text(&enabled.expect(200).body["access_token"])
}

pub async fn challenge(world: &World, password: &str) -> String {
    text(&try_in(world, password).await.expect(200).body["challenge_token"])
}

pub async fn prove(world: &World, challenge: &str, code: &str) -> Answer {
    world.post("/api/v1/operator/auth/2fa/verify").json(json!({ "challenge_token": challenge, "code": code })).await
}

async fn me(world: &World, token: &str) -> Answer {
    world.get("/api/v1/operator/me").bearing(token).await
}

/// An operator's token.
pub async fn signed_in(world: &World) -> String {
    let password = added(world).await;
    enrolled(world, &password).await
}

#[tokio::test]
async fn the_password_alone_opens_nothing_and_the_second_factor_is_set_up_first() {
    let (world, ..) = World::start().await;
    let password = added(&world).await;
    let next = try_in(&world, &password).await.expect(200).body;
    assert_eq!(next["two_factor_enrolment_required"], true);
    assert!(next.get("access_token").is_none());
    let ticket = text(&next["enrolment_token"]);
    me(&world, &ticket).await.refused(401, "unauthenticated");
    world.post("/api/v1/operator/auth/2fa/enable").bearing(&ticket).json(json!({ "code": "123456" })).await.refused(409, "conflict");
    let setup = world.post("/api/v1/operator/auth/2fa/setup").bearing(&ticket).await.expect(200).body;
    assert!(text(&setup["otpauth_url"]).contains(&text(&setup["secret"])) && text(&setup["qr_code"]).starts_with("data:image/png;base64,"));
    world.post("/api/v1/operator/auth/2fa/enable").bearing(&ticket).json(json!({ "code": "12345" })).await.refused(401, "unauthenticated");
    let enabled = world.post("/api/v1/operator/auth/2fa/enable").bearing(&ticket).json(json!({ "code": code(&world).await })).await;
    let token = text(&enabled.expect(200).body["access_token"]);
    assert_eq!(me(&world, &token).await.expect(200).body["email"], EMAIL);
    // The ticket was good once, and who has a factor sets up no other.
    world.post("/api/v1/operator/auth/2fa/setup").bearing(&ticket).await.refused(401, "unauthenticated");
    assert_eq!(try_in(&world, &password).await.expect(200).body["two_factor_required"], true);
}

#[tokio::test]
async fn a_code_counts_once_however_many_show_it_at_once() {
    let world = World::empty().await;
    let password = added(&world).await;
    enrolled(&world, &password).await;
    let again = challenge(&world, &password).await;
    prove(&world, &again, &code(&world).await).await.refused(401, "unauthenticated");
    world.travel(TimeDelta::seconds(30));
    let mut tickets = Vec::new();
    for _ in 0..8 {
        tickets.push(challenge(&world, &password).await);
    }
    let code = code(&world).await;
    let answers = join_all(tickets.iter().map(|ticket| prove(&world, ticket, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 401));
}

#[tokio::test]
async fn passwords_and_codes_are_not_guessed_not_even_all_at_once() {
    let world = World::empty().await;
    let password = added(&world).await;
    enrolled(&world, &password).await;
    let challenge = challenge(&world, &password).await;
    world.travel(TimeDelta::seconds(30));
    let answers = join_all((0..40).map(|_| prove(&world, &challenge, "000000"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 10);
    prove(&world, &challenge, &code(&world).await).await.refused(429, "rate_limited");
    // A new ticket gives no new tries.
    let next = text(&try_in(&world, &password).await.expect(200).body["challenge_token"]);
    let refused = prove(&world, &next, &code(&world).await).await.refused(429, "rate_limited");
    assert!((1..=900).contains(&refused.header("retry-after").parse::<i64>().expect("seconds")));
    for n in 0..12 {
        let guess = try_in(&world, "not this one").await;
        assert_eq!(guess.status, if n < 5 { 401 } else { 429 }, "{n}");
    }
    try_in(&world, &password).await.refused(429, "rate_limited");
    // From elsewhere she comes in: nobody locks her out.
    let elsewhere = world.post("/api/v1/operator/auth/login").with("x-forwarded-for", "203.0.113.9");
    elsewhere.json(json!({ "email": EMAIL, "password": password })).await.expect(200);
    world.travel(TimeDelta::minutes(15));
    try_in(&world, &password).await.expect(200);
}

#[tokio::test]
async fn a_session_ends_when_told_when_unused_after_eight_hours_and_with_its_operator() {
    let world = World::empty().await;
    let password = added(&world).await;
    let first = enrolled(&world, &password).await;
    let next = async || {
        world.travel(TimeDelta::seconds(30));
        let ticket = challenge(&world, &password).await;
        text(&prove(&world, &ticket, &code(&world).await).await.expect(200).body["access_token"])
    };
    let second = next().await;
    world.post("/api/v1/operator/auth/logout").bearing(&first).await.expect(204);
    let left = "select count(*) from audit_logs where action = 'OperatorSignedOut' and actor ->> 'kind' = 'operator'";
    assert_eq!(world.count(left).await, 1);
    me(&world, &first).await.refused(401, "unauthenticated");
    me(&world, &second).await.expect(200);
    world.travel(TimeDelta::minutes(31));
    me(&world, &second).await.refused(401, "unauthenticated");
    let third = next().await;
    for _ in 0..23 {
        world.travel(TimeDelta::minutes(20));
        me(&world, &third).await.expect(200);
    }
    world.travel(TimeDelta::minutes(20));
    me(&world, &third).await.refused(401, "unauthenticated");
    let last = next().await;
    cli::remove(&world.app.db, &world.app.clock, EMAIL).await.expect("removed");
    me(&world, &last).await.refused(401, "unauthenticated");
    try_in(&world, &password).await.refused(401, "unauthenticated");
    assert!(cli::remove(&world.app.db, &world.app.clock, EMAIL).await.is_err());
    // She may come again, as somebody new.
    added(&world).await;
    assert_eq!(cli::list(&world.app.db).await.expect("a list").len(), 1);
    try_in(&world, &password).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn doors_are_closed_and_opened_by_whoever_has_just_signed_in() {
    let (world, acme, _) = World::start().await;
    let password = added(&world).await;
    let token = enrolled(&world, &password).await;
    world.travel(TimeDelta::minutes(15));
    world.post("/api/v1/operator/tenants/acme/suspend").bearing(&token).await.expect(200);
    world.travel(TimeDelta::minutes(1));
    for way in ["resume", "suspend", "retry"] {
        let path = format!("/api/v1/operator/tenants/acme/{way}");
        world.post(&path).bearing(&token).await.refused(403, "step_up_required");
    }
    me(&world, &token).await.expect(200);
    let ticket = challenge(&world, &password).await;
    let again = text(&prove(&world, &ticket, &code(&world).await).await.expect(200).body["access_token"]);
    world.post("/api/v1/operator/tenants/acme/resume").bearing(&again).await.expect(200);
    world.log_in("acme", &acme.email).await;
}

#[tokio::test]
async fn an_operator_closes_a_tenants_doors_and_opens_them_again() {
    let (world, acme, globex) = World::start().await;
    let token = signed_in(&world).await;
    let ask = |path: &'static str| world.post(path).bearing(&token);
    let first = world.get("/api/v1/operator/tenants?limit=1").bearing(&token).await.expect(200).body;
    assert_eq!((&first["data"][0]["slug"], &first["data"][0]["members"]), (&json!("acme"), &json!(1)));
    let next = format!("/api/v1/operator/tenants?cursor={}", text(&first["page"]["next_cursor"]));
    assert_eq!(world.get(&next).bearing(&token).await.expect(200).body["data"][0]["slug"], "globex");
    ask("/api/v1/operator/tenants/acme/resume").await.refused(409, "conflict");
    ask("/api/v1/operator/tenants/nobody/suspend").await.refused(404, "tenant_not_found");
    assert_eq!(ask("/api/v1/operator/tenants/acme/suspend").await.expect(200).body["status"], "suspended");
    ask("/api/v1/operator/tenants/acme/suspend").await.refused(409, "conflict");
    world.get("/api/v1/auth/me").by(&acme).await.refused(403, "tenant_suspended");
    world.get("/api/v1/auth/me").by(&globex).await.expect(200);
    assert_eq!(ask("/api/v1/operator/tenants/acme/resume").await.expect(200).body["status"], "active");
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
    let trail = world.get("/api/v1/operator/audit-logs?action=TenantSuspended").bearing(&token).await.expect(200).body;
    assert_eq!(trail["data"].as_array().expect("rows").len(), 1);
    assert_eq!((&trail["data"][0]["actor"]["kind"], &trail["data"][0]["outcome"]), (&json!("operator"), &json!("success")));
    for time in ["from=-9999-01-01T00:00:00Z", "to=%2B10000-01-01T00:00:00Z"] {
        world.get(&format!("/api/v1/operator/audit-logs?{time}")).bearing(&token).await.refused(422, "validation_failed");
    }
    let page = world.get("/api/v1/operator/audit-logs?limit=2").bearing(&token).await.expect(200).body;
    let older = format!("/api/v1/operator/audit-logs?limit=2&cursor={}", text(&page["page"]["next_cursor"]));
    let older = world.get(&older).bearing(&token).await.expect(200).body;
    assert!(older["data"][0]["id"].as_i64() < page["data"][1]["id"].as_i64());
}

#[tokio::test]
async fn an_operator_tries_again_with_a_tenant_that_was_given_up_and_with_no_other() {
    let (world, _, globex) = World::start().await;
    let token = signed_in(&world).await;
    let retry = async |slug: &str| world.post(&format!("/api/v1/operator/tenants/{slug}/retry")).bearing(&token).await;
    for (slug, status, code) in [("acme", 409, "conflict"), ("nobody", 404, "tenant_not_found"), ("a%20b", 404, "tenant_not_found")] {
        retry(slug).await.refused(status, code);
    }
    for status in ["provisioning", "suspended", "deleting", "deleted"] {
        sqlx::query("update tenants set status = $1 where slug = 'acme'").bind(status).execute(world.app.db.pool()).await.expect("set");
        retry("acme").await.refused(409, "conflict");
    }
    world.sql("update tenants set status = 'failed' where slug = 'acme'").await;
    world.sql("insert into provisionings (tenant_id, step, next_at, started_at, finished_at) select id, 'undone', now(), now(), now() from tenants where slug = 'acme' on conflict (tenant_id) do update set step = 'undone', finished_at = now()").await;
    let begun = retry("acme").await.expect(200).body;
    assert_eq!((&begun["slug"], &begun["status"]), (&json!("acme"), &json!("provisioning")));
    assert_eq!(world.count("select count(*) from provisionings where step = 'place' and finished_at is null").await, 1);
    let rows = "select count(*) from audit_logs where action = 'TenantCreated' and actor ->> 'kind' = 'operator' and outcome = 'success'";
    assert_eq!(world.count(rows).await, 1, "once, by whoever did it");
    retry("acme").await.refused(409, "conflict");
    world.get("/api/v1/auth/me").by(&globex).await.expect(200);
}

#[tokio::test]
async fn what_operators_do_among_themselves_holds_up_no_event_of_a_tenant() {
    let (world, ..) = World::start().await;
    let token = signed_in(&world).await;
    world.post("/api/v1/operator/auth/logout").bearing(&token).await.expect(204);
    cli::remove(&world.app.db, &world.app.clock, EMAIL).await.expect("removed");
    let (waiting, _) = shared::outbox::backlog(&world.app.db).await.expect("counted");
    assert!(waiting >= 4, "{waiting}");
    assert!(world.events().await.iter().all(|event| !event["event"].as_str().unwrap_or_default().starts_with("Operator")));
    assert_eq!(shared::outbox::backlog(&world.app.db).await.expect("counted").0, 0);
}

#[tokio::test]
async fn the_platforms_trail_is_searched_by_what_to_what_and_when() {
    let (world, acme, globex) = World::start().await;
    let token = signed_in(&world).await;
    let began = world.app.clock.now();
    world.travel(TimeDelta::minutes(10));
    for person in [&acme, &globex] {
        world.patch("/api/v1/tenant").by(person).json(json!({ "organisation": "Another" })).await.expect(200);
    }
    world.patch("/api/v1/tenant").by(&acme).json(json!({ "organisation": "And another" })).await.expect(200);
    world.delete(&format!("/api/v1/members/{}", acme.id)).by(&acme).await.refused(409, "conflict");
    world.refusals(1).await;
    let tenant: Uuid = sqlx::query_scalar("select id from tenants where slug = 'acme'").fetch_one(world.app.db.pool()).await.expect("Acme");
    let at = |minutes: i64| (began + TimeDelta::minutes(minutes)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let all = world.count("select count(*) from audit_logs").await;
    for (query, count) in [
        (String::new(), all),
        ("&action=TenantUpdated".into(), 3),
        (format!("&action=TenantUpdated&resource=tenant:{tenant}"), 2),
        ("&action=TenantUpdated&resource=tenant:".into(), 0),
        (format!("&resource=user:{}&action=DELETE%20/api/v1/members/%7Buser_id%7D", acme.id), 1),
        (format!("&from={}", at(10)), 4),
        (format!("&from={}&action=TenantUpdated", at(11)), 0),
        (format!("&to={}", at(10)), all - 4),
        (format!("&from={}&to={}", at(10), at(11)), 4),
        ("&action=%27%20or%20true%20--".into(), 0),
    ] {
        let (mut found, mut cursor) = (0, String::new());
        loop {
            let page = world.get(&format!("/api/v1/operator/audit-logs?limit=3{query}{cursor}")).bearing(&token).await.expect(200).body;
            found += page["data"].as_array().expect("rows").len() as i64;
            match page["page"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found, count, "{query}");
    }
    for query in ["from=yesterday", "limit=0", "limit=101", "cursor=x", "sort=at", "tenant_id=1"] {
        world.get(&format!("/api/v1/operator/audit-logs?{query}")).bearing(&token).await.refused(422, "validation_failed");
    }
    // A cursor is good for its own search alone.
    let page = world.get("/api/v1/operator/audit-logs?limit=1").bearing(&token).await.expect(200).body;
    let other = format!("/api/v1/operator/audit-logs?limit=1&action=TenantUpdated&cursor={}", text(&page["page"]["next_cursor"]));
    world.get(&other).bearing(&token).await.refused(422, "validation_failed");
}
