//! Each link and each token opens its own door, and no other (A2).

use serde_json::{Value, json};

use crate::{
    operators,
    world::{Answer, PASSWORD, Person, World},
};

/// Where a token can be shown, and how it is refused there.
const DOORS: [(&str, u16, &str); 15] = [
    ("access", 401, "unauthenticated"),
    ("refresh", 401, "unauthenticated"),
    ("logout", 401, "unauthenticated"),
    ("invitation", 404, "not_found"),
    ("proof", 404, "not_found"),
    ("reset", 404, "not_found"),
    ("magic", 404, "not_found"),
    ("address", 404, "not_found"),
    ("challenge", 401, "token_expired"),
    ("challenge by passkey", 401, "token_expired"),
    ("enrolment", 401, "unauthenticated"),
    ("operator", 401, "unauthenticated"),
    ("operator's enrolment", 401, "unauthenticated"),
    ("operator's enrolment, the code", 401, "unauthenticated"),
    ("operator's challenge", 401, "unauthenticated"),
];

/// Shows a token at a door of this tenant, with all else that it asks for.
async fn show(world: &World, slug: &str, door: &str, token: &str) -> Answer {
    let post = |path: &'static str, body: Value| world.post(path).at(slug).json(body);
    match door {
        "access" => world.get("/api/v1/auth/me").at(slug).bearing(token).await,
        "refresh" => post("/api/v1/auth/refresh", json!({ "refresh_token": token })).await,
        "logout" => post("/api/v1/auth/logout", json!({ "refresh_token": token })).await,
        "invitation" => {
            let body = json!({ "token": token, "password": PASSWORD, "firstname": "A", "lastname": "B" });
            post("/api/v1/auth/invitations/accept", body).await
        }
        "proof" => post("/api/v1/auth/email/verify", json!({ "token": token })).await,
        "reset" => post("/api/v1/auth/password/reset", json!({ "token": token, "password": PASSWORD })).await,
        "magic" => post("/api/v1/auth/magic-link/login", json!({ "token": token })).await,
        "address" => post("/api/v1/auth/email/change/confirm", json!({ "token": token })).await,
        "challenge" => world.verify_code(slug, token, "123456").await,
        "challenge by passkey" => post("/api/v1/auth/2fa/passkey/start", json!({ "challenge_token": token })).await,
        "enrolment" => world.post("/api/v1/auth/2fa/setup").at(slug).bearing(token).await,
        "operator" => world.get("/api/v1/operator/me").bearing(token).await,
        "operator's enrolment" => world.post("/api/v1/operator/auth/2fa/setup").bearing(token).await,
        "operator's enrolment, the code" => {
            world.post("/api/v1/operator/auth/2fa/enable").bearing(token).json(json!({ "code": "123456" })).await
        }
        _ => operators::prove(world, token, "123456").await,
    }
}

