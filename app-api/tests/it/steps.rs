//! A ticket's walk through its states, by everybody who may move it (T-2 to T-9, C1–C4).

use axum::http::Method;
use futures::future::join_all;
use serde_json::{Value, json};
use shared::session::Role;

use crate::{
    operations::{filled, operations, table},
    sla::shown,
    world::{Caller, TestApp, minutes},
};

/// What is written beside a ticket, closed or not, and is no change of it.
const BESIDE: [&str; 6] = [
    "POST /api/v1/tickets/{ticket}/read",
    "PUT /api/v1/tickets/{ticket}/watch",
    "DELETE /api/v1/tickets/{ticket}/watch",
    "PUT /api/v1/tickets/{ticket}/draft",
    "DELETE /api/v1/tickets/{ticket}/draft",
    "POST /api/v1/tickets/{ticket}/presence",
];

/// Brings a new ticket of `customer` into `state`, worked on by `agent`.
async fn in_state(state: &str, customer: &Caller, agent: &Caller) -> i64 {
    let ticket = customer.opens("Printer on fire").await;
    if state == "open" {
        return ticket;
    }
    agent.assigns(ticket, Some(agent.id)).await.expect(200);
    match state {
        "in_progress" => {}
        "waiting_customer" | "resolved" => drop(agent.sets(ticket, state).await.expect(200)),
        "closed" => {
            agent.sets(ticket, "resolved").await.expect(200);
            customer.sets(ticket, "closed").await.expect(200);
        }
        other => panic!("{other}"),
    }
    ticket
}

const STATES: [&str; 5] = ["open", "in_progress", "waiting_customer", "resolved", "closed"];

#[tokio::test]
async fn every_step_from_every_state_by_every_side_is_as_in_the_table() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (max, adam) = (app.acme.manager("max").await, app.acme.person("adam", Role::Admin).await);
    let staff = [("open", "closed"), ("in_progress", "waiting_customer"), ("in_progress", "resolved")];
    let customers = [("resolved", "closed"), ("resolved", "in_progress")];
    for from in STATES {
        for to in STATES {
            for (name, caller, allowed) in
                [("ana", &ana, &staff[..]), ("max", &max, &staff), ("adam", &adam, &staff), ("chloe", &chloe, &customers)]
            {
                let ticket = in_state(from, &chloe, &ana).await;
                let walked = || app.acme.count("select count(*) from ticket_history");
                let before = walked().await;
                let answer = caller.sets(ticket, to).await;
                if allowed.contains(&(from, to)) {
                    assert_eq!(answer.expect(200)["status"], to);
                } else {
                    answer.is(409, if from == "closed" { "ticket_closed" } else { "illegal_transition" });
                    assert_eq!(walked().await, before, "{name} {from} {to}");
                }
            }
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_walks_from_opened_to_confirmed() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let path = format!("/api/v1/tickets/{ticket}");
    app.travel(minutes(20));
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    ana.says(ticket, "On my **way**").await.expect(201);
    ana.sets(ticket, "waiting_customer").await.expect(200);
    app.travel(minutes(10));
    chloe.says(ticket, "It is out now").await.expect(201);
    assert_eq!(ana.get(&path).await.expect(200)["status"], "in_progress");
    ana.sets(ticket, "resolved").await.expect(200);
    app.travel(minutes(1));
    chloe.sets(ticket, "in_progress").await.expect(200);
    assert!(ana.get(&path).await.expect(200)["resolved_at"].is_null());
    ana.sets(ticket, "resolved").await.expect(200);
    chloe.sets(ticket, "closed").await.expect(200);
    let (seen_by_staff, seen_by_customer) = (ana.get(&path).await.expect(200), chloe.get(&path).await.expect(200));
    let redact = |v| insta::assert_json_snapshot!(v, { ".id" => "[id]", ".ticket_number" => "[number]", ".user_id" => "[id]", ".assigned_to" => "[id]", ".requester.id" => "[id]", ".assignee.id" => "[id]" });
    redact(seen_by_staff);
    redact(seen_by_customer);
    let history = ana.get(&format!("{path}/history")).await.expect(200);
    let walk: Vec<_> = history["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| format!("v{} {} {} -> {}", h["version"], h["kind"], h["from"], h["to"]).replace('"', ""))
        .collect();
    let walk = walk.join("\n").replace(&format!("-> {}", ana.id), "-> ana");
    insta::assert_snapshot!(walk);
    app.drain().await;
}

#[tokio::test]
async fn a_closed_ticket_is_never_changed() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = in_state("closed", &chloe, &ana).await;
    ana.says(ticket, "One more thing").await.is(409, "ticket_closed");
    chloe.says(ticket, "One more thing").await.is(409, "ticket_closed");
    ana.notes(ticket, "Hm").await.is(409, "ticket_closed");
    ana.assigns(ticket, Some(ana.id)).await.is(409, "ticket_closed");
    ana.assigns(ticket, None).await.is(409, "ticket_closed");
    ana.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "priority": "low" })).await.is(409, "ticket_closed");
    app.drain().await;
}

