//! Content that an organisation refuses: it does not come, it goes where it is, and what looks like it goes, too.

use axum::http::StatusCode;
use image::ImageFormat;
use serde_json::{Value, json};

use crate::{
    files::{Sent, attached, objects},
    pictures::{picture, saved},
    world::{Caller, TestApp, redis},
};

const HASHES: &str = "/api/v1/moderation-hashes";

/// The hash of a content, as a file of it says.
fn sha(file: &Value) -> &str {
    file["sha256"].as_str().expect("a hash")
}

async fn names(who: &Caller, ticket: i64) -> Vec<String> {
    let listed = who.get(&format!("/api/v1/tickets/{ticket}/attachments")).await.expect(200);
    listed["data"].as_array().expect("a list").iter().map(|file| file["original_name"].as_str().expect("a name").into()).collect()
}

async fn notices(who: &Caller) -> Vec<Value> {
    let told = who.get("/api/v1/notifications").await.expect(200);
    told["data"].as_array().expect("a list").iter().map(|notice| notice["kind"].clone()).collect()
}

#[tokio::test]
async fn a_rejected_content_is_taken_away_and_refused_at_once_in_its_organisation_alone() {
    let app = TestApp::start_storing().await;
    let (max, ana) = (app.acme.manager("max").await, app.acme.agent("ana").await);
    let (chloe, stranger) = (app.acme.customer("chloe").await, app.globex.customer("chloe").await);
    let (first, second) = (chloe.opens("Printer on fire").await, chloe.opens("Another").await);
    let elsewhere = stranger.opens("Elsewhere").await;
    let file = attached(&chloe, first, "a.txt").await;
    for (who, ticket, name) in [(&ana, second, "b.txt"), (&stranger, elsewhere, "c.txt")] {
        Sent::file(name, b"what stands in a.txt").by(who, ticket).await.expect(201);
    }
    attached(&chloe, first, "other.txt").await;
    app.drain().await;
    let judged = json!({ "attachment_id": file["id"], "status": "rejected", "note": "Not here." });
    let hash = max.post(HASHES, judged).await.expect(201);
    assert_eq!((sha(&hash), &hash["note"], &hash["created_by"]), (sha(&file), &json!("Not here."), &json!(max.id)));
    app.drain().await;
    assert_eq!((names(&ana, first).await, names(&ana, second).await), (vec!["other.txt".to_owned()], vec![]));
    assert_eq!(names(&stranger, elsewhere).await, ["c.txt"]);
    assert_eq!((notices(&max).await.len(), notices(&ana).await), (2, vec![json!("attachment_refused")]));
    let before = objects(&app, &app.acme).await.len();
    let refused = Sent::file("again.txt", b"what stands in a.txt").by(&chloe, second).await.is(415, "file_type_blocked");
    assert_eq!(refused["detail"], "Your organisation refuses this file.");
    assert_eq!(objects(&app, &app.acme).await.len(), before, "nothing of it was written");
    assert_eq!(app.acme.count("select count(*) from media_objects where state = 'writing'").await, 0);
    Sent::file("again.txt", b"what stands in a.txt").by(&stranger, elsewhere).await.expect(201);
    // Judged anew it may come, and what was taken away stays away.
    max.patch(&format!("{HASHES}/{}", hash["id"]), json!({ "status": "approved", "note": null })).await.expect(200);
    Sent::file("again.txt", b"what stands in a.txt").by(&chloe, second).await.expect(201);
    app.drain().await;
    assert_eq!((names(&chloe, first).await, names(&chloe, second).await), (vec!["other.txt".to_owned()], vec!["again.txt".to_owned()]));
}

#[tokio::test]
async fn a_verdict_that_is_remembered_lets_nothing_in_after_it_was_changed() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let remembering = app.another(&redis());
    let tenant = remembering.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    let file = attached(&chloe, ticket, "a.txt").await;
    app.drain().await;
    app_api::media::must_not_be_refused(&remembering.app.outside.cache, &tenant, sha(&file)).await.expect("it may come");
    // This process has no Redis: what is remembered there stays.
    let hash = max.post(HASHES, json!({ "sha256": sha(&file), "status": "rejected" })).await.expect(201);
    app.drain().await;
    app_api::media::must_not_be_refused(&remembering.app.outside.cache, &tenant, sha(&file)).await.expect("so it is remembered");
    let mut there = chloe.clone();
    there.router = remembering.router.clone();
    Sent::file("a.txt", b"what stands in a.txt").by(&there, ticket).await.is(415, "file_type_blocked");
    assert!(names(&there, ticket).await.is_empty());
    // The other way, too: what may come again does so at once.
    app_api::media::forget_verdict(&remembering.app.outside.cache, tenant.id, sha(&file)).await;
    Sent::file("a.txt", b"what stands in a.txt").by(&there, ticket).await.is(415, "file_type_blocked");
    max.delete(&format!("{HASHES}/{}", hash["id"])).await.expect(204);
    Sent::file("a.txt", b"what stands in a.txt").by(&there, ticket).await.expect(201);
    app.travel(chrono::TimeDelta::minutes(16));
    app.drain().await;
}

