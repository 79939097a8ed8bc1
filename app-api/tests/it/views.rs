//! Views: what they show, what they count, and who keeps whose (T-40, row 99 of page 10).

use serde_json::{Value, json};

use crate::{
    search::{GLACIAL, takes_long},
    world::{Caller, TestApp, minutes},
};

const VIEWS: &str = "/api/v1/views";

fn ids(page: &Value) -> Vec<i64> {
    page["data"].as_array().expect("rows").iter().map(|t| t["id"].as_i64().expect("an id")).collect()
}

async fn shown(caller: &Caller, view: &str) -> Vec<i64> {
    ids(&caller.get(&format!("/api/v1/tickets?view={view}")).await.expect(200))
}

async fn counts(caller: &Caller) -> Vec<(String, i64, bool)> {
    let counts = caller.get("/api/v1/views/counts").await.expect(200);
    let of = |row: &Value| {
        (
            row["view"].as_str().expect("a name").to_owned(),
            row["count"].as_i64().expect("a number"),
            row["capped"].as_bool().expect("a word"),
        )
    };
    counts["data"].as_array().expect("rows").iter().map(of).collect()
}

async fn saves(caller: &Caller, scope: &str, filter: Value) -> i64 {
    let body = json!({ "name": "My view", "scope": scope, "filter": filter });
    caller.post(VIEWS, body).await.expect(201)["id"].as_i64().expect("an id")
}

#[tokio::test]
async fn customers_have_no_views_and_learn_no_tags_by_asking_for_them() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "tags": ["difficult"] })).await.expect(200);
    for path in [
        VIEWS,
        "/api/v1/views/counts",
        "/api/v1/tickets?view=all",
        "/api/v1/tickets?tag=difficult",
        "/api/v1/tickets?snoozed=true",
        "/api/v1/tags",
    ] {
        chloe.get(path).await.is(403, "forbidden");
    }
    assert_eq!(ids(&ana.get("/api/v1/tickets?tag=difficult,easy&channel=web").await.expect(200)), [ticket]);
    assert!(ids(&ana.get("/api/v1/tickets?tag=easy").await.expect(200)).is_empty());
    assert!(ids(&chloe.get("/api/v1/tickets?channel=email").await.expect(200)).is_empty());
    app.drain().await;
}

#[tokio::test]
async fn a_view_takes_the_words_of_the_list_and_names_what_it_does_not_take() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    for (filter, code) in [
        (json!({ "status": "asleep" }), "unknown_value"),
        (json!({ "secret": "x" }), "unknown_field"),
        (json!({ "view": "all" }), "unknown_field"),
        (json!({ "sort": "created_at" }), "unknown_field"),
        (json!([]), "invalid"),
    ] {
        let body = json!({ "name": "x", "scope": "own", "filter": filter });
        let refused = ana.post(VIEWS, body).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!("filter"), &json!(code)), "{filter}");
    }
    for wrong in ["nothing", "-", "1e3", "424242"] {
        ana.get(&format!("/api/v1/tickets?view={wrong}")).await.is(422, "validation_failed");
    }
    app.drain().await;
}

#[tokio::test]
async fn each_keeps_their_own_views_and_managers_keep_everybodys() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let other = app.globex.manager("other").await;
    let body = json!({ "name": "All", "scope": "everybody", "filter": {} });
    ana.post(VIEWS, body).await.is(403, "forbidden");
    let (anas, shared) = (saves(&ana, "own", json!({ "status": "open" })).await, saves(&boss, "everybody", json!({})).await);
    let listed = ana.get(VIEWS).await.expect(200);
    assert_eq!(listed["built_in"], json!(["mine", "unassigned", "all", "waiting", "snoozed", "breaching"]));
    assert_eq!(ids(&listed), [anas, shared]);
    assert_eq!(ids(&ben.get(VIEWS).await.expect(200)), [shared]);
    assert!(ids(&other.get(VIEWS).await.expect(200)).is_empty());
    let (of_ana, of_all) = (format!("{VIEWS}/{anas}"), format!("{VIEWS}/{shared}"));
    for (caller, path, status, code) in [
        (&ben, &of_ana, 404, "not_found"),
        (&boss, &of_ana, 404, "not_found"),
        (&ana, &of_all, 403, "forbidden"),
        (&other, &of_all, 404, "not_found"),
    ] {
        caller.patch(path, json!({ "name": "Mine now" })).await.is(status, code);
        caller.delete(path).await.is(status, code);
    }
    ben.get(&format!("/api/v1/tickets?view={anas}")).await.is(422, "validation_failed");
    let changed = ana.patch(&of_ana, json!({ "name": "Urgent", "filter": { "priority": "urgent" }, "position": 3 })).await;
    assert_eq!(changed.headers["etag"], "\"2\"");
    let stale = ana.with(&axum::http::Method::PATCH, &of_ana, json!({ "name": "x" }), &[("if-match", "\"1\"")]).await;
    stale.is(412, "version_mismatch");
    ana.delete(&of_ana).await.expect(204);
    ana.get(&of_ana).await.is(404, "not_found");
    boss.delete(&of_all).await.expect(204);
    app.drain().await;
}

