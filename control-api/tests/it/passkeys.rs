//! Passkeys, against a device in software that answers as the standard says and lies where told to.

use std::future::IntoFuture;

use chrono::TimeDelta;
use control_api::worker::sweep;
use serde_json::{Value, json};

use crate::{
    authenticator::Device,
    second_passkeys::step_up,
    sign_up::futures_join,
    world::{Answer, PASSWORD, Person, World},
};

pub const REGISTER: &str = "/api/v1/auth/passkeys/register";
pub const LOGIN: &str = "/api/v1/auth/passkeys/login";
pub const SECOND: &str = "/api/v1/auth/2fa/passkey";
pub const STEP_UP: &str = "/api/v1/auth/step-up/passkey";

/// What a device does otherwise than it should.
type Lie<'a> = dyn Fn(&mut Device) + 'a;

/// What a device is asked to make.
pub async fn asked_to_make(world: &World, person: &Person, name: &str) -> Value {
    world.post(&format!("{REGISTER}/start")).by(person).json(json!({ "name": name })).await.expect(200).body
}

pub async fn keep(world: &World, person: &Person, asked: &Value, credential: Value) -> Answer {
    let body = json!({ "ceremony": asked["ceremony"], "credential": credential });
    world.post(&format!("{REGISTER}/finish")).by(person).json(body).await
}

/// A device with a passkey of this person.
pub async fn device(world: &World, person: &Person, name: &str) -> Device {
    let mut device = Device::at(&person.slug);
    let asked = asked_to_make(world, person, name).await;
    let made = device.make(&asked["options"]);
    keep(world, person, &asked, made).await.expect(201);
    device
}

pub async fn asked_to_show(world: &World, slug: &str) -> Value {
    world.post(&format!("{LOGIN}/start")).at(slug).json(json!({})).await.expect(200).body
}

pub async fn finish(world: &World, slug: &str, asked: &Value, credential: &Value) -> Answer {
    let body = json!({ "ceremony": asked["ceremony"], "credential": credential });
    world.post(&format!("{LOGIN}/finish")).at(slug).json(body).await
}

pub async fn come_in(world: &World, slug: &str, device: &mut Device) -> Answer {
    let asked = asked_to_show(world, slug).await;
    let shown = device.show(&asked["options"]);
    finish(world, slug, &asked, &shown).await
}

pub fn claims(access: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let body = access.split('.').nth(1).expect("a body");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).expect("base64")).expect("claims")
}

#[tokio::test]
async fn a_passkey_is_made_kept_and_opens_a_session_by_itself() {
    let (world, acme, _) = World::start().await;
    let mut device = Device::at("acme");
    let asked = asked_to_make(&world, &acme, "My phone").await;
    let options = &asked["options"];
    assert_eq!((&options["rp"]["id"], &options["rp"]["name"]), (&json!("acme.localhost"), &json!("Organisation")));
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(options["attestation"], "none");
    assert_ne!(options["user"]["id"], json!(acme.id.to_string()), "authenticators learn no id of ours");
    let made = device.make(options);
    let kept = keep(&world, &acme, &asked, made).await.expect(201);
    assert_eq!(
        (&kept.body["name"], &kept.body["last_used_at"], &kept.body["access_token"]),
        (&json!("My phone"), &json!(null), &json!(null))
    );
    assert_eq!(kept.header("location"), format!("/api/v1/auth/passkeys/{}", kept.body["id"]));
    let mail = world.mails(&acme.email).await.pop().expect("a mail");
    assert!(mail.subject.contains("A passkey was added") && mail.text.contains("My phone"), "{}", mail.text);
    let told = world.last_event("PasskeyAdded").await;
    assert_eq!((&told["data"]["user_id"], &told["data"]["name"]), (&json!(acme.id), &json!("My phone")));

    world.travel(TimeDelta::minutes(1));
    let asked = asked_to_show(&world, "acme").await;
    assert_eq!((&asked["options"]["rpId"], &asked["options"]["allowCredentials"]), (&json!("acme.localhost"), &json!([])));
    assert_eq!(asked["options"]["userVerification"], "required");
    let shown = device.show(&asked["options"]);
    let inside = finish(&world, "acme", &asked, &shown).await.expect(200);
    assert_eq!(inside.body["user"]["id"], acme.id);
    assert_eq!(claims(inside.body["access_token"].as_str().expect("a token"))["amr"], json!(["hwk"]));
    let person = Person::of(&inside);
    let list = world.get("/api/v1/auth/passkeys").by(&person).await.expect(200).body;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    assert!(list["data"][0]["last_used_at"].is_string());
    assert!(list["data"][0].get("credential").is_none());
    come_in(&world, "acme", &mut device).await.expect(200);
}

