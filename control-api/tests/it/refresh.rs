//! Staying in.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    sign_up::futures_join,
    world::{Answer, PASSWORD, Person, World},
};

async fn refresh(world: &World, token: &str) -> Answer {
    world.post("/api/v1/auth/refresh").at("acme").json(json!({ "refresh_token": token })).await
}

async fn renewed(world: &World, token: &str) -> Person {
    Person::of(&refresh(world, token).await.expect(200))
}

#[tokio::test]
async fn a_token_shown_again_after_its_successor_was_used_ends_the_session() {
    let (world, acme, _) = World::start().await;
    let second = renewed(&world, &acme.refresh).await;
    let third = renewed(&world, &second.refresh).await;
    refresh(&world, &acme.refresh).await.refused(401, "unauthenticated");
    refresh(&world, &third.refresh).await.refused(401, "unauthenticated");
    world.get("/api/v1/auth/me").by(&third).await.refused(401, "unauthenticated");
    let mails = world.mails(&acme.email).await;
    assert_eq!(mails.last().expect("a mail").subject, "A session at Organisation was ended");
    assert_eq!(world.last_event("SessionsEnded").await["data"]["reason"], "reuse");
}

#[tokio::test]
async fn a_lost_answer_may_be_asked_for_again() {
    let (world, acme, _) = World::start().await;
    let lost = renewed(&world, &acme.refresh).await;
    let second = renewed(&world, &acme.refresh).await;
    refresh(&world, &lost.refresh).await.refused(401, "unauthenticated");
    let third = renewed(&world, &second.refresh).await;
    world.get("/api/v1/auth/me").by(&third).await.expect(200);
}