#[tokio::test]
async fn somebody_has_fifty_views_of_their_own_and_no_more() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    for _ in 0..50 {
        saves(&ana, "own", json!({})).await;
    }
    ana.post(VIEWS, json!({ "name": "x", "scope": "own", "filter": {} })).await.is(409, "conflict");
    saves(&ben, "own", json!({})).await;
    assert_eq!(counts(&ana).await.len(), 56);
    app.drain().await;
}

#[tokio::test]
async fn a_view_shows_and_counts_what_its_reader_sees_and_no_more() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    gus.opens("Elsewhere").await;
    let mut tickets = Vec::new();
    for n in 0..5 {
        app.travel(minutes(1));
        tickets.push(chloe.opens(&format!("Ticket {n}")).await);
    }
    let [queue, anas, bens, waiting, asleep] = tickets[..] else { panic!("five") };
    ana.assigns(anas, Some(ana.id)).await.expect(200);
    ben.assigns(bens, Some(ben.id)).await.expect(200);
    ana.assigns(waiting, Some(ana.id)).await.expect(200);
    ana.sets(waiting, "waiting_customer").await.expect(200);
    ana.post(&format!("/api/v1/tickets/{asleep}/snooze"), json!({ "until": null })).await.expect(200);
    sqlx::query("update support_tickets set sla_state = 'breached' where id = any($1)")
        .bind(vec![bens, waiting, asleep])
        .execute(&app.acme.db)
        .await
        .expect("late");
    let open = saves(&ana, "own", json!({ "status": "open", "assigned_to": "none" })).await;
    let of_whoever_asks = saves(&boss, "everybody", json!({ "assigned_to": "me" })).await;
    let (open, theirs) = (open.to_string(), of_whoever_asks.to_string());
    let awake = saves(&ana, "own", json!({ "status": "open", "snoozed": false })).await.to_string();
    let sleeping = saves(&ana, "own", json!({ "status": "open", "snoozed": true })).await.to_string();
    for (caller, view, expected) in [
        (&ana, "mine", vec![waiting, anas]),
        (&ana, "unassigned", vec![queue]),
        (&ana, "all", vec![asleep, waiting, anas, queue]),
        (&ana, "waiting", vec![waiting]),
        (&ana, "snoozed", vec![asleep]),
        (&ana, "breaching", vec![waiting]),
        (&ana, &*open, vec![asleep, queue]),
        (&ana, &*awake, vec![queue]),
        (&ana, &*sleeping, vec![asleep]),
        (&ana, &*theirs, vec![waiting, anas]),
        (&boss, "all", vec![asleep, waiting, bens, anas, queue]),
        (&boss, "breaching", vec![waiting, bens]),
        (&boss, "mine", vec![]),
        (&boss, &*theirs, vec![]),
        (&ben, &*theirs, vec![bens]),
    ] {
        assert_eq!(shown(caller, view).await, expected, "{view} of {}", caller.id);
        let counted = counts(caller).await.into_iter().find(|row| row.0 == view).expect("counted");
        assert_eq!((counted.1, counted.2), (expected.len() as i64, false), "{view} of {}", caller.id);
    }
    // What is asked besides narrows a view, and widens it never.
    let narrowed = ana.get("/api/v1/tickets?view=mine&status=waiting_customer,open&count=true").await.expect(200);
    assert_eq!((ids(&narrowed), &narrowed["page"]["total"]), (vec![waiting], &json!(1)));
    app.drain().await;
}

#[tokio::test]
async fn numbers_are_exact_up_to_99_and_capped_beyond() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    chloe.opens("The first").await;
    let more = "insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
        select 'TKT-' || n, user_id, subject, description, description_html, created_at, updated_at
        from support_tickets, generate_series(1, 98) n";
    sqlx::query(more).execute(&app.acme.db).await.expect("more");
    let unassigned = async || counts(&ana).await.into_iter().find(|row| row.0 == "unassigned").map(|row| (row.1, row.2));
    assert_eq!(unassigned().await, Some((99, false)));
    chloe.opens("One more").await;
    assert_eq!(unassigned().await, Some((99, true)));
    app.drain().await;
}

