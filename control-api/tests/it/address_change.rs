//! Another address.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    passkeys::{come_in, device},
    world::{Answer, PASSWORD, Person, World, register_form},
};

async fn ask(world: &World, by: &Person, email: &str, password: &str) -> Answer {
    world.post("/api/v1/auth/email/change").by(by).json(json!({ "email": email, "password": password })).await
}

async fn follow(world: &World, token: &str) -> Answer {
    world.post("/api/v1/auth/email/change/confirm").json(json!({ "token": token })).await
}

#[tokio::test]
async fn a_new_address_counts_from_its_proof_and_ends_the_other_sessions() {
    let (world, acme, _) = World::start().await;
    let other = world.log_in("acme", &acme.email).await;
    ask(&world, &acme, "ada@new.example", "not-my-password-11").await.expect(422);
    ask(&world, &acme, " Admin@ACME.example ", PASSWORD).await.expect(422);
    ask(&world, &acme, "Ada@New.example", PASSWORD).await.expect(202);
    let token = world.token_for("ada@new.example").await;
    assert_eq!(world.get("/api/v1/auth/me").by(&acme).await.expect(200).body["email"], acme.email);
    world.post("/api/v1/auth/email/change/confirm").at("globex").json(json!({ "token": token })).await.refused(404, "not_found");
    follow(&world, &token).await.expect(204);
    follow(&world, &token).await.refused(404, "not_found");
    let me = world.get("/api/v1/auth/me").by(&acme).await.expect(200).body;
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("ada@new.example"), &json!(true)));
    world.get("/api/v1/auth/me").by(&other).await.refused(401, "unauthenticated");
    world.try_log_in("acme", &acme.email, PASSWORD).await.refused(401, "unauthenticated");
    world.log_in("acme", "ada@new.example").await;
    let told = world.last_event("UserUpdated").await;
    assert_eq!((&told["data"]["user_id"], &told["data"]["email"]), (&json!(acme.id), &json!("ada@new.example")));
    assert_eq!(world.last_event("EmailChanged").await["data"]["by"], "confirmed");
    let notice = world.mails(&acme.email).await.pop().expect("a mail");
    assert_eq!(notice.subject, "Your account has a new e-mail address");
    assert!(!notice.text.contains("ada@new"), "{}", notice.text);
}

#[tokio::test]
async fn a_session_that_is_not_fresh_changes_no_address() {
    let (world, acme, _) = World::start().await;
    world.travel(TimeDelta::minutes(14));
    let refreshed = world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": acme.refresh })).await.expect(200);
    let session = Person::of(&refreshed);
    world.travel(TimeDelta::minutes(2));
    ask(&world, &session, "ada@new.example", PASSWORD).await.refused(403, "step_up_required");
}

#[tokio::test]
async fn an_address_that_has_an_account_is_answered_alike_and_taken_from_nobody() {
    let (world, acme, globex) = World::start().await;
    let free = ask(&world, &acme, "ada@new.example", PASSWORD).await.expect(202);
    let taken = ask(&world, &acme, &globex.email, PASSWORD).await.expect(202);
    assert_eq!((free.body, free.headers.len()), (taken.body, taken.headers.len()));
    let mail = world.mails(&globex.email).await.pop().expect("a mail");
    assert_eq!((mail.subject.as_str(), mail.text.contains("token=")), ("This address has an account already", false));
    // Taken after the link was sent.
    ask(&world, &acme, "late@new.example", PASSWORD).await.expect(202);
    let token = world.token_for("late@new.example").await;
    world.customer_of("globex", "late@new.example").await;
    follow(&world, &token).await.refused(409, "email_taken");
    world.log_in("acme", &acme.email).await;
    world.log_in("globex", "late@new.example").await;
}

