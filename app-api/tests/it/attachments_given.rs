//! Files of tickets (page 3) as they are given away: to whom, what is said of them, and what is given to nobody.

use axum::http::header;
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    files::{Sent, attached, eicar, fetched, fetched_if, objects},
    world::TestApp,
};

#[tokio::test]
async fn a_file_is_given_to_nobody_before_it_was_looked_at() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let file = attached(&chloe, ticket, "a.txt").await;
    assert_eq!((&file["scan_status"], &file["url"]), (&json!("pending"), &json!(null)));
    let path = format!("/api/v1/attachments/{}", file["id"]);
    assert_eq!(chloe.get(&path).await.expect(200)["url"], json!(null));
    app.drain().await;
    let shown = chloe.get(&path).await.expect(200);
    assert_eq!(
        (&shown["scan_status"], &shown["original_name"], &shown["mime_type"]),
        (&json!("clean"), &json!("a.txt"), &json!("text/plain"))
    );
    let (status, headers, bytes) = fetched(&chloe, shown["url"].as_str().expect("an address"), None).await;
    assert_eq!((status, bytes.as_slice()), (200, &b"what stands in a.txt"[..]));
    for (name, value) in [
        (header::CONTENT_TYPE, "text/plain"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ] {
        assert_eq!(headers[&name], value, "{name}");
    }
}

