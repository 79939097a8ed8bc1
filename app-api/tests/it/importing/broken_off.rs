//! Imports that are broken off, wherever: by their process, by somebody's word, by the loss of a right, by a plan.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use shared::session::Role;

use super::{IMPORTS, counts, errors, goes_on, is_waited_for, keeps, reads, sent};
use crate::world::{Caller, TestApp, minutes};

pub fn many(count: usize) -> Vec<u8> {
    let mut file = "id,subject,email,comments\n".to_owned();
    file.extend((0..count).map(|n| format!("{n},Ticket {n},a{}@x.test,\"[{{\"\"message\"\":\"\"Hello {n}\"\"}}]\"\n", n % 50)));
    file.into_bytes()
}

pub async fn state(adam: &Caller, import: &Value) -> Value {
    adam.get(&format!("{IMPORTS}/{}", import["id"])).await.expect(200)
}

pub async fn runs(adam: &Caller, import: &Value) {
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
    keeps(&app, &app.acme).await;
    assert_eq!(app.acme.count("select count(*) from import_parts").await, 0);
    let again = sent(&adam, "csv", &file).await;
    assert_eq!(
        counts(&reads(&app, &app.acme, &adam, &again, false).await),
        [4_000 - here, here, 0, 0, if here >= 50 { 0 } else { 50 - here }]
    );
    app.drain().await;
}

#[tokio::test]
async fn a_run_waits_when_whoever_runs_it_is_no_admin_any_more_and_another_one_runs_it_by_their_key() {
    let app = TestApp::start().await;
    let (adam, eve) = (app.acme.person("adam", Role::Admin).await, app.acme.person("eve", Role::Admin).await);
    let import = sent(&adam, "csv", &many(4_000)).await;
    runs(&adam, &import).await;
    let here = half(&app, &adam, &import).await;
    let demoted = json!({ "user_id": adam.id, "email": "adam@acme.test", "firstname": "adam", "lastname": "Test", "locale": "en", "role": "agent", "active": true, "version": 2 });
    app.tell(&app.acme, demoted).await;
    goes_on(&app, &app.acme).await;
    adam.get(&format!("{IMPORTS}/{}", import["id"])).await.is(403, "forbidden");
    let waiting = state(&eve, &import).await;
    assert_eq!((&waiting["state"], &waiting["reason"]), (&json!("ready"), &json!("forbidden")));
    let came = counts(&waiting)[0];
    assert!((here..4_000).contains(&came));
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, came);
    // The clock of whoever asks may be behind that of whoever has read.
    app.travel(minutes(-1));
    let key = app.acme.key(&eve, &["settings:write", "tickets:write", "tickets:read"]).await;
    let done = reads(&app, &app.acme, &key, &import, false).await;
    assert_eq!((&done["state"], counts(&done), &done["created_by"]), (&json!("finished"), [4_000 - came, came, 0, 0, 0], &json!(adam.id)));
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, 4_000);
    let actor: Value =
        sqlx::query_scalar("select actor from audit_logs order by id desc limit 1").fetch_one(&app.acme.db).await.expect("an audit trail");
    assert_eq!((&actor["id"], actor["key"].is_i64()), (&json!(eve.id), true), "{actor}");
    app.travel(minutes(2));
    app.drain().await;
}

#[tokio::test]
async fn a_run_waits_when_the_key_that_has_asked_for_it_is_taken_back_or_ends_by_its_time() {
    let app = TestApp::start().await;
    let (adam, gil) = (app.acme.person("adam", Role::Admin).await, app.globex.person("gil", Role::Admin).await);
    let scopes = ["settings:write", "tickets:write", "tickets:read"];
    let (taken, timed, other) =
        (app.acme.key(&adam, &scopes).await, app.acme.key(&adam, &scopes).await, app.globex.key(&gil, &scopes).await);
    let import = sent(&adam, "csv", &many(3)).await;
    for (key, sql) in [
        (&taken, "update api_keys set revoked_at = now() where hash = $1"),
        (&timed, "update api_keys set expires_at = '2026-03-02T00:00:00Z' where hash = $1"),
    ] {
        runs(key, &import).await;
        sqlx::query(sql).bind(shared::auth::token::hash(&key.token())).execute(&app.control).await.expect(sql);
        goes_on(&app, &app.acme).await;
        let waiting = state(&adam, &import).await;
        assert_eq!((&waiting["state"], &waiting["reason"], counts(&waiting)), (&json!("ready"), &json!("forbidden"), [0; 5]), "{sql}");
    }
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, 0);
    let elsewhere = sent(&gil, "csv", &many(3)).await;
    assert_eq!(counts(&reads(&app, &app.globex, &other, &elsewhere, false).await), [3, 0, 0, 0, 3], "a key that still opens");
    assert_eq!(counts(&reads(&app, &app.acme, &adam, &import, false).await), [3, 0, 0, 0, 3], "its maker runs it themself");
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_that_stands_twice_in_a_file_is_told_so_whatever_the_clock_of_whoever_reads_it_says() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let mut file = many(250);
    file.extend(b"7,Ticket 7,a7@x.test,\n");
    let import = sent(&adam, "csv", &file).await;
    runs(&adam, &import).await;
    app.travel(minutes(-1));
    goes_on(&app, &app.acme).await;
    let done = state(&adam, &import).await;
    assert_eq!((counts(&done), errors(&adam, &done).await), ([250, 0, 1, 0, 50], vec!["252 external_id duplicate".to_owned()]), "{done}");
    app.travel(minutes(2));
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

