//! What files an organisation takes, and how much of them: who sets it, what is refused, and when it acts.

use futures::future::join_all;
use serde_json::{Value, json};
use shared::session::Role;

use crate::{
    files::{Sent, attached},
    world::{Caller, TestApp, redis},
};

const CATEGORIES: &str = "/api/v1/media-categories";
const SETTINGS: &str = "/api/v1/media-settings";

fn logs() -> Value {
    json!({ "name": "logs", "extensions": ["log"], "max_bytes": 100 })
}

async fn names(caller: &Caller) -> Vec<String> {
    let listed = caller.get(CATEGORIES).await.expect(200);
    listed["data"].as_array().expect("a list").iter().map(|one| one["name"].as_str().expect("a name").into()).collect()
}

#[tokio::test]
async fn a_category_has_bounds_and_none_takes_what_nobody_may_send() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    for (field, value) in [
        ("extensions", json!(["exe"])),
        ("extensions", json!(["log", "svg"])),
        ("extensions", json!(["php"])),
        ("extensions", json!(["LOG"])),
        ("extensions", json!([])),
        ("name", json!("")),
        ("name", json!("n".repeat(41))),
        ("max_bytes", json!(0)),
        ("max_bytes", json!(104_857_601)),
    ] {
        let mut body = logs();
        body[field] = value.clone();
        let refused = adam.post(CATEGORIES, body).await.is(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], field, "{value}");
        let refused = adam.patch(&format!("{CATEGORIES}/1"), json!({ field: value })).await.is(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], field, "{value}");
    }
    let mut taken = logs();
    taken["name"] = json!("images");
    adam.post(CATEGORIES, taken).await.is(409, "conflict");
    let made = adam.post(CATEGORIES, logs()).await.expect(201);
    let path = format!("{CATEGORIES}/{}", made["id"]);
    adam.patch(&path, json!({ "name": "pdf" })).await.is(409, "conflict");
    let old = adam.with(&axum::http::Method::PATCH, &path, json!({ "previews": true }), &[("if-match", "\"7\"")]).await;
    old.is(412, "version_mismatch");
    // Another organisation has none of it.
    app.globex.person("adam", Role::Admin).await.get(&path).await.is(404, "not_found");
    assert_eq!(app.acme.count("select count(*) from events where kind = 'MediaCategoryCreated'").await, 1);
    app.drain().await;
}

#[tokio::test]
async fn of_many_who_add_the_last_categories_a_hundred_there_are_and_no_more() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let sql = "insert into media_categories (name, extensions, max_bytes, previews, staff_only, enabled)
        select 'c' || n, '{log}', 1, false, false, true from generate_series(1, 90) n";
    sqlx::query(sql).execute(&app.acme.db).await.expect(sql);
    let made =
        join_all((0..6).map(|n| adam.post(CATEGORIES, json!({ "name": format!("x{n}"), "extensions": ["log"], "max_bytes": 1 })))).await;
    assert_eq!(made.iter().filter(|answer| answer.status == 201).count(), 2);
    assert!(made.iter().all(|answer| answer.status == 201 || answer.status == 409));
    assert_eq!(app.acme.count("select count(*) from media_categories").await, 100);
    app.drain().await;
}

