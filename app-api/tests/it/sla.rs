//! What was promised to customers (T-10 to T-16): clocks, warnings and breaches, each told once; policies and hours;
//! and why a ticket is due when it is.

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::world::{Caller, TestApp, minutes};

pub async fn shown(caller: &Caller, ticket: i64) -> Value {
    caller.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)
}

pub fn at(value: &Value) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no time: {value}"))
}

pub async fn asked(caller: &Caller, body: Value) -> i64 {
    caller.post("/api/v1/tickets", body).await.expect(201)["id"].as_i64().expect("an id")
}

fn with(priority: &str) -> Value {
    json!({ "subject": "Printer on fire", "description": "It smokes.", "priority": priority })
}

fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

#[tokio::test]
async fn a_new_ticket_shows_the_targets_of_its_priority_counted_from_its_creation() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    for (priority, response, resolution) in [("low", 2880, 10_080), ("medium", 1440, 4320), ("high", 240, 1440), ("urgent", 60, 240)] {
        let ticket = chloe.post("/api/v1/tickets", with(priority)).await.expect(201);
        for (clock, target) in [("response", response), ("resolution", resolution)] {
            let shown = &ticket["sla"][clock];
            assert_eq!((&shown["target_minutes"], &shown["state"]), (&json!(target), &json!("running")), "{priority}");
            assert_eq!(at(&shown["due_at"]), app.clock.now() + minutes(target));
            assert_eq!((shown["remaining_seconds"].as_i64(), &shown["met_at"]), (Some(target * 60), &Value::Null));
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn the_first_public_answer_of_an_agent_meets_the_response_and_nothing_else_does() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = asked(&chloe, with("medium")).await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    chloe.says(ticket, "Hello?").await.expect(201);
    ana.notes(ticket, "Who knows printers?").await.expect(201);
    app.travel(minutes(30));
    assert_eq!(shown(&ana, ticket).await["sla"]["response"]["state"], "running");
    ana.says(ticket, "On my way").await.expect(201);
    let answered = app.clock.now();
    app.travel(minutes(30));
    ana.says(ticket, "Nearly there").await.expect(201);
    let response = shown(&chloe, ticket).await["sla"]["response"].clone();
    assert_eq!((&response["state"], at(&response["met_at"]), &response["remaining_seconds"]), (&json!("met"), answered, &Value::Null));
    app.travel(TimeDelta::days(2));
    app.drain().await;
    assert!(named(&app.heard(&app.acme), "TicketSLABreach").is_empty());
    app.drain().await;
}

#[tokio::test]
async fn waiting_for_the_customer_is_given_back_and_a_resolution_stops_the_clock_until_it_is_taken_back() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = asked(&chloe, with("urgent")).await;
    let promised = app.clock.now() + minutes(240);
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    ana.says(ticket, "Which model?").await.expect(201);
    app.travel(minutes(60));
    ana.sets(ticket, "waiting_customer").await.expect(200);
    app.travel(TimeDelta::days(3));
    app.drain().await;
    let paused = shown(&ana, ticket).await["sla"]["resolution"].clone();
    assert_eq!((&paused["state"], &paused["due_at"], &paused["remaining_seconds"]), (&json!("paused"), &Value::Null, &json!(180 * 60)));
    chloe.says(ticket, "The old one").await.expect(201);
    let running = shown(&ana, ticket).await["sla"]["resolution"].clone();
    assert_eq!((&running["state"], at(&running["due_at"])), (&json!("running"), promised + TimeDelta::days(3)));
    app.travel(minutes(60));
    let resolved = ana.sets(ticket, "resolved").await.expect(200);
    assert_eq!((&resolved["sla"]["resolution"]["state"], at(&resolved["sla"]["resolution"]["met_at"])), (&json!("met"), app.clock.now()));
    app.travel(minutes(600));
    chloe.sets(ticket, "in_progress").await.expect(200);
    let again = shown(&ana, ticket).await["sla"]["resolution"].clone();
    assert_eq!((&again["state"], again["remaining_seconds"].as_i64()), (&json!("running"), Some(120 * 60)));
    app.drain().await;
    let events = app.heard(&app.acme);
    assert!(named(&events, "TicketSLABreach").is_empty());
    assert_eq!(named(&events, "TicketResolved")[0]["data"]["sla_met"], true);
    app.drain().await;
}

