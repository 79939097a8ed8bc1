//! Lists: filters, pages, counts. A page never repeats a row and never skips one.

mod texts;

use std::collections::BTreeSet;

use serde_json::Value;
use shared::testing::REFUSED_LISTS;

use crate::world::{Caller, TestApp, minutes};

fn ids(page: &Value) -> Vec<i64> {
    page["data"].as_array().expect("rows").iter().map(|t| t["id"].as_i64().expect("an id")).collect()
}

async fn walk(caller: &Caller, query: &str) -> Vec<i64> {
    pages(caller, "/api/v1/tickets", query).await
}

/// The same in pages of that length.
async fn walk_by(caller: &Caller, query: &str, limit: usize) -> Vec<i64> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = caller.get(&format!("/api/v1/tickets?limit={limit}&{query}{cursor}")).await.expect(200);
        all.extend(ids(&page));
        let Some(next) = page["page"]["next_cursor"].as_str() else { return all };
        assert_eq!(ids(&page).len(), limit, "a page before another is full");
        cursor = format!("&cursor={next}");
    }
}

/// The ids of all pages; where it is counted, every page says the same total.
async fn pages(caller: &Caller, path: &str, query: &str) -> Vec<i64> {
    let (mut all, mut totals, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = caller.get(&format!("{path}?limit=3&{query}{cursor}")).await.expect(200);
        all.extend(ids(&page));
        totals.extend(page["page"]["total"].as_u64());
        match page["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert!(totals.iter().all(|total| *total == all.len() as u64), "{path} {query}: {totals:?}");
                assert_eq!(totals.is_empty(), !query.contains("count=true"), "{path} {query}");
                return all;
            }
        }
    }
}

/// A ticket with four questions, four notes and six changes.
async fn talked(ana: &Caller, chloe: &Caller) -> i64 {
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    for n in 0..4 {
        chloe.says(ticket, &format!("Question {n}")).await.expect(201);
        ana.notes(ticket, &format!("Note {n}")).await.expect(201);
        let body = serde_json::json!({ "tags": [format!("tag-{n}")] });
        ana.patch(&format!("/api/v1/tickets/{ticket}"), body).await.expect(200);
    }
    ticket
}

/// A file of a ticket; those called a and b came from the customer.
const FILE: &str = "
    insert into ticket_attachments (ticket_id, original_name, filename, file_path, mime_type, file_size, sha256, media_category,
        scan_status, preview, uploaded_by, by_staff, created_at, updated_at)
    values ($1, $2, $2, 'nowhere', 'text/plain', 1, 'none', 'text', 'pending', 'none', 0, $2 > 'c', now(), now())";

/// Four files of a ticket.
async fn attached(adam: &Caller, ticket: i64) -> String {
    for name in ["a.txt", "b.txt", "c.txt", "d.txt"] {
        sqlx::query(FILE).bind(ticket).bind(name).execute(&adam.db).await.expect(FILE);
    }
    format!("/api/v1/tickets/{ticket}/attachments")
}

/// Lists that begin with the newest unless told.
const NEWEST: [&str; 3] = ["/shares", "/shared", "/accesses"];

/// Four files that were shared with somebody, the first of them by three links too, and taken four times: its shares and accesses.
async fn shared(adam: &Caller, ticket: i64, ana: &Caller) -> [String; 2] {
    let given = "insert into media_shares (attachment_id, member_id, created_by, created_at)
        select id, $2, 0, now() from ticket_attachments where ticket_id = $1 order by id returning attachment_id";
    let first: i64 = sqlx::query_scalar(given).bind(ticket).bind(ana.id).fetch_one(&adam.db).await.expect(given);
    let linked = "insert into media_shares (attachment_id, token_hash, created_by, created_at, expires_at)
        select $1, sha256(n::text::bytea), 0, now(), now() from generate_series(1, 3) n";
    let taken = "insert into media_access_logs (at, attachment_id, ticket_id, what)
        select now(), $1, 0, 'issued' from generate_series(1, 4)";
    for sql in [linked, taken] {
        sqlx::query(sql).bind(first).execute(&adam.db).await.expect(sql);
    }
    ["shares", "accesses"].map(|list| format!("/api/v1/attachments/{first}/{list}"))
}

