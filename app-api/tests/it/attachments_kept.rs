//! Where files lie, which ones are taken from the first day on, and what goes with what they belong to.

use serde_json::json;
use sha2::{Digest, Sha256};
use shared::{session::Role, storage::prefix_of};

use crate::{
    files::{attached, objects},
    world::TestApp,
};

#[tokio::test]
async fn files_lie_by_organisation_ticket_and_content_and_go_with_their_ticket_or_their_message() {
    let app = TestApp::start_storing().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (gone, kept) = (chloe.opens("Printer on fire").await, chloe.opens("Another").await);
    for ticket in [gone, kept] {
        attached(&chloe, ticket, "a.txt").await;
    }
    let hers = attached(&ana, kept, "b.txt").await;
    let said = json!({ "message": "Look.", "attachment_ids": [hers["id"]] });
    let message = ana.post(&format!("/api/v1/tickets/{kept}/messages"), said).await.expect(201)["id"].clone();
    app.drain().await;
    let place = |ticket: i64, name: &str| {
        let content = Sha256::digest(format!("what stands in {name}"));
        let content: String = content.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}tickets/{ticket}/{content}.txt", prefix_of(app.acme.id))
    };
    let mut all = [place(gone, "a.txt"), place(kept, "a.txt"), place(kept, "b.txt")];
    all.sort();
    assert_eq!(objects(&app, &app.acme).await, all);
    for (table, id) in [
        ("search_entries where ticket_id", gone),
        ("support_tickets where id", gone),
        ("ticket_messages where id", message.as_i64().expect("an id")),
    ] {
        let sql = sqlx::AssertSqlSafe(format!("delete from {table} = $1"));
        sqlx::query(sql).bind(id).execute(&app.acme.db).await.expect("gone");
    }
    app.drain().await;
    assert_eq!(objects(&app, &app.acme).await, [place(kept, "a.txt")]);
    assert_eq!(app.acme.count("select files from media_usage where user_id = 0").await, 1);
}

#[tokio::test]
async fn an_organisation_begins_with_the_categories_of_the_field() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let listed = adam.get("/api/v1/media-categories").await.expect(200);
    let megabytes = |one: &serde_json::Value| one["max_bytes"].as_i64().expect("bytes") / (1 << 20);
    let mut found: Vec<_> = listed["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["extensions"].to_string(), megabytes(one), one["staff_only"] == true, one["enabled"] == true))
        .collect();
    found.sort();
    let mut expected = [
        (r#"["jpg","jpeg","png","gif","webp"]"#, 5, false, true),
        (r#"["pdf"]"#, 10, false, true),
        (r#"["doc","docx","xlsx","csv"]"#, 10, false, true),
        (r#"["txt"]"#, 2, false, true),
        (r#"["zip"]"#, 20, true, true),
        (r#"["mp4","mov"]"#, 100, false, false),
        (r#"["mp3","wav","aac","ogg"]"#, 50, false, false),
        (r#"["heic"]"#, 25, false, false),
    ]
    .map(|(extensions, megabytes, staff_only, enabled)| (extensions.to_owned(), megabytes, staff_only, enabled));
    expected.sort();
    assert_eq!(found, expected);
}
