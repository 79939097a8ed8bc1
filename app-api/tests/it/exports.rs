//! Exports: what one sees, as a file that is written while it is read.

use std::{collections::BTreeMap, io::Cursor};

use axum::{
    body::{Body, BodyDataStream},
    http::{Method, header},
};
use calamine::{Data, DataType, Reader, Xlsx};
use futures::StreamExt;
use serde_json::{Value, json};
use shared::session::Role;
use tower::ServiceExt;

use crate::world::{Caller, TestApp, minutes};

const EXPORT: &str = "/api/v1/tickets/export";

/// A file, and what it is said to be.
struct Taken {
    media_type: String,
    name: String,
    bytes: Vec<u8>,
}

async fn opened_file(caller: &Caller, query: &str) -> axum::http::Response<Body> {
    let request = caller.request(&Method::GET, &format!("{EXPORT}?{query}")).body(Body::empty()).expect("a request");
    caller.router.clone().oneshot(request).await.expect("an answer")
}

async fn take(caller: &Caller, query: &str) -> Taken {
    let response = opened_file(caller, query).await;
    assert_eq!(response.status(), 200, "{query}");
    let header = |name| response.headers()[name].to_str().expect("text").to_owned();
    let (media_type, name) = (header(header::CONTENT_TYPE), header(header::CONTENT_DISPOSITION));
    let bytes = axum::body::to_bytes(response.into_body(), 64 << 20).await.expect("the whole file").to_vec();
    Taken { media_type, name, bytes }
}

/// The lines of a table, each by the names of its columns.
async fn table(caller: &Caller, query: &str) -> Vec<Value> {
    let file = take(caller, query).await;
    let text = file.bytes.strip_prefix(b"\xef\xbb\xbf").expect("its mark").to_vec();
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let names: Vec<String> = reader.headers().expect("a head").iter().map(str::to_owned).collect();
    let line = |record: csv::StringRecord| names.iter().cloned().zip(record.iter().map(Value::from)).collect();
    reader.records().map(|record| Value::Object(line(record.expect("a line")))).collect()
}

/// The lines of a workbook as another program reads them, each by the names of its columns. It holds no formula.
async fn workbook(caller: &Caller, query: &str) -> Vec<BTreeMap<String, Data>> {
    let bytes = take(caller, &format!("{query}&format=xlsx")).await.bytes;
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let name = book.sheet_names()[0].clone();
    assert!(book.worksheet_formula(&name).expect("a sheet").is_empty());
    let sheet = book.worksheet_range(&name).expect("a sheet");
    let mut rows = sheet.rows();
    let names: Vec<String> = rows.next().expect("a head").iter().map(ToString::to_string).collect();
    rows.map(|row| names.iter().cloned().zip(row.iter().cloned()).collect()).collect()
}

fn subjects(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["subject"].as_str().expect("a subject")).collect()
}

/// So many tickets, a minute apart.
async fn fill(app: &TestApp, of: i64, count: i64) {
    let sql = "insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
        select 'TKT-' || n, $1, 'Ticket ' || n, repeat('x', 500), '', now() - n * interval '1 minute', now() from generate_series(1, $2) n";
    sqlx::query(sql).bind(of).bind(count).execute(&app.acme.db).await.expect(sql);
}

#[tokio::test]
async fn customers_guests_and_nonsense_are_refused() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    chloe.get(EXPORT).await.is(403, "forbidden");
    app.acme.guest().await.0.get(EXPORT).await.is(403, "forbidden");
    ana.at(&app.globex).get(EXPORT).await.is(403, "tenant_mismatch");
    for (query, field, code) in [
        ("format=pdf", "format", "unknown_value"),
        ("format=csv&format=json", "format", "duplicate_field"),
        ("limit=5", "limit", "unknown_field"),
        ("cursor=x", "cursor", "unknown_field"),
        ("sort=updated_at", "sort", "unknown_value"),
        ("sort=-due_at", "sort", "unknown_value"),
        ("status=asleep", "status", "unknown_value"),
        ("view=none-such", "view", "unknown_value"),
    ] {
        let refused = ana.get(&format!("{EXPORT}?{query}")).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!(field), &json!(code)), "{query}");
    }
    assert_eq!(app.acme.count("select count(*) from audit_logs where action = 'TicketsExported'").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn a_file_holds_what_its_reader_sees_narrowed_as_the_list_is() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    gus.opens("Elsewhere").await;
    let mut tickets = Vec::new();
    for name in ["One", "Two", "Three"] {
        app.travel(minutes(1));
        tickets.push(chloe.opens(name).await);
    }
    ben.assigns(tickets[1], Some(ben.id)).await.expect(200);
    ana.notes(tickets[0], "NOTE-CANARY").await.expect(201);
    for (caller, query, expected) in [
        (&boss, "", vec!["Three", "Two", "One"]),
        (&boss, "sort=created_at", vec!["One", "Two", "Three"]),
        (&ana, "", vec!["Three", "One"]),
        (&boss, "status=in_progress", vec!["Two"]),
        (&ben, "assigned_to=me&format=csv", vec!["Two"]),
        (&boss, "q=three", vec!["Three"]),
        (&boss, "view=unassigned", vec!["Three", "One"]),
        (&boss, "tag=vip", vec![]),
    ] {
        assert_eq!(subjects(&table(caller, query).await), expected, "{query}");
    }
    let json = take(&boss, "format=json&sort=created_at").await;
    let listed = boss.get("/api/v1/tickets?sort=created_at").await.expect(200)["data"].clone();
    assert_eq!((json.media_type.as_str(), json.name.as_str()), ("application/json", "attachment; filename=\"tickets.json\""));
    assert_eq!(serde_json::from_slice::<Value>(&json.bytes).expect("JSON"), listed);
    assert_eq!(serde_json::from_slice::<Value>(&take(&boss, "format=json&tag=vip").await.bytes).expect("JSON"), json!([]));
    assert!(take(&boss, "format=xlsx").await.media_type.contains("spreadsheetml"));
    let book: Vec<String> = workbook(&boss, "sort=created_at").await.iter().map(|line| line["subject"].to_string()).collect();
    assert_eq!(book, ["One", "Two", "Three"]);
    assert!(!String::from_utf8_lossy(&json.bytes).contains("CANARY"));
    app.drain().await;
}

