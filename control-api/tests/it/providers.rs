//! What an organisation says of its identity provider, and a provider that is away, strange or new.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    authenticator::Device,
    one_account::vouched,
    passkeys::{asked_to_make, come_in, device, keep},
    provider::{Provider, SECRET, Signed},
    sso::{SETTINGS, START, claims, come_back, inside, set_out, settings, sign_in, start},
    world::{Person, World},
};

#[tokio::test]
async fn afterwards_one_stays_inside() {
    let (world, _, _, _) = start().await;
    for next in
        ["//evil.example", "/%5cevil.example", "https://evil.example", "https:evil.example", "javascript:x", "%0d%0aX:y", "/a%0d%0aX:y", ""]
    {
        world.get(&format!("{START}?next={next}")).at("acme").await.refused(422, "validation_failed");
    }
    world.get(&format!("{START}?next=/%252f%252fevil.example")).at("acme").await.expect(302);
    world.get(&format!("{START}?surprise=1")).at("acme").await.refused(422, "validation_failed");
}

#[tokio::test]
async fn a_name_that_cannot_be_kept_is_nobodys() {
    let (world, _, _, provider) = start().await;
    for subject in ["u\0", "u\n1", "\u{85}", ""] {
        sign_in(&world, &provider, (subject, "ana@acme.example")).await.refused(401, "unauthenticated");
    }
    assert_eq!(world.count("select count(*) from users where email = 'ana@acme.example'").await, 0);
}

#[tokio::test]
async fn a_provider_that_is_away_or_is_none_is_503_and_never_hangs() {
    let (world, acme, _, provider) = start().await;
    let whom = ("u1", "ana@acme.example");
    let way = set_out(&world, "acme").await;
    let code = provider.code(&way.challenge, &claims(&world, &provider, &way, whom), &Signed::Well);
    provider.stop();
    come_back(&world, "acme", &way, &code).await.refused(503, "unavailable");
    world.travel(TimeDelta::minutes(11));
    let refused = world.get(START).at("acme").await.refused(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "2");
    // One that takes the connection and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let issuer = format!("http://{}", silent.local_addr().expect("an address"));
    sqlx::query("update identity_providers set issuer = $1").bind(&issuer).execute(world.app.db.pool()).await.expect("changed");
    world.get(START).at("acme").await.refused(503, "unavailable");
    let mut wish = settings(&provider);
    wish["issuer"] = json!(issuer);
    let again = world.log_in("acme", &acme.email).await;
    let refused = world.ask(axum::http::Method::PUT, SETTINGS).by(&again).json(wish).await.refused(422, "validation_failed");
    assert_eq!(refused.wrong_field(), ("issuer".into(), "unreachable".into()));
    // A browser that was to show a page gets one.
    let page = world.get(START).at("acme").with("sec-fetch-mode", "navigate").await.expect(302);
    assert_eq!(page.header("location"), "http://acme.localhost:8080/login?sso_error=503");
}

#[tokio::test]
async fn a_provider_that_tells_nonsense_about_itself_is_not_taken() {
    let (world, acme, _, _) = start().await;
    let put = async |provider: &Provider| {
        world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(settings(provider)).await.refused(422, "validation_failed")
    };
    for (field, value) in [
        ("issuer", json!("http://127.0.0.1:1")),
        ("jwks_uri", json!("http://127.0.0.1:1/jwks")),
        ("jwks_uri", json!("http://10.0.0.1/jwks")),
        ("token_endpoint", json!(7)),
        ("padding", json!("x".repeat(300_000))),
    ] {
        let provider = Provider::start().await;
        provider.say(field, value);
        assert_eq!(put(&provider).await.wrong_field(), ("issuer".into(), "unreachable".into()), "{field}");
    }
    for issuer in ["http://10.0.0.1", "http://id.example.com", "ftp://127.0.0.1", "https://user:x@id.example.com", "file:///etc/passwd"] {
        let mut wish = settings(&Provider::start().await);
        wish["issuer"] = json!(issuer);
        let refused = world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(wish).await.refused(422, "validation_failed");
        assert_eq!(refused.wrong_field().0, "issuer", "{issuer}");
    }
}

#[tokio::test]
async fn a_provider_may_change_its_key() {
    let (world, _, _, provider) = start().await;
    inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    provider.rotate();
    // Just asked: not again for each token that does not fit.
    sign_in(&world, &provider, ("u1", "ana@acme.example")).await.refused(401, "unauthenticated");
    world.travel(TimeDelta::minutes(1));
    inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
}

