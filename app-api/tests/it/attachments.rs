//! Files of tickets (page 3): who may send, see, take and take away which, what is refused, and what is left behind.

use axum::{
    body::Body,
    http::{Method, header},
};
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;

use crate::{
    files::{Sent, Tus, attached, fetched, objects},
    world::TestApp,
};

const ROWS: &str = "select count(*) from ticket_attachments";
const OBJECTS: &str = "select count(*) from media_objects";

#[tokio::test]
async fn customers_see_no_file_of_a_note_nor_one_that_waits_for_its_message() {
    let app = TestApp::start_storing().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let (own, waits) = (attached(&ana, ticket, "own.txt").await, [("awaits_message", "true")]);
    let waiting = Sent { fields: &waits, ..Sent::file("waiting.txt", b"waiting") }.by(&ana, ticket).await.expect(201);
    let path = format!("/api/v1/tickets/{ticket}/attachments");
    let names = async |who: &crate::world::Caller| -> Vec<String> {
        let listed = who.get(&path).await.expect(200);
        listed["data"].as_array().expect("a list").iter().map(|file| file["original_name"].as_str().expect("a name").into()).collect()
    };
    assert_eq!(names(&ana).await, ["own.txt", "waiting.txt"]);
    assert_eq!((&own["awaits_message"], &waiting["awaits_message"]), (&json!(false), &json!(true)));
    assert_eq!(names(&ben).await, ["own.txt"]);
    assert!(names(&chloe).await.is_empty());
    let said = json!({ "message": "between us", "is_internal": true, "attachment_ids": [waiting["id"]] });
    let note = ana.post(&format!("/api/v1/tickets/{ticket}/messages"), said).await.expect(201);
    let file = &note["attachments"][0];
    assert_eq!((&file["original_name"], &file["awaits_message"]), (&json!("waiting.txt"), &json!(false)));
    assert_eq!(names(&ben).await, ["own.txt", "waiting.txt"]);
    assert!(names(&chloe).await.is_empty());
    chloe.get(&format!("/api/v1/attachments/{}", waiting["id"])).await.is(404, "not_found");
    let said = json!({ "message": "for you", "attachment_ids": [own["id"]] });
    ana.post(&format!("/api/v1/tickets/{ticket}/messages"), said).await.expect(201);
    assert_eq!(names(&chloe).await, ["own.txt"]);
    let thread = chloe.get(&format!("/api/v1/tickets/{ticket}/messages")).await.expect(200);
    assert_eq!(
        (thread["data"].as_array().map(Vec::len), &thread["data"][0]["attachments"][0]["original_name"]),
        (Some(1), &json!("own.txt"))
    );
    app.drain().await;
}

#[tokio::test]
async fn a_file_belongs_to_one_message_of_its_own_sender() {
    let app = TestApp::start_storing().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (ticket, other) = (chloe.opens("Printer on fire").await, chloe.opens("Another").await);
    let (mine, elsewhere, hers) =
        (attached(&chloe, ticket, "a.txt").await, attached(&chloe, other, "b.txt").await, attached(&ana, ticket, "c.txt").await);
    let path = format!("/api/v1/tickets/{ticket}/messages");
    for wrong in [&elsewhere["id"], &hers["id"], &json!(424_242)] {
        let refused =
            chloe.post(&path, json!({ "message": "x", "attachment_ids": [mine["id"], wrong] })).await.is(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], "attachment_ids[1]");
    }
    let said = json!({ "message": "x", "attachment_ids": [mine["id"]] });
    let both = join_all((0..2).map(|_| chloe.post(&path, said.clone()))).await;
    let mut answers: Vec<u16> = both.iter().map(|answer| answer.status.as_u16()).collect();
    answers.sort_unstable();
    assert_eq!(answers, [201, 422]);
    assert_eq!(app.acme.count("select count(*) from ticket_messages").await, 1);
    let event = app.acme.count("select (data->>'attachment_count')::bigint from events where kind = 'MessageAdded'").await;
    assert_eq!(event, 1);
    app.drain().await;
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let large = vec![b'a'; (2 << 20) + 1];
    for (sent, status, code) in [
        (Sent::file("run.exe", b"MZ"), 415, "file_type_blocked"),
        (Sent::file("photo\u{202e}gpj.exe", b"x"), 415, "file_type_blocked"),
        (Sent::file("a.p\u{200b}hp", b"x"), 415, "file_type_blocked"),
        (Sent::file("invoice.exe.pdf", b"%PDF-1.4 %%EOF"), 415, "file_type_blocked"),
        (Sent::file("a.svg", b"<svg/>"), 415, "file_type_blocked"),
        (Sent::file("a.unknown", b"x"), 415, "file_type_blocked"),
        (Sent::file("a", b"x"), 415, "file_type_blocked"),
        // Archives are for the staff.
        (Sent::file("a.zip", b"PK\x05\x06"), 415, "file_type_blocked"),
        (Sent::file("a.png", b"GIF89a"), 415, "content_mismatch"),
        (Sent::file("a.txt", b"MZ\x90"), 415, "file_type_blocked"),
        (Sent::file("a.txt", b""), 415, "content_mismatch"),
        (Sent { kind: Some("text/html"), ..Sent::file("a.txt", b"x") }, 415, "content_mismatch"),
        (Sent::file("a.txt", &large), 413, "payload_too_large"),
        (Sent { fields: &[("message_id", "424242")], ..Sent::file("a.txt", b"x") }, 422, "validation_failed"),
        (Sent { fields: &[("message_id", "x")], ..Sent::file("a.txt", b"x") }, 422, "validation_failed"),
        (Sent { fields: &[("other", "x")], ..Sent::file("a.txt", b"x") }, 422, "validation_failed"),
        (Sent { fields: &[("message_id", "1"), ("awaits_message", "true")], ..Sent::file("a.txt", b"x") }, 422, "validation_failed"),
    ] {
        sent.by(&chloe, ticket).await.is(status, code);
    }
    let request = chloe.request(&Method::POST, &format!("/api/v1/tickets/{ticket}/attachments"));
    let cut = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
    let cut = cut.body("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf a fi".into());
    chloe.send(cut.expect("a request")).await.is(400, "bad_request");
    assert_eq!(app.acme.count(ROWS).await, 0);
    app.travel(TimeDelta::minutes(16));
    app.drain().await;
    assert_eq!((app.acme.count(OBJECTS).await, objects(&app, &app.acme).await), (0, vec![]));
    chloe.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200);
}

