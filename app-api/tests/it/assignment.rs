//! Tickets that are given out by themselves, to whoever is there and has room; and what becomes of the work of whoever
//! leaves (C8).

use std::collections::BTreeMap;

use futures::future::{join, join_all};
use serde_json::{Value, json};
use shared::broker::Outcome;

use crate::world::{Caller, TestApp, minutes};

/// A team that gives out its tickets in that way, and a category whose tickets it gets.
async fn team(boss: &Caller, way: &str, members: &[&Caller]) -> i64 {
    let members: Vec<_> = members.iter().map(|member| json!({ "user_id": member.id })).collect();
    let body = json!({ "name": way, "assignment": way, "members": members });
    let team = boss.post("/api/v1/teams", body).await.expect(201)["id"].as_i64().unwrap();
    let body = json!({ "name": way, "labels": { "fr": way, "en": way }, "team_id": team });
    boss.post("/api/v1/categories", body).await.expect(201);
    team
}

async fn opens(customer: &Caller, category: &str) -> Value {
    let body = json!({ "subject": "x", "description": "x", "category": category });
    customer.post("/api/v1/tickets", body).await.expect(201)
}

async fn says(caller: &Caller, whose: &str, body: Value) -> Value {
    caller.patch(&format!("/api/v1/agents/{whose}/availability"), body).await.expect(200)
}

/// How many tickets each has, by id.
async fn loads(boss: &Caller) -> BTreeMap<i64, i64> {
    let agents = boss.get("/api/v1/agents").await.expect(200);
    agents["data"].as_array().unwrap().iter().map(|a| (a["id"].as_i64().unwrap(), a["open_tickets"].as_i64().unwrap())).collect()
}

async fn history(boss: &Caller, ticket: &Value) -> Vec<String> {
    let path = format!("/api/v1/tickets/{ticket}/history");
    let page = boss.get(&path).await.expect(200);
    let said = |e: &Value| format!("{} {} {} {}", e["kind"], e["to"], e["by"]["id"], e["reason"]).replace('"', "");
    page["data"].as_array().unwrap().iter().map(said).collect()
}

async fn leaves(app: &TestApp, who: &Caller, role: &str, active: bool) -> Outcome {
    app.tell(&app.acme, json!({ "user_id": who.id, "email": "gone@acme.test", "firstname": "g", "lastname": "T", "locale": "en", "role": role, "active": active, "version": 9 })).await
}

#[tokio::test]
async fn fifty_openings_at_once_are_spread_evenly_over_whoever_is_there() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    for way in ["round_robin", "least_loaded"] {
        let mut agents = Vec::new();
        for n in 0..7 {
            agents.push(app.acme.agent(&format!("{way}{n}")).await);
        }
        team(&boss, way, &agents.iter().collect::<Vec<_>>()).await;
        // One is away, one takes nothing, one has left: four are there.
        says(&agents[4], "me", json!({ "available": false })).await;
        says(&boss, &agents[5].id.to_string(), json!({ "capacity": 0 })).await;
        assert_eq!(leaves(&app, &agents[6], "agent", false).await, Outcome::Done);
        let opened = join_all((0..50).map(|_| opens(&chloe, way))).await;
        assert!(opened.iter().all(|ticket| ticket["status"] == "in_progress" && ticket["version"] == 2), "{opened:#?}");
        let loads = loads(&boss).await;
        let mut given: Vec<i64> = agents.iter().filter_map(|agent| loads.get(&agent.id).copied()).collect();
        given.sort_unstable();
        assert_eq!(given, [0, 0, 12, 12, 13, 13], "{way}");
        let twice =
            "select count(*) from (select ticket_id from ticket_history where kind = 'assignment' group by 1 having count(*) > 1) t";
        assert_eq!(app.acme.count(twice).await, 0, "{way}");
    }
    assert_eq!(app.acme.count("select count(*) from events where kind = 'TicketAssigned'").await, 100);
    app.drain().await;
}

