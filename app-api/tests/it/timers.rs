//! What closes by itself (T-2, T-9): after seven days without an answer, after 24 hours without an
//! objection, or whatever the tenant has set.

use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::world::{Caller, TestApp, TestTenant, minutes};

const DAY: TimeDelta = TimeDelta::days(1);

async fn brought_to(status: &str, customer: &Caller, agent: &Caller) -> i64 {
    let ticket = customer.opens("Printer on fire").await;
    agent.assigns(ticket, Some(agent.id)).await.expect(200);
    agent.sets(ticket, status).await.expect(200);
    ticket
}

async fn shown(caller: &Caller, ticket: i64) -> Value {
    caller.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)
}

async fn status(caller: &Caller, ticket: i64) -> String {
    shown(caller, ticket).await["status"].as_str().expect("a status").to_owned()
}

async fn set(tenant: &TestTenant, days: i32, hours: i32) {
    let change = "update settings set waiting_close_days = $1, resolved_close_hours = $2";
    sqlx::query(change).bind(days).bind(hours).execute(&tenant.db).await.expect("set");
}

#[tokio::test]
async fn a_ticket_closes_when_its_time_is_up_and_not_before() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    for (before, wait) in [("waiting_customer", TimeDelta::days(7)), ("resolved", TimeDelta::hours(24))] {
        let ticket = brought_to(before, &chloe, &ana).await;
        app.travel(wait - minutes(1));
        app.drain().await;
        assert_eq!(status(&chloe, ticket).await, before);
        app.travel(minutes(1));
        app.drain().await;
        let closed = shown(&chloe, ticket).await;
        assert_eq!((&closed["status"], &closed["version"]), (&json!("closed"), &json!(4)));
        assert_eq!(closed["closed_at"], json!(app.clock.now().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)));
        assert_eq!(closed["resolved_at"].is_null(), before == "waiting_customer");
        let history = ana.get(&format!("/api/v1/tickets/{ticket}/history")).await.expect(200);
        let step = history["data"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (&step["kind"], &step["from"], &step["to"], &step["by"]),
            (&json!("status"), &json!(before), &json!("closed"), &json!(null))
        );
        let event = app.heard(&app.acme).pop().unwrap();
        assert_eq!((&event["event"], &event["data"]["previous_status"]), (&json!("TicketStatusChanged"), &json!(before)));
        assert_eq!((&event["data"]["new_status"], &event["data"]["changed_by"]), (&json!("closed"), &json!(null)));
        chloe.says(ticket, "Too late").await.is(409, "ticket_closed");
    }
    let audited =
        r#"select count(*) from audit_logs where actor = '{"kind": "system", "name": "timers"}' and action = 'TicketStatusChanged'"#;
    assert_eq!(app.acme.count(audited).await, 2);
    app.drain().await;
}

#[tokio::test]
async fn only_waiting_and_resolved_tickets_close_and_each_tenants_own_settings_count() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (gil, gus) = (app.globex.agent("gil").await, app.globex.customer("gus").await);
    set(&app.globex, 365, 8760).await;
    let open = chloe.opens("Nobody's").await;
    let taken = chloe.opens("Ana's").await;
    ana.assigns(taken, Some(ana.id)).await.expect(200);
    let waits = brought_to("waiting_customer", &chloe, &ana).await;
    let elsewhere = [brought_to("waiting_customer", &gus, &gil).await, brought_to("resolved", &gus, &gil).await];
    app.travel(DAY * 300);
    app.drain().await;
    assert_eq!(status(&ana, open).await, "open");
    assert_eq!(status(&ana, taken).await, "in_progress");
    assert_eq!(status(&ana, waits).await, "closed");
    assert_eq!(status(&gil, elsewhere[0]).await, "waiting_customer");
    assert_eq!(status(&gil, elsewhere[1]).await, "resolved");
    app.drain().await;
}

#[tokio::test]
async fn an_answer_or_a_reopening_starts_the_time_anew_and_a_new_assignee_does_not() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let (reopened, handed_over) = (brought_to("resolved", &chloe, &ana).await, brought_to("resolved", &chloe, &ana).await);
    let answered = brought_to("waiting_customer", &chloe, &ana).await;
    app.travel(TimeDelta::hours(23));
    chloe.sets(reopened, "in_progress").await.expect(200);
    ana.sets(reopened, "resolved").await.expect(200);
    app.acme.manager("boss").await.assigns(handed_over, Some(ben.id)).await.expect(200);
    chloe.says(answered, "Here is what you asked for").await.expect(201);
    ana.sets(answered, "waiting_customer").await.expect(200);
    app.travel(TimeDelta::hours(1));
    app.drain().await;
    assert_eq!((status(&chloe, reopened).await.as_str(), status(&chloe, handed_over).await.as_str()), ("resolved", "closed"));
    app.travel(TimeDelta::hours(23));
    app.drain().await;
    assert_eq!(status(&chloe, reopened).await, "closed");
    app.travel(DAY * 6 - minutes(1));
    app.drain().await;
    assert_eq!(status(&chloe, answered).await, "waiting_customer");
    app.travel(minutes(1));
    app.drain().await;
    assert_eq!(status(&chloe, answered).await, "closed");
    app.drain().await;
}

