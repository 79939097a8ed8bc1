//! What operators see: whether the schema is current, and who holds connections.

use app_api::router::{figures, limits};
use axum::{body::Body, http::Request};
use serde_json::Value;
use shared::testing::page;
use tower::ServiceExt;

use crate::world::TestApp;

async fn ask(app: &TestApp, path: &str) -> (u16, Value) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let answer = app.router.clone().oneshot(request).await.expect("an answer");
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn a_control_database_that_lacks_a_migration_is_not_ready() {
    let app = TestApp::start().await;
    assert_eq!(ask(&app, "/health/ready").await.0, 200);
    let behind = "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
    sqlx::query(behind).execute(&app.control).await.expect("behind");
    let (status, body) = ask(&app, "/health/ready").await;
    assert_eq!((status, body["status"].as_str()), (503, Some("down")));
}

#[tokio::test]
async fn databases_of_the_release_after_are_worked_with() {
    let app = TestApp::start().await;
    let ahead = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        select max(version) + 1, 'of the release after', true, '', 0 from _sqlx_migrations";
    for database in [&app.control, &app.acme.db, &app.globex.db] {
        sqlx::query(ahead).execute(database).await.expect("ahead");
    }
    for tenant in [&app.acme, &app.globex] {
        tenant.agent("ana").await.get("/api/v1/tickets").await.expect(200);
        tenant.customer("chloe").await.opens("Ahead").await;
    }
    assert_eq!(app.app.tenants.behind(), 0);
    let (status, body) = ask(&app, "/health/ready").await;
    assert_eq!((status, body["status"].as_str()), (200, Some("ok")));
    app.drain().await;
}

#[tokio::test]
async fn the_page_for_operators_tells_of_every_figure_and_of_no_other() {
    let app = TestApp::start().await;
    let (registry, ..) = figures(&app.app, &limits(&app.app)).expect("figures");
    page::tells_of(&registry, "app");
}

#[tokio::test]
async fn a_tenants_database_that_lacks_a_migration_is_served_and_shown() {
    let app = TestApp::start().await;
    let behind = "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
    sqlx::query(behind).execute(&app.acme.db).await.expect("behind");
    app.acme.agent("ana").await.get("/api/v1/tickets").await.expect(200);
    app.globex.agent("gil").await.get("/api/v1/tickets").await.expect(200);
    assert_eq!(app.app.tenants.behind(), 1);
    let (status, body) = ask(&app, "/health/ready").await;
    assert_eq!((status, body["status"].as_str()), (200, Some("degraded")));
    let pools = &ask(&app, "/health").await.1["pools"];
    assert_eq!((pools["open"].as_u64(), pools["max"].as_u64()), (Some(2), Some(20)));
    assert!(pools["connections"].as_u64().is_some_and(|n| n >= 1));
    let holders = app.app.tenants.holders();
    assert!(holders.iter().any(|(tenant, _)| *tenant == app.globex.id));
}

#[tokio::test]
async fn whoever_looks_at_everybody_keeps_nobodys_pool_alive() {
    let app = TestApp::start().await;
    for id in [app.acme.id, app.globex.id] {
        let tenant = app.app.tenants.passing(id).await.expect("known").expect("active");
        drop(tenant.db.read().await.expect("a connection"));
    }
    let closed = async {
        while app.app.tenants.open().1 > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), closed).await.expect("nothing stays open");
    app.app.tenants.tidy();
    assert_eq!(app.app.tenants.open(), (0, 0));
}
