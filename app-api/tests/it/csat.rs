//! How content customers are (T-60): one answer for each resolution, by a link that nobody else can make.

use axum::http::Method;
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::{
    merge::{merges, parts},
    world::{Answer, Caller, TestApp, minutes},
};

const ANSWERS: &str = "select count(*) from csat_answers";
const RECEIVED: &str = "select count(*) from events where kind = 'CsatReceived'";

/// A ticket of the customer's that the agent has resolved.
pub async fn resolved(customer: &Caller, agent: &Caller) -> i64 {
    let ticket = customer.opens("Printer on fire").await;
    agent.assigns(ticket, Some(agent.id)).await.expect(200);
    agent.sets(ticket, "resolved").await.expect(200);
    ticket
}

/// What the requester's question takes.
pub async fn token(customer: &Caller, ticket: i64) -> String {
    let question = customer.get(&format!("/api/v1/tickets/{ticket}/csat")).await.expect(200);
    question["token"].as_str().unwrap_or_else(|| panic!("{ticket}: {question}")).to_owned()
}

/// Rates without any session.
pub async fn rates(at: &Caller, token: &str, rating: impl Into<Value>, comment: &str) -> Answer {
    let body = json!({ "token": token, "rating": rating.into(), "comment": comment });
    let request = axum::http::Request::post("/api/v1/csat").header("host", format!("{}.localhost", at.slug));
    at.send(request.header("content-type", "application/json").body(body.to_string().into()).expect("a request")).await
}

async fn opens(at: &Caller, token: &str) -> Answer {
    at.with(&Method::POST, "/api/v1/csat/question", json!({ "token": token }), &[]).await
}

#[tokio::test]
async fn a_link_that_is_made_up_changed_foreign_or_over_opens_nothing_and_says_the_same() {
    let app = TestApp::start().await;
    let (chloe, ana, gus, gil) =
        (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.globex.customer("gus").await, app.globex.agent("gil").await);
    let (ticket, elsewhere) = (resolved(&chloe, &ana).await, resolved(&gus, &gil).await);
    let (good, foreign) = (token(&chloe, ticket).await, token(&gus, elsewhere).await);
    let cursor = {
        chloe.opens("Another").await;
        let page = chloe.get("/api/v1/tickets?limit=1").await.expect(200);
        page["page"]["next_cursor"].as_str().expect("a second page").to_owned()
    };
    let changed = good.replacen(&good[9..10], if &good[9..10] == "A" { "B" } else { "A" }, 1);
    for wrong in ["", "x", "%00", "AAAA", &good[1..], &changed, &foreign, &cursor, &chloe.token()] {
        opens(&chloe, wrong).await.is(404, "not_found");
        rates(&chloe, wrong, 5, "").await.is(404, "not_found");
    }
    opens(&gus, &good).await.is(404, "not_found");
    rates(&gus, &good, 5, "").await.is(404, "not_found");
    for rating in [json!(0), json!(6), json!(-1), json!(2.5), json!("5"), json!(null), json!(i64::MAX)] {
        rates(&chloe, &good, rating, "").await.is(422, "validation_failed");
    }
    rates(&chloe, &good, 5, &"x".repeat(2001)).await.is(422, "validation_failed");
    chloe.post("/api/v1/csat", json!({ "token": good, "rating": 5, "ticket_id": elsewhere })).await.is(422, "validation_failed");
    chloe.post("/api/v1/csat", json!({ "rating": 5 })).await.is(422, "validation_failed");
    app.travel(TimeDelta::days(30) - minutes(1));
    opens(&chloe, &good).await.expect(200);
    app.travel(minutes(1));
    opens(&chloe, &good).await.is(404, "not_found");
    rates(&chloe, &good, 5, "").await.is(404, "not_found");
    for tenant in [&app.acme, &app.globex] {
        assert_eq!((tenant.count(ANSWERS).await, tenant.count(RECEIVED).await), (0, 0));
    }
    app.drain().await;
}

#[tokio::test]
async fn nobody_rates_what_a_closed_organisation_did() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let good = token(&chloe, resolved(&chloe, &ana).await).await;
    app.drain().await;
    app.acme.becomes("suspended").await;
    app.app.tenants.forget("acme").await;
    opens(&chloe, &good).await.is(403, "tenant_suspended");
    rates(&chloe, &good, 5, "").await.is(403, "tenant_suspended");
    assert_eq!(app.acme.count(ANSWERS).await, 0);
    app.acme.becomes("active").await;
    app.drain().await;
}

