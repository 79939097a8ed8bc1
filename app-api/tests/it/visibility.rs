//! The predicate in SQL and the one on facts are the same: walked over the whole grid of roles, teams and what an
//! organisation lets agents see.

use app_api::{
    people::{Person, Reach},
    tickets::{Sight, Viewer},
};
use axum::http::Method;
use serde_json::json;
use shared::session::Role;

use crate::world::{Caller, TestApp};

/// The person as the service knows them now.
async fn person(app: &TestApp, caller: &Caller) -> Person {
    app.app.people.forget(app.acme.id, caller.id).await;
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    app.app.people.member(&tenant, caller.id).await.expect("a member")
}

async fn widen(app: &TestApp, admin: &Caller, reach: Reach) {
    admin.patch("/api/v1/ticket-settings", json!({ "agents_see": reach })).await.expect(200);
    assert_eq!(admin.get("/api/v1/ticket-settings").await.expect(200)["agents_see"], reach.as_str());
    assert_eq!(person(app, admin).await.reach, reach);
}

fn ids(page: &serde_json::Value) -> Vec<i64> {
    page["data"].as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect()
}

async fn team(boss: &Caller, name: &str, members: &[i64]) -> i64 {
    let members: Vec<_> = members.iter().map(|id| json!({ "user_id": id })).collect();
    boss.post("/api/v1/teams", json!({ "name": name, "members": members })).await.expect(201)["id"].as_i64().unwrap()
}

