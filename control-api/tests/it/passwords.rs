//! Forgotten and changed passwords.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    sign_up::futures_join,
    world::{Answer, PASSWORD, Person, World, register_form, served},
};

const NEW: &str = "heron-lantern-quartz-58";

async fn forgot(world: &World, slug: &str, email: &str) -> Answer {
    world.post("/api/v1/auth/password/forgot").at(slug).json(json!({ "email": email })).await
}

async fn reset(world: &World, token: &str, password: &str) -> Answer {
    world.post("/api/v1/auth/password/reset").json(json!({ "token": token, "password": password })).await
}

async fn change(world: &World, by: &Person, old: &str, new: &str) -> Answer {
    let body = json!({ "current_password": old, "new_password": new });
    served(|| world.post("/api/v1/auth/password/change").by(by).json(body.clone())).await
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_by_a_link_and_all_sessions_end() {
    let (world, acme, globex) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    forgot(&world, "acme", " Ana@ACME.example ").await.expect(202);
    let token = world.token_for(&ana.email).await;
    world.travel(TimeDelta::minutes(59));
    let ana = world.log_in("acme", &ana.email).await;
    reset(&world, &token, NEW).await.expect(204);
    world.get("/api/v1/auth/me").by(&ana).await.refused(401, "unauthenticated");
    world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": ana.refresh })).await.refused(401, "unauthenticated");
    world.try_log_in("acme", &ana.email, PASSWORD).await.refused(401, "unauthenticated");
    world.try_log_in("acme", &ana.email, NEW).await.expect(200);
    let told = world.mails(&ana.email).await.pop().expect("a mail");
    assert_eq!((told.subject.as_str(), told.text.contains("token=")), ("Your password was changed", false));
    let event = world.last_event("PasswordChanged").await;
    assert_eq!((&event["data"]["user_id"], &event["data"]["by"]), (&json!(ana.id), &json!("reset")));
    world.log_in("globex", &globex.email).await;
}

#[tokio::test]
async fn a_reset_does_not_stand_for_the_second_factor() {
    let (world, acme, _) = World::start().await;
    forgot(&world, "acme", &acme.email).await.expect(202);
    reset(&world, &world.token_for(&acme.email).await, NEW).await.expect(204);
    let answer = world.try_log_in("acme", &acme.email, NEW).await.expect(200);
    assert_eq!((&answer.body["two_factor_required"], &answer.body["access_token"]), (&json!(true), &json!(null)));
}

#[tokio::test]
async fn asking_tells_nobody_who_is_known() {
    let (world, acme, globex) = World::start().await;
    let gone = world.member(&acme, "ana", "agent").await;
    world.delete(&format!("/api/v1/members/{}", gone.id)).by(&acme).await.expect(204);
    let mut seen = vec![];
    for email in ["nobody@acme.example", &acme.email, &globex.email, &gone.email] {
        let before = (world.count("select count(*) from link_wishes").await, world.mails(email).await.len());
        let answer = forgot(&world, "acme", email).await.expect(202);
        let wishes = world.count("select count(*) from link_wishes").await - before.0;
        let mails = world.mails(email).await.len() - before.1;
        seen.push((answer.body.clone(), answer.header("content-length"), wishes));
        assert_eq!(mails, usize::from(email == acme.email), "{email}");
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
    assert_eq!(world.count("select count(*) from link_wishes").await, 0);
}

#[tokio::test]
async fn a_reset_link_is_good_once_for_an_hour_at_its_tenant_and_only_the_newest() {
    let (world, acme, _) = World::start().await;
    let ask = async || {
        forgot(&world, "acme", &acme.email).await.expect(202);
        world.token_for(&acme.email).await
    };
    let first = ask().await;
    let second = ask().await;
    reset(&world, &first, NEW).await.refused(404, "not_found");
    for wrong in ["x", "null", "0", " ", &second[..42], &format!("{second}A")] {
        reset(&world, wrong, NEW).await.refused(404, "not_found");
    }
    let there = world.post("/api/v1/auth/password/reset").at("globex").json(json!({ "token": second, "password": NEW }));
    there.await.refused(404, "not_found");
    // A password that is refused leaves the link as it was.
    for (weak, code) in [("short-1", "too_short"), ("aaaaaaaaaaaaaaaaaaaa", "too_weak"), ("correct horse battery staple", "too_common")] {
        assert_eq!(reset(&world, &second, weak).await.expect(422).wrong_field(), ("password".into(), code.into()));
    }
    let answers = futures_join((0..6).map(|_| reset(&world, &second, NEW))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 204).count(), 1, "exactly one");
    reset(&world, &second, NEW).await.refused(404, "not_found");
    let third = ask().await;
    world.travel(TimeDelta::hours(1));
    reset(&world, &third, NEW).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_reset_gives_the_account_to_whoever_reads_its_mails() {
    let (world, ..) = World::start().await;
    // A stranger founds an organisation with somebody's address, and proves nothing.
    world.sign_up("third", "chloe@acme.example").await.expect(202);
    world.open_doors("third").await;
    let stranger = world.log_in("third", "chloe@acme.example").await;
    let strangers_link = world.token_for("chloe@acme.example").await;
    forgot(&world, "third", "chloe@acme.example").await.expect(202);
    reset(&world, &world.token_for("chloe@acme.example").await, NEW).await.expect(204);
    world.get("/api/v1/auth/me").by(&stranger).await.refused(401, "unauthenticated");
    world.try_log_in("third", "chloe@acme.example", PASSWORD).await.expect(401);
    world.post("/api/v1/auth/email/verify").json(json!({ "token": strangers_link })).await.refused(404, "not_found");
    // The stranger's second factor went with the rest: the owner sets up their own.
    let own = world.try_log_in("third", "chloe@acme.example", NEW).await.expect(200);
    assert!(own.body["enrolment_token"].is_string(), "{}", own.body);
    let own = world.settle("third", own).await;
    assert_eq!(world.get("/api/v1/auth/me").by(&own).await.expect(200).body["email_verified"], true);
    // Whoever registered and lost the password comes in the same way.
    world.register("acme", "carl@acme.example").await.expect(202);
    forgot(&world, "acme", "carl@acme.example").await.expect(202);
    reset(&world, &world.token_for("carl@acme.example").await, NEW).await.expect(204);
    assert_eq!(world.try_log_in("acme", "carl@acme.example", NEW).await.expect(200).body["user"]["role"], "customer");
}

#[tokio::test]
async fn nobody_is_flooded_with_links_and_the_last_one_stays_good() {
    let (world, acme, _) = World::start().await;
    for _ in 0..9 {
        forgot(&world, "acme", &acme.email).await.expect(202);
        world.mails(&acme.email).await;
    }
    let links = world.mails(&acme.email).await.iter().filter(|m| m.subject.starts_with("A new password")).count();
    assert_eq!(links, 5);
    reset(&world, &world.token_for(&acme.email).await, NEW).await.expect(204);
}

#[tokio::test]
async fn many_mails_wanted_at_once_are_counted_as_well() {
    let (world, acme, _) = World::start().await;
    let ask = async |_| {
        let body = json!({ "email": acme.email });
        served(|| world.post("/api/v1/auth/password/forgot").at("acme").json(body.clone())).await.expect(202);
        // On a busy machine one may have to wait too long; the next one answers for it.
        let _ = control_api::links::answer_due(&world.app).await;
    };
    futures_join((0..16).map(ask)).await;
    for _ in 0..6 {
        forgot(&world, "acme", &acme.email).await.expect(202);
        world.mails(&acme.email).await;
    }
    assert_eq!(world.count("select count(*) from mails where template = 'new_password'").await, 5);
    // A member who registers gets another mail; the account is not locked for it.
    let form = register_form(&acme.email, "another-long-secret-77");
    let register = async |_| served(|| world.post("/api/v1/auth/register").at("acme").json(form.clone())).await.expect(202);
    futures_join((0..8).map(register)).await;
    assert_eq!(world.count("select count(*) from mails where template = 'already_known'").await, 5);
}

#[tokio::test]
async fn a_change_needs_the_old_password_and_ends_the_other_sessions() {
    let (world, acme, _) = World::start().await;
    let other = world.log_in("acme", &acme.email).await;
    forgot(&world, "acme", &acme.email).await.expect(202);
    let link = world.token_for(&acme.email).await;
    assert_eq!(
        change(&world, &acme, "not-my-password-11", NEW).await.expect(422).wrong_field(),
        ("current_password".into(), "wrong".into())
    );
    assert_eq!(change(&world, &acme, PASSWORD, "short-1").await.expect(422).wrong_field(), ("new_password".into(), "too_short".into()));
    world.get("/api/v1/auth/me").by(&other).await.expect(200);
    change(&world, &acme, PASSWORD, NEW).await.expect(204);
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
    world.get("/api/v1/auth/me").by(&other).await.refused(401, "unauthenticated");
    world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": other.refresh })).await.refused(401, "unauthenticated");
    world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": acme.refresh })).await.expect(200);
    reset(&world, &link, PASSWORD).await.refused(404, "not_found");
    world.try_log_in("acme", &acme.email, PASSWORD).await.expect(401);
    world.try_log_in("acme", &acme.email, NEW).await.expect(200);
    assert_eq!(world.mails(&acme.email).await.pop().expect("a mail").subject, "Your password was changed");
}

#[tokio::test]
async fn five_old_passwords_may_be_guessed_by_whoever_holds_a_session() {
    let (world, acme, _) = World::start().await;
    let guesses: Vec<String> = (0..12).map(|n| format!("guess-number-{n}")).collect();
    let answers = futures_join(guesses.iter().map(|guess| change(&world, &acme, guess, NEW))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 422).count(), 5, "{answers:?}");
    change(&world, &acme, PASSWORD, NEW).await.refused(429, "rate_limited");
    // Its owner comes in all the same, and chooses another by mail: more sessions are no more guesses.
    let own = world.log_in("acme", &acme.email).await;
    change(&world, &own, PASSWORD, NEW).await.refused(429, "rate_limited");
    forgot(&world, "acme", &acme.email).await.expect(202);
    reset(&world, &world.token_for(&acme.email).await, NEW).await.expect(204);
    world.try_log_in("acme", &acme.email, NEW).await.expect(200);
}

#[tokio::test]
async fn a_customer_who_becomes_staff_chooses_a_longer_password() {
    let (world, acme, _) = World::start().await;
    let short = "vK9#mq2!x";
    world.post("/api/v1/auth/register").at("acme").json(register_form("chloe@acme.example", short)).await.expect(202);
    world.verify("chloe@acme.example").await;
    let chloe = Person::of(&world.try_log_in("acme", "chloe@acme.example", short).await.expect(200));
    world.patch(&format!("/api/v1/members/{}", chloe.id)).by(&acme).json(json!({ "role": "agent" })).await.expect(200);
    world.get("/api/v1/auth/me").by(&chloe).await.refused(401, "unauthenticated");
    world.try_log_in("acme", &chloe.email, "vK9#mq2!y").await.refused(401, "unauthenticated");
    world.try_log_in("acme", &chloe.email, short).await.refused(403, "password_change_required");
    let token = world.token_for(&chloe.email).await;
    assert_eq!(reset(&world, &token, "vK9#mq2!z").await.expect(422).wrong_field().1, "too_short");
    reset(&world, &token, NEW).await.expect(204);
    let agent = world.try_log_in("acme", &chloe.email, NEW).await.expect(200);
    assert_eq!(agent.body["user"]["role"], "agent");
    // What is long enough stays: nobody signs in anew who was staff before.
    let agent = Person::of(&agent);
    world.patch(&format!("/api/v1/members/{}", chloe.id)).by(&acme).json(json!({ "role": "manager" })).await.expect(200);
    world.get("/api/v1/auth/me").by(&agent).await.expect(200);
}

#[tokio::test]
async fn an_invited_customer_of_another_tenant_chooses_a_longer_password_too() {
    let (world, acme, _) = World::start().await;
    let short = "vK9#mq2!x";
    world.post("/api/v1/auth/register").at("globex").json(register_form("chloe@acme.example", short)).await.expect(202);
    world.verify("chloe@acme.example").await;
    world.post("/api/v1/invitations").by(&acme).json(json!({ "email": "chloe@acme.example", "role": "agent" })).await.expect(201);
    let invitation = world.token_for("chloe@acme.example").await;
    let accept = async |password: &str| {
        let body = json!({ "token": invitation, "password": password, "firstname": "Chloé", "lastname": "Bernard" });
        world.post("/api/v1/auth/invitations/accept").at("acme").json(body).await
    };
    accept("vK9#mq2!y").await.refused(401, "unauthenticated");
    accept(short).await.refused(403, "password_change_required");
    reset(&world, &world.token_for("chloe@acme.example").await, NEW).await.expect(204);
    assert_eq!(world.try_log_in("acme", "chloe@acme.example", NEW).await.expect(200).body["user"]["role"], "agent");
}

#[tokio::test]
async fn older_hashes_are_replaced_at_the_sign_in_however_many_come_at_once() {
    let (world, acme, _) = World::start().await;
    let store = async |hash: &'static str| {
        let update = sqlx::query("update users set password_hash = $1 where id = $2").bind(hash).bind(acme.id);
        update.execute(world.app.db.pool()).await.expect("stored");
    };
    store(BCRYPT).await;
    world.try_log_in("acme", &acme.email, "wrong-long-secret-77").await.expect(401);
    for answer in futures_join((0..6).map(|_| world.try_log_in("acme", &acme.email, PASSWORD))).await {
        answer.expect(200);
    }
    let renewed = "select count(*) from users where password_hash like '$argon2id$v=19$m=19456,t=2,p=1$%'";
    assert_eq!(world.count(renewed).await, 2, "both admins");
    let before = world.app.passwords.done();
    world.log_in("acme", &acme.email).await;
    assert_eq!(world.app.passwords.done() - before, 1, "it is replaced once");
    // An account whose hash cannot be checked is like one with another password.
    store("$2b$31$abcdefghijklmnopqrstuukIaGJZRag5PsF.L0cf4jyrms7Mkf0z2").await;
    world.try_log_in("acme", &acme.email, PASSWORD).await.refused(401, "unauthenticated");
}

