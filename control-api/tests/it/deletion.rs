//! Asking for a tenant's deletion, its days of grace, and taking it back.

use chrono::TimeDelta;
use control_api::deletion::purge;
use serde_json::{Value, json};

use crate::{
    api_keys::{all, key},
    isolation::{May, Row, table},
    operators::signed_in,
    world::{Answer, PASSWORD, Person, World},
};

const DELETION: &str = "/api/v1/tenant/deletion";
/// What is left to a tenant's admins in its days of grace, besides coming in.
const LEFT: [&str; 14] = [
    "get /api/v1/tenant/deletion",
    "delete /api/v1/tenant/deletion",
    "get /api/v1/auth/me",
    "post /api/v1/auth/logout",
    "post /api/v1/auth/logout-all",
    "post /api/v1/auth/step-up",
    "post /api/v1/auth/step-up/passkey/start",
    "post /api/v1/auth/step-up/passkey/finish",
    "get /api/v1/tenant/exports",
    "post /api/v1/tenant/exports",
    "get /api/v1/tenant/exports/{id}",
    "get /api/v1/tenant/exports/{id}/download",
    "get /api/v1/tenant/invoices",
    "get /api/v1/tenant/invoices/{id}",
];
/// Ways in: whom they lead to is known only behind them.
const WAYS_IN: [&str; 9] = [
    "post /api/v1/auth/login",
    "post /api/v1/auth/refresh",
    "post /api/v1/auth/2fa/verify",
    "post /api/v1/auth/passkeys/login/start",
    "post /api/v1/auth/passkeys/login/finish",
    "post /api/v1/auth/2fa/passkey/start",
    "post /api/v1/auth/2fa/passkey/finish",
    "get /api/v1/auth/sso/start",
    "get /api/v1/auth/sso/callback",
];

async fn ask(world: &World, who: &Person) -> Answer {
    world.post(DELETION).by(who).json(json!({ "slug": who.slug })).await
}

async fn status(world: &World, slug: &str) -> Value {
    world.get(&format!("/api/v1/tenants/{slug}/status")).await.expect(200).body["status"].clone()
}

async fn refresh(world: &World, who: &Person) -> Answer {
    world.post("/api/v1/auth/refresh").at(&who.slug).json(json!({ "refresh_token": who.refresh })).await
}

#[tokio::test]
async fn only_an_admin_who_has_just_proved_who_they_are_and_types_the_address_asks_for_it() {
    let (world, acme, globex) = World::start().await;
    for (name, role) in [("ana", "agent"), ("max", "manager")] {
        ask(&world, &world.member(&acme, name, role).await).await.refused(403, "forbidden");
    }
    ask(&world, &world.customer("acme", "chloe").await).await.refused(403, "forbidden");
    for (body, code) in [
        (json!({ "slug": "globex" }), "mismatch"),
        (json!({ "slug": "" }), "mismatch"),
        (json!({}), "required"),
        (json!({ "slug": "acme", "at": "once" }), "unknown_field"),
    ] {
        let refused = world.post(DELETION).by(&acme).json(body).await.refused(422, "validation_failed");
        assert_eq!(refused.wrong_field().1, code);
    }
    let machine = key(&world, &acme, &all()).await;
    world.post(DELETION).at("acme").bearing(&machine.access).json(json!({ "slug": "acme" })).await.refused(403, "forbidden");
    world.travel(TimeDelta::minutes(16));
    let stale = Person::of(&refresh(&world, &acme).await.expect(200));
    ask(&world, &stale).await.refused(403, "step_up_required");
    assert_eq!(status(&world, "acme").await, "active");
    assert_eq!(world.count("select count(*) from deletions").await, 0);
    let fresh = world.log_in("acme", &acme.email).await;
    ask(&world, &fresh).await.expect(201);
    ask(&world, &fresh).await.refused(403, "tenant_deleting");
    assert_eq!((status(&world, "acme").await, status(&world, "globex").await), (json!("deleting"), json!("active")));
    ask(&world, &world.log_in("globex", &globex.email).await).await.expect(201);
}

#[tokio::test]
async fn every_admin_gets_a_mail_with_the_date_in_their_language_and_nobody_else_does() {
    let (world, acme, globex) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let bob = world.member(&acme, "bob", "admin").await;
    world.patch("/api/v1/auth/me").by(&bob).json(json!({ "locale": "fr" })).await.expect(200);
    ask(&world, &world.log_in("acme", &acme.email).await).await.expect(201);
    let has = async |email: &str, subject: &str| world.mails(email).await.iter().any(|letter| letter.subject.contains(subject));
    assert!(has(&acme.email, "Organisation will be deleted on 2027-02-14").await);
    assert!(has(&bob.email, "Organisation sera supprimée le 2027-02-14").await);
    for other in [&ana.email, &globex.email] {
        assert!(!has(other, "deleted").await && !has(other, "supprimée").await, "{other}");
    }
    world.delete(DELETION).by(&acme).await.expect(204);
    assert!(has(&bob.email, "Organisation ne sera pas supprimée").await);
}

