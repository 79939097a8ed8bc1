//! How much of files there may be, exactly.

use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use image::ImageFormat;
use serde_json::json;

use crate::{
    files::{Sent, attached, objects},
    pictures::{picture, saved},
    world::{TestApp, redis},
};

const ROWS: &str = "select count(*) from ticket_attachments";

#[tokio::test]
async fn fifty_at_once_fill_what_there_is_room_for_and_no_more() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    sqlx::query("update media_settings set bytes_per_user = 250").execute(&app.acme.db).await.expect("set");
    let contents: Vec<Vec<u8>> = (0..50).map(|n| format!("{n:010}").into_bytes()).collect();
    let sent = contents.iter().map(|bytes| async { Sent::file("a.txt", bytes).by(&chloe, ticket).await });
    let answers = join_all(sent).await;
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.is(413, "quota_exceeded")["quota"], json!({ "limit": "user_bytes", "allowed": 250, "used": 250 }));
    }
    assert_eq!((taken, app.acme.count(ROWS).await), (25, 25));
    let usage = chloe.get("/api/v1/attachments/usage").await.expect(200);
    assert_eq!(usage["mine"]["used"], json!({ "bytes": 250, "files": 25, "today": 25 }));
    assert_eq!(usage.get("organisation"), None);
    // What was refused at the end was in the store already: it goes.
    app.travel(TimeDelta::minutes(16));
    app.drain().await;
    assert_eq!(objects(&app, &app.acme).await.len(), 25);
}

#[tokio::test]
async fn files_and_uploads_of_a_day_have_bounds_too_and_a_new_day_is_a_new_day() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    sqlx::query("update media_settings set files_per_user = 3, uploads_a_day = 2").execute(&app.acme.db).await.expect("set");
    attached(&chloe, ticket, "a.txt").await;
    let second = attached(&chloe, ticket, "b.txt").await;
    let refused = Sent::file("c.txt", b"x").by(&chloe, ticket).await.is(413, "quota_exceeded");
    assert_eq!(refused["quota"]["limit"], "user_uploads_a_day");
    chloe.delete(&format!("/api/v1/attachments/{}", second["id"])).await.expect(204);
    Sent::file("c.txt", b"x").by(&chloe, ticket).await.is(413, "quota_exceeded");
    app.travel(TimeDelta::days(1));
    attached(&chloe, ticket, "c.txt").await;
    attached(&chloe, ticket, "d.txt").await;
    app.travel(TimeDelta::days(1));
    assert_eq!(Sent::file("e.txt", b"x").by(&chloe, ticket).await.is(413, "quota_exceeded")["quota"]["limit"], "user_files");
    app.drain().await;
}

#[tokio::test]
async fn what_is_taken_away_behind_everybodys_back_is_told_at_once() {
    let app = TestApp::start_storing().await;
    let with_redis = app.another(&redis());
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let near = chloe.through(&with_redis);
    let tenant = with_redis.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    let ticket = chloe.opens("Printer on fire").await;
    let works =
        async || while app_api::worker::look_after_files(&with_redis.app, &tenant).await.expect("worked") == Some(Duration::ZERO) {};
    let files = async || near.get("/api/v1/attachments/usage").await.expect(200)["mine"]["used"]["files"].clone();
    let whole = picture(1, 900, 600);
    let first = Sent::file("first.png", &saved(&whole, ImageFormat::Png)).by(&near, ticket).await.expect(201);
    works().await;
    assert_eq!(files().await, 1);
    max.post("/api/v1/moderation-hashes", json!({ "attachment_id": first["id"], "status": "rejected" })).await.expect(201);
    works().await;
    assert_eq!(files().await, 0, "its content was rejected");
    app.drain().await;
}

