//! Previews of files: of what they are made, who sees them, and what nobody finds in them.

use app_api::media::{self, For};
use axum::http::header;
use chrono::TimeDelta;
use image::{DynamicImage, GenericImageView, ImageFormat};
use serde_json::{Value, json};

use crate::{
    files::{Sent, attached, eicar, fetched, objects},
    pictures::{document, photo, picture, saved},
    world::{Caller, TestApp},
};

/// Sent by somebody, looked at and drawn, as they see it then.
async fn drawn(app: &TestApp, who: &Caller, ticket: i64, (name, bytes): (&str, &[u8])) -> Value {
    let file = Sent::file(name, bytes).by(who, ticket).await.expect(201);
    app.drain().await;
    who.get(&format!("/api/v1/attachments/{}", file["id"])).await.expect(200)
}

async fn seen(who: &Caller, file: &Value) -> (DynamicImage, Vec<u8>) {
    let (status, headers, bytes) = fetched(who, file["preview_url"].as_str().expect("an address"), None).await;
    assert_eq!((status, &headers[header::CONTENT_TYPE]), (200, &"image/webp".parse().expect("a value")));
    (image::load_from_memory_with_format(&bytes, ImageFormat::WebP).expect("WebP"), bytes)
}

#[tokio::test]
async fn images_are_shown_small_wherever_their_files_are() {
    let app = TestApp::start_storing().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    for (name, format) in
        [("a.jpg", ImageFormat::Jpeg), ("a.png", ImageFormat::Png), ("a.gif", ImageFormat::Gif), ("a.webp", ImageFormat::WebP)]
    {
        let bytes = saved(&picture(1, 1280, 640), format);
        let sent = Sent::file(name, &bytes).by(&chloe, ticket).await.expect(201);
        assert_eq!((&sent["preview"], &sent["preview_url"]), (&json!("pending"), &json!(null)), "{name}");
        app.drain().await;
        let file = ana.get(&format!("/api/v1/attachments/{}", sent["id"])).await.expect(200);
        assert_eq!(file["preview"], "ready", "{name}");
        assert_eq!(seen(&ana, &file).await.0.dimensions(), (640, 320), "{name}");
    }
    let id = ana.get(&format!("/api/v1/tickets/{ticket}/attachments")).await.expect(200)["data"][0]["id"].clone();
    let said = chloe.post(&format!("/api/v1/tickets/{ticket}/messages"), json!({ "message": "Look.", "attachment_ids": [id] })).await;
    seen(&chloe, &said.expect(201)["attachments"][0]).await;
    let thread = ana.get(&format!("/api/v1/tickets/{ticket}/messages")).await.expect(200);
    seen(&ana, &thread["data"][0]["attachments"][0]).await;
    let listed = chloe.get(&format!("/api/v1/tickets/{ticket}/attachments")).await.expect(200);
    seen(&chloe, &listed["data"][0]).await;
    let heard = app.heard(&app.acme).iter().filter(|event| event["event"] == "AttachmentPreviewed").count();
    assert_eq!(heard, 4);
    app.drain().await;
}