#[tokio::test]
async fn nobody_gets_more_than_they_take_however_many_come_at_once() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    for way in ["round_robin", "least_loaded"] {
        team(&boss, way, &[&ana, &ben]).await;
    }
    says(&ana, "me", json!({ "capacity": 3 })).await;
    says(&ben, "me", json!({ "capacity": 2 })).await;
    let opened = join_all((0..20).map(|n| opens(&chloe, ["round_robin", "least_loaded"][n % 2]))).await;
    assert_eq!(opened.iter().filter(|ticket| ticket["status"] == "in_progress").count(), 5);
    let loads = loads(&boss).await;
    assert_eq!((loads[&ana.id], loads[&ben.id]), (3, 2));
    // The others wait in their team's queue, where anybody may still take them.
    let waiting = opened.iter().find(|ticket| ticket["status"] == "open").expect("one waits")["id"].as_i64().unwrap();
    boss.post(&format!("/api/v1/tickets/{waiting}/assign"), json!({ "assigned_to": "auto" })).await.is(409, "conflict");
    ana.assigns(waiting, Some(ana.id)).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn whoever_says_whether_they_are_there_waits_for_no_ticket_that_is_changed_in_their_name() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    // As a bulk job holds its maker, and may wait for the right to give tickets out.
    let mut job = app.acme.db.begin().await.expect("begun");
    let sql = "select from users where id = $1 for share";
    sqlx::query(sql).bind(ana.id).execute(&mut *job).await.expect(sql);
    assert_eq!(says(&ana, "me", json!({ "available": false })).await["available"], false);
    job.rollback().await.expect("let go");
    app.drain().await;
}

#[tokio::test]
async fn a_substitute_takes_over_until_whoever_is_away_is_back_and_the_history_says_why() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    team(&boss, "round_robin", &[&ana]).await;
    let back = "2026-03-02T10:00:00Z";
    let said = says(&ana, "me", json!({ "available": false, "away_until": back, "substitute_id": ben.id })).await;
    assert_eq!(said, json!({ "available": false, "away_until": back, "substitute_id": ben.id, "capacity": null }));
    let first = opens(&chloe, "round_robin").await;
    let read = boss.get(&format!("/api/v1/tickets/{}", first["id"])).await.expect(200);
    assert_eq!((&read["assigned_to"], &read["team"]["name"]), (&json!(ben.id), &json!("round_robin")));
    let walk = history(&boss, &first["id"]).await;
    assert_eq!(walk[1], format!("assignment {} null substitute for {}", ben.id, ana.id));
    app.travel(minutes(60));
    let shown = ana.get("/api/v1/agents/me/availability").await.expect(200);
    assert_eq!((&shown["available"], &shown["away_until"]), (&json!(true), &Value::Null));
    let second = opens(&chloe, "round_robin").await;
    assert_eq!(history(&boss, &second["id"]).await[1], format!("assignment {} null round_robin", ana.id));
    app.drain().await;
    let assigned: Vec<_> = app.heard(&app.acme).into_iter().filter(|e| e["event"] == "TicketAssigned").collect();
    assert!(assigned.iter().all(|e| e["data"]["assigned_by"].is_null() && e["data"]["new_status"] == "in_progress"), "{assigned:#?}");
    app.drain().await;
}

#[tokio::test]
async fn whoever_was_away_comes_back_though_their_substitute_has_left_and_goes_with_one_who_is_there() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    says(&ana, "me", json!({ "available": false, "substitute_id": ben.id })).await;
    assert_eq!(leaves(&app, &ben, "agent", false).await, Outcome::Done);
    assert_eq!(says(&ana, "me", json!({ "capacity": 5 })).await["capacity"], 5);
    assert_eq!(says(&ana, "me", json!({ "available": true, "substitute_id": ben.id })).await["available"], true);
    let refused = ana.patch("/api/v1/agents/me/availability", json!({ "available": false })).await.is(422, "validation_failed");
    assert_eq!(refused["errors"][0]["field"], "substitute_id");
    says(&ana, "me", json!({ "available": false, "substitute_id": null })).await;
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_goes_to_whoever_knows_what_its_category_asks_for() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let members = json!([{ "user_id": ana.id }, { "user_id": ben.id, "skills": ["SQL"] }]);
    let body = json!({ "name": "Data", "assignment": "least_loaded", "members": members });
    let team = boss.post("/api/v1/teams", body).await.expect(201)["id"].clone();
    for (name, skills) in [("queries", json!(["sql"])), ("cobol", json!(["cobol"]))] {
        let body = json!({ "name": name, "labels": { "fr": name, "en": name }, "team_id": team, "skills": skills });
        boss.post("/api/v1/categories", body).await.expect(201);
    }
    for _ in 0..3 {
        let ticket = opens(&chloe, "queries").await;
        assert_eq!(ticket["assigned_to"], ben.id);
    }
    let waiting = opens(&chloe, "cobol").await;
    assert_eq!((&waiting["status"], &waiting["assigned_to"]), (&json!("open"), &Value::Null));
    // By hand, anybody; and of no team, whoever of all agents has the least to do.
    let free = chloe.opens("No category").await;
    let given = boss.post(&format!("/api/v1/tickets/{free}/assign"), json!({ "assigned_to": "auto" })).await.expect(200);
    assert_eq!(given["assigned_to"], ana.id);
    assert_eq!(history(&boss, &json!(free)).await[1], format!("assignment {} {} least_loaded", ana.id, boss.id));
    let agents = boss.get("/api/v1/agents").await.expect(200);
    let bens = agents["data"].as_array().unwrap().iter().find(|a| a["id"] == ben.id).unwrap().clone();
    assert_eq!(bens["teams"], json!([{ "id": team, "name": "Data", "skills": ["sql"] }]));
    assert_eq!(bens["workload"], json!({ "open": 0, "in_progress": 3, "waiting_customer": 0, "resolved": 0 }));
    app.drain().await;
}

