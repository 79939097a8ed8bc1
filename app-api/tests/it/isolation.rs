//! Every operation of the OpenAPI document × nobody, garbage, the other tenant, each role, and whatever
//! else somebody may show. An operation without a row in the table fails the test.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use shared::{
    auth::{scope::Scope, token::Opaque},
    session::Role,
};

use crate::{
    operations::{OPEN, filled, operations, table},
    world::{Answer, Caller, TestApp, minutes},
};

/// Reads, and stands in the trail.
const EXPORT: &str = "GET /api/v1/tickets/export";
/// Whom tickets may be opened for.
const CUSTOMERS: &str = "GET /api/v1/customers";

/// What leaves no trace in the trail: where somebody has read to, what they have begun to write or to send, what they look
/// at, also before they do it, and that they no longer watch what they never watched.
fn leaves_no_trace(operation: &str) -> bool {
    (operation.starts_with("GET ") && operation != EXPORT)
        || operation == "DELETE /api/v1/tickets/{ticket}/watch"
        || ["/read", "/draft", "/preview", "/presence"].iter().any(|end| operation.ends_with(end))
}

/// What was done, as the trail says.
const DONE: &str = "select count(*) from audit_logs where outcome = 'success'";

/// Sends, and looks at the head of the answer only: the live stream has no end.
pub async fn ask(caller: &Caller, token: Option<&str>, operation: &str, ticket: i64, body: Option<&Value>) -> (u16, Option<String>) {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).expect("a method"))
        .uri(filled(caller, path, ticket).await)
        .header(header::HOST, format!("{}.localhost", caller.slug))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let unique = uuid::Uuid::now_v7().simple().to_string();
    let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string().replace("unique", &unique)));
    let response = tower::ServiceExt::oneshot(caller.router.clone(), request.body(body).expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    if status < 400 {
        return (status, None);
    }
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    let problem: Value = serde_json::from_slice(&bytes).expect("a problem");
    (status, problem["code"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn every_operation_refuses_whoever_may_not_ask() {
    let app = TestApp::start().await;
    let (chloe, ana, bea) = (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.acme.agent("bea").await);
    chloe.opens("What others are linked with").await;
    let ticket = chloe.opens("Printer on fire").await;
    let strangers = [Role::Customer, Role::Agent, Role::Manager, Role::Admin];
    let table = table(ana.id);
    for operation in operations() {
        if OPEN.contains(&operation.as_str()) {
            continue;
        }
        let (body, expected) = table.get(operation.as_str()).unwrap_or_else(|| panic!("{operation} has no row in the table"));
        let body = body.as_ref();
        assert_eq!(ask(&chloe, None, &operation, ticket, body).await, (401, Some("unauthenticated".into())), "{operation}");
        assert_eq!(ask(&chloe, Some("a.b.c"), &operation, ticket, body).await, (401, Some("unauthenticated".into())), "{operation}");
        for (role, expected) in strangers.into_iter().zip(expected) {
            let foreign = app.globex.person(&format!("{}{}", role.as_str(), uuid::Uuid::now_v7().simple()), role).await;
            assert_eq!(
                ask(&foreign.at(&app.acme), Some(&foreign.token()), &operation, ticket, body).await,
                (403, Some("tenant_mismatch".into())),
                "{operation} {role:?}"
            );
            let here = app.acme.person(&format!("{}{}", role.as_str(), uuid::Uuid::now_v7().simple()), role).await;
            // One of its own: what is as it was already is no change.
            let ticket = chloe.opens("Printer on fire").await;
            bea.assigns(ticket, Some(bea.id)).await.expect(200);
            let before = app.acme.count(DONE).await;
            assert_eq!(ask(&here, Some(&here.token()), &operation, ticket, body).await.0, *expected, "{operation} {role:?}");
            let changes = *expected < 300 && !leaves_no_trace(&operation);
            assert_eq!(app.acme.count(DONE).await > before, changes, "{operation} {role:?}: the trail says so (AU-1)");
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn every_operation_refuses_what_opens_something_else_or_opens_nothing_any_more() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let adam = app.acme.person("adam", Role::Admin).await;
    chloe.opens("What others are linked with").await;
    let ticket = chloe.opens("Printer on fire").await;
    let (expired, ended) = (ana.who_keeps_the_token(), ana.elsewhere());
    app.travel(minutes(16));
    app.ends(&ended).await;
    ended.comes_to("/api/v1/tickets", 401).await;
    // A pass lasts as long as a token: theirs are of now.
    let ((guest, _), (foreign, _)) = (app.acme.guest().await, app.globex.guest().await);
    // Good keys both, for what the other plane has.
    let (elsewhere, key_of_another) = (app.acme.key(&adam, &["audit:read"]).await, foreign_key(&app).await);
    let mut cases = vec![
        (expired.token(), (401, "token_expired")),
        (ended.token(), (401, "unauthenticated")),
        (elsewhere.token(), (403, "forbidden")),
        (key_of_another.token(), (403, "tenant_mismatch")),
        (foreign.token(), (403, "tenant_mismatch")),
    ];
    cases.extend(tickets_of_sign_ins(&app, adam.id).await.into_iter().map(|token| (token, (401, "unauthenticated"))));
    let (table, before) = (table(ana.id), app.acme.count(DONE).await);
    for operation in operations().into_iter().filter(|o| !OPEN.contains(&o.as_str())) {
        let body = table[operation.as_str()].0.as_ref();
        for (n, (token, (status, code))) in cases.iter().enumerate() {
            let refused = (*status, Some((*code).to_owned()));
            assert_eq!(ask(&chloe, Some(token), &operation, ticket, body).await, refused, "{operation} case {n}");
        }
        assert_eq!(app.acme.count(DONE).await, before, "{operation}: nothing was done");
    }
    for operation in operations().into_iter().filter(|o| !OPEN.contains(&o.as_str())) {
        let body = table[operation.as_str()].0.as_ref();
        // A guest reads what a manager reads, follows no stream, opens nothing for anybody and takes nothing away.
        let is_shown = table[operation.as_str()].1[2] == 200 && ![EXPORT, CUSTOMERS].contains(&operation.as_str());
        let reads = operation.starts_with("GET ") && !operation.ends_with("/live") && is_shown;
        let answer = ask(&chloe, Some(&guest.token()), &operation, ticket, body).await;
        assert_eq!(answer, if reads { (200, None) } else { (403, Some("forbidden".into())) }, "{operation}");
    }
    app.drain().await;
}

/// A key of globex that may do everything there.
async fn foreign_key(app: &TestApp) -> Caller {
    let gil = app.globex.person("gil", Role::Admin).await;
    app.globex.key(&gil, &Scope::ALL.map(Scope::as_str)).await
}

/// Opaque tokens that the control plane knows and takes: an operator's session, an operator's and a
/// person's tickets on the way in.
async fn tickets_of_sign_ins(app: &TestApp, admin: i64) -> Vec<String> {
    let mut tokens = Vec::new();
    let operator =
        "insert into operator_sessions (hash, operator_id, opened_at, last_used_at) select $1, max(id), now(), now() from operators";
    let enrolling = "insert into operator_tickets (hash, operator_id, kind, expires_at)
        select $1, max(id), 'enrolment', now() + interval '1 hour' from operators";
    for sql in [operator, enrolling] {
        let token = Opaque::generate();
        sqlx::query(sql).bind(&token.hash).execute(&app.control).await.expect("an operator's");
        tokens.push(token.text);
    }
    for kind in ["challenge", "enrolment"] {
        let token = Opaque::generate();
        let sql = "insert into login_tickets (hash, kind, tenant_id, user_id, client, amr, expires_at, created_at)
            values ($1, $2, $3, $4, 'api', '{pwd}', now() + interval '1 hour', now())";
        let kept = sqlx::query(sql).bind(&token.hash).bind(kind).bind(app.acme.id).bind(admin);
        kept.execute(&app.control).await.expect("a person's");
        tokens.push(token.text);
    }
    tokens
}

#[tokio::test]
async fn every_operation_of_a_closed_tenant_is_refused_to_everybody_and_the_other_tenant_is_served() {
    let app = TestApp::start().await;
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    chloe.opens("What others are linked with").await;
    let ticket = chloe.opens("Printer on fire").await;
    let mut tokens = Vec::new();
    for role in Role::ALL {
        tokens.push(app.acme.person(role.as_str(), role).await.token());
    }
    let adam = app.acme.person("adam", Role::Admin).await;
    tokens.push(app.acme.key(&adam, &Scope::ALL.map(Scope::as_str)).await.token());
    tokens.push(app.acme.guest().await.0.token());
    app.drain().await;
    let (table, before) = (table(adam.id), app.acme.count(DONE).await);
    for (status, refused) in [("suspended", (403, "tenant_suspended")), ("deleting", (403, "tenant_deleting"))] {
        app.acme.becomes(status).await;
        app.app.tenants.forget("acme").await;
        for operation in operations().into_iter().filter(|o| !OPEN.contains(&o.as_str())) {
            let body = table[operation.as_str()].0.as_ref();
            for (n, token) in tokens.iter().enumerate() {
                let answer = ask(&chloe, Some(token), &operation, ticket, body).await;
                assert_eq!(answer, (refused.0, Some(refused.1.into())), "{status}: {operation} case {n}");
            }
        }
        assert_eq!(app.acme.count(DONE).await, before, "{status}: nothing was done, and nobody has looked");
        gus.opens("Elsewhere").await;
    }
    app.drain().await;
}

#[tokio::test]
async fn nothing_of_one_tenant_is_in_anything_of_the_other() {
    let app = TestApp::start().await;
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    let (boss, other) = (app.acme.manager("boss").await, app.globex.manager("other").await);
    chloe.opens("CANARY-ACME").await;
    gus.opens("CANARY-GLOBEX").await;
    app.drain().await;
    let list = |caller: Caller| async move { caller.get("/api/v1/tickets?count=true").await.expect(200).to_string() };
    let (acme, globex) = (list(boss).await, list(other).await);
    assert!(acme.contains("CANARY-ACME") && !acme.contains("CANARY-GLOBEX"));
    assert!(globex.contains("CANARY-GLOBEX") && !globex.contains("CANARY-ACME"));
    assert!(app.heard(&app.acme).iter().all(|e| !e.to_string().contains("CANARY-GLOBEX")));
    let mails = app.mails.lock().unwrap().clone();
    assert!(mails.iter().filter(|m| m.to_address.ends_with("@acme.test")).all(|m| !m.text.contains("CANARY-GLOBEX")));
    app.drain().await;
}

#[tokio::test]
async fn a_token_opens_nothing_once_its_holder_has_gone() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    let state = |role: &str, active: bool, version: i64| json!({ "user_id": ana.id, "email": "ana@acme.test", "firstname": "ana", "lastname": "Test", "locale": "en", "role": role, "active": active, "version": version });
    app.tell(&app.acme, state("customer", true, 2)).await;
    ana.get("/api/v1/agents").await.is(403, "forbidden");
    app.tell(&app.acme, state("agent", true, 1)).await;
    ana.get("/api/v1/agents").await.is(403, "forbidden");
    app.tell(&app.acme, state("customer", false, 3)).await;
    ana.get("/api/v1/tickets").await.is(401, "unauthenticated");
    let nobody = app.acme.caller(424_242, Role::Admin);
    nobody.get("/api/v1/tickets").await.is(401, "unauthenticated");
    app.drain().await;
}

#[tokio::test]
async fn an_ended_token_says_so() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await.who_keeps_the_token();
    app.travel(minutes(16));
    let answer: Answer = ana.get("/api/v1/tickets").await;
    answer.is(401, "token_expired");
    app.drain().await;
}