#[tokio::test]
async fn the_first_second_factor_comes_with_recovery_codes_and_ends_other_sessions() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let elsewhere = world.log_in("acme", &ana.email).await;
    let owing = world.post("/api/v1/auth/passkeys/login/start").at("acme").json(json!({})).await.expect(200);
    assert!(owing.body["ceremony"].is_string());
    let mut phone = Device::at("acme");
    let asked = asked_to_make(&world, &ana, "Phone").await;
    let made = phone.make(&asked["options"]);
    let kept = keep(&world, &ana, &asked, made).await.expect(201);
    assert_eq!(kept.body["recovery_codes"].as_array().map(Vec::len), Some(10));
    world.get("/api/v1/auth/me").by(&elsewhere).await.refused(401, "unauthenticated");
    world.get("/api/v1/auth/me").by(&ana).await.expect(200);
    let asked = asked_to_make(&world, &ana, "Laptop").await;
    let kept = keep(&world, &ana, &asked, Device::at("acme").make(&asked["options"])).await.expect(201);
    assert!(kept.body["recovery_codes"].is_null());
    assert_eq!(world.get("/api/v1/auth/2fa").by(&ana).await.expect(200).body["passkeys"], 2);
}

#[tokio::test]
async fn an_admin_enrols_with_a_passkey_and_keeps_it() {
    let world = World::empty().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let owed = world.try_log_in("acme", "ada@acme.example", PASSWORD).await.expect(200).body;
    let ticket = owed["enrolment_token"].as_str().expect("a token");
    let start = format!("{REGISTER}/start");
    let asked = world.post(&start).at("acme").bearing(ticket).json(json!({ "name": "Phone" })).await.expect(200).body;
    let rival = world.post(&start).at("acme").bearing(ticket).json(json!({ "name": "Rival" })).await.expect(200).body;
    let finish = format!("{REGISTER}/finish");
    let mut phone = Device::at("acme");
    let body = json!({ "ceremony": asked["ceremony"], "credential": phone.make(&asked["options"]) });
    let inside = world.post(&finish).at("acme").bearing(ticket).json(body).await.expect(201);
    assert_eq!(inside.body["recovery_codes"].as_array().map(Vec::len), Some(10));
    assert_eq!(claims(inside.body["access_token"].as_str().expect("a token"))["amr"], json!(["pwd", "hwk"]));
    let ada = Person::of(&inside);
    world.get("/api/v1/members").by(&ada).await.expect(200);
    // The ticket sets up the first factor only.
    let body = json!({ "ceremony": rival["ceremony"], "credential": Device::at("acme").make(&rival["options"]) });
    world.post(&finish).at("acme").bearing(ticket).json(body).await.refused(401, "unauthenticated");
    world.post(&start).at("acme").bearing(ticket).json(json!({ "name": "Phone" })).await.refused(401, "unauthenticated");
    // The last one stays.
    let id = inside.body["id"].clone();
    world.delete(&format!("/api/v1/auth/passkeys/{id}")).by(&ada).await.refused(409, "conflict");
    let mut laptop = device(&world, &ada, "Laptop").await;
    world.delete(&format!("/api/v1/auth/passkeys/{id}")).by(&ada).await.expect(204);
    come_in(&world, "acme", &mut phone).await.refused(401, "unauthenticated");
    let inside = Person::of(&come_in(&world, "acme", &mut laptop).await.expect(200));
    world.get("/api/v1/members").by(&inside).await.expect(200);
}

#[tokio::test]
async fn a_browser_gets_its_session_as_a_cookie() {
    let (world, acme, _) = World::start().await;
    let mut device = device(&world, &acme, "Phone").await;
    let asked = world.post(&format!("{LOGIN}/start")).at("acme").json(json!({ "client": "browser" })).await.expect(200).body;
    let shown = device.show(&asked["options"]);
    let inside = finish(&world, "acme", &asked, &shown).await.expect(200);
    assert!(inside.header("set-cookie").starts_with("hd_refresh="), "{:?}", inside.headers);
    assert!(inside.body["refresh_token"].is_null());
}