#[tokio::test]
async fn everybody_says_of_themselves_whether_they_are_there_and_managers_of_everybody() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let gil = app.globex.agent("gil").await;
    let of = |id: i64| format!("/api/v1/agents/{id}/availability");
    assert_eq!(ana.get(&of(boss.id)).await.expect(200)["available"], true);
    ana.patch(&of(boss.id), json!({ "available": false })).await.is(403, "forbidden");
    ana.patch(&of(ana.id), json!({ "available": false })).await.expect(200);
    boss.patch(&of(ana.id), json!({ "available": true, "capacity": 5 })).await.expect(200);
    for nobody in [chloe.id, gil.id, 0] {
        boss.get(&of(nobody)).await.is(404, "not_found");
        boss.patch(&of(nobody), json!({ "capacity": 1 })).await.is(404, "not_found");
    }
    ana.get("/api/v1/agents/you/availability").await.is(404, "not_found");
    chloe.patch("/api/v1/agents/me/availability", json!({ "available": false })).await.is(403, "forbidden");
    for (body, field) in [
        (json!({ "available": true, "away_until": "2026-03-02T12:00:00Z" }), "away_until"),
        (json!({ "available": false, "away_until": "2026-03-02T08:00:00Z" }), "away_until"),
        (json!({ "capacity": -1 }), "capacity"),
        (json!({ "capacity": 1001 }), "capacity"),
        (json!({ "substitute_id": ana.id }), "substitute_id"),
        (json!({ "substitute_id": chloe.id }), "substitute_id"),
        (json!({ "away": true }), "away"),
    ] {
        let problem = ana.patch("/api/v1/agents/me/availability", body).await.is(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    let shown = ana.get("/api/v1/agents/me/availability").await.expect(200);
    assert_eq!(shown, json!({ "available": true, "away_until": null, "substitute_id": null, "capacity": 5 }));
    assert_eq!(app.acme.count("select count(*) from events where kind = 'AgentAvailabilityChanged'").await, 2);
    app.drain().await;
}

#[tokio::test]
async fn whoever_leaves_leaves_their_work_in_the_queue_and_gets_none_of_it_back() {
    let app = TestApp::start().await;
    let (boss, ana, ben) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.agent("ben").await);
    let chloe = app.acme.customer("chloe").await;
    let mut tickets = Vec::new();
    for status in ["in_progress", "in_progress", "waiting_customer", "resolved", "closed"] {
        let ticket = chloe.opens(status).await;
        ana.assigns(ticket, Some(ana.id)).await.expect(200);
        match status {
            "in_progress" => {}
            "closed" => {
                ana.sets(ticket, "resolved").await.expect(200);
                chloe.sets(ticket, "closed").await.expect(200);
            }
            status => drop(ana.sets(ticket, status).await.expect(200)),
        }
        tickets.push(ticket);
    }
    // A new name is no leave; another role is.
    assert_eq!(app.tell(&app.acme, json!({ "user_id": ana.id, "email": "a@acme.test", "firstname": "An", "lastname": "T", "locale": "en", "role": "manager", "active": true, "version": 5 })).await, Outcome::Done);
    assert_eq!(loads(&boss).await[&ana.id], 3);
    for _ in 0..2 {
        assert_eq!(leaves(&app, &ana, "customer", true).await, Outcome::Done);
    }
    let now = async |ticket: i64| {
        let read = boss.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200);
        (read["status"].as_str().unwrap().to_owned(), read["assigned_to"].as_i64())
    };
    for (n, (status, assignee)) in
        [("open", None), ("open", None), ("waiting_customer", Some(ana.id)), ("resolved", Some(ana.id)), ("closed", Some(ana.id))]
            .into_iter()
            .enumerate()
    {
        assert_eq!(now(tickets[n]).await, (status.to_owned(), assignee));
    }
    let walk = history(&boss, &json!(tickets[0])).await;
    assert_eq!(walk[walk.len() - 2..], ["assignment null null left", "status open null null"]);
    ben.get(&format!("/api/v1/tickets/{}", tickets[0])).await.expect(200);
    // What becomes work again is nobody's in the same act.
    chloe.says(tickets[2], "Here it is").await.expect(201);
    chloe.sets(tickets[3], "in_progress").await.expect(200);
    for ticket in [tickets[2], tickets[3]] {
        assert_eq!(now(ticket).await, ("open".to_owned(), None));
    }
    boss.assigns(tickets[0], Some(ana.id)).await.is(422, "validation_failed");
    app.drain().await;
}

