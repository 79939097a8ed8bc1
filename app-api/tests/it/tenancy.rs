//! Which database a request reaches, and that a wrong one is never served.

use crate::world::TestApp;

#[tokio::test]
async fn a_database_that_belongs_to_another_tenant_is_not_served() {
    let app = TestApp::start().await;
    let gil = app.globex.agent("gil").await;
    let point = "update tenants set database_name = null where slug = 'acme'";
    sqlx::query(point).execute(&app.control).await.expect("freed");
    sqlx::query("update tenants a set database_name = g.database_name || '' from tenants g where a.slug = 'globex' and g.slug = 'globex'")
        .execute(&app.control)
        .await
        .expect("same");
    // Globex's route now leads to acme's database.
    let acme_database: String = sqlx::query_scalar("select current_database()").fetch_one(&app.acme.db).await.expect("its name");
    sqlx::query("update tenants set database_name = $1 where slug = 'globex'")
        .bind(acme_database)
        .execute(&app.control)
        .await
        .expect("misled");
    app.app.tenants.forget("globex").await;
    app.app.people.forget(app.globex.id, gil.id).await;
    gil.get("/api/v1/tickets").await.is(503, "unavailable");
}

#[tokio::test]
async fn suspended_unknown_and_contradictory_tenants_are_told_apart() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    app.acme.becomes("suspended").await;
    app.app.tenants.forget("acme").await;
    ana.get("/api/v1/tickets").await.is(403, "tenant_suspended");
    ana.at_slug("nobody").get("/api/v1/tickets").await.is(404, "tenant_not_found");
    let both = ana.request(&axum::http::Method::GET, "/api/v1/tickets").header("x-tenant", "globex").body(axum::body::Body::empty());
    ana.send(both.expect("a request")).await.is(400, "bad_request");
    app.drain().await;
}

#[tokio::test]
async fn a_tenant_that_is_known_is_served_while_the_control_database_is_away_and_an_unknown_one_is_not_denied() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    app.control.close().await;
    app.app.tenants.forget("acme").await;
    ana.get("/api/v1/tickets").await.expect(200);
    // 503, not 404: it may well exist.
    ana.at_slug("initech").get("/api/v1/tickets").await.is(503, "unavailable");
    app.drain().await;
}

#[tokio::test]
async fn a_connection_that_the_server_ended_while_it_rested_fails_nobody() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    ana.get("/api/v1/tickets").await.expect(200);
    let end =
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    assert!(app.acme.count(end).await > 0);
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    ana.get("/api/v1/tickets").await.expect(200);
}
