//! Files and names that were made to break something (page 11, I19 to I22), by HTTP: what is refused, what is said of the rest, and who
//! is stopped by it.

use std::io::{Cursor, Write};

use axum::http::header;
use serde_json::json;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    files::{Sent, Tus, eicar, fetched},
    world::{Caller, TestApp},
};

/// The headers with which somebody gets a file that was looked at.
async fn downloaded(app: &TestApp, who: &Caller, id: &serde_json::Value) -> axum::http::HeaderMap {
    app.drain().await;
    let shown = who.get(&format!("/api/v1/attachments/{id}")).await.expect(200);
    let (status, headers, _) = fetched(who, shown["url"].as_str().expect("an address"), None).await;
    assert_eq!(status, 200);
    headers
}

#[tokio::test]
async fn no_name_leads_elsewhere_or_says_more_in_a_download_than_what_it_is_saved_under() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let hers = Tus { caller: &chloe, ticket };
    for (n, (name, plain, whole)) in [
        ("say \"hi\".txt", "say _hi_.txt", "say%20_hi_.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt", "aSet-Cookie_%20x%3D1.txt"),
        ("a\"; filename=b.exe;.txt", "a__ filename=b.exe_.txt", "a__%20filename%3Db.exe_.txt"),
        ("../../x.txt", "x.txt", "x.txt"),
        ("..\\..\\x.txt", "x.txt", "x.txt"),
        ("C:\\x.txt", "x.txt", "x.txt"),
        ("con.txt", "_con.txt", "_con.txt"),
        ("photo\u{202e}fdp.txt", "photofdp.txt", "photofdp.txt"),
        ("%0d%0a.txt", "_0d_0a.txt", "_0d_0a.txt"),
        ("\u{e9}t\u{e9}.txt", "_t_.txt", "%C3%A9t%C3%A9.txt"),
    ]
    .into_iter()
    .enumerate()
    {
        let upload = hers.begins(name, 10, &[]).await;
        let done = hers.sends(&upload, 0, format!("{n:010}")).await;
        let id = done.headers["attachment-id"].to_str().expect("an id").parse().expect("a number");
        let headers = downloaded(&app, &chloe, &id).await;
        assert_eq!(headers[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"), "{name:?}");
        assert!(!headers.contains_key(header::SET_COOKIE));
    }
    for name in ["../../x", "C:\\x", "con", "..", ""] {
        Sent::file(name, b"x").by(&chloe, ticket).await.is(415, "file_type_blocked");
    }
    // Longer than any file system takes.
    let long = format!("{}.txt", "\u{e9}".repeat(2000));
    let file = Sent::file(&long, b"long").by(&chloe, ticket).await.expect(201);
    let saved = file["filename"].as_str().expect("a name");
    assert!(saved.len() <= 255 && saved.ends_with("\u{e9}.txt"), "{saved}");
    let headers = downloaded(&app, &chloe, &file["id"]).await;
    let said = headers[header::CONTENT_DISPOSITION].to_str().expect("text");
    assert!(said.len() < 1200 && said.starts_with("attachment; filename=\"__") && said.ends_with("%C3%A9.txt"), "{said}");
}

#[tokio::test]
async fn what_a_browser_would_run_is_refused_and_what_hides_a_page_is_saved_and_never_shown() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    for name in ["a.mht", "a.mhtml", "a.svgz", "a.svg", "a.xht", "a.xhtml", "a.html", "a.hta", "a.svg.png"] {
        Sent::file(name, b"x").by(&chloe, ticket).await.is(415, "file_type_blocked");
        Tus { caller: &chloe, ticket }.announces(name, 10, &[]).await.is(415, "file_type_blocked");
    }
    let page = b"<html><script>alert(document.domain)</script></html>";
    Sent::file("a.pdf", &[b"%PDF-1.4\n", &page[..], b"\n%%EOF\n"].concat()).by(&chloe, ticket).await.is(415, "content_mismatch");
    // So far behind its beginning no browser looks for a page.
    let both = [&b"%PDF-1.4\n%"[..], &[b' '; 2000], b"\n", page, b"\n%%EOF\n"].concat();
    let file = Sent::file("a.pdf", &both).by(&chloe, ticket).await.expect(201);
    let headers = downloaded(&app, &chloe, &file["id"]).await;
    for (name, value) in [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ] {
        assert_eq!(headers[&name], value, "{name}");
    }
}

#[tokio::test]
async fn malware_in_an_archive_is_found_too() {
    let app = TestApp::start_storing().await;
    let ana = app.acme.agent("ana").await;
    let ticket = app.acme.customer("chloe").await.opens("Printer on fire").await;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("readme.txt", b"hello".to_vec()), ("folder/a.txt", eicar())] {
        zip.start_file(name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(&bytes).expect("its bytes");
    }
    let archive = zip.finish().expect("an archive").into_inner();
    let file = Sent::file("a.zip", &archive).by(&ana, ticket).await.expect(201);
    app.drain().await;
    let shown = ana.get(&format!("/api/v1/attachments/{}", file["id"])).await.expect(200);
    assert_eq!((&shown["scan_status"], &shown["url"]), (&json!("infected"), &json!(null)));
}

#[tokio::test]
async fn only_files_may_be_long() {
    let app = TestApp::start().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let long = "x".repeat(2 << 20);
    chloe.post("/api/v1/shares/open", json!({ "token": long })).await.is(413, "payload_too_large");
    max.post("/api/v1/moderation-hashes", json!({ "sha256": long })).await.is(413, "payload_too_large");
    max.post("/api/v1/attachments/1/shares", json!({ "note": long })).await.is(413, "payload_too_large");
    // The file itself is as long as its category has it.
    Sent::file("a.csv", long.as_bytes()).by(&chloe, ticket).await.is(503, "unavailable");
    app.drain().await;
}

#[tokio::test]
async fn whoever_sends_too_many_files_at_once_waits_for_themselves_and_stops_nobody_else() {
    let app = TestApp::start_storing().await;
    let (chloe, carl) = (app.acme.customer("chloe").await, app.acme.customer("carl").await);
    let (hers, his) = (chloe.opens("Printer on fire").await, carl.opens("Mine too").await);
    let mut turns = Vec::new();
    for _ in 0..4 {
        turns.push(app.app.media.turn(app.acme.id, chloe.id).await.expect("a turn"));
    }
    Sent::file("a.txt", b"his").by(&carl, his).await.expect(201);
    let waits = Sent::file("a.txt", b"hers").by(&chloe, hers).await;
    assert!(waits.headers.contains_key(header::RETRY_AFTER));
    waits.is(429, "rate_limited");
    turns.pop();
    Sent::file("a.txt", b"hers").by(&chloe, hers).await.expect(201);
    app.drain().await;
}
