//! How much of files an organisation may have: whoever brings some, in whatever way, passes no bound of its plan.

use std::time::Duration;

use axum::http::Method;
use chrono::TimeDelta;
use futures::future::join3;
use serde_json::{Value, json};
use shared::session::Role;

use crate::{
    bounds::gives,
    files::{Sent, Tus, attached},
    world::{Caller, TestApp, TestTenant},
};

const TOGETHER: &str =
    "select (select bytes from media_usage where user_id = 0)::bigint + (select coalesce(sum(file_size), 0) from imports)::bigint";

/// Holds somebody's row of what there is.
async fn holds(tenant: &TestTenant, whose: i64) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut act = tenant.db.begin().await.expect("a transaction");
    let held = sqlx::query(
        "insert into media_usage as u (user_id, day) values ($1, '2026-01-01') on conflict (user_id) do update set day = u.day",
    );
    held.bind(whose).execute(&mut *act).await.expect("held");
    act
}

/// Waits until so many wait for whoever holds something there, for two seconds at most.
async fn waited(tenant: &TestTenant, expected: i64) {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..200 {
        if tenant.count(sql).await >= expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A message of a customer's with one file of so many bytes.
async fn says_with_file(caller: &Caller, ticket: i64, bytes: usize) -> Value {
    let content = vec![b'x'; bytes];
    let file = Sent { fields: &[("awaits_message", "true")], ..Sent::file("said.txt", &content) }.by(caller, ticket).await.expect(201);
    let message = json!({ "message": "look", "attachment_ids": [file["id"]] });
    caller.post(&format!("/api/v1/tickets/{ticket}/messages"), message).await.expect(201)["id"].clone()
}

#[tokio::test]
async fn copies_of_a_split_take_room_and_without_it_nothing_is_split() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let message = says_with_file(&chloe, ticket, 60).await;
    let path = format!("/api/v1/tickets/{ticket}/split");
    let split = async || max.post(&path, json!({ "message_id": message, "subject": "Its own" })).await;
    let count = async || app.acme.count("select count(*) from support_tickets").await;
    gives(&app, &app.acme, "narrow", "storage_bytes = 119").await;
    let refused = split().await.is(413, "quota_exceeded");
    assert_eq!((&refused["quota"], count().await), (&json!({ "limit": "storage_bytes", "allowed": 119, "used": 60 }), 1));
    gives(&app, &app.acme, "wider", "storage_bytes = 120").await;
    for (limit, allowed) in [("bytes_per_user", 119), ("files_per_user", 1)] {
        let set = format!("update media_settings set {limit} = {allowed}");
        sqlx::query(sqlx::AssertSqlSafe(set)).execute(&app.acme.db).await.expect("set");
        split().await.is(413, "quota_exceeded");
        sqlx::query(sqlx::AssertSqlSafe(format!("update media_settings set {limit} = 1000"))).execute(&app.acme.db).await.expect("set");
    }
    // A copy did not come today.
    sqlx::query("update media_settings set uploads_a_day = 1").execute(&app.acme.db).await.expect("set");
    let copied = split().await.expect(201);
    assert_eq!(count().await, 2);
    let used = chloe.get("/api/v1/attachments/usage").await.expect(200)["mine"]["used"].clone();
    assert_eq!(used, json!({ "bytes": 120, "files": 2, "today": 1 }));
    let files = max.get(&format!("/api/v1/tickets/{}/attachments", copied["id"])).await.expect(200);
    assert_eq!(files["data"].as_array().map(Vec::len), Some(1));
    app.drain().await;
}

#[tokio::test]
async fn of_many_who_split_at_once_as_many_do_as_there_is_room_for() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let message = says_with_file(&chloe, ticket, 10).await;
    gives(&app, &app.acme, "narrow", "storage_bytes = 39").await;
    let path = format!("/api/v1/tickets/{ticket}/split");
    let answers = futures::future::join_all((0..6).map(|_| max.post(&path, json!({ "message_id": message, "subject": "Its own" })))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 2);
    assert_eq!(app.acme.count("select bytes from media_usage where user_id = 0").await, 30);
    app.drain().await;
}

