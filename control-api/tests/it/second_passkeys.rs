//! Passkeys beside other proofs: for a step-up, as a second factor, and whose they are.

use std::future::IntoFuture;

use serde_json::{Value, json};

use crate::{
    authenticator::Device,
    passkeys::{REGISTER, SECOND, STEP_UP, asked_to_make, claims, come_in, device, keep},
    sign_up::futures_join,
    world::{Answer, PASSWORD, Person, World},
};

pub async fn step_up(world: &World, person: &Person, device: &mut Device) -> Answer {
    let asked = world.post(&format!("{STEP_UP}/start")).by(person).await.expect(200).body;
    let credential = device.show(&asked["options"]);
    let body = json!({ "ceremony": asked["ceremony"], "credential": credential });
    world.post(&format!("{STEP_UP}/finish")).by(person).json(body).await
}

#[tokio::test]
async fn a_step_up_takes_ones_own_passkey_in_ones_own_session() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.post(&format!("{STEP_UP}/start")).by(&ana).await.refused(409, "conflict");
    let (mut mine, mut hers) = (device(&world, &acme, "Phone").await, device(&world, &ana, "Phone").await);
    step_up(&world, &acme, &mut hers).await.refused(401, "unauthenticated");
    let asked = world.post(&format!("{STEP_UP}/start")).by(&acme).await.expect(200).body;
    let shown = mine.show(&asked["options"]);
    let body = json!({ "ceremony": asked["ceremony"], "credential": shown });
    world.post(&format!("{STEP_UP}/finish")).by(&ana).json(body).await.refused(401, "token_expired");
    step_up(&world, &acme, &mut mine).await.expect(204);
    step_up(&world, &ana, &mut hers).await.expect(204);
}

