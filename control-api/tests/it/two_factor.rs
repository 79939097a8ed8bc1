//! Second factors at work: enrolment, challenge, recovery, step-up, and what ends when they change.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    sign_up::futures_join,
    world::{Answer, PASSWORD, Person, World},
};

/// The challenge that a right password leads to.
async fn challenge(world: &World, person: &Person) -> String {
    let answer = world.try_log_in(&person.slug, &person.email, PASSWORD).await.expect(200);
    assert_eq!(answer.body["two_factor_required"], true, "{}", answer.body);
    assert!(answer.body.get("access_token").is_none() && answer.headers.get("set-cookie").is_none());
    answer.body["challenge_token"].as_str().expect("a challenge").to_owned()
}

async fn recover(world: &World, slug: &str, challenge: &str, code: &str) -> Answer {
    world.post("/api/v1/auth/2fa/verify").at(slug).json(json!({ "challenge_token": challenge, "recovery_code": code })).await
}

pub async fn step_up(world: &World, person: &Person, proof: Value) -> Answer {
    world.post("/api/v1/auth/step-up").by(person).json(proof).await
}

fn codes(answer: &Answer) -> Vec<String> {
    let codes = answer.body["recovery_codes"].as_array().expect("codes");
    codes.iter().map(|code| code.as_str().expect("a code").to_owned()).collect()
}

pub fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|a| a.status).collect();
    statuses.sort_unstable();
    statuses
}

#[tokio::test]
async fn a_new_admin_sets_up_a_second_factor_before_anything_else() {
    let world = World::empty().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let due = world.try_log_in("acme", "ada@acme.example", PASSWORD).await.expect(200);
    assert_eq!(due.body["two_factor_enrolment_required"], true);
    assert!(due.body.get("access_token").is_none());
    assert_eq!(world.count("select count(*) from sessions").await, 0);
    let ticket = due.body["enrolment_token"].as_str().expect("a token");
    let setup = world.post("/api/v1/auth/2fa/setup").at("acme").bearing(ticket).await.expect(200);
    assert!(setup.body["qr_code"].as_str().expect("a picture").starts_with("data:image/png;base64,iVBOR"));
    assert!(setup.body["otpauth_url"].as_str().expect("a URL").contains(setup.body["secret"].as_str().expect("a secret")));
    let (_, enabled) = world.enrol("acme", ticket).await;
    assert_eq!(codes(&enabled).len(), 10);
    let ada = Person::of(&enabled);
    world.get("/api/v1/auth/me").by(&ada).await.expect(200);
    world.post("/api/v1/auth/2fa/setup").at("acme").bearing(ticket).await.refused(401, "unauthenticated");
    let status = world.get("/api/v1/auth/2fa").by(&ada).await.expect(200).body;
    assert_eq!(status, json!({ "totp": true, "passkeys": 0, "recovery_codes_left": 10, "required": true }));
    let members = world.get("/api/v1/members").by(&ada).await.expect(200).body;
    assert_eq!(members["data"][0]["two_factor"], true);
    let mails = world.mails("ada@acme.example").await;
    assert!(mails.last().expect("a mail").subject.contains("second factor was added"));
}

