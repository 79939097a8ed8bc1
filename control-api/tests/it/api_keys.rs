//! API keys (I-9, A26): who makes them, what they open in this plane, and when they end.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::auth::scope::Scope;

use crate::{
    isolation::{May, table, wants},
    world::{Answer, Person, World},
};

const KEYS: &str = "/api/v1/api-keys";

async fn make(world: &World, by: &Person, body: Value) -> Answer {
    world.post(KEYS).by(by).json(body).await
}

/// A key of these scopes, as somebody who shows it.
pub async fn key(world: &World, by: &Person, scopes: &[&str]) -> Person {
    let made = make(world, by, json!({ "name": "Shop", "scopes": scopes })).await.expect(201);
    Person { access: made.body["key"].as_str().expect("a key").to_owned(), ..by.clone() }
}

pub fn all() -> Vec<&'static str> {
    Scope::ALL.map(Scope::as_str).into()
}

#[tokio::test]
async fn a_key_is_shown_once_and_nothing_that_is_kept_opens_anything() {
    let (world, acme, globex) = World::start().await;
    let body = json!({ "name": "Shop", "scopes": ["tickets:write", "tickets:read", "tickets:read"], "expires_at": "2027-03-01T00:00:00Z" });
    let ask = || world.post(KEYS).by(&acme).with("idempotency-key", "one").json(body.clone());
    let made = ask().await.expect(201);
    let text = made.body["key"].as_str().expect("a key").to_owned();
    assert!(text.starts_with(made.body["prefix"].as_str().expect("a prefix")));
    assert_eq!(made.body["scopes"], json!(["tickets:read", "tickets:write"]));
    assert_eq!((&made.body["created_by"], &made.body["last_used_at"]), (&json!(acme.id), &Value::Null));
    assert_eq!(ask().await.expect(201).body, made.body, "a retry gets the same answer");
    let list = world.get(KEYS).by(&acme).await.expect(200);
    assert_eq!(list.body["data"].as_array().expect("keys").len(), 1);
    assert_eq!(list.body["data"][0]["id"], made.body["id"]);
    assert!(!list.body.to_string().contains(&text));
    assert_eq!(world.get(KEYS).by(&globex).await.expect(200).body["data"], json!([]));
    for table in ["api_keys", "idempotency_keys", "events", "audit_logs"] {
        let sql = format!("select count(*) from {table} t where t::text like '%' || $1 || '%'");
        let secret = text.rsplit_once('_').map_or(text.as_str(), |_| &text[17..]);
        let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(secret).fetch_one(world.app.db.pool()).await.expect("a number");
        assert_eq!(found, 0, "{table}");
    }
    assert_eq!(world.last_event("ApiKeyCreated").await["data"]["name"], "Shop");
}

#[tokio::test]
async fn only_an_admin_who_has_proved_of_late_who_they_are_makes_a_key() {
    let (world, acme, _) = World::start().await;
    let good = json!({ "name": "Shop", "scopes": ["tickets:read"] });
    let max = world.member(&acme, "max", "manager").await;
    make(&world, &max, good.clone()).await.refused(403, "forbidden");
    for (body, field, code) in [
        (json!({ "name": "Shop", "scopes": [] }), "scopes", "required"),
        (json!({ "name": "", "scopes": ["tickets:read"] }), "name", "required"),
        (json!({ "name": "Shop", "scopes": ["tickets:read"], "expires_at": "2020-01-01T00:00:00Z" }), "expires_at", "out_of_range"),
    ] {
        let refused = make(&world, &acme, body).await.refused(422, "validation_failed");
        assert_eq!(refused.wrong_field(), (field.into(), code.into()));
    }
    for body in [json!({ "name": "Shop", "scopes": ["*"] }), json!({ "name": "Shop", "scopes": ["tickets:read"], "prefix": "x" })] {
        make(&world, &acme, body).await.refused(422, "validation_failed");
    }
    world.travel(TimeDelta::minutes(16));
    let refreshed = world.post("/api/v1/auth/refresh").at("acme").json(json!({ "refresh_token": acme.refresh })).await.expect(200);
    make(&world, &Person::of(&refreshed), good).await.refused(403, "step_up_required");
    assert_eq!(world.count("select count(*) from api_keys").await, 0);
}