#[tokio::test]
async fn a_closed_ticket_takes_no_files_and_gives_none_up() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let file = attached(&chloe, ticket, "a.txt").await;
    max.assigns(ticket, Some(max.id)).await.expect(200);
    max.sets(ticket, "resolved").await.expect(200);
    chloe.sets(ticket, "closed").await.expect(200);
    Sent::file("b.txt", b"x").by(&chloe, ticket).await.is(409, "ticket_closed");
    max.delete(&format!("/api/v1/attachments/{}", file["id"])).await.is(409, "ticket_closed");
    assert_eq!(app.acme.count(ROWS).await, 1);
    app.drain().await;
}

#[tokio::test]
async fn a_retry_with_the_same_key_is_the_same_file() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let sent = Sent { key: Some("once"), ..Sent::file("a.txt", b"hello") };
    let both = join_all((0..4).map(|_| sent.by(&chloe, ticket))).await;
    let ids: Vec<_> = both.into_iter().map(|answer| answer.expect(201)["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(app.acme.count(ROWS).await, 1);
    let other = Sent { key: Some("once"), ..Sent::file("a.txt", b"other") };
    other.by(&chloe, ticket).await.is(422, "idempotency_key_reused");
    app.drain().await;
}

#[tokio::test]
async fn a_retry_is_answered_although_its_like_would_be_refused_by_now() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let sent = Sent { key: Some("once"), ..Sent::file("a.txt", b"hello") };
    let other = Sent { key: Some("twice"), ..Sent::file("b.txt", b"other") };
    let id = sent.by(&chloe, ticket).await.expect(201)["id"].clone();
    // It has filled what there was room for.
    sqlx::query("update media_settings set bytes_per_user = 5").execute(&app.acme.db).await.expect("set");
    assert_eq!(sent.by(&chloe, ticket).await.expect(201)["id"], id);
    other.by(&chloe, ticket).await.is(413, "quota_exceeded");
    Sent { key: None, ..Sent::file("a.txt", b"hello") }.by(&chloe, ticket).await.is(413, "quota_exceeded");
    Sent { bytes: b"other", ..Sent { key: Some("once"), ..Sent::file("a.txt", b"") } }
        .by(&chloe, ticket)
        .await
        .is(422, "idempotency_key_reused");
    sqlx::query("update media_settings set bytes_per_user = 50").execute(&app.acme.db).await.expect("set");
    // Its content is refused since.
    max.post("/api/v1/moderation-hashes", json!({ "attachment_id": id, "status": "rejected" })).await.expect(201);
    assert_eq!(sent.by(&chloe, ticket).await.expect(201)["id"], id);
    Sent { key: Some("thrice"), ..Sent::file("c.txt", b"hello") }.by(&chloe, ticket).await.is(415, "file_type_blocked");
    // The ticket is closed since.
    max.assigns(ticket, Some(max.id)).await.expect(200);
    max.sets(ticket, "resolved").await.expect(200);
    chloe.sets(ticket, "closed").await.expect(200);
    assert_eq!(sent.by(&chloe, ticket).await.expect(201)["id"], id);
    other.by(&chloe, ticket).await.is(409, "ticket_closed");
    assert_eq!(app.acme.count(ROWS).await, 1);
    app.drain().await;
}

