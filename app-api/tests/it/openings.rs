//! Many openings and many answers at once: a number is one ticket's (C5), and what is sent twice happens once (C4).

use std::collections::HashSet;

use axum::http::Method;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::world::{Answer, Caller, TestApp};

/// The next four numbers that are drawn are one that is taken.
const UNLUCKY: &str = "
    create sequence draws;
    create function unlucky() returns trigger language plpgsql as $$
    begin
        if nextval('draws') <= 4 then new.ticket_number := 'TKT-22222222'; end if;
        return new;
    end
    $$;
    create trigger unlucky before insert on support_tickets for each row execute function unlucky();";

fn ids(answers: Vec<Answer>) -> HashSet<i64> {
    answers.into_iter().map(|answer| answer.expect(201)["id"].as_i64().expect("an id")).collect()
}

#[tokio::test]
async fn a_number_that_is_taken_is_drawn_again_however_many_draw_it_at_once() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let first = chloe.opens("The first").await;
    sqlx::query("update support_tickets set ticket_number = 'TKT-22222222'").execute(&app.acme.db).await.expect("its number");
    sqlx::raw_sql(UNLUCKY).execute(&app.acme.db).await.expect(UNLUCKY);
    let alone = chloe.opens("Alone").await;
    assert_eq!(app.acme.count("select last_value from draws").await, 5, "it was drawn five times");
    sqlx::query("select setval('draws', 1, false)").execute(&app.acme.db).await.expect("anew");
    let body = json!({ "subject": "All at once", "description": "It smokes." });
    let opened = ids(join_all((0..20).map(|_| chloe.post("/api/v1/tickets", body.clone()))).await);
    assert_eq!(opened.len(), 20);
    assert!(!opened.contains(&first) && !opened.contains(&alone));
    assert_eq!(app.acme.count("select count(distinct ticket_number) from support_tickets").await, 22);
    assert_eq!(app.acme.count("select count(*) from ticket_history where version = 1").await, 22);
    app.drain().await;
}

#[tokio::test]
async fn what_is_sent_ten_times_at_once_is_one_ticket_and_one_answer_with_one_event_and_one_mail_each() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let sends = async |caller: &Caller, path: &str, body: Value| {
        let send = || caller.with(&Method::POST, path, body.clone(), &[("idempotency-key", "once")]);
        ids(join_all((0..10).map(|_| send())).await)
    };
    let opened = sends(&chloe, "/api/v1/tickets", json!({ "subject": "Printer on fire", "description": "It smokes." })).await;
    let ticket = *opened.iter().next().expect("a ticket");
    let path = format!("/api/v1/tickets/{ticket}/messages");
    let said = sends(&ana, &path, json!({ "message": "On my way" })).await;
    assert_eq!((opened.len(), said.len()), (1, 1));
    // Another body under that key is no retry.
    ana.with(&Method::POST, &path, json!({ "message": "Or not" }), &[("idempotency-key", "once")]).await.is(422, "idempotency_key_reused");
    for (sql, expected) in [
        ("select count(*) from support_tickets", 1),
        ("select count(*) from ticket_messages", 1),
        ("select count(*) from events where kind = 'TicketCreated'", 1),
        ("select count(*) from events where kind = 'MessageAdded'", 1),
        ("select customer_unread::bigint from support_tickets", 1),
    ] {
        assert_eq!(app.acme.count(sql).await, expected, "{sql}");
    }
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails.iter().filter(|mail| mail.text.contains("On my way")).count(), 1);
}