#[tokio::test]
async fn a_picture_that_looks_like_a_rejected_one_is_to_be_judged_and_stays_meanwhile() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let whole = picture(1, 900, 600);
    let send = async |name: &str, bytes: &[u8]| {
        let file = Sent::file(name, bytes).by(&chloe, ticket).await.expect(201);
        app.drain().await;
        file
    };
    let file = send("first.png", &saved(&whole, ImageFormat::Png)).await;
    let hash = max.post(HASHES, json!({ "sha256": sha(&file), "status": "rejected" })).await.expect(201);
    assert_eq!(hash["has_likeness"], true);
    app.drain().await;
    let smaller = send("smaller.jpg", &saved(&whole.thumbnail(450, 300), ImageFormat::Jpeg)).await;
    send("another.png", &saved(&picture(7, 900, 600), ImageFormat::Png)).await;
    assert_eq!(names(&chloe, ticket).await, ["smaller.jpg", "another.png"]);
    assert_eq!(notices(&max).await, ["attachment_refused"]);
    let pending = max.get(&format!("{HASHES}?status=pending")).await.expect(200)["data"].clone();
    assert_eq!((pending.as_array().map(Vec::len), sha(&pending[0])), (Some(1), sha(&smaller)));
    max.patch(&format!("{HASHES}/{}", pending[0]["id"]), json!({ "status": "rejected" })).await.expect(200);
    app.drain().await;
    assert_eq!(names(&chloe, ticket).await, ["another.png"]);
    // Judged on its own, it stays.
    let gif = saved(&whole.thumbnail(300, 200), ImageFormat::Gif);
    let mut spool = app_api::media::Spool::new(1 << 20).await.expect("a spool");
    spool.take(&gif).await.expect("room");
    let digest = spool.done().await.expect("a file").sha256;
    max.post(HASHES, json!({ "sha256": digest, "status": "approved" })).await.expect(201);
    let kept = send("kept.gif", &gif).await;
    assert_eq!(sha(&kept), digest);
    assert_eq!(names(&chloe, ticket).await, ["another.png", "kept.gif"]);
    assert_eq!(max.get(&format!("{HASHES}?status=pending")).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn what_is_judged_is_told_to_managers_alone_and_each_content_once() {
    let app = TestApp::start().await;
    let (max, ana, other) = (app.acme.manager("max").await, app.acme.agent("ana").await, app.globex.manager("other").await);
    let one = json!({ "sha256": "A".repeat(64), "status": "pending" });
    let hash = max.post(HASHES, one.clone()).await.expect(201);
    assert_eq!((sha(&hash), &hash["status"], &hash["has_likeness"]), ("a".repeat(64).as_str(), &json!("pending"), &json!(false)));
    max.post(HASHES, one.clone()).await.is(409, "conflict");
    other.post(HASHES, one.clone()).await.expect(201);
    let path = format!("{HASHES}/{}", hash["id"]);
    for refused in [ana.get(HASHES).await, ana.post(HASHES, one).await, ana.patch(&path, json!({})).await, ana.delete(&path).await] {
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    for wrong in [
        json!({ "sha256": "a".repeat(63), "status": "pending" }),
        json!({ "status": "pending" }),
        json!({ "sha256": "b".repeat(64), "attachment_id": 1, "status": "pending" }),
        json!({ "sha256": "b".repeat(64), "status": "maybe" }),
        json!({ "sha256": "b".repeat(64), "status": "pending", "note": "x".repeat(501) }),
        json!({ "sha256": "b".repeat(64), "status": "pending", "phash": 1 }),
    ] {
        max.post(HASHES, wrong).await.is(422, "validation_failed");
    }
    max.post(HASHES, json!({ "attachment_id": 424_242, "status": "rejected" })).await.is(404, "not_found");
    for (status, count) in [("pending", 1), ("rejected", 0)] {
        let listed = max.get(&format!("{HASHES}?status={status}&count=true")).await.expect(200);
        assert_eq!(listed["page"]["total"], count, "{status}");
    }
    let changed = max.patch(&path, json!({ "note": "Seen." })).await.expect(200);
    assert_eq!((&changed["status"], &changed["note"]), (&json!("pending"), &json!("Seen.")));
    max.delete(&path).await.expect(204);
    max.patch(&path, json!({ "note": "Gone." })).await.is(404, "not_found");
    let events = "select count(*) from events where kind in ('ModerationHashCreated', 'ModerationHashChanged', 'ModerationHashDeleted')";
    assert_eq!(app.acme.count(events).await, 3);
    app.drain().await;
}
