//! Proving an address.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    sign_up::futures_join,
    world::{PASSWORD, World, register_form},
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
async fn the_link_that_is_opened_decides_whose_the_account_is() {
    let (world, ..) = World::start().await;
    let form = |password: &str| world.post("/api/v1/auth/register").at("acme").json(register_form("chloe@acme.example", password));
    form("chloes-own-secret-11").await.expect(202);
    let link = world.token_for("chloe@acme.example").await;
    form("stranger-secret-22-xx").await.expect(202);
    world.post("/api/v1/auth/email/verify").json(json!({ "token": link })).await.expect(204);
    world.try_log_in("acme", "chloe@acme.example", "stranger-secret-22-xx").await.expect(401);
    world.try_log_in("acme", "chloe@acme.example", "chloes-own-secret-11").await.expect(200);
    // What a stranger asks for now changes nothing: the address is proved.
    form("stranger-secret-22-xx").await.expect(202);
    world.try_log_in("acme", "chloe@acme.example", "chloes-own-secret-11").await.expect(200);
}

#[tokio::test]
async fn a_stranger_who_signed_up_with_an_address_loses_it_to_its_owner() {
    let (world, ..) = World::start().await;
    world.sign_up("third", "chloe@acme.example").await.expect(202);
    let stranger = world.log_in("third", "chloe@acme.example").await;
    let own = register_form("chloe@acme.example", "chloes-own-secret-11");
    world.post("/api/v1/auth/register").at("acme").json(own).await.expect(202);
    world.verify("chloe@acme.example").await;
    world.get("/api/v1/auth/me").by(&stranger).await.refused(401, "unauthenticated");
    world.try_log_in("third", "chloe@acme.example", PASSWORD).await.expect(401);
    world.try_log_in("acme", "chloe@acme.example", "chloes-own-secret-11").await.expect(200);
}

#[tokio::test]
async fn a_second_tenant_asks_for_the_proof_again_and_keeps_the_password() {
    let (world, ..) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    let other = register_form(&chloe.email, "another-long-secret-77");
    world.post("/api/v1/auth/register").at("globex").json(other).await.expect(202);
    world.try_log_in("globex", &chloe.email, PASSWORD).await.refused(403, "email_not_verified");
    world.verify(&chloe.email).await;
    world.try_log_in("globex", &chloe.email, "another-long-secret-77").await.expect(401);
    let there = world.log_in("globex", &chloe.email).await;
    assert_eq!(there.id, chloe.id, "one person");
    let created = world.last_event("UserCreated").await;
    assert_eq!((&created["data"]["user_id"], &created["data"]["role"]), (&json!(chloe.id), &json!("customer")));
    assert_eq!(created["tenant"], created["data"]["tenant_id"]);
}

#[tokio::test]
async fn nobodys_mailbox_is_filled() {
    let (world, ..) = World::start().await;
    for _ in 0..8 {
        world.register("acme", "chloe@acme.example").await.expect(202);
    }
    assert_eq!(world.mails("chloe@acme.example").await.len(), 5);
    world.travel(TimeDelta::hours(1));
    world.register("acme", "chloe@acme.example").await.expect(202);
    world.verify("chloe@acme.example").await;
}

#[tokio::test]
async fn an_admin_can_have_the_link_sent_again() {
    let world = World::empty().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let ada = world.log_in("acme", "ada@acme.example").await;
    world.travel(TimeDelta::minutes(10));
    world.post("/api/v1/auth/email/resend").by(&ada).await.expect(202);
    assert_eq!(world.mails("ada@acme.example").await.len(), 2);
    world.verify("ada@acme.example").await;
    world.get("/api/v1/auth/me").by(&ada).await.expect(200);
    world.post("/api/v1/auth/email/resend").by(&ada).await.expect(202);
    assert_eq!(world.mails("ada@acme.example").await.len(), 2);
}
