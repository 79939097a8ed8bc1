//! Links in mails are built from configuration, whatever the request says (I-8, A21).

use serde_json::json;

use crate::world::{Ask, PASSWORD, World, register_form};

/// How a request names Acme, with words of somebody who would like to be it.
const HOSTS: [&[(&str, &str)]; 4] = [
    &[("host", "acme.localhost:8080")],
    &[("host", "ACME.localhost")],
    &[("host", "acme.localhost.:9999")],
    &[("host", "evil.example"), ("x-tenant", "acme")],
];
const LIES: [(&str, &str); 5] = [
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "gopher"),
    ("forwarded", "host=evil.example;proto=gopher"),
    ("x-original-host", "evil.example"),
    ("referer", "https://evil.example/"),
];

fn lying<'a>(ask: Ask<'a>, host: &[(&'static str, &str)]) -> Ask<'a> {
    LIES.iter().chain(host).fold(ask, |ask, (name, value)| ask.with(name, *value))
}

#[tokio::test]
async fn every_link_in_a_mail_leads_to_the_configured_address() {
    let (world, acme, _) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    let address = |email: &str| json!({ "email": email });
    let asks = [
        ("verify", "new@acme.example", "/api/v1/auth/register", register_form("new@acme.example", PASSWORD), None),
        ("reset", acme.email.as_str(), "/api/v1/auth/password/forgot", address(&acme.email), None),
        ("magic", &chloe.email, "/api/v1/auth/magic-link", address(&chloe.email), None),
        (
            "verify-address",
            "ada@new.example",
            "/api/v1/auth/email/change",
            json!({ "email": "ada@new.example", "password": PASSWORD }),
            Some(&acme.access),
        ),
        (
            "invitation",
            "ana@acme.example",
            "/api/v1/invitations",
            json!({ "email": "ana@acme.example", "role": "agent" }),
            Some(&acme.access),
        ),
    ];
    for (page, email, path, body, token) in asks {
        for host in HOSTS {
            let before = world.mails(email).await.len();
            let ask = lying(world.post(path).json(body.clone()), host);
            let answer = match token {
                Some(token) => ask.bearing(token).await,
                None => ask.await,
            };
            assert!(answer.status < 300, "{page} {host:?}: {}", answer.body);
            let mails = world.mails(email).await.split_off(before);
            assert_eq!(mails.len(), 1, "{page} {host:?}");
            let (text, html) = (&mails[0].text, &mails[0].html);
            assert!(text.contains(&format!("http://acme.localhost:8080/{page}?token=")), "{host:?}: {text}");
            assert_eq!(text.matches("://").count(), 1, "{text}");
            assert!(
                ![text, html].into_iter().any(|part| part.contains("evil") || part.contains("gopher") || part.contains("9999")),
                "{html}"
            );
        }
        let ask = world.post(path).with("host", "acme.localhost.evil.example").json(body);
        ask.await.refused(404, "tenant_not_found");
    }
}