#[tokio::test]
async fn an_import_and_a_file_at_once_pass_no_bound_together() {
    let app = TestApp::start_storing().await;
    let (adam, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    attached(&chloe, ticket, "a.txt").await;
    let before = app.acme.count("select bytes from media_usage where user_id = 0").await;
    gives(&app, &app.acme, "narrow", &format!("storage_bytes = {}", before + 15)).await;
    // Both have asked before either has brought anything, as far as anybody can.
    let held = holds(&app.acme, 0).await;
    let file = Sent::file("b.txt", b"0123456789");
    let import = async {
        waited(&app.acme, 1).await;
        adam.post("/api/v1/imports", json!({ "kind": "csv", "file_name": "a.csv", "file_size": 10 })).await
    };
    let release = async {
        waited(&app.acme, 2).await;
        held.rollback().await.expect("let go");
    };
    let (file, import, ()) = join3(file.by(&chloe, ticket), import, release).await;
    let mut statuses = [file.status.as_u16(), import.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 413], "{file:?} {import:?}");
    assert_eq!(app.acme.count(TOGETHER).await, before + 10);
    app.drain().await;
}

#[tokio::test]
async fn whoever_takes_files_away_waits_for_a_person_and_keeps_nobody_else_waiting() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let (removed, deleted) = (attached(&chloe, ticket, "a.txt").await, attached(&chloe, ticket, "b.txt").await);
    app.drain().await;
    let path = format!("/api/v1/attachments/{}", removed["id"]);
    let gone = async |id: i64| {
        sqlx::query("delete from ticket_attachments where id = $1").bind(id).execute(&app.acme.db).await.expect("gone");
    };
    for by_row in [false, true] {
        let mut held = holds(&app.acme, chloe.id).await;
        let away = async {
            if by_row {
                gone(deleted["id"].as_i64().expect("an id")).await;
            } else {
                max.with(&Method::DELETE, &path, json!(null), &[]).await.expect(204);
            }
        };
        let check = async {
            waited(&app.acme, 1).await;
            let others = sqlx::query("update media_usage set day = day where user_id = 0");
            sqlx::raw_sql("set local lock_timeout = '200ms'").execute(&mut *held).await.expect("set");
            others.execute(&mut *held).await.expect("nobody holds the organisation's row while they wait for a person's");
            held.rollback().await.expect("let go");
        };
        futures::future::join(away, check).await;
    }
    assert_eq!(app.acme.count("select sum(bytes + files)::bigint from media_usage").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn a_plan_bounds_files_and_uploads_of_a_day_of_all_together_too() {
    let app = TestApp::start_storing().await;
    let (ana, chloe, gus) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.globex.customer("gus").await);
    let (ticket, elsewhere) = (chloe.opens("Printer on fire").await, gus.opens("Elsewhere").await);
    attached(&ana, ticket, "a.txt").await;
    gives(&app, &app.acme, "few", "storage_files = 3, uploads_a_day = 2").await;
    let shown = ana.get("/api/v1/attachments/usage").await.expect(200)["organisation"].clone();
    assert_eq!(shown["allowed"], json!({ "bytes": null, "files": 3, "today": 2 }));
    attached(&chloe, ticket, "b.txt").await;
    let upload = Tus { caller: &chloe, ticket };
    let refused = Sent::file("c.txt", b"c").by(&ana, ticket).await.is(413, "quota_exceeded");
    assert_eq!(refused["quota"], json!({ "limit": "uploads_a_day", "allowed": 2, "used": 2 }));
    assert_eq!(upload.announces("c.txt", 1, &[]).await.is(413, "quota_exceeded")["quota"]["limit"], "uploads_a_day");
    attached(&gus, elsewhere, "b.txt").await;
    app.travel(TimeDelta::days(1));
    let third = upload.begins("c.txt", 1, &[]).await;
    // One that is under way counts.
    assert_eq!(upload.announces("d.txt", 1, &[]).await.is(413, "quota_exceeded")["quota"]["limit"], "storage_files");
    assert_eq!(upload.sends(&third, 0, "c").await.status, 204);
    let refused = Sent::file("d.txt", b"d").by(&ana, ticket).await.is(413, "quota_exceeded");
    assert_eq!(refused["quota"], json!({ "limit": "storage_files", "allowed": 3, "used": 3 }));
    app.drain().await;
}
