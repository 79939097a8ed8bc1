//! What admins do with people, settings, keys and providers.

use axum::http::Method;
use chrono::TimeDelta;
use control_api::support::note_ends;
use serde_json::json;

use super::{Acts, Trail};
use crate::{
    passkeys::device,
    sso::{self, SETTINGS, cookies, settings, sign_in},
    world::{PASSWORD, Person, World},
};

pub const ACTS: Acts = &[
    ("post /api/v1/invitations", &["person UserInvited acme"]),
    ("post /api/v1/invitations, once more", &["person InvitationRevoked acme", "person UserInvited acme"]),
    ("delete /api/v1/invitations/{id}", &["person InvitationRevoked acme"]),
    ("post /api/v1/auth/invitations/accept", &["person UserCreated acme", "person InvitationAccepted acme", "person SignedIn acme"]),
    ("worker, a link to a new password of somebody invited", &["system AccountLinkSent -"]),
    (
        "post /api/v1/auth/password/reset, of somebody invited",
        &["person AccountPasswordChanged -", "person SessionsEnded(password_reset) globex"],
    ),
    ("patch /api/v1/members/{user_id}", &["person UserUpdated acme"]),
    ("patch /api/v1/members/{user_id}, a VIP", &["person UserUpdated acme"]),
    ("patch /api/v1/members/{user_id}, as admin", &["person SessionsEnded(role_changed) acme", "person UserUpdated acme"]),
    ("patch /api/v1/members/{user_id}, a customer as staff", &["person SessionsEnded(became_staff) acme", "person UserUpdated acme"]),
    (
        "patch /api/v1/members/{user_id}, no admin any more",
        &["person InvitationRevoked acme", "person ApiKeyRevoked acme", "person UserUpdated acme"],
    ),
    ("delete /api/v1/members/{user_id}", &["person SessionsEnded(removed) acme", "person UserUpdated acme"]),
    ("patch /api/v1/tenant", &["person TenantUpdated acme"]),
    ("post /api/v1/api-keys", &["person ApiKeyCreated acme"]),
    ("delete /api/v1/api-keys/{id}", &["person ApiKeyRevoked acme"]),
    ("post /api/v1/tenant/support-access", &["person SupportGranted acme"]),
    ("delete /api/v1/tenant/support-access", &["person SupportEnded acme"]),
    ("worker, leave that ends by itself", &["system SupportEnded acme"]),
    ("get /api/v1/audit-logs/export", &["person AuditExported acme"]),
];

#[tokio::test]
async fn an_admin_asks_in_and_lets_go() {
    let (world, acme, _) = World::start().await;
    world.own("acme").await;
    let mut trail = Trail::of(&world, ACTS).await;
    let invite = async |by: &Person, email: &str| {
        let body = json!({ "email": email, "role": "agent" });
        world.post("/api/v1/invitations").by(by).json(body).await.expect(201).body["id"].clone()
    };
    invite(&acme, "ana@acme.example").await;
    trail.tells("post /api/v1/invitations").await;
    let id = invite(&acme, "ana@acme.example").await;
    trail.tells("post /api/v1/invitations, once more").await;
    world.delete(&format!("/api/v1/invitations/{id}")).by(&acme).await.expect(204);
    trail.tells("delete /api/v1/invitations/{id}").await;
    invite(&acme, "ana@acme.example").await;
    let token = world.token_for("ana@acme.example").await;
    trail.prepared().await;
    let body = json!({ "token": token, "password": PASSWORD, "firstname": "Ana", "lastname": "Lopez" });
    let ana = Person::of(&world.post("/api/v1/auth/invitations/accept").at("acme").json(body).await.expect(200));
    trail.tells("post /api/v1/auth/invitations/accept").await;
    has_an_account(&world, &mut trail, invite(&acme, "gus@globex.example")).await;
    let chloe = world.customer("acme", "chloe").await;
    trail.prepared().await;
    let becomes = async |whom: &Person, role: &str| {
        world.patch(&format!("/api/v1/members/{}", whom.id)).by(&acme).json(json!({ "role": role })).await.expect(200);
    };
    becomes(&ana, "manager").await;
    trail.tells("patch /api/v1/members/{user_id}").await;
    world.patch(&format!("/api/v1/members/{}", chloe.id)).by(&acme).json(json!({ "vip": true })).await.expect(200);
    trail.tells("patch /api/v1/members/{user_id}, a VIP").await;
    becomes(&chloe, "agent").await;
    trail.tells("patch /api/v1/members/{user_id}, a customer as staff").await;
    becomes(&ana, "admin").await;
    trail.tells("patch /api/v1/members/{user_id}, as admin").await;
    let ana = world.log_in("acme", "ana@acme.example").await;
    invite(&ana, "ben@acme.example").await;
    make_key(&world, &ana).await;
    trail.prepared().await;
    becomes(&ana, "agent").await;
    trail.tells("patch /api/v1/members/{user_id}, no admin any more").await;
    world.delete(&format!("/api/v1/members/{}", ana.id)).by(&acme).await.expect(204);
    trail.tells("delete /api/v1/members/{user_id}").await;
    sets(&world, &acme, &mut trail).await;
    trail.ends();
}

