//! An organisation arrives.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::{PASSWORD, World, served, sign_up_form};

#[tokio::test]
async fn a_taken_subdomain_or_one_that_looks_like_it_is_refused() {
    let world = World::empty().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    for slug in ["acme", "acrne"] {
        world.sign_up(slug, "bob@acme.example").await.refused(409, "slug_taken");
    }
    assert_eq!(world.count("select count(*) from users").await, 1, "a refused sign-up leaves nothing");
    assert_eq!(world.count("select count(*) from tenants").await, 1);
}

#[tokio::test]
async fn of_ten_at_once_one_gets_the_subdomain() {
    let world = World::empty().await;
    let emails: Vec<String> = (0..10).map(|n| format!("ada{n}@acme.example")).collect();
    let mut answers = futures_join(emails.iter().map(|email| world.sign_up("acme", email))).await;
    // On a busy machine some do not get a turn to hash the password in time, and ask again.
    for (answer, email) in answers.iter_mut().zip(&emails).filter(|(answer, _)| answer.status == 503) {
        *answer = served(|| world.post("/api/v1/tenants").json(sign_up_form("acme", email))).await;
    }
    let accepted = answers.iter().filter(|a| a.status == 202).count();
    assert_eq!(accepted, 1);
    for answer in answers.into_iter().filter(|a| a.status != 202) {
        answer.refused(409, "slug_taken");
    }
    assert_eq!(world.count("select count(*) from provisionings").await, 1);
}

/// All of them at once.
pub async fn futures_join<T>(work: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures::future::join_all(work).await
}

#[tokio::test]
async fn a_known_address_needs_its_own_password() {
    let (world, ..) = World::start().await;
    let mut form = sign_up_form("third", "admin@acme.example");
    form["password"] = json!("another-long-secret-77");
    world.post("/api/v1/tenants").json(form).await.refused(409, "email_taken");
    assert_eq!(world.count("select count(*) from tenants").await, 2);
    let answer = world.sign_up("third", " ADMIN@acme.example ").await.expect(202);
    assert_eq!(answer.body["user"]["email"], "admin@acme.example");
    assert_eq!(world.count("select count(*) from users").await, 2, "one person, two organisations");
}

#[tokio::test]
async fn an_address_that_nobody_proved_goes_to_whoever_comes() {
    let (world, ..) = World::start().await;
    let squatter = crate::world::register_form("ada@third.example", "squatter-long-secret-77");
    world.post("/api/v1/auth/register").at("acme").json(squatter).await.expect(202);
    world.sign_up("third", "ada@third.example").await.expect(202);
    world.log_in("third", "ada@third.example").await;
    world.try_log_in("third", "ada@third.example", "squatter-long-secret-77").await.expect(401);
    // The squatter hears what every newcomer hears, and gets no further.
    world.try_log_in("acme", "ada@third.example", "squatter-long-secret-77").await.refused(403, "email_not_verified");
}

#[tokio::test]
async fn what_is_answered_and_told() {
    let world = World::empty().await;
    let mut form = sign_up_form("acme", "Ada@Acme.example");
    form["locale"] = json!("fr");
    form["organisation"] = json!(" Acm\u{65}\u{301} \u{202e}");
    let answer = world.post("/api/v1/tenants").json(form).await.expect(202);
    assert_eq!(answer.header("location"), "/api/v1/tenants/acme/status");
    let tenant = &answer.body["tenant"];
    assert_eq!(
        (&tenant["slug"], &tenant["organisation"], &tenant["status"], &tenant["url"]),
        (&json!("acme"), &json!("Acmé"), &json!("provisioning"), &json!("http://acme.localhost:8080"))
    );
    assert_eq!(world.get("/api/v1/tenants/acme/status").await.expect(200).body, json!({ "slug": "acme", "status": "provisioning" }));
    world.get("/api/v1/tenants/nobody/status").await.refused(404, "tenant_not_found");
    world.get("/api/v1/tenants/%00/status").await.refused(404, "not_found");
    let mails = world.mails("ada@acme.example").await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.starts_with("Confirmez"), "{}", mails[0].subject);
    assert!(mails[0].text.contains("http://acme.localhost:8080/verify?token="), "{}", mails[0].text);
    assert_eq!(world.count("select count(*) from audit_logs where action = 'TenantCreated'").await, 1);
    let created = world.last_event("TenantCreated").await;
    assert_eq!(created["tenant"], tenant["id"]);
    assert_eq!(created["data"]["slug"], "acme");
}

