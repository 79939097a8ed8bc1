//! Proving an address.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    sign_up::futures_join,
    sso::{cookies, inside, sign_in, start},
    world::{Answer, PASSWORD, Person, World, register_form},
};

#[tokio::test]
async fn a_link_is_good_once_for_an_hour_and_at_its_own_tenant() {
    let (world, ..) = World::start().await;
    world.register("acme", "chloe@acme.example").await.expect(202);
    let token = world.token_for("chloe@acme.example").await;
    let verify = |token: &str| world.post("/api/v1/auth/email/verify").json(json!({ "token": token }));
    for wrong in ["x", "null", "0", " ", &token[..42], &format!("{token}A")] {
        verify(wrong).await.refused(404, "not_found");
    }
    verify("").await.refused(422, "validation_failed");
    verify(&token).at("globex").await.refused(404, "not_found");
    let answers = futures_join((0..8).map(|_| verify(&token).at("acme").into_future())).await;
    assert_eq!(answers.iter().filter(|a| a.status == 204).count(), 1, "exactly one");
    verify(&token).await.refused(404, "not_found");
    world.register("acme", "carl@acme.example").await.expect(202);
    let token = world.token_for("carl@acme.example").await;
    world.travel(TimeDelta::hours(1));
    verify(&token).await.refused(404, "not_found");
    world.register("acme", "carl@acme.example").await.expect(202);
    world.verify("carl@acme.example").await;
}

#[tokio::test]
async fn a_known_address_is_answered_alike_and_told_by_mail() {
    let (world, acme, _) = World::start().await;
    let new = world.register("acme", "chloe@acme.example").await.expect(202);
    let known = world.register("acme", &acme.email).await.expect(202);
    assert_eq!((&new.body, new.header("content-length")), (&known.body, known.header("content-length")));
    let mail = world.mails(&acme.email).await.pop().expect("a mail");
    assert_eq!(mail.subject, "You already have an account at Organisation");
    assert!(!mail.text.contains("token="), "{}", mail.text);
    world.log_in("acme", &acme.email).await;
}

#[tokio::test]
async fn among_several_claims_the_password_decides_whichever_link_is_opened() {
    let (world, acme, _) = World::start().await;
    let (own, strangers) = ("chloes-own-secret-11", "stranger-secret-22-xx");
    let form = |password: &str| world.post("/api/v1/auth/register").at("acme").json(register_form("chloe@acme.example", password));
    form(own).await.expect(202);
    let first = world.token_for("chloe@acme.example").await;
    form(strangers).await.expect(202);
    let second = world.token_for("chloe@acme.example").await;
    for link in [&first, &second] {
        verify(&world, link).await.refused(409, "password_required");
        verify_with(&world, link, "none-of-them-33-xx").await.refused(401, "unauthenticated");
    }
    verify_with(&world, &second, own).await.expect(204);
    world.try_log_in("acme", "chloe@acme.example", own).await.expect(200);
    world.try_log_in("acme", "chloe@acme.example", strangers).await.expect(401);
    for link in [&first, &second] {
        verify_with(&world, link, strangers).await.refused(404, "not_found");
    }
    // What a stranger asks for now changes nothing: the address is proved.
    form(strangers).await.expect(202);
    world.try_log_in("acme", "chloe@acme.example", own).await.expect(200);
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
}

#[tokio::test]
async fn the_same_password_given_twice_is_one_claim() {
    let (world, ..) = World::start().await;
    for slug in ["acme", "acme", "globex"] {
        world.register(slug, "chloe@acme.example").await.expect(202);
    }
    world.verify("chloe@acme.example").await;
    world.log_in("globex", "chloe@acme.example").await;
    world.try_log_in("acme", "chloe@acme.example", PASSWORD).await.refused(403, "email_not_verified");
}

#[tokio::test]
async fn a_rival_claim_counts_after_its_link_has_expired() {
    let (world, ..) = World::start().await;
    let (own, strangers) = ("chloes-own-secret-11", "stranger-secret-22-xx");
    let form = |password: &str| world.post("/api/v1/auth/register").json(register_form("chloe@acme.example", password));
    form(own).at("acme").await.expect(202);
    world.travel(TimeDelta::minutes(61));
    form(strangers).at("globex").await.expect(202);
    let link = world.token_for("chloe@acme.example").await;
    verify(&world, &link).await.refused(409, "password_required");
    verify_with(&world, &link, own).await.expect(204);
    world.try_log_in("globex", "chloe@acme.example", own).await.expect(200);
    world.try_log_in("globex", "chloe@acme.example", strangers).await.expect(401);
}