#[tokio::test]
async fn each_operation_opens_to_the_scope_that_the_grid_says_and_to_no_other() {
    let (world, acme, globex) = World::start().await;
    world.own("acme").await;
    let foreign = key(&world, &globex, &all()).await;
    let mut grid = String::new();
    for (operation, may, body, _) in table().into_iter().filter(|row| row.1 > May::Visitors && row.1 != May::Operator) {
        let (method, path) = operation.split_once(' ').expect("method and path");
        let path = path.replace("sessions/{id}", "sessions/00000000-0000-0000-0000-000000000009");
        let path = path.replace("{user_id}", "999999").replace("{id}", "999999") + wants(operation);
        let ask = async |slug: &str, key: &Person| {
            let method: Method = method.to_uppercase().parse().expect("a method");
            let ask = world.ask(method, &path).at(slug).bearing(&key.access);
            match &body {
                Some(body) => ask.json(body.clone()).await,
                None => ask.await,
            }
        };
        // What an enrolment's own token opens knows no keys at all.
        let enrols = operation.ends_with("2fa/setup") || operation.ends_with("2fa/enable") || operation.contains("/passkeys/register/");
        let strange = ask("acme", &foreign).await;
        if enrols {
            strange.refused(401, "unauthenticated")
        } else {
            strange.refused(403, "tenant_mismatch")
        };
        let mut opens = Vec::new();
        for scope in Scope::ALL {
            let key = key(&world, &acme, &[scope.as_str()]).await;
            let answer = ask("acme", &key).await;
            match answer.status {
                401 if enrols => drop(answer.refused(401, "unauthenticated")),
                403 => drop(answer.refused(403, "forbidden")),
                200..=204 | 404 => opens.push(scope.as_str()),
                _ => panic!("{operation} {scope:?}: {answer:?}"),
            }
            world.sql("delete from api_keys where tenant_id = (select id from tenants where slug = 'acme')").await;
        }
        grid += &format!("{operation} ({may:?}): {}\n", opens.join(" "));
    }
    insta::assert_snapshot!(grid);
    assert_eq!(world.count("select count(*) from api_keys where last_used_at is not null").await, 0, "the foreign key was not used");
}

#[tokio::test]
async fn a_key_makes_no_keys_and_gives_nobody_the_rights_of_an_admin() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let key = key(&world, &acme, &all()).await;
    make(&world, &key, json!({ "name": "Shop", "scopes": ["tickets:read"] })).await.refused(403, "forbidden");
    world.get("/api/v1/auth/me").by(&key).await.refused(403, "forbidden");
    world.post("/api/v1/auth/logout-all").by(&key).await.refused(403, "forbidden");
    let promote = world.patch(&format!("/api/v1/members/{}", ana.id)).by(&key).json(json!({ "role": "admin" })).await;
    promote.refused(403, "step_up_required");
    world
        .post("/api/v1/invitations")
        .by(&key)
        .json(json!({ "email": "x@acme.example", "role": "admin" }))
        .await
        .refused(403, "step_up_required");
    world.patch(&format!("/api/v1/members/{}", ana.id)).by(&key).json(json!({ "role": "manager" })).await.expect(200);
    let actor: Value = sqlx::query_scalar("select actor from audit_logs order by id desc limit 1")
        .fetch_one(world.app.db.pool())
        .await
        .expect("an audit row");
    assert_eq!((&actor["kind"], &actor["id"], actor["key"].is_i64()), (&json!("person"), &json!(acme.id), true));
}

#[tokio::test]
async fn a_key_ends_by_being_taken_back_by_its_time_and_with_its_makers_rights() {
    let (world, acme, globex) = World::start().await;
    let bea = world.member(&acme, "bea", "admin").await;
    let made = make(&world, &acme, json!({ "name": "Shop", "scopes": ["members:read"] })).await.expect(201);
    let taken = Person { access: made.body["key"].as_str().expect("a key").to_owned(), ..acme.clone() };
    let timed =
        make(&world, &acme, json!({ "name": "Shop", "scopes": ["members:read"], "expires_at": "2027-01-15T08:10:00Z" })).await.expect(201);
    let timed = Person { access: timed.body["key"].as_str().expect("a key").to_owned(), ..acme.clone() };
    let of_bea = key(&world, &bea, &["members:read"]).await;
    let members = async |key: &Person| world.get("/api/v1/members").by(key).await;
    for key in [&taken, &timed, &of_bea] {
        members(key).await.expect(200);
    }
    assert_eq!(world.count("select count(*) from api_keys where last_used_at is not null").await, 3);
    let path = format!("{KEYS}/{}", made.body["id"]);
    world.delete(&path).by(&globex).await.refused(404, "not_found");
    world.delete(&path).by(&acme).await.expect(204);
    world.delete(&path).by(&acme).await.refused(404, "not_found");
    members(&taken).await.refused(401, "unauthenticated");
    assert_eq!(world.count("select count(*) from access_changes where kind = 'key_changed' and key_id is not null").await, 1);
    world.travel(TimeDelta::minutes(10));
    members(&timed).await.refused(401, "unauthenticated");
    members(&of_bea).await.expect(200);
    world.patch(&format!("/api/v1/members/{}", bea.id)).by(&acme).json(json!({ "role": "agent" })).await.expect(200);
    members(&of_bea).await.refused(401, "unauthenticated");
    // Not for a while: for good.
    world.patch(&format!("/api/v1/members/{}", bea.id)).by(&acme).json(json!({ "role": "admin" })).await.expect(200);
    members(&of_bea).await.refused(401, "unauthenticated");
    assert_eq!(world.last_event("ApiKeyRevoked").await["data"]["name"], "Shop");
}

#[tokio::test]
async fn a_tenant_has_a_hundred_keys_at_most() {
    let (world, acme, globex) = World::start().await;
    world
        .sql(
            "insert into api_keys (tenant_id, user_id, name, prefix, hash, scopes, created_at)
              select t.id, m.user_id, 'Shop', 'p' || n, n::text::bytea, '{tickets:read}', now()
              from tenants t join memberships m on m.tenant_id = t.id, generate_series(1, 100) n where t.slug = 'acme'",
        )
        .await;
    let body = json!({ "name": "Shop", "scopes": ["tickets:read"] });
    make(&world, &acme, body.clone()).await.refused(409, "conflict");
    make(&world, &globex, body).await.expect(201);
}
