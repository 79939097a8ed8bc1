//! Bulk jobs are done with the rights that whoever has asked for them has by then (R8 of page 11), by one runner each, who waits for
//! what passes, and leave room to others (A7).

use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use shared::{auth::token::hash, session::Role};
use sqlx::PgConnection;

use crate::{
    bulk::{BULK, left_lying, opened, results, to_its_end},
    world::{Answer, Caller, TestApp, minutes},
};

async fn go_on(app: &TestApp) {
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    app_api::worker::go_on_with_jobs(&app.app, &tenant).await.expect("jobs go on");
}

/// Goes on with what was left, until whoever was at it has given up.
async fn to_the_end(app: &TestApp) {
    for _ in 0..3 {
        app.travel(minutes(2));
        go_on(app).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many wait for what that transaction holds.
async fn waiting_for(holder: &mut PgConnection) -> i64 {
    let sql = "select count(*) from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))";
    sqlx::query_scalar(sql).fetch_one(holder).await.expect(sql)
}

/// Returns when so many wait for it.
async fn until_waits(holder: &mut PgConnection, count: i64) {
    let waits = async {
        while waiting_for(&mut *holder).await < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waits).await.expect("somebody waits");
}

async fn key_of(app: &TestApp, key: &Caller) -> i64 {
    let sql = "select id from api_keys where hash = $1";
    sqlx::query_scalar(sql).bind(hash(&key.token())).fetch_one(&app.control).await.expect(sql)
}

/// A job that was asked for with a key, as a process leaves it.
async fn left_of_key(app: &TestApp, by: i64, key: &Caller, tickets: &[i64]) -> i64 {
    let (job, key) = (left_lying(app, by, tickets).await, key_of(app, key).await);
    let sql = "update bulk_jobs set run_key = $2 where id = $1";
    sqlx::query(sql).bind(job).bind(key).execute(&app.acme.db).await.expect(sql);
    job
}

#[tokio::test]
async fn whoever_loses_their_rights_while_a_job_is_run_has_nothing_more_done_by_it() {
    let app = TestApp::start().await;
    let (boss, eve, chloe) = (app.acme.manager("boss").await, app.acme.manager("eve").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 20).await;
    let job = left_lying(&app, boss.id, &tickets).await;
    app.travel(minutes(2));
    let mut demotion = app.acme.db.begin().await.expect("begun");
    let sql = "update users set role = 'customer', version = version + 1 where id = $1";
    sqlx::query(sql).bind(boss.id).execute(&mut *demotion).await.expect(sql);
    let demoted = async {
        until_waits(&mut demotion, 1).await;
        demotion.commit().await.expect("demoted");
    };
    tokio::join!(go_on(&app), demoted);
    let ended = eve.get(&format!("/api/v1/bulk/{job}")).await.expect(200);
    assert_eq!((&ended["state"], &ended["done"]), (&json!("finished"), &json!(20)));
    assert!(results(&ended).iter().all(|row| row.2 == Some("forbidden")), "{ended}");
    assert_eq!(app.acme.count("select count(*) from support_tickets where tags <> '{}'").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn a_job_of_a_key_is_done_in_its_name_and_ends_with_it_and_with_its_makers_rights() {
    let app = TestApp::start().await;
    let (adam, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.customer("chloe").await);
    let scopes = ["tickets:read", "tickets:write"];
    let (taken, living) = (app.acme.key(&adam, &scopes).await, app.acme.key(&adam, &scopes).await);
    let tickets = opened(&chloe, 2).await;
    let begun = living.post(BULK, json!({ "ids": [tickets[0]], "action": "tags", "add": ["first"] })).await;
    let begun = to_its_end(&living, begun).await;
    assert!(results(&begun)[0].1, "{begun}");
    let sql = "select run_key from bulk_jobs where id = $1";
    let kept: Option<i64> = sqlx::query_scalar(sql).bind(begun["id"].as_i64()).fetch_one(&app.acme.db).await.expect(sql);
    assert_eq!(kept, Some(key_of(&app, &living).await));
    let of_taken = left_of_key(&app, adam.id, &taken, &tickets).await;
    let of_living = left_of_key(&app, adam.id, &living, &tickets).await;
    let sql = "update api_keys set revoked_at = now() where hash = $1";
    sqlx::query(sql).bind(hash(&taken.token())).execute(&app.control).await.expect(sql);
    app.travel(minutes(2));
    go_on(&app).await;
    let shown = async |job: i64| adam.get(&format!("/api/v1/bulk/{job}")).await.expect(200);
    let (ended, done) = (shown(of_taken).await, shown(of_living).await);
    assert!(ended["state"] == "finished" && results(&ended).iter().all(|row| row.2 == Some("forbidden")), "{ended}");
    assert!(done["state"] == "finished" && results(&done).iter().all(|row| row.1), "{done}");
    let by_key = "select count(*) from audit_logs where action = 'TicketEdited' and actor ->> 'key' is not null";
    assert_eq!(app.acme.count(by_key).await, 3);
    // A key ends with its maker's rights; what they have asked for themselves goes on with those that they have.
    let demoted = json!({ "user_id": adam.id, "email": "adam@acme.test", "firstname": "adam", "lastname": "Test", "locale": "en", "role": "manager", "active": true, "version": 2 });
    app.tell(&app.acme, demoted).await;
    let (of_key, own) = (left_of_key(&app, adam.id, &living, &tickets).await, left_lying(&app, adam.id, &tickets).await);
    app.travel(minutes(2));
    go_on(&app).await;
    let adam = app.acme.caller(adam.id, Role::Manager);
    for (job, code) in [(of_key, Some("forbidden")), (own, None)] {
        let job = adam.get(&format!("/api/v1/bulk/{job}")).await.expect(200);
        assert!(job["state"] == "finished" && results(&job).iter().all(|row| row.2 == code), "{job}");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_retry_does_not_run_a_job_that_is_run_already() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 8).await;
    let mut held = app.acme.db.begin().await.expect("begun");
    let sql = "select from support_tickets where id = any($1) for update";
    sqlx::query(sql).bind(&tickets[..3]).execute(&mut *held).await.expect(sql);
    let body = json!({ "ids": tickets, "action": "tags", "add": ["batch"] });
    let once = async || boss.with(&Method::POST, BULK, body.clone(), &[("idempotency-key", "one")]).await;
    let retried = async {
        until_waits(&mut held, 3).await;
        once().await.expect(202)
    };
    let (first, retried) = tokio::join!(once(), retried);
    let first = first.expect(202);
    assert_eq!((&retried["id"], &retried["done"]), (&first["id"], &json!(0)), "the first one is at it");
    held.rollback().await.expect("let go");
    to_the_end(&app).await;
    let done = once().await.expect(200);
    assert!(done["id"] == first["id"] && results(&done).iter().all(|row| row.1), "{done}");
    assert_eq!(app.acme.count("select count(*) from events where kind = 'TicketEdited'").await, 8);
    app.drain().await;
}

#[tokio::test]
async fn an_organisation_has_three_jobs_at_the_same_time_and_hears_when_to_ask_again() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (greta, gus) = (app.globex.manager("greta").await, app.globex.customer("gus").await);
    let (tickets, theirs) = (opened(&chloe, 2).await, opened(&gus, 1).await);
    let asked = |ids: &[i64]| json!({ "ids": ids, "action": "priority", "priority": "high" });
    let before = to_its_end(&boss, boss.post(BULK, asked(&tickets)).await).await;
    for _ in 0..3 {
        left_lying(&app, boss.id, &tickets).await;
    }
    for (path, body) in [(BULK.to_owned(), asked(&tickets)), (format!("/api/v1/bulk/{}/undo", before["id"]), json!({}))] {
        let refused = boss.post(&path, body).await;
        assert!(refused.headers.contains_key("retry-after"), "{:?}", refused.headers);
        refused.is(429, "rate_limited");
    }
    assert_eq!(app.acme.count("select count(*) from bulk_jobs").await, 4, "what is refused leaves nothing");
    assert_eq!(to_its_end(&greta, greta.post(BULK, asked(&theirs)).await).await["state"], "finished");
    app.travel(minutes(2));
    go_on(&app).await;
    assert_eq!(to_its_end(&boss, boss.post(BULK, asked(&tickets)).await).await["state"], "finished");
    app.drain().await;
}

#[tokio::test]
async fn jobs_that_wait_leave_connections_to_whoever_asks() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 6).await;
    let mut held = app.acme.db.begin().await.expect("begun");
    let sql = "select from support_tickets where id = any($1) for update";
    sqlx::query(sql).bind(&tickets).execute(&mut *held).await.expect(sql);
    let job = async |ids: &[i64]| boss.post(BULK, json!({ "ids": ids, "action": "tags", "add": ["batch"] })).await.expect(202);
    let watched = async {
        until_waits(&mut held, 3).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        (waiting_for(&mut held).await, boss.get("/api/v1/tickets").await.status.as_u16())
    };
    let (one, two, watched) = tokio::join!(job(&tickets[..3]), job(&tickets[3..]), watched);
    assert_eq!(watched, (3, 200), "of five connections two are left");
    held.rollback().await.expect("let go");
    to_the_end(&app).await;
    for job in [one, two] {
        let done = boss.get(&format!("/api/v1/bulk/{}", job["id"])).await.expect(200);
        assert!(done["state"] == "finished" && results(&done).iter().all(|row| row.1), "{done}");
    }
    app.drain().await;
}

#[tokio::test]
async fn jobs_that_nobody_is_at_keep_no_new_one_from_being_begun() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 1).await;
    let asked = || json!({ "ids": tickets, "action": "priority", "priority": "high" });
    for _ in 0..3 {
        left_lying(&app, boss.id, &tickets).await;
    }
    // Another release has written them, and was at them a moment ago.
    let sql = r#"update bulk_jobs set work = '{"action": "teleport"}', runner = gen_random_uuid()"#;
    sqlx::query(sql).execute(&app.acme.db).await.expect(sql);
    boss.post(BULK, asked()).await.is(429, "rate_limited");
    app.travel(minutes(2));
    // That somebody looks at them in vain makes nobody be at them.
    go_on(&app).await;
    let job = to_its_end(&boss, boss.post(BULK, asked()).await).await;
    assert!(job["state"] == "finished" && results(&job)[0].1, "{job}");
    app.drain().await;
}