#[tokio::test]
async fn a_resolution_has_one_answer_of_which_the_last_word_counts() {
    let app = TestApp::start().await;
    let (chloe, ana, boss) = (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.acme.manager("boss").await);
    let ticket = resolved(&chloe, &ana).await;
    let first = token(&chloe, ticket).await;
    let asked = opens(&chloe, &first).await.expect(200);
    assert_eq!((&asked["organisation"], &asked["subject"], &asked["agent"]), (&json!("acme"), &json!("Printer on fire"), &json!("ana")));
    assert_eq!((&asked["answer"], asked.get("description")), (&json!(null), None));
    app.travel(minutes(1));
    let given = rates(&chloe, &first, 2, " Slow ").await.expect(200);
    assert_eq!((&given["rating"], &given["comment"]), (&json!(2), &json!("Slow")));
    // The same once more is no news.
    app.travel(minutes(1));
    assert_eq!(rates(&chloe, &first, 2, "Slow").await.expect(200), given);
    assert_eq!((app.acme.count(ANSWERS).await, app.acme.count(RECEIVED).await), (1, 1));
    let changed = rates(&chloe, &first, 4, "").await.expect(200);
    assert_eq!((&changed["rating"], &changed["comment"], &changed["answered_at"]), (&json!(4), &json!(null), &given["answered_at"]));
    assert_eq!((app.acme.count(ANSWERS).await, app.acme.count(RECEIVED).await), (1, 2));
    assert_eq!(opens(&chloe, &first).await.expect(200)["answer"], changed);
    let told: Value = sqlx::query_scalar("select data from events where kind = 'CsatReceived' order by seq desc limit 1")
        .fetch_one(&app.acme.db)
        .await
        .expect("an event");
    assert_eq!(
        (&told["ticket_id"], &told["rating"], &told["previous_rating"], &told["has_comment"], &told["resolved_by"]),
        (&json!(ticket), &json!(4), &json!(2), &json!(false), &json!(ana.id))
    );
    let trail: Value =
        sqlx::query_scalar("select jsonb_build_array(actor, changes) from audit_logs where action = 'CsatReceived' order by id limit 1")
            .fetch_one(&app.acme.db)
            .await
            .expect("a row");
    assert_eq!(trail[0], json!({ "kind": "person", "id": chloe.id, "role": "customer" }));
    assert!(!trail.to_string().contains("Slow"), "what somebody wrote is no business of the trail: {trail}");
    // Another resolution is another question; the first link still means the first one.
    chloe.sets(ticket, "in_progress").await.expect(200);
    assert_eq!(chloe.get(&format!("/api/v1/tickets/{ticket}/csat")).await.expect(200)["token"], json!(null));
    boss.sets(ticket, "resolved").await.expect(200);
    let second = token(&chloe, ticket).await;
    assert_eq!(opens(&chloe, &second).await.expect(200)["answer"], json!(null));
    rates(&chloe, &second, 5, "").await.expect(200);
    rates(&chloe, &first, 1, "").await.expect(200);
    let all = boss.get("/api/v1/csat?sort=created_at").await.expect(200);
    let points: Vec<_> =
        all["data"].as_array().expect("rows").iter().map(|row| (row["rating"].clone(), row["agent"]["id"].clone())).collect();
    assert_eq!(points, [(json!(1), json!(ana.id)), (json!(5), json!(boss.id))]);
    assert_eq!((&all["summary"]["average"], &all["summary"]["answers"]), (&json!(3.0), &json!(2)));
    app.drain().await;
}

#[tokio::test]
async fn of_answers_at_the_same_time_one_is_kept() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let good = token(&chloe, resolved(&chloe, &ana).await).await;
    let answers = join_all((0..8).map(|n| rates(&chloe, &good, 1 + n % 5, "")).collect::<Vec<_>>()).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(app.acme.count(ANSWERS).await, 1);
    // Each event knows the answer before it.
    let broken = "select count(*) from (
            select data ->> 'previous_rating' as previous, lag(data ->> 'rating') over (order by seq) as before from events where kind = 'CsatReceived') told
         where previous is distinct from before";
    assert_eq!(app.acme.count(broken).await, 0);
    app.drain().await;
}

