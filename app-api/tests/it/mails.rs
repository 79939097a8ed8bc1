//! Mails to customers: one per occasion, in their language, to nobody else.

use chrono::TimeDelta;
use serde_json::json;
use shared::broker::{Message, Outcome};
use uuid::Uuid;

use crate::world::{TestApp, minutes};

#[tokio::test]
async fn the_customer_hears_that_the_request_arrived_and_what_an_agent_answered_once_each() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    chloe.says(ticket, "Hurry").await.expect(201);
    ana.notes(ticket, "Grumpy").await.expect(201);
    ana.says(ticket, "On my **way**").await.expect(201);
    app.drain().await;
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    let to: Vec<_> = mails.iter().map(|m| m.to_address.as_str()).collect();
    assert_eq!(to, ["chloe@acme.test", "chloe@acme.test"]);
    let shown = chloe.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200);
    let link = format!("http://acme.localhost:8080/tickets/{}", shown["ticket_number"].as_str().expect("a number"));
    assert!(mails[0].subject.contains("We have received") && mails[0].text.contains(&link), "{}", mails[0].text);
    assert!(mails[1].text.contains("On my **way**") && mails[1].html.contains("<strong>way</strong>"));
    let references = |n: usize| mails[n].headers.iter().find(|(name, _)| name == "References").expect("a thread").1.clone();
    assert_eq!(references(0), references(1));
    assert_ne!(mails[0].message_id, mails[1].message_id);
    app.drain().await;
}

#[tokio::test]
async fn a_french_customer_reads_french() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    app.tell(&app.acme, json!({ "user_id": chloe.id, "email": "chloe@acme.test", "firstname": "Chloé", "lastname": "T", "locale": "fr", "role": "customer", "active": true, "version": 2 })).await;
    chloe.opens("Imprimante en feu").await;
    app.drain().await;
    assert!(app.mails.lock().unwrap()[0].text.starts_with("Bonjour Chloé"));
    app.drain().await;
}

#[tokio::test]
async fn what_a_mail_said_is_forgotten_and_then_the_mail() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    for tenant in [&app.acme, &app.globex] {
        let sql =
            "insert into mails (id, message_id, template, to_address, to_name, subject, body_text, body_html, status, next_at, created_at)
            values (gen_random_uuid(), 'm', 't', 'x@acme.test', 'X', 'S', 'text', 'html', 'failed', $1, $1)";
        sqlx::query(sql).bind(app.clock.now()).execute(&tenant.db).await.expect("a mail");
    }
    chloe.opens("Printer on fire").await;
    app.drain().await;
    let keep = async || {
        let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
        app_api::worker::keep_one(&app.app, &tenant).await.expect("kept");
    };
    let with_body = "select count(*) from mails where body_text <> '' or body_html <> ''";
    keep().await;
    assert_eq!(app.acme.count(with_body).await, 1, "an operator has a day to look");
    app.clock.advance(TimeDelta::days(1) + TimeDelta::seconds(1));
    keep().await;
    assert_eq!((app.acme.count(with_body).await, app.acme.count("select count(*) from mails").await), (0, 2));
    app.clock.advance(TimeDelta::days(29));
    keep().await;
    assert_eq!(app.acme.count("select count(*) from mails").await, 0);
    assert_eq!(app.globex.count(with_body).await, 1, "another tenant's turn is its own");
}

/// So many mails that an address has just got.
async fn had(app: &TestApp, to: &str, count: i32) {
    had_of(app, "t", to, count).await;
}

/// The same of one kind.
async fn had_of(app: &TestApp, template: &str, to: &str, count: i32) {
    let sql =
        "insert into mails (id, message_id, template, to_address, to_name, subject, body_text, body_html, status, next_at, created_at)
        select gen_random_uuid(), 'm', $4, $1, 'X', 'S', '', '', 'sent', $2, $2 from generate_series(1, $3)";
    sqlx::query(sql).bind(to).bind(app.clock.now()).bind(count).bind(template).execute(&app.acme.db).await.expect("mails");
}

