//! Imports that are broken off, wherever: by their process, by somebody's word, by the loss of a right, by a plan.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use shared::session::Role;

use super::{IMPORTS, counts, errors, goes_on, reads, sent};
use crate::world::{Caller, TestApp};

fn many(count: usize) -> Vec<u8> {
    let mut file = "id,subject,email,comments\n".to_owned();
    file.extend((0..count).map(|n| format!("{n},Ticket {n},a{}@x.test,\"[{{\"\"message\"\":\"\"Hello {n}\"\"}}]\"\n", n % 50)));
    file.into_bytes()
}

async fn state(adam: &Caller, import: &Value) -> Value {
    adam.get(&format!("{IMPORTS}/{}", import["id"])).await.expect(200)
}

async fn runs(adam: &Caller, import: &Value) {
    adam.post(&format!("{IMPORTS}/{}/run", import["id"]), json!({})).await.expect(200);
}

const EACH_ONCE: &str = "select count(*) from (select external_id from ticket_origins group by 1 having count(*) > 1) twice";

#[tokio::test]
async fn a_run_that_is_killed_at_any_moment_goes_on_and_brings_each_ticket_once() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let import = sent(&adam, "csv", &many(3_000)).await;
    runs(&adam, &import).await;
    let mut kills = 0;
    while state(&adam, &import).await["state"] == "running" {
        let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
        let whole = app.app.clone();
        let reading = tokio::spawn(async move { app_api::worker::go_on_importing(&whole, &tenant).await });
        tokio::time::sleep(Duration::from_millis(20 + 13 * (kills % 20))).await;
        reading.abort();
        kills += 1;
        assert!(kills < 2_000, "it comes to its end");
    }
    let done = state(&adam, &import).await;
    assert_eq!((&done["state"], counts(&done), kills > 3), (&json!("finished"), [3_000, 0, 0, 0, 50], true), "{done} after {kills}");
    for (sql, expected) in [
        ("select count(*) from support_tickets", 3_000),
        ("select count(distinct subject) from support_tickets", 3_000),
        ("select count(*) from ticket_messages", 3_000),
        ("select count(*) from search_entries", 6_000),
        (EACH_ONCE, 0),
        ("select count(*) from contacts", 50),
    ] {
        assert_eq!(app.acme.count(sql).await, expected, "{sql}");
    }
    app.drain().await;
}

#[tokio::test]
async fn of_several_who_read_one_file_one_writes() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let import = sent(&adam, "csv", &many(1_500)).await;
    runs(&adam, &import).await;
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    while state(&adam, &import).await["state"] == "running" {
        let reading = join_all((0..3).map(|_| app_api::worker::go_on_importing(&app.app, &tenant))).await;
        assert!(reading.into_iter().all(|read| read.is_ok()));
    }
    assert_eq!(counts(&state(&adam, &import).await), [1_500, 0, 0, 0, 50]);
    assert_eq!((app.acme.count("select count(*) from support_tickets").await, app.acme.count(EACH_ONCE).await), (1_500, 0));
    app.drain().await;
}

/// Reads until something of it is here, and leaves it in the middle.
async fn half(app: &TestApp, adam: &Caller, import: &Value) -> i64 {
    let mut wait = Duration::ZERO;
    loop {
        // What is broken off before its first act is over has to begin anew: a slow machine needs longer.
        wait += Duration::from_millis(30);
        let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
        let whole = app.app.clone();
        let reading = tokio::spawn(async move { app_api::worker::go_on_importing(&whole, &tenant).await });
        tokio::time::sleep(wait).await;
        reading.abort();
        let _ = reading.await;
        let here = counts(&state(adam, import).await)[0];
        if here > 0 {
            return here;
        }
    }
}

#[tokio::test]
async fn a_cancelled_run_ends_at_once_and_the_same_file_goes_on_where_it_was() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let file = many(4_000);
    let import = sent(&adam, "csv", &file).await;
    runs(&adam, &import).await;
    half(&app, &adam, &import).await;
    let ended = adam.post(&format!("{IMPORTS}/{}/cancel", import["id"]), json!({})).await.expect(200);
    let here = counts(&ended)[0];
    goes_on(&app, &app.acme).await;
    let after = state(&adam, &import).await;
    assert_eq!((&after["state"], counts(&after)[0]), (&json!("cancelled"), here));
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, here);
    assert_eq!(app.acme.count("select count(*) from import_parts").await, 0);
    let again = sent(&adam, "csv", &file).await;
    assert_eq!(
        counts(&reads(&app, &app.acme, &adam, &again, false).await),
        [4_000 - here, here, 0, 0, if here >= 50 { 0 } else { 50 - here }]
    );
    app.drain().await;
}