#[tokio::test]
async fn no_cell_is_a_formula_and_every_field_has_its_column() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let labels = json!({ "fr": "x", "en": "x" });
    for (key, kind) in [("serial", "text"), ("parts", "number")] {
        boss.post("/api/v1/custom-fields", json!({ "key": key, "labels": labels, "type": kind })).await.expect(201);
    }
    let texts = ["=1+1", "+1", "-1", "@SUM(A1)", "a,\"b\"\nc", "plain", "x;=1+1", "x,\"=1\""];
    for (n, text) in texts.into_iter().enumerate() {
        app.travel(minutes(1));
        let fields = json!({ "serial": text, "parts": n });
        let body = json!({ "subject": text.replace('\n', " "), "description": text, "user_id": chloe.id, "tags": [text.replace('\n', " ")], "custom_fields": fields });
        boss.post("/api/v1/tickets", body).await.expect(201);
    }
    let lines = table(&boss, "sort=created_at").await;
    let written = ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "a,\"b\"\nc", "plain", "x;'=1+1", "x,\"'=1\""];
    for (n, text) in written.into_iter().enumerate() {
        let line = &lines[n];
        for column in ["description", "custom_fields.serial"] {
            assert_eq!(line[column], text, "{column}");
        }
        assert_eq!((&line["tags"], &line["custom_fields.parts"]), (&json!(text.replace('\n', " ")), &json!(n.to_string())));
        assert_eq!(
            (&line["requester_email"], &line["created_at"]),
            (&json!("chloe@acme.test"), &json!(format!("2026-03-02T09:0{}:00Z", n + 1)))
        );
    }
    let book = workbook(&boss, "sort=created_at").await;
    for (n, text) in texts.into_iter().enumerate() {
        // Nothing divides a workbook's cells: only their beginning is marked.
        let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
        let cells = ["description", "custom_fields.serial", "custom_fields.parts"].map(|column| book[n][column].clone());
        assert_eq!(cells, [text.clone(), text, n.to_string()].map(Data::String));
        let time = book[n]["created_at"].as_datetime().map(|at| at.to_string());
        assert_eq!((time, &book[n]["closed_at"]), (Some(format!("2026-03-02 09:0{}:00", n + 1)), &Data::Empty));
    }
    app.drain().await;
}

#[tokio::test]
async fn of_many_tickets_no_more_than_a_page_is_held_and_each_is_in_the_file_once() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    fill(&app, chloe.id, 2_345).await;
    let (mut pieces, mut longest, mut file) = (0, 0, Vec::new());
    let mut body = opened_file(&boss, "format=json").await.into_body().into_data_stream();
    while let Some(piece) = body.next().await {
        let piece = piece.expect("a piece");
        pieces += 1;
        longest = longest.max(piece.len());
        file.extend(piece);
        if pieces == 3 {
            // What comes meanwhile is newer than where the file is, or is in it as well.
            chloe.opens("Meanwhile").await;
        }
    }
    let tickets: Vec<Value> = serde_json::from_slice(&file).expect("JSON");
    let mut ids: Vec<i64> =
        tickets.iter().filter(|ticket| ticket["subject"] != "Meanwhile").map(|ticket| ticket["id"].as_i64().expect("an id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 2_345);
    // A piece has 64 KiB at most, however long the file is.
    assert!(pieces >= 24 && longest <= 1 << 16, "{pieces} pieces, the longest has {longest} of {}", file.len());
    assert_eq!(workbook(&boss, "sort=created_at").await.len(), 2_346);
    app.drain().await;
}

#[tokio::test]
async fn whoever_takes_tickets_away_stands_in_the_trail_once_with_what_they_narrowed() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    fill(&app, chloe.id, 250).await;
    take(&ana, "status=open&format=xlsx").await;
    let sql = "select changes->'after' from audit_logs where action = 'TicketsExported'";
    let told: Vec<Value> = sqlx::query_scalar(sql).fetch_all(&app.acme.db).await.expect(sql);
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["format"], &told[0]["user_id"], &told[0]["filter"]["status"]), (&json!("xlsx"), &json!(ana.id), &json!(["open"])));
    app.drain().await;
}

