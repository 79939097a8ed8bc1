//! Bulk: many tickets, each as if it were the only one (R5 of page 11, row 67 of page 10).

use axum::http::Method;
use futures::future::join_all;
use serde_json::{Value, json};
use shared::session::Role;

use crate::world::{Caller, TestApp, minutes};

pub const BULK: &str = "/api/v1/tickets/bulk";

pub fn results(job: &Value) -> Vec<(i64, bool, Option<&str>)> {
    let of = |row: &'_ Value| (row["id"].as_i64().unwrap(), row["ok"].as_bool().unwrap());
    job["results"].as_array().expect("results").iter().map(|row| (of(row).0, of(row).1, row["code"].as_str())).collect()
}

pub async fn opened(chloe: &Caller, count: usize) -> Vec<i64> {
    let mut tickets = Vec::new();
    for n in 0..count {
        tickets.push(chloe.opens(&format!("Ticket {n}")).await);
    }
    tickets
}

/// A job when all of its tickets have had their turn: a slow machine answers before that.
pub async fn to_its_end(caller: &Caller, begun: crate::world::Answer) -> Value {
    let mut job = begun.body;
    while job["state"] == "running" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        job = caller.get(&format!("/api/v1/bulk/{}", job["id"])).await.expect(200);
    }
    job
}

async fn undone(caller: &Caller, job: &Value) -> crate::world::Answer {
    caller.post(&format!("/api/v1/bulk/{}/undo", job["id"]), json!({})).await
}

#[tokio::test]
async fn of_fifty_tickets_the_one_that_is_not_theirs_is_not_found_and_the_others_are_done() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 50).await;
    ben.assigns(tickets[17], Some(ben.id)).await.expect(200);
    chloe.post(BULK, json!({ "ids": tickets, "action": "priority", "priority": "high" })).await.is(403, "forbidden");
    let begun = ana.post(BULK, json!({ "ids": tickets, "action": "tags", "add": ["batch"] })).await;
    let job = to_its_end(&ana, begun).await;
    assert_eq!((&job["state"], &job["total"], &job["done"]), (&json!("finished"), &json!(50), &json!(50)));
    for (n, (id, ok, code)) in results(&job).into_iter().enumerate() {
        assert_eq!((id, ok, code), (tickets[n], n != 17, (n == 17).then_some("not_found")));
    }
    assert_eq!(app.acme.count("select count(*) from support_tickets where tags = '{batch}'").await, 49);
    assert_eq!(app.acme.count("select count(*) from ticket_history where kind = 'tags'").await, 49);
    assert_eq!(app.acme.count("select count(*) from events where kind = 'TicketEdited'").await, 49);
    app.drain().await;
}

#[tokio::test]
async fn each_action_is_the_verb_that_one_ticket_has_and_is_refused_like_it() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 3).await;
    let team = boss.post("/api/v1/teams", json!({ "name": "Fire brigade" })).await.expect(201)["id"].clone();
    boss.sets(tickets[2], "closed").await.expect(200);
    for (body, expected) in [
        (
            json!({ "action": "status", "status": "resolved" }),
            [Some("illegal_transition"), Some("illegal_transition"), Some("ticket_closed")],
        ),
        (json!({ "action": "status", "status": "closed" }), [Some("validation_failed"), Some("validation_failed"), Some("ticket_closed")]),
        (
            json!({ "action": "assign", "assigned_to": chloe.id }),
            [Some("validation_failed"), Some("validation_failed"), Some("ticket_closed")],
        ),
        (json!({ "action": "assign", "assigned_to": ana.id }), [None, None, Some("ticket_closed")]),
        (json!({ "action": "team", "team_id": team }), [None, None, Some("ticket_closed")]),
        (json!({ "action": "team", "team_id": 424_242 }), [Some("validation_failed"), Some("validation_failed"), Some("ticket_closed")]),
        (json!({ "action": "category", "category": "fire" }), [None, None, Some("ticket_closed")]),
        (json!({ "action": "snooze", "until": null }), [None, None, Some("ticket_closed")]),
        (json!({ "action": "priority", "priority": "urgent" }), [None, None, Some("ticket_closed")]),
        (json!({ "action": "status", "status": "resolved" }), [None, None, Some("ticket_closed")]),
    ] {
        let mut asked = body.clone();
        asked["ids"] = json!([tickets[0], tickets[1], tickets[0], tickets[2]]);
        let job = boss.post(BULK, asked).await.expect(200);
        let codes: Vec<_> = results(&job).into_iter().map(|row| row.2.map(str::to_owned)).collect();
        assert_eq!(codes, expected.map(|code| code.map(str::to_owned)), "{body}");
    }
    for wrong in [
        json!({ "ids": [], "action": "priority", "priority": "high" }),
        json!({ "ids": (1..=501).collect::<Vec<_>>(), "action": "priority", "priority": "high" }),
        json!({ "ids": [1], "action": "priority" }),
        json!({ "ids": [1], "action": "priority", "priority": "high", "status": "open" }),
        json!({ "ids": [1], "action": "delete" }),
    ] {
        boss.post(BULK, wrong).await.is(422, "validation_failed");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_retry_with_the_same_key_is_the_same_job() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 5).await;
    let body = json!({ "ids": tickets, "action": "assign", "assigned_to": "me" });
    let once = async || ana.with(&Method::POST, BULK, body.clone(), &[("idempotency-key", "one")]).await;
    let answers = join_all((0..4).map(|_| once())).await;
    let ids: Vec<_> = answers.into_iter().map(|answer| answer.body["id"].clone()).collect();
    assert!(ids[0].is_number() && ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    let job = once().await.expect(200);
    assert!(results(&job).iter().all(|row| row.1), "{job}");
    assert_eq!(app.acme.count("select count(*) from events where kind = 'TicketAssigned'").await, 5);
    let other = json!({ "ids": tickets, "action": "assign", "assigned_to": null });
    ana.with(&Method::POST, BULK, other, &[("idempotency-key", "one")]).await.is(422, "idempotency_key_reused");
    app.drain().await;
}

