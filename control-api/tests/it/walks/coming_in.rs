//! Coming in and leaving.

use serde_json::json;

use super::{Acts, Trail};
use crate::world::{PASSWORD, Person, World, register_form};

pub const STAFF: Acts = &[
    ("post /api/v1/tenants", &["person TenantCreated acme"]),
    ("post /api/v1/auth/login, a second factor is owed", &[]),
    ("post /api/v1/auth/2fa/setup", &["person TwoFactorBegun acme"]),
    ("post /api/v1/auth/2fa/enable, the first", &["person TwoFactorEnabled acme", "person SignedIn acme"]),
    ("post /api/v1/auth/email/resend", &["person ProofResent acme"]),
    ("post /api/v1/auth/email/resend, proved", &[]),
    ("post /api/v1/auth/email/verify", &["person EmailVerified acme"]),
    ("post /api/v1/auth/2fa/verify", &["person SignedIn acme"]),
];

#[tokio::test]
async fn a_founder_comes_in() {
    let world = World::empty().await;
    let mut trail = Trail::of(&world, STAFF).await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    trail.tells("post /api/v1/tenants").await;
    world.open_doors("acme").await;
    let due = world.try_log_in("acme", "ada@acme.example", PASSWORD).await.expect(200);
    trail.tells("post /api/v1/auth/login, a second factor is owed").await;
    let ticket = due.body["enrolment_token"].as_str().expect("a token");
    let setup = world.post("/api/v1/auth/2fa/setup").at("acme").bearing(ticket).await.expect(200);
    trail.tells("post /api/v1/auth/2fa/setup").await;
    let code = crate::factor::authenticator(setup.body["secret"].as_str().expect("a secret")).code(world.app.clock.now());
    let enabled = world.post("/api/v1/auth/2fa/enable").at("acme").bearing(ticket).json(json!({ "code": code })).await.expect(200);
    trail.tells("post /api/v1/auth/2fa/enable, the first").await;
    let ada = Person::of(&enabled);
    world.post("/api/v1/auth/email/resend").by(&ada).await.expect(202);
    trail.tells("post /api/v1/auth/email/resend").await;
    world.verify("ada@acme.example").await;
    trail.tells("post /api/v1/auth/email/verify").await;
    world.post("/api/v1/auth/email/resend").by(&ada).await.expect(202);
    trail.tells("post /api/v1/auth/email/resend, proved").await;
    world.log_in("acme", "ada@acme.example").await;
    trail.tells("post /api/v1/auth/2fa/verify").await;
    trail.ends();
}

pub const CUSTOMER: Acts = &[
    ("post /api/v1/auth/register", &["anonymous CustomerRegistered acme"]),
    ("post /api/v1/auth/register, known", &["anonymous CustomerRegistered acme"]),
    ("post /api/v1/auth/email/verify, a newcomer", &["person EmailVerified acme", "person UserCreated acme"]),
    ("post /api/v1/auth/login", &["person SignedIn acme"]),
    ("post /api/v1/auth/magic-link", &[]),
    ("worker, a link to come in", &["system LinkSent(sign_in) acme"]),
    ("post /api/v1/auth/magic-link, somebody unknown", &[]),
    ("post /api/v1/auth/magic-link/login", &["person SignedIn acme"]),
    (
        "post /api/v1/auth/magic-link/login, an address that nobody has proved",
        &[
            "person TwoFactorReset third",
            "person SessionsEnded(address_proved) third",
            "person EmailVerified third",
            "person SignedIn third",
        ],
    ),
];

