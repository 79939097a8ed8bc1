//! The log of who had which file: its months are made ahead, and go whole when they were kept long enough.

use serde_json::json;
use shared::session::Role;
use sqlx::AssertSqlSafe;

use crate::world::{TestApp, TestTenant};

/// Gives the log a month that began `ago` months before this one, with a row in it.
async fn had_a_month(tenant: &TestTenant, ago: i32) {
    let sql = format!(
        "do $$
         declare starts timestamptz := date_trunc('month', now()) - make_interval(months => {ago});
         begin
            execute format('create table media.%I partition of media_access_logs for values from (%L) to (%L)',
                'access_' || to_char(starts, 'YYYY_MM'), starts, starts + interval '1 month');
            insert into media_access_logs (at, attachment_id, ticket_id, what) values (starts, {ago}, 1, 'issued');
         end $$"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&tenant.db).await.expect("a month");
}

/// Takes the next month away, as if nobody had made it, and writes what belongs to it; and something of long ago.
async fn goes_without_a_month(tenant: &TestTenant) {
    let next = "do $$ begin execute format('drop table media.%I', 'access_' || to_char(now() + interval '1 month', 'YYYY_MM')); end $$";
    sqlx::raw_sql(next).execute(&tenant.db).await.expect("dropped");
    let rows = "insert into media_access_logs (at, attachment_id, ticket_id, what)
        select at, 99, 1, 'issued'
        from (values (date_trunc('month', now()) + interval '1 month'), (now() - interval '9 years')) as rows (at)";
    sqlx::raw_sql(rows).execute(&tenant.db).await.expect("written");
    assert_eq!(tenant.count("select count(*) from media.access_other").await, 2);
}

#[tokio::test]
async fn months_of_the_log_are_made_ahead_and_go_when_each_organisation_has_kept_them_long_enough() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    adam.patch("/api/v1/media-settings", json!({ "access_log_months": 3 })).await.expect(200);
    for tenant in [&app.acme, &app.globex] {
        for ago in [3, 4, 12, 13] {
            had_a_month(tenant, ago).await;
        }
        goes_without_a_month(tenant).await;
        let known = app.app.tenants.by_id(tenant.id).await.expect("asked").expect("known");
        app_api::worker::keep_one(&app.app, &known).await.expect("kept");
    }
    app.drain().await;
    let kept = "select sum(attachment_id)::bigint from media_access_logs";
    assert_eq!(app.acme.count(kept).await, 3 + 99);
    assert_eq!(app.globex.count(kept).await, 3 + 4 + 12 + 99);
    for tenant in [&app.acme, &app.globex] {
        assert_eq!(tenant.count("select count(*) from media.access_other").await, 0);
        let ahead = "select count(*) from pg_class where relnamespace = 'media'::regnamespace and relkind = 'r'
            and relname ~ '^access_\\d{4}_\\d{2}$' and relname >= 'access_' || to_char(now(), 'YYYY_MM')";
        assert_eq!(tenant.count(ahead).await, 4, "{}", tenant.slug);
    }
}
