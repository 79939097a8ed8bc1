//! How much of files there may be, exactly.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;

use crate::{
    files::{Sent, attached, objects},
    world::TestApp,
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