#[tokio::test]
async fn nothing_is_left_with_somebody_who_leaves_while_they_are_being_given_tickets() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let mut team_members = Vec::new();
    for n in 0..3 {
        team_members.push(app.acme.agent(&format!("agent{n}")).await);
    }
    team(&boss, "round_robin", &team_members.iter().collect::<Vec<_>>()).await;
    let mut by_hand = Vec::new();
    for _ in 0..10 {
        by_hand.push(chloe.opens("By hand").await);
    }
    let leaver = &team_members[0];
    let given = join_all(by_hand.iter().map(|ticket| boss.assigns(*ticket, Some(leaver.id))));
    let opened = join_all((0..15).map(|_| opens(&chloe, "round_robin")));
    let (left, (given, _)) = join(leaves(&app, leaver, "agent", false), join(given, opened)).await;
    assert_eq!(left, Outcome::Done);
    assert!(given.iter().all(|answer| [200, 422].contains(&answer.status.as_u16())), "{given:#?}");
    let dangling =
        "select count(*) from support_tickets t join users u on u.id = t.assigned_to where not u.active and t.status <> 'closed'";
    assert_eq!(app.acme.count(dangling).await, 0);
    assert_eq!(app.acme.count("select count(*) from support_tickets where status = 'in_progress' and assigned_to is null").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_that_cannot_be_put_back_keeps_neither_the_others_nor_other_leavers_waiting() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let mut tickets = Vec::new();
    for agent in [&ana, &ana, &ben] {
        let ticket = chloe.opens("Printer on fire").await;
        agent.assigns(ticket, Some(agent.id)).await.expect(200);
        tickets.push(ticket);
    }
    // A step that is none: its clocks cannot be measured any more.
    let broken = "update ticket_history set to_value = 'lost' where ticket_id = $1 and kind = 'status' and to_value = 'in_progress'";
    sqlx::query(broken).bind(tickets[0]).execute(&app.acme.db).await.expect(broken);
    app.makes(&ben, "customer", "active").await;
    assert_eq!(leaves(&app, &ana, "agent", false).await, Outcome::Done);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    for _ in 0..2 {
        app_api::worker::keep_one(&app.app, &tenant).await.expect("kept");
    }
    for (ticket, assignee) in tickets.iter().zip([json!(ana.id), json!(null), json!(null)]) {
        assert_eq!(boss.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)["assigned_to"], assignee);
    }
    app.drain().await;
}

#[tokio::test]
async fn a_leave_that_no_event_has_told_of_is_found_by_the_housekeeping() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    app.makes(&ana, "customer", "active").await;
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    for _ in 0..2 {
        app_api::worker::keep_one(&app.app, &tenant).await.expect("kept");
    }
    assert_eq!(app.acme.count("select count(*) from support_tickets where status = 'open' and assigned_to is null").await, 1);
    app.drain().await;
}
