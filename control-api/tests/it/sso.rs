//! Signing in through an organisation's own identity provider, against one that lies where told to.

use std::{collections::HashMap, future::IntoFuture};

use chrono::TimeDelta;
use control_api::worker::sweep;
use serde_json::{Value, json};
use url::Url;

use crate::{
    authenticator::Device,
    provider::{CLIENT, Provider, SECRET, Signed},
    sign_up::futures_join,
    world::{Answer, PASSWORD, Person, World},
};

pub const SETTINGS: &str = "/api/v1/tenant/identity-provider";
pub const START: &str = "/api/v1/auth/sso/start";

pub fn settings(provider: &Provider) -> Value {
    json!({
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "name": "Acme ID",
        "domains": ["acme.example"],
        "default_role": "customer",
        "enabled": true,
    })
}

/// Acme with a provider, and Globex without.
pub async fn start() -> (World, Person, Person, Provider) {
    let (world, acme, globex) = World::start().await;
    let provider = Provider::start().await;
    world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(settings(&provider)).await.expect(200);
    (world, acme, globex, provider)
}

/// What a provider says otherwise than it should.
type Lie<'a> = dyn Fn(&mut Value) + 'a;

/// Somebody on the way to the provider.
#[derive(Debug, Clone)]
pub struct Way {
    pub state: String,
    pub nonce: String,
    pub challenge: String,
    pub cookie: String,
}

pub fn cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().expect("text").to_owned()).collect()
}

pub async fn set_out(world: &World, slug: &str) -> Way {
    let answer = world.get(START).at(slug).await.expect(302);
    let url = Url::parse(&answer.header("location")).expect("a URL");
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    let cookie = cookies(&answer).pop().expect("a cookie").split(';').next().expect("a value").to_owned();
    Way { state: query["state"].clone(), nonce: query["nonce"].clone(), challenge: query["code_challenge"].clone(), cookie }
}

pub async fn come_back(world: &World, slug: &str, way: &Way, code: &str) -> Answer {
    let path = format!("/api/v1/auth/sso/callback?code={code}&state={}", way.state);
    world.get(&path).at(slug).with("cookie", way.cookie.clone()).await
}

/// What the provider says of somebody.
pub fn claims(world: &World, provider: &Provider, way: &Way, (subject, email): (&str, &str)) -> Value {
    let now = world.app.clock.now().timestamp();
    json!({
        "iss": provider.issuer, "aud": CLIENT, "sub": subject, "nonce": way.nonce, "iat": now, "exp": now + 300,
        "email": email, "email_verified": true, "given_name": "Ana", "family_name": "Lopez",
    })
}

/// The whole way of somebody whom the provider vouches for.
pub async fn sign_in(world: &World, provider: &Provider, whom: (&str, &str)) -> Answer {
    let way = set_out(world, "acme").await;
    let code = provider.code(&way.challenge, &claims(world, provider, &way, whom), &Signed::Well);
    come_back(world, "acme", &way, &code).await
}

/// Who is inside now, and how they came.
pub async fn inside(world: &World, answer: Answer) -> (Value, Value) {
    let answer = answer.expect(302);
    let cookie = cookies(&answer).into_iter().find(|c| c.starts_with("hd_refresh=")).unwrap_or_else(|| panic!("{:?}", answer.headers));
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    let body = world.post("/api/v1/auth/refresh").at("acme").with("cookie", cookie).await.expect(200).body;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = body["access_token"].as_str().and_then(|t| t.split('.').nth(1)).expect("a token");
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("claims");
    (body["user"].clone(), claims["amr"].clone())
}

