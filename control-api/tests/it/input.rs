//! Bad input gets a clear refusal, never a 5xx, and leaves nothing behind.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{operators::signed_in, world::World};

const BODIES: [(&str, &str); 9] = [
    ("post", "/api/v1/tenants"),
    ("post", "/api/v1/auth/login"),
    ("post", "/api/v1/auth/refresh"),
    ("post", "/api/v1/auth/register"),
    ("post", "/api/v1/auth/email/verify"),
    ("post", "/api/v1/auth/invitations/accept"),
    ("post", "/api/v1/invitations"),
    ("patch", "/api/v1/auth/me"),
    ("patch", "/api/v1/tenant"),
];

#[tokio::test]
async fn whatever_the_body_the_answer_is_a_refusal() {
    let (world, acme, _) = World::start().await;
    let deep = "[".repeat(100_000);
    let wide = format!("{{{}\"z\":1}}", (0..10_000).map(|n| format!("\"k{n}\":{n},")).collect::<String>());
    let large = format!("{{\"email\":\"{}\"}}", "x".repeat(2_000_000));
    let cases: [(&[u8], &str, &[u16]); 15] = [
        (b"", "application/json", &[400]),
        (b"{", "application/json", &[400]),
        (b"nonsense", "application/json", &[400]),
        (b"\xff\xfe", "application/json", &[400]),
        (b"{\"email\":\"\xff\"}", "application/json", &[400, 422]),
        (br#"{"email":"\ud800"}"#, "application/json", &[400, 422]),
        (deep.as_bytes(), "application/json", &[400]),
        (wide.as_bytes(), "application/json", &[422]),
        (large.as_bytes(), "application/json", &[413]),
        (b"[]", "application/json", &[422]),
        (b"null", "application/json", &[422]),
        (b"{\"surprise\":1}", "application/json", &[422]),
        (b"{\"email\":1e999}", "application/json", &[400, 422]),
        (b"{}", "text/plain", &[415]),
        (b"a=b", "application/x-www-form-urlencoded", &[415]),
    ];
    for (method, path) in BODIES {
        let method: Method = method.to_uppercase().parse().expect("a method");
        for (body, kind, allowed) in &cases {
            let answer = world.ask(method.clone(), path).by(&acme).with("content-type", *kind).raw(body.to_vec()).await;
            let start = String::from_utf8_lossy(&body[..body.len().min(20)]).into_owned();
            assert!(allowed.contains(&answer.status), "{method} {path} {start}: {} {}", answer.status, answer.body);
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
    }
}

#[tokio::test]
async fn strange_texts_in_every_field_are_cleaned_or_refused() {
    let (world, acme, _) = World::start().await;
    let texts = [
        "a\u{0}b",
        "\u{202e}",
        "' or 1=1 --",
        "{{7*7}}",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "\u{d7ff}",
        "😀",
        "%00",
        "\r\nBcc: x@y.z",
    ];
    let bodies: [(&str, Value); 6] = [
        ("/api/v1/tenants", crate::world::sign_up_form("third", "x@y.example")),
        ("/api/v1/auth/login", json!({ "email": "x@y.example", "password": "x" })),
        ("/api/v1/auth/refresh", json!({ "refresh_token": "x" })),
        ("/api/v1/auth/email/verify", json!({ "token": "x" })),
        ("/api/v1/auth/register", crate::world::register_form("z@y.example", "plover-kite-anvil-42")),
        ("/api/v1/invitations", json!({ "email": "x@y.example", "role": "agent" })),
    ];
    for (path, good) in bodies {
        for field in good.as_object().expect("an object").keys() {
            for text in texts {
                let mut body = good.clone();
                body[field] = json!(text);
                let answer = world.post(path).by(&acme).json(body).await;
                assert!(answer.status < 500, "{path} {field} {text:?}: {} {}", answer.status, answer.body);
                if text.contains('\0') {
                    assert!([401, 404, 422].contains(&answer.status), "{path} {field}: {}", answer.status);
                }
            }
        }
    }
}

#[tokio::test]
async fn what_no_text_of_the_database_can_hold_is_refused_of_operators_too() {
    let (world, acme, _) = World::start().await;
    let operator = signed_in(&world).await;
    let plan = |name: &str| json!({ "name": name, "currency": "EUR" });
    let gift =
        |reference: &str, note: &str| json!({ "kind": "gift", "amount": 1, "currency": "EUR", "reference": reference, "note": note });
    let (plans, credits) = ("/api/v1/operator/plans/nul", "/api/v1/operator/tenants/acme/credits");
    world.put(plans).bearing(&operator).json(plan("a\u{0}b")).await.refused(422, "validation_failed");
    for entry in [gift("a\u{0}b", "x"), gift("x", "a\u{0}b")] {
        world.post(credits).bearing(&operator).json(entry).await.refused(422, "validation_failed");
    }
    world.get("/api/v1/operator/tenants/ac%00me").bearing(&operator).await.refused(404, "not_found");
    world.get("/api/v1/operator/tenants/ac%2500me").bearing(&operator).await.refused(404, "tenant_not_found");
    world.get("/api/v1/members").by(&acme).await.expect(200);
    assert_eq!(
        world.count("select count(*) from credit_entries").await + world.count("select count(*) from plans where code = 'nul'").await,
        0
    );
    world.put(plans).bearing(&operator).json(plan("a")).await.expect(200);
}

#[tokio::test]
async fn methods_and_paths_that_are_none() {
    let (world, acme, _) = World::start().await;
    for path in [
        "/",
        "/api",
        "/api/v1/auth",
        "/api/v1/auth/nothing",
        "/api/v1/tenant/",
        "/api/v1//tenant",
        "/API/v1/tenant",
        "/metrics",
        "/docs",
        "/.env",
    ] {
        world.get(path).by(&acme).await.refused(404, "not_found");
    }
    for (method, path) in [
        (Method::PUT, "/api/v1/auth/login"),
        (Method::GET, "/api/v1/auth/login"),
        (Method::DELETE, "/api/v1/tenant"),
        (Method::TRACE, "/api/v1/members"),
    ] {
        let answer = world.ask(method, path).by(&acme).await.refused(405, "method_not_allowed");
        assert!(!answer.header("allow").is_empty());
    }
}

#[tokio::test]
async fn forged_tokens_are_none() {
    let (world, acme, _) = World::start().await;
    let mut parts = acme.access.split('.');
    let (head, body, signature) = (parts.next().expect("head"), parts.next().expect("body"), parts.next().expect("signature"));
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let kid = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Ii4uLy4uL2RldiJ9";
    let (cut, longer, huge) = (&acme.access[..acme.access.len() - 2], format!("{}A", acme.access), "A".repeat(10_000));
    for forged in [
        &format!("{unsigned}.{body}."),
        &format!("{unsigned}.{body}.{signature}"),
        &format!("{kid}.{body}.{signature}"),
        &format!("{head}.{head}.{signature}"),
        "x",
        "a.b.c",
        "...",
        cut,
        &longer,
        &huge,
    ] {
        world.get("/api/v1/auth/me").at("acme").bearing(forged).await.refused(401, "unauthenticated");
    }
    for scheme in ["Basic", "bearerx", "Token"] {
        world
            .get("/api/v1/auth/me")
            .at("acme")
            .with("authorization", format!("{scheme} {}", acme.access))
            .await
            .refused(401, "unauthenticated");
    }
}