#[tokio::test]
async fn a_missed_target_is_told_once_kept_with_the_ticket_and_raises_its_priority() {
    let app = TestApp::start().await;
    let (ana, chloe, boss) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.acme.manager("boss").await);
    let other = app.globex.manager("other").await;
    let ticket = asked(&chloe, with("high")).await;
    app.travel(minutes(192) - TimeDelta::seconds(1));
    app.drain().await;
    assert!(named(&app.heard(&app.acme), "TicketSLAWarning").is_empty());
    app.travel(TimeDelta::seconds(1));
    app.drain().await;
    let heard = app.heard(&app.acme);
    let warning = &named(&heard, "TicketSLAWarning")[0]["data"];
    assert_eq!(
        (&warning["sla_type"], &warning["expected_minutes"], &warning["actual_minutes"]),
        (&json!("response"), &json!(240), &json!(192))
    );
    app.travel(minutes(48));
    app.drain().await;
    for _ in 0..3 {
        app.drain().await;
    }
    let heard = app.heard(&app.acme);
    let breaches = named(&heard, "TicketSLABreach");
    assert_eq!(breaches.len(), 2, "a late answer makes it urgent, and by that the resolution is late, too");
    let number = shown(&boss, ticket).await["ticket_number"].clone();
    assert_eq!(
        breaches[0]["data"],
        json!({ "ticket_id": ticket, "ticket_number": number, "priority": "urgent", "sla_type": "response",
            "expected_minutes": 240, "actual_minutes": 240, "assigned_to": null })
    );
    assert_eq!(breaches[1]["data"]["sla_type"], "resolution");
    let late = shown(&boss, ticket).await;
    assert_eq!((&late["priority"], &late["priority_reason"]), (&json!("urgent"), &json!("sla_breach")));
    assert_eq!(late["sla"]["response"]["state"], "breached");
    let kept = late["metadata"]["sla"]["breaches"].as_array().expect("breaches").clone();
    assert_eq!(kept.iter().map(|b| b["type"].as_str().unwrap()).collect::<Vec<_>>(), ["response", "resolution"]);
    let history = ana.get(&format!("/api/v1/tickets/{ticket}/history")).await.expect(200);
    let told: Vec<_> =
        history["data"].as_array().unwrap().iter().map(|h| (h["kind"].as_str().unwrap(), h["to"].as_str().unwrap())).collect();
    assert_eq!(told, [("status", "open"), ("sla", "breached"), ("priority", "urgent"), ("sla", "breached")]);
    let versions: Vec<_> = history["data"].as_array().unwrap().iter().map(|h| h["version"].as_i64().unwrap()).collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    let notices = boss.get("/api/v1/notifications?unread=true&count=true").await.expect(200);
    let kinds: Vec<_> = notices["data"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds, &notices["page"]["total"]), (vec!["sla_breach", "sla_breach", "sla_warning"], &json!(3)));
    assert!(other.get("/api/v1/notifications").await.expect(200)["data"].as_array().unwrap().is_empty());
    let seen = chloe.get(&format!("/api/v1/tickets/{ticket}/history")).await.expect(200);
    assert_eq!(seen["data"].as_array().unwrap().len(), 1, "a customer sees statuses only");
    app.drain().await;
}

#[tokio::test]
async fn a_priority_that_was_set_by_hand_is_not_raised_and_an_urgent_one_cannot_be() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (manual, urgent) = (chloe.opens("Mine").await, asked(&chloe, with("urgent")).await);
    ana.patch(&format!("/api/v1/tickets/{manual}"), json!({ "priority": "high" })).await.expect(200);
    app.travel(TimeDelta::days(1));
    app.drain().await;
    for (ticket, priority, reason) in [(manual, "high", "manual"), (urgent, "urgent", "requested")] {
        let ticket = shown(&ana, ticket).await;
        assert_eq!((&ticket["priority"], &ticket["priority_reason"]), (&json!(priority), &json!(reason)));
        assert_eq!(ticket["sla"]["response"]["state"], "breached");
    }
    app.drain().await;
}

#[tokio::test]
async fn another_priority_counts_from_the_creation_with_the_paused_time_kept() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = asked(&chloe, with("low")).await;
    let created = app.clock.now();
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    app.travel(minutes(100));
    ana.sets(ticket, "waiting_customer").await.expect(200);
    app.travel(minutes(500));
    chloe.says(ticket, "Here").await.expect(201);
    let changed = ana.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "priority": "high" })).await.expect(200);
    assert_eq!(at(&changed["sla"]["response"]["due_at"]), created + minutes(240 + 500));
    assert_eq!(at(&changed["sla"]["resolution"]["due_at"]), created + minutes(1440 + 500));
    app.drain().await;
}

