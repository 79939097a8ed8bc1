//! Asking people in.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    sign_up::futures_join,
    world::{Answer, PASSWORD, Person, World},
};

async fn invite(world: &World, admin: &Person, email: &str, role: &str) -> Answer {
    world.post("/api/v1/invitations").by(admin).json(json!({ "email": email, "role": role })).await
}

async fn accept(world: &World, slug: &str, token: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "password": password, "firstname": "Ana", "lastname": "Lopez" });
    world.post("/api/v1/auth/invitations/accept").at(slug).json(body).await
}

#[tokio::test]
async fn a_link_is_good_once_for_seven_days_and_at_its_own_tenant() {
    let (world, acme, _) = World::start().await;
    invite(&world, &acme, "ana@acme.example", "agent").await.expect(201);
    let token = world.token_for("ana@acme.example").await;
    for wrong in ["x", "null", "0", " ", &token[..42]] {
        accept(&world, "acme", wrong, PASSWORD).await.refused(404, "not_found");
    }
    accept(&world, "globex", &token, PASSWORD).await.refused(404, "not_found");
    let weak = accept(&world, "acme", &token, "ana.lopez").await.refused(422, "validation_failed");
    assert_eq!(weak.wrong_field(), ("password".into(), "too_short".into()));
    let answers = futures_join((0..6).map(|_| accept(&world, "acme", &token, PASSWORD))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "exactly one");
    assert_eq!(world.count("select count(*) from users where email = 'ana@acme.example'").await, 1);
    accept(&world, "acme", &token, PASSWORD).await.refused(404, "not_found");
    invite(&world, &acme, "ben@acme.example", "agent").await.expect(201);
    let token = world.token_for("ben@acme.example").await;
    world.travel(TimeDelta::days(7));
    accept(&world, "acme", &token, PASSWORD).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_invited_person_is_a_member_from_then_on() {
    let (world, acme, _) = World::start().await;
    let created = invite(&world, &acme, "Ana@acme.example", "manager").await.expect(201);
    assert_eq!(created.header("location"), format!("/api/v1/invitations/{}", created.body["id"]));
    assert_eq!((&created.body["email"], &created.body["status"]), (&json!("ana@acme.example"), &json!("pending")));
    assert!(created.body.get("token").is_none());
    let mail = world.mails("ana@acme.example").await.pop().expect("a mail");
    assert!(mail.text.contains("http://acme.localhost:8080/invitation?token="), "{}", mail.text);
    let answer = accept(&world, "acme", &world.token_for("ana@acme.example").await, PASSWORD).await.expect(200);
    let ana = Person::of(&answer);
    let me = world.get("/api/v1/auth/me").by(&ana).await.expect(200).body;
    assert_eq!((&me["role"], &me["email_verified"], &me["firstname"]), (&json!("manager"), &json!(true), &json!("Ana")));
    let data = world.last_event("UserCreated").await["data"].take();
    let keys: Vec<&String> = data.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["active", "email", "firstname", "lastname", "locale", "role", "tenant_id", "user_id", "version"]);
    assert_eq!((&data["role"], &data["active"], &data["version"]), (&json!("manager"), &json!(true), &json!(1)));
    invite(&world, &acme, "ana@acme.example", "agent").await.refused(409, "conflict");
}

#[tokio::test]
async fn an_account_that_is_proved_keeps_its_password_and_asks_for_it() {
    let (world, acme, globex) = World::start().await;
    invite(&world, &acme, &globex.email, "agent").await.expect(201);
    let token = world.token_for(&globex.email).await;
    accept(&world, "acme", &token, "another-long-secret-77").await.expect(401);
    let there = Person::of(&accept(&world, "acme", &token, PASSWORD).await.expect(200));
    assert_eq!(there.id, globex.id);
    let role = |person: &Person| world.get("/api/v1/auth/me").by(person).into_future();
    assert_eq!(role(&there).await.body["role"], "agent");
    assert_eq!(role(&globex).await.body["role"], "admin");
    world.get("/api/v1/auth/me").at("globex").bearing(&there.access).await.refused(403, "tenant_mismatch");
}

#[tokio::test]
async fn an_invitation_ends_what_a_stranger_began_with_the_address() {
    let (world, acme, _) = World::start().await;
    let squatter = crate::world::register_form("ana@acme.example", "squatter-long-secret-77");
    world.post("/api/v1/auth/register").at("globex").json(squatter).await.expect(202);
    world.member(&acme, "ana", "agent").await;
    world.try_log_in("acme", "ana@acme.example", "squatter-long-secret-77").await.expect(401);
    world.log_in("acme", "ana@acme.example").await;
}

#[tokio::test]
async fn asking_again_replaces_and_taking_back_ends() {
    let (world, acme, globex) = World::start().await;
    invite(&world, &acme, "ana@acme.example", "agent").await.expect(201);
    let first = world.token_for("ana@acme.example").await;
    let second = invite(&world, &acme, "ana@acme.example", "manager").await.expect(201);
    accept(&world, "acme", &first, PASSWORD).await.refused(404, "not_found");
    let path = format!("/api/v1/invitations/{}", second.body["id"]);
    world.delete(&path).by(&globex).await.refused(404, "not_found");
    world.delete(&path).by(&acme).await.expect(204);
    world.delete(&path).by(&acme).await.refused(404, "not_found");
    accept(&world, "acme", &world.token_for("ana@acme.example").await, PASSWORD).await.refused(404, "not_found");
    world.delete("/api/v1/invitations/9223372036854775808").by(&acme).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_list_is_paged_and_ones_own() {
    let (world, acme, globex) = World::start().await;
    for n in 0..5 {
        invite(&world, &acme, &format!("p{n}@acme.example"), "agent").await.expect(201);
    }
    let mut seen = vec![];
    let mut cursor = String::new();
    loop {
        let page = world.get(&format!("/api/v1/invitations?limit=2{cursor}")).by(&acme).await.expect(200).body;
        seen.extend(page["data"].as_array().expect("rows").iter().map(|row| row["email"].clone()));
        let Value::String(next) = &page["page"]["next_cursor"] else { break };
        world.get(&format!("/api/v1/invitations?cursor={next}")).by(&globex).await.refused(422, "validation_failed");
        world.get(&format!("/api/v1/members?cursor={next}")).by(&acme).await.refused(422, "validation_failed");
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, (0..5).rev().map(|n| json!(format!("p{n}@acme.example"))).collect::<Vec<_>>());
    assert_eq!(world.get("/api/v1/invitations").by(&globex).await.expect(200).body["data"], json!([]));
}
