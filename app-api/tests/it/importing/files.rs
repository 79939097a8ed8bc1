//! Files as they come: in parts, too large, packed, in other letters, with ends that do not come.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};
use shared::session::Role;

use super::{IMPORTS, counts, errors, is_waited_for, keeps, reads, run, sends, sent};
use crate::world::{Caller, TestApp, minutes};

#[tokio::test]
async fn a_file_comes_in_its_order_once_and_in_the_size_that_was_said() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    for size in [0, -1, (512 << 20) + 1] {
        let refused = adam.post(IMPORTS, json!({ "kind": "csv", "file_name": "a", "file_size": size })).await.is(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], "file_size");
    }
    let begun = async || {
        adam.with(
            &Method::POST,
            IMPORTS,
            json!({ "kind": "csv", "file_name": "a.csv", "file_size": 70_000 }),
            &[("idempotency-key", "one")],
        )
        .await
    };
    let import = begun().await.expect(201);
    assert_eq!(begun().await.expect(201)["id"], import["id"]);
    let mut file = b"subject,email\nOne,a@x.test\n".to_vec();
    file.resize(70_000, b'\n');
    let (first, last) = file.split_at(64 << 10);
    sends(&adam, &import, 5, &file[5..9]).await.is(409, "conflict");
    sends(&adam, &import, 0, b"").await.is(422, "validation_failed");
    let small = sends(&adam, &import, 0, &first[1..]).await.is(422, "validation_failed");
    assert_eq!(small["errors"][0]["code"], "too_short");
    sends(&adam, &import, 0, first).await.expect(200);
    let again = sends(&adam, &import, 0, first).await.expect(200);
    assert_eq!((&again["received"], &again["state"]), (&json!(first.len()), &json!("uploading")));
    sends(&adam, &import, first.len() + 1, last).await.is(413, "payload_too_large");
    sends(&adam, &import, first.len(), &vec![b'x'; (1 << 20) + 1]).await.is(413, "payload_too_large");
    let path = format!("{IMPORTS}/{}/file/{}", import["id"], first.len());
    let packed = adam.request(&Method::PUT, &path).header(header::CONTENT_ENCODING, "gzip").body(Body::from("x")).unwrap();
    adam.send(packed).await.is(415, "unsupported_media_type");
    adam.post(&format!("{IMPORTS}/{}/run", import["id"]), json!({})).await.is(409, "conflict");
    let whole = sends(&adam, &import, first.len(), last).await.expect(200);
    assert_eq!((&whole["received"], &whole["state"]), (&json!(70_000), &json!("ready")));
    sends(&adam, &import, first.len(), last).await.expect(200);
    assert_eq!(counts(&reads(&app, &app.acme, &adam, &import, false).await), [1, 0, 0, 0, 1]);
    app.drain().await;
}

#[tokio::test]
async fn three_imports_are_open_at_a_time_and_what_is_left_is_forgotten() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let begun = async || adam.post(IMPORTS, json!({ "kind": "csv", "file_name": "a.csv", "file_size": 27 })).await;
    for _ in 0..3 {
        begun().await.expect(201);
    }
    begun().await.is(409, "conflict");
    app.travel(minutes(6 * 24 * 60));
    keeps(&app, &app.acme).await;
    begun().await.is(409, "conflict");
    app.travel(minutes(2 * 24 * 60));
    keeps(&app, &app.acme).await;
    let list = adam.get(IMPORTS).await.expect(200);
    let told: Vec<&Value> = list["data"].as_array().unwrap().iter().map(|import| &import["reason"]).collect();
    assert_eq!(told, vec![&json!("expired"); 3]);
    begun().await.expect(201);
    app.travel(minutes(31 * 24 * 60));
    keeps(&app, &app.acme).await;
    assert_eq!(app.acme.count("select count(*) from imports").await, 1, "the last one has just expired");
    app.drain().await;
}

/// The plan of the one organisation has room for so many bytes.
async fn stores(app: &TestApp, bytes: i64) {
    let made = "insert into plans (code, name, currency, created_at, updated_at) values ('narrow', 'x', 'EUR', now(), now())
        on conflict do nothing";
    sqlx::query(made).execute(&app.control).await.expect("a plan");
    let limited = "update plans set storage_bytes = $1 where code = 'narrow'";
    sqlx::query(limited).bind(bytes).execute(&app.control).await.expect("limited");
    let given = "insert into tenant_plans (tenant_id, plan, since) values ($1, 'narrow', now()) on conflict do nothing";
    sqlx::query(given).bind(app.acme.id).execute(&app.control).await.expect("given");
    app.app.tenants.forget("acme").await;
}