#[tokio::test]
async fn an_answer_that_comes_too_late_before_anybody_has_looked_is_a_breach_that_is_told_once() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = asked(&chloe, with("urgent")).await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    app.travel(minutes(61));
    ana.says(ticket, "Sorry").await.expect(201);
    app.drain().await;
    app.drain().await;
    let heard = app.heard(&app.acme);
    let breaches = named(&heard, "TicketSLABreach");
    assert_eq!((breaches.len(), &breaches[0]["data"]["actual_minutes"]), (1, &json!(61)));
    assert_eq!(breaches[0]["data"]["assigned_to"], ana.id);
    assert_eq!(shown(&ana, ticket).await["sla"]["response"]["state"], "breached");
    app.drain().await;
}

#[tokio::test]
async fn two_workers_at_once_tell_each_breach_once() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    for _ in 0..20 {
        asked(&chloe, with("urgent")).await;
    }
    app.travel(minutes(60));
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let fired = join_all((0..4).map(|_| app_api::worker::fire_timers(&app.app, &tenant))).await;
    assert!(fired.iter().all(Result::is_ok));
    app.drain().await;
    assert_eq!(named(&app.heard(&app.acme), "TicketSLABreach").len(), 20);
    assert_eq!(app.acme.count("select count(*) from ticket_history where kind = 'sla'").await, 20);
    app.drain().await;
}

#[tokio::test]
async fn a_breach_that_others_are_in_the_way_of_is_told_two_seconds_later() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    asked(&chloe, with("urgent")).await;
    app.travel(minutes(60));
    let in_the_way = "create function give_way() returns trigger language plpgsql as
            $$ begin raise exception 'others are in the way' using errcode = 'serialization_failure'; end $$;
        create trigger give_way before update on support_tickets for each row execute function give_way()";
    sqlx::raw_sql(in_the_way).execute(&app.acme.db).await.expect("in the way");
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let again = app_api::worker::fire_timers(&app.app, &tenant).await.expect("timers fire");
    assert_eq!(again, Some(std::time::Duration::from_secs(2)));
    sqlx::raw_sql("drop function give_way cascade").execute(&app.acme.db).await.expect("gone");
    app.drain().await;
    assert_eq!(named(&app.heard(&app.acme), "TicketSLABreach").len(), 1);
}

#[tokio::test]
async fn what_is_due_next_comes_first_and_what_nobody_waits_for_comes_last() {
    let app = TestApp::start().await;
    let (ana, chloe, boss) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.acme.manager("boss").await);
    let mut opened = Vec::new();
    for priority in ["urgent", "high", "medium", "low", "urgent", "high"] {
        opened.push(asked(&chloe, with(priority)).await);
    }
    let [late, answered, medium, low, resolved, paused] = opened[..] else { panic!("six tickets") };
    for ticket in [answered, resolved, paused] {
        ana.assigns(ticket, Some(ana.id)).await.expect(200);
        ana.says(ticket, "On my way").await.expect(201);
    }
    ana.sets(resolved, "resolved").await.expect(200);
    ana.sets(paused, "waiting_customer").await.expect(200);
    app.travel(minutes(90));
    // One hour for the late one's answer, a day for two more: of the resolution, and of an answer.
    let soonest = boss.get("/api/v1/tickets?sort=due_at").await.expect(200);
    let listed: Vec<i64> = soonest["data"].as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect();
    assert_eq!(listed, [late, answered, medium, low, resolved, paused]);
    let latest = boss.get("/api/v1/tickets?sort=-due_at").await.expect(200);
    assert_eq!(latest["data"][5]["id"], late);
    app.drain().await;
}

#[tokio::test]
async fn lists_are_narrowed_to_what_is_late_or_nearly() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (late, near, calm) = (asked(&chloe, with("urgent")).await, asked(&chloe, with("high")).await, chloe.opens("Calm").await);
    let paused = chloe.opens("Paused").await;
    ana.assigns(paused, Some(ana.id)).await.expect(200);
    ana.sets(paused, "waiting_customer").await.expect(200);
    app.travel(minutes(200));
    app.drain().await;
    for (query, expected) in [
        ("breached", vec![late]),
        ("warning", vec![near]),
        ("running", vec![calm]),
        ("paused", vec![paused]),
        ("warning,breached", vec![near, late]),
    ] {
        let page = boss.get(&format!("/api/v1/tickets?count=true&sla={query}")).await.expect(200);
        let ids: Vec<_> = page["data"].as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect();
        assert_eq!((ids, page["page"]["total"].as_u64()), (expected.clone(), Some(expected.len() as u64)), "{query}");
    }
    boss.get("/api/v1/tickets?sla=late").await.is(422, "validation_failed");
    app.drain().await;
}