#[tokio::test]
async fn the_mail_of_a_resolution_asks_once_for_each_and_only_whom_it_concerns() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let french = json!({ "user_id": chloe.id, "email": "chloe@acme.test", "firstname": "Chloé", "lastname": "T", "locale": "fr", "role": "customer", "active": true, "version": 2 });
    let ticket = resolved(&chloe, &ana).await;
    app.drain().await;
    app.tell(&app.acme, french).await;
    chloe.sets(ticket, "in_progress").await.expect(200);
    app.travel(minutes(1));
    ana.sets(ticket, "resolved").await.expect(200);
    app.drain().await;
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    let asking: Vec<_> = mails.iter().filter(|mail| mail.text.contains("/rate?token=")).collect();
    assert_eq!(asking.len(), 2);
    assert!(asking.iter().all(|mail| mail.to_address == "chloe@acme.test" && mail.html.contains("&amp;rating=5")));
    assert!(asking[0].text.contains("has resolved") && asking[1].text.contains("a résolu"));
    let link = |n: usize| {
        let line = asking[n].text.lines().find(|line| line.contains("/rate?token=")).expect("a link");
        let (site, token) = line.split_once("/rate?token=").expect("a token");
        assert_eq!(site, "http://acme.localhost:8080");
        token.to_owned()
    };
    for (n, rating) in [(0, 1), (1, 5)] {
        rates(&chloe, &link(n), rating, "").await.expect(200);
    }
    let rated = "select count(*) from csat_answers a join ticket_history h on h.id = a.solving_id
        where (a.rating = 1) = (h.id = (select min(id) from ticket_history where to_value = 'resolved'))";
    assert_eq!(app.acme.count(rated).await, 2, "each link is for its own resolution");
    app.drain().await;
}

#[tokio::test]
async fn customers_are_asked_about_their_own_tickets_and_nobody_answers_for_them() {
    let app = TestApp::start().await;
    let (chloe, dan, ana, boss) =
        (app.acme.customer("chloe").await, app.acme.customer("dan").await, app.acme.agent("ana").await, app.acme.manager("boss").await);
    let ticket = resolved(&chloe, &ana).await;
    let path = format!("/api/v1/tickets/{ticket}/csat");
    dan.get(&path).await.is(404, "not_found");
    for staff in [&ana, &boss] {
        let seen = staff.get(&path).await.expect(200);
        assert_eq!((&seen["token"], &seen["expires_at"]), (&json!(null), &json!(null)));
    }
    rates(&chloe, &token(&chloe, ticket).await, 3, "So so").await.expect(200);
    assert_eq!(ana.get(&path).await.expect(200)["answer"]["comment"], "So so");
    chloe.sets(ticket, "closed").await.expect(200);
    rates(&chloe, &token(&chloe, ticket).await, 4, "").await.expect(200);
    app.travel(TimeDelta::days(30));
    assert_eq!(chloe.get(&path).await.expect(200)["token"], json!(null));
    let open = chloe.opens("Another").await;
    let unasked = chloe.get(&format!("/api/v1/tickets/{open}/csat")).await.expect(200);
    assert_eq!(unasked, json!({ "token": null, "expires_at": null, "answer": null }));
    app.drain().await;
}

#[tokio::test]
async fn nobody_of_the_staff_rates_what_the_staff_did() {
    let app = TestApp::start().await;
    let (chloe, ana, boss) = (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.acme.manager("boss").await);
    for requester in [&ana, &boss] {
        let own = resolved(requester, &ana).await;
        let asked = requester.get(&format!("/api/v1/tickets/{own}/csat")).await.expect(200);
        assert_eq!(asked, json!({ "token": null, "expires_at": null, "answer": null }));
    }
    app.drain().await;
    assert!(app.mails.lock().unwrap().iter().all(|mail| !mail.text.contains("/rate?token=")), "nor does a mail ask them");
    // Nor does a link count that they got while they were a customer.
    let good = token(&chloe, resolved(&chloe, &ana).await).await;
    app.makes(&chloe, "agent", "active").await;
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    app.app.people.reconcile(&tenant).await.expect("compared");
    opens(&chloe, &good).await.is(404, "not_found");
    rates(&chloe, &good, 5, "").await.is(404, "not_found");
    assert_eq!((app.acme.count(ANSWERS).await, app.acme.count(RECEIVED).await), (0, 0));
    app.drain().await;
}

