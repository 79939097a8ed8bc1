//! Files in pieces, by the tus protocol: who may send them, what is refused, and how they become files of their tickets.

use axum::{
    body::Body,
    http::{Method, header},
};
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;

use crate::{
    files::{Tus, attached, cut, fetched, objects},
    world::TestApp,
};

const ROWS: &str = "select count(*) from ticket_attachments";
const OBJECTS: &str = "select count(*) from media_objects";

#[tokio::test]
async fn a_client_that_speaks_another_version_is_told_which_one_we_speak() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    for (method, path) in [(Method::POST, "/api/v1/uploads"), (Method::PATCH, "/api/v1/uploads/00000000-0000-0000-0000-000000000000")] {
        let request = chloe.request(&method, path).header("tus-resumable", "0.2.2").body(Body::empty()).expect("a request");
        let refused = chloe.send(request).await;
        for name in ["tus-resumable", "tus-version"] {
            assert_eq!(refused.headers[name], "1.0.0", "{name}");
        }
        refused.is(412, "version_mismatch");
    }
    let asked = chloe.request(&Method::OPTIONS, "/api/v1/uploads").body(Body::empty()).expect("a request");
    let told = chloe.send(asked).await;
    assert_eq!(told.status, 204);
    for (name, value) in [
        ("tus-version", "1.0.0"),
        ("tus-extension", "creation,expiration,checksum,termination"),
        ("tus-max-size", "104857600"),
        ("tus-checksum-algorithm", "sha1,sha256"),
    ] {
        assert_eq!(told.headers[name], value, "{name}");
    }
}

