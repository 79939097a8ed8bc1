//! Imports: files that come in parts, checks, runs, and what becomes of them (issue 5, 7).

mod broken_off;
mod files;
mod going_on;
mod people;
mod slow;
mod zendesk;

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};
use shared::session::Role;
use sqlx::PgConnection;

use crate::world::{Answer, Caller, TestApp, TestTenant, minutes};

pub const IMPORTS: &str = "/api/v1/imports";

/// Sends bytes as a part of a file.
pub async fn sends(caller: &Caller, import: &Value, offset: usize, bytes: &[u8]) -> Answer {
    let path = format!("{IMPORTS}/{}/file/{offset}", import["id"]);
    let request = caller.request(&Method::PUT, &path).header(header::CONTENT_TYPE, "application/octet-stream");
    caller.send(request.body(Body::from(bytes.to_vec())).expect("a request")).await
}

/// Begins an import and sends its file, in parts of some bytes.
pub async fn sent(caller: &Caller, kind: &str, bytes: &[u8]) -> Value {
    let body = json!({ "kind": kind, "file_name": "tickets.txt", "file_size": bytes.len() });
    let mut import = caller.post(IMPORTS, body).await.expect(201);
    for (n, part) in bytes.chunks(100_000).enumerate() {
        import = sends(caller, &import, n * 100_000, part).await.expect(200);
    }
    import
}

/// Has it checked or run, and reads it to its end.
pub async fn reads(app: &TestApp, tenant: &TestTenant, caller: &Caller, import: &Value, dry_run: bool) -> Value {
    let path = format!("{IMPORTS}/{}", import["id"]);
    caller.post(&format!("{path}/run"), json!({ "dry_run": dry_run })).await.expect(200);
    goes_on(app, tenant).await;
    caller.get(&path).await.expect(200)
}

/// What the worker does.
pub async fn goes_on(app: &TestApp, tenant: &TestTenant) {
    let tenant = app.app.tenants.by_id(tenant.id).await.expect("known").expect("active");
    while app_api::worker::go_on_importing(&app.app, &tenant).await.expect("it goes on") == Some(Duration::ZERO) {}
}

/// What housekeeping does.
pub async fn keeps(app: &TestApp, tenant: &TestTenant) {
    let tenant = app.app.tenants.by_id(tenant.id).await.expect("known").expect("active");
    app_api::worker::keep_one(&app.app, &tenant).await.expect("kept");
}

/// Whether somebody waits for what that transaction holds and, where `is_far`, somebody else for them.
pub async fn is_waited_for(holder: &mut PgConnection, is_far: bool) -> bool {
    let near = "select exists (select from pg_locks a where not a.granted and pg_backend_pid() = any(pg_blocking_pids(a.pid)))";
    let far = "select exists (
        select from pg_locks a
        join pg_locks b on a.pid = any(pg_blocking_pids(b.pid))
        where not a.granted and not b.granted and pg_backend_pid() = any(pg_blocking_pids(a.pid)))";
    tokio::time::sleep(Duration::from_millis(5)).await;
    sqlx::query_scalar(if is_far { far } else { near }).fetch_one(holder).await.expect("an answer")
}

/// Imports a file from its first byte to its last ticket.
pub async fn run(app: &TestApp, tenant: &TestTenant, caller: &Caller, kind: &str, bytes: &[u8]) -> Value {
    let import = sent(caller, kind, bytes).await;
    reads(app, tenant, caller, &import, false).await
}

/// What is wrong with which line: `line field code`, a warning with a `~`.
pub async fn errors(caller: &Caller, import: &Value) -> Vec<String> {
    let page = caller.get(&format!("{IMPORTS}/{}/errors?limit=100", import["id"])).await.expect(200);
    let told = |row: &Value| {
        let sign = if row["is_warning"] == true { "~" } else { "" };
        format!("{sign}{} {} {}", row["line"], row["field"].as_str().unwrap(), row["code"].as_str().unwrap())
    };
    page["data"].as_array().expect("rows").iter().map(told).collect()
}

/// How many came to what: imported, skipped, failed, warned, contacts.
pub fn counts(import: &Value) -> [i64; 5] {
    ["imported", "skipped", "failed", "warned", "contacts"].map(|name| import["counts"][name].as_i64().expect("a count"))
}

/// A small file is brought beside many tickets, for whoever looks at how that is done.
pub async fn brought(app: &TestApp) {
    let adam = app.acme.person("importer", Role::Admin).await;
    let file = "id,subject,requester_email,status,messages\n1,One,new@acme.test,closed,\"[{\"\"message\"\":\"\"Hi\"\"}]\"\n2,Two,new@acme.test,,\n";
    let import = sent(&adam, "csv", file.as_bytes()).await;
    reads(app, &app.acme, &adam, &import, true).await;
    let import = reads(app, &app.acme, &adam, &import, false).await;
    assert_eq!(counts(&import), [2, 0, 0, 0, 1], "{import}");
}