#[tokio::test]
async fn a_newcomer_becomes_a_member_and_is_known_from_then_on() {
    let (world, acme, _, provider) = start().await;
    let set_out = world.get(&format!("{START}?next=/tickets/new")).at("acme").await.expect(302);
    let url = Url::parse(&set_out.header("location")).expect("a URL");
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert!(url.as_str().starts_with(&format!("{}/authorize?", provider.issuer)));
    assert_eq!(query["redirect_uri"], "http://acme.localhost:8080/api/v1/auth/sso/callback");
    assert_eq!((query["response_type"].as_str(), query["code_challenge_method"].as_str()), ("code", "S256"));
    assert_eq!(query["scope"], "openid email profile");
    let cookie = cookies(&set_out).pop().expect("a cookie");
    for part in ["hd_sso=", "HttpOnly", "SameSite=Lax", "Path=/api/v1/auth/sso", "Max-Age=600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!url.as_str().contains(cookie.split(['=', ';']).nth(1).expect("a value")), "the provider does not see the cookie");
    let way = Way {
        state: query["state"].clone(),
        nonce: query["nonce"].clone(),
        challenge: query["code_challenge"].clone(),
        cookie: cookie.split(';').next().expect("a value").to_owned(),
    };
    let code = provider.code(&way.challenge, &claims(&world, &provider, &way, ("u1", "Ana@acme.example")), &Signed::Well);
    let back = come_back(&world, "acme", &way, &code).await;
    assert_eq!(back.header("location"), "http://acme.localhost:8080/tickets/new");
    assert!(cookies(&back).iter().any(|c| c.starts_with("hd_sso=;") && c.contains("Max-Age=0")));
    let (user, amr) = inside(&world, back).await;
    assert_eq!((&user["email"], &user["role"], &user["firstname"]), (&json!("ana@acme.example"), &json!("customer"), &json!("Ana")));
    assert_eq!((&user["email_verified"], &amr), (&json!(false), &json!(["sso"])), "a provider's word proves no address");
    let told = world.last_event("IdentityLinked").await["data"].take();
    assert_eq!((&told["user_id"], &told["issuer"]), (&user["id"], &json!(provider.issuer)));
    assert_eq!(world.last_event("UserCreated").await["data"]["email"], "ana@acme.example");

    // Known by the provider's own name, whatever the address is then.
    let (again, _) = inside(&world, sign_in(&world, &provider, ("u1", "other@elsewhere.example")).await).await;
    assert_eq!(again["id"], user["id"]);
    assert_eq!(again["email"], "ana@acme.example");
    let members = world.get("/api/v1/members").by(&acme).await.expect(200).body;
    assert_eq!(members["data"].as_array().map(Vec::len), Some(2));
    world.try_log_in("acme", "ana@acme.example", PASSWORD).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn newcomers_get_the_role_that_the_organisation_has_chosen() {
    let (world, acme, _, provider) = start().await;
    let put = |role: &str| {
        let mut wish = settings(&provider);
        wish["default_role"] = json!(role);
        world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(wish)
    };
    for role in ["admin", "manager", "owner"] {
        put(role).await.refused(422, "validation_failed");
    }
    put("agent").await.expect(200);
    let (user, _) = inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    assert_eq!(user["role"], "agent");
}

#[tokio::test]
async fn a_member_with_a_proved_address_gets_another_way_in_and_a_mail() {
    let (world, acme, _, provider) = start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let (user, _) = inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    assert_eq!((&user["id"], &user["role"]), (&json!(ana.id), &json!("agent")), "they stay what they are");
    let mail = world.mails("ana@acme.example").await.pop().expect("a mail");
    assert_eq!(mail.subject, "You can sign in at Organisation with Acme ID");
    let before = world.mails("ana@acme.example").await.len();
    inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    assert_eq!(world.mails("ana@acme.example").await.len(), before, "once is enough");
    // The address was given to somebody else at the provider since.
    sign_in(&world, &provider, ("u2", "ana@acme.example")).await.refused(409, "conflict");
    world.log_in("acme", "ana@acme.example").await;
}

#[tokio::test]
async fn the_providers_word_is_not_enough_for() {
    let (world, acme, globex, provider) = start().await;
    let removed = world.member(&acme, "gone", "agent").await;
    world.delete(&format!("/api/v1/members/{}", removed.id)).by(&acme).await.expect(204);
    // Accounts that others have: a member of Globex, and one there who has not proved the address.
    let mut elsewhere = settings(&provider);
    elsewhere["domains"] = json!(["acme.example", "globex.example", "home.example"]);
    world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(elsewhere).await.expect(200);
    world.customer("globex", "chloe").await;
    world.sign_up("initech", "boss@home.example").await.expect(202);
    world.register("acme", &globex.email).await.expect(202);
    let before = world.count("select count(*) from memberships where status = 'active'").await;
    for (email, status, code) in [
        ("ana@elsewhere.example", 403, "forbidden"),
        ("ana@sub.acme.example", 403, "forbidden"),
        ("gone@acme.example", 403, "forbidden"),
        ("chloe@globex.example", 409, "conflict"),
        ("boss@home.example", 409, "conflict"),
        ("admin@globex.example", 409, "conflict"),
        ("not an address", 403, "email_not_verified"),
    ] {
        sign_in(&world, &provider, ("u1", email)).await.refused(status, code);
    }
    for unverified in [json!(false), json!(null)] {
        let way = set_out(&world, "acme").await;
        let mut claims = claims(&world, &provider, &way, ("u1", "ana@acme.example"));
        claims["email_verified"] = unverified;
        let code = provider.code(&way.challenge, &claims, &Signed::Well);
        come_back(&world, "acme", &way, &code).await.refused(403, "email_not_verified");
    }
    assert_eq!(world.count("select count(*) from identity_links").await, 0);
    assert_eq!(world.count("select count(*) from memberships where status = 'active'").await, before);
    assert_eq!(world.count("select count(*) from sessions where amr = '{sso}'").await, 0);
}

#[tokio::test]
async fn an_admin_who_has_not_proved_the_address_is_not_linked() {
    let world = World::empty().await;
    world.sign_up("acme", "admin@acme.example").await.expect(202);
    world.open_doors("acme").await;
    let acme = world.log_in("acme", "admin@acme.example").await;
    let provider = Provider::start().await;
    world.ask(axum::http::Method::PUT, SETTINGS).by(&acme).json(settings(&provider)).await.expect(200);
    sign_in(&world, &provider, ("u1", "admin@acme.example")).await.refused(409, "conflict");
    world.verify("admin@acme.example").await;
    // Their second factor is asked for here as everywhere; the token is where no server sees it.
    let owed = sign_in(&world, &provider, ("u1", "admin@acme.example")).await.expect(302);
    assert!(!cookies(&owed).iter().any(|c| c.starts_with("hd_refresh=")), "{:?}", owed.headers);
    let location = Url::parse(&owed.header("location")).expect("a URL");
    assert_eq!((location.path(), location.query()), ("/login", None));
    let fragment: HashMap<String, String> =
        url::form_urlencoded::parse(location.fragment().expect("a fragment").as_bytes()).into_owned().collect();
    assert_eq!(fragment["next"], "/");
    let verify = json!({ "challenge_token": fragment["challenge"], "code": "000000" });
    world.post("/api/v1/auth/2fa/verify").at("acme").json(verify).await.refused(401, "unauthenticated");
    assert_eq!(world.count("select count(*) from identity_links").await, 1);
    assert_eq!(acme.slug, "acme");
}

#[tokio::test]
async fn a_provider_gets_no_hold_of_an_account_beyond_its_organisation() {
    let (world, acme, _, provider) = start().await;
    let (user, _) = inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    let path = format!("/api/v1/members/{}", user["id"]);
    world.patch(&path).by(&acme).json(json!({ "role": "admin" })).await.expect(200);
    // An admin without a second factor: they may set one up, but none that counts elsewhere.
    let owed = sign_in(&world, &provider, ("u1", "ana@acme.example")).await.expect(302).header("location");
    let ticket = owed.split_once("#enrolment=").expect("a token").1.split('&').next().expect("a token").to_owned();
    world.post("/api/v1/auth/2fa/setup").at("acme").bearing(&ticket).await.refused(403, "step_up_required");
    let start = "/api/v1/auth/passkeys/register/start";
    let asked = world.post(start).at("acme").bearing(&ticket).json(json!({ "name": "Phone" })).await.expect(200).body;
    let mut phone = Device::at("acme");
    let body = json!({ "ceremony": asked["ceremony"], "credential": phone.make(&asked["options"]) });
    let inside = world.post("/api/v1/auth/passkeys/register/finish").at("acme").bearing(&ticket).json(body).await.expect(201);
    assert!(inside.body["recovery_codes"].is_null(), "they would count elsewhere");
    // Nor later, by that passkey.
    let asked = world.post("/api/v1/auth/passkeys/login/start").at("acme").json(json!({})).await.expect(200).body;
    let body = json!({ "ceremony": asked["ceremony"], "credential": phone.show(&asked["options"]) });
    let inside = Person::of(&world.post("/api/v1/auth/passkeys/login/finish").at("acme").json(body).await.expect(200));
    world.get("/api/v1/members").by(&inside).await.expect(200);
    world.post("/api/v1/auth/2fa/setup").by(&inside).await.refused(403, "step_up_required");
    world.post("/api/v1/auth/2fa/recovery-codes").by(&inside).await.refused(403, "step_up_required");
}

#[tokio::test]
async fn whoever_is_removed_stays_out_and_comes_back_by_invitation_only() {
    let (world, acme, _, provider) = start().await;
    let (user, _) = inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    world.delete(&format!("/api/v1/members/{}", user["id"])).by(&acme).await.expect(204);
    sign_in(&world, &provider, ("u1", "ana@acme.example")).await.refused(403, "forbidden");
    sign_in(&world, &provider, ("u2", "ana@acme.example")).await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_stranger_who_only_wrote_the_address_down_loses_it() {
    let (world, _, _, provider) = start().await;
    world.register("acme", "ana@acme.example").await.expect(202);
    let (user, _) = inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
    assert_eq!((&user["firstname"], &user["role"]), (&json!("Ana"), &json!("customer")));
    // The stranger's password opens nothing.
    let refused = world.try_log_in("acme", "ana@acme.example", PASSWORD).await;
    assert!(refused.status == 401 || refused.body["code"] == "email_not_verified", "{}", refused.body);
}

#[tokio::test]
async fn a_token_that_is_not_for_us_and_of_now_opens_nothing() {
    let (world, _, _, provider) = start().await;
    let now = world.app.clock.now().timestamp();
    let lies: [(&str, &Lie<'_>, Signed); 16] = [
        ("for another client", &|c| c["aud"] = json!("another"), Signed::Well),
        ("for another client, too", &|c| c["aud"] = json!([CLIENT, "another"]), Signed::Well),
        ("for nobody", &|c| c["aud"] = json!([]), Signed::Well),
        ("by another issuer", &|c| c["iss"] = json!("http://127.0.0.1:1"), Signed::Well),
        ("by nobody", &|c| c["iss"] = json!(null), Signed::Well),
        ("ended", &|c| c["exp"] = json!(now - 1), Signed::Well),
        ("of yesterday", &|c| c["iat"] = json!(now - 86_400), Signed::Well),
        ("of tomorrow", &|c| c["iat"] = json!(now + 86_400), Signed::Well),
        ("of another attempt", &|c| c["nonce"] = json!("another"), Signed::Well),
        ("of no attempt", &|c| c["nonce"] = json!(null), Signed::Well),
        ("about nobody", &|c| c["sub"] = json!(""), Signed::Well),
        ("about too much", &|c| c["sub"] = json!("a".repeat(256)), Signed::Well),
        ("unsigned", &|_| {}, Signed::Not),
        ("signed by another", &|_| {}, Signed::ByAnother),
        ("signed with the secret", &|_| {}, Signed::WithTheSecret),
        ("changed", &|_| {}, Signed::ThenChanged),
    ];
    for (lie, tell, signed) in lies {
        let way = set_out(&world, "acme").await;
        let mut claims = claims(&world, &provider, &way, ("u1", "ana@acme.example"));
        tell(&mut claims);
        let code = provider.code(&way.challenge, &claims, &signed);
        let answer = come_back(&world, "acme", &way, &code).await;
        assert!(matches!(answer.status, 401 | 503), "{lie}: {} {}", answer.status, answer.body);
    }
    assert_eq!(world.count("select count(*) from identity_links").await, 0);
    inside(&world, sign_in(&world, &provider, ("u1", "ana@acme.example")).await).await;
}

#[tokio::test]
async fn one_comes_back_once_in_time_and_in_the_browser_that_set_out() {
    let (world, acme, globex, provider) = start().await;
    world.ask(axum::http::Method::PUT, SETTINGS).by(&globex).json(settings(&provider)).await.expect(200);
    let whom = ("u1", "ana@acme.example");
    let prepare = async || {
        let way = set_out(&world, "acme").await;
        let code = provider.code(&way.challenge, &claims(&world, &provider, &way, whom), &Signed::Well);
        (way, code)
    };
    let (way, code) = prepare().await;
    let path = format!("/api/v1/auth/sso/callback?code={code}&state={}", way.state);
    world.get(&path).at("acme").await.refused(401, "unauthenticated");
    for cookie in ["hd_sso=", "hd_sso=x", &prepare().await.0.cookie] {
        world.get(&path).at("acme").with("cookie", cookie).await.refused(401, "unauthenticated");
    }
    come_back(&world, "globex", &way, &code).await.refused(401, "unauthenticated");
    for query in ["", "?code=x", "?state=x", "?state=&code=", &format!("?state={}", "a".repeat(3000))] {
        let path = format!("/api/v1/auth/sso/callback{query}");
        world.get(&path).at("acme").with("cookie", way.cookie.clone()).await.refused(401, "unauthenticated");
    }
    come_back(&world, "acme", &way, &code).await.expect(302);
    come_back(&world, "acme", &way, &code).await.refused(401, "unauthenticated");
    let fresh = provider.code(&way.challenge, &claims(&world, &provider, &way, whom), &Signed::Well);
    come_back(&world, "acme", &way, &fresh).await.refused(401, "unauthenticated");
    // The provider says no, or has forgotten the code: the attempt is over.
    let (way, code) = prepare().await;
    let path = format!("/api/v1/auth/sso/callback?error=access_denied&state={}", way.state);
    world.get(&path).at("acme").with("cookie", way.cookie.clone()).await.refused(401, "unauthenticated");
    come_back(&world, "acme", &way, &code).await.refused(401, "unauthenticated");
    let (way, _) = prepare().await;
    come_back(&world, "acme", &way, "made-up").await.refused(401, "unauthenticated");
    // Somebody else's code, put into one's own way: PKCE and nonce do not fit.
    let ((mine, _), (_, theirs)) = (prepare().await, prepare().await);
    come_back(&world, "acme", &mine, &theirs).await.refused(401, "unauthenticated");
    let (way, code) = prepare().await;
    world.travel(TimeDelta::minutes(10));
    come_back(&world, "acme", &way, &code).await.refused(401, "unauthenticated");
    // Switched off on the way.
    let (way, code) = prepare().await;
    world.sql("update identity_providers set enabled = false").await;
    come_back(&world, "acme", &way, &code).await.refused(401, "unauthenticated");
    assert_eq!(world.count("select count(*) from sessions where amr = '{sso}'").await, 1);
    world.travel(TimeDelta::hours(1));
    sweep(&world.app, world.app.clock.now()).await.expect("swept");
    assert_eq!(world.count("select count(*) from sso_attempts").await, 0);
    world.get("/api/v1/auth/me").by(&acme).await.expect(401);
}

#[tokio::test]
async fn of_twenty_who_come_back_at_once_one_comes_in() {
    let (world, _, _, provider) = start().await;
    let way = set_out(&world, "acme").await;
    let code = provider.code(&way.challenge, &claims(&world, &provider, &way, ("u1", "ana@acme.example")), &Signed::Well);
    let path = format!("/api/v1/auth/sso/callback?code={code}&state={}", way.state);
    let all = (0..20).map(|_| world.get(&path).at("acme").with("cookie", way.cookie.clone()).into_future());
    let answers = futures_join(all).await;
    assert_eq!(answers.iter().filter(|a| a.status == 302).count(), 1);
    // Two browsers of one newcomer make one account.
    let mut paths = vec![];
    for _ in 0..2 {
        let way = set_out(&world, "acme").await;
        let code = provider.code(&way.challenge, &claims(&world, &provider, &way, ("u2", "ben@acme.example")), &Signed::Well);
        paths.push((format!("/api/v1/auth/sso/callback?code={code}&state={}", way.state), way.cookie));
    }
    let both = paths.iter().map(|(path, cookie)| world.get(path).at("acme").with("cookie", cookie.clone()).into_future());
    let statuses: Vec<u16> = futures_join(both).await.iter().map(|a| a.status).collect();
    assert_eq!(statuses, [302, 302]);
    assert_eq!(world.count("select count(*) from identity_links").await, 2);
    assert_eq!(world.count("select count(*) from users where email = 'ben@acme.example'").await, 1);
}
