//! The copy of people follows the control plane, whatever the order and the number of messages.

use serde_json::{Value, json};
use shared::{broker::Outcome, session::Role};

use crate::world::{Caller, TestApp};

#[tokio::test]
async fn a_late_message_does_not_overwrite_newer_state() {
    let app = TestApp::start().await;
    let state = |name: &str, version: i64| json!({ "user_id": 77, "email": "x@acme.test", "firstname": name, "lastname": "T", "locale": "fr", "role": "agent", "active": true, "version": version });
    for (name, version) in [("second", 2), ("first", 1), ("second", 2)] {
        assert_eq!(app.tell(&app.acme, state(name, version)).await, Outcome::Done);
    }
    assert_eq!(app.acme.count("select count(*) from users where firstname = 'second' and version = 2").await, 1);
    assert_eq!(app.globex.count("select count(*) from users").await, 0);
    assert!(matches!(app.tell(&app.acme, json!({ "user_id": 77 })).await, Outcome::GiveUp(_)));
    assert!(matches!(app.tell_for(&app.globex, &app.acme, state("stranger", 3)).await, Outcome::GiveUp(_)));
    assert_eq!(app.globex.count("select count(*) from users").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn who_is_a_vip_is_known_by_events_by_the_first_visit_and_by_comparing() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let opens = async |who: &Caller| {
        let ticket = who.post("/api/v1/tickets", json!({ "subject": "x", "description": "x" })).await.expect(201);
        (ticket["priority"].as_str().expect("a word").to_owned(), ticket["priority_reason"].as_str().expect("a word").to_owned())
    };
    let (usual, raised) = (("medium".to_owned(), "default".to_owned()), ("high".to_owned(), "default, vip".to_owned()));
    assert_eq!(opens(&chloe).await, usual);
    let state = |version: i64, more: Value| {
        let mut state = json!({ "user_id": chloe.id, "email": "chloe@acme.test", "firstname": "c", "lastname": "T", "locale": "en", "role": "customer",
            "active": true, "version": version });
        state.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        state
    };
    // The release before leaves it out: what is known stays.
    for (told, expected) in [
        (state(2, json!({ "vip": true })), &raised),
        (state(3, json!({})), &raised),
        (state(2, json!({ "vip": false })), &raised),
        (state(4, json!({ "vip": false })), &usual),
    ] {
        assert_eq!(app.tell(&app.acme, told).await, Outcome::Done);
        assert_eq!(opens(&chloe).await, *expected);
    }
    // What no event has told is found by comparing, and whoever comes for the first time is known as what they are.
    let mark = "update memberships set vip = true, version = version + 9 where user_id = $1";
    sqlx::query(mark).bind(chloe.id).execute(&app.control).await.expect("a VIP");
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    assert_eq!(app.app.people.reconcile(&tenant).await.expect("compared"), 1);
    assert_eq!(opens(&chloe).await, raised);
    sqlx::query("delete from users where id = $1").bind(ana.id).execute(&app.acme.db).await.expect("forgotten");
    sqlx::query(mark).bind(ana.id).execute(&app.control).await.expect("a VIP");
    app.app.people.forget(app.acme.id, ana.id).await;
    assert_eq!(opens(&ana).await, raised);
    app.drain().await;
}

#[tokio::test]
async fn somebody_whom_no_event_has_brought_yet_is_fetched_when_first_seen() {
    let app = TestApp::start().await;
    assert_eq!(app.acme.count("select count(*) from users").await, 0);
    let chloe = app.acme.customer("chloe").await;
    chloe.opens("Printer on fire").await;
    assert_eq!(app.acme.count("select count(*) from users").await, 1);
    app.drain().await;
}

#[tokio::test]
async fn a_copy_that_missed_an_event_is_repaired() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    let demote = "update memberships set role = 'customer', version = version + 1 where user_id = $1";
    sqlx::query(demote).bind(ana.id).execute(&app.control).await.expect("demoted");
    ana.get("/api/v1/agents").await.expect(200);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    assert_eq!(app.app.people.reconcile(&tenant).await.expect("compared"), 1);
    ana.get("/api/v1/agents").await.is(403, "forbidden");
    assert_eq!(app.app.people.reconcile(&tenant).await.expect("compared"), 0);
    app.drain().await;
}