#[tokio::test]
async fn nobody_gets_more_mails_than_they_read_and_beyond_an_organisations_bound_answers_wait_for_their_turn() {
    let app = TestApp::start().await;
    let (chloe, dan, gus, ana, gil) = (
        app.acme.customer("chloe").await,
        app.acme.customer("dan").await,
        app.globex.customer("gus").await,
        app.acme.agent("ana").await,
        app.globex.agent("gil").await,
    );
    let (hers, his, elsewhere) = (chloe.opens("Printer").await, dan.opens("Screen").await, gus.opens("Mouse").await);
    app.drain().await;
    app.mails.lock().unwrap().clear();
    // Whom each answer reaches.
    let reaches = async || {
        for (agent, ticket) in [(&ana, hers), (&ana, his), (&gil, elsewhere)] {
            agent.says(ticket, "On my way").await.expect(201);
        }
        app.drain().await;
        let mut sent: Vec<String> = app.mails.lock().unwrap().drain(..).map(|mail| mail.to_address).collect();
        sent.sort();
        sent
    };
    assert_eq!(reaches().await, ["chloe@acme.test", "dan@acme.test", "gus@globex.test"]);
    had(&app, "chloe@acme.test", 58).await;
    assert_eq!(reaches().await, ["dan@acme.test", "gus@globex.test"], "sixty an hour");
    app.travel(minutes(60));
    assert_eq!(reaches().await, ["chloe@acme.test", "dan@acme.test", "gus@globex.test"]);
    had(&app, "somebody@acme.test", 2_000).await;
    assert_eq!(reaches().await, ["gus@globex.test"], "two thousand an hour of one organisation");
    app.travel(minutes(60));
    let with_those_that_waited = ["chloe@acme.test", "chloe@acme.test", "dan@acme.test", "dan@acme.test", "gus@globex.test"];
    assert_eq!(reaches().await, with_those_that_waited);
    had(&app, "somebody@acme.test", 8_000).await;
    app.travel(minutes(60));
    assert_eq!(reaches().await, ["gus@globex.test"], "ten thousand a day");
    app.travel(minutes(24 * 60));
    assert_eq!(reaches().await, with_those_that_waited);
    let spared = app.app.spared.counter();
    let counted = ["held_back", "left_out"].map(|what| spared.with_label_values(&[what, "agent_replied"]).get());
    assert_eq!(counted, [4, 1]);
    app.drain().await;
}

#[tokio::test]
async fn whoever_asks_much_takes_nobodys_answer_away() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    had_of(&app, "ticket_received", "somebody@acme.test", 1_000).await;
    let ticket = chloe.opens("Printer on fire").await;
    ana.says(ticket, "On my way").await.expect(201);
    app.drain().await;
    let told: Vec<String> = app.mails.lock().unwrap().iter().map(|mail| mail.text.clone()).collect();
    assert!(told.len() == 1 && told[0].contains("On my way"), "{told:?}");
    assert_eq!(app.app.spared.counter().with_label_values(&["left_out", "ticket_received"]).get(), 1);
    had(&app, "somebody@acme.test", 1_000).await;
    ana.says(ticket, "Nearly there").await.expect(201);
    ana.says(ticket, "There").await.expect(201);
    app.drain().await;
    assert_eq!(app.mails.lock().unwrap().len(), 1);
    let waiting = "select count(*) from mails where status = 'pending'";
    assert_eq!(app.acme.count(waiting).await, 2);
    app.travel(TimeDelta::seconds(9));
    app.drain().await;
    let left = app.acme.count(waiting).await;
    assert_eq!((app.mails.lock().unwrap().len(), left), (2, 1), "each has its turn");
    app.travel(TimeDelta::seconds(9));
    app.drain().await;
    assert_eq!(app.acme.count(waiting).await, 0);
}

#[tokio::test]
async fn a_message_that_names_two_tenants_or_is_no_event_is_given_up_and_does_nothing() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let message = |body: String| Message {
        id: Uuid::now_v7(),
        exchange: "sav_exchange".into(),
        routing_key: "sav.ticket.created".into(),
        tenant: app.acme.id,
        occurred_at: String::new(),
        body: body.into_bytes(),
    };
    let crafted = json!({ "event": "TicketCreated", "tenant": app.globex.id, "data": { "ticket_id": ticket } }).to_string();
    for body in [crafted, "{".into(), "{}".into()] {
        let outcome = app_api::notifications::react(&app.app, message(body)).await;
        assert!(matches!(outcome, Outcome::GiveUp(_)), "{outcome:?}");
    }
    assert_eq!(app.acme.count("select count(*) from mails").await, 0);
    assert_eq!(app.globex.count("select count(*) from mails").await, 0);
    app.drain().await;
}