#[tokio::test]
async fn what_is_taken_is_as_an_admin_has_set_it_from_the_next_file_on() {
    let app = TestApp::start_storing().await;
    let (adam, ana, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let log = Sent::file("a.log", b"something we know nothing of");
    log.by(&chloe, ticket).await.is(415, "file_type_blocked");
    let made = adam.post(CATEGORIES, logs()).await.expect(201);
    let path = format!("{CATEGORIES}/{}", made["id"]);
    assert_eq!(log.by(&chloe, ticket).await.expect(201)["mime_type"], "application/octet-stream");
    Sent::file("b.log", &[b'a'; 101]).by(&chloe, ticket).await.is(413, "payload_too_large");
    // What runs is seen, whatever it is called.
    Sent::file("c.log", b"#!/bin/sh\nrm -rf /\n").by(&chloe, ticket).await.is(415, "file_type_blocked");
    assert!(names(&chloe).await.contains(&"logs".to_owned()));
    adam.patch(&path, json!({ "staff_only": true })).await.expect(200);
    assert!(!names(&chloe).await.contains(&"logs".to_owned()) && names(&ana).await.contains(&"logs".to_owned()));
    chloe.get(&path).await.is(404, "not_found");
    Sent::file("d.log", b"d").by(&chloe, ticket).await.is(415, "file_type_blocked");
    Sent::file("d.log", b"d").by(&ana, ticket).await.expect(201);
    let disabled = adam.patch(&path, json!({ "staff_only": false, "enabled": false })).await.expect(200);
    assert_eq!((&disabled["enabled"], &disabled["version"]), (&json!(false), &json!(3)));
    for who in [&chloe, &ana] {
        Sent::file("e.log", b"e").by(who, ticket).await.is(415, "file_type_blocked");
    }
    adam.delete(&path).await.expect(204);
    adam.delete(&path).await.is(404, "not_found");
    assert_eq!(app.acme.count("select count(*) from ticket_attachments where media_category = 'logs'").await, 2);
    app.drain().await;
}

#[tokio::test]
async fn how_much_one_may_have_is_as_an_admin_has_set_it() {
    let app = TestApp::start_storing().await;
    let (adam, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    for (field, value) in [
        ("bytes_per_user", json!(-1)),
        ("bytes_per_user", json!(1_099_511_627_777_i64)),
        ("files_per_user", json!(1_000_001)),
        ("uploads_a_day", json!(100_001)),
        ("access_log_months", json!(0)),
        ("access_log_months", json!(121)),
    ] {
        let refused = adam.patch(SETTINGS, json!({ field: value })).await.is(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], field, "{value}");
    }
    let set = adam.patch(SETTINGS, json!({ "files_per_user": 1, "access_log_months": 3 })).await.expect(200);
    let expected = json!({ "bytes_per_user": 1_073_741_824, "files_per_user": 1, "uploads_a_day": 100, "access_log_months": 3 });
    assert_eq!(set, expected);
    assert_eq!(adam.get(SETTINGS).await.expect(200), expected);
    assert_eq!(app.acme.count("select months::bigint from media.retention").await, 3);
    attached(&chloe, ticket, "a.txt").await;
    assert_eq!(Sent::file("b.txt", b"b").by(&chloe, ticket).await.is(413, "quota_exceeded")["quota"]["limit"], "user_files");
    let other = app.globex.person("adam", Role::Admin).await.get(SETTINGS).await.expect(200);
    assert_eq!(other["files_per_user"], 1000);
    // The same again changes nothing, and nobody hears of it.
    adam.patch(SETTINGS, json!({ "files_per_user": 1 })).await.expect(200);
    assert_eq!(app.acme.count("select count(*) from events where kind = 'MediaSettingsChanged'").await, 1);
    app.drain().await;
}

#[tokio::test]
async fn what_one_has_is_copied_for_an_hour_and_nobody_is_refused_by_a_copy() {
    let app = TestApp::start_storing().await;
    let with_redis = app.another(&redis());
    let chloe = app.acme.customer("chloe").await;
    let near = chloe.through(&with_redis);
    let ticket = chloe.opens("Printer on fire").await;
    let used = async |who: &Caller| who.get("/api/v1/attachments/usage").await.expect(200)["mine"]["used"].clone();
    assert_eq!(used(&near).await["files"], 0);
    // Behind the copy's back: it is what is told, as of an hour ago at most.
    let sql = "insert into media_usage (user_id, day, files) values ($1, '2000-01-01', 5) on conflict (user_id) do update set files = 5";
    sqlx::query(sql).bind(chloe.id).execute(&app.acme.db).await.expect(sql);
    assert_eq!((&used(&near).await["files"], &used(&chloe).await["files"]), (&json!(0), &json!(5)));
    // Whatever changes it drops the copy.
    let file = Sent::file("a.txt", b"a").by(&near, ticket).await.expect(201);
    assert_eq!(used(&near).await["files"], 6);
    near.delete(&format!("/api/v1/attachments/{}", file["id"])).await.expect(204);
    assert_eq!(used(&near).await["files"], 5);
    // A copy that says no is not believed, one that says yes neither.
    sqlx::query("update media_settings set files_per_user = 3").execute(&app.acme.db).await.expect("set");
    sqlx::query("update media_usage set files = 0 where user_id = $1").bind(chloe.id).execute(&app.acme.db).await.expect("set");
    Sent::file("b.txt", b"b").by(&near, ticket).await.expect(201);
    assert_eq!(used(&near).await["files"], 1);
    sqlx::query("update media_usage set files = 3 where user_id = $1").bind(chloe.id).execute(&app.acme.db).await.expect("set");
    Sent::file("c.txt", b"c").by(&near, ticket).await.is(413, "quota_exceeded");
    app.drain().await;
}