#[tokio::test]
async fn whoever_has_yet_to_prove_their_address_is_nobody_to_give_a_ticket_to() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let expected = "with eve as (
            insert into users (email, firstname, lastname, locale, password_hash, created_at, updated_at)
            values ('eve@acme.test', 'Eve', 'Test', 'en', 'none', now(), now()) returning id
        )
        insert into memberships (tenant_id, user_id, role, status, created_at, updated_at)
        select $1, id, 'agent', 'pending', now(), now() from eve returning user_id";
    let eve: i64 = sqlx::query_scalar(expected).bind(app.acme.id).fetch_one(&app.control).await.expect("expected");
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(eve)).await.is(422, "validation_failed");
    app.acme.caller(eve, Role::Agent).get("/api/v1/tickets").await.is(401, "unauthenticated");
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn whoever_opens_tickets_for_customers_finds_them_by_a_part_of_name_or_address() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let gil = app.globex.agent("gil").await;
    let state = |id: i64, name: &str, more: Value| {
        let mut state = json!({ "user_id": id, "email": format!("c{id}@client.test"), "firstname": name, "lastname": "Petit", "locale": "en",
            "role": "customer", "active": true, "version": 1 });
        state.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        state
    };
    for told in [
        state(9001, "Zoe", json!({})),
        state(9002, "100%", json!({})),
        state(9003, "Zoe", json!({ "active": false })),
        state(9004, "Zoe", json!({ "role": "agent" })),
        state(9005, "李明", json!({ "lastname": "@@@" })),
    ] {
        assert_eq!(app.tell(&app.acme, told).await, Outcome::Done);
    }
    let found = async |caller: &Caller, q: &str| {
        let rows = caller.get(&format!("/api/v1/customers?q={q}")).await.expect(200)["data"].clone();
        rows.as_array().expect("rows").iter().map(|row| row["id"].as_i64().expect("an id")).collect::<Vec<_>>()
    };
    for (q, expected) in [
        ("zoe%20PET", vec![9001]),
        ("9001@cli", vec![9001]),
        // The newest first.
        ("petit", vec![9002, 9001]),
        // A pattern is no pattern here.
        ("100%25", vec![9002]),
        ("zo%25e", vec![]),
        ("zo_%20petit", vec![]),
        // Too little to say anything; some names are as short.
        ("zo", vec![]),
        ("@@@", vec![]),
        ("%E6%9D%8E", vec![]),
        ("%E6%9D%8E%E6%98%8E", vec![9005]),
    ] {
        assert_eq!(found(&ana, q).await, expected, "{q}");
    }
    assert_eq!(found(&gil, "petit").await, Vec::<i64>::new());
    assert_eq!(ana.get("/api/v1/customers").await.expect(200)["data"], json!([]));
    chloe.get("/api/v1/customers?q=petit").await.is(403, "forbidden");
    let opened = ana.post("/api/v1/tickets", json!({ "subject": "x", "description": "x", "user_id": 9001 })).await.expect(201);
    assert_eq!(opened["requester"]["firstname"], "Zoe");
    app.drain().await;
}

#[tokio::test]
async fn customers_who_cannot_be_found_in_time_are_too_many() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    // Nobody is found before this is let go.
    let mut held = app.acme.db.begin().await.expect("begun");
    let sql = "lock table contacts in access exclusive mode";
    sqlx::query(sql).execute(&mut *held).await.expect(sql);
    let refused = ana.get("/api/v1/customers?q=chloe").await.is(422, "validation_failed");
    assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!("q"), &json!("too_broad")));
    held.rollback().await.expect("let go");
    app.drain().await;
}

#[tokio::test]
async fn of_many_customers_the_twenty_newest_are_found() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    sqlx::query(
        "insert into users (id, email, firstname, lastname, locale, role, version, updated_at)
         select n, 'c' || n || '@client.test', 'Moe', 'Many', 'en', 'customer', 1, now() from generate_series(9001, 9030) n",
    )
    .execute(&app.acme.db)
    .await
    .expect("customers");
    let rows = ana.get("/api/v1/customers?q=many").await.expect(200)["data"].clone();
    let ids: Vec<_> = rows.as_array().expect("rows").iter().map(|row| row["id"].as_i64().expect("an id")).collect();
    assert_eq!(ids, (9011..=9030).rev().collect::<Vec<_>>());
    app.drain().await;
}