#[tokio::test]
async fn a_changed_setting_counts_for_what_waits_already() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = brought_to("waiting_customer", &chloe, &ana).await;
    app.travel(DAY * 6);
    set(&app.acme, 30, 24).await;
    app.travel(DAY * 2);
    app.drain().await;
    assert_eq!(status(&ana, ticket).await, "waiting_customer");
    set(&app.acme, 8, 24).await;
    app.drain().await;
    assert_eq!(status(&ana, ticket).await, "closed");
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_that_somebody_is_changing_is_left_to_them() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (held, free) = (brought_to("waiting_customer", &chloe, &ana).await, brought_to("waiting_customer", &chloe, &ana).await);
    app.travel(DAY * 7);
    let mut change = app.acme.db.begin().await.expect("begun");
    sqlx::query("select from support_tickets where id = $1 for update").bind(held).execute(&mut *change).await.expect("locked");
    app.drain().await;
    assert_eq!((status(&ana, held).await.as_str(), status(&ana, free).await.as_str()), ("waiting_customer", "closed"));
    change.rollback().await.expect("given up");
    app.drain().await;
    assert_eq!(status(&ana, held).await, "closed");
    app.drain().await;
}

#[tokio::test]
async fn an_answer_at_the_last_moment_either_counts_or_is_refused() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut tickets = Vec::new();
    for _ in 0..12 {
        tickets.push(brought_to("waiting_customer", &chloe, &ana).await);
    }
    app.travel(DAY * 7);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let answers = join_all(tickets.iter().rev().map(|ticket| chloe.says(*ticket, "Wait, here it is")));
    let (answers, closed) = futures::join!(answers, app_api::worker::fire_timers(&app.app, &tenant));
    closed.expect("timers fire");
    for (ticket, answer) in tickets.iter().rev().zip(answers) {
        let expected = match answer.status.as_u16() {
            201 => "in_progress",
            409 => "closed",
            other => panic!("{other}"),
        };
        assert_eq!(status(&ana, *ticket).await, expected);
    }
    let breaks = "select count(*) from (select from_value, lag(to_value) over (partition by ticket_id order by id) as before from ticket_history where kind = 'status') h where from_value is distinct from before";
    assert_eq!(app.acme.count(breaks).await, 0);
    app.drain().await;
}

#[tokio::test]
async fn a_suspended_tenants_tickets_wait_until_it_is_served_again() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = brought_to("resolved", &chloe, &ana).await;
    app.drain().await;
    app.acme.becomes("suspended").await;
    app.app.tenants.forget("acme").await;
    app.travel(DAY * 30);
    app.drain().await;
    assert_eq!(app.acme.count("select count(*) from support_tickets where status = 'closed'").await, 0);
    app.acme.becomes("active").await;
    app.app.tenants.forget("acme").await;
    app.drain().await;
    assert_eq!(status(&ana, ticket).await, "closed");
    app.drain().await;
}

#[tokio::test]
async fn many_close_in_portions_and_one_that_cannot_be_closed_keeps_no_other_open() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let broken = brought_to("resolved", &chloe, &ana).await;
    let more = "insert into support_tickets (ticket_number, user_id, subject, description, description_html, status, assigned_to, status_since, created_at, updated_at)
        select 'TKT-' || n, user_id, subject, description, description_html, status, assigned_to, status_since, created_at, updated_at
        from support_tickets, generate_series(1, 120) n";
    sqlx::query(more).execute(&app.acme.db).await.expect("more");
    let word = "alter table support_tickets drop constraint support_tickets_priority_check";
    sqlx::query(word).execute(&app.acme.db).await.expect("loosened");
    sqlx::query("update support_tickets set priority = 'none' where id = $1").bind(broken).execute(&app.acme.db).await.expect("broken");
    app.travel(DAY);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let close = async || app_api::worker::fire_timers(&app.app, &tenant).await.expect("timers fire");
    assert_eq!(close().await, Some(Duration::ZERO), "more may be due at once");
    while close().await == Some(Duration::ZERO) {}
    assert_eq!(close().await, Some(Duration::from_secs(60)), "the broken one is tried again, with a pause");
    assert_eq!(app.acme.count("select count(*) from support_tickets where status = 'closed'").await, 120);
    app.drain().await;
}