#[tokio::test]
async fn a_photo_is_turned_and_nothing_that_the_camera_wrote_is_in_its_preview() {
    let app = TestApp::start_storing().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let file = drawn(&app, &chloe, ticket, ("a.jpg", &photo(1))).await;
    let (small, bytes) = seen(&chloe, &file).await;
    // It lay on its left side: what was at its top left is at its top right.
    assert_eq!(small.dimensions(), (320, 640));
    let ([red, green, _, _], corner) = (small.get_pixel(300, 20).0, small.get_pixel(20, 20).0);
    assert!(red > 200 && green < 60 && corner[0] < 220, "{red} {green} {corner:?}");
    for hidden in [&b"Exif"[..], b"EXIF", b"Fotofix", b"GPS", b"MM\0*"] {
        assert!(!bytes.windows(hidden.len()).any(|part| part == hidden), "{:?}", String::from_utf8_lossy(hidden));
    }
    assert!(file.get("exif").is_none(), "customers are told nothing: {file:#}");
    let told = ana.get(&format!("/api/v1/attachments/{}", file["id"])).await.expect(200);
    assert_eq!((&told["exif"]["camera_make"], &told["exif"]["has_location"]), (&json!("Fotofix"), &json!(true)));
    assert!(!told.to_string().contains("48.5") && told["exif"].get("gps").is_none(), "{told:#}");
    let sealed: String = sqlx::query_scalar("select exif from ticket_attachments").fetch_one(&app.acme.db).await.expect("a row");
    assert!(!sealed.contains("Fotofix"), "{sealed}");
    // What is sealed for one file opens for no other.
    let other = drawn(&app, &chloe, ticket, ("b.jpg", &photo(2))).await;
    sqlx::query("update ticket_attachments set exif = $1 where id = $2")
        .bind(&sealed)
        .bind(other["id"].as_i64())
        .execute(&app.acme.db)
        .await
        .expect("moved");
    assert!(ana.get(&format!("/api/v1/attachments/{}", other["id"])).await.expect(200).get("exif").is_none());
}

#[tokio::test]
async fn the_first_page_of_a_document_is_shown_where_somebody_draws_it() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    assert!(std::path::Path::new("/usr/bin/pdftoppm").exists(), "scripts/prepare installs poppler-utils");
    let file = drawn(&app, &chloe, ticket, ("a.pdf", &document())).await;
    assert_eq!(seen(&chloe, &file).await.0.dimensions(), (320, 640));
    // Pages of words all look alike: nobody's is taken for another.
    assert_eq!(app.acme.count("select count(phash) from ticket_attachments").await, 0);
    let broken = b"%PDF-1.4\nno more than that\n%%EOF\n";
    assert_eq!(drawn(&app, &chloe, ticket, ("b.pdf", broken)).await["preview"], "failed");
}

#[tokio::test]
async fn what_cannot_be_drawn_is_tried_no_more_and_is_a_file_all_the_same() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let mut broken = saved(&picture(1, 300, 300), ImageFormat::Png);
    let middle = broken.len() / 2;
    broken[middle..middle + 16].fill(0xff);
    // Its head says what it is; what it takes to unpack the rest is missing.
    let mut headless = saved(&picture(1, 300, 300), ImageFormat::Jpeg);
    while let Some(at) = headless.windows(2).position(|two| two == b"\xff\xdb") {
        let length = usize::from(u16::from_be_bytes([headless[at + 2], headless[at + 3]]));
        headless.drain(at..at + 2 + length);
    }
    // One dot on a canvas of 56 million: photos may have 33 million, a GIF 12.
    let mut flood = saved(&picture(1, 1, 1), ImageFormat::Gif);
    flood[6..10].copy_from_slice(&[8000_u16.to_le_bytes(), 7000_u16.to_le_bytes()].concat());
    for (name, bytes) in [("broken.png", &broken), ("headless.jpg", &headless), ("flood.gif", &flood)] {
        let file = drawn(&app, &chloe, ticket, (name, bytes)).await;
        assert_eq!((&file["preview"], &file["preview_url"]), (&json!("failed"), &json!(null)), "{name}");
        let (status, _, got) = fetched(&chloe, file["url"].as_str().expect("an address"), None).await;
        assert_eq!((status, &got), (200, bytes), "{name}");
    }
    assert_eq!(app.acme.count("select count(*) from ticket_attachments where preview_tries = 1").await, 3);
    for (name, bytes) in [("a.txt", &b"what stands in it"[..]), ("b.txt", &eicar())] {
        assert_eq!(drawn(&app, &chloe, ticket, (name, bytes)).await["preview"], "none", "{name}");
    }
    assert_eq!(app.acme.count("select count(*) from media_objects where key like '%.preview.webp'").await, 0);
}