#[tokio::test]
async fn no_flood_pushes_the_first_claim_out() {
    let (world, ..) = World::start().await;
    let claim = async |slug: &str, password: &str| {
        let form = register_form("chloe@acme.example", password);
        world.post("/api/v1/auth/register").at(slug).json(form).await.expect(202);
        world.travel(TimeDelta::seconds(1));
    };
    claim("acme", "chloes-own-secret-11").await;
    let first = world.token_for("chloe@acme.example").await;
    for n in 0..14 {
        claim("acme", &format!("stranger-secret-{n}-xx-kite")).await;
    }
    assert_eq!(world.count("select count(*) from email_tokens where used_at is null").await, 10);
    assert_eq!(
        world.count("select count(*) from email_tokens where used_at is null and expires_at > created_at").await,
        5,
        "those that were sent"
    );
    claim("globex", "another-stranger-kite-44").await;
    let link = world.token_for("chloe@acme.example").await;
    verify(&world, &first).await.refused(409, "password_required");
    verify_with(&world, &link, "chloes-own-secret-11").await.expect(204);
    world.try_log_in("globex", "chloe@acme.example", "chloes-own-secret-11").await.expect(200);
}

#[tokio::test]
async fn one_password_claimed_again_and_again_is_one_row() {
    let (world, ..) = World::start().await;
    for _ in 0..4 {
        world.register("acme", "chloe@acme.example").await.expect(202);
        world.travel(TimeDelta::minutes(61));
    }
    assert_eq!(world.count("select count(*) from email_tokens where used_at is null").await, 1);
    world.travel(TimeDelta::days(31));
    let mut db = world.app.db.read().await.expect("a connection");
    let now = world.app.clock.now();
    assert_eq!(control_api::identities::sweep(&mut db, now, 1).await.expect("swept"), 1, "no more than the limit");
    assert_eq!(control_api::identities::sweep(&mut db, now, 9).await.expect("swept"), 2);
}

#[tokio::test]
async fn a_form_posted_twice_at_once_is_one_claim() {
    let (world, ..) = World::start().await;
    for round in 0..5 {
        let email = format!("chloe{round}@acme.example");
        for answer in futures_join((0..2).map(|_| world.register("acme", &email))).await {
            answer.expect(202);
        }
        world.verify(&email).await;
        world.log_in("acme", &email).await;
    }
}

#[tokio::test]
async fn a_link_that_a_stranger_asked_for_takes_nothing_from_a_founder() {
    let (world, ..) = World::start().await;
    let (own, strangers) = (PASSWORD, "stranger-secret-22-xx");
    world.sign_up("third", "chloe@acme.example").await.expect(202);
    let founder = world.log_in("third", "chloe@acme.example").await;
    let stranger = register_form("chloe@acme.example", strangers);
    world.post("/api/v1/auth/register").at("acme").json(stranger).await.expect(202);
    let link = world.token_for("chloe@acme.example").await;
    verify(&world, &link).await.refused(409, "password_required");
    verify_with(&world, &link, own).await.expect(204);
    assert_eq!(world.get("/api/v1/auth/me").by(&founder).await.expect(200).body["email_verified"], true);
    world.try_log_in("acme", "chloe@acme.example", strangers).await.expect(401);
    world.log_in("acme", "chloe@acme.example").await;
}

#[tokio::test]
async fn a_stranger_who_signed_up_with_an_address_loses_it_to_its_owner() {
    let (world, ..) = World::start().await;
    world.sign_up("third", "chloe@acme.example").await.expect(202);
    world.open_doors("third").await;
    let stranger = world.log_in("third", "chloe@acme.example").await;
    let own = register_form("chloe@acme.example", "chloes-own-secret-11");
    world.post("/api/v1/auth/register").at("acme").json(own).await.expect(202);
    let link = world.token_for("chloe@acme.example").await;
    verify_with(&world, &link, "chloes-own-secret-11").await.expect(204);
    world.get("/api/v1/auth/me").by(&stranger).await.refused(401, "unauthenticated");
    world.try_log_in("third", "chloe@acme.example", PASSWORD).await.expect(401);
    world.try_log_in("acme", "chloe@acme.example", "chloes-own-secret-11").await.expect(200);
    let told = world.last_event("UserUpdated").await;
    assert_eq!(
        (&told["data"]["firstname"], &told["data"]["role"]),
        (&json!("Chloé"), &json!("admin")),
        "the tenant hears of the new owner"
    );
}