const TABLE: &str = "\
id,subject,description,status,priority,email,name,assignee,tags,created_at,updated_at,solved,closed,serial,comments
A-1,Printer,It **smokes**,closed,urgent,chloe@acme.test,Chloe,,\"vip, late\",2024-01-01,2024-01-05,2024-01-03,2024-01-05,4711,
A-2,Screen,Black,in progress,low,NEW@elsewhere.test,Ned New,ana@acme.test,,2024-02-01 10:00:00,2024-02-02,,,,\"[{\"\"author_email\"\":\"\"ana@acme.test\"\",\"\"message\"\":\"\"Hello\"\",\"\"created_at\"\":\"\"2024-02-01T11:00:00Z\"\"},{\"\"author_email\"\":\"\"ana@acme.test\"\",\"\"message\"\":\"\"NOTE\"\",\"\"is_internal\"\":true},{\"\"message\"\":\"\"Thanks\"\",\"\"created_at\"\":\"\"2024-02-02T00:00:00Z\"\"}]\"
A-3,Mouse,Gone,pending,,new@elsewhere.test,,gone@acme.test,,2024-03-01,,,,,
A-4,Keyboard,Stuck,done,high,chloe@acme.test,,,,2024-04-01,2024-04-03,,,,
";

/// A line for each row of a list: the words of what `of` takes of it.
fn each(list: &Value, of: impl Fn(&Value) -> Vec<Value>) -> Vec<String> {
    let line =
        |row| of(row).iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect::<Vec<_>>().join(" ");
    list["data"].as_array().expect("a list").iter().map(line).collect()
}

