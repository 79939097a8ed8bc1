//! One account at several organisations: who got into one of them with less than the person's own proofs
//! gets no hold of the others by it.

use serde_json::json;

use crate::{
    authenticator::Device,
    factor::authenticator,
    passkeys::{REGISTER, come_in, device},
    second_passkeys::step_up,
    sso::{cookies, sign_in, start},
    world::{Answer, PASSWORD, Person, World, register_form},
};

const NEW: &str = "heron-lantern-quartz-58";

/// Ana of Acme, whose only second factor is a passkey there.
async fn ana(world: &World, acme: &Person) -> (Person, Device) {
    let ana = world.member(acme, "ana", "agent").await;
    let phone = device(world, &ana, "Phone").await;
    (ana, phone)
}

/// Somebody with no more than her password opens an organisation of their own, where her passkey is none.
async fn elsewhere(world: &World, slug: &str, email: &str) -> String {
    world.sign_up(slug, email).await.expect(202);
    world.open_doors(slug).await;
    let owed = world.try_log_in(slug, email, PASSWORD).await.expect(200).body;
    owed["enrolment_token"].as_str().expect("a token").to_owned()
}

/// Comes in there with a new passkey.
async fn with_a_passkey(world: &World, slug: &str, ticket: &str) -> (Person, Device) {
    let wish = json!({ "name": "Thief" });
    let asked = world.post(&format!("{REGISTER}/start")).at(slug).bearing(ticket).json(wish).await.expect(200).body;
    let mut key = Device::at(slug);
    let body = json!({ "ceremony": asked["ceremony"], "credential": key.make(&asked["options"]) });
    let inside = world.post(&format!("{REGISTER}/finish")).at(slug).bearing(ticket).json(body).await.expect(201);
    assert!(inside.body["recovery_codes"].is_null(), "they would count at Acme: {}", inside.body);
    (Person::of(&inside), key)
}

/// Everything that would count at all organisations is refused.
async fn gets_nothing(world: &World, thief: &Person, code: &str) {
    world.post("/api/v1/auth/2fa/setup").by(thief).await.refused(403, code);
    world.post("/api/v1/auth/2fa/enable").by(thief).json(json!({ "code": "123456" })).await.refused(403, code);
    world.post("/api/v1/auth/2fa/recovery-codes").by(thief).await.refused(403, code);
}

/// Ana of Acme is a customer of Globex too.
async fn at_globex(world: &World, ana: &Person) -> Person {
    world.register("globex", &ana.email).await.expect(202);
    world.verify(&ana.email).await;
    Person::of(&world.try_log_in("globex", &ana.email, PASSWORD).await.expect(200))
}

/// Who came in through the provider.
pub async fn vouched(world: &World, answer: Answer) -> Person {
    let answer = answer.expect(302);
    let cookie = cookies(&answer).into_iter().find(|c| c.starts_with("hd_refresh=")).expect("a session");
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    Person::of(&world.post("/api/v1/auth/refresh").at("acme").with("cookie", cookie).await.expect(200))
}