#[tokio::test]
async fn a_customer_comes_in() {
    let (world, ..) = World::start().await;
    world.sign_up("third", "carl@acme.example").await.expect(202);
    world.open_doors("third").await;
    world.log_in("third", "carl@acme.example").await;
    world.sql("update memberships set role = 'customer' where tenant_id = (select id from tenants where slug = 'third')").await;
    let mut trail = Trail::of(&world, CUSTOMER).await;
    let email = "chloe@acme.example";
    let register = async || world.post("/api/v1/auth/register").at("acme").json(register_form(email, PASSWORD)).await.expect(202);
    register().await;
    trail.tells("post /api/v1/auth/register").await;
    world.verify(email).await;
    trail.tells("post /api/v1/auth/email/verify, a newcomer").await;
    register().await;
    trail.tells("post /api/v1/auth/register, known").await;
    world.log_in("acme", email).await;
    trail.tells("post /api/v1/auth/login").await;
    let ask =
        async |slug: &str, email: &str| world.post("/api/v1/auth/magic-link").at(slug).json(json!({ "email": email })).await.expect(202);
    let come = async |token: String| world.post("/api/v1/auth/magic-link/login").json(json!({ "token": token })).await.expect(200);
    ask("acme", email).await;
    trail.tells("post /api/v1/auth/magic-link").await;
    let token = world.token_for(email).await;
    trail.tells("worker, a link to come in").await;
    come(token).await;
    trail.tells("post /api/v1/auth/magic-link/login").await;
    ask("acme", "nobody@acme.example").await;
    world.mails("nobody@acme.example").await;
    trail.tells("post /api/v1/auth/magic-link, somebody unknown").await;
    ask("third", "carl@acme.example").await;
    let token = world.token_for("carl@acme.example").await;
    trail.prepared().await;
    come(token).await;
    trail.tells("post /api/v1/auth/magic-link/login, an address that nobody has proved").await;
    trail.ends();
}

pub const LEAVING: Acts = &[
    ("post /api/v1/auth/refresh", &[]),
    ("post /api/v1/auth/refresh, a token of long ago", &["anonymous SessionsEnded(reuse) acme"]),
    ("delete /api/v1/auth/sessions/{id}", &["person SessionsEnded(revoked) acme"]),
    ("post /api/v1/auth/logout", &["person SessionsEnded(logout) acme"]),
    ("post /api/v1/auth/logout, with the refresh token", &["person SessionsEnded(logout) acme"]),
    ("post /api/v1/auth/logout-all", &["person SessionsEnded(logout_all) acme"]),
];

#[tokio::test]
async fn somebody_leaves() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let mut trail = Trail::of(&world, LEAVING).await;
    let refresh = async |token: &str| world.post("/api/v1/auth/refresh").at("acme").json(json!({ "refresh_token": token })).await;
    let second = Person::of(&refresh(&ana.refresh).await.expect(200));
    trail.tells("post /api/v1/auth/refresh").await;
    refresh(&second.refresh).await.expect(200);
    refresh(&ana.refresh).await.refused(401, "unauthenticated");
    trail.tells("post /api/v1/auth/refresh, a token of long ago").await;
    let (here, there) = (world.log_in("acme", &ana.email).await, world.log_in("acme", &ana.email).await);
    trail.prepared().await;
    let list = world.get("/api/v1/auth/sessions").by(&here).await.expect(200).body;
    let other = list["data"].as_array().expect("sessions").iter().find(|s| s["current"] == false).expect("another")["id"].clone();
    world.delete(&format!("/api/v1/auth/sessions/{}", other.as_str().expect("an id"))).by(&here).await.expect(204);
    trail.tells("delete /api/v1/auth/sessions/{id}").await;
    world.post("/api/v1/auth/logout").by(&here).await.expect(204);
    trail.tells("post /api/v1/auth/logout").await;
    drop(there);
    let third = world.log_in("acme", &ana.email).await;
    trail.prepared().await;
    world.post("/api/v1/auth/logout").at("acme").json(json!({ "refresh_token": third.refresh })).await.expect(204);
    trail.tells("post /api/v1/auth/logout, with the refresh token").await;
    let last = world.log_in("acme", &ana.email).await;
    trail.prepared().await;
    world.post("/api/v1/auth/logout-all").by(&last).await.expect(204);
    trail.tells("post /api/v1/auth/logout-all").await;
    trail.ends();
}
