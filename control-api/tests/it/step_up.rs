//! Proving again, in the middle of a session, who one is.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    sign_up::futures_join,
    two_factor::{statuses, step_up},
    world::{PASSWORD, Person, World},
};

#[tokio::test]
async fn what_lasts_asks_for_a_proof_of_the_last_quarter_of_an_hour() {
    let (world, acme, _) = World::start().await;
    let (app, _) = world.enrol("acme", &acme.access).await;
    let (ana, boss) = (world.member(&acme, "ana", "agent").await, world.member(&acme, "boss", "admin").await);
    let refreshed = async |person: &Person| {
        let body = json!({ "refresh_token": person.refresh });
        Person::of(&world.post("/api/v1/auth/refresh").at("acme").json(body).await.expect(200))
    };
    world.travel(TimeDelta::minutes(15) + TimeDelta::seconds(1));
    let (acme, ana) = (refreshed(&acme).await, refreshed(&ana).await);
    let (to_ana, to_boss) = (format!("/api/v1/members/{}", ana.id), format!("/api/v1/members/{}", boss.id));
    let dangerous = async |status: u16| {
        let as_admin = json!({ "email": "new@acme.example", "role": "admin" });
        for answer in [
            world.patch(&to_ana).by(&acme).json(json!({ "role": "admin" })).await,
            world.patch(&to_boss).by(&acme).json(json!({ "role": "agent" })).await,
            world.post("/api/v1/invitations").by(&acme).json(as_admin).await,
            world.post("/api/v1/auth/2fa/setup").by(&acme).await,
            world.post("/api/v1/auth/2fa/recovery-codes").by(&acme).await,
        ] {
            let made = if answer.headers.contains_key("location") { 201 } else { 200 };
            match status {
                403 => answer.refused(403, "step_up_required"),
                _ => answer.expect(made),
            };
        }
    };
    dangerous(403).await;
    world.delete(&to_boss).by(&acme).await.refused(403, "step_up_required");
    world.patch(&to_ana).by(&acme).json(json!({ "role": "manager" })).await.expect(200);
    step_up(&world, &acme, json!({ "password": PASSWORD })).await.refused(403, "two_factor_required");
    step_up(&world, &acme, json!({ "code": "wrong" })).await.refused(401, "unauthenticated");
    for nothing in [json!({}), json!({ "code": "1", "recovery_code": "1" }), json!({ "code": "1", "password": "1" })] {
        step_up(&world, &acme, nothing).await.refused(422, "validation_failed");
    }
    world.delete(&to_boss).by(&acme).await.refused(403, "step_up_required");
    world.post("/api/v1/auth/2fa/setup").by(&ana).await.refused(403, "step_up_required");
    step_up(&world, &ana, json!({ "password": "wrong-long-secret-77" })).await.refused(401, "unauthenticated");
    world.post("/api/v1/auth/2fa/setup").by(&ana).await.refused(403, "step_up_required");
    step_up(&world, &acme, json!({ "code": app.code(world.app.clock.now()) })).await.expect(204);
    dangerous(200).await;
}

#[tokio::test]
async fn a_password_proves_again_whoever_has_no_second_factor_ten_tries_at_most() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.travel(TimeDelta::minutes(14));
    step_up(&world, &ana, json!({ "password": PASSWORD })).await.expect(204);
    let body = json!({ "refresh_token": ana.refresh });
    let ana = Person::of(&world.post("/api/v1/auth/refresh").at("acme").json(body).await.expect(200));
    world.travel(TimeDelta::minutes(10));
    world.post("/api/v1/auth/2fa/setup").by(&ana).await.expect(200);
    let wrong = json!({ "password": "wrong-long-secret-77" });
    let answers = futures_join((0..14).map(|_| step_up(&world, &ana, wrong.clone()))).await;
    assert!(answers.iter().all(|a| matches!(a.status, 401 | 429 | 503)), "{:?}", statuses(&answers));
    let mut tries = answers.iter().filter(|a| a.status == 401).count();
    loop {
        match step_up(&world, &ana, wrong.clone()).await.status {
            401 => tries += 1,
            429 => break,
            // Nobody had time to look: that was no try.
            status => assert_eq!(status, 503),
        }
    }
    assert_eq!(tries, 10, "{:?}", statuses(&answers));
    step_up(&world, &ana, json!({ "password": PASSWORD })).await.refused(429, "rate_limited");
    let told = world.mails(&ana.email).await;
    assert!(told.iter().any(|mail| mail.subject == "Wrong proofs for your account at Organisation"), "{told:?}");
}
