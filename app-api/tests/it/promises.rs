//! Which policy a ticket is under, and that nobody's edit changes what was promised while a clock runs (T-11, C13).

use axum::http::Method;
use chrono::TimeDelta;
use futures::future::{join_all, join3};
use serde_json::{Value, json};
use shared::session::Role;

use crate::{
    policies::{office, targets},
    sla::{asked, at, shown},
    world::{Caller, TestApp, minutes},
};

async fn policy(adam: &Caller, body: Value) -> i64 {
    adam.post("/api/v1/sla/policies", body).await.expect(201)["id"].as_i64().expect("an id")
}

async fn response(caller: &Caller, ticket: i64) -> i64 {
    shown(caller, ticket).await["sla"]["response"]["target_minutes"].as_i64().expect("a target")
}

#[tokio::test]
async fn of_several_policies_the_first_that_fits_counts_and_a_queue_brings_its_own() {
    let app = TestApp::start().await;
    let (adam, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.customer("chloe").await);
    let team = adam.post("/api/v1/teams", json!({ "name": "Repairs" })).await.expect(201)["id"].as_i64().expect("an id");
    let category = json!({ "name": "repair", "labels": { "fr": "Un", "en": "One" }, "team_id": team });
    adam.post("/api/v1/categories", category).await.expect(201);
    policy(&adam, json!({ "name": "Tagged", "position": 2, "tags": ["vip"], "targets": targets(30, 90) })).await;
    policy(&adam, json!({ "name": "Repairs", "position": 1, "teams": [team], "targets": targets(10, 20) })).await;
    policy(&adam, json!({ "name": "Never", "position": 1, "tags": ["nobody has it"], "targets": targets(1, 1) })).await;
    let (ticket, created) = (chloe.opens("Printer on fire").await, app.clock.now());
    app.travel(minutes(5));
    let path = format!("/api/v1/tickets/{ticket}");
    let queue = async |to: Value| adam.post(&format!("{path}/assign"), json!({ "team_id": to })).await.expect(200);
    let tag = async |tags: Value| adam.patch(&path, json!({ "tags": tags })).await.expect(200);
    assert_eq!(response(&adam, ticket).await, 1440);
    for (step, changed, expected) in [
        ("into the queue", queue(json!(team)).await, 10),
        ("tagged, too", tag(json!(["vip"])).await, 10),
        ("out of the queue", queue(Value::Null).await, 30),
        ("untagged", tag(json!([])).await, 1440),
    ] {
        assert_eq!(at(&changed["sla"]["response"]["due_at"]), created + minutes(expected), "{step}");
    }
    let at_once = asked(&chloe, json!({ "subject": "x", "description": "x", "category": "repair" })).await;
    assert_eq!(response(&adam, at_once).await, 10);
    app.drain().await;
}