#[tokio::test]
async fn a_run_ends_when_its_maker_is_no_admin_any_more() {
    let app = TestApp::start().await;
    let (adam, eve) = (app.acme.person("adam", Role::Admin).await, app.acme.person("eve", Role::Admin).await);
    let import = sent(&adam, "csv", &many(4_000)).await;
    runs(&adam, &import).await;
    let here = half(&app, &adam, &import).await;
    let demoted = json!({ "user_id": adam.id, "email": "adam@acme.test", "firstname": "adam", "lastname": "Test", "locale": "en", "role": "agent", "active": true, "version": 2 });
    app.tell(&app.acme, demoted).await;
    goes_on(&app, &app.acme).await;
    adam.get(&format!("{IMPORTS}/{}", import["id"])).await.is(403, "forbidden");
    let after = state(&eve, &import).await;
    assert_eq!((&after["state"], &after["reason"]), (&json!("failed"), &json!("forbidden")));
    assert!((here..4_000).contains(&counts(&after)[0]));
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, counts(&after)[0]);
    app.drain().await;
}

#[tokio::test]
async fn another_organisations_import_is_not_there_and_nobody_but_admins_has_any() {
    let app = TestApp::start().await;
    let (adam, gil) = (app.acme.person("adam", Role::Admin).await, app.globex.person("gil", Role::Admin).await);
    let import = sent(&adam, "csv", b"subject,email\nCANARY-ACME,a@x.test\n").await;
    let path = format!("{IMPORTS}/{}", import["id"]);
    gil.get(&path).await.is(404, "not_found");
    gil.get(&format!("{path}/errors")).await.is(404, "not_found");
    gil.get(&format!("{path}/errors/export")).await.is(404, "not_found");
    gil.post(&format!("{path}/run"), json!({})).await.is(404, "not_found");
    gil.post(&format!("{path}/cancel"), json!({})).await.is(404, "not_found");
    gil.patch(&path, json!({})).await.is(404, "not_found");
    super::sends(&gil, &import, 0, b"x").await.is(404, "not_found");
    for caller in [app.acme.customer("chloe").await, app.acme.agent("ana").await, app.acme.manager("boss").await] {
        caller.get(&path).await.is(403, "forbidden");
        super::sends(&caller, &import, 0, b"x").await.is(403, "forbidden");
    }
    reads(&app, &app.acme, &adam, &import, false).await;
    assert_eq!(app.globex.count("select count(*) from support_tickets").await, 0);
    assert_eq!(gil.get(IMPORTS).await.expect(200)["data"], json!([]));
    app.drain().await;
}

#[tokio::test]
async fn tickets_of_this_month_come_as_far_as_the_plan_has_room() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let limited = "insert into plans (code, name, currency, created_at, updated_at) values ('small', 'x', 'EUR', now(), now());
        update plans set tickets_a_month = 3 where code = 'small';";
    sqlx::raw_sql(limited).execute(&app.control).await.expect("a plan");
    let given = "insert into tenant_plans (tenant_id, plan, since) values ($1, 'small', now())
        on conflict (tenant_id) do update set plan = excluded.plan";
    sqlx::query(given).bind(app.acme.id).execute(&app.control).await.expect("given");
    app.app.tenants.forget("acme").await;
    adam.opens("One of this month").await;
    let mut file = "id,subject,email,created_at\n".to_owned();
    for n in 0..8 {
        let day = if n % 2 == 0 { "2026-03-01" } else { "2025-12-01" };
        file += &format!("{n},Ticket {n},a@x.test,{day}\n");
    }
    let import = sent(&adam, "csv", file.as_bytes()).await;
    let done = reads(&app, &app.acme, &adam, &import, false).await;
    assert_eq!(counts(&done), [6, 0, 2, 0, 1], "{done}");
    assert_eq!(errors(&adam, &done).await, ["6 created_at quota_exceeded", "8 created_at quota_exceeded"]);
    app.drain().await;
}