#[tokio::test]
async fn what_is_not_taken_is_refused_before_a_byte_of_it_comes() {
    let app = TestApp::start_storing().await;
    let (chloe, carl, stranger) = (app.acme.customer("chloe").await, app.acme.customer("carl").await, app.globex.customer("zoe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    for (name, length, more, status, code) in [
        ("run.exe", 10, &[][..], 415, "file_type_blocked"),
        ("photo\u{202e}gpj.exe", 10, &[], 415, "file_type_blocked"),
        ("a.zip", 10, &[], 415, "file_type_blocked"),
        ("a.png", 10, &[("filetype", "text/html")], 415, "content_mismatch"),
        ("a.txt", 0, &[], 415, "content_mismatch"),
        ("a.txt", (2 << 20) + 1, &[], 413, "payload_too_large"),
        ("", 10, &[], 422, "validation_failed"),
        ("a.txt", 10, &[("message_id", "424242")], 422, "validation_failed"),
        ("a.txt", 10, &[("awaits_message", "perhaps")], 422, "validation_failed"),
    ] {
        hers.announces(name, length, more).await.is(status, code);
    }
    for other in [&carl, &stranger] {
        Tus { caller: other, ticket }.announces("a.txt", 10, &[]).await.is(404, "not_found");
    }
    let unsaid = hers.request(&Method::POST, "/api/v1/uploads").header("upload-length", "many").body(Body::empty());
    chloe.send(unsaid.expect("a request")).await.is(400, "bad_request");
    sqlx::query("update media_settings set bytes_per_user = 100").execute(&app.acme.db).await.expect("set");
    let refused = hers.announces("a.txt", 101, &[]).await.is(413, "quota_exceeded");
    assert_eq!(refused["quota"], json!({ "limit": "user_bytes", "allowed": 100, "used": 0 }));
    assert_eq!(app.acme.count("select count(*) from media_uploads").await, 0);
    // What is under way takes room, too.
    hers.begins("a.txt", 60, &[]).await;
    assert_eq!(hers.announces("b.txt", 60, &[]).await.is(413, "quota_exceeded")["quota"]["used"], 60);
    app.drain().await;
}

#[tokio::test]
async fn a_file_comes_in_pieces_and_becomes_its_tickets_with_the_last_one() {
    let app = TestApp::start_storing().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    let upload = hers.begins("Été.txt", 10, &[("filetype", "text/plain")]).await;
    assert_eq!(hers.is_at(&upload).await, Some(0));
    let first = hers.sends(&upload, 0, "0123").await;
    assert_eq!((first.status.as_u16(), &first.headers["upload-offset"]), (204, &"4".parse().expect("a header")));
    assert!(first.headers.contains_key("upload-expires") && !first.headers.contains_key("attachment-id"));
    assert_eq!(hers.sends(&upload, 4, "").await.status, 204, "nothing new is no fault");
    assert_eq!(hers.is_at(&upload).await, Some(4));
    assert_eq!((app.acme.count(ROWS).await, objects(&app, &app.acme).await.len()), (0, 0));
    let last = hers.sends(&upload, 4, "456789").await;
    assert_eq!(last.status, 204, "{last:?}");
    let id: i64 = last.headers["attachment-id"].to_str().expect("digits").parse().expect("an id");
    app.drain().await;
    let shown = ana.get(&format!("/api/v1/attachments/{id}")).await.expect(200);
    assert_eq!((&shown["original_name"], &shown["file_size"], &shown["scan_status"]), (&json!("Été.txt"), &json!(10), &json!("clean")));
    assert_eq!(fetched(&ana, shown["url"].as_str().expect("an address"), None).await.2, b"0123456789");
    // Whoever did not hear the answer asks, and is told.
    let state = chloe.send(hers.request(&Method::GET, &upload).body(Body::empty()).expect("a request")).await.expect(200);
    assert_eq!((&state["state"], &state["offset"], &state["attachment_id"]), (&json!("done"), &json!(10), &json!(id)));
    hers.sends(&upload, 4, "456789").await.is(409, "conflict");
    assert_eq!(app.acme.count(ROWS).await, 1);
    assert_eq!(app.acme.count(OBJECTS).await, 1, "its pieces are gone");
    let usage = chloe.get("/api/v1/attachments/usage").await.expect(200);
    assert_eq!(usage["mine"]["used"], json!({ "bytes": 10, "files": 1, "today": 1 }));
}

#[tokio::test]
async fn one_that_waits_for_its_message_goes_with_that() {
    let app = TestApp::start_storing().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &ana, ticket };
    let upload = hers.begins("a.txt", 5, &[("awaits_message", "true")]).await;
    let done = hers.sends(&upload, 0, "hello").await;
    let id: i64 = done.headers["attachment-id"].to_str().expect("digits").parse().expect("an id");
    chloe.get(&format!("/api/v1/attachments/{id}")).await.is(404, "not_found");
    let said = json!({ "message": "here it is", "attachment_ids": [id] });
    let message = ana.post(&format!("/api/v1/tickets/{ticket}/messages"), said).await.expect(201);
    assert_eq!(message["attachments"][0]["id"], id);
    chloe.get(&format!("/api/v1/attachments/{id}")).await.expect(200);
    // One for a message that is there: one's own alone.
    Tus { caller: &chloe, ticket }.announces("b.txt", 5, &[("message_id", &message["id"].to_string())]).await.is(422, "validation_failed");
    let upload = hers.begins("b.txt", 5, &[("message_id", &message["id"].to_string())]).await;
    assert_eq!(hers.sends(&upload, 0, "later").await.status, 204);
    app.drain().await;
    let thread = chloe.get(&format!("/api/v1/tickets/{ticket}/messages")).await.expect(200);
    assert_eq!(thread["data"][0]["attachments"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn an_upload_is_its_senders_alone_and_what_is_said_of_bytes_must_be_so() {
    let app = TestApp::start_storing().await;
    let (ana, chloe, stranger) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.globex.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    let upload = hers.begins("a.txt", 10, &[]).await;
    for other in [&ana, &stranger] {
        let other = Tus { caller: other, ticket };
        assert_eq!(other.is_at(&upload).await, None);
        other.sends(&upload, 0, "0123456789").await.is(404, "not_found");
        let ended = other.request(&Method::DELETE, &upload).body(Body::empty()).expect("a request");
        other.caller.send(ended).await.is(404, "not_found");
    }
    let json = hers.request(&Method::PATCH, &upload).header("upload-offset", "0").header(header::CONTENT_TYPE, "application/json");
    chloe.send(json.body(Body::from("0123456789")).expect("a request")).await.is(415, "unsupported_media_type");
    let unsaid = hers.request(&Method::PATCH, &upload).header(header::CONTENT_TYPE, "application/offset+octet-stream");
    chloe.send(unsaid.body(Body::from("0123456789")).expect("a request")).await.is(400, "bad_request");
    hers.sends(&upload, 3, "3456789").await.is(409, "conflict");
    hers.sends(&upload, 0, "more than it has").await.is(413, "payload_too_large");
    for (checksum, status, code) in [
        ("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=", 460, "checksum_mismatch"),
        ("crc32 AAAAAA==", 400, "bad_request"),
        ("sha1", 400, "bad_request"),
    ] {
        hers.sends_with(&upload, 0, "01234", &[("upload-checksum", checksum)]).await.is(status, code);
    }
    let sound = [("upload-checksum", "sha1 EZBKTot39iQuLSiHBQI62tAKkxA=")];
    let half = hers.sends_with(&upload, 0, cut(b"012".to_vec()), &sound).await;
    half.is(400, "bad_request");
    assert_eq!(hers.is_at(&upload).await, Some(0), "of what has a checksum all is kept, or nothing");
    assert_eq!(hers.sends_with(&upload, 0, "01234", &sound).await.status, 204);
    assert_eq!(hers.sends(&upload, 5, "56789").await.status, 204);
    app.drain().await;
}

#[tokio::test]
async fn what_is_not_what_it_is_called_ends_with_its_upload_and_leaves_nothing() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    for (name, begin, rest, code) in [("a.png", "GIF89a", "....", "content_mismatch"), ("a.txt", "MZ\u{90}", "...", "file_type_blocked")] {
        let upload = hers.begins(name, begin.len() + rest.len(), &[]).await;
        assert_eq!(hers.sends(&upload, 0, begin).await.status, 204);
        hers.sends(&upload, begin.len(), rest).await.is(415, code);
        assert_eq!(hers.is_at(&upload).await, None);
        hers.sends(&upload, begin.len(), rest).await.is(410, "gone");
    }
    app.drain().await;
    assert_eq!((app.acme.count(ROWS).await, app.acme.count(OBJECTS).await), (0, 0));
    let listed = app.app.outside.storage.list(&shared::storage::prefix_of(app.acme.id), None).await.expect("a list");
    assert!(listed.objects.is_empty(), "{:?}", listed.objects);
}

#[tokio::test]
async fn an_upload_that_is_ended_or_left_alone_for_a_day_leaves_nothing() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    let (ended, left) = (hers.begins("a.txt", 10, &[]).await, hers.begins("b.txt", 10, &[]).await);
    for upload in [&ended, &left] {
        assert_eq!(hers.sends(upload, 0, "01234").await.status, 204);
    }
    let end = || hers.request(&Method::DELETE, &ended).body(Body::empty()).expect("a request");
    assert_eq!(chloe.send(end()).await.status, 204);
    chloe.send(end()).await.is(404, "not_found");
    hers.sends(&ended, 5, "56789").await.is(404, "not_found");
    app.drain().await;
    assert_eq!(app.acme.count(OBJECTS).await, 1);
    app.travel(TimeDelta::hours(24));
    hers.sends(&left, 5, "56789").await.is(410, "gone");
    assert_eq!(hers.is_at(&left).await, None);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    app_api::worker::keep_one(&app.app, &tenant).await.expect("kept");
    app.drain().await;
    assert_eq!((app.acme.count("select count(*) from media_uploads").await, app.acme.count(OBJECTS).await), (0, 0));
}

#[tokio::test]
async fn a_closed_ticket_takes_no_upload_and_one_that_is_deleted_takes_its_uploads_along() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let (ticket, other) = (chloe.opens("Printer on fire").await, chloe.opens("Another").await);
    let (hers, elsewhere) = (Tus { caller: &chloe, ticket }, Tus { caller: &chloe, ticket: other });
    let (upload, second) = (hers.begins("a.txt", 10, &[]).await, elsewhere.begins("b.txt", 10, &[]).await);
    for (tus, upload) in [(&hers, &upload), (&elsewhere, &second)] {
        assert_eq!(tus.sends(upload, 0, "01234").await.status, 204);
    }
    max.assigns(ticket, Some(max.id)).await.expect(200);
    max.sets(ticket, "resolved").await.expect(200);
    chloe.sets(ticket, "closed").await.expect(200);
    hers.announces("c.txt", 10, &[]).await.is(409, "ticket_closed");
    hers.sends(&upload, 5, "56789").await.is(409, "ticket_closed");
    assert_eq!(hers.is_at(&upload).await, None, "a closed ticket stays closed");
    hers.sends(&upload, 5, "56789").await.is(410, "gone");
    for table in ["search_entries where ticket_id", "support_tickets where id"] {
        let sql = format!("delete from {table} = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(other).execute(&app.acme.db).await.expect("gone");
    }
    assert_eq!(app.acme.count(ROWS).await, 0);
    app.drain().await;
    elsewhere.sends(&second, 5, "56789").await.is(404, "not_found");
    // What was stored for the end of the first one goes, too.
    app.travel(TimeDelta::minutes(16));
    app.drain().await;
    assert_eq!((app.acme.count(OBJECTS).await, objects(&app, &app.acme).await.len()), (0, 0));
}

#[tokio::test]
async fn what_is_final_ends_an_upload_and_gives_its_room_back() {
    let app = TestApp::start_storing().await;
    let (ana, max, chloe) = (app.acme.agent("ana").await, app.acme.manager("max").await, app.acme.customer("chloe").await);
    let (ticket, other) = (chloe.opens("Printer on fire").await, chloe.opens("Still on fire").await);
    let hers = Tus { caller: &chloe, ticket };
    sqlx::query("update media_settings set bytes_per_user = 10").execute(&app.acme.db).await.expect("set");
    let bad = json!({ "sha256": "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882", "status": "rejected" });
    let ends = async |tus: &Tus<'_>, upload: &str, status, code| {
        tus.sends(upload, 5, "56789").await.is(status, code);
        assert_eq!(tus.is_at(upload).await, None, "{code}");
        tus.sends(upload, 5, "56789").await.is(410, "gone");
    };
    let begun = async |tus: &Tus<'_>, more: &[(&str, &str)]| {
        let upload = tus.begins("a.txt", 10, more).await;
        assert_eq!(tus.sends(&upload, 0, "01234").await.status, 204);
        upload
    };
    // Rejected meanwhile.
    let upload = begun(&hers, &[]).await;
    let hash = max.post("/api/v1/moderation-hashes", bad).await.expect(201);
    ends(&hers, &upload, 415, "file_type_blocked").await;
    max.delete(&format!("/api/v1/moderation-hashes/{}", hash["id"])).await.expect(204);
    // Not taken any more.
    let upload = begun(&hers, &[]).await;
    sqlx::query("update media_categories set enabled = false where name = 'text'").execute(&app.acme.db).await.expect("set");
    ends(&hers, &upload, 415, "file_type_blocked").await;
    sqlx::query("update media_categories set enabled = true where name = 'text'").execute(&app.acme.db).await.expect("set");
    // Longer than is taken by now.
    let upload = begun(&hers, &[]).await;
    sqlx::query("update media_categories set max_bytes = 5 where name = 'text'").execute(&app.acme.db).await.expect("set");
    ends(&hers, &upload, 413, "payload_too_large").await;
    sqlx::query("update media_categories set max_bytes = 20 where name = 'text'").execute(&app.acme.db).await.expect("set");
    // Room is no end: there may be some again.
    let upload = begun(&hers, &[]).await;
    sqlx::query("update media_settings set bytes_per_user = 9").execute(&app.acme.db).await.expect("set");
    hers.sends(&upload, 5, "56789").await.is(413, "quota_exceeded");
    assert_eq!(hers.is_at(&upload).await, Some(5));
    sqlx::query("update media_settings set bytes_per_user = 10").execute(&app.acme.db).await.expect("set");
    // The ticket was merged: it takes nothing any more.
    max.post(&format!("/api/v1/tickets/{ticket}/merge"), json!({ "into": other })).await.expect(200);
    ends(&hers, &upload, 409, "ticket_closed").await;
    let elsewhere = Tus { caller: &chloe, ticket: other };
    elsewhere.begins("a.txt", 10, &[]).await;
    ana.get(&format!("/api/v1/tickets/{other}")).await.expect(200);
    app.drain().await;
    assert_eq!(app.acme.count(ROWS).await, 0);
}