#[tokio::test]
async fn an_address_of_a_preview_is_for_one_file_and_one_organisation_and_opens_nothing_else() {
    let app = TestApp::start_storing().await;
    let (chloe, stranger) = (app.acme.customer("chloe").await, app.globex.customer("chloe").await);
    let (ticket, theirs) = (chloe.opens("Printer on fire").await, stranger.opens("Elsewhere").await);
    let bytes = saved(&picture(1, 100, 100), ImageFormat::Png);
    let file = drawn(&app, &chloe, ticket, ("a.png", &bytes)).await;
    let other = drawn(&app, &stranger, theirs, ("a.png", &bytes)).await;
    let (url, address) = (file["url"].as_str().expect("an address"), file["preview_url"].as_str().expect("an address"));
    let (id, link) = (file["id"].to_string(), address.split_once("link=").expect("a link").1);
    assert_eq!(fetched(&chloe, address, None).await.0, 200);
    assert_eq!(fetched(&stranger, address, None).await.0, 403);
    assert_eq!(fetched(&chloe, other["preview_url"].as_str().expect("an address"), None).await.0, 403);
    assert_eq!(fetched(&chloe, &format!("/api/v1/files/{id}?link={link}"), None).await.0, 403);
    let of_file = url.split_once("link=").expect("a link").1;
    assert_eq!(fetched(&chloe, &format!("/api/v1/files/{id}/preview?link={of_file}"), None).await.0, 403);
    let (_, headers, _) = fetched(&chloe, address, None).await;
    for (name, value) in [
        (header::CONTENT_DISPOSITION, "inline"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "private, max-age=900, immutable"),
    ] {
        assert_eq!(headers[&name], value, "{name}");
    }
    assert_eq!(app.acme.count("select count(*) from media_access_logs where what = 'previewed'").await, 2);
    // A text has none, though its address is sound.
    let text = attached(&chloe, ticket, "a.txt").await;
    app.drain().await;
    let links = &app.app.media.links;
    let link = links.issue_preview(app.acme.id, text["id"].as_i64().expect("an id"), For::Person(chloe.id), app.app.clock.now());
    assert_eq!(fetched(&chloe, &format!("/api/v1/files/{}/preview?link={link}", text["id"]), None).await.0, 404);
    app.travel(TimeDelta::minutes(31));
    assert_eq!(fetched(&chloe, address, None).await.0, 403);
}

#[tokio::test]
async fn a_preview_goes_with_its_last_file_and_is_shown_for_none_that_was_taken_away() {
    let app = TestApp::start_storing().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let bytes = saved(&picture(1, 100, 100), ImageFormat::Png);
    let file = drawn(&app, &chloe, ticket, ("a.png", &bytes)).await;
    let said = json!({ "message": "Look.", "attachment_ids": [file["id"]] });
    let said = chloe.post(&format!("/api/v1/tickets/{ticket}/messages"), said).await.expect(201);
    let split = json!({ "message_id": said["id"], "subject": "Its own" });
    let split = max.post(&format!("/api/v1/tickets/{ticket}/split"), split).await.expect(201)["id"].as_i64().expect("an id");
    app.drain().await;
    let copy = max.get(&format!("/api/v1/tickets/{split}/attachments")).await.expect(200)["data"][0].clone();
    seen(&max, &copy).await;
    assert_eq!(objects(&app, &app.acme).await.len(), 2, "both have one file and one preview");
    max.delete(&format!("/api/v1/attachments/{}", file["id"])).await.expect(204);
    assert_eq!(fetched(&chloe, file["preview_url"].as_str().expect("an address"), None).await.0, 404);
    seen(&max, &copy).await;
    sqlx::query("delete from ticket_attachments").execute(&app.acme.db).await.expect("gone");
    app.drain().await;
    assert!(objects(&app, &app.acme).await.is_empty());
}