#[tokio::test]
async fn the_secret_is_kept_sealed_and_goes_to_one_provider() {
    let (world, acme, globex, provider) = start().await;
    let put = |wish: Value| world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(wish);
    let shown = world.get(SETTINGS).by(&acme).await.expect(200).body;
    assert_eq!(shown["callback_url"], "http://acme.localhost:8080/api/v1/auth/sso/callback");
    assert!(!shown.to_string().contains(SECRET) && shown.get("client_secret").is_none());
    world.get(SETTINGS).by(&globex).await.refused(404, "not_found");
    let told = world.last_event("IdentityProviderChanged").await.to_string();
    assert!(told.contains("\"***\"") && !told.contains(SECRET), "{told}");
    assert_eq!(
        world.count("select count(*) from identity_providers where position(convert_to('a secret of', 'UTF8') in sealed_secret) > 0").await,
        0
    );
    // Without a secret the one that is known stays; another issuer or client does not get it.
    let mut wish = settings(&provider);
    wish.as_object_mut().expect("an object").remove("client_secret");
    wish["name"] = json!("Another name");
    assert_eq!(put(wish.clone()).await.expect(200).body["name"], "Another name");
    inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    let other = Provider::start().await;
    for (field, value) in [("issuer", json!(other.issuer)), ("client_id", json!("another"))] {
        let mut wish = wish.clone();
        wish[field] = value;
        assert_eq!(put(wish).await.refused(422, "validation_failed").wrong_field(), ("client_secret".into(), "required".into()));
    }
    // A sealed secret of one tenant does not open for another.
    world.ask(axum::http::Method::PUT, SETTINGS).by(&globex).json(settings(&provider)).await.expect(200);
    world
        .sql("update identity_providers p set sealed_secret = q.sealed_secret from identity_providers q where q.tenant_id <> p.tenant_id")
        .await;
    world.get(START).at("acme").await.refused(500, "internal");
    world.travel(TimeDelta::minutes(16));
    let later = Person::of(&world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": acme.refresh })).await.expect(200));
    world.ask(axum::http::Method::PUT, SETTINGS).by(&later).json(settings(&provider)).await.refused(403, "step_up_required");
    world.delete(SETTINGS).by(&later).await.refused(403, "step_up_required");
}

#[tokio::test]
async fn a_provider_that_is_off_or_gone_lets_nobody_in() {
    let (world, acme, _, provider) = start().await;
    let methods = async || world.get("/api/v1/auth/methods").at("acme").await.expect(200).body;
    assert_eq!(methods().await["sso"], json!({ "name": "Acme ID" }));
    assert_eq!(world.get("/api/v1/auth/methods").at("globex").await.expect(200).body["sso"], json!(null));
    inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    let mut off = settings(&provider);
    off["enabled"] = json!(false);
    world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(off).await.expect(200);
    assert_eq!(methods().await["sso"], json!(null));
    world.get(START).at("acme").await.refused(404, "not_found");
    world.get(START).at("globex").await.refused(404, "not_found");
    world.delete(SETTINGS).by(&acme).await.expect(204);
    world.delete(SETTINGS).by(&acme).await.refused(404, "not_found");
    world.get(SETTINGS).by(&acme).await.refused(404, "not_found");
    assert_eq!(world.last_event("IdentityProviderRemoved").await["data"]["issuer"], provider.issuer);
    assert_eq!(world.count("select count(*) from identity_links").await, 0);
}

/// Ana of Acme, who came by the provider and made a passkey upon its word alone.
async fn keyed(world: &World, acme: &Person, provider: &Provider) -> (Person, Device) {
    world.member(acme, "ana", "agent").await;
    let ana = vouched(world, sign_in(world, provider, ("u1", "ana@acme.example")).await).await;
    let phone = device(world, &ana, "Phone").await;
    (ana, phone)
}

#[tokio::test]
async fn what_a_provider_let_in_goes_with_it() {
    for how in ["off", "another", "gone"] {
        let (world, acme, globex, provider) = start().await;
        let ben = world.member(&acme, "ben", "agent").await;
        let mut own = device(&world, &ben, "Own").await;
        let (ana, mut phone) = keyed(&world, &acme, &provider).await;
        let by_key = Person::of(&come_in(&world, "acme", &mut phone).await.expect(200));
        // Somebody on the way, who owes that passkey.
        let owed = sign_in(&world, &provider, ("u1", "ana@acme.example")).await.expect(302).header("location");
        let owed = owed.split_once("#challenge=").expect("a token").1.split('&').next().expect("a token").to_owned();
        let mut wish = settings(&provider);
        wish["name"] = json!("Another name");
        let put = |wish: Value| world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(wish);
        put(wish.clone()).await.expect(200);
        world.get("/api/v1/auth/me").by(&ana).await.expect(200);
        match how {
            "off" => {
                wish["enabled"] = json!(false);
                put(wish).await.expect(200);
            }
            "another" => {
                put(settings(&Provider::start().await)).await.expect(200);
            }
            _ => {
                world.delete(SETTINGS).by(&acme).await.expect(204);
            }
        }
        for ended in [&ana, &by_key] {
            world.get("/api/v1/auth/me").by(ended).await.refused(401, "unauthenticated");
        }
        world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": by_key.refresh })).await.refused(401, "unauthenticated");
        come_in(&world, "acme", &mut phone).await.refused(401, "unauthenticated");
        let start = json!({ "challenge_token": owed });
        world.post("/api/v1/auth/2fa/passkey/start").at("acme").json(start).await.refused(401, "token_expired");
        assert_eq!(world.last_event("PasskeyRemoved").await["data"]["user_id"], ana.id, "{how}");
        // What nobody vouched for stays.
        come_in(&world, "acme", &mut own).await.expect(200);
        for person in [&ben, &acme, &globex] {
            world.get("/api/v1/auth/me").by(person).await.expect(200);
        }
    }
}

#[tokio::test]
async fn whoever_a_provider_made_a_customer_comes_in_again_with_their_passkey() {
    let (world, _, _, provider) = start().await;
    let way_in = async || sign_in(&world, &provider, ("u1", "chloe@acme.example")).await;
    let chloe = vouched(&world, way_in().await).await;
    let mut phone = device(&world, &chloe, "Phone").await;
    let owed = way_in().await.expect(302).header("location");
    let ticket = owed.split_once("#challenge=").expect("a token").1.split('&').next().expect("a token").to_owned();
    let asked = world.post("/api/v1/auth/2fa/passkey/start").at("acme").json(json!({ "challenge_token": ticket })).await.expect(200).body;
    let body = json!({ "ceremony": asked["ceremony"], "credential": phone.show(&asked["options"]) });
    world.post("/api/v1/auth/2fa/passkey/finish").at("acme").json(body).await.expect(200);
}

#[tokio::test]
async fn a_provider_makes_nobody_a_key_that_other_organisations_would_ask_for() {
    let (world, acme, _, provider) = start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let there = "insert into memberships (tenant_id, user_id, role, status, created_at, updated_at)
        select t.id, u.id, 'customer', 'active', now(), now()
        from tenants t, users u
        where t.slug = 'globex' and u.email = 'ana@acme.example'";
    world.sql(there).await;
    let vouched = vouched(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    assert_eq!(vouched.id, ana.id, "one person");
    let asked = asked_to_make(&world, &vouched, "Phone").await;
    keep(&world, &vouched, &asked, Device::at("acme").make(&asked["options"])).await.refused(403, "step_up_required");
}

#[tokio::test]
async fn a_provider_brings_five_hundred_newcomers_a_day() {
    let (world, acme, _, provider) = start().await;
    world.member(&acme, "ben", "agent").await;
    let brought = "with made as (
            insert into users (email, firstname, lastname, locale, password_hash, created_at, updated_at)
            select 'n' || n || '@acme.example', 'N', 'N', 'en', '!', now(), now()
            from generate_series(1, 499) n
            returning id
        )
        insert into memberships (tenant_id, user_id, role, status, created_at, updated_at)
        select t.id, made.id, 'customer', 'active', to_timestamp(1800000000), now()
        from made, tenants t
        where t.slug = 'acme'";
    world.sql(brought).await;
    let way_in = async |name: &str| sign_in(&world, &provider, (name, &format!("{name}@acme.example"))).await;
    way_in("ana").await.expect(302);
    // Neither taking the provider away nor a word that somebody wrote down before makes room.
    world.delete(SETTINGS).by(&acme).await.expect(204);
    world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(settings(&provider)).await.expect(200);
    world.register("globex", "dan@acme.example").await.expect(202);
    for name in ["chloe", "dan"] {
        let refused = way_in(name).await.refused(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), "86400", "{name}");
    }
    way_in("ben").await.expect(302);
    world.travel(TimeDelta::days(1));
    way_in("chloe").await.expect(302);
    way_in("dan").await.expect(302);
}

#[tokio::test]
async fn whom_a_provider_did_not_bring_in_stands_in_the_trail() {
    let (world, _, _, provider) = start().await;
    let way = set_out(&world, "acme").await;
    let code = provider.code(&way.challenge, &claims(&world, &provider, &way, ("u1", "ana@elsewhere.example")), &Signed::Well);
    let path = format!("/api/v1/auth/sso/callback?code={code}&state={}", way.state);
    let back = world.get(&path).at("acme").with("cookie", way.cookie.clone()).with("sec-fetch-mode", "navigate").await;
    assert_eq!(back.status, 302);
    world.refusals(1).await;
    let told = "select count(*) from audit_logs where action = 'GET /api/v1/auth/sso/callback' and outcome = 'error' and status = 403";
    assert_eq!(world.count(told).await, 1);
}