async fn make_key(world: &World, by: &Person) -> serde_json::Value {
    let body = json!({ "name": "Shop", "scopes": ["members:read"] });
    world.post("/api/v1/api-keys").by(by).json(body).await.expect(201).body["id"].clone()
}

async fn sets(world: &World, acme: &Person, trail: &mut Trail<'_>) {
    world.patch("/api/v1/tenant").by(acme).json(json!({ "organisation": "Acme & Co" })).await.expect(200);
    trail.tells("patch /api/v1/tenant").await;
    let id = make_key(world, acme).await;
    trail.tells("post /api/v1/api-keys").await;
    world.delete(&format!("/api/v1/api-keys/{id}")).by(acme).await.expect(204);
    trail.tells("delete /api/v1/api-keys/{id}").await;
    let leave = async || world.post("/api/v1/tenant/support-access").by(acme).json(json!({ "hours": 1, "reason": "x" })).await.expect(201);
    leave().await;
    trail.tells("post /api/v1/tenant/support-access").await;
    world.delete("/api/v1/tenant/support-access").by(acme).await.expect(204);
    trail.tells("delete /api/v1/tenant/support-access").await;
    world.get("/api/v1/audit-logs/export?format=jsonl").by(acme).await.expect(200);
    trail.tells("get /api/v1/audit-logs/export").await;
    leave().await;
    trail.prepared().await;
    world.travel(TimeDelta::hours(1));
    note_ends(&world.app).await.expect("noted");
    trail.tells("worker, leave that ends by itself").await;
}

pub const PROVIDER: Acts = &[
    ("put /api/v1/tenant/identity-provider", &["person IdentityProviderChanged acme"]),
    ("get /api/v1/auth/sso/callback, a newcomer", &["person UserCreated acme", "person IdentityLinked acme", "person SignedIn acme"]),
    ("get /api/v1/auth/sso/callback, a member", &["person IdentityLinked acme", "person SignedIn acme"]),
    (
        "put /api/v1/tenant/identity-provider, switched off",
        &[
            "person PasskeyRemoved acme",
            "person SessionsEnded(provider_gone) acme",
            "person SessionsEnded(provider_gone) acme",
            "person IdentityProviderChanged acme",
        ],
    ),
    ("delete /api/v1/tenant/identity-provider", &["person IdentityProviderRemoved acme"]),
];

/// Somebody of another organisation has forgotten the password that an invitation asks for.
async fn has_an_account(world: &World, trail: &mut Trail<'_>, invited: impl Future) {
    let gus = world.customer("globex", "gus").await;
    invited.await;
    world.post("/api/v1/auth/password/forgot").at("acme").json(json!({ "email": gus.email })).await.expect(202);
    trail.prepared().await;
    let token = world.token_for(&gus.email).await;
    trail.tells("worker, a link to a new password of somebody invited").await;
    let reset = json!({ "token": token, "password": "heron-lantern-quartz-58" });
    world.post("/api/v1/auth/password/reset").at("acme").json(reset).await.expect(204);
    trail.tells("post /api/v1/auth/password/reset, of somebody invited").await;
}

#[tokio::test]
async fn a_provider_comes_and_goes() {
    let (world, acme, _, provider) = sso::start().await;
    world.member(&acme, "ana", "agent").await;
    let mut trail = Trail::of(&world, PROVIDER).await;
    let put = async |enabled: bool| {
        let mut wish = settings(&provider);
        wish["enabled"] = json!(enabled);
        world.ask(Method::PUT, SETTINGS).by(&acme).json(wish).await.expect(200);
    };
    put(true).await;
    trail.tells("put /api/v1/tenant/identity-provider").await;
    let back = sign_in(&world, &provider, ("u1", "ben@acme.example")).await.expect(302);
    trail.tells("get /api/v1/auth/sso/callback, a newcomer").await;
    sign_in(&world, &provider, ("u2", "ana@acme.example")).await.expect(302);
    trail.tells("get /api/v1/auth/sso/callback, a member").await;
    // Ben makes a passkey upon the provider's word alone.
    let cookie = cookies(&back).into_iter().find(|c| c.starts_with("hd_refresh=")).expect("a session");
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    let ben = Person::of(&world.post("/api/v1/auth/refresh").at("acme").with("cookie", cookie).await.expect(200));
    device(&world, &ben, "Phone").await;
    trail.prepared().await;
    put(false).await;
    trail.tells("put /api/v1/tenant/identity-provider, switched off").await;
    world.delete(SETTINGS).by(&acme).await.expect(204);
    trail.tells("delete /api/v1/tenant/identity-provider").await;
    trail.ends();
}
