//! What is owed to the customer when two of their tickets become one, and two again (T-32, T-33).

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    merge::{all, merges, parts},
    sla::shown,
    world::{Caller, TestApp},
};

/// A ticket of hers that is in Ana's hands and stands there.
async fn brought_to(status: &str, chloe: &Caller, ana: &Caller) -> i64 {
    let ticket = chloe.opens(status).await;
    if status != "open" {
        ana.assigns(ticket, Some(ana.id)).await.expect(200);
    }
    if ["waiting_customer", "resolved"].contains(&status) {
        ana.sets(ticket, status).await.expect(200);
    }
    ticket
}

#[tokio::test]
async fn no_ticket_closes_with_words_that_came_into_it_and_that_nobody_has_answered() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let mut over = 0;
    for (into, from, becomes) in [
        ("waiting_customer", "open", Some("in_progress")),
        ("waiting_customer", "in_progress", Some("in_progress")),
        ("waiting_customer", "waiting_customer", Some("waiting_customer")),
        ("waiting_customer", "resolved", Some("waiting_customer")),
        ("resolved", "open", None),
        ("resolved", "in_progress", None),
        ("resolved", "waiting_customer", None),
        ("resolved", "resolved", Some("resolved")),
        ("open", "open", Some("open")),
        ("open", "resolved", Some("open")),
    ] {
        let (survivor, duplicate) = (brought_to(into, &chloe, &ana).await, brought_to(from, &chloe, &ana).await);
        if into != "resolved" {
            boss.post(&format!("/api/v1/tickets/{survivor}/snooze"), json!({ "until": null })).await.expect(200);
        }
        let before = shown(&boss, survivor).await;
        let merged = match becomes {
            Some(_) => merges(&boss, duplicate, survivor).await.expect(200),
            None => {
                merges(&boss, duplicate, survivor).await.is(409, "conflict");
                assert_eq!(shown(&boss, survivor).await, before, "{from} into {into}");
                // The other way round nothing is lost.
                merges(&boss, survivor, duplicate).await.expect(200)
            }
        };
        let asleep = becomes.is_some() && into != "resolved" && !["open", "in_progress"].contains(&from);
        assert_eq!((&merged["status"], merged.get("snooze").is_some()), (&json!(becomes.unwrap_or(from)), asleep), "{from} into {into}");
        over += i64::from(["waiting_customer", "resolved"].contains(&becomes.unwrap_or(from)));
    }
    app.travel(TimeDelta::days(8));
    app.drain().await;
    let closed = "select count(*) from support_tickets where merged_into is null and status = 'closed'";
    assert_eq!(app.acme.count(closed).await, over, "where nobody owes an answer");
}

#[tokio::test]
async fn what_went_on_because_of_a_merge_is_work_also_when_that_is_undone() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (survivor, duplicate) = (brought_to("waiting_customer", &chloe, &ana).await, chloe.opens("Duplicate").await);
    merges(&boss, duplicate, survivor).await.expect(200);
    let step = all(&boss, survivor, "history").await.into_iter().rfind(|step| step["kind"] == "status").expect("a step");
    assert_eq!((&step["to"], &step["reason"], &step["by"]["id"]), (&json!("in_progress"), &json!("merged"), &json!(boss.id)));
    parts(&boss, duplicate).await.expect(200);
    assert_eq!(shown(&boss, survivor).await["status"], "in_progress");
    app.drain().await;
}

async fn unread(caller: &Caller, tickets: [i64; 2]) -> [i64; 2] {
    let [one, two] = [shown(caller, tickets[0]).await, shown(caller, tickets[1]).await];
    [one, two].map(|ticket| ticket["unread_count"].as_i64().expect("a number"))
}

async fn reads(caller: &Caller, ticket: i64) {
    caller.post(&format!("/api/v1/tickets/{ticket}/read"), json!({})).await.expect(204);
}

#[tokio::test]
async fn what_was_read_while_two_were_one_is_read_and_what_came_since_is_unread_where_it_stands() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    for (looks, of_staff, of_customer) in [(false, [2, 2], [1, 1]), (true, [1, 0], [1, 0])] {
        let pair = [chloe.opens("Survivor").await, chloe.opens("Duplicate").await];
        chloe.says(pair[1], "Old").await.expect(201);
        boss.says(pair[1], "Old answer").await.expect(201);
        merges(&boss, pair[1], pair[0]).await.expect(200);
        if looks {
            reads(&boss, pair[0]).await;
            reads(&chloe, pair[0]).await;
        }
        chloe.says(pair[0], "New").await.expect(201);
        boss.says(pair[0], "New answer").await.expect(201);
        parts(&boss, pair[1]).await.expect(200);
        assert_eq!((unread(&boss, pair).await, unread(&chloe, pair).await), (of_staff, of_customer), "looked: {looks}");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_whose_team_is_no_more_comes_back_into_no_queue() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let team = boss.post("/api/v1/teams", json!({ "name": "Fire brigade" })).await.expect(201)["id"].clone();
    let (survivor, duplicate) = (chloe.opens("Survivor").await, chloe.opens("Duplicate").await);
    boss.post(&format!("/api/v1/tickets/{duplicate}/assign"), json!({ "team_id": team })).await.expect(200);
    merges(&boss, duplicate, survivor).await.expect(200);
    boss.delete(&format!("/api/v1/teams/{team}")).await.expect(204);
    sqlx::query("update settings set agents_see = 'team'").execute(&app.acme.db).await.expect("set");
    app.app.people.forget(app.acme.id, ana.id).await;
    assert_eq!(parts(&boss, duplicate).await.expect(200)["team_id"], json!(null));
    shown(&ana, duplicate).await;
    app.drain().await;
}
