//! Coming in by a link.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    sign_up::futures_join,
    world::{Answer, PASSWORD, Person, World},
};

async fn ask(world: &World, slug: &str, email: &str) -> Answer {
    world.post("/api/v1/auth/magic-link").at(slug).json(json!({ "email": email })).await
}

async fn come(world: &World, token: &str) -> Answer {
    world.post("/api/v1/auth/magic-link/login").json(json!({ "token": token })).await
}

#[tokio::test]
async fn a_customer_comes_in_by_a_link_that_is_good_once_for_a_quarter_of_an_hour() {
    let (world, ..) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    ask(&world, "acme", &chloe.email).await.expect(202);
    let first = world.token_for(&chloe.email).await;
    ask(&world, "acme", &chloe.email).await.expect(202);
    let token = world.token_for(&chloe.email).await;
    let mail = world.mails(&chloe.email).await.pop().expect("a mail");
    assert!(mail.text.contains("http://acme.localhost:8080/magic?token="), "{}", mail.text);
    come(&world, &first).await.refused(404, "not_found");
    world.post("/api/v1/auth/magic-link/login").at("globex").json(json!({ "token": token })).await.refused(404, "not_found");
    let answers = futures_join((0..6).map(|_| come(&world, &token))).await;
    let come_in: Vec<&Answer> = answers.iter().filter(|a| a.status == 200).collect();
    assert_eq!(come_in.len(), 1, "exactly one");
    let person = Person::of(come_in[0]);
    assert_eq!((person.id, person.slug.as_str()), (chloe.id, "acme"));
    world.get("/api/v1/auth/me").by(&person).await.expect(200);
    come(&world, &token).await.refused(404, "not_found");
    ask(&world, "acme", &chloe.email).await.expect(202);
    let token = world.token_for(&chloe.email).await;
    world.travel(TimeDelta::minutes(15));
    come(&world, &token).await.refused(404, "not_found");
    let browser = async || {
        ask(&world, "acme", &chloe.email).await.expect(202);
        let body = json!({ "token": world.token_for(&chloe.email).await, "client": "browser" });
        world.post("/api/v1/auth/magic-link/login").at("acme").json(body).await.expect(200)
    };
    assert!(browser().await.header("set-cookie").starts_with("hd_refresh="));
}

#[tokio::test]
async fn only_customers_get_links_and_nobody_hears_who_is_one() {
    let (world, acme, globex) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    world.register("acme", "pending@acme.example").await.expect(202);
    let gone = world.customer("acme", "carl").await;
    world.delete(&format!("/api/v1/members/{}", gone.id)).by(&acme).await.expect(204);
    let people = world.count("select count(*) from users").await;
    let mut answers = vec![];
    for (email, subject) in [
        (chloe.email.as_str(), Some("Sign in to Organisation")),
        (&acme.email, Some("Sign in to Organisation with your password")),
        (&globex.email, None),
        ("pending@acme.example", None),
        (&gone.email, None),
        ("nobody@acme.example", None),
    ] {
        let before = world.mails(email).await.len();
        let answer = ask(&world, "acme", email).await.expect(202);
        answers.push((answer.body.clone(), answer.header("content-length")));
        let mails = world.mails(email).await.split_off(before);
        assert_eq!(mails.first().map(|m| m.subject.as_str()), subject, "{email}");
        assert_eq!(mails.iter().any(|m| m.text.contains("token=")), email == chloe.email, "{email}");
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(world.count("select count(*) from users").await, people, "nobody was made");
}

#[tokio::test]
async fn an_organisation_that_wants_passwords_has_no_links() {
    let (world, acme, _) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    ask(&world, "acme", &chloe.email).await.expect(202);
    let token = world.token_for(&chloe.email).await;
    let offered = async || world.get("/api/v1/auth/methods").at("acme").await.expect(200).body["magic_link"].clone();
    assert_eq!(offered().await, true);
    let changed = world.patch("/api/v1/tenant").by(&acme).json(json!({ "customer_magic_link": false })).await.expect(200);
    assert_eq!(changed.body["customer_magic_link"], false);
    assert_eq!(offered().await, false);
    come(&world, &token).await.refused(404, "not_found");
    ask(&world, "acme", &chloe.email).await.expect(202);
    let mail = world.mails(&chloe.email).await.pop().expect("a mail");
    assert_eq!(mail.subject, "Sign in to Organisation with your password");
}

#[tokio::test]
async fn a_link_ends_with_what_it_stood_on() {
    let (world, acme, _) = World::start().await;
    for change in ["promoted", "removed", "suspended"] {
        let chloe = world.customer("acme", change).await;
        ask(&world, "acme", &chloe.email).await.expect(202);
        let token = world.token_for(&chloe.email).await;
        let member = format!("/api/v1/members/{}", chloe.id);
        match change {
            "promoted" => drop(world.patch(&member).by(&acme).json(json!({ "role": "agent" })).await.expect(200)),
            "removed" => drop(world.delete(&member).by(&acme).await.expect(204)),
            _ => world.sql("update tenants set status = 'suspended' where slug = 'acme'").await,
        }
        let answer = come(&world, &token).await;
        assert_eq!(answer.status, if change == "suspended" { 403 } else { 404 }, "{change}");
    }
}

#[tokio::test]
async fn a_link_proves_the_address_and_whoever_had_not_loses_the_password() {
    let (world, acme, _) = World::start().await;
    // Staff works before the address is proved; here it becomes a customer again.
    world.sign_up("third", "chloe@acme.example").await.expect(202);
    world.open_doors("third").await;
    let stranger = world.log_in("third", "chloe@acme.example").await;
    world.sql("update memberships set role = 'customer' where tenant_id = (select id from tenants where slug = 'third')").await;
    ask(&world, "third", "chloe@acme.example").await.expect(202);
    let own = Person::of(&come(&world, &world.token_for("chloe@acme.example").await).await.expect(200));
    assert_eq!(world.get("/api/v1/auth/me").by(&own).await.expect(200).body["email_verified"], true);
    world.get("/api/v1/auth/me").by(&stranger).await.refused(401, "unauthenticated");
    world.try_log_in("third", "chloe@acme.example", PASSWORD).await.refused(401, "unauthenticated");
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
}