/// Four categories and fields, one of each not for customers, and four teams.
async fn arranged(boss: &Caller) {
    for n in 0..4 {
        let labels = serde_json::json!({ "fr": n.to_string(), "en": n.to_string() });
        let category = serde_json::json!({ "name": format!("c{n}"), "labels": labels, "active": n > 0 });
        boss.post("/api/v1/categories", category).await.expect(201);
        let field = serde_json::json!({ "key": format!("f{n}"), "labels": labels, "type": "text", "visible_to_customers": n > 0 });
        boss.post("/api/v1/custom-fields", field).await.expect(201);
        boss.post("/api/v1/teams", serde_json::json!({ "name": format!("t{n}") })).await.expect(201);
    }
}

/// Four imports, and what was wrong with the first one.
async fn imported(adam: &Caller) -> String {
    for _ in 0..4 {
        let body = serde_json::json!({ "kind": "csv", "file_name": "a.csv", "file_size": 10 });
        let import = adam.post("/api/v1/imports", body).await.expect(201)["id"].clone();
        adam.post(&format!("/api/v1/imports/{import}/cancel"), serde_json::json!({})).await.expect(200);
    }
    let sql = "insert into import_problems (import_id, line, is_warning, field, code, message)
        select (select min(id) from imports), n, false, 'status', 'unknown_value', 'x' from generate_series(1, 4) n returning import_id";
    let import: i64 = sqlx::query_scalar(sql).fetch_one(&adam.db).await.expect(sql);
    format!("/api/v1/imports/{import}/errors")
}

/// Four policies with the default one, and four calendars.
async fn promised(adam: &Caller) {
    let (target, open) = (serde_json::json!({ "response": 10, "resolution": 20 }), serde_json::json!([[[0, 60]], [], [], [], [], [], []]));
    let targets = serde_json::json!({ "low": target, "medium": target, "high": target, "urgent": target });
    for n in 0..4 {
        let hours = serde_json::json!({ "name": format!("c{n}"), "time_zone": "UTC", "week": open });
        adam.post("/api/v1/sla/calendars", hours).await.expect(201);
        if n > 0 {
            adam.post("/api/v1/sla/policies", serde_json::json!({ "name": "x", "targets": targets })).await.expect(201);
        }
    }
}

/// Lists that tests of their own read: `pages_hold_every_ticket…`, `pages_hold_every_hit…`, `notices_come…`, those of csat.rs and
/// of reports.rs.
const ELSEWHERE: [&str; 6] =
    ["/api/v1/tickets", "/api/v1/search", "/api/v1/notifications", "/api/v1/csat", "/api/v1/reports/tickets", "/api/v1/articles"];

/// A path in which whatever is filled in is a star.
fn starred(path: &str) -> String {
    let star = |part: &str| if part.starts_with('{') || part.parse::<i64>().is_ok() { "*".to_owned() } else { part.to_owned() };
    path.split('/').map(star).collect::<Vec<_>>().join("/")
}

/// Every list of the document.
fn listed() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(&app_api::router::document().expect("a document")).expect("JSON");
    let is_list =
        |item: &Value| item["get"]["parameters"].as_array().is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "cursor"));
    let paths = document["paths"].as_object().expect("paths");
    paths.iter().filter(|(_, item)| is_list(item)).map(|(path, _)| starred(path)).collect()
}

async fn reads_in_both_orders(caller: &Caller, path: &str, count: usize) {
    for (query, field, code) in REFUSED_LISTS {
        let refused = caller.get(&format!("{path}?{query}")).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&field.into(), &code.into()), "{path} {query}");
    }
    let mut ids = pages(caller, path, "count=true").await;
    assert_eq!(ids.len(), count, "{path}");
    NEWEST.iter().filter(|end| path.ends_with(**end)).for_each(|_| ids.reverse());
    assert!(ids.is_sorted(), "{path}: the oldest first");
    assert_eq!(pages(caller, path, "sort=created_at").await, ids, "{path}");
    let newest: Vec<i64> = ids.into_iter().rev().collect();
    assert_eq!(pages(caller, path, "sort=-created_at&count=true").await, newest, "{path}");
}