/// In the days of grace every operation of the document is closed to everybody, but for what an admin still
/// has to do, and the ways in, which let nobody else through.
#[tokio::test]
async fn in_the_days_of_grace_its_admins_see_the_deletion_and_nothing_else() {
    let (world, acme, globex) = World::start().await;
    let staff = world.member(&acme, "ana", "agent").await;
    let others = [world.customer("acme", "chloe").await, staff.clone(), world.member(&acme, "max", "manager").await];
    let machine = key(&world, &acme, &all()).await;
    let acme = world.log_in("acme", &acme.email).await;
    ask(&world, &acme).await.expect(201);
    for (operation, may, body, _) in table().into_iter().filter(|row| row.1 != May::Operator && row.1 > May::Anybody) {
        if WAYS_IN.contains(&operation) || operation == "get /api/v1/auth/methods" {
            continue;
        }
        let (row, left) = (Row::of(&world, operation, "acme", body), LEFT.contains(&operation));
        if may == May::Visitors {
            row.ask(Some("acme"), None).await.refused(403, "tenant_deleting");
            continue;
        }
        for person in &others {
            // Their sessions have ended; who comes with one hears the same as about any that has.
            let answer = row.ask(Some("acme"), Some(&person.access)).await;
            let expected = if left { (401, "unauthenticated") } else { (403, "tenant_deleting") };
            answer.refused(expected.0, expected.1);
        }
        let by_key = row.ask(Some("acme"), Some(&machine.access)).await;
        assert!([401, 403].contains(&by_key.status), "{operation}: {}", by_key.body);
        if left {
            row.ask(Some("acme"), Some(&globex.access)).await.refused(403, "tenant_mismatch");
        } else {
            row.ask(Some("acme"), Some(&acme.access)).await.refused(403, "tenant_deleting");
        }
    }
    for person in &others {
        world.try_log_in("acme", &person.email, PASSWORD).await.refused(403, "tenant_deleting");
        refresh(&world, person).await.refused(403, "tenant_deleting");
    }
    world.try_log_in("acme", &staff.email, "wrong-long-secret-77").await.refused(401, "unauthenticated");
    let again = world.log_in("acme", &acme.email).await;
    let shown = world.get(DELETION).by(&again).await.expect(200).body;
    assert_eq!((&shown["slug"], &shown["is_begun"]), (&json!("acme"), &json!(false)));
    assert_eq!((&shown["asked_at"], &shown["delete_after"]), (&json!("2027-01-15T08:00:00Z"), &json!("2027-02-14T08:00:00Z")));
    assert_eq!(shown["asked_by"], json!({ "kind": "person", "id": acme.id, "name": "Ada Byron" }));
    assert_eq!(world.get("/api/v1/auth/me").by(&again).await.expect(200).body["email"], acme.email);
    refresh(&world, &again).await.expect(200);
    world.get("/api/v1/auth/me").by(&globex).await.expect(200);
}

#[tokio::test]
async fn whoever_takes_it_back_on_the_last_day_finds_everything_as_it_was() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let operator = signed_in(&world).await;
    world.delete(DELETION).by(&acme).await.refused(404, "not_found");
    world.get(DELETION).by(&acme).await.refused(404, "not_found");
    ask(&world, &world.log_in("acme", &acme.email).await).await.expect(201);
    world.travel(TimeDelta::days(29));
    purge::begin_due(&world.app).await.expect("nothing is due");
    assert_eq!(world.count("select count(*) from jobs").await, 0);
    let admin = world.log_in("acme", &acme.email).await;
    world.delete(DELETION).by(&admin).await.expect(204);
    assert_eq!(status(&world, "acme").await, "active");
    world.log_in("acme", &ana.email).await;
    world.get("/api/v1/tenant").by(&admin).await.expect(200);
    world.travel(TimeDelta::days(2));
    purge::begin_due(&world.app).await.expect("nothing is due");
    assert_eq!(world.count("select count(*) from jobs").await, 0);
    // A session of weeks ago is nobody's.
    world.post("/api/v1/operator/tenants/acme/suspend").bearing(&operator).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn an_operator_deletes_and_takes_back_what_was_suspended_and_it_is_suspended_again() {
    let (world, acme, _) = World::start().await;
    let operator = signed_in(&world).await;
    let turn = async |way: &str| world.post(&format!("/api/v1/operator/tenants/acme/{way}")).bearing(&operator).await;
    turn("suspend").await.expect(200);
    let deleting = turn("delete").await.expect(200).body;
    assert_eq!((&deleting["status"], &deleting["delete_after"]), (&json!("deleting"), &json!("2027-02-14T08:00:00Z")));
    for way in ["delete", "suspend"] {
        turn(way).await.refused(409, "conflict");
    }
    let admin = world.log_in("acme", &acme.email).await;
    let shown = world.get(DELETION).by(&admin).await.expect(200).body;
    assert_eq!(shown["asked_by"], json!({ "kind": "operator", "id": null, "name": null }), "whoever it was");
    let back = turn("resume").await.expect(200).body;
    assert_eq!((&back["status"], &back["delete_after"]), (&json!("suspended"), &json!(null)));
    world.get("/api/v1/auth/me").by(&admin).await.refused(403, "tenant_suspended");
    turn("resume").await.expect(200);
    turn("resume").await.refused(409, "conflict");
    assert_eq!(status(&world, "acme").await, "active");
    world.post("/api/v1/operator/tenants/nobody/delete").bearing(&operator).await.refused(404, "tenant_not_found");
    world.travel(TimeDelta::minutes(16));
    turn("delete").await.refused(403, "step_up_required");
}