#[tokio::test]
async fn whoever_sends_files_and_cancels_has_no_more_room_until_they_are_forgotten() {
    let app = TestApp::start().await;
    let (adam, gil) = (app.acme.person("adam", Role::Admin).await, app.globex.person("gil", Role::Admin).await);
    stores(&app, 60).await;
    let file = b"subject,email\nOne,a@x.test\n";
    let cancelled = async || {
        let import = sent(&adam, "csv", file).await;
        adam.post(&format!("{IMPORTS}/{}/cancel", import["id"]), json!({})).await.expect(200);
    };
    cancelled().await;
    cancelled().await;
    let begun =
        async |caller: &Caller, size: i64| caller.post(IMPORTS, json!({ "kind": "csv", "file_name": "a.csv", "file_size": size })).await;
    let refused = begun(&adam, 7).await.is(413, "quota_exceeded");
    assert_eq!(refused["quota"], json!({ "limit": "storage_bytes", "allowed": 60, "used": 54 }));
    begun(&gil, 7).await.expect(201);
    keeps(&app, &app.acme).await;
    let import = begun(&adam, 27).await.expect(201);
    begun(&adam, 34).await.is(413, "quota_exceeded");
    // What was announced is not sent where there is no room for it any more.
    stores(&app, 20).await;
    sends(&adam, &import, 0, file).await.is(413, "quota_exceeded");
    assert_eq!(app.acme.count("select count(*) from import_parts").await, 0);
    stores(&app, 27).await;
    sends(&adam, &import, 0, file).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn no_organisation_has_more_than_a_gibibyte_of_files_here() {
    let app = TestApp::start().await;
    let (adam, gil) = (app.acme.person("adam", Role::Admin).await, app.globex.person("gil", Role::Admin).await);
    let begun =
        async |caller: &Caller, size: i64| caller.post(IMPORTS, json!({ "kind": "csv", "file_name": "a.csv", "file_size": size })).await;
    begun(&adam, 512 << 20).await.expect(201);
    begun(&adam, 512 << 20).await.expect(201);
    let refused = begun(&adam, 1).await.is(413, "quota_exceeded");
    assert_eq!(refused["quota"], json!({ "limit": "import_bytes", "allowed": 1 << 30, "used": 1 << 30 }));
    assert!(!refused["detail"].as_str().expect("words").contains("plan"), "{refused}");
    begun(&gil, 1).await.expect(201);
    app.drain().await;
}

#[tokio::test]
async fn what_is_no_table_says_why_and_other_letters_are_read_where_they_can_be_told() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let utf16: Vec<u8> = "subject,email\nOne,a@x.test\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (kind, file, reason) in [
        ("csv", &b"PK\x03\x04 a workbook"[..], "not_text"),
        ("zendesk", b"\x1f\x8b\x08 packed", "not_text"),
        ("csv", &utf16, "encoding"),
        ("csv", &[b"\xff\xfe".as_slice(), &utf16].concat(), "encoding"),
        ("csv", b"subject,email,subject\nOne,a@x.test,Two\n", "duplicate_column"),
        ("csv", b"subject,email\n", "no_records"),
        ("csv", b"no end", "no_head"),
        ("zendesk", b"<tickets/>", "not_text"),
    ] {
        let failed = sent(&adam, kind, file).await;
        assert_eq!((&failed["state"], &failed["reason"]), (&json!("failed"), &json!(reason)));
        adam.post(&format!("{IMPORTS}/{}/run", failed["id"]), json!({})).await.is(409, "conflict");
    }
    keeps(&app, &app.acme).await;
    assert_eq!(app.acme.count("select count(*) from import_parts").await, 0);
    for (file, encoding, subject) in [
        (&b"\xef\xbb\xbfsubject;email\nCaf\xc3\xa9;a@x.test\n"[..], "utf-8", "Café"),
        (b"subject,email\nCaf\xe9 \x80,a@x.test\n", "windows-1252", "Café €"),
    ] {
        let done = run(&app, &app.acme, &adam, "csv", file).await;
        assert_eq!((&done["encoding"], counts(&done)[0]), (&json!(encoding), 1), "{done}");
        let found = adam.get("/api/v1/tickets?limit=100").await.expect(200);
        assert!(found["data"].as_array().unwrap().iter().any(|ticket| ticket["subject"] == subject), "{subject}");
    }
    // A line in other letters than the file began with.
    let mut mixed = b"subject,email\n".to_vec();
    mixed.extend((0..60_000).flat_map(|n| format!("Line {n},a@x.test\n").into_bytes()));
    mixed.extend(b"Caf\xe9,a@x.test\n");
    let import = sent(&adam, "csv", &mixed).await;
    assert_eq!(import["encoding"], "utf-8");
    let checked = reads(&app, &app.acme, &adam, &import, true).await;
    assert_eq!((counts(&checked)[0], errors(&adam, &checked).await), (60_000, vec!["60002  encoding".to_owned()]));
    app.drain().await;
}

