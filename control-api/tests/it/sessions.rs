//! Where one is signed in, ending it, and what the app plane hears of it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::{Answer, PASSWORD, Person, World};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1";

async fn log_in_with(world: &World, person: &Person, headers: &[(&'static str, &str)]) -> Person {
    let ask = async |path: &str, body: Value| {
        let mut ask = world.post(path).at(&person.slug).json(body);
        for (name, value) in headers {
            ask = ask.with(name, *value);
        }
        ask.await.expect(200)
    };
    let answer = ask("/api/v1/auth/login", json!({ "email": person.email, "password": PASSWORD })).await;
    let Some(token) = answer.body["challenge_token"].as_str() else { return Person::of(&answer) };
    let proof = json!({ "challenge_token": token, "code": world.fresh_code(token).await });
    Person::of(&ask("/api/v1/auth/2fa/verify", proof).await)
}

async fn list(world: &World, person: &Person) -> Vec<Value> {
    let answer = world.get("/api/v1/auth/sessions").by(person).await.expect(200);
    answer.body["data"].as_array().expect("sessions").clone()
}

async fn end(world: &World, person: &Person, id: &Value) -> Answer {
    world.delete(&format!("/api/v1/auth/sessions/{}", id.as_str().expect("an id"))).by(person).await
}

#[tokio::test]
async fn somebody_sees_their_sessions_here_with_device_and_place_and_which_one_asks() {
    let (world, acme, globex) = World::start().await;
    let headers = [("user-agent", FIREFOX), ("x-forwarded-for", "203.0.113.7"), ("x-country", "fr")];
    let there = log_in_with(&world, &acme, &headers).await;
    let sessions = list(&world, &there).await;
    assert_eq!(sessions.len(), 2);
    let (newest, oldest) = (&sessions[0], &sessions[1]);
    assert_eq!((&newest["current"], &oldest["current"]), (&json!(true), &json!(false)));
    assert_eq!(newest["device"], json!({ "browser": "Firefox", "system": "Linux", "kind": "desktop" }));
    assert_eq!(
        (newest["place"].as_str(), newest["ip"].as_str(), newest["client"].as_str()),
        (Some("FR"), Some("203.0.113.7"), Some("api"))
    );
    assert_eq!(newest["amr"], json!(["pwd", "otp"]));
    assert_eq!(oldest["device"], json!({ "browser": null, "system": null, "kind": "unknown" }));
    assert!(oldest["place"].is_null());
    assert_eq!(list(&world, &globex).await.len(), 1);
}

#[tokio::test]
async fn a_refresh_says_when_a_session_was_used_last() {
    let (world, acme, _) = World::start().await;
    let used = async |person: &Person| list(&world, person).await.pop().expect("a session")["last_used_at"].clone();
    let began = used(&acme).await;
    world.travel(TimeDelta::minutes(1));
    let renewed = world.post("/api/v1/auth/refresh").at("acme").json(json!({ "refresh_token": acme.refresh })).await.expect(200);
    let later = used(&Person::of(&renewed)).await;
    let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().expect("a time")).expect("a time");
    assert_eq!(time(&later) - time(&began), TimeDelta::minutes(1));
}

#[tokio::test]
async fn the_list_comes_in_pages_and_leaves_out_what_nobody_can_use_any_more() {
    let (world, acme, globex) = World::start().await;
    world.travel(TimeDelta::days(7));
    let mut last = world.log_in("acme", &acme.email).await;
    for _ in 0..2 {
        last = world.log_in("acme", &acme.email).await;
    }
    let first = world.get("/api/v1/auth/sessions?limit=2").by(&last).await.expect(200);
    let cursor = first.body["page"]["next_cursor"].as_str().expect("more").to_owned();
    let next = format!("/api/v1/auth/sessions?limit=2&cursor={cursor}");
    let second = world.get(&next).by(&last).await.expect(200);
    assert_eq!((first.body["data"].as_array().expect("two").len(), second.body["data"].as_array().expect("one").len()), (2, 1));
    assert!(second.body["page"]["next_cursor"].is_null());
    let globex = world.log_in("globex", &globex.email).await;
    world.get(&next).by(&globex).await.refused(422, "validation_failed");
    world.get("/api/v1/auth/sessions?limit=0").by(&last).await.refused(422, "validation_failed");
}

#[tokio::test]
async fn a_session_is_ended_by_its_owner_from_another_and_by_nobody_else() {
    let (world, acme, globex) = World::start().await;
    let there = world.log_in("acme", &acme.email).await;
    let ana = world.member(&acme, "ana", "agent").await;
    let id = list(&world, &there).await[0]["id"].clone();
    for stranger in [&ana, &globex] {
        end(&world, stranger, &id).await.refused(404, "not_found");
    }
    world.get("/api/v1/auth/me").by(&there).await.expect(200);
    end(&world, &acme, &id).await.expect(204);
    world.get("/api/v1/auth/me").by(&there).await.refused(401, "unauthenticated");
    world.post("/api/v1/auth/refresh").at("acme").json(json!({ "refresh_token": there.refresh })).await.refused(401, "unauthenticated");
    end(&world, &acme, &id).await.refused(404, "not_found");
    assert_eq!(world.last_event("SessionsEnded").await["data"]["reason"], "revoked");
    let own = list(&world, &acme).await[0]["id"].clone();
    end(&world, &acme, &own).await.expect(204);
    world.get("/api/v1/auth/me").by(&acme).await.refused(401, "unauthenticated");
}

/// A person's sessions in another tenant are that tenant's: they are neither seen nor ended from here.
#[tokio::test]
async fn sessions_of_the_same_person_in_another_tenant_stay_out_of_reach() {
    let (world, acme, globex) = World::start().await;
    let invitation = json!({ "email": acme.email, "role": "agent" });
    world.post("/api/v1/invitations").by(&globex).json(invitation).await.expect(201);
    let token = world.token_for(&acme.email).await;
    let accept = json!({ "token": token, "password": PASSWORD, "firstname": "Ada", "lastname": "Byron" });
    let there = world.post("/api/v1/auth/invitations/accept").at("globex").json(accept).await.expect(200);
    let there = world.settle("globex", there).await;
    assert_eq!(there.id, acme.id);
    let (here, sessions) = (list(&world, &acme).await, list(&world, &there).await);
    assert_eq!((here.len(), sessions.len()), (1, 1));
    end(&world, &acme, &sessions[0]["id"]).await.refused(404, "not_found");
    world.get("/api/v1/auth/me").by(&there).await.expect(200);
}

#[tokio::test]
async fn whatever_ends_or_changes_somebodys_access_stands_in_the_feed_of_its_act() {
    let (world, acme, _) = World::start().await;
    let changes = async |kind: &str| -> i64 {
        let sql = "with taken as (delete from access_changes returning kind, session_id, user_id, tenant_id)
                   select count(*) from taken where kind = $1 and tenant_id is not null
                       and (kind <> 'session_ended' or session_id is not null) and (kind = 'tenant_changed' or user_id is not null)";
        sqlx::query_scalar(sql).bind(kind).fetch_one(world.app.db.pool()).await.expect("changes")
    };
    let ana = world.member(&acme, "ana", "agent").await;
    changes("member_changed").await;
    let twice = world.log_in("acme", &ana.email).await;
    assert_eq!(changes("session_ended").await, 0, "coming in ends nothing");
    world.post("/api/v1/auth/logout").by(&twice).await.expect(204);
    assert_eq!(changes("session_ended").await, 1, "leaving");
    world.log_in("acme", &ana.email).await;
    world.post("/api/v1/auth/logout-all").by(&ana).await.expect(204);
    assert_eq!(changes("session_ended").await, 2, "leaving everywhere");
    let robbed = world.log_in("acme", &ana.email).await;
    let refresh = async |token: &str| world.post("/api/v1/auth/refresh").at("acme").json(json!({ "refresh_token": token })).await;
    let second = Person::of(&refresh(&robbed.refresh).await.expect(200));
    refresh(&second.refresh).await.expect(200);
    refresh(&robbed.refresh).await.refused(401, "unauthenticated");
    assert_eq!(changes("session_ended").await, 1, "a stolen token");
    let member = format!("/api/v1/members/{}", ana.id);
    world.patch(&member).by(&acme).json(json!({ "role": "manager" })).await.expect(200);
    assert_eq!(changes("member_changed").await, 1, "another role");
    let ana = world.log_in("acme", &ana.email).await;
    world.patch("/api/v1/auth/me").by(&ana).json(json!({ "firstname": "Anna" })).await.expect(200);
    assert_eq!(changes("member_changed").await, 1, "another name");
    world.delete(&member).by(&acme).await.expect(204);
    assert_eq!(world.count("select count(*) from access_changes where kind = 'session_ended'").await, 1, "being taken out");
    assert_eq!(changes("member_changed").await, 1, "being taken out");
    world.sql("update tenants set status = 'suspended' where slug = 'acme'").await;
    assert_eq!(changes("tenant_changed").await, 1, "a suspension");
}

#[tokio::test]
async fn a_new_device_or_network_is_told_of_by_mail_and_the_first_one_is_not() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let mails =
        async || world.mails(&ana.email).await.into_iter().filter(|m| m.subject == "New sign-in to Organisation").collect::<Vec<_>>();
    let from = [("user-agent", FIREFOX), ("x-forwarded-for", "203.0.113.7")];
    // Accepting the invitation was the first time; this is another device.
    log_in_with(&world, &ana, &from).await;
    let told = mails().await;
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("Firefox · Linux, 203.0.113.7, 2027-01-15"), "{}", told[0].text);
    log_in_with(&world, &ana, &from).await;
    log_in_with(&world, &ana, &[("user-agent", FIREFOX), ("x-forwarded-for", "203.0.200.1")]).await;
    assert_eq!(mails().await.len(), 1, "known, and the same provider");
    log_in_with(&world, &ana, &[("user-agent", PHONE), ("x-forwarded-for", "203.0.113.7")]).await;
    assert_eq!(mails().await.len(), 2, "another device");
    log_in_with(&world, &ana, &[("user-agent", FIREFOX), ("x-forwarded-for", "198.51.100.7")]).await;
    assert_eq!(mails().await.len(), 3, "another network");
    world.travel(TimeDelta::days(91));
    log_in_with(&world, &ana, &from).await;
    assert_eq!(mails().await.len(), 4, "not seen for 90 days");
    world.patch("/api/v1/auth/me").by(&log_in_with(&world, &ana, &from).await).json(json!({ "locale": "fr" })).await.expect(200);
    log_in_with(&world, &ana, &[("user-agent", PHONE), ("x-forwarded-for", "192.0.2.9")]).await;
    assert_eq!(world.mails(&ana.email).await.last().expect("a mail").subject, "Nouvelle connexion à Organisation");
    assert_eq!(world.mails(&acme.email).await.iter().filter(|m| m.subject.starts_with("New sign-in")).count(), 0, "the first one");
}

#[tokio::test]
async fn only_a_trusted_proxy_says_where_somebody_is() {
    let (world, acme, _) = World::start().await;
    for (said, place) in [("FR", json!("FR")), ("XX", Value::Null), ("France", Value::Null)] {
        let there = log_in_with(&world, &acme, &[("x-country", said)]).await;
        assert_eq!(list(&world, &there).await[0]["place"], place, "{said}");
    }
}