#[tokio::test]
async fn one_may_take_ones_own_files_away_and_managers_everybodys() {
    let app = TestApp::start_storing().await;
    let (ana, max, chloe) = (app.acme.agent("ana").await, app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let path = |file: &serde_json::Value| format!("/api/v1/attachments/{}", file["id"]);
    let (hers, second) = (attached(&chloe, ticket, "a.txt").await, attached(&chloe, ticket, "b.txt").await);
    app.drain().await;
    let url = chloe.get(&path(&hers)).await.expect(200)["url"].as_str().expect("an address").to_owned();
    ana.delete(&path(&hers)).await.is(403, "forbidden");
    chloe.delete(&path(&hers)).await.expect(204);
    max.delete(&path(&second)).await.expect(204);
    for gone in [&hers, &second] {
        chloe.get(&path(gone)).await.is(404, "not_found");
        chloe.delete(&path(gone)).await.is(404, "not_found");
    }
    // An address that was given before is worth nothing now.
    assert_eq!(fetched(&chloe, &url, None).await.0, 404);
    assert_eq!(app.acme.count("select bytes + files from media_usage where user_id = 0").await, 0);
    assert_eq!(objects(&app, &app.acme).await.len(), 2);
    app.travel(TimeDelta::days(31));
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    app_api::worker::keep_one(&app.app, &tenant).await.expect("kept");
    app.drain().await;
    assert_eq!((app.acme.count(ROWS).await, app.acme.count(OBJECTS).await), (0, 0));
    assert!(objects(&app, &app.acme).await.is_empty());
}

#[tokio::test]
async fn the_same_content_twice_lies_once_in_the_store_and_stays_while_one_needs_it() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let both = join_all(["a.txt", "b.txt"].map(|name| async { Sent::file(name, b"the same").by(&chloe, ticket).await.expect(201) })).await;
    assert_eq!(objects(&app, &app.acme).await.len(), 1);
    app.drain().await;
    sqlx::query("delete from ticket_attachments where id = $1").bind(both[0]["id"].as_i64()).execute(&app.acme.db).await.expect("gone");
    app.drain().await;
    let left = chloe.get(&format!("/api/v1/attachments/{}", both[1]["id"])).await.expect(200);
    assert_eq!(fetched(&chloe, left["url"].as_str().expect("an address"), None).await.2, b"the same");
    sqlx::query("delete from ticket_attachments").execute(&app.acme.db).await.expect("gone");
    app.drain().await;
    assert_eq!((objects(&app, &app.acme).await.len(), app.acme.count(OBJECTS).await), (0, 0));
    assert_eq!(app.acme.count("select bytes + files from media_usage where user_id = 0").await, 0);
}

#[tokio::test]
async fn a_connection_that_says_whose_it_is_reaches_their_files_alone() {
    let app = TestApp::start_storing().await;
    let (chloe, carl) = (app.acme.customer("chloe").await, app.acme.customer("carl").await);
    for customer in [&chloe, &carl] {
        let ticket = customer.opens("Printer on fire").await;
        attached(customer, ticket, "a.txt").await;
    }
    // As a tenant's role is: it owns nothing. Tests are superusers otherwise, before whom no wall stands.
    let role = format!("role_{}", uuid::Uuid::now_v7().simple());
    let make = format!("create role {role}; grant select, update on ticket_attachments, support_tickets to {role}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&app.acme.db).await.expect("a role");
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    let become_it = async |db: &mut sqlx::PgConnection| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("set local role {role}"))).execute(db).await.expect("the role");
    };
    for customer in [&chloe, &carl] {
        let mut db = tenant.db.scoped(customer.id).await.expect("a connection");
        become_it(&mut db).await;
        let whose: Vec<i64> = sqlx::query_scalar("select uploaded_by from ticket_attachments").fetch_all(&mut *db).await.expect("rows");
        assert_eq!(whose, [customer.id]);
        let mut act = app.acme.db.begin().await.expect("a transaction");
        let scope = sqlx::query("select set_config('helpdeskly.owner', $1, true)").bind(customer.id.to_string());
        scope.execute(&mut *act).await.expect("its owner");
        become_it(&mut act).await;
        let changed = sqlx::query("update ticket_attachments set filename = 'x'").execute(&mut *act).await.expect("a change");
        assert_eq!(changed.rows_affected(), 1);
        // Whose it was is forgotten with the transaction.
        let mut same = act.commit().await.map(|()| app.acme.db.acquire()).expect("committed").await.expect("the connection");
        sqlx::raw_sql("begin").execute(&mut *same).await.expect("begun");
        become_it(&mut same).await;
        let all: i64 = sqlx::query_scalar(ROWS).fetch_one(&mut *same).await.expect("rows");
        sqlx::raw_sql("rollback").execute(&mut *same).await.expect("over");
        assert_eq!(all, 2);
    }
    app.drain().await;
}