/// The ticket, whether or not its reader has opened it.
async fn unopened(caller: &Caller, ticket: i64) -> Value {
    let mut shown = shown(caller, ticket).await;
    shown["unread_count"].take();
    shown
}

#[tokio::test]
async fn whatever_is_asked_of_a_closed_ticket_leaves_it_as_it_was() {
    let app = TestApp::start().await;
    let (ana, chloe, boss) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.acme.manager("boss").await);
    let (other, table) = (chloe.opens("Another").await, table(ana.id));
    let (mut refused, walked) = (0, || app.acme.count("select count(*) from ticket_history"));
    for operation in operations().into_iter().filter(|o| o.contains("/tickets/{ticket}") && !o.starts_with("GET")) {
        let ticket = in_state("closed", &chloe, &ana).await;
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let path = filled(&boss, path, ticket).await;
        let body = match path.rsplit('/').next() {
            Some("merge") => json!({ "into": other }),
            Some("links") => json!({ "to": other, "relation": "related" }),
            _ => table[operation.as_str()].0.clone().unwrap_or_default(),
        };
        let before = (unopened(&boss, ticket).await, walked().await);
        let answer = boss.with(&Method::from_bytes(method.as_bytes()).expect("a method"), &path, body, &[]).await;
        if BESIDE.contains(&operation.as_str()) {
            assert!(answer.status.is_success(), "{operation}: {answer:?}");
        } else {
            // What was never merged has no merge to undo.
            answer.is(409, if operation.ends_with("/unmerge") { "conflict" } else { "ticket_closed" });
            refused += 1;
        }
        assert_eq!((unopened(&boss, ticket).await, walked().await), before, "{operation}");
    }
    assert!(refused >= 10, "{refused}");
    app.drain().await;
}

#[tokio::test]
async fn closing_an_open_ticket_needs_a_reason_and_assignment_needs_an_agent() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let gil = app.globex.agent("gil").await;
    let ticket = chloe.opens("Printer on fire").await;
    let answer = ana.post(&format!("/api/v1/tickets/{ticket}/status"), json!({ "status": "closed" })).await.is(422, "validation_failed");
    assert_eq!(answer["errors"][0]["field"], "reason");
    for nobody in [chloe.id, gil.id, 0, -1, i64::MAX] {
        ana.assigns(ticket, Some(nobody)).await.is(422, "validation_failed");
    }
    ana.assigns(ticket, None).await.is(409, "illegal_transition");
    ana.post(&format!("/api/v1/tickets/{ticket}/assign"), json!({})).await.is(422, "validation_failed");
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    assert_eq!(ana.assigns(ticket, None).await.expect(200)["status"], "open");
    app.drain().await;
}

#[tokio::test]
async fn a_change_that_builds_on_an_old_version_is_refused() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let path = format!("/api/v1/tickets/{ticket}");
    let read = ana.get(&path).await;
    assert_eq!(read.headers["etag"], "\"1\"");
    let edit =
        async |tag: &str, priority: &str| ana.with(&Method::PATCH, &path, json!({ "priority": priority }), &[("If-Match", tag)]).await;
    let changed = edit("\"1\"", "high").await;
    assert_eq!(changed.headers["etag"], "\"2\"");
    assert_eq!(changed.body["priority_reason"], "manual");
    for stale in ["\"1\"", "\"x\"", "2", "W/\"1\"", "", "\"1\", \"3\""] {
        edit(stale, "low").await.is(412, "version_mismatch");
    }
    edit("\"1\", \"2\"", "low").await.expect(200);
    // nginx makes weak tags of ours when it compresses.
    edit("W/\"3\"", "medium").await.expect(200);
    for (action, body) in [("assign", json!({ "assigned_to": ana.id })), ("status", json!({ "status": "waiting_customer" }))] {
        let path = format!("{path}/{action}");
        let act = async |tag: &str| ana.with(&Method::POST, &path, body.clone(), &[("If-Match", tag)]).await;
        act("\"3\"").await.is(412, "version_mismatch");
        let version = ana.get(&format!("/api/v1/tickets/{ticket}")).await.headers["etag"].to_str().expect("a tag").to_owned();
        let acted = act(&version).await;
        assert_eq!(acted.headers["etag"], format!("\"{}\"", acted.body["version"]), "{action}");
        acted.expect(200);
    }
    edit("*", "urgent").await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn of_many_who_take_a_ticket_at_once_one_wins_and_nothing_is_counted_twice() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let mut agents = Vec::new();
    for n in 0..8 {
        agents.push(app.acme.agent(&format!("agent{n}")).await);
    }
    let path = format!("/api/v1/tickets/{ticket}/assign");
    let tries = agents.iter().map(|a| a.with(&Method::POST, &path, json!({ "assigned_to": a.id }), &[("If-Match", "\"1\"")]));
    let statuses: Vec<u16> = join_all(tries).await.into_iter().map(|a| a.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    // Whoever came later either sees that it has moved on, or no longer sees it at all.
    assert!(statuses.iter().all(|s| [200, 412, 404].contains(s)), "{statuses:?}");
    assert_eq!(app.acme.count("select count(*) from events where kind = 'TicketAssigned'").await, 1);
    assert_eq!(app.acme.count("select count(*) from audit_logs where action = 'TicketAssigned'").await, 1);
    assert_eq!(app.acme.count("select count(*) from ticket_history where kind = 'assignment'").await, 1);
    app.drain().await;
}