#[tokio::test]
async fn whoever_wrote_the_address_down_and_proved_nothing_gives_way() {
    let (world, acme, _) = World::start().await;
    world.register("globex", "ada@new.example").await.expect(202);
    let strangers = world.token_for("ada@new.example").await;
    ask(&world, &acme, "ada@new.example", PASSWORD).await.expect(202);
    follow(&world, &world.token_for("ada@new.example").await).await.expect(204);
    world.post("/api/v1/auth/email/verify").json(json!({ "token": strangers })).await.refused(404, "not_found");
    assert_eq!(world.log_in("acme", "ada@new.example").await.id, acme.id);
    world.try_log_in("globex", "ada@new.example", PASSWORD).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn the_old_address_undoes_what_a_thief_did_however_often_they_moved() {
    let (world, acme, _) = World::start().await;
    ask(&world, &acme, "thief@one.example", PASSWORD).await.expect(202);
    follow(&world, &world.token_for("thief@one.example").await).await.expect(204);
    let undo = world.token_for(&acme.email).await;
    world.travel(TimeDelta::minutes(1));
    ask(&world, &acme, "thief@two.example", PASSWORD).await.expect(202);
    follow(&world, &world.token_for("thief@two.example").await).await.expect(204);
    let thiefs_undo = world.token_for("thief@one.example").await;
    ask(&world, &acme, "thief@three.example", PASSWORD).await.expect(202);
    let waiting = world.token_for("thief@three.example").await;
    // Whoever registers the address meanwhile is in nobody's way.
    world.post("/api/v1/auth/register").at("globex").json(register_form(&acme.email, "stranger-secret-22-xx")).await.expect(202);
    world.travel(TimeDelta::days(6));
    let thief = world.log_in("acme", "thief@two.example").await;
    follow(&world, &undo).await.expect(204);
    world.get("/api/v1/auth/me").by(&thief).await.refused(401, "unauthenticated");
    for email in ["thief@two.example", acme.email.as_str()] {
        world.try_log_in("acme", email, PASSWORD).await.refused(401, "unauthenticated");
    }
    for dead in [&thiefs_undo, &waiting, &undo] {
        follow(&world, dead).await.refused(404, "not_found");
    }
    let body = json!({ "token": world.token_for(&acme.email).await, "password": "heron-lantern-quartz-58" });
    world.post("/api/v1/auth/password/reset").json(body).await.expect(204);
    let own = world.try_log_in("acme", &acme.email, "heron-lantern-quartz-58").await.expect(200);
    assert_eq!(world.settle("acme", own).await.id, acme.id);
}

#[tokio::test]
async fn what_a_thief_added_goes_with_them_and_what_was_there_before_stays() {
    let (world, acme, _) = World::start().await;
    let make_key = async |by: &Person| -> Person {
        let body = json!({ "name": "Shop", "scopes": ["members:read"] });
        let made = world.post("/api/v1/api-keys").by(by).json(body).await.expect(201);
        Person { access: made.body["key"].as_str().expect("a key").to_owned(), ..by.clone() }
    };
    let (mut own_device, own_key) = (device(&world, &acme, "Own").await, make_key(&acme).await);
    world.travel(TimeDelta::days(3));
    let thief = Person::of(&come_in(&world, "acme", &mut own_device).await.expect(200));
    let (mut device_before, key_before) = (device(&world, &thief, "Before").await, make_key(&thief).await);
    ask(&world, &thief, "thief@one.example", PASSWORD).await.expect(202);
    follow(&world, &world.token_for("thief@one.example").await).await.expect(204);
    let undo = world.token_for(&acme.email).await;
    let (mut device_after, key_after) = (device(&world, &thief, "After").await, make_key(&thief).await);
    follow(&world, &undo).await.expect(204);
    for added in [&mut device_before, &mut device_after] {
        come_in(&world, "acme", added).await.refused(401, "unauthenticated");
    }
    for added in [&key_before, &key_after] {
        world.get("/api/v1/members").by(added).await.refused(401, "unauthenticated");
    }
    come_in(&world, "acme", &mut own_device).await.expect(200);
    world.get("/api/v1/members").by(&own_key).await.expect(200);
}

#[tokio::test]
async fn the_way_back_is_open_for_a_week_and_only_to_an_address_that_was_proved() {
    let (world, acme, _) = World::start().await;
    ask(&world, &acme, "ada@new.example", PASSWORD).await.expect(202);
    follow(&world, &world.token_for("ada@new.example").await).await.expect(204);
    let undo = world.token_for(&acme.email).await;
    world.travel(TimeDelta::days(7));
    follow(&world, &undo).await.refused(404, "not_found");
    // A founder who mistyped the address: its owner hears nothing and gets nothing.
    world.sign_up("third", "typo@acme.example").await.expect(202);
    world.open_doors("third").await;
    let founder = world.log_in("third", "typo@acme.example").await;
    let before = world.mails("typo@acme.example").await.len();
    ask(&world, &founder, "right@acme.example", PASSWORD).await.expect(202);
    follow(&world, &world.token_for("right@acme.example").await).await.expect(204);
    assert_eq!(world.mails("typo@acme.example").await.len(), before);
    assert_eq!(world.log_in("third", "right@acme.example").await.id, founder.id);
}

#[tokio::test]
async fn a_new_password_ends_a_change_that_somebody_else_has_begun() {
    let (world, acme, _) = World::start().await;
    ask(&world, &acme, "thief@one.example", PASSWORD).await.expect(202);
    let token = world.token_for("thief@one.example").await;
    let own = world.log_in("acme", &acme.email).await;
    let body = json!({ "current_password": PASSWORD, "new_password": "heron-lantern-quartz-58" });
    world.post("/api/v1/auth/password/change").by(&own).json(body).await.expect(204);
    follow(&world, &token).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_change_goes_with_the_session_that_asked_for_it() {
    let (world, acme, globex) = World::start().await;
    for (person, to) in [(&acme, "thief@x.example"), (&globex, "thief@y.example")] {
        ask(&world, person, to, PASSWORD).await.expect(202);
    }
    world.post("/api/v1/auth/logout-all").by(&acme).await.expect(204);
    follow(&world, &world.token_for("thief@x.example").await).await.refused(404, "not_found");
    // Its owner adds a second factor elsewhere, which ends all other sessions.
    let owner = world.log_in("globex", &globex.email).await;
    world.enrol("globex", &owner.access).await;
    follow(&world, &world.token_for("thief@y.example").await).await.refused(404, "not_found");
    assert_eq!(world.count("select count(*) from users where email like 'thief@%'").await, 0);
}