/// `PASSWORD` as crypt(3) stores it.
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuukIaGJZRag5PsF.L0cf4jyrms7Mkf0z2";

#[tokio::test]
async fn every_letter_of_a_long_password_counts() {
    let (world, ..) = World::start().await;
    let long = |end: &str| format!("{PASSWORD}{}{end}", "-lantern-quartz-heron".repeat(4));
    let (right, wrong) = (long("a"), long("b"));
    assert!(right.len() > 80 && right.len() <= 128, "{}", right.len());
    world.post("/api/v1/auth/register").at("acme").json(register_form("chloe@acme.example", &right)).await.expect(202);
    world.verify("chloe@acme.example").await;
    world.try_log_in("acme", "chloe@acme.example", &wrong).await.refused(401, "unauthenticated");
    world.try_log_in("acme", "chloe@acme.example", &right[..72]).await.refused(401, "unauthenticated");
    world.try_log_in("acme", "chloe@acme.example", &right).await.expect(200);
}

#[tokio::test]
async fn a_password_of_a_megabyte_is_refused_before_anybody_works_on_it() {
    let (world, acme, _) = World::start().await;
    let huge = "x".repeat(1 << 20);
    let before = world.app.passwords.done();
    for answer in [
        world.try_log_in("acme", &acme.email, &huge).await,
        world.post("/api/v1/auth/register").at("acme").json(register_form("chloe@acme.example", &huge)).await,
        change(&world, &acme, &huge, NEW).await,
        change(&world, &acme, PASSWORD, &huge).await,
    ] {
        assert!(matches!(answer.status, 413 | 422), "{}: {}", answer.status, answer.body);
    }
    assert_eq!(world.app.passwords.done(), before, "nothing was hashed");
}