#[tokio::test]
async fn what_is_not_made_for_this_page_is_not_kept() {
    let (world, acme, _) = World::start().await;
    let honest = Device::at("acme");
    let lies: [(&str, &Lie<'_>); 7] = [
        ("another site's page", &|d| d.origin = "https://evil.example".into()),
        ("another tenant's page", &|d| d.origin = "http://globex.localhost:8080".into()),
        ("a page below", &|d| d.origin = "http://x.acme.localhost:8080".into()),
        ("another port", &|d| d.origin = "http://acme.localhost:8081".into()),
        ("the domain of all tenants", &|d| d.rp_id = Some("localhost".into())),
        ("another tenant", &|d| d.rp_id = Some("globex.localhost".into())),
        ("nobody looked whose finger it is", &|d| d.verifies = false),
    ];
    for (lie, tell) in lies {
        let mut device = honest.clone();
        tell(&mut device);
        let asked = asked_to_make(&world, &acme, "Phone").await;
        let made = device.make(&asked["options"]);
        let refused = keep(&world, &acme, &asked, made).await.refused(422, "validation_failed");
        assert_eq!(refused.wrong_field(), ("credential".into(), "invalid".into()), "{lie}");
    }
    let asked = asked_to_make(&world, &acme, "Phone").await;
    for nonsense in [json!(null), json!({}), json!("x"), json!([1])] {
        let asked = asked_to_make(&world, &acme, "Phone").await;
        keep(&world, &acme, &asked, nonsense).await.refused(422, "validation_failed");
    }
    let other = asked_to_make(&world, &acme, "Phone").await;
    let made = honest.clone().make(&other["options"]);
    keep(&world, &acme, &asked, made).await.refused(422, "validation_failed");
    assert_eq!(world.count("select count(*) from passkeys").await, 0);
}

#[tokio::test]
async fn what_is_not_shown_on_this_page_opens_nothing() {
    let (world, acme, globex) = World::start().await;
    let honest = device(&world, &acme, "Phone").await;
    let others = device(&world, &globex, "Phone").await;
    let foreign = others.handle().to_owned();
    let lies: [(&str, &Lie<'_>); 6] = [
        ("another site's page", &|d| d.origin = "https://evil.example".into()),
        ("another tenant's page", &|d| d.origin = "http://globex.localhost:8080".into()),
        ("another tenant", &|d| d.rp_id = Some("globex.localhost".into())),
        ("the domain of all tenants", &|d| d.rp_id = Some("localhost".into())),
        ("nobody looked whose finger it is", &|d| d.verifies = false),
        ("somebody else's name", &|d| d.pretend(&foreign)),
    ];
    for (lie, tell) in lies {
        let mut device = honest.clone();
        tell(&mut device);
        let refused = come_in(&world, "acme", &mut device).await;
        assert_eq!((refused.status, &refused.body["code"]), (401, &json!("unauthenticated")), "{lie}");
    }
    let mut forged = honest.clone();
    let asked = asked_to_show(&world, "acme").await;
    let mut shown = forged.show(&asked["options"]);
    shown["response"]["signature"] = others.clone().show(&asked["options"])["response"]["signature"].take();
    finish(&world, "acme", &asked, &shown).await.refused(401, "unauthenticated");
    let asked = asked_to_show(&world, "acme").await;
    let mut nameless = honest.clone().show(&asked["options"]);
    nameless["response"]["userHandle"].take();
    finish(&world, "acme", &asked, &nameless).await.refused(401, "unauthenticated");
    come_in(&world, "acme", &mut honest.clone()).await.expect(200);
}

#[tokio::test]
async fn a_passkey_of_one_tenant_is_none_at_another() {
    let (world, acme, globex) = World::start().await;
    // One person at both: the account is the same, the passkey is not.
    let ana = world.member(&acme, "ana", "agent").await;
    world.post("/api/v1/invitations").by(&globex).json(json!({ "email": ana.email, "role": "agent" })).await.expect(201);
    let token = world.token_for(&ana.email).await;
    let accept = json!({ "token": token, "password": PASSWORD, "firstname": "A", "lastname": "B" });
    let there = Person::of(&world.post("/api/v1/auth/invitations/accept").at("globex").json(accept).await.expect(200));
    let mut phone = device(&world, &ana, "Phone").await;
    world.get("/api/v1/auth/me").by(&there).await.expect(200);
    assert_eq!(world.get("/api/v1/auth/passkeys").by(&there).await.expect(200).body["data"], json!([]));
    let id = world.get("/api/v1/auth/passkeys").by(&ana).await.expect(200).body["data"][0]["id"].clone();
    let path = format!("/api/v1/auth/passkeys/{id}");
    world.patch(&path).by(&there).json(json!({ "name": "Mine" })).await.refused(404, "not_found");
    world.delete(&path).by(&there).await.refused(404, "not_found");
    world.patch(&path).by(&acme).json(json!({ "name": "Mine" })).await.refused(404, "not_found");
    world.delete(&path).by(&acme).await.refused(404, "not_found");
    // The other tenant's question, answered with all that a dishonest browser could change.
    for origin in ["http://acme.localhost:8080", "http://globex.localhost:8080"] {
        phone.origin = origin.into();
        come_in(&world, "globex", &mut phone).await.refused(401, "unauthenticated");
    }
    // A question of one tenant is none of another, even with the right answer.
    phone.origin = "http://acme.localhost:8080".into();
    let asked = asked_to_show(&world, "acme").await;
    let shown = phone.show(&asked["options"]);
    finish(&world, "globex", &asked, &shown).await.refused(401, "unauthenticated");
    // Where there is no passkey, the password is enough; where there is one, it is asked for.
    let password = world.try_log_in("globex", &ana.email, PASSWORD).await.expect(200);
    let stolen = Person::of(&password);
    assert_eq!(world.try_log_in("acme", &ana.email, PASSWORD).await.expect(200).body["two_factor_required"], true);
    // And a stolen password is no way round it: what counts everywhere is not set up where less is asked.
    world.post("/api/v1/auth/2fa/setup").by(&stolen).await.refused(403, "two_factor_required");
    let elsewhere = device(&world, &stolen, "Thief").await;
    world.post("/api/v1/auth/2fa/recovery-codes").by(&stolen).await.refused(403, "two_factor_required");
    assert_eq!(elsewhere.origin, "http://globex.localhost:8080");
}

#[tokio::test]
async fn an_answer_counts_once_and_in_time() {
    let (world, acme, _) = World::start().await;
    let mut phone = device(&world, &acme, "Phone").await;
    let asked = asked_to_show(&world, "acme").await;
    let shown = phone.show(&asked["options"]);
    finish(&world, "acme", &asked, &shown).await.expect(200);
    finish(&world, "acme", &asked, &shown).await.refused(401, "unauthenticated");
    let later = asked_to_show(&world, "acme").await;
    finish(&world, "acme", &later, &shown).await.refused(401, "unauthenticated");
    // A wrong answer uses the question up too.
    let wasted = asked_to_show(&world, "acme").await;
    finish(&world, "acme", &wasted, &shown).await.refused(401, "unauthenticated");
    let shown = phone.show(&wasted["options"]);
    finish(&world, "acme", &wasted, &shown).await.refused(401, "unauthenticated");
    let late = asked_to_show(&world, "acme").await;
    let shown = phone.show(&late["options"]);
    world.travel(TimeDelta::minutes(5));
    finish(&world, "acme", &late, &shown).await.refused(401, "unauthenticated");
    // Questions are of one kind.
    let to_make = asked_to_make(&world, &Person::of(&come_in(&world, "acme", &mut phone).await.expect(200)), "Laptop").await;
    let shown = phone.show(&json!({ "rpId": "acme.localhost", "challenge": to_make["options"]["challenge"] }));
    finish(&world, "acme", &to_make, &shown).await.refused(401, "unauthenticated");
    let sessions = world.count("select count(*) from sessions where amr = '{hwk}'").await;
    assert_eq!(sessions, 2);
    world.travel(TimeDelta::hours(1));
    sweep(&world.app, world.app.clock.now()).await.expect("swept");
    assert_eq!(world.count("select count(*) from passkey_ceremonies").await, 0);
}

#[tokio::test]
async fn of_twenty_answers_at_once_one_counts() {
    let (world, acme, _) = World::start().await;
    let mut phone = device(&world, &acme, "Phone").await;
    let asked = asked_to_show(&world, "acme").await;
    let shown = phone.show(&asked["options"]);
    let path = format!("{LOGIN}/finish");
    let body = json!({ "ceremony": asked["ceremony"], "credential": shown });
    let all = (0..20).map(|_| world.post(&path).at("acme").json(body.clone()).into_future());
    let answers = futures_join(all).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|a| a.status == 401).count(), 19);

    let asked = asked_to_make(&world, &acme, "Laptop").await;
    let path = format!("{REGISTER}/finish");
    let body = json!({ "ceremony": asked["ceremony"], "credential": Device::at("acme").make(&asked["options"]) });
    let all = (0..20).map(|_| world.post(&path).by(&acme).json(body.clone()).into_future());
    let answers = futures_join(all).await;
    assert_eq!(answers.iter().filter(|a| a.status == 201).count(), 1);
    assert_eq!(world.count("select count(*) from passkeys").await, 2);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_a_copied_key() {
    let (world, acme, _) = World::start().await;
    let mut phone = device(&world, &acme, "Phone").await;
    let mut copy = phone.clone();
    come_in(&world, "acme", &mut phone).await.expect(200);
    come_in(&world, "acme", &mut phone).await.expect(200);
    come_in(&world, "acme", &mut copy).await.refused(401, "unauthenticated");
    come_in(&world, "acme", &mut copy).await.refused(401, "unauthenticated");
    come_in(&world, "acme", &mut phone).await.expect(200);
    // Keys that are kept on several devices do not count at all.
    let mut synced = Device::at("acme");
    synced.counter = 0;
    let asked = asked_to_make(&world, &acme, "Synced").await;
    let made = synced.make(&asked["options"]);
    keep(&world, &acme, &asked, made).await.expect(201);
    for _ in 0..2 {
        come_in(&world, "acme", &mut synced).await.expect(200);
    }
}

#[tokio::test]
async fn whoever_may_not_come_in_does_not_by_passkey_either() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let mut phone = device(&world, &ana, "Phone").await;
    world.delete(&format!("/api/v1/members/{}", ana.id)).by(&acme).await.expect(204);
    come_in(&world, "acme", &mut phone).await.refused(401, "unauthenticated");
    world.member(&acme, "ana", "agent").await;
    come_in(&world, "acme", &mut phone).await.refused(401, "unauthenticated");
    world.sql("update tenants set status = 'suspended' where slug = 'acme'").await;
    world.post(&format!("{LOGIN}/start")).at("acme").json(json!({})).await.refused(403, "tenant_suspended");
}