#[tokio::test]
async fn an_infected_file_is_gone_before_anybody_had_it_and_its_sender_and_managers_know() {
    let app = TestApp::start_storing().await;
    let (ana, max, chloe) = (app.acme.agent("ana").await, app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let file = Sent::file("a.txt", &eicar()).by(&ana, ticket).await.expect(201);
    app.drain().await;
    let path = format!("/api/v1/attachments/{}", file["id"]);
    let shown = ana.get(&path).await.expect(200);
    assert_eq!((&shown["scan_status"], &shown["url"]), (&json!("infected"), &json!(null)));
    assert!(objects(&app, &app.acme).await.is_empty());
    for told in [&ana, &max] {
        let notices = told.get("/api/v1/notifications").await.expect(200);
        assert_eq!(notices["data"][0]["kind"], "attachment_infected", "{notices:#}");
    }
    let found = ana.post(&format!("/api/v1/tickets/{ticket}/messages"), json!({ "message": "here", "attachment_ids": [file["id"]] })).await;
    found.is(422, "validation_failed");
    assert_eq!(app.acme.count("select bytes + files from media_usage where user_id = 0").await, 0);
}

#[tokio::test]
async fn a_customer_is_mailed_about_their_own_file_that_is_gone_and_about_nobody_elses() {
    let app = TestApp::start_storing().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    app.drain().await;
    let mails = "select count(*) from mails where template = 'file_removed'";
    Sent::file("b.txt", &eicar()).by(&ana, ticket).await.expect(201);
    app.drain().await;
    assert_eq!(app.acme.count(mails).await, 0);
    Sent::file("a.txt", &[eicar(), b" more".to_vec()].concat()).by(&chloe, ticket).await.expect(201);
    app.drain().await;
    assert_eq!(app.acme.count(mails).await, 1);
}

#[tokio::test]
async fn an_address_opens_nothing_for_whoever_has_left_or_sees_the_file_no_more() {
    let app = TestApp::start_storing().await;
    let (max, ana, ben, chloe) =
        (app.acme.manager("max").await, app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    max.assigns(ticket, Some(ana.id)).await.expect(200);
    let file = Sent::file("a.txt", b"hers").by(&chloe, ticket).await.expect(201);
    app.drain().await;
    let url = ana.get(&format!("/api/v1/attachments/{}", file["id"])).await.expect(200)["url"].as_str().expect("an address").to_owned();
    assert_eq!(fetched(&ana, &url, None).await.0, 200);
    max.assigns(ticket, Some(ben.id)).await.expect(200);
    assert_eq!(fetched(&ana, &url, None).await.0, 403);
    max.assigns(ticket, Some(ana.id)).await.expect(200);
    assert_eq!(fetched(&ana, &url, None).await.0, 200);
    let leaves = sqlx::query("update users set active = false where id = $1").bind(ana.id);
    leaves.execute(&app.acme.db).await.expect("gone");
    assert_eq!(fetched(&ana, &url, None).await.0, 403);
    app.drain().await;
}

#[tokio::test]
async fn what_is_found_infected_today_is_infected_wherever_it_came_before() {
    let app = TestApp::start_storing().await;
    let (ana, chloe, carl) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.acme.customer("carl").await);
    let (ticket, other) = (chloe.opens("Printer on fire").await, carl.opens("Another").await);
    let before = [
        Sent::file("a.txt", &eicar()).by(&chloe, ticket).await.expect(201),
        Sent::file("b.txt", &eicar()).by(&carl, other).await.expect(201),
    ];
    // As if nobody had known it then.
    sqlx::query("update ticket_attachments set scan_status = 'clean'").execute(&app.acme.db).await.expect("clean");
    let url =
        ana.get(&format!("/api/v1/attachments/{}", before[1]["id"])).await.expect(200)["url"].as_str().expect("an address").to_owned();
    assert_eq!(fetched(&ana, &url, None).await.0, 200);
    Sent::file("c.txt", &eicar()).by(&chloe, ticket).await.expect(201);
    app.drain().await;
    for file in &before {
        let shown = ana.get(&format!("/api/v1/attachments/{}", file["id"])).await.expect(200);
        assert_eq!((&shown["scan_status"], &shown["url"]), (&json!("infected"), &json!(null)));
    }
    assert_eq!(fetched(&ana, &url, None).await.0, 409);
    assert!(objects(&app, &app.acme).await.is_empty());
    assert_eq!(app.acme.count("select sum(bytes + files)::bigint from media_usage").await, 0);
}

#[tokio::test]
async fn whoever_does_not_see_a_ticket_sees_no_file_of_it_and_an_address_is_for_one_organisation() {
    let app = TestApp::start_storing().await;
    let (chloe, carl, stranger) = (app.acme.customer("chloe").await, app.acme.customer("carl").await, app.globex.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let id = &attached(&chloe, ticket, "a.txt").await["id"];
    app.drain().await;
    let path = format!("/api/v1/attachments/{id}");
    for other in [&carl, &stranger] {
        other.get(&path).await.is(404, "not_found");
        other.delete(&path).await.is(404, "not_found");
        other.get(&format!("/api/v1/tickets/{ticket}/attachments")).await.is(404, "not_found");
        Sent::file("a.txt", b"x").by(other, ticket).await.is(404, "not_found");
    }
    let url = chloe.get(&path).await.expect(200)["url"].as_str().expect("an address").to_owned();
    assert_eq!(fetched(&carl, &url, None).await.0, 200);
    assert_eq!(fetched(&stranger, &url, None).await.0, 403);
    assert_eq!(fetched(&chloe, &url.replace("files/", "files/1"), None).await.0, 403);
    app.travel(TimeDelta::minutes(15));
    assert_eq!(fetched(&chloe, &url, None).await.0, 403);
}

#[tokio::test]
async fn some_of_a_file_is_to_be_had_too_and_each_time_that_any_of_it_is_taken_is_written_down() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let file = Sent::file("a.txt", b"0123456789").by(&chloe, ticket).await.expect(201);
    app.drain().await;
    let url = chloe.get(&format!("/api/v1/attachments/{}", file["id"])).await.expect(200)["url"].as_str().expect("an address").to_owned();
    for (range, status, bytes, of) in [
        (None, 200, &b"0123456789"[..], None),
        (Some("bytes=0-3"), 206, b"0123", Some("bytes 0-3/10")),
        (Some("bytes=4-"), 206, b"456789", Some("bytes 4-9/10")),
        (Some("bytes=-2"), 206, b"89", Some("bytes 8-9/10")),
        (Some("bytes=0-1,4-5"), 200, b"0123456789", None),
    ] {
        let (got, headers, content) = fetched(&chloe, &url, range).await;
        let told = headers.get(header::CONTENT_RANGE).map(|value| value.to_str().expect("text").to_owned());
        assert_eq!((got, content.as_slice(), told.as_deref()), (status, bytes, of), "{range:?}");
    }
    let (got, headers, _) = fetched(&chloe, &url, Some("bytes=10-")).await;
    assert_eq!((got, headers[header::CONTENT_RANGE].as_bytes()), (416, &b"bytes */10"[..]));
    let (got, headers, content) = fetched_if(&chloe, &url, &[(header::IF_NONE_MATCH, "*")]).await;
    assert_eq!((got, content.len(), headers.contains_key(header::ETAG)), (304, 0, true));
    let resumed = [(header::RANGE, "bytes=4-"), (header::IF_RANGE, "\"of another file\"")];
    assert_eq!(fetched_if(&chloe, &url, &resumed).await.2, b"0123456789");
    assert_eq!(app.acme.count("select count(*) from media_access_logs where user_id is not null and what = 'issued'").await, 1);
    assert_eq!(app.acme.count("select count(*) from media_access_logs where user_id is not null and what = 'downloaded'").await, 6);
}