#[tokio::test]
async fn an_undoing_brings_back_what_nobody_has_changed_since() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let boss = app.acme.manager("boss").await;
    let tickets = opened(&chloe, 4).await;
    for (ticket, tag) in tickets.iter().zip(["a", "b", "c", "d"]) {
        ana.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "tags": [tag, "old"] })).await.expect(200);
    }
    let job = ana.post(BULK, json!({ "ids": tickets, "action": "tags", "add": ["new"], "remove": ["old"] })).await.expect(200);
    // One is changed, one is taken by somebody else.
    boss.patch(&format!("/api/v1/tickets/{}", tickets[1]), json!({ "subject": "Changed" })).await.expect(200);
    ben.assigns(tickets[2], Some(ben.id)).await.expect(200);
    undone(&ben, &job).await.is(404, "not_found");
    let undoing = undone(&ana, &job).await.expect(200);
    assert_eq!((&undoing["action"], &undoing["undo_of"]), (&json!("undo"), &job["id"]));
    let expected = [None, Some("version_mismatch"), Some("not_found"), None];
    assert_eq!(results(&undoing).into_iter().map(|row| row.2).collect::<Vec<_>>(), expected);
    for (n, tags) in [json!(["a", "old"]), json!(["b", "new"]), json!(["c", "new"]), json!(["d", "old"])].into_iter().enumerate() {
        assert_eq!(boss.get(&format!("/api/v1/tickets/{}", tickets[n])).await.expect(200)["tags"], tags);
    }
    undone(&ana, &job).await.is(409, "conflict");
    undone(&ana, &undoing).await.is(409, "conflict");
    app.drain().await;
}

#[tokio::test]
async fn whoever_has_given_tickets_away_takes_back_those_that_nobody_has_touched() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let chloe = app.acme.customer("chloe").await;
    let tickets = opened(&chloe, 3).await;
    let job = ana.post(BULK, json!({ "ids": tickets, "action": "assign", "assigned_to": ben.id })).await.expect(200);
    ana.get(&format!("/api/v1/tickets/{}", tickets[0])).await.is(404, "not_found");
    ben.patch(&format!("/api/v1/tickets/{}", tickets[1]), json!({ "tags": ["mine"] })).await.expect(200);
    undone(&ben, &job).await.is(404, "not_found");
    let undoing = undone(&ana, &job).await.expect(200);
    assert_eq!(results(&undoing).into_iter().map(|row| row.2).collect::<Vec<_>>(), [None, Some("not_found"), None]);
    for (ticket, assignee) in tickets.iter().zip([json!(null), json!(ben.id), json!(null)]) {
        assert_eq!(boss.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)["assigned_to"], assignee);
    }
    // Of somebody else's job they take back no more than they see.
    let theirs = boss.post(BULK, json!({ "ids": [tickets[1]], "action": "tags", "add": ["x"] })).await.expect(200);
    undone(&ana, &theirs).await.is(404, "not_found");
    app.drain().await;
}