#[tokio::test]
async fn a_superseded_token_that_turns_up_late_ends_the_session() {
    let (world, acme, _) = World::start().await;
    let stolen = renewed(&world, &acme.refresh).await;
    let second = renewed(&world, &acme.refresh).await;
    world.travel(TimeDelta::minutes(14));
    refresh(&world, &stolen.refresh).await.refused(401, "unauthenticated");
    refresh(&world, &second.refresh).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn of_twenty_at_once_one_token_lives_and_nobody_is_signed_out() {
    let (world, acme, _) = World::start().await;
    let answers = futures_join((0..20).map(|_| refresh(&world, &acme.refresh))).await;
    let tokens: Vec<String> = answers.iter().filter(|a| a.status == 200).map(|a| Person::of(a).refresh).collect();
    assert!(!tokens.is_empty());
    assert_eq!(world.count("select count(*) from refresh_tokens where used_at is null and superseded_at is null").await, 2, "one each");
    let mut living = 0;
    for token in &tokens {
        living += usize::from(refresh(&world, token).await.status == 200);
    }
    assert_eq!(living, 1);
    assert_eq!(world.count("select count(*) from sessions where revoked_at is not null").await, 0);
}

#[tokio::test]
async fn a_token_serves_for_seven_days_from_its_issue() {
    let (world, acme, _) = World::start().await;
    world.travel(TimeDelta::days(7) - TimeDelta::seconds(1));
    let second = renewed(&world, &acme.refresh).await;
    world.travel(TimeDelta::days(7));
    refresh(&world, &second.refresh).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_session_ends_after_90_days_however_much_it_is_used() {
    let (world, acme, _) = World::start().await;
    let mut token = acme.refresh.clone();
    for _ in 0..14 {
        world.travel(TimeDelta::days(6));
        token = renewed(&world, &token).await.refresh;
    }
    world.travel(TimeDelta::days(6) - TimeDelta::seconds(1));
    token = renewed(&world, &token).await.refresh;
    world.travel(TimeDelta::seconds(1));
    refresh(&world, &token).await.refused(401, "unauthenticated");
    world.log_in("acme", &acme.email).await;
}

#[tokio::test]
async fn what_leads_to_nothing_is_forgotten_and_a_thief_is_still_told() {
    let (world, acme, _) = World::start().await;
    let sweep = async || control_api::worker::sweep(&world.app, world.app.clock.now()).await.expect("swept");
    let of_acme = "select count(*) from refresh_tokens r
        join sessions s on s.id = r.session_id
        join tenants t on t.id = s.tenant_id
        where t.slug = 'acme'";
    let before = world.count(of_acme).await;
    world.travel(TimeDelta::days(4));
    let second = renewed(&world, &acme.refresh).await;
    world.travel(TimeDelta::days(2));
    let third = renewed(&world, &second.refresh).await;
    sweep().await;
    assert_eq!(world.count(of_acme).await, before + 2, "each could still be shown again");
    world.travel(TimeDelta::days(2));
    sweep().await;
    assert_eq!(world.count(of_acme).await, before + 1, "the first has expired, and takes nothing with it");
    let fourth = renewed(&world, &third.refresh).await;
    refresh(&world, &acme.refresh).await.refused(401, "unauthenticated");
    world.get("/api/v1/auth/me").at("acme").bearing(&fourth.access).await.expect(200);
    refresh(&world, &second.refresh).await.refused(401, "unauthenticated");
    world.get("/api/v1/auth/me").at("acme").bearing(&fourth.access).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_sweep_goes_on_until_nothing_is_left_to_forget() {
    let (world, ..) = World::start().await;
    world.sql("insert into proof_failures (user_id, at) select u.id, '2020-01-01' from users u, generate_series(1, 6000)").await;
    let sessions = "insert into sessions (id, tenant_id, user_id, client, created_at, last_used_at)
        select gen_random_uuid(), m.tenant_id, m.user_id, 'api', '2020-01-01', '2020-01-01' from memberships m, generate_series(1, 6000)";
    world.sql(sessions).await;
    control_api::worker::sweep(&world.app, world.app.clock.now()).await.expect("swept");
    assert_eq!(world.count("select count(*) from proof_failures").await, 0);
    assert_eq!(world.count("select count(*) from sessions where created_at < '2021-01-01'").await, 0);
}

#[tokio::test]
async fn a_token_is_none_at_another_tenant_or_for_another_purpose() {
    let (world, acme, _) = World::start().await;
    let ask = |token: &str| world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": token }));
    ask(&acme.refresh).at("globex").await.refused(401, "unauthenticated");
    for nonsense in ["x", "null", "0", " ", &acme.access, &acme.refresh[..42], &format!("{}A", acme.refresh)] {
        ask(nonsense).at("acme").await.refused(401, "unauthenticated");
    }
    ask("").at("acme").await.refused(422, "validation_failed");
    let logout = world.post("/api/v1/auth/logout").json(json!({ "refresh_token": acme.refresh }));
    logout.at("globex").await.refused(401, "unauthenticated");
    let gus = world.customer("globex", "gus").await;
    world.sql("update tenants set status = 'suspended' where slug = 'globex'").await;
    world.post("/api/v1/auth/logout").at("globex").json(json!({ "refresh_token": gus.refresh })).await.expect(204);
    world.sql("update tenants set status = 'active' where slug = 'globex'").await;
    ask(&gus.refresh).at("globex").await.refused(401, "unauthenticated");
    world.post("/api/v1/auth/refresh").at("acme").json(json!({})).await.refused(401, "unauthenticated");
    world.post("/api/v1/auth/refresh").at("acme").await.refused(401, "unauthenticated");
    renewed(&world, &acme.refresh).await;
}

#[tokio::test]
async fn whoever_no_longer_belongs_or_is_suspended_stays_out() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.sql("update tenants set status = 'suspended' where slug = 'acme'").await;
    refresh(&world, &ana.refresh).await.refused(403, "tenant_suspended");
    world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": ana.refresh })).await.refused(403, "tenant_suspended");
    world.sql("update tenants set status = 'active' where slug = 'acme'").await;
    let ana = Person { slug: "acme".into(), ..renewed(&world, &ana.refresh).await };
    world.delete(&format!("/api/v1/members/{}", ana.id)).by(&acme).await.expect(204);
    refresh(&world, &ana.refresh).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_browsers_cookie_works_from_its_own_pages_only() {
    let (world, ..) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    let login = json!({ "email": chloe.email, "password": PASSWORD, "client": "browser" });
    let answer = world.post("/api/v1/auth/login").at("acme").json(login).await.expect(200);
    let mut cookie = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let ask = |cookie: &str| world.post("/api/v1/auth/refresh").at("acme").with("cookie", cookie);
    for origin in ["http://evil.example", "null", "none", "http://globex.localhost:8080", "https://acme.localhost:8080"] {
        ask(&cookie).with("origin", origin).json(json!({})).await.refused(403, "forbidden");
        world.post("/api/v1/auth/logout").at("acme").with("cookie", &cookie).with("origin", origin).await.refused(403, "forbidden");
    }
    ask(&cookie).with("sec-fetch-site", "cross-site").json(json!({})).await.refused(403, "forbidden");
    ask(&cookie).with("content-type", "text/plain").raw(b"{}".to_vec()).await.refused(415, "unsupported_media_type");
    ask(&cookie).with("content-type", "application/x-www-form-urlencoded").await.refused(415, "unsupported_media_type");
    for origin in [Some("http://acme.localhost:8080"), None] {
        let ask = ask(&cookie).json(json!({}));
        let answer = match origin {
            Some(origin) => ask.with("origin", origin).await,
            None => ask.await,
        };
        let answer = answer.expect(200);
        assert!(answer.body.get("refresh_token").is_none());
        cookie = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    }
    world.post("/api/v1/auth/logout").at("acme").with("cookie", &cookie).await.expect(204);
    ask(&cookie).await.refused(401, "unauthenticated");
}