#[tokio::test]
async fn five_passwords_may_be_tried_with_a_link_however_fast() {
    let (world, ..) = World::start().await;
    for password in ["chloes-own-secret-11", "stranger-secret-22-xx"] {
        let form = register_form("chloe@acme.example", password);
        world.post("/api/v1/auth/register").at("acme").json(form).await.expect(202);
    }
    let link = world.token_for("chloe@acme.example").await;
    for _ in 0..10 {
        verify(&world, &link).await.refused(409, "password_required");
    }
    let guesses: Vec<String> = (0..8).map(|n| format!("guess-{n}")).collect();
    let answers = futures_join(guesses.iter().map(|guess| verify_with(&world, &link, guess))).await;
    assert!(answers.iter().filter(|a| a.status == 401).count() <= 5, "{answers:?}");
    for guess in &guesses[..5] {
        verify_with(&world, &link, guess).await;
    }
    assert_eq!(world.count("select max(tries)::bigint from email_tokens").await, 5);
    verify_with(&world, &link, "chloes-own-secret-11").await.refused(429, "rate_limited");
    world.travel(TimeDelta::minutes(15));
    verify_with(&world, &link, "chloes-own-secret-11").await.refused(409, "link_used_up");
    // A new link is the way on.
    let form = register_form("chloe@acme.example", "chloes-own-secret-11");
    world.post("/api/v1/auth/register").at("acme").json(form).await.expect(202);
    let link = world.token_for("chloe@acme.example").await;
    verify_with(&world, &link, "chloes-own-secret-11").await.expect(204);
}

async fn verify(world: &World, link: &str) -> Answer {
    world.post("/api/v1/auth/email/verify").json(json!({ "token": link })).await
}

async fn verify_with(world: &World, link: &str, password: &str) -> Answer {
    world.post("/api/v1/auth/email/verify").json(json!({ "token": link, "password": password })).await
}

#[tokio::test]
async fn a_second_tenant_asks_for_the_proof_again_and_keeps_the_password() {
    let (world, ..) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    let other = register_form(&chloe.email, "another-long-secret-77");
    world.post("/api/v1/auth/register").at("globex").json(other).await.expect(202);
    for password in [PASSWORD, "another-long-secret-77"] {
        world.try_log_in("globex", &chloe.email, password).await.refused(403, "email_not_verified");
    }
    world.verify(&chloe.email).await;
    world.try_log_in("globex", &chloe.email, "another-long-secret-77").await.expect(401);
    let there = world.log_in("globex", &chloe.email).await;
    assert_eq!(there.id, chloe.id, "one person");
    let created = world.last_event("UserCreated").await;
    assert_eq!((&created["data"]["user_id"], &created["data"]["role"]), (&json!(chloe.id), &json!("customer")));
    assert_eq!(created["tenant"], created["data"]["tenant_id"]);
}

#[tokio::test]
async fn nobodys_mailbox_is_filled_whoever_asks_and_wherever() {
    let (world, acme, _) = World::start().await;
    for _ in 0..8 {
        world.register("acme", "chloe@acme.example").await.expect(202);
        world.register("globex", &acme.email).await.expect(202);
        world.register("acme", &acme.email).await.expect(202);
    }
    assert_eq!(world.mails("chloe@acme.example").await.len(), 5);
    let subjects: Vec<String> = world.mails(&acme.email).await.into_iter().map(|m| m.subject).collect();
    let of = |start: &str| subjects.iter().filter(|s| s.starts_with(start)).count();
    assert_eq!((of("You already have an account"), of("Confirm your e-mail address")), (5, 6), "{subjects:?}");
    for _ in 0..5 {
        world.travel(TimeDelta::hours(1));
        for _ in 0..8 {
            world.register("acme", "chloe@acme.example").await.expect(202);
        }
    }
    assert_eq!(world.mails("chloe@acme.example").await.len(), 20, "a day's worth");
    world.register("globex", "chloe@acme.example").await.expect(202);
    assert_eq!(world.mails("chloe@acme.example").await.len(), 21, "another tenant has its own");
    world.verify("chloe@acme.example").await;
    world.travel(TimeDelta::days(1));
    world.register("acme", "chloe@acme.example").await.expect(202);
    world.verify("chloe@acme.example").await;
}