#[tokio::test]
async fn every_list_is_read_in_both_orders_and_counted_as_the_reader_sees_it() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    for name in ["ben", "cleo", "dora"] {
        app.acme.agent(name).await;
    }
    let (other, boss) = (app.globex.manager("other").await, app.acme.manager("zoe").await);
    let ticket = talked(&ana, &chloe).await;
    arranged(&boss).await;
    let adam = app.acme.person("adam", shared::session::Role::Admin).await;
    let (errors, ()) = (imported(&adam).await, promised(&adam).await);
    texts::written(&ana, &boss).await;
    let files = attached(&adam, ticket).await;
    let [shares, accesses] = shared(&adam, ticket, &ana).await;
    let (messages, history) = (format!("/api/v1/tickets/{ticket}/messages"), format!("/api/v1/tickets/{ticket}/history"));
    let table = [
        (&ana, "/api/v1/agents", 6),
        (&ana, "/api/v1/teams", 4),
        (&other, "/api/v1/teams", 0),
        (&ana, "/api/v1/categories", 4),
        (&chloe, "/api/v1/categories", 3),
        (&ana, "/api/v1/custom-fields", 4),
        (&chloe, "/api/v1/custom-fields", 3),
        (&other, "/api/v1/agents", 1),
        (&ana, &messages, 8),
        (&chloe, &messages, 4),
        (&ana, &history, 7),
        (&chloe, &history, 2),
        (&ana, &files, 4),
        (&chloe, &files, 2),
        (&adam, &shares, 4),
        (&adam, &accesses, 4),
        (&ana, "/api/v1/attachments/shared", 4),
        (&other, "/api/v1/attachments/shared", 0),
        (&ana, "/api/v1/media-categories", 8),
        (&chloe, "/api/v1/media-categories", 4),
        (&ana, "/api/v1/canned-replies", 4),
        (&ana, "/api/v1/macros", 3),
        (&other, "/api/v1/macros", 0),
        (&chloe, "/api/v1/articles/sections", 4),
        (&other, "/api/v1/articles/sections", 0),
        (&boss, "/api/v1/moderation-hashes", 4),
        (&other, "/api/v1/moderation-hashes", 0),
        (&adam, "/api/v1/imports", 4),
        (&adam, &errors, 4),
        (&ana, "/api/v1/sla/policies", 4),
        (&other, "/api/v1/sla/policies", 1),
        (&ana, "/api/v1/sla/calendars", 4),
    ];
    let read: BTreeSet<String> = table.iter().map(|(_, path, _)| starred(path)).chain(ELSEWHERE.map(str::to_owned)).collect();
    assert_eq!(listed(), read, "a list that nobody reads, or none that there is");
    for (caller, path, count) in table {
        reads_in_both_orders(caller, path, count).await;
    }
    for path in ["/api/v1/agents", "/api/v1/teams", "/api/v1/categories", "/api/v1/custom-fields", &messages, &history] {
        let first = ana.get(&format!("{path}?limit=1")).await.expect(200);
        let cursor = first["page"]["next_cursor"].as_str().expect("more").to_owned();
        ana.get(&format!("{path}?sort=created_at&cursor={cursor}")).await.expect(200);
        ana.get(&format!("{path}?sort=-created_at&cursor={cursor}")).await.is(422, "validation_failed");
    }
    app.drain().await;
}