#[tokio::test]
async fn what_a_list_shows_is_what_the_rule_says() {
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for role in Role::ALL {
        for n in 0..2 {
            people.push(app.acme.person(&format!("{}{n}", role.as_str()), role).await);
        }
    }
    let (customers, agents) = ([people[0].clone(), people[1].clone()], [people[2].clone(), people[3].clone()]);
    let (boss, admin) = (people[4].clone(), people[6].clone());
    let (ours, theirs) = (team(&boss, "Ours", &[agents[0].id]).await, team(&boss, "Theirs", &[agents[1].id]).await);
    let mut tickets = Vec::new();
    for customer in &customers {
        for assigned_to in [None, Some(agents[0].id), Some(agents[1].id)] {
            for team_id in [None, Some(ours), Some(theirs)] {
                let id = customer.opens("x").await;
                let to = json!({ "team_id": team_id, "assigned_to": assigned_to });
                let to = if assigned_to.is_some() { to } else { json!({ "team_id": team_id }) };
                boss.post(&format!("/api/v1/tickets/{id}/assign"), to).await.expect(200);
                tickets.push((id, Sight { user_id: customer.id, assigned_to, team_id }));
            }
        }
    }
    for reach in Reach::ALL {
        widen(&app, &admin, reach).await;
        for caller in &people {
            let person = person(&app, caller).await;
            let (viewer, page) = (Viewer::of(&person), caller.get("/api/v1/tickets?limit=100&count=true").await.expect(200));
            let (listed, mut count) = (ids(&page), 0);
            for (id, sight) in &tickets {
                let seen = viewer.sees(sight, &person.teams);
                assert_eq!(listed.contains(id), seen, "{viewer:?} {sight:?}");
                let status = caller.get(&format!("/api/v1/tickets/{id}")).await.status.as_u16();
                assert_eq!(status, if seen { 200 } else { 404 }, "{viewer:?} {sight:?}");
                count += i64::from(seen);
            }
            // R13: no total counts what its reader cannot open.
            assert_eq!(page["page"]["total"], count, "{viewer:?}");
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn an_agent_does_nothing_to_a_ticket_of_a_team_that_is_not_theirs() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let (boss, admin) = (app.acme.manager("boss").await, app.acme.person("adam", Role::Admin).await);
    let (ours, theirs) = (team(&boss, "Ours", &[ana.id]).await, team(&boss, "Theirs", &[ben.id]).await);
    let (ticket, mine) = (chloe.opens("Printer on fire").await, chloe.opens("Ana's").await);
    ana.assigns(mine, Some(ana.id)).await.expect(200);
    boss.post(&format!("/api/v1/tickets/{ticket}/assign"), json!({ "team_id": theirs })).await.expect(200);
    // As long as agents see the whole queue, it is anybody's.
    ana.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200);
    widen(&app, &admin, Reach::Team).await;
    person(&app, &ana).await;
    person(&app, &ben).await;
    let changes = || app.acme.count("select (select count(*) from events) + (select sum(version) from support_tickets)::bigint");
    let before = changes().await;
    for (method, rest, body) in [
        (Method::GET, "", json!({})),
        (Method::PATCH, "", json!({ "subject": "c" })),
        (Method::POST, "/assign", json!({ "assigned_to": ana.id })),
        (Method::POST, "/assign", json!({ "assigned_to": "auto" })),
        (Method::POST, "/assign", json!({ "team_id": ours })),
        (Method::POST, "/status", json!({ "status": "closed", "reason": "x" })),
        (Method::GET, "/messages", json!({})),
        (Method::POST, "/messages", json!({ "message": "a" })),
        (Method::POST, "/messages", json!({ "message": "a", "is_internal": true })),
        (Method::POST, "/read", json!({})),
        (Method::GET, "/history", json!({})),
        (Method::POST, "/merge", json!({ "into": mine })),
        (Method::POST, "/split", json!({ "message_id": 1, "subject": "x" })),
        (Method::POST, "/unmerge", json!({})),
        (Method::POST, "/presence", json!({ "state": "viewing" })),
    ] {
        ana.with(&method, &format!("/api/v1/tickets/{ticket}{rest}"), body, &[]).await.is(404, "not_found");
    }
    ana.post(&format!("/api/v1/tickets/{mine}/merge"), json!({ "into": ticket })).await.is(404, "not_found");
    assert_eq!(changes().await, before);
    assert!(ids(&ana.get(&format!("/api/v1/tickets?team={theirs}")).await.expect(200)).is_empty());
    // Whoever belongs to the team may, and learns that it worked when it is gone from their sight.
    ben.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200);
    let moved = ben.post(&format!("/api/v1/tickets/{ticket}/assign"), json!({ "team_id": ours })).await.expect(200);
    assert_eq!((&moved["team_id"], &moved["team"]["name"]), (&json!(ours), &json!("Ours")));
    ben.get(&format!("/api/v1/tickets/{ticket}")).await.is(404, "not_found");
    ana.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn another_reach_or_team_acts_within_five_seconds_on_open_streams_too() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let (boss, admin) = (app.acme.manager("boss").await, app.acme.person("adam", Role::Admin).await);
    let ours = team(&boss, "Ours", &[ben.id]).await;
    let ticket = chloe.opens("Printer on fire").await;
    boss.post(&format!("/api/v1/tickets/{ticket}/assign"), json!({ "team_id": ours, "assigned_to": ben.id })).await.expect(200);
    let path = format!("/api/v1/tickets/{ticket}");
    ana.get(&path).await.is(404, "not_found");
    // What has happened before the stream is not in it.
    app.acme.settles().await;
    let mut stream = crate::world::Stream::open(&ana, None).await;
    let ready = stream.expect("ready").await;
    admin.patch("/api/v1/ticket-settings", json!({ "agents_see": "all" })).await.expect(200);
    ana.comes_to(&path, 200).await;
    // What comes next is not shown with the eyes of before; whoever comes back fetches everything anew.
    boss.patch(&path, json!({ "priority": "high" })).await.expect(200);
    stream.ends().await;
    crate::world::Stream::open(&ana, Some(&ready.id)).await.expect("resync").await;
    admin.patch("/api/v1/ticket-settings", json!({ "agents_see": "team" })).await.expect(200);
    ana.comes_to(&path, 404).await;
    let members = json!({ "members": [{ "user_id": ana.id }, { "user_id": ben.id }] });
    boss.patch(&format!("/api/v1/teams/{ours}"), members).await.expect(200);
    ana.comes_to(&path, 200).await;
    app.drain().await;
}