#[tokio::test]
async fn a_record_that_never_ends_is_said_once() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let long = "x".repeat(5 << 20);
    for (kind, file, imported, expected) in [
        ("csv", format!("subject,email\nOne,a@x.test\n\"{long}\",b@x.test\nTwo,a@x.test\n"), 2, "3  too_long"),
        ("csv", format!("subject,email\nThree,a@x.test\n\"{long}"), 1, "3  too_long"),
        (
            "zendesk",
            format!("{{\"id\":1,\"subject\":\"Four\",\"requester\":{{\"email\":\"a@x.test\"}}}}\n{{\"id\":2,\"subject\":\"{long}\"}}\n"),
            1,
            "2  too_long",
        ),
        ("zendesk", "{\"id\":3,\"subject\":\"Five\",\"requester\":{\"email\":\"a@x.test\"}}\nnonsense\n{\"id\":4".into(), 1, "2  invalid"),
    ] {
        let done = run(&app, &app.acme, &adam, kind, file.as_bytes()).await;
        assert_eq!((&done["state"], counts(&done)[0]), (&json!("finished"), imported), "{done}");
        let errors = errors(&adam, &done).await;
        assert!(errors.iter().any(|error| error == expected), "{errors:?}");
    }
    app.drain().await;
}

/// KiB that this process has held at most.
fn peak() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[tokio::test]
async fn a_record_of_many_small_things_costs_no_more_time_and_room_than_its_bound() {
    let app = TestApp::start().await;
    let (adam, boss) = (app.acme.person("adam", Role::Admin).await, app.acme.manager("boss").await);
    let labels = json!({ "fr": "x", "en": "x" });
    let field = json!({ "key": "colours", "labels": labels, "type": "multi_select", "options": ["red"] });
    boss.post("/api/v1/custom-fields", field).await.expect(201);
    let options: String = (0..500_000).map(|n| format!("{n};")).collect();
    let cases = [
        ("csv", format!("subject,email,custom_fields.colours\nOne,a@x.test,\"{options}\"\n"), "2 custom_fields too_long"),
        ("csv", format!("subject,email,tags\n{}x\n", ",".repeat(4_000_000)), "2  invalid"),
        ("csv", format!("subject,email,tags\nOne,a@x.test,\"{}\"\n", "a,".repeat(2_000_000)), "2 tags too_long"),
        ("zendesk", format!("{{\"id\":1}}\n{{\"comments\":[{}{{}}]}}\n", "{},".repeat(1_300_000)), "2  too_long"),
        (
            "zendesk",
            format!("{{\"id\":1}}\n{{\"custom_fields\":[{{\"id\":1,\"value\":[{}0]}}]}}\n", "0,".repeat(2_000_000)),
            "2 requester_email required",
        ),
    ];
    let (begun, before) = (Instant::now(), peak());
    for (kind, file, expected) in &cases {
        let done = run(&app, &app.acme, &adam, kind, file.as_bytes()).await;
        let errors = errors(&adam, &done).await;
        assert!(errors.iter().any(|error| error == expected), "{expected}: {errors:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert!(peak() - before < 128 << 10, "{} KiB more", peak() - before);
    app.drain().await;
}

#[tokio::test]
async fn of_strange_keys_so_much_is_told_as_anybody_reads() {
    let app = TestApp::start().await;
    let (adam, boss) = (app.acme.person("adam", Role::Admin).await, app.acme.manager("boss").await);
    let field = json!({ "key": "serial", "labels": { "fr": "x", "en": "x" }, "type": "text" });
    boss.post("/api/v1/custom-fields", field).await.expect(201);
    let keys = |count: i64| Value::Object((0..count).map(|n| (format!("key{n}"), json!(n))).collect());
    let mut file = "id,subject,email,custom_fields\n".to_owned();
    for (n, fields) in [json!({ "x".repeat(5_000): 1 }), keys(60), json!({ "a\0": 1 }), keys(30)].iter().enumerate() {
        file += &format!("{n},Ticket {n},a@x.test,\"{}\"\n", fields.to_string().replace('"', "\"\""));
    }
    let done = run(&app, &app.acme, &adam, "csv", file.as_bytes()).await;
    assert_eq!((&done["state"], counts(&done)[2]), (&json!("finished"), 4), "{done}");
    let told = errors(&adam, &done).await;
    let long = format!("custom_fields.{}", "x".repeat(241));
    let first = [format!("2 {long} unknown_field"), "3 custom_fields too_long".into(), "4 custom_fields invalid".into()];
    assert_eq!((&told[..3], told.len()), (&first[..], 3 + 20), "{told:?}");
    app.drain().await;
}

#[tokio::test]
async fn of_errors_so_many_are_kept_and_all_are_counted() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let mut file = "subject,email,status\n".to_owned();
    file.extend((0..10_500).map(|n| format!("Line {n},a@x.test,asleep\n")));
    let import = sent(&adam, "csv", file.as_bytes()).await;
    let checked = reads(&app, &app.acme, &adam, &import, true).await;
    assert_eq!(counts(&checked)[2], 10_500);
    assert_eq!(app.acme.count("select count(*) from import_problems").await, 10_000);
    app.drain().await;
}

#[tokio::test]
async fn what_somebody_has_just_gone_on_with_is_not_ended() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let import = sent(&adam, "csv", b"subject,email\nOne,a@x.test\n").await;
    app.travel(minutes(8 * 24 * 60));
    let mut going = app.acme.db.begin().await.expect("begun");
    let run = "update imports set state = 'running', started_at = now(), touched_at = touched_at + interval '8 days'";
    sqlx::query(run).execute(&mut *going).await.expect("run");
    let (whole, tenant) = (app.app.clone(), app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active"));
    let keeping = tokio::spawn(async move { app_api::worker::keep_one(&whole, &tenant).await });
    while !is_waited_for(&mut going, false).await {}
    going.commit().await.expect("done");
    keeping.await.expect("it ends").expect("kept");
    assert_eq!(adam.get(&format!("{IMPORTS}/{}", import["id"])).await.expect(200)["state"], "running");
    app.drain().await;
}

/// No time for more than 16 parts in one statement.
const TOO_MANY: &str = "create function takes_too_many() returns trigger language plpgsql as $$
    begin
        if (select count(*) from gone) > 16 then raise 'too many' using errcode = 'query_canceled'; end if;
        return null;
    end $$;
    create trigger takes_too_many after delete on import_parts referencing old table as gone
        for each statement execute function takes_too_many();";

#[tokio::test]
async fn a_large_import_ends_at_once_and_its_file_goes_by_and_by() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let import = sent(&adam, "csv", b"subject,email\nOne,a@x.test\n").await;
    reads(&app, &app.acme, &adam, &import, true).await;
    let more = "insert into import_parts (import_id, starts, bytes) select id, 1000 + n, 'x' from imports, generate_series(1, 40) n";
    sqlx::query(more).execute(&app.acme.db).await.expect("parts");
    sqlx::raw_sql(TOO_MANY).execute(&app.acme.db).await.expect("a trigger");
    adam.post(&format!("{IMPORTS}/{}/cancel", import["id"]), json!({})).await.expect(200);
    let left = "select (select count(*) from import_parts) + (select count(*) from import_keys)";
    assert_eq!(app.acme.count(left).await, 41 + 2);
    keeps(&app, &app.acme).await;
    assert_eq!(app.acme.count(left).await, 0);
    app.drain().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_in_another_way_stays_as_it_was() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let import = sent(&adam, "csv", b"subject,x;subject,x;\xe9,email\nCaf\xe9,1,2,a@x.test\n").await;
    assert_eq!((&import["state"], &import["encoding"], &import["delimiter"]), (&json!("ready"), &json!("windows-1252"), &json!(",")));
    let path = format!("{IMPORTS}/{}", import["id"]);
    for (change, field) in [
        (json!({ "encoding": "utf-8" }), "encoding"),
        (json!({ "delimiter": ";" }), "delimiter"),
        (json!({ "encoding": "utf-8", "mapping": { "subject": "subject" } }), "encoding"),
    ] {
        let refused = adam.patch(&path, change).await.is(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    assert_eq!(adam.get(&path).await.expect(200), import);
    assert_eq!(counts(&reads(&app, &app.acme, &adam, &import, false).await), [1, 0, 0, 0, 1]);
    app.drain().await;
}