#[tokio::test]
async fn a_browser_gets_its_cookie_with_the_second_factor() {
    let (world, acme, _) = World::start().await;
    world.sign_up("third", "ada@third.example").await.expect(202);
    let login = |email: &str| json!({ "email": email, "password": PASSWORD, "client": "browser" });
    let due = world.post("/api/v1/auth/login").at("third").json(login("ada@third.example")).await.expect(200);
    let (_, enabled) = world.enrol("third", due.body["enrolment_token"].as_str().expect("a token")).await;
    assert!(enabled.header("set-cookie").starts_with("hd_refresh=") && enabled.body.get("refresh_token").is_none());
    let (app, _) = world.enrol("acme", &acme.access).await;
    let due = world.post("/api/v1/auth/login").at("acme").json(login(&acme.email)).await.expect(200);
    let cookies = due.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    assert!(cookies.into_iter().all(|cookie| !cookie.contains("refresh")), "{:?}", due.headers);
    world.travel(TimeDelta::seconds(30));
    let code = app.code(world.app.clock.now());
    let answer = world.verify_code("acme", due.body["challenge_token"].as_str().expect("a token"), &code).await.expect(200);
    assert!(answer.header("set-cookie").starts_with("hd_refresh=") && answer.body.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_code_counts_once_and_none_from_before_it() {
    let (world, acme, globex) = World::start().await;
    let (app, _) = world.enrol("acme", &acme.access).await;
    let now = world.app.clock.now();
    let (old, first, next) = (app.code(now - TimeDelta::seconds(30)), app.code(now), app.code(now + TimeDelta::seconds(30)));
    let ticket = challenge(&world, &acme).await;
    for used in [&first, &old] {
        world.verify_code("acme", &ticket, used).await.refused(401, "unauthenticated");
    }
    world.verify_code("globex", &ticket, &next).await.refused(401, "token_expired");
    let session = Person::of(&world.verify_code("acme", &ticket, &next).await.expect(200));
    world.verify_code("acme", &ticket, &next).await.refused(401, "token_expired");
    let another = challenge(&world, &acme).await;
    world.verify_code("acme", &another, &next).await.refused(401, "unauthenticated");
    step_up(&world, &session, json!({ "code": next })).await.refused(401, "unauthenticated");
    let theirs = challenge(&world, &globex).await;
    world.travel(TimeDelta::seconds(60));
    world.verify_code("globex", &theirs, &app.code(world.app.clock.now())).await.refused(401, "unauthenticated");
    let claims = session.access.split('.').nth(1).expect("claims").to_owned();
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).expect("base64");
    assert_eq!(serde_json::from_slice::<Value>(&claims).expect("claims")["amr"], json!(["pwd", "otp"]));
}

#[tokio::test]
async fn of_fifty_who_show_one_code_at_once_one_comes_in() {
    let (world, acme, _) = World::start().await;
    let (app, enabled) = world.enrol("acme", &acme.access).await;
    world.travel(TimeDelta::seconds(30));
    let code = app.code(world.app.clock.now());
    let (one, two) = (challenge(&world, &acme).await, challenge(&world, &acme).await);
    // Two tickets, so that neither a ticket's tries nor its single use is what stops the others.
    let tickets: Vec<&String> = [&one, &two].into_iter().cycle().take(50).collect();
    let answers = futures_join(tickets.iter().map(|ticket| world.verify_code("acme", ticket, &code))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{:?}", statuses(&answers));
    world.travel(TimeDelta::minutes(16));
    let recovery = &codes(&enabled)[0];
    let (one, two) = (challenge(&world, &acme).await, challenge(&world, &acme).await);
    let tickets: Vec<&String> = [&one, &two].into_iter().cycle().take(50).collect();
    let answers = futures_join(tickets.iter().map(|ticket| recover(&world, "acme", ticket, recovery))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{:?}", statuses(&answers));
}

#[tokio::test]
async fn a_ticket_outlives_four_wrong_codes_and_ten_minutes() {
    let (world, acme, _) = World::start().await;
    let (app, _) = world.enrol("acme", &acme.access).await;
    world.travel(TimeDelta::seconds(30));
    let ticket = challenge(&world, &acme).await;
    for _ in 0..4 {
        world.verify_code("acme", &ticket, "wrong").await.refused(401, "unauthenticated");
    }
    world.verify_code("acme", &ticket, "000000x").await.refused(401, "unauthenticated");
    world.verify_code("acme", &ticket, &app.code(world.app.clock.now())).await.refused(401, "token_expired");
    let late = challenge(&world, &acme).await;
    world.travel(TimeDelta::minutes(10));
    world.verify_code("acme", &late, &app.code(world.app.clock.now())).await.refused(401, "token_expired");
    let good = challenge(&world, &acme).await;
    world.verify_code("acme", &good, &app.code(world.app.clock.now())).await.expect(200);
}

#[tokio::test]
async fn ten_wrong_codes_are_the_most_within_a_quarter_of_an_hour_however_many_tickets() {
    let (world, acme, globex) = World::start().await;
    let (app, _) = world.enrol("acme", &acme.access).await;
    world.travel(TimeDelta::seconds(30));
    let mut tickets = vec![];
    for _ in 0..12 {
        tickets.push(challenge(&world, &acme).await);
    }
    let tries: Vec<&String> = tickets.iter().cycle().take(50).collect();
    let answers = futures_join(tries.iter().map(|ticket| world.verify_code("acme", ticket, "wrong"))).await;
    assert!(answers.iter().all(|a| matches!(a.status, 401 | 429 | 503)), "{:?}", statuses(&answers));
    let mut wrong = answers.iter().filter(|a| a.status == 401).count();
    // On a busy machine some were not looked at in time; those were no tries.
    while world.verify_code("acme", &challenge(&world, &acme).await, "wrong").await.status == 401 {
        wrong += 1;
    }
    assert_eq!(wrong, 10, "{:?}", statuses(&answers));
    let right = app.code(world.app.clock.now());
    let refused = world.verify_code("acme", &challenge(&world, &acme).await, &right).await.refused(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "900");
    step_up(&world, &acme, json!({ "code": right })).await.refused(429, "rate_limited");
    step_up(&world, &globex, json!({ "code": "wrong" })).await.refused(401, "unauthenticated");
    world.travel(TimeDelta::minutes(15) + TimeDelta::seconds(1));
    let right = app.code(world.app.clock.now());
    world.verify_code("acme", &challenge(&world, &acme).await, &right).await.expect(200);
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_new_ones_end_the_old() {
    let (world, acme, globex) = World::start().await;
    let (_, enabled) = world.enrol("acme", &acme.access).await;
    let old = codes(&enabled);
    let ticket = challenge(&world, &globex).await;
    recover(&world, "globex", &ticket, &old[0]).await.refused(401, "unauthenticated");
    let ticket = challenge(&world, &acme).await;
    let typed = old[0].to_uppercase().replace('-', " ");
    let acme = Person::of(&recover(&world, "acme", &ticket, &typed).await.expect(200));
    let mails = world.mails(&acme.email).await;
    assert!(mails.last().expect("a mail").text.contains("Codes left: 9"));
    let again = challenge(&world, &acme).await;
    recover(&world, "acme", &again, &old[0]).await.refused(401, "unauthenticated");
    world.travel(TimeDelta::minutes(14));
    let new = codes(&world.post("/api/v1/auth/2fa/recovery-codes").by(&acme).await.expect(200));
    assert!(new.len() == 10 && new.iter().all(|code| !old.contains(code)));
    let ticket = challenge(&world, &acme).await;
    recover(&world, "acme", &ticket, &old[1]).await.refused(401, "unauthenticated");
    recover(&world, "acme", &ticket, &new[1]).await.expect(200);
    assert_eq!(world.last_event("RecoveryCodeUsed").await["data"]["left"], 9);
}

#[tokio::test]
async fn neither_secret_nor_codes_are_found_anywhere_afterwards() {
    let (world, acme, _) = World::start().await;
    let setup = world.post("/api/v1/auth/2fa/setup").by(&acme).await.expect(200);
    let secret = setup.body["secret"].as_str().expect("a secret").to_owned();
    let app = crate::factor::authenticator(&secret);
    let code = app.code(world.app.clock.now());
    let enabled = world.post("/api/v1/auth/2fa/enable").by(&acme).json(json!({ "code": code })).await.expect(200);
    let mut seen = String::new();
    for path in ["/api/v1/auth/2fa", "/api/v1/auth/me", "/api/v1/members", "/api/v1/tenant"] {
        seen += &world.get(path).by(&acme).await.expect(200).body.to_string();
    }
    for table in ["totp_secrets", "totp_setups", "recovery_codes", "login_tickets", "events", "audit_logs", "mails"] {
        let sql = format!("select coalesce(string_agg(t::text, ' '), '') from {table} t");
        seen += &sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).fetch_one(world.app.db.pool()).await.expect("rows");
    }
    let raw: String = app.secret().iter().map(|byte| format!("{byte:02x}")).collect();
    for hidden in codes(&enabled).iter().chain([&secret, &raw]) {
        assert!(!seen.contains(hidden.as_str()) && !seen.contains(&hidden.replace('-', "")), "{hidden}");
    }
}

#[tokio::test]
async fn other_sessions_and_tickets_end_when_a_second_factor_comes_or_goes() {
    let (world, acme, globex) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let invitation = json!({ "email": ana.email, "role": "agent" });
    world.post("/api/v1/invitations").by(&globex).json(invitation).await.expect(201);
    let body = json!({ "token": world.token_for(&ana.email).await, "password": PASSWORD, "firstname": "ana", "lastname": "L" });
    let there = Person::of(&world.post("/api/v1/auth/invitations/accept").at("globex").json(body).await.expect(200));
    let here = world.log_in("acme", &ana.email).await;
    let (app, _) = world.enrol("acme", &ana.access).await;
    world.get("/api/v1/auth/me").by(&ana).await.expect(200);
    for ended in [&here, &there] {
        world.get("/api/v1/auth/me").by(ended).await.refused(401, "unauthenticated");
        world.post("/api/v1/auth/refresh").at(&ended.slug).json(json!({ "refresh_token": ended.refresh })).await.expect(401);
    }
    let other = world.settle("acme", world.try_log_in("acme", &ana.email, PASSWORD).await).await;
    let begun = challenge(&world, &ana).await;
    world.travel(TimeDelta::seconds(60));
    let code = app.code(world.app.clock.now());
    let off = async |body: Value| world.post("/api/v1/auth/2fa/disable").by(&ana).json(body).await;
    off(json!({})).await.refused(403, "step_up_required");
    off(json!({ "password": PASSWORD })).await.refused(403, "step_up_required");
    off(json!({ "password": "wrong-long-secret-77", "code": code })).await.refused(401, "unauthenticated");
    off(json!({ "password": PASSWORD, "code": "wrong" })).await.refused(401, "unauthenticated");
    off(json!({ "password": PASSWORD, "code": code })).await.expect(204);
    off(json!({ "password": PASSWORD, "code": code })).await.refused(409, "conflict");
    world.get("/api/v1/auth/me").by(&ana).await.expect(200);
    world.get("/api/v1/auth/me").by(&other).await.refused(401, "unauthenticated");
    world.verify_code("acme", &begun, &code).await.refused(401, "token_expired");
    assert!(world.mails(&ana.email).await.last().expect("a mail").subject.contains("second factor was removed"));
    assert_eq!(world.count("select count(*) from recovery_codes c join users u on u.id = c.user_id where u.email like 'ana@%'").await, 0);
    Person::of(&world.try_log_in("acme", &ana.email, PASSWORD).await.expect(200));
}

#[tokio::test]
async fn whoever_is_an_admin_anywhere_keeps_a_second_factor_everywhere() {
    let (world, acme, globex) = World::start().await;
    let (app, _) = world.enrol("acme", &acme.access).await;
    world.post("/api/v1/invitations").by(&globex).json(json!({ "email": acme.email, "role": "agent" })).await.expect(201);
    let body = json!({ "token": world.token_for(&acme.email).await, "password": PASSWORD, "firstname": "A", "lastname": "L" });
    let there = world.post("/api/v1/auth/invitations/accept").at("globex").json(body).await.expect(200);
    let there = world.settle("globex", there).await;
    world.travel(TimeDelta::seconds(60));
    let both = json!({ "password": PASSWORD, "code": app.code(world.app.clock.now()) });
    for session in [&acme, &there] {
        world.post("/api/v1/auth/2fa/disable").by(session).json(both.clone()).await.refused(403, "forbidden");
    }
    world.post("/api/v1/auth/2fa/disable").by(&acme).await.refused(403, "forbidden");
}

#[tokio::test]
async fn becoming_an_admin_without_a_second_factor_ends_ones_sessions() {
    let (world, acme, globex) = World::start().await;
    let (ana, ben) = (world.member(&acme, "ana", "agent").await, world.member(&acme, "ben", "agent").await);
    world.enrol("acme", &ben.access).await;
    for person in [&ana, &ben] {
        let role = json!({ "role": "admin" });
        world.patch(&format!("/api/v1/members/{}", person.id)).by(&acme).json(role).await.expect(200);
    }
    world.get("/api/v1/members").by(&ana).await.refused(401, "unauthenticated");
    world.post("/api/v1/auth/refresh").at("acme").json(json!({ "refresh_token": ana.refresh })).await.refused(401, "unauthenticated");
    world.get("/api/v1/members").by(&ben).await.expect(200);
    let ana = world.log_in("acme", &ana.email).await;
    world.get("/api/v1/members").by(&ana).await.expect(200);
    world.get("/api/v1/members").by(&globex).await.expect(200);
    // A session of before the rule does not outlive it either.
    world.sql("update sessions set amr = '{pwd}' where user_id = (select id from users where email = 'ana@acme.example')").await;
    world.get("/api/v1/members").by(&ana).await.refused(403, "two_factor_required");
    world.post("/api/v1/auth/refresh").at("acme").json(json!({ "refresh_token": ana.refresh })).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn two_who_enrol_at_once_make_one_second_factor() {
    let world = World::empty().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let mut tickets = vec![];
    for _ in 0..2 {
        let due = world.try_log_in("acme", "ada@acme.example", PASSWORD).await.expect(200);
        tickets.push(due.body["enrolment_token"].as_str().expect("a token").to_owned());
    }
    let setup = world.post("/api/v1/auth/2fa/setup").at("acme").bearing(&tickets[0]).await.expect(200);
    let app = crate::factor::authenticator(setup.body["secret"].as_str().expect("a secret"));
    let code = json!({ "code": app.code(world.app.clock.now()) });
    let enable = |ticket: &String| world.post("/api/v1/auth/2fa/enable").at("acme").bearing(ticket).json(code.clone()).into_future();
    let answers = futures_join((0..50).map(|n| enable(&tickets[n % 2]))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{:?}", statuses(&answers));
    assert_eq!(world.count("select count(*) from recovery_codes").await, 10);
    assert_eq!(world.count("select count(*) from sessions where revoked_at is null").await, 1);
}

#[tokio::test]
async fn a_secret_waits_a_quarter_of_an_hour_and_the_phone_before_it_counts_until_then() {
    let (world, acme, _) = World::start().await;
    let (old, _) = world.enrol("acme", &acme.access).await;
    let enable = async |code: String| world.post("/api/v1/auth/2fa/enable").by(&acme).json(json!({ "code": code })).await;
    enable("123456".into()).await.refused(409, "conflict");
    world.travel(TimeDelta::seconds(30));
    let setup = world.post("/api/v1/auth/2fa/setup").by(&acme).await.expect(200);
    let new = crate::factor::authenticator(setup.body["secret"].as_str().expect("a secret"));
    let ticket = challenge(&world, &acme).await;
    world.verify_code("acme", &ticket, &new.code(world.app.clock.now())).await.refused(401, "unauthenticated");
    world.verify_code("acme", &ticket, &old.code(world.app.clock.now())).await.expect(200);
    enable(old.code(world.app.clock.now())).await.refused(401, "unauthenticated");
    enable(new.code(world.app.clock.now())).await.expect(200);
    world.travel(TimeDelta::seconds(60));
    let ticket = challenge(&world, &acme).await;
    world.verify_code("acme", &ticket, &old.code(world.app.clock.now())).await.refused(401, "unauthenticated");
    world.verify_code("acme", &ticket, &new.code(world.app.clock.now())).await.expect(200);
}

#[tokio::test]
async fn an_operator_takes_what_was_lost_and_its_owner_hears_of_it() {
    let (world, acme, globex) = World::start().await;
    let reset = async |email: &str| control_api::two_factor::reset(&world.app.db, &world.app.clock, "localhost", email).await;
    assert!(reset("nobody@acme.example").await.is_err() && reset("no address").await.is_err());
    let begun = challenge(&world, &acme).await;
    assert_eq!(reset(" Admin@ACME.example ").await.expect("reset"), 1);
    world.get("/api/v1/auth/me").by(&acme).await.refused(401, "unauthenticated");
    world.get("/api/v1/auth/me").by(&globex).await.expect(200);
    world.verify_code("acme", &begun, "123456").await.refused(401, "token_expired");
    assert!(world.mails(&acme.email).await.last().expect("a mail").subject.contains("was reset"));
    let audited = "select count(*) from audit_logs where action = 'TwoFactorReset' and actor->>'name' = 'command line'";
    assert_eq!(world.count(audited).await, 1);
    let due = world.try_log_in("acme", &acme.email, PASSWORD).await.expect(200);
    assert_eq!(due.body["two_factor_enrolment_required"], true);
}

#[tokio::test]
async fn an_account_that_changes_hands_leaves_its_second_factor_behind() {
    let world = World::empty().await;
    // A stranger signs up with Ada's address and sets up a second factor; then Ada signs up elsewhere.
    let form = |slug: &str, password: &str| {
        let mut form = crate::world::sign_up_form(slug, "ada@acme.example");
        form["password"] = json!(password);
        form
    };
    world.post("/api/v1/tenants").json(form("squat", "squatter-long-secret-77")).await.expect(202);
    world.open_doors("squat").await;
    let due = world.try_log_in("squat", "ada@acme.example", "squatter-long-secret-77").await.expect(200);
    let (app, enabled) = world.enrol("squat", due.body["enrolment_token"].as_str().expect("a token")).await;
    let stranger = Person::of(&enabled);
    world.register("squat", "ada@acme.example").await.expect(202);
    let token = world.token_for("ada@acme.example").await;
    world.post("/api/v1/auth/email/verify").json(json!({ "token": token, "password": PASSWORD })).await.expect(204);
    world.get("/api/v1/auth/me").by(&stranger).await.refused(401, "unauthenticated");
    let due = world.try_log_in("squat", "ada@acme.example", PASSWORD).await.expect(200);
    assert_eq!(due.body["two_factor_enrolment_required"], true, "{}", due.body);
    assert_eq!(world.count("select count(*) from second_factors").await + world.count("select count(*) from recovery_codes").await, 0);
    drop(app);
}

#[tokio::test]
async fn thirty_wrong_codes_are_the_most_within_a_day_and_their_owner_hears_of_it() {
    let (world, acme, _) = World::start().await;
    let (app, _) = world.enrol("acme", &acme.access).await;
    world.travel(TimeDelta::seconds(30));
    for _ in 0..3 {
        for _ in 0..10 {
            world.verify_code("acme", &challenge(&world, &acme).await, "wrong").await.refused(401, "unauthenticated");
        }
        world.travel(TimeDelta::minutes(15) + TimeDelta::seconds(1));
    }
    let told = |mails: &[shared::mail::Letter]| mails.iter().filter(|m| m.subject.starts_with("Wrong proofs")).count();
    assert_eq!(told(&world.mails(&acme.email).await), 3);
    let right = app.code(world.app.clock.now());
    world.verify_code("acme", &challenge(&world, &acme).await, &right).await.refused(429, "rate_limited");
    world.travel(TimeDelta::days(1));
    let right = app.code(world.app.clock.now());
    world.verify_code("acme", &challenge(&world, &acme).await, &right).await.expect(200);
}