/// The first changes of tickets from now on, so many of them, give way to others.
async fn gives_way(app: &TestApp, changes: i64) {
    let sql = format!(
        "create sequence if not exists given_way;
         select setval('given_way', 1, false);
         create or replace function give_way() returns trigger language plpgsql as $$
         begin
             if nextval('given_way') <= {changes} then raise exception 'gave way' using errcode = '40001'; end if;
             return new;
         end $$;
         create or replace trigger give_way before update on support_tickets for each row execute function give_way()"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&app.acme.db).await.expect("a trigger");
}

#[tokio::test]
async fn what_passes_is_waited_for_and_whoever_gives_up_lets_go_of_the_job() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 1).await;
    let body = |tag: &str| json!({ "ids": tickets, "action": "tags", "add": [tag] });
    let ended = async |begun: Answer| {
        let job = tokio::time::timeout(Duration::from_secs(20), to_its_end(&boss, begun)).await.expect("it comes to its end");
        assert!(results(&job)[0].1, "{job}");
    };
    // An act that gives way is tried three times by itself.
    gives_way(&app, 5).await;
    ended(boss.post(BULK, body("first")).await).await;
    gives_way(&app, 1000).await;
    let once = async || boss.with(&Method::POST, BULK, body("second"), &[("idempotency-key", "one")]).await;
    once().await.expect(202);
    let let_go = async {
        while app.acme.count("select count(*) from bulk_jobs where finished_at is null and runner is null").await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), let_go).await.expect("it is let go of");
    gives_way(&app, 0).await;
    // Nobody waits for a minute.
    ended(once().await).await;
    app.drain().await;
}

#[tokio::test]
async fn a_job_of_an_organisation_that_is_not_served_any_more_waits() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 2).await;
    let job = left_lying(&app, boss.id, &tickets).await;
    app.travel(minutes(2));
    // As whoever is at it knows it.
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    app.acme.becomes("suspended").await;
    app.app.tenants.forget("acme").await;
    app_api::worker::go_on_with_jobs(&app.app, &tenant).await.expect("it waits");
    let waits = "select count(*) from bulk_jobs where finished_at is null and runner is null";
    assert_eq!((app.acme.count("select count(*) from bulk_items where ok is not null").await, app.acme.count(waits).await), (0, 1));
    app.acme.becomes("active").await;
    app.app.tenants.forget("acme").await;
    to_the_end(&app).await;
    let done = boss.get(&format!("/api/v1/bulk/{job}")).await.expect(200);
    assert!(done["state"] == "finished" && results(&done).iter().all(|row| row.1), "{done}");
    app.drain().await;
}