#[tokio::test]
async fn a_policy_that_is_out_of_use_keeps_what_it_promised_and_fits_nothing_new() {
    let app = TestApp::start().await;
    let (adam, ana, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let high = json!({ "response": 15, "resolution": 45 });
    let mut promised = targets(30, 90);
    promised["high"] = high;
    let repairs = policy(&adam, json!({ "name": "Repairs", "categories": ["repair"], "targets": promised })).await;
    let body = json!({ "subject": "x", "description": "x", "category": "repair" });
    let before = asked(&chloe, body.clone()).await;
    adam.delete(&format!("/api/v1/sla/policies/{repairs}")).await.expect(204);
    adam.delete("/api/v1/sla/policies/1").await.is(409, "conflict");
    let after = asked(&chloe, body).await;
    assert_eq!((response(&adam, before).await, response(&adam, after).await), (30, 1440));
    ana.assigns(before, Some(ana.id)).await.expect(200);
    ana.patch(&format!("/api/v1/tickets/{before}"), json!({ "priority": "high" })).await.expect(200);
    assert_eq!(response(&ana, before).await, 15);
    let why = ana.get(&format!("/api/v1/tickets/{before}/sla")).await.expect(200);
    assert_eq!((&why["policy"]["name"], &why["priority_reason"]), (&json!("Repairs"), &json!("manual")));
    app.drain().await;
}

#[tokio::test]
async fn hours_that_change_count_for_what_comes_and_never_for_what_runs() {
    let app = TestApp::start().await;
    let (adam, ana, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let calendar = office(&adam).await;
    policy(&adam, json!({ "name": "Repairs", "categories": ["repair"], "targets": targets(240, 600), "calendar_id": calendar })).await;
    let body = json!({ "subject": "x", "description": "x", "category": "repair" });
    let runs = asked(&chloe, body.clone()).await;
    let due = async |ticket| shown(&ana, ticket).await["sla"]["response"]["due_at"].clone();
    assert_eq!(due(runs).await, "2026-03-02T14:00:00Z");
    let day = json!([[540, 1020]]);
    let moved = json!({ "name": "Office", "time_zone": "America/New_York", "week": [day, day, day, day, day, [], []] });
    adam.put(&format!("/api/v1/sla/calendars/{calendar}"), moved).await.expect(200);
    let new = asked(&chloe, body).await;
    assert_eq!((due(runs).await, due(new).await), (json!("2026-03-02T14:00:00Z"), json!("2026-03-02T18:00:00Z")));
    // An hour counts; then it waits until noon in Paris, when nobody works there until one.
    ana.assigns(runs, Some(ana.id)).await.expect(200);
    app.travel(minutes(60));
    ana.sets(runs, "waiting_customer").await.expect(200);
    app.travel(minutes(60));
    chloe.says(runs, "Here it is").await.expect(201);
    assert_eq!(due(runs).await, "2026-03-02T15:00:00Z");
    let why = ana.get(&format!("/api/v1/tickets/{runs}/sla")).await.expect(200);
    assert_eq!((&why["hours"]["time_zone"], &why["response"]["elapsed_seconds"]), (&json!("Europe/Paris"), &json!(3600)));
    app.drain().await;
}

/// Of how many tickets the targets are those of the version that they say they were promised.
const KEPT: &str = "select count(*) from support_tickets t
    join sla_policy_versions v on v.policy_id = t.sla_policy_id and v.version = t.sla_policy_version
    where t.response_target_minutes = (v.targets -> t.priority ->> 'response')::int
        and t.resolution_target_minutes = (v.targets -> t.priority ->> 'resolution')::int";

#[tokio::test]
async fn whoever_edits_a_policy_while_clocks_run_their_sums_are_those_of_the_history() {
    let app = TestApp::start().await;
    let (adam, ana, chloe) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut tickets = Vec::new();
    for n in 0..6 {
        let ticket = chloe.opens(&format!("Ticket {n}")).await;
        ana.assigns(ticket, Some(ana.id)).await.expect(200);
        tickets.push(ticket);
    }
    for round in 0..4_i64 {
        app.travel(TimeDelta::minutes(17));
        let edits = join_all((1..5).map(|n| {
            let edit = json!({ "name": "Standard", "targets": targets(600 + 10 * round + n, 6000 + n) });
            let adam = adam.clone();
            async move { adam.with(&Method::PUT, "/api/v1/sla/policies/1", edit, &[]).await }
        }));
        let steps =
            join_all(
                tickets.iter().map(|ticket| {
                    let (ana, chloe) = (&ana, &chloe);
                    async move {
                        if round % 2 == 0 { ana.sets(*ticket, "waiting_customer").await } else { chloe.says(*ticket, "Here it is").await }
                    }
                }),
            );
        let (edits, steps, opened) = join3(edits, steps, join_all((0..4).map(|_| chloe.opens("Meanwhile")))).await;
        assert!(edits.iter().chain(&steps).all(|answer| answer.status.is_success()), "{edits:?} {steps:?}");
        assert_eq!(opened.len(), 4);
    }
    assert_eq!(app.acme.count("select count(*) from sla_policy_versions").await, 17);
    assert_eq!(app.acme.count(KEPT).await, 22);
    assert_eq!(app.acme.count("select count(distinct sla_policy_version) from support_tickets where id <= 6").await, 1);
    app.travel(TimeDelta::minutes(17));
    for ticket in tickets {
        let why = ana.get(&format!("/api/v1/tickets/{ticket}/sla")).await.expect(200);
        let counted: i64 =
            why["spans"].as_array().expect("spans").iter().map(|span| span["counted_seconds"].as_i64().expect("seconds")).sum();
        // It ran for the first, the third and the last stretch of seventeen minutes.
        assert_eq!((counted, &why["resolution"]["elapsed_seconds"]), (3 * 17 * 60, &json!(3 * 17 * 60)));
        let left = why["resolution"]["remaining_seconds"].as_i64().expect("what is left");
        assert_eq!(left, 4320 * 60 - counted, "by what was promised first");
    }
    app.drain().await;
}