#[tokio::test]
async fn tickets_come_with_their_times_status_thread_tags_and_fields_and_nobody_is_told() {
    let app = TestApp::start().await;
    let (adam, ana, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let import = sent(&adam, "csv", TABLE.as_bytes()).await;
    let mut mapping = import["mapping"].clone();
    assert_eq!(
        (&import["state"], &mapping["solved"], &mapping["name"]),
        (&json!("ready"), &json!("resolved_at"), &json!("requester_name")),
        "{import}"
    );
    mapping["serial"] = json!("custom_fields.serial");
    adam.patch(&format!("{IMPORTS}/{}", import["id"]), json!({ "mapping": mapping })).await.expect(200);
    let done = reads(&app, &app.acme, &adam, &import, false).await;
    assert_eq!((&done["state"], counts(&done)), (&json!("finished"), [4, 0, 0, 1, 1]), "{done}");
    assert_eq!(errors(&adam, &done).await, ["~4 assignee_email unknown_value", "~4 status changed"]);
    let list = adam.get("/api/v1/tickets?sort=created_at").await.expect(200);
    let of = ["subject", "status", "priority", "created_at", "updated_at", "resolved_at", "closed_at", "tags"];
    let rows = each(&list, |t| of.map(|field| &t[field]).into_iter().chain([&t["requester"]["email"]]).cloned().collect());
    assert_eq!(
        rows,
        [
            r#"Printer closed urgent 2024-01-01T00:00:00Z 2024-01-05T00:00:00Z 2024-01-03T00:00:00Z 2024-01-05T00:00:00Z ["vip","late"] chloe@acme.test"#,
            "Screen in_progress low 2024-02-01T10:00:00Z 2024-02-02T00:00:00Z null null [] new@elsewhere.test",
            "Mouse open medium 2024-03-01T00:00:00Z 2024-03-01T00:00:00Z null null [] new@elsewhere.test",
            "Keyboard resolved high 2024-04-01T00:00:00Z 2024-04-03T00:00:00Z 2024-04-03T00:00:00Z null [] chloe@acme.test",
        ]
    );
    let (first, second) = (&list["data"][0], &list["data"][1]);
    assert_eq!((&first["custom_fields"]["serial"], &second["assigned_to"]), (&json!("4711"), &json!(ana.id)));
    assert!(first["description_html"].as_str().unwrap().contains("<strong>smokes</strong>"));
    let number = first["ticket_number"].as_str().expect("a number");
    assert!(number.starts_with("TKT-"), "{number}");
    let thread = ana.get(&format!("/api/v1/tickets/{}/messages", second["id"])).await.expect(200);
    let said = each(&thread, |m| ["sender_type", "message", "is_internal", "created_at"].map(|field| m[field].clone()).into());
    assert_eq!(
        said,
        ["agent Hello false 2024-02-01T11:00:00Z", "agent NOTE true 2024-02-01T11:00:00Z", "customer Thanks false 2024-02-02T00:00:00Z",]
    );
    let walk = ana.get(&format!("/api/v1/tickets/{}/history", first["id"])).await.expect(200);
    let steps = each(&walk, |step| ["version", "kind", "to"].map(|field| step[field].clone()).into());
    assert_eq!(steps, ["1 status open", "2 status in_progress", "3 status resolved", "4 status closed", "5 imported csv A-1"]);
    assert_eq!(first["version"], 5);
    assert_eq!(crate::search::finds(&ana, "thanks").await.len(), 1, "what came is found by its words");
    assert_eq!(chloe.get("/api/v1/tickets").await.expect(200)["data"].as_array().unwrap().len(), 2);
    app.drain().await;
    assert!(app.mails.lock().unwrap().is_empty(), "nobody is mailed");
    assert_eq!(app.acme.count("select count(*) from events where kind like 'Ticket%' or kind = 'MessageAdded'").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn what_is_late_by_then_was_promised_to_nobody_and_what_waits_has_its_whole_time() {
    let app = TestApp::start().await;
    let (adam, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.customer("chloe").await);
    app.acme.agent("ana").await;
    let file = "subject,email,status,created_at,assignee\nOpen,chloe@acme.test,open,2024-01-01,\nResolved,chloe@acme.test,resolved,2024-01-01,\nWaiting,chloe@acme.test,pending,2024-01-01,ana@acme.test\n";
    run(&app, &app.acme, &adam, "csv", file.as_bytes()).await;
    app.drain().await;
    let states = async || -> Vec<Value> {
        let list = adam.get("/api/v1/tickets?sort=created_at").await.expect(200);
        list["data"].as_array().unwrap().iter().map(|t| json!([t["subject"], t["status"], t["sla"]["state"]])).collect()
    };
    assert_eq!(
        states().await,
        [json!(["Open", "open", "breached"]), json!(["Resolved", "resolved", "met"]), json!(["Waiting", "waiting_customer", "paused"])]
    );
    assert_eq!(app.acme.count("select count(*) from events where kind in ('TicketSLABreach', 'TicketSLAWarning')").await, 0);
    assert_eq!(app.acme.count("select count(*) from notifications").await, 0);
    app.travel(minutes(23 * 60));
    app.drain().await;
    assert_eq!(states().await[1][1], "resolved", "its customer may still object");
    app.travel(minutes(2 * 60));
    app.drain().await;
    assert_eq!((&states().await[1][1], &states().await[2][1]), (&json!("closed"), &json!("waiting_customer")));
    assert_eq!(chloe.get("/api/v1/tickets").await.expect(200)["data"].as_array().unwrap().len(), 3);
    app.drain().await;
}

#[tokio::test]
async fn a_check_says_what_would_be_wrong_with_which_line_and_brings_nothing() {
    let app = TestApp::start().await;
    let (adam, boss) = (app.acme.person("adam", Role::Admin).await, app.acme.manager("boss").await);
    let labels = json!({ "fr": "x", "en": "x" });
    boss.post("/api/v1/categories", json!({ "name": "Billing", "labels": labels })).await.expect(201);
    let file = "id,subject,email,status,category,created_at\n\
        1,Good,a@x.test,open,billing,2024-01-01\n\
        2,,a@x.test,,,\n\
        3,Bad status,a@x.test,asleep,,\n\
        \n\
        4,Bad address,nobody,,,\n\
        5,Bad category,b@x.test,,Fire,2024-13-01\n\
        1,Twice,b@x.test,,,\n\
        6,\"Two\nlines\",b@x.test,,,\n\
        7,More cells,b@x.test,,,,,9\n";
    let import = sent(&adam, "csv", file.as_bytes()).await;
    let checked = reads(&app, &app.acme, &adam, &import, true).await;
    assert_eq!((&checked["state"], counts(&checked)), (&json!("checked"), [2, 0, 6, 0, 2]), "{checked}");
    let expected = [
        "3 subject required",
        "4 status unknown_value",
        "6 requester_email invalid_email",
        "7 category unknown_value",
        "7 created_at invalid",
        "8 external_id duplicate",
        "11  invalid",
    ];
    assert_eq!(errors(&adam, &checked).await, expected);
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, 0);
    assert_eq!(app.acme.count("select count(*) from contacts").await, 0);
    let table = adam.request(&Method::GET, &format!("{IMPORTS}/{}/errors/export", import["id"])).body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(adam.router.clone(), table).await.expect("an answer");
    let text = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a table");
    let text = String::from_utf8(text.to_vec()).expect("text");
    assert!(
        text.starts_with("\u{feff}\"line\",\"kind\",\"field\",\"code\",\"message\"\r\n\"3\",\"error\",\"subject\",\"required\",")
            && text.lines().count() == 8,
        "{text}"
    );
    // The same file, run: the same is wrong, the rest is here, and a second run of it brings nothing.
    let done = reads(&app, &app.acme, &adam, &import, false).await;
    assert_eq!((&done["state"], counts(&done)), (&json!("finished"), [2, 0, 6, 0, 2]));
    assert_eq!(errors(&adam, &done).await, expected);
    let again = run(&app, &app.acme, &adam, "csv", file.as_bytes()).await;
    assert_eq!((counts(&again), app.acme.count("select count(*) from support_tickets").await), ([0, 3, 5, 0, 0], 2), "{again}");
    keeps(&app, &app.acme).await;
    assert_eq!(app.acme.count("select count(*) from import_parts").await, 0, "nothing of a file stays");
    app.drain().await;
}

#[tokio::test]
async fn a_line_without_an_id_is_the_same_ticket_by_its_words_and_each_source_has_ids_of_its_own() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let file = b"subject,email\nOne,a@x.test\nTwo,a@x.test\nOne,a@x.test\n";
    let first = run(&app, &app.acme, &adam, "csv", file).await;
    assert_eq!((counts(&first), errors(&adam, &first).await), ([2, 0, 1, 0, 1], vec!["4 external_id duplicate".to_owned()]));
    // What is passed over is told, and which ticket it is.
    let second = run(&app, &app.acme, &adam, "csv", file).await;
    let passed = ["~2 external_id here_already", "~3 external_id here_already", "~4 external_id here_already"];
    assert_eq!((counts(&second), errors(&adam, &second).await), ([0, 3, 0, 0, 0], passed.map(str::to_owned).to_vec()));
    let told = adam.get(&format!("{IMPORTS}/{}/errors", second["id"])).await.expect(200)["data"][1]["message"].clone();
    let two = adam.get("/api/v1/tickets?q=Two").await.expect(200)["data"][0]["ticket_number"].clone();
    assert!(told.as_str().unwrap().ends_with(&format!("as {}.", two.as_str().unwrap())), "{told}");
    let body = json!({ "kind": "csv", "file_name": "a", "file_size": file.len(), "source": "elsewhere" });
    let other = adam.post(IMPORTS, body).await.expect(201);
    sends(&adam, &other, 0, file).await.expect(200);
    assert_eq!(counts(&reads(&app, &app.acme, &adam, &other, false).await), [2, 0, 1, 0, 0]);
    app.drain().await;
}

#[tokio::test]
async fn what_is_here_already_leaves_room_for_what_is_wrong() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let mut file = "id,subject,email\n".to_owned();
    file.extend((0..2_005).map(|n| format!("{n},Ticket {n},a@x.test\n")));
    run(&app, &app.acme, &adam, "csv", file.as_bytes()).await;
    file.push_str("9999,Bad address,nobody\n");
    let again = run(&app, &app.acme, &adam, "csv", file.as_bytes()).await;
    assert_eq!(counts(&again), [0, 2_005, 1, 0, 0], "{again}");
    let told = "select count(*) from import_problems where is_warning";
    assert_eq!(app.acme.count(told).await, 2_000);
    let wrong = "select line from import_problems where not is_warning";
    assert_eq!(app.acme.count(wrong).await, 2_007);
    app.drain().await;
}

