//! Teams: whose queue a ticket is in, and that no ticket is left in the queue of a team that has gone.

use axum::http::Method;
use futures::future::{join, join_all};
use serde_json::{Value, json};

use crate::world::{Answer, Caller, TestApp};

async fn team(boss: &Caller, name: &str) -> i64 {
    boss.post("/api/v1/teams", json!({ "name": name })).await.expect(201)["id"].as_i64().unwrap()
}

async fn sends(caller: &Caller, ticket: i64, to: Value) -> Answer {
    caller.post(&format!("/api/v1/tickets/{ticket}/assign"), to).await
}

async fn found(caller: &Caller, query: &str) -> Vec<i64> {
    let page = caller.get(&format!("/api/v1/tickets?{query}")).await.expect(200);
    page["data"].as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_ticket_comes_into_the_queue_of_its_categorys_team_and_the_staff_sees_where_it_is() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (repair, money) = (team(&boss, "Repair").await, team(&boss, "Money").await);
    for (name, team) in [("Printers", json!(repair)), ("Billing", json!(money)), ("Other", Value::Null)] {
        let body = json!({ "name": name, "labels": { "fr": name, "en": name }, "team_id": team });
        boss.post("/api/v1/categories", body).await.expect(201);
    }
    let open = async |category: Option<&str>| {
        let body = json!({ "subject": "x", "description": "x", "category": category });
        let ticket = chloe.post("/api/v1/tickets", body).await.expect(201);
        assert_eq!((&ticket["team_id"], &ticket["team"]), (&Value::Null, &Value::Null), "customers know nothing of teams");
        ticket["id"].as_i64().unwrap()
    };
    let (printer, other, none) = (open(Some("printers")).await, open(Some("Other")).await, open(None).await);
    assert_eq!(found(&ana, &format!("team={repair}")).await, [printer]);
    assert_eq!(found(&ana, "team=none").await, [none, other]);
    ana.get("/api/v1/tickets?team=me").await.is(422, "validation_failed");
    chloe.get(&format!("/api/v1/tickets?team={repair}")).await.is(403, "forbidden");
    // A category leads to its team whatever is in none; what is in a queue stays there.
    for (ticket, category, expected) in
        [(none, "Billing", json!(money)), (other, "Other", Value::Null), (printer, "Billing", json!(repair))]
    {
        let edited = ana.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "category": category })).await.expect(200);
        assert_eq!(edited["team_id"], expected, "{category}");
    }
    let moved = sends(&ana, printer, json!({ "team_id": money })).await.expect(200);
    assert_eq!(moved["team"], json!({ "id": money, "name": "Money" }));
    let version = &moved["version"];
    assert_eq!(&sends(&ana, printer, json!({ "team_id": money })).await.expect(200)["version"], version, "the same again is no change");
    let history = ana.get(&format!("/api/v1/tickets/{printer}/history")).await.expect(200);
    let last = history["data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["kind"], &last["from"], &last["to"]), (&json!("team"), &json!(repair.to_string()), &json!(money.to_string())));
    app.drain().await;
    let told = app.heard(&app.acme).into_iter().rfind(|e| e["event"] == "TicketTeamChanged").expect("it is told")["data"].clone();
    assert_eq!((&told["previous_team"], &told["new_team"], &told["changed_by"]), (&json!(repair), &json!(money), &json!(ana.id)));
    app.drain().await;
}

#[tokio::test]
async fn who_and_which_team_are_said_together_or_apart_and_what_cannot_be_is_refused() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (ours, foreign) = (team(&boss, "Ours").await, team(&app.globex.manager("other").await, "Theirs").await);
    let ticket = chloe.opens("Printer on fire").await;
    for (to, field) in [
        (json!({}), "assigned_to"),
        (json!({ "team_id": foreign + 100 }), "team_id"),
        (json!({ "team_id": "x" }), "team_id"),
        (json!({ "assigned_to": "me" }), "assigned_to"),
        (json!({ "assigned_to": 1.5 }), "assigned_to"),
        (json!({ "team_id": ours, "assigned_to": chloe.id }), "assigned_to"),
    ] {
        assert_eq!(sends(&ana, ticket, to).await.is(422, "validation_failed")["errors"][0]["field"], field);
    }
    assert_eq!(app.acme.count("select version from support_tickets").await, 1, "nothing of a refused change is done");
    let both = sends(&ana, ticket, json!({ "team_id": ours, "assigned_to": ana.id })).await.expect(200);
    assert_eq!((&both["team_id"], &both["assigned_to"], &both["version"]), (&json!(ours), &json!(ana.id), &json!(3)));
    let out = sends(&ana, ticket, json!({ "team_id": null })).await.expect(200);
    assert_eq!((&out["team_id"], &out["assigned_to"]), (&Value::Null, &json!(ana.id)));
    ana.sets(ticket, "resolved").await.expect(200);
    chloe.sets(ticket, "closed").await.expect(200);
    sends(&ana, ticket, json!({ "team_id": ours })).await.is(409, "ticket_closed");
    sends(&ana, ticket, json!({ "assigned_to": "auto" })).await.is(409, "ticket_closed");
    app.drain().await;
}

