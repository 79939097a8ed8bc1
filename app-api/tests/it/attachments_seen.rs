//! Who of those who see a ticket sees which file of it: one rule, [`Facts::are_seen_by`], which lists and numbers repeat in SQL.

use app_api::media::{Eyes, Facts};
use serde_json::json;

use crate::world::TestApp;

#[tokio::test]
async fn lists_numbers_and_single_files_show_what_the_rule_says() {
    let app = TestApp::start_storing().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let said = chloe.says(ticket, "It smokes").await.expect(201)["id"].as_i64().expect("an id");
    let noted = ana.notes(ticket, "Again").await.expect(201)["id"].as_i64().expect("an id");
    let mut files = Vec::new();
    for uploaded_by in [ana.id, ben.id, chloe.id, 424_242] {
        for by_staff in [false, true] {
            for awaits_message in [false, true] {
                for (message, note) in [(None, None), (Some(said), Some(false)), (Some(noted), Some(true))] {
                    let sql = "insert into ticket_attachments (ticket_id, message_id, awaits_message, original_name, filename, file_path,
                            mime_type, file_size, sha256, media_category, scan_status, preview, uploaded_by, by_staff, created_at, updated_at)
                        values ($1, $2, $3, 'a.txt', 'a.txt', 'a.txt', 'text/plain', 1, 'x', 'text', 'clean', 'none', $4, $5, now(), now())
                        returning id";
                    let new = sqlx::query_scalar::<_, i64>(sql).bind(ticket).bind(message).bind(awaits_message);
                    let id = new.bind(uploaded_by).bind(by_staff).fetch_one(&app.acme.db).await.expect("a file");
                    files.push((id, Facts { uploaded_by, by_staff, note, awaits_message }));
                }
            }
        }
    }
    for (caller, is_staff) in [(&ana, true), (&ben, true), (&chloe, false)] {
        let eyes = Eyes { id: caller.id, is_staff };
        let expected: Vec<i64> = files.iter().filter(|(_, facts)| facts.are_seen_by(eyes)).map(|(id, _)| *id).collect();
        assert!((1..files.len()).contains(&expected.len()), "the rule tells {eyes:?} files apart");
        let list = caller.get(&format!("/api/v1/tickets/{ticket}/attachments?limit=100&count=true")).await.expect(200);
        let listed: Vec<i64> = list["data"].as_array().expect("a list").iter().map(|file| file["id"].as_i64().expect("an id")).collect();
        assert_eq!(listed, expected, "{eyes:?}");
        assert_eq!(list["page"]["total"], json!(expected.len()), "{eyes:?}");
        for (id, facts) in &files {
            let status = caller.get(&format!("/api/v1/attachments/{id}")).await.status.as_u16();
            assert_eq!(status, if expected.contains(id) { 200 } else { 404 }, "{eyes:?} {facts:?}");
        }
    }
    app.drain().await;
}