async fn next(body: &mut BodyDataStream) -> Option<bool> {
    body.next().await.map(|piece| piece.is_ok())
}

#[tokio::test]
async fn a_file_breaks_off_when_its_reader_may_not_read_on() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    fill(&app, chloe.id, 1_000).await;
    let mut body = opened_file(&ana, "format=csv").await.into_body().into_data_stream();
    assert_eq!(next(&mut body).await, Some(true));
    let state = json!({ "user_id": ana.id, "email": "ana@acme.test", "firstname": "ana", "lastname": "Test", "locale": "en", "role": "customer", "active": true, "version": 2 });
    app.tell(&app.acme, state).await;
    let mut pieces = vec![];
    while let Some(is_right) = next(&mut body).await {
        pieces.push(is_right);
    }
    assert!(pieces.len() <= 4 && pieces.last() == Some(&false), "{pieces:?}");
    app.drain().await;
}

#[tokio::test]
async fn a_file_that_its_reader_leaves_lying_makes_room_and_is_whole_or_fails() {
    let app = TestApp::start_impatient().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    fill(&app, chloe.id, 1_000).await;
    for query in ["format=csv", "format=json"] {
        let whole = take(&boss, query).await.bytes;
        let held = [opened_file(&boss, query).await, opened_file(&boss, query).await];
        there_is_room(&boss).await;
        let mut failed = 0;
        for file in held {
            match axum::body::to_bytes(file.into_body(), 64 << 20).await {
                Ok(bytes) => assert!(bytes == whole, "{query}: a part"),
                Err(_) => failed += 1,
            }
        }
        assert!(failed > 0, "{query}");
    }
    app.drain().await;
}

/// Waits until another file can be taken away.
async fn there_is_room(caller: &Caller) {
    let free = async {
        while opened_file(caller, "status=closed").await.status() != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), free).await.expect("there is room again");
}

#[tokio::test]
async fn two_files_of_an_organisation_are_written_at_a_time_and_whoever_leaves_makes_room() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let other = app.globex.manager("other").await;
    fill(&app, chloe.id, 1_000).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut body = opened_file(&boss, "").await.into_body().into_data_stream();
        assert_eq!(next(&mut body).await, Some(true));
        held.push(body);
    }
    let refused = boss.get(EXPORT).await;
    assert!(refused.headers.contains_key("retry-after"));
    refused.is(429, "rate_limited");
    assert_eq!(table(&other, "").await.len(), 0, "nobody else waits for it");
    drop(held);
    there_is_room(&boss).await;
    app.drain().await;
}

#[tokio::test]
async fn an_export_comes_back_as_it_was_by_an_import() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let adam = app.globex.person("adam", Role::Admin).await;
    for text in ["=1+1", "a, \"b\";\nc", "'plain", "'=1", "x;=1,'@y\n- one\n\n\"'+1\""] {
        let body = json!({ "subject": text.replace('\n', " "), "description": text, "user_id": chloe.id, "tags": ["vip", "late"], "priority": "high" });
        boss.post("/api/v1/tickets", body).await.expect(201);
        app.travel(minutes(1));
    }
    let file = take(&boss, "sort=created_at").await.bytes;
    let import = crate::importing::run(&app, &app.globex, &adam, "csv", &file).await;
    assert_eq!(
        (&import["state"], &import["counts"]["imported"], &import["counts"]["failed"]),
        (&json!("finished"), &json!(5), &json!(0)),
        "{import}"
    );
    let told = |page: Value| -> Vec<Value> {
        let of = |ticket: &Value| {
            json!([
                ticket["subject"],
                ticket["description"],
                ticket["tags"],
                ticket["priority"],
                ticket["status"],
                ticket["created_at"],
                ticket["requester"]["email"]
            ])
        };
        page["data"].as_array().expect("tickets").iter().map(of).collect()
    };
    let here = told(boss.get("/api/v1/tickets?sort=created_at").await.expect(200));
    assert_eq!(told(adam.get("/api/v1/tickets?sort=created_at").await.expect(200)), here);
    app.drain().await;
}