#[tokio::test]
async fn whoever_undoes_a_merge_has_resolved_nothing() {
    let app = TestApp::start().await;
    let (chloe, ana, boss) = (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.acme.manager("boss").await);
    let ticket = resolved(&chloe, &ana).await;
    let first = token(&chloe, ticket).await;
    rates(&chloe, &first, 2, "").await.expect(200);
    let other = chloe.opens("The same once more").await;
    merges(&boss, ticket, other).await.expect(200);
    app.travel(minutes(1));
    let parted = parts(&boss, ticket).await.expect(200);
    assert_eq!(parted["status"], "resolved");
    let asked = chloe.get(&format!("/api/v1/tickets/{ticket}/csat")).await.expect(200);
    assert_eq!(asked["answer"]["rating"], 2, "it is the same resolution: {asked}");
    rates(&chloe, asked["token"].as_str().expect("a token"), 4, "").await.expect(200);
    let all = boss.get("/api/v1/csat").await.expect(200);
    let rows: Vec<_> = all["data"].as_array().expect("rows").iter().map(|row| (&row["rating"], &row["agent"]["id"])).collect();
    assert_eq!(rows, [(&json!(4), &json!(ana.id))]);
    app.drain().await;
}

#[tokio::test]
async fn the_staff_reads_the_ratings_of_what_it_sees() {
    let app = TestApp::start().await;
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    let (ana, ben, boss, gil) =
        (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await, app.globex.agent("gil").await);
    rates(&gus, &token(&gus, resolved(&gus, &gil).await).await, 1, "CANARY-GLOBEX").await.expect(200);
    let mut tickets = Vec::new();
    for (agent, rating) in [(&ana, 5), (&ben, 2), (&ana, 4), (&ana, 5)] {
        let ticket = resolved(&chloe, agent).await;
        rates(&chloe, &token(&chloe, ticket).await, rating, "").await.expect(200);
        tickets.push(ticket);
    }
    chloe.get("/api/v1/csat").await.is(403, "forbidden");
    let ratings =
        |page: &Value| page["data"].as_array().expect("rows").iter().map(|row| row["rating"].as_i64().expect("points")).collect::<Vec<_>>();
    for (caller, query, expected, average) in [
        (&boss, String::new(), vec![5, 4, 2, 5], json!(4.0)),
        (&ana, String::new(), vec![5, 4, 5], json!(14.0 / 3.0)),
        (&ben, String::new(), vec![2], json!(2.0)),
        (&boss, format!("agent_id={}", ben.id), vec![2], json!(2.0)),
        (&ana, format!("agent_id={}", ben.id), vec![], json!(null)),
        (&boss, "rating=5".into(), vec![5, 5], json!(5.0)),
        (&boss, format!("ticket_id={}", tickets[1]), vec![2], json!(2.0)),
        (&ana, format!("ticket_id={}", tickets[1]), vec![], json!(null)),
        (&gil, String::new(), vec![1], json!(1.0)),
    ] {
        let page = caller.get(&format!("/api/v1/csat?count=true&{query}")).await.expect(200);
        assert_eq!(ratings(&page), expected, "{query}");
        assert_eq!((&page["summary"]["average"], &page["page"]["total"]), (&average, &json!(expected.len())), "{query}");
    }
    let first = boss.get("/api/v1/csat?limit=3").await.expect(200);
    let cursor = first["page"]["next_cursor"].as_str().expect("a second page");
    let second = boss.get(&format!("/api/v1/csat?limit=3&cursor={cursor}")).await.expect(200);
    assert_eq!([ratings(&first), ratings(&second)].concat(), [5, 4, 2, 5]);
    assert!(second.get("summary").is_none());
    ana.get(&format!("/api/v1/csat?limit=3&cursor={cursor}")).await.is(422, "validation_failed");
    for wrong in ["rating=0", "rating=6", "rating=x", "agent_id=me", "ticket_id=TKT-22222222", "sort=rating", "limit=0"] {
        boss.get(&format!("/api/v1/csat?{wrong}")).await.is(422, "validation_failed");
    }
    app.drain().await;
}