/// The plan of the one organisation has room for so many tickets a month.
async fn allows(app: &TestApp, tickets: i64) {
    let made = "insert into plans (code, name, currency, created_at, updated_at) values ('small', 'x', 'EUR', now(), now())";
    sqlx::query(made).execute(&app.control).await.expect("a plan");
    let limited = "update plans set tickets_a_month = $1 where code = 'small'";
    sqlx::query(limited).bind(tickets).execute(&app.control).await.expect("limited");
    let given = "insert into tenant_plans (tenant_id, plan, since) values ($1, 'small', now())
        on conflict (tenant_id) do update set plan = excluded.plan";
    sqlx::query(given).bind(app.acme.id).execute(&app.control).await.expect("given");
    app.app.tenants.forget("acme").await;
}

#[tokio::test]
async fn tickets_of_this_month_come_as_far_as_the_plan_has_room() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    allows(&app, 3).await;
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

#[tokio::test]
async fn a_check_lets_no_more_tickets_of_the_month_in_than_a_run() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    allows(&app, 230).await;
    let mut file = "id,subject,email,created_at,description\n".to_owned();
    let long = "x".repeat(1_000);
    file.extend((0..250).map(|n| format!("{n},Ticket {n},a@x.test,2026-03-01,{long}\n")));
    let import = sent(&adam, "csv", file.as_bytes()).await;
    for dry_run in [true, true, false] {
        app.travel(minutes(1));
        let done = reads(&app, &app.acme, &adam, &import, dry_run).await;
        assert_eq!(counts(&done), [230, 0, 20, 0, 1], "{done}");
    }
    let most = "select max(count) from (select count(*) from ticket_origins group by xmin::text) acts";
    assert_eq!(app.acme.count(most).await, 200, "as many in one act as of any other month");
    app.drain().await;
}

#[tokio::test]
async fn a_check_waits_for_nobody_who_opens_a_ticket() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    allows(&app, 3).await;
    let import = sent(&adam, "csv", b"id,subject,email,created_at\n1,New,a@x.test,2026-03-01\n").await;
    let mut opening = app.acme.db.begin().await.expect("begun");
    sqlx::query("select pg_advisory_xact_lock(hashtext('tickets a month'))").execute(&mut *opening).await.expect("held");
    assert_eq!(counts(&reads(&app, &app.acme, &adam, &import, true).await), [1, 0, 0, 0, 1]);
    opening.rollback().await.expect("let go");
    app.drain().await;
}

/// A message is written when it is let, and waits for that longer than whoever opens a ticket waits for anything.
const WAITS: &str = "create function waits() returns trigger language plpgsql as $$
    begin
        perform set_config('lock_timeout', '0', true);
        perform pg_advisory_xact_lock_shared(4711);
        return new;
    end $$;
    create trigger waits before insert on ticket_messages for each row execute function waits();";

#[tokio::test]
async fn whoever_opens_a_ticket_while_a_run_brings_some_does_not_wait_and_the_plan_is_kept() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    allows(&app, 3).await;
    sqlx::raw_sql(WAITS).execute(&app.acme.db).await.expect("a trigger");
    let mut file = "id,subject,email,created_at,comments\n".to_owned();
    file.extend((0..3).map(|n| format!("{n},New {n},a@x.test,2026-03-01,\"[{{\"\"message\"\":\"\"Hello\"\"}}]\"\n")));
    let import = sent(&adam, "csv", file.as_bytes()).await;
    runs(&adam, &import).await;
    let mut holding = app.acme.db.begin().await.expect("begun");
    sqlx::query("select pg_advisory_xact_lock(4711)").execute(&mut *holding).await.expect("held");
    let (whole, tenant) = (app.app.clone(), app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active"));
    let reading = tokio::spawn(async move { app_api::worker::go_on_importing(&whole, &tenant).await });
    while !is_waited_for(&mut holding, false).await {}
    adam.opens("Meanwhile").await;
    holding.rollback().await.expect("let go");
    let _ = reading.await.expect("it ends");
    goes_on(&app, &app.acme).await;
    let done = state(&adam, &import).await;
    assert_eq!((counts(&done), errors(&adam, &done).await), ([2, 0, 1, 0, 1], vec!["4 created_at quota_exceeded".to_owned()]), "{done}");
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, 3);
    app.drain().await;
}

#[tokio::test]
async fn whoever_has_read_for_a_check_that_was_begun_anew_meanwhile_writes_nothing() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let import = sent(&adam, "csv", &many(3)).await;
    adam.post(&format!("{IMPORTS}/{}/run", import["id"]), json!({ "dry_run": true })).await.expect(200);
    let mut anew = app.acme.db.begin().await.expect("begun");
    sqlx::query("lock table categories in access exclusive mode").execute(&mut *anew).await.expect("locked");
    let (whole, tenant) = (app.app.clone(), app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active"));
    let reading = tokio::spawn(async move { app_api::worker::go_on_importing(&whole, &tenant).await });
    while !is_waited_for(&mut anew, false).await {}
    sqlx::query("update imports set started_at = started_at + interval '1 second'").execute(&mut *anew).await.expect("begun anew");
    anew.commit().await.expect("done");
    assert!(reading.await.expect("it ends").expect("it goes on").is_some_and(|wait| wait > Duration::ZERO), "it is left to another");
    let after = state(&adam, &import).await;
    assert_eq!((&after["state"], counts(&after)[0]), (&json!("checking"), 0));
    goes_on(&app, &app.acme).await;
    assert_eq!(counts(&state(&adam, &import).await), [3, 0, 0, 0, 3]);
    app.drain().await;
}
