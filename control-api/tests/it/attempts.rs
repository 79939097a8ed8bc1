//! How often passwords may be tried.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    sign_up::futures_join,
    world::{Answer, Ask, PASSWORD, World, served, sign_up_form},
};

/// A password given from an address.
async fn from(world: &World, ip: &str, (slug, email): (&str, &str), password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    served(|| world.post("/api/v1/auth/login").at(slug).with("x-forwarded-for", ip).json(body.clone())).await
}

fn seconds(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().expect("seconds")
}

#[tokio::test]
async fn five_wrong_passwords_and_then_pauses_that_grow() {
    let (world, acme, _) = World::start().await;
    for email in [acme.email.as_str(), "nobody@acme.example"] {
        let wrong = async |n: usize| from(&world, "203.0.113.7", ("acme", email), &format!("wrong-secret-{n}")).await;
        for n in 0..5 {
            wrong(n).await.refused(401, "unauthenticated");
        }
        let refused = wrong(5).await.refused(429, "rate_limited");
        assert_eq!(seconds(&refused), 900, "{email}");
        from(&world, "203.0.113.7", ("acme", email), PASSWORD).await.refused(429, "rate_limited");
        let mut pause = 15;
        for n in 6..10 {
            world.travel(TimeDelta::minutes(pause) - TimeDelta::seconds(1));
            wrong(n).await.refused(429, "rate_limited");
            world.travel(TimeDelta::seconds(1));
            wrong(n).await.refused(401, "unauthenticated");
            pause = (pause * 2).min(120);
        }
        world.travel(TimeDelta::hours(2));
    }
    from(&world, "203.0.113.7", ("acme", &acme.email), PASSWORD).await.expect(200);
    // The right one makes up for the wrong ones before it.
    for n in 0..4 {
        from(&world, "203.0.113.7", ("acme", &acme.email), &format!("wrong-secret-{n}")).await.refused(401, "unauthenticated");
    }
    from(&world, "203.0.113.7", ("acme", &acme.email), PASSWORD).await.expect(200);
    for n in 0..5 {
        from(&world, "203.0.113.7", ("acme", &acme.email), &format!("wrong-secret-{n}")).await.refused(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_password_given_at_sign_up_counts_with_those_at_login() {
    let (world, acme, _) = World::start().await;
    // The name is taken, so that nothing comes of it: only the answer tells a right password from a wrong one.
    let sign_up = async |n: usize, password: &str| {
        let mut form = sign_up_form("globex", &acme.email);
        form["password"] = json!(password);
        let ask = world.post("/api/v1/tenants").with("x-forwarded-for", "203.0.113.7").with("idempotency-key", format!("k{n}"));
        ask.json(form).await
    };
    let log_in = async |password: &str| from(&world, "203.0.113.7", ("acme", &acme.email), password).await;
    sign_up(0, PASSWORD).await.refused(409, "slug_taken");
    for n in 1..4 {
        sign_up(n, &format!("another-long-secret-7{n}")).await.refused(409, "email_taken");
    }
    for n in 0..2 {
        log_in(&format!("wrong-secret-{n}")).await.refused(401, "unauthenticated");
    }
    let refused = sign_up(4, PASSWORD).await.refused(429, "rate_limited");
    assert_eq!(seconds(&refused), 900);
    log_in(PASSWORD).await.refused(429, "rate_limited");
    // From there new people sign up as ever.
    let new = world.post("/api/v1/tenants").with("x-forwarded-for", "203.0.113.7").json(sign_up_form("initech", "ina@initech.example"));
    new.await.expect(202);
    world.refusals(8).await;
    let trail = "select count(*) from audit_logs
        where action = 'POST /api/v1/tenants' and outcome = 'error' and tenant_id is null
        and resource = (select 'user:' || id from users where email = 'admin@acme.example')
        and code in ('slug_taken', 'email_taken', 'rate_limited')";
    assert_eq!(world.count(trail).await, 5);
    world.travel(TimeDelta::minutes(15));
    sign_up(5, PASSWORD).await.refused(409, "slug_taken");
    log_in(PASSWORD).await.expect(200);
}

#[tokio::test]
async fn many_at_once_get_five_answers() {
    let (world, acme, _) = World::start().await;
    for email in [acme.email.as_str(), "nobody@acme.example"] {
        let before = world.app.passwords.done();
        let tries: Vec<_> = (0..60).map(|n| json!({ "email": email, "password": format!("wrong-secret-{n}") })).collect();
        let ask = |body: &Value| world.post("/api/v1/auth/login").at("acme").json(body.clone()).into_future();
        let answers = futures_join(tries.iter().map(ask)).await;
        let of = |status: u16| answers.iter().filter(|a| a.status == status).count();
        // On a busy machine some are given up while they are looked at: they count all the same.
        assert!(of(401) == 5 || (of(401) < 5 && of(503) > 0), "{email}: {} and {}", of(401), of(503));
        assert_eq!(of(401) + of(429) + of(503), 60);
        assert!(world.app.passwords.done() - before <= 10, "no other password was looked at");
        served(|| ask_with(&world, email)).await.refused(429, "rate_limited");
    }
}

fn ask_with<'a>(world: &'a World, email: &str) -> Ask<'a> {
    world.post("/api/v1/auth/login").at("acme").json(json!({ "email": email, "password": PASSWORD }))
}

#[tokio::test]
async fn many_right_passwords_at_once_are_no_attack() {
    let (world, acme, _) = World::start().await;
    let answers = futures_join((0..8).map(|_| from(&world, "203.0.113.7", ("acme", &acme.email), PASSWORD))).await;
    let refused: Vec<_> = answers.iter().filter(|a| a.status != 200).collect();
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(world.count("select count(*) from sign_in_failures where settled").await, 0);
}

#[tokio::test]
async fn all_spellings_of_an_address_and_of_a_host_count_as_one() {
    let (world, ..) = World::start().await;
    let spellings = ["ana@acme.example", " Ana@ACME.example", "ana+tag@acme.example", "\u{430}na@acme.example", "ａｎａ@acme.example"];
    for (n, email) in spellings.iter().enumerate() {
        let slug = if n % 2 == 0 { "acme" } else { "globex" };
        from(&world, "203.0.113.7", (slug, email), &format!("wrong-secret-{n}")).await.refused(401, "unauthenticated");
    }
    for email in spellings {
        from(&world, "203.0.113.7", ("acme", email), "wrong-secret-9").await.refused(429, "rate_limited");
    }
    from(&world, "203.0.113.7", ("acme", "ana\u{0}@acme.example"), "wrong-secret-9").await.expect(422);
    from(&world, "203.0.113.7", ("acme", "anna@acme.example"), "wrong-secret-9").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn headers_that_anybody_can_send_change_nothing() {
    let (world, acme, _) = World::start().await;
    let names = ["x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip", "x-client-ip", "x-forwarded"];
    for (n, name) in names.iter().enumerate() {
        let body = json!({ "email": acme.email, "password": format!("wrong-secret-{n}") });
        let answer = world.post("/api/v1/auth/login").at("acme").with(name, format!("198.51.100.{n}")).json(body).await;
        assert_eq!(answer.status, if n < 5 { 401 } else { 429 }, "{name}");
    }
    // What nginx appends is believed; what came before it is not.
    for n in 0..6 {
        let body = json!({ "email": "nobody@acme.example", "password": format!("wrong-secret-{n}") });
        let hops = format!("198.51.100.{n}, 203.0.113.9");
        let answer = world.post("/api/v1/auth/login").at("acme").with("x-forwarded-for", hops).json(body).await;
        assert_eq!(answer.status, if n < 5 { 401 } else { 429 });
    }
    // One IPv6 network is one source.
    for n in 0..6 {
        let answer = from(&world, &format!("2001:db8:1:2::{n}"), ("acme", "nobody6@acme.example"), &format!("wrong-secret-{n}")).await;
        assert_eq!(answer.status, if n < 5 { 401 } else { 429 });
    }
}

#[tokio::test]
async fn an_attack_from_everywhere_keeps_strangers_out_and_its_owner_in() {
    let (world, acme, _) = World::start().await;
    let browser = json!({ "email": acme.email, "password": PASSWORD, "client": "browser" });
    let login = || world.post("/api/v1/auth/login").at("acme").json(browser.clone());
    let cookies = login().with("x-forwarded-for", "192.0.2.1").await.expect(200);
    let cookies: Vec<String> = cookies.headers.get_all("set-cookie").iter().map(|v| v.to_str().expect("text").to_owned()).collect();
    let device = cookies.iter().find(|c| c.starts_with("hd_device=")).expect("a device").split(';').next().expect("a pair").to_owned();
    from(&world, "192.0.2.2", ("acme", &acme.email), PASSWORD).await.expect(200);
    // Hundreds of passwords from sixty addresses.
    let mut statuses = vec![];
    for n in 0..300 {
        let answer = from(&world, &format!("198.51.100.{}", n % 60), ("acme", &acme.email), &format!("wrong-secret-{n}")).await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses.iter().filter(|s| **s == 401).count(), 20);
    assert_eq!(statuses.iter().filter(|s| **s == 429).count(), 280);
    from(&world, "203.0.113.99", ("acme", &acme.email), PASSWORD).await.refused(429, "rate_limited");
    // From where they came in before; and with their browser even from where the attack comes from.
    from(&world, "192.0.2.2", ("acme", &acme.email), PASSWORD).await.expect(200);
    login().with("x-forwarded-for", "198.51.100.0").with("cookie", &device).await.expect(200);
    let other = world.member(&acme, "ana", "agent").await;
    let body = json!({ "email": other.email, "password": PASSWORD, "client": "browser" });
    world.post("/api/v1/auth/login").at("acme").with("cookie", &device).json(body).await.expect(200);
    // The cookie gives nobody more than five tries either, and is nobody else's.
    for n in 0..6 {
        let body = json!({ "email": acme.email, "password": format!("wrong-device-{n}") });
        let answer = world.post("/api/v1/auth/login").at("acme").with("cookie", &device).json(body).await;
        assert_eq!(answer.status, if n < 5 { 401 } else { 429 });
    }
    let forged = device.replacen('.', ".A", 1);
    login().with("x-forwarded-for", "203.0.113.98").with("cookie", forged).await.refused(429, "rate_limited");
    // A new password by mail opens the door again.
    world.post("/api/v1/auth/password/forgot").at("acme").json(json!({ "email": acme.email })).await.expect(202);
    let token = world.token_for(&acme.email).await;
    world.post("/api/v1/auth/password/reset").json(json!({ "token": token, "password": "heron-lantern-quartz-58" })).await.expect(204);
    from(&world, "203.0.113.99", ("acme", &acme.email), "heron-lantern-quartz-58").await.expect(200);
}

#[tokio::test]
async fn one_password_at_many_accounts_is_stopped_wherever_it_comes_from() {
    let (world, acme, globex) = World::start().await;
    from(&world, "203.0.113.1", ("acme", "user-0@acme.example"), "Summer-of-2026!").await.refused(401, "unauthenticated");
    world
        .sql(
            "insert into sign_in_failures (account, source, password, at, settled)
         select decode(md5('account ' || n), 'hex'), decode(md5('source ' || n), 'hex'), password, at, true
         from sign_in_failures, generate_series(1, 26) n",
        )
        .await;
    let tries: Vec<(String, String)> = (0..8).map(|n| (format!("198.51.100.{n}"), format!("user-{n}@globex.example"))).collect();
    let answers = futures_join(tries.iter().map(|(ip, email)| from(&world, ip, ("globex", email), "Summer-of-2026!"))).await;
    let of = |status: u16| answers.iter().filter(|a| a.status == status).count();
    assert_eq!((of(401), of(429)), (3, 5));
    from(&world, "203.0.113.7", ("acme", &acme.email), "Summer-of-2026!").await.refused(429, "rate_limited");
    from(&world, "203.0.113.7", ("acme", &acme.email), "another-secret-11").await.refused(401, "unauthenticated");
    from(&world, "203.0.113.7", ("globex", &globex.email), PASSWORD).await.expect(200);
    world.travel(TimeDelta::minutes(15));
    from(&world, "203.0.113.7", ("acme", &acme.email), "Summer-of-2026!").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn one_source_tries_a_hundred_passwords_in_all() {
    let (world, acme, _) = World::start().await;
    from(&world, "203.0.113.7", ("acme", "user-0@acme.example"), "wrong-secret-0").await.refused(401, "unauthenticated");
    world
        .sql(
            "insert into sign_in_failures (account, source, password, at, settled)
         select decode(md5('account ' || n), 'hex'), source, decode(md5('password ' || n), 'hex'), at, true
         from sign_in_failures, generate_series(1, 96) n",
        )
        .await;
    let tries: Vec<(String, String)> = (1..9).map(|n| (format!("user-{n}@acme.example"), format!("wrong-secret-{n}"))).collect();
    let answers = futures_join(tries.iter().map(|(email, wrong)| from(&world, "203.0.113.7", ("acme", email), wrong))).await;
    let of = |status: u16| answers.iter().filter(|a| a.status == status).count();
    assert_eq!((of(401), of(429)), (3, 5));
    from(&world, "203.0.113.8", ("acme", &acme.email), PASSWORD).await.expect(200);
    let refused = from(&world, "203.0.113.7", ("acme", &acme.email), PASSWORD).await.refused(429, "rate_limited");
    assert_eq!(seconds(&refused), 900);
    world.travel(TimeDelta::minutes(15));
    from(&world, "203.0.113.7", ("acme", &acme.email), PASSWORD).await.expect(200);
}

#[tokio::test]
async fn registering_an_address_forgives_no_wrong_passwords() {
    let (world, acme, _) = World::start().await;
    let claim = crate::world::register_form(&acme.email, "stranger-secret-22-xx");
    world.post("/api/v1/auth/register").at("acme").with("x-forwarded-for", "203.0.113.7").json(claim).await.expect(202);
    let mut wrong = 0;
    for n in 0..9 {
        wrong += i32::from(from(&world, "203.0.113.7", ("acme", &acme.email), &format!("wrong-secret-{n}")).await.status == 401);
        from(&world, "203.0.113.7", ("acme", &acme.email), "stranger-secret-22-xx").await;
    }
    assert_eq!(wrong, 5);
}

#[tokio::test]
async fn what_was_tried_is_kept_unreadable_and_not_for_long() {
    let (world, acme, _) = World::start().await;
    from(&world, "203.0.113.7", ("acme", &acme.email), "wrong-secret-1").await.refused(401, "unauthenticated");
    let plain =
        "select count(*) from sign_in_failures where password = substring(sha256('wrong-secret-1') for 16) or octet_length(password) <> 16";
    assert_eq!(world.count(plain).await, 0);
    let sweep = async || control_api::worker::sweep(&world.app, world.app.clock.now()).await.expect("swept");
    sweep().await;
    assert_eq!(world.count("select count(*) from sign_in_failures").await, 1);
    world.travel(TimeDelta::days(1) + TimeDelta::seconds(1));
    sweep().await;
    assert_eq!(world.count("select count(*) from sign_in_failures").await, 0);
    assert!(world.count("select count(*) from known_sources").await > 0);
    world.travel(TimeDelta::days(90));
    sweep().await;
    assert_eq!(world.count("select count(*) from known_sources").await, 0);
}
