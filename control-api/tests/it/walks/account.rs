//! Password, address and name.

use serde_json::json;

use super::{Acts, Trail};
use crate::{
    passkeys::device,
    world::{PASSWORD, Person, World, register_form},
};

const NEW: &str = "heron-lantern-quartz-58";

pub const ACTS: Acts = &[
    ("patch /api/v1/auth/me", &["person UserUpdated acme"]),
    ("post /api/v1/auth/password/change", &["person PasswordChanged(change) acme", "person SessionsEnded(password_changed) acme"]),
    ("post /api/v1/auth/password/forgot", &[]),
    ("worker, a link to a new password", &["system LinkSent(password) acme"]),
    ("post /api/v1/auth/password/reset", &["person PasswordChanged(reset) acme", "person SessionsEnded(password_reset) acme"]),
    ("post /api/v1/auth/email/change", &["person EmailChangeAsked acme"]),
    (
        "post /api/v1/auth/email/change/confirm",
        &["person EmailChanged(confirmed) acme", "person UserUpdated acme", "person SessionsEnded(address_changed) acme"],
    ),
    (
        "post /api/v1/auth/email/change/confirm, back to the old one",
        &[
            "person EmailChanged(undone) acme",
            "person UserUpdated acme",
            "person TwoFactorReset acme",
            "person ApiKeyRevoked acme",
            "person SessionsEnded(address_changed) acme",
            "person LinkSent(password) acme",
        ],
    ),
    (
        "post /api/v1/auth/email/verify, of an account that another used",
        &[
            "person TwoFactorReset third",
            "person SessionsEnded(address_proved) third",
            "person UserUpdated third",
            "person EmailVerified third",
        ],
    ),
];

#[tokio::test]
async fn password_address_and_name_change() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.log_in("acme", &ana.email).await;
    let mut trail = Trail::of(&world, ACTS).await;
    world.patch("/api/v1/auth/me").by(&ana).json(json!({ "firstname": "Anna" })).await.expect(200);
    trail.tells("patch /api/v1/auth/me").await;
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    world.post("/api/v1/auth/password/change").by(&ana).json(change).await.expect(204);
    trail.tells("post /api/v1/auth/password/change").await;
    world.post("/api/v1/auth/password/forgot").at("acme").json(json!({ "email": ana.email })).await.expect(202);
    trail.tells("post /api/v1/auth/password/forgot").await;
    let token = world.token_for(&ana.email).await;
    trail.tells("worker, a link to a new password").await;
    world.post("/api/v1/auth/password/reset").json(json!({ "token": token, "password": PASSWORD })).await.expect(204);
    trail.tells("post /api/v1/auth/password/reset").await;
    moves(&world, &acme, &mut trail).await;
    is_anothers(&world, &mut trail).await;
    trail.ends();
}

/// Another address, and back with all that was added meanwhile.
async fn moves(world: &World, acme: &Person, trail: &mut Trail<'_>) {
    world.log_in("acme", &acme.email).await;
    trail.prepared().await;
    world.post("/api/v1/auth/email/change").by(acme).json(json!({ "email": "ada@new.example", "password": PASSWORD })).await.expect(202);
    trail.tells("post /api/v1/auth/email/change").await;
    let confirm = async |email: &str| {
        let token = world.token_for(email).await;
        world.post("/api/v1/auth/email/change/confirm").json(json!({ "token": token })).await.expect(204);
    };
    confirm("ada@new.example").await;
    trail.tells("post /api/v1/auth/email/change/confirm").await;
    device(world, acme, "Thief's").await;
    let key = json!({ "name": "Shop", "scopes": ["members:read"] });
    world.post("/api/v1/api-keys").by(acme).json(key).await.expect(201);
    trail.prepared().await;
    confirm(&acme.email).await;
    trail.tells("post /api/v1/auth/email/change/confirm, back to the old one").await;
}

/// Somebody founds an organisation with another's address, and sets up a second factor.
async fn is_anothers(world: &World, trail: &mut Trail<'_>) {
    let email = "carl@acme.example";
    let mut form = crate::world::sign_up_form("third", email);
    form["password"] = json!("squatter-long-secret-77");
    world.post("/api/v1/tenants").json(form).await.expect(202);
    world.open_doors("third").await;
    let due = world.try_log_in("third", email, "squatter-long-secret-77").await.expect(200);
    world.enrol("third", due.body["enrolment_token"].as_str().expect("a token")).await;
    world.post("/api/v1/auth/register").at("third").json(register_form(email, PASSWORD)).await.expect(202);
    let token = world.token_for(email).await;
    trail.prepared().await;
    world.post("/api/v1/auth/email/verify").json(json!({ "token": token, "password": PASSWORD })).await.expect(204);
    trail.tells("post /api/v1/auth/email/verify, of an account that another used").await;
}