#[tokio::test]
async fn a_new_admin_works_at_once_and_invites_after_proving_the_address() {
    let world = World::empty().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    let ada = world.log_in("acme", "ada@acme.example").await;
    let invitation = json!({ "email": "ana@acme.example", "role": "agent" });
    world.post("/api/v1/invitations").by(&ada).json(invitation.clone()).await.refused(403, "email_not_verified");
    world.verify("ada@acme.example").await;
    world.get("/api/v1/auth/me").by(&ada).await.expect(200);
    world.post("/api/v1/invitations").by(&ada).json(invitation.clone()).await.refused(503, "unavailable");
    world.open_doors("acme").await;
    world.post("/api/v1/invitations").by(&ada).json(invitation).await.expect(201);
}

#[tokio::test]
async fn a_founders_password_has_twelve_characters_at_least() {
    let world = World::empty().await;
    for (slug, password, long_enough) in
        [("one", "xq7!vK2#pLz", false), ("two", "xq7!vK2#pLz9", true), ("three", "éq7!vK2#pLz", false), ("four", "éq7!vK2#pLzü", true)]
    {
        let mut form = sign_up_form(slug, &format!("ada@{slug}.example"));
        form["password"] = json!(password);
        let answer = served(|| world.post("/api/v1/tenants").json(form.clone())).await;
        match long_enough {
            true => drop(answer.expect(202)),
            false => assert_eq!(answer.refused(422, "validation_failed").wrong_field(), ("password".into(), "too_short".into())),
        }
    }
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named() {
    let world = World::empty().await;
    let cases: [(&str, Value, &str); 21] = [
        ("slug", json!("a"), "invalid_slug"),
        ("slug", json!("Acme"), "invalid_slug"),
        ("slug", json!("www"), "reserved"),
        ("slug", json!("acme\u{0}"), "invalid_slug"),
        ("slug", json!(5), "invalid"),
        ("email", json!("nobody"), "invalid_email"),
        ("email", json!("a@b.c\r\nBcc: x@y.z"), "invalid_email"),
        ("password", json!("short"), "too_short"),
        ("password", json!("password1234"), "too_weak"),
        ("password", json!("Organisation2026"), "too_weak"),
        ("password", json!("x".repeat(129)), "too_long"),
        ("organisation", json!(""), "required"),
        ("organisation", json!("\u{200b}"), "required"),
        ("firstname", json!("x".repeat(256)), "too_long"),
        ("lastname", json!("a\u{0}b"), "invalid"),
        ("organisation", json!("Win at https://evil.example"), "invalid"),
        ("firstname", json!("WWW.evil.example"), "invalid"),
        ("lastname", json!("ftp://x"), "invalid"),
        ("locale", json!("de"), "unknown_value"),
        ("surprise", json!(1), "unknown_field"),
        ("lastname", Value::Null, "invalid"),
    ];
    for (field, value, code) in cases {
        let mut form = sign_up_form("acme", "ada@acme.example");
        form[field] = value.clone();
        let answer = world.post("/api/v1/tenants").json(form).await.refused(422, "validation_failed");
        assert_eq!(answer.wrong_field(), (field.to_owned(), code.to_owned()), "{field} {value}");
    }
    let mut form = sign_up_form("acme", "ada@acme.example");
    form.as_object_mut().expect("an object").remove("email");
    let answer = world.post("/api/v1/tenants").json(form).await.refused(422, "validation_failed");
    assert_eq!(answer.wrong_field(), ("email".into(), "required".into()));
    assert!(!PASSWORD.is_empty() && world.count("select count(*) from tenants").await == 0);
}

#[tokio::test]
async fn who_proves_no_address_signs_up_five_organisations_a_day() {
    let world = World::empty().await;
    let from = async |slug: &str, ip: &str| {
        let form = sign_up_form(slug, "ada@acme.example");
        world.post("/api/v1/tenants").with("x-forwarded-for", ip).json(form).await
    };
    for n in 0..5 {
        from(&format!("acme-{n}"), "203.0.113.7").await.expect(202);
    }
    let refused = from("acme-5", "198.51.100.9").await.refused(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "3600");
    assert_eq!(world.count("select count(*) from tenants").await, 5, "a refused one leaves nothing");
    world.sign_up("globex", "bob@globex.example").await.expect(202);
    world.travel(TimeDelta::days(1));
    from("acme-5", "203.0.113.7").await.expect(202);
    world.verify("ada@acme.example").await;
    for n in 6..12 {
        from(&format!("acme-{n}"), "203.0.113.7").await.expect(202);
    }
}

#[tokio::test]
async fn who_sits_at_the_machine_signs_up_fifty_organisations() {
    let world = World::empty().await;
    for n in 0..50 {
        world.sign_up(&format!("acme-{n}"), "ada@acme.example").await.expect(202);
    }
    assert_eq!(world.count("select count(*) from tenants").await, 50);
}

#[tokio::test]
async fn a_form_sent_twice_at_once_is_no_taken_address() {
    let world = World::empty().await;
    for round in 0..5 {
        let email = format!("ada{round}@acme.example");
        let slugs: Vec<String> = (0..2).map(|n| format!("acme-{round}-{n}")).collect();
        for answer in futures_join(slugs.iter().map(|slug| world.sign_up(slug, &email))).await {
            answer.expect(202);
        }
    }
    assert_eq!(world.count("select count(distinct password_hash) from email_tokens").await, 5, "one password, one hash");
}

#[tokio::test]
async fn one_network_signs_up_thirty_organisations_a_day_however_they_come() {
    let world = World::empty().await;
    let from = async |network: u32, n: usize| {
        let address = format!("2001:db8:0:{network}::{n:x}");
        let form = sign_up_form(&format!("org-{network}-{n}"), &format!("ada@{network}-{n}.example"));
        world.post("/api/v1/tenants").with("x-forwarded-for", address).json(form).await
    };
    for n in 0..25 {
        from(1, n).await.expect(202);
    }
    let answers = futures_join((25..45).map(|n| from(1, n))).await;
    assert!(answers.iter().all(|a| [202, 429, 503].contains(&a.status)));
    for n in 45..55 {
        from(1, n).await;
    }
    assert_eq!(world.count("select count(*) from tenants").await, 30);
    from(1, 60).await.refused(429, "rate_limited");
    from(2, 0).await.expect(202);
    world.sql("update users set email_verified_at = created_at where email = 'ada@2-0.example'").await;
    let proved = world.post("/api/v1/tenants").with("x-forwarded-for", "2001:db8:0:1::2").json(sign_up_form("proved", "ada@2-0.example"));
    proved.await.expect(202);
    world.travel(TimeDelta::days(1));
    from(1, 60).await.expect(202);
    control_api::worker::sweep(&world.app, world.app.clock.now() + TimeDelta::seconds(1)).await.expect("swept");
    assert_eq!(world.count("select count(*) from sign_ups").await, 1, "what counts no more is forgotten");
}

#[tokio::test]
async fn a_retry_with_its_key_gets_the_first_answer_and_one_organisation() {
    let world = World::empty().await;
    let form = sign_up_form("acme", "ada@acme.example");
    let ask = |form: Value, key: &str| world.post("/api/v1/tenants").with("idempotency-key", key).json(form).into_future();
    let first = ask(form.clone(), "k1").await.expect(202);
    world.travel(chrono::TimeDelta::hours(1));
    let again = ask(form.clone(), "k1").await.expect(202);
    assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
    assert_eq!(world.count("select count(*) from tenants").await, 1);
    assert_eq!(world.mails("ada@acme.example").await.len(), 1);
    let mut other = form.clone();
    other["password"] = json!("another-long-secret-77");
    ask(other, "k1").await.refused(422, "idempotency_key_reused");
    // A key is its owner's: another person's same key is another key.
    ask(sign_up_form("globex", "bob@globex.example"), "k1").await.expect(202);
    ask(form.clone(), "k2").await.refused(409, "slug_taken");
    ask(form.clone(), "").await.refused(422, "validation_failed");
    world.travel(chrono::TimeDelta::hours(25));
    ask(form.clone(), "k1").await.refused(409, "slug_taken");
    control_api::worker::sweep(&world.app, world.app.clock.now()).await.expect("swept");
    assert_eq!(world.count("select count(*) from idempotency_keys").await, 0);
}