#[tokio::test]
async fn of_many_who_move_a_ticket_at_once_one_wins_and_the_others_are_told() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let mut teams = Vec::new();
    for n in 0..6 {
        teams.push(team(&boss, &format!("Team {n}")).await);
    }
    let path = format!("/api/v1/tickets/{ticket}/assign");
    let tries = teams.iter().map(|id| boss.with(&Method::POST, &path, json!({ "team_id": id }), &[("If-Match", "\"1\"")]));
    let mut statuses: Vec<u16> = join_all(tries).await.into_iter().map(|a| a.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
    for sql in [
        "select count(*) from events where kind = 'TicketTeamChanged'",
        "select count(*) from audit_logs where action = 'TicketTeamChanged' and outcome = 'success'",
        "select count(*) from ticket_history where kind = 'team'",
    ] {
        assert_eq!(app.acme.count(sql).await, 1, "{sql}");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_team_is_arranged_by_managers_and_has_members_who_work_here() {
    let app = TestApp::start().await;
    let (boss, ana, chloe) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let gil = app.globex.agent("gil").await;
    ana.post("/api/v1/teams", json!({ "name": "x" })).await.is(403, "forbidden");
    let member = |id: i64| json!([{ "user_id": id, "skills": ["SQL", "sql", "Français"] }]);
    for nobody in [chloe.id, gil.id, 0] {
        let problem = boss.post("/api/v1/teams", json!({ "name": "x", "members": member(nobody) })).await.is(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], "members[0].user_id");
    }
    let twice = json!([{ "user_id": ana.id }, { "user_id": ana.id }]);
    boss.post("/api/v1/teams", json!({ "name": "x", "members": twice })).await.is(422, "validation_failed");
    let made = boss.post("/api/v1/teams", json!({ "name": "Ours", "members": member(ana.id) })).await;
    assert_eq!(made.headers["etag"], "\"1\"");
    let made = made.expect(201);
    assert_eq!((&made["members"][0]["skills"], &made["assignment"]), (&json!(["français", "sql"]), &json!("manual")));
    boss.post("/api/v1/teams", json!({ "name": "OURS" })).await.is(409, "conflict");
    let path = format!("/api/v1/teams/{}", made["id"]);
    boss.with(&Method::PATCH, &path, json!({ "name": "Us" }), &[("If-Match", "\"9\"")]).await.is(412, "version_mismatch");
    let edited = boss.patch(&path, json!({ "name": "Us", "assignment": "least_loaded" })).await.expect(200);
    assert_eq!((&edited["name"], &edited["version"], edited["members"].as_array().unwrap().len()), (&json!("Us"), &json!(2), 1));
    assert_eq!(boss.patch(&path, json!({ "members": [] })).await.expect(200)["members"], json!([]));
    app.globex.manager("other").await.get(&path).await.is(404, "not_found");
    app.drain().await;
}

#[tokio::test]
async fn a_team_goes_only_with_an_empty_queue_also_while_tickets_are_moved_into_it() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let ours = team(&boss, "Ours").await;
    let body = json!({ "name": "Printers", "labels": { "fr": "x", "en": "x" }, "team_id": ours });
    let category = boss.post("/api/v1/categories", body).await.expect(201)["id"].clone();
    let ticket = chloe.opens("Printer on fire").await;
    sends(&boss, ticket, json!({ "team_id": ours })).await.expect(200);
    let delete = async |id: i64| boss.with(&Method::DELETE, &format!("/api/v1/teams/{id}"), json!({}), &[]).await;
    delete(ours).await.is(409, "conflict");
    boss.sets(ticket, "closed").await.expect(200);
    delete(ours).await.expect(204);
    delete(ours).await.is(404, "not_found");
    assert_eq!(boss.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)["team"]["name"], "Ours", "a closed ticket names it still");
    assert!(boss.get(&format!("/api/v1/categories/{category}")).await.expect(200)["team_id"].is_null());
    for round in 0..8 {
        let (id, ticket) = (team(&boss, &format!("Team {round}")).await, chloe.opens("Race").await);
        let (gone, moved) = join(delete(id), sends(&boss, ticket, json!({ "team_id": id }))).await;
        let outcome = (gone.status.as_u16(), moved.status.as_u16());
        assert!([(204, 422), (409, 200)].contains(&outcome), "{outcome:?}");
    }
    let dangling =
        "select count(*) from support_tickets t join teams g on g.id = t.team_id where g.archived_at is not null and t.status <> 'closed'";
    assert_eq!(app.acme.count(dangling).await, 0);
    app.drain().await;
}