#[tokio::test]
async fn an_undoing_brings_back_the_reason_of_a_priority_and_the_queue_that_a_category_has_led_out_of() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let labels = json!({ "fr": "x", "en": "x" });
    let team = boss.post("/api/v1/teams", json!({ "name": "Fire brigade" })).await.expect(201)["id"].clone();
    let old = boss.post("/api/v1/categories", json!({ "name": "old", "labels": labels })).await.expect(201)["id"].clone();
    boss.post("/api/v1/categories", json!({ "name": "fire", "labels": labels, "team_id": team })).await.expect(201);
    let body = json!({ "subject": "x", "description": "x", "category": "old" });
    let ticket = chloe.post("/api/v1/tickets", body).await.expect(201)["id"].as_i64().expect("an id");
    let rule = "update support_tickets set priority = 'high', priority_reason = 'order_value, vip' where id = $1";
    sqlx::query(rule).bind(ticket).execute(&app.acme.db).await.expect(rule);
    boss.patch(&format!("/api/v1/categories/{old}"), json!({ "active": false })).await.expect(200);
    let now = async || {
        let seen = boss.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200);
        ["priority", "priority_reason", "category", "team_id"].map(|name| seen[name].clone())
    };
    let before = now().await;
    for (change, changed) in [
        (json!({ "action": "priority", "priority": "high" }), [json!("high"), json!("manual"), json!("old"), json!(null)]),
        (json!({ "action": "priority", "priority": "low" }), [json!("low"), json!("manual"), json!("old"), json!(null)]),
        (json!({ "action": "team", "team_id": team }), [json!("high"), json!("order_value, vip"), json!("old"), team.clone()]),
        (json!({ "action": "category", "category": "fire" }), [json!("high"), json!("order_value, vip"), json!("fire"), team.clone()]),
    ] {
        let mut asked = change.clone();
        asked["ids"] = json!([ticket]);
        let job = boss.post(BULK, asked).await.expect(200);
        assert_eq!(now().await, changed, "{change}");
        let undoing = undone(&boss, &job).await.expect(200);
        assert!(results(&undoing).iter().all(|row| row.1), "{undoing}");
        assert_eq!(now().await, before, "{change}");
    }
    app.drain().await;
}

#[tokio::test]
async fn what_no_ticket_may_go_back_from_is_not_undone_and_says_so() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 2).await;
    for (body, code) in [
        (json!({ "action": "assign", "assigned_to": ana.id }), None),
        (json!({ "action": "snooze", "until": "2026-03-05T09:00:00Z" }), None),
        (json!({ "action": "category", "category": "fire" }), None),
        (json!({ "action": "priority", "priority": "urgent" }), None),
        (json!({ "action": "status", "status": "closed", "reason": "spam" }), Some("ticket_closed")),
    ] {
        let mut asked = body.clone();
        asked["ids"] = json!(tickets);
        let job = boss.post(BULK, asked).await.expect(200);
        assert!(results(&job).iter().all(|row| row.1), "{job}");
        let undoing = undone(&boss, &job).await.expect(200);
        assert!(results(&undoing).iter().all(|row| row.2 == code), "{body} {undoing}");
        if code.is_none() {
            let ticket = boss.get(&format!("/api/v1/tickets/{}", tickets[0])).await.expect(200);
            assert_eq!(
                (&ticket["status"], &ticket["assigned_to"], &ticket["category"], &ticket["priority"], ticket.get("snooze")),
                (&json!("open"), &json!(null), &json!(null), &json!("medium"), None),
                "{body}"
            );
        }
    }
    app.drain().await;
}

/// A job as a process leaves it that ends in the middle.
pub async fn left_lying(app: &TestApp, by: i64, tickets: &[i64]) -> i64 {
    let sql = r#"insert into bulk_jobs (user_id, action, work, total, created_at, touched_at)
        values ($1, 'tags', '{"action": "tags", "add": ["late"]}', $2, $3, $3) returning id"#;
    let made = sqlx::query_scalar(sql).bind(by).bind(tickets.len() as i32).bind(app.clock.now());
    let job: i64 = made.fetch_one(&app.acme.db).await.expect("a job");
    let sql =
        "insert into bulk_items (job_id, position, ticket_id) select $1, n::int, id from unnest($2::bigint[]) with ordinality as t (id, n)";
    sqlx::query(sql).bind(job).bind(tickets).execute(&app.acme.db).await.expect("items");
    job
}