#[tokio::test]
async fn of_many_who_send_the_same_bytes_at_once_one_is_taken() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    attached(&chloe, ticket, "before.txt").await;
    let hers = Tus { caller: &chloe, ticket };
    let upload = hers.begins("a.txt", 10, &[]).await;
    for (offset, bytes) in [(0, "01234"), (5, "56789")] {
        let answers = join_all((0..6).map(|_| hers.sends(&upload, offset, bytes))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409, 409, 409, 409, 409]);
    }
    app.drain().await;
    assert_eq!((app.acme.count(ROWS).await, app.acme.count(OBJECTS).await), (2, 2));
    assert_eq!(app.acme.count("select files from media_usage where user_id = 0").await, 2);
}

#[tokio::test]
async fn a_connection_that_says_whose_it_is_reaches_their_uploads_alone() {
    let app = TestApp::start_storing().await;
    let (chloe, carl) = (app.acme.customer("chloe").await, app.acme.customer("carl").await);
    for caller in [&chloe, &carl] {
        let tus = Tus { caller, ticket: caller.opens("Printer on fire").await };
        let upload = tus.begins("a.txt", 10, &[]).await;
        assert_eq!(tus.sends(&upload, 0, "01234").await.status, 204);
    }
    let role = format!("wall_{}", uuid::Uuid::now_v7().simple());
    let mut db = app.acme.db.begin().await.expect("a transaction");
    let make = format!("create role {role}; grant select on media_uploads, media_upload_parts to {role}; set local role {role}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut *db).await.expect("a role");
    for (owner, expected) in [(String::new(), (2, 2)), (chloe.id.to_string(), (1, 1)), ("424242".into(), (0, 0))] {
        sqlx::query("select set_config('helpdeskly.owner', $1, true)").bind(&owner).execute(&mut *db).await.expect("an owner");
        let reached: (i64, i64) = sqlx::query_as("select (select count(*) from media_uploads), (select count(*) from media_upload_parts)")
            .fetch_one(&mut *db)
            .await
            .expect("counts");
        assert_eq!(reached, expected, "{owner:?}");
    }
    db.rollback().await.expect("nothing is left");
    app.drain().await;
}