#[tokio::test]
async fn all_tenants_together_do_not_fill_a_mailbox_either() {
    let (world, ..) = World::start().await;
    for n in 0..7 {
        let slug = format!("org-{n}");
        world.organisation(&slug).await;
        for _ in 0..5 {
            world.register(&slug, "chloe@acme.example").await.expect(202);
        }
    }
    assert_eq!(world.mails("chloe@acme.example").await.len(), 30);
    world.travel(TimeDelta::hours(1));
    world.register("org-6", "chloe@acme.example").await.expect(202);
    world.verify("chloe@acme.example").await;
}

#[tokio::test]
async fn what_a_mail_said_is_forgotten_and_then_the_mail() {
    let (world, acme, _) = World::start().await;
    world.mails(&acme.email).await;
    world.register("acme", "chloe@acme.example").await.expect(202);
    world.sql("update mails set status = 'failed', next_at = created_at where to_address = 'chloe@acme.example'").await;
    let with_body = "select count(*) from mails where body_text <> '' or body_html <> ''";
    let sweep = async || control_api::worker::sweep(&world.app, world.app.clock.now()).await.expect("swept");
    sweep().await;
    assert_eq!(world.count(with_body).await, 1, "an operator has a day to look");
    world.travel(TimeDelta::days(1) + TimeDelta::seconds(1));
    world.register("acme", "carl@acme.example").await.expect(202);
    sweep().await;
    assert_eq!(world.count(with_body).await, 1, "what still waits keeps its words");
    let all = world.count("select count(*) from mails").await;
    world.travel(TimeDelta::days(29));
    sweep().await;
    assert_eq!(world.count("select count(*) from mails").await, 1, "of {all}, the one that is younger than thirty days");
    world.get("/health/ready").by(&acme).await.expect(200);
}

#[tokio::test]
async fn an_admin_can_have_the_link_sent_again() {
    let world = World::empty().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let ada = world.log_in("acme", "ada@acme.example").await;
    world.travel(TimeDelta::minutes(10));
    world.post("/api/v1/auth/email/resend").by(&ada).await.expect(202);
    assert_eq!(world.tokens_for("ada@acme.example").await.len(), 2);
    world.verify("ada@acme.example").await;
    world.get("/api/v1/auth/me").by(&ada).await.expect(200);
    world.post("/api/v1/auth/email/resend").by(&ada).await.expect(202);
    assert_eq!(world.tokens_for("ada@acme.example").await.len(), 2);
}

#[tokio::test]
async fn whom_a_provider_brought_proves_the_address_by_a_link_and_comes_in_as_before() {
    let (world, _, _, provider) = start().await;
    let whom = ("u1", "ana@acme.example");
    let arrived = sign_in(&world, &provider, whom).await.expect(302);
    let cookie = cookies(&arrived).into_iter().find(|cookie| cookie.starts_with("hd_refresh=")).expect("they are inside");
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    let ana = Person::of(&world.post("/api/v1/auth/refresh").at("acme").with("cookie", cookie).await.expect(200));
    world.post("/api/v1/auth/email/resend").by(&ana).await.expect(202);
    world.verify("ana@acme.example").await;
    assert_eq!(world.get("/api/v1/auth/me").by(&ana).await.expect(200).body["email_verified"], true);
    let (user, amr) = inside(&world, sign_in(&world, &provider, whom).await).await;
    assert_eq!((&user["email_verified"], &amr), (&json!(true), &json!(["sso"])));
}

#[tokio::test]
async fn a_link_is_not_sent_again_and_again() {
    let world = World::empty().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let ada = world.log_in("acme", "ada@acme.example").await;
    for _ in 0..4 {
        world.post("/api/v1/auth/email/resend").by(&ada).await.expect(202);
    }
    let refused = world.post("/api/v1/auth/email/resend").by(&ada).await.refused(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "3600");
    assert_eq!(world.tokens_for("ada@acme.example").await.len(), 5);
    world.verify("ada@acme.example").await;
}