#[tokio::test]
async fn what_is_being_made_is_not_deleted_and_what_has_failed_is() {
    let (world, ..) = World::start().await;
    let operator = signed_in(&world).await;
    world.sign_up("third", "ada@third.example").await.expect(202);
    let turn = async |way: &str| world.post(&format!("/api/v1/operator/tenants/third/{way}")).bearing(&operator).await;
    turn("delete").await.refused(409, "conflict");
    let new = world.settle("third", world.try_log_in("third", "ada@third.example", PASSWORD).await).await;
    ask(&world, &new).await.refused(409, "conflict");
    world
        .sql("update tenants set status = 'failed' where slug = 'third'; update provisionings set step = 'undone', finished_at = now()")
        .await;
    turn("delete").await.expect(200);
    let tenant: uuid::Uuid =
        sqlx::query_scalar("select id from tenants where slug = 'third'").fetch_one(world.app.db.pool()).await.expect("an id");
    let author = shared::act::Author::system("operator");
    let retried = world.app.db.act(author, &world.app.clock, async |act| control_api::provisioning::retry(act, tenant).await).await;
    assert!(matches!(retried, Err(shared::Error::Conflict { .. })), "{retried:?}");
    assert_eq!(turn("resume").await.expect(200).body["status"], "failed");
}

#[tokio::test]
async fn operators_find_tenants_by_status_beginning_and_cluster() {
    let (world, acme, _) = World::start().await;
    let operator = signed_in(&world).await;
    world.patch("/api/v1/tenant").by(&acme).json(json!({ "organisation": "Zebra_100% Ltd" })).await.expect(200);
    ask(&world, &acme).await.expect(201);
    world.sign_up("acme-two", "ada@two.example").await.expect(202);
    for (query, slugs) in [
        ("", vec!["acme", "globex", "acme-two"]),
        ("status=deleting", vec!["acme"]),
        ("status=active", vec!["globex"]),
        ("q=acme", vec!["acme", "acme-two"]),
        ("q=zebra", vec!["acme"]),
        ("q=ZEBRA_1", vec!["acme"]),
        ("q=%25", vec![]),
        ("q=cme", vec![]),
        ("cluster=nowhere", vec!["acme", "globex"]),
        ("cluster=elsewhere", vec![]),
        ("cluster=nowhere&status=deleting&q=zeb", vec!["acme"]),
    ] {
        let path = format!("/api/v1/operator/tenants?count=true&{query}");
        let page = world.get(&path).bearing(&operator).await.expect(200).body;
        let found: Vec<&str> = page["data"].as_array().expect("rows").iter().filter_map(|row| row["slug"].as_str()).collect();
        assert_eq!((found, page["page"]["total"].as_u64()), (slugs.clone(), Some(slugs.len() as u64)), "{query}");
    }
    for query in ["status=gone", "q=a&q=b", "name=acme"] {
        world.get(&format!("/api/v1/operator/tenants?{query}")).bearing(&operator).await.refused(422, "validation_failed");
    }
}

#[tokio::test]
async fn an_address_in_its_days_of_grace_is_nobody_elses_and_neither_is_one_like_it() {
    let (world, acme, _) = World::start().await;
    let strangers = async || {
        for slug in ["acme", "acrne"] {
            world.sign_up(slug, "eve@elsewhere.example").await.refused(409, "slug_taken");
        }
        // Not even to those who are leaving it.
        world.sign_up("acme", &acme.email).await.refused(409, "slug_taken");
        assert_eq!(world.count("select count(*) from tenants").await, 2);
        assert_eq!(world.count("select count(*) from users where email = 'eve@elsewhere.example'").await, 0);
    };
    ask(&world, &world.log_in("acme", &acme.email).await).await.expect(201);
    strangers().await;
    world.travel(TimeDelta::days(30) - TimeDelta::seconds(1));
    strangers().await;
    assert_eq!((status(&world, "acme").await, status(&world, "globex").await), (json!("deleting"), json!("active")));
    // Beyond them its data goes; the name stays (`purge`).
    world.travel(TimeDelta::seconds(1));
    strangers().await;
    purge::begin_due(&world.app).await.expect("begun");
    strangers().await;
}