#[tokio::test]
async fn whoever_is_given_a_contacts_files_has_the_room_that_they_take() {
    let app = TestApp::start_storing().await;
    let with_redis = app.another(&redis());
    let (chloe, contact) = (app.acme.customer("chloe").await, 1_000_000_000_000_001_i64);
    let near = chloe.through(&with_redis);
    let ticket = chloe.opens("Printer on fire").await;
    for name in ["a.txt", "b.txt", "c.txt", "d.txt"] {
        attached(&chloe, ticket, name).await;
    }
    // Three of them came from an address that nobody had proved; one of these is gone.
    for sql in [
        "insert into users (id, email, firstname, lastname, locale, role, version, updated_at)
         values ($1, 'c@acme.test', 'x', 'x', 'en', 'customer', 0, now())",
        "insert into contacts (id, email, created_at) overriding system value values ($1, 'c@acme.test', now())",
        "update ticket_attachments set uploaded_by = $1 where original_name <> 'a.txt'",
        "update ticket_attachments set deleted_at = now() where uploaded_by = $1 and original_name = 'd.txt'",
        "insert into media_usage (user_id, bytes, files, day)
         select $1, sum(file_size), count(*), now() from ticket_attachments where uploaded_by = $1 and deleted_at is null",
        "update media_usage u set bytes = a.file_size, files = 1 from ticket_attachments a
         where u.user_id <> 0 and u.user_id <> $1 and a.original_name = 'a.txt'",
    ] {
        sqlx::query(sql).bind(contact).execute(&app.acme.db).await.expect(sql);
    }
    let used = async || near.get("/api/v1/attachments/usage").await.expect(200)["mine"]["used"].clone();
    assert_eq!(used().await["files"], 1);
    sqlx::query("update contacts set claimed_by = $1").bind(chloe.id).execute(&app.acme.db).await.expect("claimed");
    let tenant = with_redis.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    while app_api::worker::go_on_with_jobs(&with_redis.app, &tenant).await.expect("handed") == Some(Duration::ZERO) {}
    assert_eq!((&used().await["files"], &used().await["bytes"]), (&json!(3), &json!("what stands in a.txt".len() * 3)));
    assert_eq!(app.acme.count("select bytes + files from media_usage where user_id > 1000000000000").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn once_a_week_what_nobody_knows_goes_and_what_is_missing_is_told() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    for name in ["a.txt", "b.txt"] {
        attached(&chloe, ticket, name).await;
    }
    app.drain().await;
    let (storage, own) = (&app.app.outside.storage, shared::storage::prefix_of(app.acme.id));
    let other = format!("{}tickets/1/x.txt", shared::storage::prefix_of(app.globex.id));
    for key in [format!("{own}tickets/{ticket}/lost.txt"), format!("{own}temp/x/0"), format!("{own}backups/b"), other.clone()] {
        storage.put_bytes(&key, "nobody's".into()).await.expect("put");
    }
    app.travel(TimeDelta::minutes(1));
    let missing = objects(&app, &app.acme).await[0].clone();
    storage.delete(&missing).await.expect("gone");
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    let told = "select nobodys * 10 + missing from media_comparisons where finished_at is not null";
    // The store goes by the machine's clock; by ours nothing there is older than an hour before then.
    for (days, expected) in [(0, 1), (6, 1), (3000, 21)] {
        app.travel(TimeDelta::days(days));
        app_api::worker::keep_one(&app.app, &tenant).await.expect("kept");
        app.drain().await;
        assert_eq!(app.acme.count(told).await, expected, "after {days} days");
    }
    let listed = storage.list(&own, None).await.expect("a list").objects;
    let left: Vec<_> = listed.iter().map(|object| object.key.strip_prefix(&own).expect("ours")).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.contains(&"backups/b") && storage.read(&other, 100).await.expect("asked").is_some(), "others' stays");
}

#[tokio::test]
async fn an_object_that_somebody_takes_away_is_taken_by_nobody_else_meanwhile() {
    let app = TestApp::start_storing().await;
    let storage = &app.app.outside.storage;
    let key = format!("{}tickets/1/x.txt", shared::storage::prefix_of(app.acme.id));
    storage.put_bytes(&key, "text".into()).await.expect("put");
    let leaving = "insert into media_objects (key, size, state, touched_at, leased_until) values ($1, 4, 'leaving', $2, $3)";
    let now = app.app.clock.now();
    let row = sqlx::query(leaving).bind(&key).bind(now).bind(now + TimeDelta::minutes(1));
    row.execute(&app.acme.db).await.expect("a row");
    app.drain().await;
    assert!(storage.read(&key, 100).await.expect("asked").is_some());
    // Whoever it was is no more.
    app.travel(TimeDelta::minutes(1));
    app.drain().await;
    assert_eq!(storage.read(&key, 100).await.expect("asked"), None);
    assert_eq!(app.acme.count("select count(*) from media_objects").await, 0);
}

#[tokio::test]
async fn what_goes_for_good_takes_nothing_along_whose_key_begins_with_its_own() {
    let app = TestApp::start_storing().await;
    let storage = &app.app.outside.storage;
    let [gone, stays] = ["a.log", "a.logs"].map(|name| format!("{}tickets/1/{name}", shared::storage::prefix_of(app.acme.id)));
    for key in [&gone, &stays] {
        storage.put_bytes(key, "text".into()).await.expect("put");
    }
    storage.delete_for_good(&gone).await.expect("gone");
    assert_eq!(storage.read(&gone, 100).await.expect("asked"), None);
    assert_eq!(storage.read(&stays, 100).await.expect("asked").as_deref(), Some(&b"text"[..]));
    assert_eq!(storage.versions_of(&gone).await.expect("asked"), 1, "what stays");
}

#[tokio::test]
async fn the_store_keeps_what_is_overwritten_and_nothing_of_what_goes_for_good() {
    let app = TestApp::start_storing().await;
    let storage = &app.app.outside.storage;
    let key = format!("{}tickets/1/x.txt", shared::storage::prefix_of(app.acme.id));
    for text in ["one", "two"] {
        storage.put_bytes(&key, text.into()).await.expect("put");
    }
    assert_eq!(storage.versions_of(&key).await.expect("asked"), 2);
    storage.delete_for_good(&key).await.expect("gone");
    assert_eq!(storage.versions_of(&key).await.expect("asked"), 0);
    storage.put_bytes(&key, "three".into()).await.expect("put");
    storage.delete_prefix(&shared::storage::prefix_of(app.acme.id)).await.expect("gone");
    assert_eq!(storage.versions_of(&key).await.expect("asked"), 0);
}