#[tokio::test]
async fn notices_come_newest_first_unless_told_and_unread_ones_alone() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    for n in 0..7 {
        let ticket = chloe.opens(&format!("Ticket {n}")).await;
        boss.assigns(ticket, Some(ana.id)).await.expect(200);
    }
    app.drain().await;
    let path = "/api/v1/notifications";
    for (query, field, code) in REFUSED_LISTS {
        let refused = ana.get(&format!("{path}?{query}")).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&field.into(), &code.into()), "{query}");
    }
    let newest = pages(&ana, path, "count=true").await;
    assert!(newest.len() == 7 && newest.is_sorted_by(|one, next| one > next), "{newest:?}");
    let oldest: Vec<i64> = newest.iter().rev().copied().collect();
    assert_eq!(pages(&ana, path, "sort=created_at&count=true").await, oldest);
    for id in [newest[0], newest[3]] {
        ana.post(&format!("{path}/{id}/read"), serde_json::json!({})).await.expect(204);
    }
    let unread = [&newest[1..3], &newest[4..]].concat();
    assert_eq!(pages(&ana, path, "unread=true&count=true").await, unread);
    let first = ana.get(&format!("{path}?limit=3")).await.expect(200);
    let cursor = first["page"]["next_cursor"].as_str().expect("more").to_owned();
    ana.get(&format!("{path}?unread=true&cursor={cursor}")).await.is(422, "validation_failed");
    boss.get(&format!("{path}?cursor={cursor}")).await.is(422, "validation_failed");
    app.drain().await;
}

#[tokio::test]
async fn pages_hold_every_ticket_once_in_every_order_also_while_tickets_come() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let mut opened = Vec::new();
    for n in 0..10 {
        // Pairs share their time: the id decides.
        app.travel(minutes(n % 2));
        opened.push(chloe.opens(&format!("Ticket {n}")).await);
    }
    let newest: Vec<i64> = opened.iter().rev().copied().collect();
    assert_eq!(walk(&boss, "").await, newest);
    assert_eq!(walk(&boss, "sort=created_at").await, opened);
    assert_eq!(walk(&chloe, "sort=-updated_at").await, newest);
    let first = boss.get("/api/v1/tickets?limit=5").await.expect(200);
    chloe.opens("Newer").await;
    let cursor = first["page"]["next_cursor"].as_str().expect("a cursor");
    let second = boss.get(&format!("/api/v1/tickets?limit=5&cursor={cursor}")).await.expect(200);
    assert_eq!([ids(&first), ids(&second)].concat(), newest);
    // A cursor is good for its own reader, filter and order only.
    chloe.get(&format!("/api/v1/tickets?limit=5&cursor={cursor}")).await.is(422, "validation_failed");
    boss.get(&format!("/api/v1/tickets?status=open&cursor={cursor}")).await.is(422, "validation_failed");
    boss.get(&format!("/api/v1/tickets?sort=created_at&cursor={cursor}")).await.is(422, "validation_failed");
    app.globex.manager("other").await.get(&format!("/api/v1/tickets?cursor={cursor}")).await.is(422, "validation_failed");
    app.drain().await;
}