#[tokio::test]
async fn of_many_who_take_the_same_step_at_once_one_does() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let of = async |sql: &'static str| app.acme.count(sql).await;
    for (from, caller, steps) in [
        ("open", &ana, ["closed"; 2]),
        ("in_progress", &ana, ["resolved"; 2]),
        ("in_progress", &ana, ["waiting_customer", "resolved"]),
        ("resolved", &chloe, ["closed"; 2]),
        ("resolved", &chloe, ["in_progress"; 2]),
        ("resolved", &chloe, ["closed", "in_progress"]),
    ] {
        let ticket = in_state(from, &chloe, &ana).await;
        let counts = async || {
            let told = of("select count(*) from events where kind = 'TicketStatusChanged'").await;
            let walked = of("select count(*) from ticket_history where kind = 'status'").await;
            (told, walked, of("select count(*) from audit_logs where action = 'TicketStatusChanged'").await)
        };
        let before = counts().await;
        let answers = join_all((0..10).map(|n| caller.sets(ticket, steps[n % 2]))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [[200].as_slice(), &[409; 9]].concat(), "{from} {steps:?}");
        assert_eq!(counts().await, (before.0 + 1, before.1 + 1, before.2 + 1), "{from} {steps:?}");
    }
    app.drain().await;
}

#[tokio::test]
async fn of_many_who_edit_different_things_at_once_nothing_is_lost() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let path = format!("/api/v1/tickets/{ticket}");
    for (round, priority) in ["low", "urgent", "high", "low", "urgent"].into_iter().enumerate() {
        let edits = [
            json!({ "subject": format!("Subject {round}") }),
            json!({ "category": format!("category {round}") }),
            json!({ "priority": priority }),
            json!({ "tags": [format!("tag {round}")] }),
            json!({ "custom_fields": { "round": round } }),
        ];
        let answers = join_all(edits.iter().map(|edit| ana.patch(&path, edit.clone()))).await;
        answers.into_iter().for_each(|answer| drop(answer.expect(200)));
        let after = shown(&ana, ticket).await;
        for edit in edits {
            let (name, value) = edit.as_object().and_then(|edit| edit.iter().next()).expect("one field");
            assert_eq!(&after[name], value, "{name} in round {round}");
        }
        assert_eq!(after["version"], 5 * round + 6);
    }
    assert_eq!(app.acme.count("select count(*) from ticket_history").await, 26);
    app.drain().await;
}

#[tokio::test]
async fn work_that_goes_on_and_is_nobodys_waits_for_whoever_takes_it() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (one, other) = (in_state("resolved", &chloe, &ana).await, in_state("resolved", &chloe, &ana).await);
    sqlx::query("update support_tickets set assigned_to = null").execute(&app.acme.db).await.expect("nobody's");
    assert_eq!(chloe.sets(one, "in_progress").await.expect(200)["status"], "open");
    let again = json!({ "message": "It burns again", "reopen": true });
    chloe.post(&format!("/api/v1/tickets/{other}/messages"), again).await.expect(201);
    assert_eq!(shown(&chloe, other).await["status"], "open");
    ana.assigns(other, Some(ana.id)).await.expect(200);
    assert_eq!(shown(&ana, other).await["status"], "in_progress");
    app.drain().await;
}

#[tokio::test]
async fn every_change_has_one_version_one_audit_row_and_an_event_and_the_walk_is_legal() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = in_state("in_progress", &chloe, &ana).await;
    let clients = (0..20).map(|n| {
        let (ana, chloe) = (ana.clone(), chloe.clone());
        async move {
            let status = ["waiting_customer", "resolved", "in_progress", "closed"][n % 4];
            if n % 2 == 0 { ana.sets(ticket, status).await } else { chloe.sets(ticket, status).await }
        }
    });
    assert!(join_all(clients).await.iter().all(|a| a.status.as_u16() < 500));
    let gaps = "select count(*) from (select version, lag(version) over (order by id) as before from ticket_history where kind <> 'assignment') h where version <> before + 1";
    assert_eq!(app.acme.count(gaps).await, 0);
    let breaks = "select count(*) from (select from_value, lag(to_value) over (order by id) as before from ticket_history where kind = 'status') h where from_value is distinct from before";
    assert_eq!(app.acme.count(breaks).await, 0);
    assert_eq!(
        app.acme.count("select count(*) from events").await,
        app.acme.count("select count(*) from audit_logs where outcome = 'success'").await
    );
    assert_eq!(
        app.acme.count("select max(version) from ticket_history").await,
        app.acme.count("select version from support_tickets").await
    );
    app.drain().await;
}
