//! The audit trail of a tenant: what was done with before and after, what was refused, and a database
//! that the fleet's migration has not reached yet.

use serde_json::{Value, json};
use shared::session::Role;

use crate::world::{TestApp, TestTenant};

async fn rows(tenant: &TestTenant, filter: &str) -> Vec<Value> {
    let sql = format!("select to_jsonb(a) from audit_logs a where {filter} order by id");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&tenant.db).await.expect("rows")
}

#[tokio::test]
async fn every_change_says_what_was_before_and_after() {
    let app = TestApp::start().await;
    let (ana, chloe, gus) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.globex.customer("gus").await);
    let ticket = chloe.opens("Printer on fire").await;
    gus.opens("Elsewhere").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    ana.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "priority": "high", "subject": "Fire", "tags": ["hot"] })).await.expect(200);
    ana.sets(ticket, "resolved").await.expect(200);
    let changes = |action: &'static str| {
        let acme = app.acme.clone();
        async move { rows(&acme, &format!("action = '{action}'")).await.remove(0)["changes"].clone() }
    };
    assert_eq!(
        changes("TicketAssigned").await,
        json!({ "before": { "status": "open", "assigned_to": null }, "after": { "status": "in_progress", "assigned_to": ana.id } })
    );
    assert_eq!(
        changes("TicketPriorityChanged").await,
        json!({ "before": { "priority": "medium", "priority_reason": "default" }, "after": { "priority": "high", "priority_reason": "manual" } })
    );
    assert_eq!(
        changes("TicketEdited").await,
        json!({ "before": { "subject": "Printer on fire", "tags": [] }, "after": { "subject": "Fire", "tags": ["hot"] } })
    );
    assert_eq!(
        changes("TicketStatusChanged").await,
        json!({ "before": { "status": "in_progress" }, "after": { "status": "resolved", "reason": "because" } })
    );
    let whole = rows(&app.acme, "action = 'TicketAssigned'").await.remove(0);
    assert_eq!((&whole["actor"], &whole["outcome"]), (&json!({ "kind": "person", "id": ana.id, "role": "agent" }), &json!("success")));
    assert!(whole["duration_us"].as_i64().expect("how long it took") > 0);
    assert_eq!(rows(&app.globex, "true").await.len(), 1);
    app.drain().await;
}

#[tokio::test]
async fn what_somebody_known_was_refused_stands_in_their_tenants_trail() {
    let app = TestApp::start().await;
    let (ana, chloe, gus) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.globex.customer("gus").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.sets(ticket, "resolved").await.is(409, "illegal_transition");
    chloe.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "subject": "CANARY-BODY" })).await.is(403, "forbidden");
    gus.post("/api/v1/tickets", json!({ "subject": "" , "description": "x" })).await.is(422, "validation_failed");
    // None of these: nobody known, another tenant's token, a question, a success.
    app.acme.caller(424_242, Role::Admin).post("/api/v1/tickets", json!({})).await.is(401, "unauthenticated");
    gus.at(&app.acme).post("/api/v1/tickets", json!({})).await.is(403, "tenant_mismatch");
    chloe.get("/api/v1/tickets/999999").await.is(404, "not_found");
    gus.opens("Elsewhere").await;
    app.instance.refusals(3).await;
    let acme = rows(&app.acme, "outcome = 'error'").await;
    let told: Vec<_> = acme
        .iter()
        .map(|r| {
            (
                r["action"].as_str().unwrap(),
                r["resource"].as_str().unwrap(),
                r["status"].as_i64().unwrap(),
                r["code"].as_str().unwrap(),
                r["actor"]["id"].as_i64().unwrap(),
            )
        })
        .collect();
    let about = format!("ticket:{ticket}");
    assert_eq!(
        told,
        [
            ("POST /api/v1/tickets/{ticket}/status", about.as_str(), 409, "illegal_transition", ana.id),
            ("PATCH /api/v1/tickets/{ticket}", about.as_str(), 403, "forbidden", chloe.id),
        ]
    );
    assert!(acme.iter().all(|r| r["request_id"].is_string() && r["duration_us"].is_i64() && r["changes"] == json!({})));
    assert!(!json!(acme).to_string().contains("CANARY"));
    assert_eq!(rows(&app.globex, "outcome = 'error'").await.len(), 1);
    app.drain().await;
}

#[tokio::test]
async fn the_trail_of_a_suspended_tenant_is_sealed_like_any_other() {
    let app = TestApp::start().await;
    app.acme.customer("chloe").await.opens("Printer on fire").await;
    app.globex.customer("gus").await.opens("Elsewhere").await;
    // Nothing goes out once it is suspended.
    app.drain().await;
    app.acme.becomes("suspended").await;
    app_api::worker::keep_all(&app.app, &mut app_api::worker::Rounds::new(1)).await;
    for tenant in [&app.acme, &app.globex] {
        assert!(tenant.count("select count(*) from audit_seals").await > 0);
    }
    app.acme.becomes("active").await;
    app.drain().await;
}
