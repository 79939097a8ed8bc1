//! Uploads that break off, of which nothing is lost.

use futures::future::join_all;
use serde_json::json;

use crate::{
    files::{Tus, cut, fetched, objects},
    world::TestApp,
};

/// A table as long as that.
fn rows(bytes: usize) -> Vec<u8> {
    (0..).flat_map(|n: u32| format!("{n};{}\n", n % 97).into_bytes()).take(bytes).collect()
}

#[tokio::test]
async fn what_has_come_before_the_connection_broke_is_kept_and_it_goes_on_there() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    let content = rows(9 << 20);
    let upload = hers.begins("a.csv", content.len(), &[]).await;
    let mut at = 0;
    for until in [100, 5 << 20, (5 << 20) + 1] {
        hers.sends(&upload, at, cut(content[at..until].to_vec())).await.is(400, "bad_request");
        assert_eq!(hers.is_at(&upload).await, Some(until));
        at = until;
    }
    let last = hers.sends(&upload, at, content[at..].to_vec()).await;
    assert_eq!(last.status, 204, "{last:?}");
    app.drain().await;
    let id = last.headers["attachment-id"].to_str().expect("an id");
    let shown = chloe.get(&format!("/api/v1/attachments/{id}")).await.expect(200);
    assert_eq!(fetched(&chloe, shown["url"].as_str().expect("an address"), None).await.2, content);
    assert_eq!(app.acme.count("select count(*) from media_objects").await, 1);
}

#[tokio::test]
async fn the_last_byte_makes_it_a_file_although_nobody_hears_the_answer() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    let upload = hers.begins("a.txt", 10, &[]).await;
    assert_eq!(hers.sends(&upload, 0, cut(b"0123456789".to_vec())).await.status, 204);
    assert_eq!(hers.is_at(&upload).await, Some(10));
    app.drain().await;
    assert_eq!(app.acme.count("select count(*) from ticket_attachments").await, 1);
}

#[tokio::test]
async fn without_the_store_nothing_is_lost_and_the_end_is_sent_again() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    let upload = hers.begins("a.txt", 10, &[]).await;
    assert_eq!(hers.sends(&upload, 0, "01234").await.status, 204);
    // As a store that has lost a piece, or does not answer for it.
    let (key, start): (String, i64) =
        sqlx::query_as("select key, start from media_upload_parts").fetch_one(&app.acme.db).await.expect("a piece");
    let moved = format!("{key}-moved");
    let storage = &app.app.outside.storage;
    assert!(storage.copy(&key, &moved).await.expect("copied"));
    storage.delete(&key).await.expect("away");
    hers.sends(&upload, 5, "56789").await.is(503, "unavailable");
    assert_eq!((hers.is_at(&upload).await, start), (Some(5), 0));
    assert_eq!((app.acme.count("select count(*) from ticket_attachments").await, objects(&app, &app.acme).await.len()), (0, 0));
    assert!(storage.copy(&moved, &key).await.expect("back"));
    let last = hers.sends(&upload, 5, "56789").await;
    assert_eq!(last.status, 204, "{last:?}");
    app.drain().await;
}

#[tokio::test]
async fn an_upload_does_not_go_on_without_a_piece_whose_writer_took_too_long() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    let upload = hers.begins("a.txt", 10, &[]).await;
    // As housekeeping does with what is written for a quarter of an hour.
    let late = "create function late() returns trigger language plpgsql as $$ begin new.state := 'leaving'; return new; end $$;
        create trigger late before insert on media_objects for each row when (new.key like '%/temp/%') execute function late()";
    sqlx::raw_sql(late).execute(&app.acme.db).await.expect("late");
    hers.sends(&upload, 0, "01234").await.is(409, "conflict");
    assert_eq!(hers.is_at(&upload).await, Some(0));
    sqlx::raw_sql("drop trigger late on media_objects").execute(&app.acme.db).await.expect("in time");
    assert_eq!(hers.sends(&upload, 0, "01234").await.status, 204);
    assert_eq!(hers.sends(&upload, 5, "56789").await.status, 204);
    app.drain().await;
    assert_eq!(app.acme.count("select count(*) from ticket_attachments").await, 1);
}

#[tokio::test]
async fn fifty_uploads_at_once_fill_what_there_is_room_for_and_no_more() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    sqlx::query("update media_settings set bytes_per_user = 150").execute(&app.acme.db).await.expect("set");
    let hers = Tus { caller: &chloe, ticket };
    let begun = join_all((0..50).map(|_| hers.announces("a.txt", 10, &[]))).await;
    let (taken, refused): (Vec<_>, Vec<_>) = begun.into_iter().partition(|answer| answer.status == 201);
    for answer in refused {
        answer.is(413, "quota_exceeded");
    }
    assert_eq!(taken.len(), 15);
    let sent = taken.iter().enumerate().map(|(n, begun)| {
        let upload = begun.headers["location"].to_str().expect("an address");
        hers.sends(upload, 0, format!("{n:010}"))
    });
    assert!(join_all(sent).await.iter().all(|answer| answer.status == 204));
    let usage = chloe.get("/api/v1/attachments/usage").await.expect(200);
    assert_eq!(usage["mine"]["used"], json!({ "bytes": 150, "files": 15, "today": 15 }));
    app.drain().await;
}