#[tokio::test]
async fn a_passkey_made_with_the_password_alone_opens_nothing_where_another_is_asked_for() {
    let (world, acme, _) = World::start().await;
    let (ana, _) = ana(&world, &acme).await;
    let codes = "select count(*) from recovery_codes where used_at is null";
    let before = world.count(codes).await;
    let ticket = elsewhere(&world, "mallory", &ana.email).await;
    world.post("/api/v1/auth/2fa/setup").at("mallory").bearing(&ticket).await.refused(403, "two_factor_required");
    let (thief, mut key) = with_a_passkey(&world, "mallory", &ticket).await;
    world.get("/api/v1/members").by(&thief).await.expect(200);
    gets_nothing(&world, &thief, "two_factor_required").await;
    // Nor by another passkey, made by the session that the first one opened, nor by showing them.
    let mut second = device(&world, &thief, "Thief again").await;
    gets_nothing(&world, &thief, "two_factor_required").await;
    for key in [&mut key, &mut second] {
        step_up(&world, &thief, key).await.expect(204);
        gets_nothing(&world, &thief, "two_factor_required").await;
        let shown = Person::of(&come_in(&world, "mallory", key).await.expect(200));
        gets_nothing(&world, &shown, "step_up_required").await;
    }
    let shown = Person::of(&come_in(&world, "mallory", &mut key).await.expect(200));
    device(&world, &shown, "Thief once more").await;
    gets_nothing(&world, &shown, "step_up_required").await;
    assert_eq!(world.count(codes).await, before, "Ana's own");
    // At Acme the password leads to the question for Ana's passkey, as before.
    let owed = world.try_log_in("acme", &ana.email, PASSWORD).await.expect(200).body;
    assert_eq!((&owed["two_factor_required"], &owed["methods"]["totp"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn whoever_has_shown_the_accounts_own_passkey_sets_up_what_counts_everywhere() {
    let (world, acme, _) = World::start().await;
    let (ana, mut phone) = ana(&world, &acme).await;
    elsewhere(&world, "mallory", &ana.email).await;
    let own = Person::of(&come_in(&world, "acme", &mut phone).await.expect(200));
    world.post("/api/v1/auth/2fa/recovery-codes").by(&own).await.expect(200);
    world.enrol("acme", &own.access).await;
    // With a code of that app, a passkey elsewhere is her own as well.
    let owed = world.try_log_in("mallory", &ana.email, PASSWORD).await.expect(200).body;
    let code = world.fresh_code(owed["challenge_token"].as_str().expect("a token")).await;
    let there = world.verify_code("mallory", owed["challenge_token"].as_str().expect("a token"), &code).await.expect(200);
    let there = Person::of(&there);
    let mut laptop = device(&world, &there, "Laptop").await;
    let shown = Person::of(&come_in(&world, "mallory", &mut laptop).await.expect(200));
    world.post("/api/v1/auth/2fa/recovery-codes").by(&shown).await.expect(200);
}

#[tokio::test]
async fn a_link_by_mail_and_a_new_passkey_are_not_the_passkey_of_elsewhere() {
    let (world, acme, _) = World::start().await;
    let (ana, _) = ana(&world, &acme).await;
    at_globex(&world, &ana).await;
    world.post("/api/v1/auth/magic-link").at("globex").json(json!({ "email": ana.email })).await.expect(202);
    let body = json!({ "token": world.token_for(&ana.email).await });
    let thief = Person::of(&world.post("/api/v1/auth/magic-link/login").json(body).await.expect(200));
    world.post("/api/v1/auth/2fa/setup").by(&thief).await.refused(403, "two_factor_required");
    let mut key = device(&world, &thief, "Thief").await;
    gets_nothing(&world, &thief, "two_factor_required").await;
    step_up(&world, &thief, &mut key).await.expect(204);
    gets_nothing(&world, &thief, "two_factor_required").await;
}

#[tokio::test]
async fn address_and_password_ask_for_the_factor_that_the_account_has_elsewhere() {
    let (world, acme, _) = World::start().await;
    let (ana, mut phone) = ana(&world, &acme).await;
    let password = json!({ "current_password": PASSWORD, "new_password": NEW });
    let address = json!({ "email": "thief@elsewhere.example", "password": PASSWORD });
    let there = at_globex(&world, &ana).await;
    let ticket = elsewhere(&world, "mallory", &ana.email).await;
    let (thief, _) = with_a_passkey(&world, "mallory", &ticket).await;
    for session in [&there, &thief] {
        world.post("/api/v1/auth/email/change").by(session).json(address.clone()).await.refused(403, "two_factor_required");
        world.post("/api/v1/auth/password/change").by(session).json(password.clone()).await.refused(403, "two_factor_required");
    }
    assert!(world.mails("thief@elsewhere.example").await.is_empty());
    let own = Person::of(&come_in(&world, "acme", &mut phone).await.expect(200));
    world.post("/api/v1/auth/email/change").by(&own).json(address).await.expect(202);
    world.post("/api/v1/auth/password/change").by(&own).json(password).await.expect(204);
}

#[tokio::test]
async fn all_sessions_of_a_person_guess_the_password_together() {
    let (world, acme, globex) = World::start().await;
    let one = world.member(&acme, "ana", "agent").await;
    let (two, three) = (world.log_in("acme", &one.email).await, at_globex(&world, &one).await);
    let guess = async |by: &Person, n: usize| {
        let body = json!({ "current_password": format!("guess-number-{n}"), "new_password": NEW });
        world.post("/api/v1/auth/password/change").by(by).json(body).await
    };
    for (n, session) in [&one, &two, &three, &one, &two].into_iter().enumerate() {
        guess(session, n).await.refused(422, "validation_failed");
    }
    for session in [&one, &two, &three] {
        guess(session, 9).await.refused(429, "rate_limited");
    }
    guess(&globex, 9).await.refused(422, "validation_failed");
}

#[tokio::test]
async fn a_session_by_a_provider_changes_and_ends_nothing_at_other_organisations() {
    let (world, acme, globex, provider) = start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let there = at_globex(&world, &ana).await;
    let session = vouched(&world, sign_in(&world, &provider, ("u1", &ana.email)).await).await;
    let rename = json!({ "firstname": "Mallory" });
    world.patch("/api/v1/auth/me").by(&session).json(rename.clone()).await.refused(403, "step_up_required");
    assert_eq!(world.get("/api/v1/auth/me").by(&there).await.expect(200).body["firstname"], "ana");
    // Where she belongs nowhere else, it is her own name at her own organisation.
    let ben = vouched(&world, sign_in(&world, &provider, ("u2", "ben@acme.example")).await).await;
    world.patch("/api/v1/auth/me").by(&ben).json(rename).await.expect(200);
    world.post("/api/v1/auth/logout-all").by(&session).await.expect(204);
    for ended in [&session, &ana] {
        world.get("/api/v1/auth/me").by(ended).await.refused(401, "unauthenticated");
    }
    world.get("/api/v1/auth/me").by(&there).await.expect(200);
    world.get("/api/v1/auth/me").by(&globex).await.expect(200);
    // With a proof of her own she leaves everywhere.
    let again = world.log_in("acme", &ana.email).await;
    world.post("/api/v1/auth/logout-all").by(&again).await.expect(204);
    world.get("/api/v1/auth/me").by(&there).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn an_account_that_changes_hands_leaves_keys_behind_and_its_trail_says_so() {
    let world = World::empty().await;
    world.sign_up("acme", "victim@home.example").await.expect(202);
    world.open_doors("acme").await;
    let stranger = world.log_in("acme", "victim@home.example").await;
    let made = world.post("/api/v1/api-keys").by(&stranger).json(json!({ "name": "Shop", "scopes": ["members:read"] })).await.expect(201);
    let key = Person { access: made.body["key"].as_str().expect("a key").to_owned(), ..stranger.clone() };
    world.get("/api/v1/members").by(&key).await.expect(200);
    world.organisation("globex").await;
    let form = register_form("victim@home.example", NEW);
    world.post("/api/v1/auth/register").at("globex").json(form).await.expect(202);
    let proof = json!({ "token": world.token_for("victim@home.example").await, "password": NEW });
    world.post("/api/v1/auth/email/verify").json(proof).await.expect(204);
    world.get("/api/v1/members").by(&key).await.refused(401, "unauthenticated");
    assert_eq!(world.last_event("ApiKeyRevoked").await["data"]["name"], "Shop");
    assert_eq!(world.last_event("TwoFactorReset").await["data"]["user_id"], stranger.id);
    let audited = "select count(*) from audit_logs where action = 'TwoFactorReset'";
    assert_eq!(world.count(audited).await, 1);
}

#[tokio::test]
async fn an_account_that_had_nothing_besides_its_password_loses_nothing_when_it_changes_hands() {
    let (world, acme, _) = World::start().await;
    world.register("acme", "chloe@home.example").await.expect(202);
    world.post("/api/v1/auth/password/forgot").at("acme").json(json!({ "email": "chloe@home.example" })).await.expect(202);
    let body = json!({ "token": world.token_for("chloe@home.example").await, "password": NEW });
    world.post("/api/v1/auth/password/reset").json(body).await.expect(204);
    assert_eq!(world.count("select count(*) from audit_logs where action = 'TwoFactorReset'").await, 0);
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
}

#[tokio::test]
async fn a_factor_is_asked_for_where_its_passkey_is_kept_alone() {
    let (world, acme, _) = World::start().await;
    let (ana, mut phone) = ana(&world, &acme).await;
    let there = at_globex(&world, &ana).await;
    // She may have a passkey there too, and use it there.
    let mut laptop = device(&world, &there, "Laptop").await;
    come_in(&world, "globex", &mut laptop).await.expect(200);
    let own = Person::of(&come_in(&world, "acme", &mut phone).await.expect(200));
    let setup = world.post("/api/v1/auth/2fa/setup").by(&own).await.expect(200);
    let code = authenticator(setup.body["secret"].as_str().expect("a secret")).code(world.app.clock.now());
    world.post("/api/v1/auth/2fa/enable").by(&own).json(json!({ "code": code })).await.expect(200);
}
