//! The browser's cookies: whose they are, and which pages they serve (A8, A9).

use axum::http::Method;
use serde_json::json;

use crate::{
    provider::Provider,
    sso::{SETTINGS, START, cookies, settings},
    world::{Answer, PASSWORD, Person, World},
};

/// Signs in as a browser that brings this.
async fn browser(world: &World, person: &Person, brings: &str) -> Answer {
    let login = json!({ "email": person.email, "password": PASSWORD, "client": "browser" });
    world.post("/api/v1/auth/login").at(&person.slug).with("cookie", brings).json(login).await.expect(200)
}

/// Name and value of the cookie with the refresh token.
fn pair(answer: &Answer) -> String {
    let cookie = cookies(answer).into_iter().find(|c| c.contains("hd_refresh=")).expect("a cookie");
    cookie.split(';').next().expect("a pair").to_owned()
}

#[tokio::test]
async fn on_https_every_cookie_is_this_hosts_alone() {
    let world = World::at("https").await;
    let acme = world.organisation("acme").await;
    let chloe = world.customer("acme", "chloe").await;
    let provider = Provider::start().await;
    world.ask(Method::PUT, SETTINGS).by(&acme).json(settings(&provider)).await.expect(200);
    let inside = browser(&world, &chloe, "").await;
    let pair = pair(&inside);
    let plain = pair.trim_start_matches("__Host-");
    let refresh = |cookie: &str| world.post("/api/v1/auth/refresh").at("acme").with("cookie", cookie).json(json!({}));
    refresh(plain).await.refused(401, "unauthenticated");
    let renewed = refresh(&pair).await.expect(200);
    let left = world.post("/api/v1/auth/logout").at("acme").with("cookie", self::pair(&renewed)).await.expect(204);
    let set_out = world.get(START).at("acme").await.expect(302);
    let mut names = std::collections::BTreeSet::new();
    for cookie in [&inside, &renewed, &left, &set_out].into_iter().flat_map(cookies) {
        let (name, rest) = cookie.split_once('=').expect("a name");
        let same_site = if name == "__Host-hd_sso" { "SameSite=Lax" } else { "SameSite=Strict" };
        let words: Vec<&str> = rest.split("; ").collect();
        for wanted in ["HttpOnly", "Secure", "Path=/", same_site] {
            assert!(words.contains(&wanted), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        names.insert(name.to_owned());
    }
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), ["__Host-hd_device", "__Host-hd_refresh", "__Host-hd_sso"]);
}

#[tokio::test]
async fn a_cookie_that_was_planted_before_a_sign_in_is_not_taken_over() {
    let (world, ..) = World::start().await;
    let (chloe, thief) = (world.customer("acme", "chloe").await, world.customer("acme", "thief").await);
    let refresh = async |cookie: &str| world.post("/api/v1/auth/refresh").at("acme").with("cookie", cookie).json(json!({})).await;
    for planted in ["hd_refresh=planted-by-somebody".to_owned(), pair(&browser(&world, &thief, "").await)] {
        let own = pair(&browser(&world, &chloe, &planted).await);
        assert_ne!(own, planted);
        assert_eq!(refresh(&own).await.expect(200).body["user"]["id"], chloe.id);
        let after = refresh(&planted).await;
        assert!(after.status == 401 || after.body["user"]["id"] == thief.id, "{}", after.body);
        assert_eq!(after.status == 401, planted.ends_with("somebody"));
    }
}

#[tokio::test]
async fn a_page_of_another_site_signs_nobody_out() {
    let (world, ..) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    let cookie = pair(&browser(&world, &chloe, "").await);
    let ask = || world.post("/api/v1/auth/logout").at("acme").with("cookie", cookie.clone());
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        ask().with("content-type", kind).raw(b"{}".to_vec()).await.refused(415, "unsupported_media_type");
    }
    ask().raw(b"{}".to_vec()).await.refused(415, "unsupported_media_type");
    for site in ["cross-site", "same-site"] {
        ask().with("sec-fetch-site", site).await.refused(403, "forbidden");
        ask().with("sec-fetch-site", site).json(json!({})).await.refused(403, "forbidden");
    }
    ask().with("origin", "http://acme.localhost:8080").with("sec-fetch-site", "same-origin").await.expect(204);
}
