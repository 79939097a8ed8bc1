//! API keys (I-9, A26): they open what their scopes say, for the admin who made them, and nothing else.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use shared::{auth::scope::Scope, session::Role};

use crate::{
    isolation::ask,
    operations::{OPEN, operations, table},
    world::{Caller, Stream, TestApp, TestTenant},
};

const TICKETS: &str = "/api/v1/tickets";

async fn admin(tenant: &TestTenant) -> Caller {
    tenant.person("adam", Role::Admin).await
}

fn all() -> Vec<&'static str> {
    Scope::ALL.map(Scope::as_str).into()
}

#[tokio::test]
async fn each_operation_opens_to_the_scope_that_the_grid_says_and_to_no_other() {
    let app = TestApp::start().await;
    let (adam, ana) = (admin(&app.acme).await, app.acme.agent("ana").await);
    let table = table(ana.id);
    let mut grid = String::new();
    for operation in operations().into_iter().filter(|operation| !OPEN.contains(&operation.as_str())) {
        let (body, expected) = &table[operation.as_str()];
        let mut opens = Vec::new();
        for scope in Scope::ALL {
            let ticket = app.acme.customer(&uuid::Uuid::now_v7().simple().to_string()).await.opens("Printer on fire").await;
            ana.assigns(ticket, Some(ana.id)).await.expect(200);
            let key = app.acme.key(&adam, &[scope.as_str()]).await;
            match ask(&key, Some(&key.token()), &operation, ticket, body.as_ref()).await {
                (403, code) => assert_eq!(code.as_deref(), Some("forbidden"), "{operation} {scope:?}"),
                (status, _) if status < 300 || status == expected[3] => opens.push(scope.as_str()),
                other => panic!("{operation} {scope:?}: {other:?}"),
            }
        }
        grid += &format!("{operation}: {}\n", opens.join(" "));
    }
    insta::assert_snapshot!(grid);
    app.drain().await;
}

#[tokio::test]
async fn a_key_brings_tickets_in_bulk_if_it_may_write_settings_and_tickets_both() {
    let app = TestApp::start().await;
    let adam = admin(&app.acme).await;
    let (path, file) = ("/api/v1/imports", b"subject,email\nOne,a@x.test\n");
    let body = json!({ "kind": "csv", "file_name": "a.csv", "file_size": file.len() });
    let both = app.acme.key(&adam, &["settings:write", "tickets:write"]).await;
    let import = both.post(path, body.clone()).await.expect(201);
    crate::importing::sends(&both, &import, 0, file).await.expect(200);
    for scope in ["settings:write", "tickets:write", "tickets:read"] {
        let one = app.acme.key(&adam, &[scope]).await;
        one.post(path, body.clone()).await.is(403, "forbidden");
        one.post(&format!("{path}/{}/run", import["id"]), json!({})).await.is(403, "forbidden");
    }
    both.post(&format!("{path}/{}/run", import["id"]), json!({})).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn a_key_of_another_tenant_touches_nothing_and_what_is_no_key_opens_nothing() {
    let app = TestApp::start().await;
    let (adam, gil) = (admin(&app.acme).await, app.globex.person("gil", Role::Admin).await);
    let (own, foreign) = (app.acme.key(&adam, &all()).await, app.globex.key(&gil, &all()).await);
    own.get(TICKETS).await.expect(200);
    foreign.at(&app.acme).get(TICKETS).await.is(403, "tenant_mismatch");
    foreign.at(&app.acme).post(TICKETS, json!({ "subject": "a", "description": "b" })).await.is(403, "tenant_mismatch");
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, 0);
    let sql = "select count(*) from api_keys where tenant_id = $1 and last_used_at is not null";
    let used: i64 = sqlx::query_scalar(sql).bind(app.globex.id).fetch_one(&app.control).await.expect("a number");
    assert_eq!(used, 0);
    let text = own.token();
    let last = if text.ends_with('A') { "B" } else { "A" };
    for wrong in [format!("{}{last}", &text[..text.len() - 1]), text[..text.len() - 1].to_owned(), text.to_lowercase(), "hdk_".to_owned()] {
        own.showing(&wrong).get(TICKETS).await.is(401, "unauthenticated");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_key_ends_by_being_taken_back_by_its_time_and_with_its_makers_rights() {
    let app = TestApp::start().await;
    let adam = admin(&app.acme).await;
    let (taken, timed, kept) = (app.acme.key(&adam, &all()).await, app.acme.key(&adam, &all()).await, app.acme.key(&adam, &all()).await);
    let change = async |sql: &'static str, key: &Caller| {
        let changed = sqlx::query(sql).bind(shared::auth::token::hash(&key.token())).execute(&app.control).await.expect(sql);
        assert_eq!(changed.rows_affected(), 1);
    };
    change("update api_keys set expires_at = '2026-03-02T09:05:00Z' where hash = $1", &timed).await;
    for key in [&taken, &timed, &kept] {
        key.get(TICKETS).await.expect(200);
    }
    let mut stream = Stream::open(&taken, None).await;
    stream.expect("ready").await;
    change("update api_keys set revoked_at = now() where hash = $1", &taken).await;
    taken.comes_to(TICKETS, 401).await;
    stream.ends().await;
    timed.get(TICKETS).await.expect(200);
    app.travel(crate::world::minutes(5));
    timed.get(TICKETS).await.is(401, "unauthenticated");
    kept.get(TICKETS).await.expect(200);
    app.makes(&adam, "manager", "active").await;
    kept.comes_to(TICKETS, 401).await;
    adam.get(TICKETS).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn what_a_key_does_is_written_with_the_key_and_its_retries_are_its_own() {
    let app = TestApp::start().await;
    let adam = admin(&app.acme).await;
    let key = app.acme.key(&adam, &all()).await;
    let body = json!({ "subject": "Printer on fire", "description": "It smokes." });
    let retry = [("idempotency-key", "one")];
    let open = async |caller: &Caller| caller.with(&Method::POST, TICKETS, body.clone(), &retry).await.expect(201)["id"].clone();
    let (first, again, makers) = (open(&key).await, open(&key).await, open(&adam).await);
    assert!(first == again && first != makers);
    let actors: Vec<Value> =
        sqlx::query_scalar("select actor from audit_logs order by id").fetch_all(&app.acme.db).await.expect("an audit trail");
    let id: i64 = sqlx::query_scalar("select id from api_keys").fetch_one(&app.control).await.expect("the key");
    let person = json!({ "kind": "person", "id": adam.id, "role": "admin" });
    assert_eq!(actors, [json!({ "kind": "person", "id": adam.id, "role": "admin", "key": id }), person]);
    app.drain().await;
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_once_a_minute() {
    let app = TestApp::start().await;
    let adam = admin(&app.acme).await;
    let key = app.acme.key(&adam, &["tickets:read"]).await;
    let noted = async || -> Option<chrono::DateTime<chrono::Utc>> {
        sqlx::query_scalar("select last_used_at from api_keys").fetch_one(&app.control).await.expect("the key")
    };
    assert_eq!(noted().await, None);
    key.get(TICKETS).await.expect(200);
    let noting = async {
        while noted().await.is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noting).await.expect("it is noted");
    let first = noted().await;
    for (seconds, again) in [(30, false), (90, true)] {
        let at = first.expect("a time") + chrono::TimeDelta::seconds(seconds);
        sqlx::query("select app_key_used((select id from api_keys), $1)").bind(at).execute(&app.control).await.expect("told");
        assert_eq!(noted().await != first, again, "after {seconds} seconds");
    }
    app.drain().await;
}
