//! What somebody proves besides their password.

use chrono::TimeDelta;
use serde_json::json;

use super::{Acts, Trail};
use crate::{
    authenticator::Device,
    passkeys::{SECOND, STEP_UP, asked_to_make, asked_to_show, finish, keep},
    two_factor::step_up,
    world::{PASSWORD, Person, World},
};

pub const FACTORS: Acts = &[
    ("post /api/v1/auth/2fa/enable", &["person SessionsEnded(second_factor_changed) acme", "person TwoFactorEnabled acme"]),
    ("post /api/v1/auth/step-up", &["person SteppedUp acme"]),
    ("post /api/v1/auth/2fa/recovery-codes", &["person RecoveryCodesRenewed acme"]),
    ("post /api/v1/auth/2fa/verify, a recovery code", &["person RecoveryCodeUsed acme", "person SignedIn acme"]),
    ("post /api/v1/auth/2fa/disable", &["person SessionsEnded(second_factor_changed) acme", "person TwoFactorDisabled acme"]),
];

#[tokio::test]
async fn a_second_factor_comes_and_goes() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.log_in("acme", &ana.email).await;
    let setup = world.post("/api/v1/auth/2fa/setup").by(&ana).await.expect(200);
    let app = crate::factor::authenticator(setup.body["secret"].as_str().expect("a secret"));
    let mut trail = Trail::of(&world, FACTORS).await;
    let code = || json!({ "code": app.code(world.app.clock.now()) });
    world.post("/api/v1/auth/2fa/enable").by(&ana).json(code()).await.expect(200);
    trail.tells("post /api/v1/auth/2fa/enable").await;
    world.travel(TimeDelta::seconds(30));
    step_up(&world, &ana, code()).await.expect(204);
    trail.tells("post /api/v1/auth/step-up").await;
    let codes = world.post("/api/v1/auth/2fa/recovery-codes").by(&ana).await.expect(200).body["recovery_codes"].clone();
    trail.tells("post /api/v1/auth/2fa/recovery-codes").await;
    let owed = world.try_log_in("acme", &ana.email, PASSWORD).await.expect(200).body;
    let proof = json!({ "challenge_token": owed["challenge_token"], "recovery_code": codes[0] });
    world.post("/api/v1/auth/2fa/verify").at("acme").json(proof).await.expect(200);
    trail.tells("post /api/v1/auth/2fa/verify, a recovery code").await;
    world.travel(TimeDelta::seconds(30));
    let mut proof = code();
    proof["password"] = json!(PASSWORD);
    world.post("/api/v1/auth/2fa/disable").by(&ana).json(proof).await.expect(204);
    trail.tells("post /api/v1/auth/2fa/disable").await;
    trail.ends();
}

pub const PASSKEYS: Acts = &[
    ("post /api/v1/auth/passkeys/register/start", &[]),
    (
        "post /api/v1/auth/passkeys/register/finish",
        &["person PasskeyAdded acme", "person SessionsEnded(second_factor_changed) acme", "person SteppedUp acme"],
    ),
    ("post /api/v1/auth/passkeys/login/start", &[]),
    ("post /api/v1/auth/passkeys/login/finish", &["person SignedIn acme"]),
    ("post /api/v1/auth/2fa/passkey/start", &[]),
    ("post /api/v1/auth/2fa/passkey/finish", &["person SignedIn acme"]),
    ("post /api/v1/auth/step-up/passkey/start", &[]),
    ("post /api/v1/auth/step-up/passkey/finish", &["person SteppedUp acme"]),
    ("patch /api/v1/auth/passkeys/{id}", &["person PasskeyRenamed acme"]),
    ("delete /api/v1/auth/passkeys/{id}", &["person SessionsEnded(second_factor_changed) acme", "person PasskeyRemoved acme"]),
];

#[tokio::test]
async fn a_passkey_comes_and_goes() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.log_in("acme", &ana.email).await;
    let mut trail = Trail::of(&world, PASSKEYS).await;
    let mut phone = Device::at("acme");
    let asked = asked_to_make(&world, &ana, "Phone").await;
    trail.tells("post /api/v1/auth/passkeys/register/start").await;
    let made = phone.make(&asked["options"]);
    let id = keep(&world, &ana, &asked, made).await.expect(201).body["id"].clone();
    trail.tells("post /api/v1/auth/passkeys/register/finish").await;
    let asked = asked_to_show(&world, "acme").await;
    trail.tells("post /api/v1/auth/passkeys/login/start").await;
    let shown = phone.show(&asked["options"]);
    let inside = Person::of(&finish(&world, "acme", &asked, &shown).await.expect(200));
    trail.tells("post /api/v1/auth/passkeys/login/finish").await;
    let owed = world.try_log_in("acme", &ana.email, PASSWORD).await.expect(200).body["challenge_token"].clone();
    let asked = world.post(&format!("{SECOND}/start")).at("acme").json(json!({ "challenge_token": owed })).await.expect(200).body;
    trail.tells("post /api/v1/auth/2fa/passkey/start").await;
    let body = json!({ "ceremony": asked["ceremony"], "credential": phone.show(&asked["options"]) });
    world.post(&format!("{SECOND}/finish")).at("acme").json(body).await.expect(200);
    trail.tells("post /api/v1/auth/2fa/passkey/finish").await;
    let asked = world.post(&format!("{STEP_UP}/start")).by(&inside).await.expect(200).body;
    trail.tells("post /api/v1/auth/step-up/passkey/start").await;
    let body = json!({ "ceremony": asked["ceremony"], "credential": phone.show(&asked["options"]) });
    world.post(&format!("{STEP_UP}/finish")).by(&inside).json(body).await.expect(204);
    trail.tells("post /api/v1/auth/step-up/passkey/finish").await;
    let passkey = format!("/api/v1/auth/passkeys/{id}");
    world.patch(&passkey).by(&inside).json(json!({ "name": "Old phone" })).await.expect(200);
    trail.tells("patch /api/v1/auth/passkeys/{id}").await;
    world.delete(&passkey).by(&inside).await.expect(204);
    trail.tells("delete /api/v1/auth/passkeys/{id}").await;
    trail.ends();
}