#[tokio::test]
async fn a_job_that_was_left_goes_on_with_the_eyes_that_its_maker_has_now_and_ends_where_they_have_none() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (gone, demoted) = (app.acme.person("gone", Role::Manager).await, app.acme.person("demoted", Role::Manager).await);
    let tickets = opened(&chloe, 3).await;
    boss.assigns(tickets[1], Some(boss.id)).await.expect(200);
    let own = demoted.opens("Their own").await;
    let (anas, gones) = (left_lying(&app, ana.id, &tickets).await, left_lying(&app, gone.id, &tickets).await);
    let demoteds = left_lying(&app, demoted.id, &[own, tickets[0]]).await;
    for (who, role, active) in [(&gone, "manager", false), (&demoted, "customer", true)] {
        let state = json!({ "user_id": who.id, "email": "gone@acme.test", "firstname": "gone", "lastname": "Test", "locale": "en", "role": role, "active": active, "version": 2 });
        app.tell(&app.acme, state).await;
    }
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let shown = async |job: i64| boss.get(&format!("/api/v1/bulk/{job}")).await.expect(200);
    app_api::worker::go_on_with_jobs(&app.app, &tenant).await.expect("jobs go on");
    assert_eq!(shown(anas).await["state"], "running", "its process may still be at it");
    app.travel(minutes(2));
    for _ in 0..2 {
        app_api::worker::go_on_with_jobs(&app.app, &tenant).await.expect("jobs go on");
    }
    let (of_ana, of_gone) = (shown(anas).await, shown(gones).await);
    assert_eq!(results(&of_ana).iter().map(|row| row.2).collect::<Vec<_>>(), [None, Some("not_found"), None]);
    let of_demoted = shown(demoteds).await;
    for ended in [&of_gone, &of_demoted] {
        assert!(results(ended).iter().all(|row| row.2 == Some("forbidden")), "{ended}");
    }
    assert_eq!([&of_ana["state"], &of_gone["state"], &of_demoted["state"]], [&json!("finished"); 3]);
    assert_eq!(boss.get(&format!("/api/v1/tickets/{own}")).await.expect(200)["tags"], json!([]), "no customer sets tags");
    let by = r#"select count(*) from audit_logs where action = 'TicketEdited' and actor @> '{"kind": "person", "role": "agent"}'"#;
    assert_eq!(app.acme.count(by).await, 2);
    ana.get(&format!("/api/v1/bulk/{gones}")).await.is(404, "not_found");
    app.drain().await;
}

#[tokio::test]
async fn a_job_that_another_release_has_written_stops_neither_timers_nor_other_jobs_and_ends_some_time() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 2).await;
    let (strange, known) = (left_lying(&app, ana.id, &tickets).await, left_lying(&app, ana.id, &tickets).await);
    let sql = r#"update bulk_jobs set work = '{"action": "teleport", "to": "moon"}', touched_at = touched_at - interval '1 second' where id = $1"#;
    sqlx::query(sql).bind(strange).execute(&app.acme.db).await.expect(sql);
    ana.post(&format!("/api/v1/tickets/{}/snooze", tickets[0]), json!({ "until": "2026-03-02T09:02:00Z" })).await.expect(200);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let shown = async |job: i64| boss.get(&format!("/api/v1/bulk/{job}")).await.expect(200);
    app.travel(minutes(2));
    for _ in 0..2 {
        app_api::worker::fire_timers(&app.app, &tenant).await.expect("timers fire");
        app_api::worker::go_on_with_jobs(&app.app, &tenant).await.expect("jobs go on");
    }
    assert!(boss.get(&format!("/api/v1/tickets/{}", tickets[0])).await.expect(200).get("snooze").is_none(), "it was woken in time");
    assert_eq!((&shown(known).await["state"], &shown(strange).await["state"]), (&json!("finished"), &json!("running")));
    app.travel(minutes(60));
    app_api::worker::go_on_with_jobs(&app.app, &tenant).await.expect("jobs go on");
    let ended = shown(strange).await;
    assert_eq!(ended["state"], "finished");
    assert!(results(&ended).iter().all(|row| row.2 == Some("internal")), "{ended}");
    app.drain().await;
}

#[tokio::test]
async fn two_who_run_a_job_at_the_same_time_do_each_ticket_once() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 20).await;
    let job = left_lying(&app, boss.id, &tickets).await;
    app.travel(minutes(2));
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let ran = join_all((0..3).map(|_| app_api::worker::fire_timers(&app.app, &tenant))).await;
    assert!(ran.into_iter().all(|visit| visit.is_ok()));
    app.travel(minutes(2));
    app_api::worker::go_on_with_jobs(&app.app, &tenant).await.expect("jobs go on");
    let shown = boss.get(&format!("/api/v1/bulk/{job}")).await.expect(200);
    assert!(shown["state"] == "finished" && results(&shown).iter().all(|row| row.1), "{shown}");
    assert_eq!(app.acme.count("select count(*) from events where kind = 'TicketEdited'").await, 20);
    app.drain().await;
}

#[tokio::test]
async fn jobs_are_forgotten_after_thirty_days_with_what_undid_them() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let tickets = opened(&chloe, 2).await;
    let job = boss.post(BULK, json!({ "ids": tickets, "action": "priority", "priority": "high" })).await.expect(200);
    undone(&boss, &job).await.expect(200);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    for (days, left) in [(29, 2), (2, 1), (0, 0)] {
        app.travel(chrono::TimeDelta::days(days));
        app_api::worker::keep_one(&app.app, &tenant).await.expect("kept");
        assert_eq!(app.acme.count("select count(*) from bulk_jobs").await, left, "{days}");
    }
    assert_eq!(app.acme.count("select count(*) from bulk_items").await, 0);
    app.drain().await;
}