#[tokio::test]
async fn a_file_that_says_too_little_of_its_columns_is_not_read_and_a_mapping_names_each_thing_once() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    let import = sent(&adam, "csv", b"Was,Wer\nOne,a@x.test\n").await;
    let path = format!("{IMPORTS}/{}", import["id"]);
    let refused = adam.post(&format!("{path}/run"), json!({ "dry_run": true })).await.is(422, "validation_failed");
    assert_eq!(refused["errors"][0]["field"], "mapping.subject");
    for (mapping, field, code) in [
        (json!({ "Was": "subject", "Wer": "subject" }), "mapping.Wer", "invalid"),
        (json!({ "Wo": "subject" }), "mapping.Wo", "unknown_field"),
        (json!({ "Was": "user_id" }), "mapping.Was", "unknown_value"),
    ] {
        let refused = adam.patch(&path, json!({ "mapping": mapping })).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!(field), &json!(code)));
    }
    adam.patch(&path, json!({ "mapping": { "Was": "subject", "Wer": "requester_email" } })).await.expect(200);
    assert_eq!(counts(&reads(&app, &app.acme, &adam, &import, true).await), [1, 0, 0, 0, 1]);
    // What was checked is to be checked again once it is read in another way.
    let changed = adam.patch(&path, json!({ "delimiter": ";" })).await.expect(200);
    assert_eq!((&changed["state"], changed["columns"].as_array().unwrap().len()), (&json!("ready"), 1));
    adam.post(&format!("{path}/cancel"), json!({})).await.expect(200);
    adam.patch(&path, json!({ "delimiter": "," })).await.is(409, "conflict");
    adam.post(&format!("{path}/run"), json!({})).await.is(409, "conflict");
    adam.post(&format!("{path}/cancel"), json!({})).await.is(409, "conflict");
    app.drain().await;
}