#[tokio::test]
async fn tickets_from_before_there_were_targets_are_measured_and_nobody_is_told_of_what_is_past() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (old, closed) = (chloe.opens("Old").await, chloe.opens("Closed").await);
    ana.sets(closed, "closed").await.expect(200);
    let unmeasured = "update support_tickets set sla_policy_id = null, sla_policy_version = null, sla_state = null, sla_next_at = null,
        response_target_minutes = null, response_due_at = null, resolution_target_minutes = null, resolution_due_at = null";
    sqlx::query(unmeasured).execute(&app.acme.db).await.expect("as before");
    assert_eq!(shown(&ana, old).await["sla"], Value::Null);
    app.travel(TimeDelta::days(2));
    app.drain().await;
    let measured = shown(&ana, old).await["sla"].clone();
    assert_eq!((&measured["response"]["state"], &measured["resolution"]["state"]), (&json!("breached"), &json!("running")));
    assert!(named(&app.heard(&app.acme), "TicketSLABreach").is_empty());
    assert_eq!(shown(&ana, closed).await["sla"], Value::Null);
    app.travel(TimeDelta::days(1));
    app.drain().await;
    let heard = app.heard(&app.acme);
    let types: Vec<_> = named(&heard, "TicketSLABreach").iter().map(|e| e["data"]["sla_type"].clone()).collect();
    assert_eq!(types, ["resolution"]);
    app.drain().await;
}

#[tokio::test]
async fn a_new_ticket_is_raised_by_what_is_known_of_its_customer() {
    let app = TestApp::start().await;
    let (ana, chloe, vera) = (app.acme.agent("ana").await, app.acme.customer("chloe").await, app.acme.customer("vera").await);
    sqlx::query("update users set vip = true where id = $1").bind(vera.id).execute(&app.acme.db).await.expect("a VIP");
    let opened = async |who: &Caller, body: Value| {
        let ticket = who.post("/api/v1/tickets", body).await.expect(201);
        (ticket["priority"].as_str().unwrap().to_owned(), ticket["priority_reason"].as_str().unwrap().to_owned())
    };
    let body = |category: &str| json!({ "subject": "x", "description": "x", "category": category });
    for n in 1..=5 {
        let expected = if n > 3 { ("high", "repeated") } else { ("medium", "default") };
        assert_eq!(opened(&chloe, body("billing")).await, (expected.0.into(), expected.1.into()), "the {n}th");
    }
    assert_eq!(opened(&chloe, body("repair")).await, ("medium".into(), "default".into()));
    assert_eq!(opened(&chloe, body("payment_failure")).await, ("urgent".into(), "payment_failure".into()));
    assert_eq!(opened(&vera, body("repair")).await, ("high".into(), "default, vip".into()));
    let by_hand = json!({ "subject": "x", "description": "x", "category": "payment_failure", "user_id": vera.id, "priority": "low" });
    assert_eq!(opened(&ana, by_hand).await, ("low".into(), "manual".into()));
    app.drain().await;
}

#[tokio::test]
async fn what_somebody_was_told_is_theirs_alone() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    boss.assigns(ticket, Some(ana.id)).await.expect(200);
    app.drain().await;
    let mine = ana.get("/api/v1/notifications").await.expect(200)["data"][0].clone();
    assert_eq!((&mine["kind"], &mine["ticket_id"], &mine["read_at"]), (&json!("assigned"), &json!(ticket), &Value::Null));
    let path = format!("/api/v1/notifications/{}/read", mine["id"]);
    for other in [&boss, &chloe] {
        assert!(other.get("/api/v1/notifications").await.expect(200)["data"].as_array().unwrap().is_empty());
        other.post(&path, json!({})).await.is(404, "not_found");
    }
    ana.post(&path, json!({})).await.expect(204);
    assert!(ana.get("/api/v1/notifications?unread=true").await.expect(200)["data"].as_array().unwrap().is_empty());
    app.drain().await;
}