#[tokio::test]
async fn a_removed_passkey_opens_nothing_and_its_owner_hears_of_it() {
    let (world, acme, globex) = World::start().await;
    let mut phone = device(&world, &acme, "Phone").await;
    let id = world.get("/api/v1/auth/passkeys").by(&acme).await.expect(200).body["data"][0]["id"].clone();
    let path = format!("/api/v1/auth/passkeys/{id}");
    let renamed = world.patch(&path).by(&acme).json(json!({ "name": "Old phone" })).await.expect(200).body;
    assert_eq!(renamed["name"], "Old phone");
    world.patch(&path).by(&acme).json(json!({ "name": "" })).await.refused(422, "validation_failed");
    world.delete(&path).by(&globex).await.refused(404, "not_found");
    world.travel(TimeDelta::minutes(16));
    let later = Person::of(&world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": acme.refresh })).await.expect(200));
    world.delete(&path).by(&later).await.refused(403, "step_up_required");
    world.patch(&path).by(&later).json(json!({ "name": "Mine" })).await.refused(403, "step_up_required");
    world.post(&format!("{REGISTER}/start")).by(&later).json(json!({ "name": "Mine" })).await.refused(403, "step_up_required");
    step_up(&world, &later, &mut phone).await.expect(204);
    world.delete(&path).by(&later).await.expect(204);
    world.delete(&path).by(&later).await.refused(404, "not_found");
    come_in(&world, "acme", &mut phone).await.refused(401, "unauthenticated");
    let mail = world.mails(&acme.email).await.pop().expect("a mail");
    assert!(mail.subject.contains("A passkey was removed") && mail.text.contains("Old phone"), "{}", mail.text);
    assert_eq!(world.last_event("PasskeyRemoved").await["data"]["name"], "Old phone");
}