#[tokio::test]
async fn whatever_a_customer_does_with_files_says_whose_it_is() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let noting = "create table walled (what text, owner text);
        create function wall() returns trigger language plpgsql as $$ begin
            insert into walled values (lower(tg_op) || ' ' || tg_table_name, current_setting('helpdeskly.owner', true));
            return coalesce(new, old);
        end $$;
        create trigger wall before insert on ticket_attachments for each row execute function wall();
        create trigger wall before insert or delete on media_uploads for each row execute function wall()";
    sqlx::raw_sql(noting).execute(&app.acme.db).await.expect("a trigger");
    for (caller, owner) in [(&chloe, chloe.id.to_string()), (&max, String::new())] {
        attached(caller, ticket, &format!("{}.txt", caller.id)).await;
        let tus = Tus { caller, ticket };
        let upload = tus.begins("b.txt", 5, &[]).await;
        assert_eq!(tus.sends(&upload, 0, "hello").await.status, 204);
        let other = tus.begins("c.txt", 5, &[]).await;
        assert_eq!(caller.send(tus.request(&Method::DELETE, &other).body(Body::empty()).expect("a request")).await.status, 204);
        let sql = "delete from walled where coalesce(owner, '') = $1 returning what";
        let walled: Vec<String> = sqlx::query_scalar(sql).bind(owner).fetch_all(&app.acme.db).await.expect("what was done");
        let (file, begun, ended) = ("insert ticket_attachments", "insert media_uploads", "delete media_uploads");
        assert_eq!(walled, [file, begun, file, begun, ended]);
    }
    app.drain().await;
}

#[tokio::test]
async fn files_go_with_a_merge_and_come_back_and_a_split_takes_copies() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let (first, second) = (chloe.opens("Printer on fire").await, chloe.opens("Still on fire").await);
    let own = attached(&chloe, second, "own.txt").await;
    let said = Sent { fields: &[("awaits_message", "true")], ..Sent::file("said.txt", b"said") }.by(&chloe, second).await.expect(201);
    let message = json!({ "message": "look", "attachment_ids": [said["id"]] });
    let message = chloe.post(&format!("/api/v1/tickets/{second}/messages"), message).await.expect(201)["id"].clone();
    let files = async |ticket: i64| -> Vec<serde_json::Value> {
        let listed = max.get(&format!("/api/v1/tickets/{ticket}/attachments")).await.expect(200);
        listed["data"].as_array().expect("a list").iter().map(|file| file["id"].clone()).collect()
    };
    max.post(&format!("/api/v1/tickets/{second}/merge"), json!({ "into": first })).await.expect(200);
    assert_eq!((files(first).await, files(second).await), (vec![own["id"].clone(), said["id"].clone()], vec![]));
    max.post(&format!("/api/v1/tickets/{second}/unmerge"), json!({})).await.expect(200);
    assert_eq!((files(first).await, files(second).await), (vec![], vec![own["id"].clone(), said["id"].clone()]));
    let split = json!({ "message_id": message, "subject": "Its own" });
    let split = max.post(&format!("/api/v1/tickets/{second}/split"), split).await.expect(201)["id"].as_i64().expect("an id");
    app.drain().await;
    let copies = files(split).await;
    assert_eq!((copies.len(), files(second).await.len()), (1, 2));
    let copy = chloe.get(&format!("/api/v1/attachments/{}", copies[0])).await.expect(200);
    assert_eq!(fetched(&chloe, copy["url"].as_str().expect("an address"), None).await.2, b"said");
    assert_eq!(app.acme.count("select files from media_usage where user_id = 0").await, 3);
}

#[tokio::test]
async fn a_file_whose_message_never_came_goes_after_a_day() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let own = attached(&chloe, ticket, "own.txt").await;
    Sent { fields: &[("awaits_message", "true")], ..Sent::file("waiting.txt", b"waiting") }.by(&chloe, ticket).await.expect(201);
    app.travel(TimeDelta::hours(25));
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    app_api::worker::keep_one(&app.app, &tenant).await.expect("kept");
    let listed = chloe.get(&format!("/api/v1/tickets/{ticket}/attachments")).await.expect(200);
    assert_eq!((listed["data"].as_array().map(Vec::len), &listed["data"][0]["id"]), (Some(1), &own["id"]));
    app.drain().await;
}

#[tokio::test]
async fn without_the_store_no_row_is_written_and_the_rest_goes_on() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    Sent::file("a.txt", b"x").by(&chloe, ticket).await.is(503, "unavailable");
    assert_eq!(app.acme.count(ROWS).await, 0);
    chloe.says(ticket, "Then without a picture.").await.expect(201);
    app.drain().await;
}