/// One token of each kind, each of somebody else, with its own tenant and the doors that it opens.
async fn tokens(world: &World, acme: &Person) -> Vec<(&'static str, &'static str, String, &'static [&'static str])> {
    let text = |value: &Value| value.as_str().expect("a token").to_owned();
    let link = async |path: &str, email: &str| {
        world.post(path).at("acme").json(json!({ "email": email })).await.expect(202);
        world.token_for(email).await
    };
    let magic = link("/api/v1/auth/magic-link", &world.customer("acme", "chloe").await.email).await;
    let reset = link("/api/v1/auth/password/forgot", &world.customer("acme", "carl").await.email).await;
    let moves = async |name: &str| {
        let person = world.customer("acme", name).await;
        let new = format!("{name}@new.example");
        let body = json!({ "email": new, "password": PASSWORD });
        world.post("/api/v1/auth/email/change").by(&person).json(body).await.expect(202);
        (person.email, world.token_for(&new).await)
    };
    let new_address = moves("dora").await.1;
    let (eva, token) = moves("eva").await;
    show(world, "acme", "address", &token).await.expect(204);
    let old_address = world.token_for(&eva).await;
    let proof = link_of_newcomer(world, "finn@acme.example").await;
    world.post("/api/v1/invitations").by(acme).json(json!({ "email": "gina@acme.example", "role": "agent" })).await.expect(201);
    let invitation = world.token_for("gina@acme.example").await;
    let challenge = text(&world.try_log_in("acme", &acme.email, PASSWORD).await.expect(200).body["challenge_token"]);
    world.sign_up("third", "ada@third.example").await.expect(202);
    let enrolment = text(&world.try_log_in("third", "ada@third.example", PASSWORD).await.expect(200).body["enrolment_token"]);
    let hugo = world.customer("acme", "hugo").await;
    let password = operators::added(world).await;
    let operators_enrolment = text(&operators::try_in(world, &password).await.expect(200).body["enrolment_token"]);
    vec![
        ("access", "acme", hugo.access, &["access", "enrolment"]),
        ("refresh", "acme", hugo.refresh, &["refresh", "logout"]),
        ("magic", "acme", magic, &["magic"]),
        ("reset", "acme", reset, &["reset"]),
        ("new address", "acme", new_address, &["address"]),
        ("old address", "acme", old_address, &["address"]),
        ("proof", "acme", proof, &["proof"]),
        ("invitation", "acme", invitation, &["invitation"]),
        ("challenge", "acme", challenge, &["challenge", "challenge by passkey"]),
        ("enrolment", "third", enrolment, &["enrolment"]),
        ("operator's enrolment", "acme", operators_enrolment, &["operator's enrolment", "operator's enrolment, the code"]),
    ]
}

async fn link_of_newcomer(world: &World, email: &str) -> String {
    world.register("acme", email).await.expect(202);
    world.token_for(email).await
}

#[tokio::test]
async fn each_token_opens_its_own_door_alone() {
    let (world, acme, _) = World::start().await;
    let mut tokens = tokens(&world, &acme).await;
    shut(&world, &tokens).await;
    // An operator has one thing after the other.
    let enrolment = tokens.pop().expect("the operator's").2;
    let code = async || operators::code(&world).await;
    show(&world, "acme", "operator's enrolment", &enrolment).await.expect(200);
    let enable = world.post("/api/v1/operator/auth/2fa/enable").bearing(&enrolment).json(json!({ "code": code().await }));
    let operator = enable.await.expect(200).body["access_token"].as_str().expect("a token").to_owned();
    world.sql("update operators set password_hash = (select password_hash from users where email = 'admin@acme.example')").await;
    let challenge = operators::challenge(&world, PASSWORD).await;
    shut(
        &world,
        &[
            ("operator", "acme", operator.clone(), &["operator"]),
            ("operator's challenge", "acme", challenge.clone(), &["operator's challenge"]),
        ],
    )
    .await;
    show(&world, "acme", "operator", &operator).await.expect(200);
    world.travel(chrono::TimeDelta::seconds(30));
    operators::prove(&world, &challenge, &code().await).await.expect(200);
    // All the others are good still: each was refused for its kind.
    for (kind, slug, token, doors) in &tokens {
        let answer = match *kind {
            "challenge" => world.verify_code(slug, token, &world.fresh_code(token).await).await,
            _ => show(&world, slug, doors[0], token).await,
        };
        assert!(answer.status < 300, "{kind}: {}", answer.body);
    }
}

async fn shut(world: &World, tokens: &[(&str, &str, String, &[&str])]) {
    for (kind, _, token, doors) in tokens {
        for (door, status, code) in DOORS.iter().filter(|(door, ..)| !doors.contains(door)) {
            for slug in ["acme", "third"] {
                let answer = show(world, slug, door, token).await;
                assert_eq!((answer.status, answer.body["code"].as_str()), (*status, Some(*code)), "{kind} at {door} of {slug}");
            }
        }
    }
}
