//! An operator sees what the tenant's admin lets them see, for as long as that lasts, and leaves a trace.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    operations::{OPEN, filled},
    world::{TestApp, minutes},
};

#[tokio::test]
async fn an_operator_with_leave_reads_what_the_staff_reads_and_each_look_is_in_the_tenants_trail() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.notes(ticket, "internal").await.expect(201);
    let (guest, grant) = app.acme.guest().await;
    assert_eq!(guest.get("/api/v1/tickets?limit=77").await.status, 200);
    assert_eq!(guest.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)["subject"], "Printer on fire");
    let thread = guest.get(&format!("/api/v1/tickets/{ticket}/messages")).await.expect(200);
    assert!(thread.to_string().contains("internal"), "{thread}");
    let sql = "select coalesce(jsonb_agg(jsonb_build_array(actor ->> 'kind', resource, changes::text) order by id), '[]') from audit_logs where action = 'SupportLooked'";
    let rows: Value = sqlx::query_scalar(sql).fetch_one(&app.acme.db).await.unwrap();
    let rows = rows.as_array().unwrap().clone();
    assert_eq!(rows.len(), 3);
    for (row, path) in
        rows.iter().zip(["/api/v1/tickets".into(), format!("/api/v1/tickets/{ticket}"), format!("/api/v1/tickets/{ticket}/messages")])
    {
        assert_eq!((row[0].as_str(), row[1].as_str()), (Some("operator"), Some(format!("support:{grant}").as_str())));
        let changes = row[2].as_str().unwrap();
        assert!(changes.contains(&format!("\"{path}\"")) && !changes.contains("limit"), "{changes}");
    }
    app.drain().await;
}

#[tokio::test]
async fn an_operator_changes_nothing_whatever_the_operation_and_follows_no_stream() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let (guest, _) = app.acme.guest().await;
    let document: Value = serde_json::from_str(&app_api::router::document().unwrap()).unwrap();
    let mut writing = 0;
    for (path, item) in document["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/api/")) {
        let writes = |method: &&String| *method != "get" && !OPEN.contains(&format!("{} {path}", method.to_uppercase()).as_str());
        for method in item.as_object().unwrap().keys().filter(writes) {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            guest.with(&method, &filled(&guest, path, ticket).await, json!({}), &[]).await.is(403, "forbidden");
            writing += 1;
        }
    }
    assert!(writing >= 6, "{writing}");
    guest.get("/api/v1/live").await.is(403, "forbidden");
    app.drain().await;
}

#[tokio::test]
async fn leave_is_for_one_tenant_and_ends_when_taken_back_when_over_and_with_the_operator() {
    let app = TestApp::start().await;
    let (guest, _) = app.acme.guest().await;
    let (other, _) = app.globex.guest().await;
    guest.at(&app.globex).get("/api/v1/tickets").await.is(403, "tenant_mismatch");
    guest.get("/api/v1/tickets").await.expect(200);
    other.get("/api/v1/tickets").await.expect(200);
    let end = "update support_grants set ended_at = now() where tenant_id = $1";
    sqlx::query(end).bind(app.acme.id).execute(&app.control).await.unwrap();
    guest.get("/api/v1/tickets").await.is(401, "unauthenticated");
    other.get("/api/v1/tickets").await.expect(200);
    sqlx::query("update operators set removed_at = now() where email = 'globex@platform.test'").execute(&app.control).await.unwrap();
    other.get("/api/v1/tickets").await.is(401, "unauthenticated");
    sqlx::query("update operators set removed_at = null").execute(&app.control).await.unwrap();
    other.get("/api/v1/tickets").await.expect(200);
    sqlx::query("update operator_sessions set ended_at = now()").execute(&app.control).await.unwrap();
    other.get("/api/v1/tickets").await.is(401, "unauthenticated");
    sqlx::query("update operator_sessions set ended_at = null").execute(&app.control).await.unwrap();
    other.get("/api/v1/tickets").await.expect(200);
    sqlx::query("update support_grants set ends_at = created_at").execute(&app.control).await.unwrap();
    other.get("/api/v1/tickets").await.is(401, "unauthenticated");
    app.travel(minutes(16));
    other.get("/api/v1/tickets").await.is(401, "token_expired");
    app.drain().await;
}