#[tokio::test]
async fn without_the_store_previews_wait_and_are_made_when_it_is_back() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let bytes = saved(&picture(1, 100, 100), ImageFormat::Png);
    let file = Sent::file("a.png", &bytes).by(&chloe, ticket).await.expect(201);
    sqlx::query("update ticket_attachments set scan_status = 'clean'").execute(&app.acme.db).await.expect("looked at");
    let away = app.without_a_store();
    let tenant = away.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    for tries in 0..7 {
        assert!(app_api::worker::look_after_files(&away.app, &tenant).await.is_err(), "{tries}");
        app.travel(TimeDelta::minutes(1));
    }
    assert_eq!(app.acme.count("select count(*) from ticket_attachments where preview = 'pending'").await, 1);
    app.drain().await;
    let file = chloe.get(&format!("/api/v1/attachments/{}", file["id"])).await.expect(200);
    seen(&chloe, &file).await;
}

#[tokio::test]
async fn a_file_that_is_the_end_of_whoever_draws_it_is_tried_five_times() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    Sent::file("a.pdf", &document()).by(&chloe, ticket).await.expect(201);
    sqlx::query("update ticket_attachments set scan_status = 'clean'").execute(&app.acme.db).await.expect("looked at");
    let folder = tempfile::tempdir().expect("a folder");
    let (program, begun) = (folder.path().join("renderer"), folder.path().join("begun"));
    std::fs::write(&program, format!("#!/bin/sh\necho > {}\nexec sleep 60\n", begun.display())).expect("written");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("it runs");
    let studio = media::Studio::new(media::Renderer::at(&program.display().to_string()));
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    let waiting = async || media::undrawn(&tenant, app.app.clock.now()).await.expect("asked");
    let draw =
        async |file: &_| media::draw(&tenant, (&app.app.outside.storage, &studio), file, app.app.clock.now()).await.expect("decided");
    for tries in 1..=5 {
        let file = waiting().await.pop().expect("it waits");
        // As a process that ends in the middle.
        tokio::select! {
            _ = draw(&file) => panic!("it came to an end"),
            () = async { while !begun.exists() { tokio::time::sleep(std::time::Duration::from_millis(20)).await } } => {}
        }
        std::fs::remove_file(&begun).expect("it had begun");
        assert_eq!(app.acme.count("select preview_tries::bigint from ticket_attachments").await, tries);
        assert!(waiting().await.is_empty(), "the next one comes later");
        app.travel(TimeDelta::seconds(30 * tries));
    }
    let file = waiting().await.pop().expect("it waits");
    assert!(draw(&file).await.is_none() && !begun.exists());
    assert_eq!(app.acme.count("select count(*) from ticket_attachments where preview = 'failed'").await, 1);
    app.drain().await;
}

#[tokio::test]
async fn small_images_are_drawn_before_documents_and_what_is_unsound_never_is() {
    let app = TestApp::start_storing().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    for (name, bytes) in [("a.pdf", document()), ("b.png", saved(&picture(1, 100, 100), ImageFormat::Png))] {
        Sent::file(name, &bytes).by(&chloe, ticket).await.expect(201);
    }
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("asked").expect("acme");
    let waiting = async || -> Vec<String> {
        let found = app_api::media::undrawn(&tenant, app.app.clock.now()).await.expect("asked");
        found.into_iter().map(|file| file.mime_type).collect()
    };
    assert!(waiting().await.is_empty(), "nothing was looked at yet");
    sqlx::query("update ticket_attachments set scan_status = 'clean'").execute(&app.acme.db).await.expect("looked at");
    assert_eq!(waiting().await, ["image/png", "application/pdf"]);
    sqlx::query("update ticket_attachments set scan_status = 'infected'").execute(&app.acme.db).await.expect("found");
    assert!(waiting().await.is_empty());
    app.drain().await;
}