#[tokio::test]
async fn ten_are_the_most_and_none_is_kept_twice() {
    let (world, acme, _) = World::start().await;
    let mut first = Device::at("acme");
    let (one, two) = (asked_to_make(&world, &acme, "1").await, asked_to_make(&world, &acme, "1").await);
    let (made, again) = (first.make(&one["options"]), first.make(&two["options"]));
    keep(&world, &acme, &one, made).await.expect(201);
    keep(&world, &acme, &two, again).await.refused(409, "conflict");
    let asked = asked_to_make(&world, &acme, "1").await;
    assert_eq!(asked["options"]["excludeCredentials"].as_array().map(Vec::len), Some(1));
    for _ in 2..10 {
        device(&world, &acme, "Key").await;
    }
    let (tenth, eleventh) = (asked_to_make(&world, &acme, "10").await, asked_to_make(&world, &acme, "11").await);
    let made = [&tenth, &eleventh].map(|asked| Device::at("acme").make(&asked["options"]));
    let path = format!("{REGISTER}/finish");
    let both = [&tenth, &eleventh].into_iter().zip(made).map(|(asked, credential)| {
        let body = json!({ "ceremony": asked["ceremony"], "credential": credential });
        world.post(&path).by(&acme).json(body).into_future()
    });
    let mut statuses: Vec<u16> = futures_join(both).await.iter().map(|a| a.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    world.post(&format!("{REGISTER}/start")).by(&acme).json(json!({ "name": "12" })).await.refused(409, "conflict");
}

/// The password of somebody who owes a second factor, and what they may do then.
async fn challenged(world: &World, person: &Person) -> String {
    let body = world.try_log_in(&person.slug, &person.email, PASSWORD).await.expect(200).body;
    assert!(body["access_token"].is_null());
    body["challenge_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn a_passkey_is_the_second_factor_of_a_password() {
    let (world, acme, globex) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let (mut mine, mut hers) = (device(&world, &acme, "Phone").await, device(&world, &ana, "Phone").await);
    let ticket = challenged(&world, &acme).await;
    let start = format!("{SECOND}/start");
    let ask = async || world.post(&start).at("acme").json(json!({ "challenge_token": ticket })).await;
    let asked = ask().await.expect(200).body;
    assert_eq!(asked["options"]["allowCredentials"].as_array().map(Vec::len), Some(1));
    world.post(&start).at("globex").json(json!({ "challenge_token": ticket })).await.refused(401, "token_expired");
    world.post(&start).at("acme").json(json!({ "challenge_token": "x" })).await.refused(401, "token_expired");
    let path = format!("{SECOND}/finish");
    let finish = async |asked: &Value, credential: Value| {
        world.post(&path).at("acme").json(json!({ "ceremony": asked["ceremony"], "credential": credential })).await
    };
    // Somebody else's passkey, though it is one of this organisation.
    let shown = hers.show(&asked["options"]);
    finish(&asked, shown).await.refused(401, "unauthenticated");
    let asked = ask().await.expect(200).body;
    let shown = mine.show(&asked["options"]);
    let inside = finish(&asked, shown.clone()).await.expect(200);
    assert_eq!(claims(inside.body["access_token"].as_str().expect("a token"))["amr"], json!(["pwd", "hwk"]));
    // The ticket is spent.
    finish(&asked, shown).await.refused(401, "token_expired");
    ask().await.refused(401, "token_expired");
    world.get("/api/v1/auth/me").by(&globex).await.expect(200);
}

#[tokio::test]
async fn five_wrong_passkeys_end_a_challenge() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let (mut mine, mut hers) = (device(&world, &acme, "Phone").await, device(&world, &ana, "Phone").await);
    let ticket = challenged(&world, &acme).await;
    let (start, finish) = (format!("{SECOND}/start"), format!("{SECOND}/finish"));
    let spare = world.post(&start).at("acme").json(json!({ "challenge_token": ticket })).await.expect(200).body;
    for _ in 0..5 {
        let asked = world.post(&start).at("acme").json(json!({ "challenge_token": ticket })).await.expect(200).body;
        let body = json!({ "ceremony": asked["ceremony"], "credential": hers.show(&asked["options"]) });
        world.post(&finish).at("acme").json(body).await.refused(401, "unauthenticated");
    }
    let body = json!({ "ceremony": spare["ceremony"], "credential": mine.show(&spare["options"]) });
    world.post(&finish).at("acme").json(body).await.refused(401, "token_expired");
    world.post(&start).at("acme").json(json!({ "challenge_token": ticket })).await.refused(401, "token_expired");
}

#[tokio::test]
async fn an_account_that_changes_hands_loses_its_passkeys() {
    let world = World::empty().await;
    // A stranger signs up with an address that is not theirs, and keeps a passkey there.
    world.sign_up("acme", "victim@home.example").await.expect(202);
    world.open_doors("acme").await;
    let stranger = world.log_in("acme", "victim@home.example").await;
    let mut phone = device(&world, &stranger, "Phone").await;
    come_in(&world, "acme", &mut phone).await.expect(200);
    // Its owner registers elsewhere and proves it, with a password of their own.
    world.organisation("globex").await;
    let form = crate::world::register_form("victim@home.example", "walnut-zebra-canoe-77");
    world.post("/api/v1/auth/register").at("globex").json(form).await.expect(202);
    let token = world.token_for("victim@home.example").await;
    let proof = json!({ "token": token, "password": "walnut-zebra-canoe-77" });
    world.post("/api/v1/auth/email/verify").json(proof).await.expect(204);
    come_in(&world, "acme", &mut phone).await.refused(401, "unauthenticated");
    assert_eq!(world.count("select count(*) from passkeys").await, 0);
}

#[tokio::test]
async fn recovery_codes_go_with_the_last_factor_that_they_stand_in_for() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let codes = "select count(*) from recovery_codes c join users u on u.id = c.user_id where u.email = $1";
    for (way, by) in [("/api/v1/auth/passkeys", &ana), ("/api/v1/members", &acme)] {
        let asked = asked_to_make(&world, &ana, "Phone").await;
        let kept = keep(&world, &ana, &asked, Device::at("acme").make(&asked["options"])).await.expect(201).body;
        assert_eq!(world.count_of(codes, &ana.email).await, 10);
        let id = if way.ends_with("passkeys") { kept["id"].clone() } else { json!(ana.id) };
        world.delete(&format!("{way}/{id}")).by(by).await.expect(204);
        assert_eq!(world.count_of(codes, &ana.email).await, 0, "{way}");
    }
}