#[tokio::test]
async fn a_view_that_is_too_broad_to_count_says_so_and_keeps_nobody_from_the_others() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    chloe.opens("Printer on fire").await;
    let mut saved = Vec::new();
    for q in [GLACIAL.to_owned(), "printer".to_owned(), "-printer".to_owned(), format!("-{GLACIAL}")] {
        saved.push(saves(&ana, "own", json!({ "q": q })).await.to_string());
    }
    takes_long(&app.acme).await;
    let counted = ana.get("/api/v1/views/counts").await.expect(200);
    let of = |view: &str| {
        let row = counted["data"].as_array().expect("rows").iter().find(|row| row["view"] == view).expect("it is named");
        (row["count"].clone(), row["capped"].clone())
    };
    for (view, count) in [
        ("unassigned", json!(1)),
        ("all", json!(1)),
        (&*saved[0], json!(null)),
        (&*saved[1], json!(1)),
        (&*saved[2], json!(0)),
        (&*saved[3], json!(null)),
    ] {
        assert_eq!(of(view), (count, json!(false)), "{view}");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_view_by_what_too_many_are_called_is_not_saved_and_an_old_one_keeps_nobody_from_the_others() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    chloe.opens("Printer on fire").await;
    for q in ["requester:c", "requester:chl requester:hlo assignee:ana"] {
        let body = json!({ "name": "x", "scope": "own", "filter": { "q": q } });
        let refused = ana.post(VIEWS, body).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!("filter"), &json!("too_broad")), "{q}");
    }
    let named = saves(&ana, "own", json!({ "q": "requester:chloe" })).await;
    let old = saves(&ana, "own", json!({ "q": "status:open" })).await;
    let sql = r#"update views set filter = '{"q": "requester:c"}' where id = $1"#;
    sqlx::query(sql).bind(old).execute(&app.acme.db).await.expect(sql);
    assert_eq!(ids(&ana.get(VIEWS).await.expect(200)), [named, old]);
    let refused = ana.get(&format!("/api/v1/tickets?view={old}")).await.is(422, "validation_failed");
    assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!("view"), &json!("too_broad")));
    let counted = ana.get("/api/v1/views/counts").await.expect(200);
    let rows = counted["data"].as_array().expect("rows");
    for (view, count) in [("all".to_owned(), json!(1)), (named.to_string(), json!(1)), (old.to_string(), json!(null))] {
        let row = rows.iter().find(|row| row["view"] == view.as_str()).expect("it is named");
        assert_eq!(row["count"], count, "{view}");
    }
    app.drain().await;
}

#[tokio::test]
async fn the_page_of_a_view_goes_on_in_the_view_and_nowhere_else() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (first, second) = (chloe.opens("One").await, chloe.opens("Two").await);
    let page = ana.get("/api/v1/tickets?view=unassigned&limit=1").await.expect(200);
    assert_eq!(ids(&page), [second]);
    let cursor = page["page"]["next_cursor"].as_str().expect("a second page").to_owned();
    assert_eq!(ids(&ana.get(&format!("/api/v1/tickets?view=unassigned&limit=1&cursor={cursor}")).await.expect(200)), [first]);
    ana.get(&format!("/api/v1/tickets?view=all&limit=1&cursor={cursor}")).await.is(422, "validation_failed");
    app.drain().await;
}

#[tokio::test]
async fn known_tags_are_those_of_tickets_that_one_sees_the_most_used_first() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let gil = app.globex.agent("gil").await;
    for (agent, tags) in [(&ana, json!(["vip", "refund"])), (&ana, json!(["VIP-2", "refund"])), (&ben, json!(["bens"]))] {
        let ticket = chloe.opens("x").await;
        agent.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "tags": tags })).await.expect(200);
        agent.assigns(ticket, Some(agent.id)).await.expect(200);
    }
    let tags = async |caller: &Caller, query: &str| {
        let rows = caller.get(&format!("/api/v1/tags{query}")).await.expect(200)["data"].clone();
        rows.as_array().unwrap().iter().map(|row| format!("{} {}", row["tag"].as_str().unwrap(), row["tickets"])).collect::<Vec<_>>()
    };
    assert_eq!(tags(&ana, "").await, ["refund 2", "VIP-2 1", "vip 1"]);
    assert_eq!(tags(&ana, "?q=vi").await, ["VIP-2 1", "vip 1"]);
    assert_eq!(tags(&ben, "").await, ["bens 1"]);
    assert_eq!(tags(&gil, "").await, Vec::<String>::new());
    // A pattern is no pattern here.
    assert_eq!(tags(&ana, "?q=%25").await, Vec::<String>::new());
    app.drain().await;
}