#[tokio::test]
async fn whatever_times_tickets_share_and_however_long_a_page_is_each_is_met_once_and_in_order() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    for n in 0..30 {
        chloe.opens(&format!("Ticket {n}")).await;
    }
    // A handful of times, some of them a microsecond apart, dealt out anew each round.
    let deal = "update support_tickets set created_at = now() - make_interval(secs => ($1 * id * id % 7) / 1e6),
        updated_at = now() - make_interval(secs => ($1 * id % 5) / 1e6),
        response_due_at = case when ($1 * id) % 4 < 3 then now() + make_interval(secs => ($1 * id % 6) / 1e6) end,
        first_response_at = case when id % 2 = 0 then now() end,
        resolution_due_at = case when id % 5 < 4 then now() + make_interval(secs => ($1 * id % 11) / 1e6) end,
        waiting_since = case ($1 + id) % 4 when 0 then null when 1 then '9999-12-31' else now() - make_interval(secs => ($1 * id % 6) / 1e6) end";
    let waits = "coalesce(waiting_since, created_at)";
    let due = "coalesce(least(case when first_response_at is null then response_due_at end, resolution_due_at), 'infinity')";
    for round in 1..4_i64 {
        sqlx::query(deal).bind(round).execute(&app.acme.db).await.expect(deal);
        for (column, value) in [("created_at", "created_at"), ("updated_at", "updated_at"), ("due_at", due), ("waiting", waits)] {
            let sql = format!("select id from support_tickets order by {value}, id");
            let ordered: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&app.acme.db).await.expect("ids");
            for limit in [1, 2, 7, 29, 30, 31] {
                assert_eq!(walk_by(&boss, &format!("sort={column}"), limit).await, ordered, "{column} by {limit}");
                let newest: Vec<i64> = ordered.iter().rev().copied().collect();
                assert_eq!(walk_by(&boss, &format!("sort=-{column}"), limit).await, newest, "-{column} by {limit}");
            }
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn filters_narrow_to_what_they_say_and_counts_agree() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let (chloe, dan) = (app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let body = |priority: &str, category: &str| serde_json::json!({ "subject": "x", "description": "x", "priority": priority, "category": category, "order_id": "A-1" });
    let urgent = chloe.post("/api/v1/tickets", body("urgent", "billing")).await.expect(201)["id"].as_i64().unwrap();
    app.travel(minutes(1));
    let anas = dan.opens("Ana's").await;
    ana.assigns(anas, Some(ana.id)).await.expect(200);
    let bens = dan.opens("Ben's").await;
    ben.assigns(bens, Some(ben.id)).await.expect(200);
    ben.sets(bens, "resolved").await.expect(200);
    for (caller, query, expected) in [
        (&boss, String::new(), vec![bens, anas, urgent]),
        (&ana, String::new(), vec![anas, urgent]),
        (&chloe, String::new(), vec![urgent]),
        (&chloe, format!("user_id={}", dan.id), vec![]),
        (&boss, "status=resolved,in_progress".into(), vec![bens, anas]),
        (&boss, "status=open".into(), vec![urgent]),
        (&boss, "priority=urgent,high".into(), vec![urgent]),
        (&boss, "category=billing".into(), vec![urgent]),
        (&boss, "order_id=A-1".into(), vec![urgent]),
        (&boss, "assigned_to=none".into(), vec![urgent]),
        (&ana, "assigned_to=me".into(), vec![anas]),
        (&boss, format!("assigned_to={}", ben.id), vec![bens]),
        (&ana, format!("assigned_to={}", ben.id), vec![]),
        (&boss, format!("user_id={}", chloe.id), vec![urgent]),
        (&boss, "created_from=2026-03-02T09:00:30Z".into(), vec![bens, anas]),
        (&boss, "created_to=2026-03-02T09:00:30Z".into(), vec![urgent]),
    ] {
        let page = caller.get(&format!("/api/v1/tickets?count=true&{query}")).await.expect(200);
        assert_eq!(ids(&page), expected, "{query}");
        assert_eq!(page["page"]["total"], expected.len(), "{query}");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_is_found_by_its_number_by_whoever_sees_it() {
    let app = TestApp::start().await;
    let (chloe, dan) = (app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let id = chloe.opens("Printer on fire").await;
    let number = chloe.get(&format!("/api/v1/tickets/{id}")).await.expect(200)["ticket_number"].as_str().expect("a number").to_owned();
    assert_eq!(chloe.get(&format!("/api/v1/tickets/{}", number.to_lowercase())).await.expect(200)["id"], id);
    let (hidden, made_up) = (dan.get(&format!("/api/v1/tickets/{number}")).await, dan.get("/api/v1/tickets/TKT-22222222").await);
    let without_id = |mut problem: Value| {
        problem["request_id"] = Value::Null;
        problem
    };
    assert_eq!(without_id(hidden.is(404, "not_found")), without_id(made_up.is(404, "not_found")));
    app.drain().await;
}

#[tokio::test]
async fn agents_are_listed_with_what_they_still_have_to_do() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    app.acme.manager("boss").await;
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    let agents = ana.get("/api/v1/agents").await.expect(200);
    let rows: Vec<_> = agents["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["firstname"].as_str().unwrap(), a["open_tickets"].as_i64().unwrap()))
        .collect();
    assert_eq!(rows, [("ana", 1), ("boss", 0)]);
    app.drain().await;
}
