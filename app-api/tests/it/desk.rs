//! What people keep at a ticket: snoozes, watchers, drafts, mentions, links (T-35, T-40).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::{Caller, TestApp, minutes};

async fn snoozes(caller: &Caller, ticket: i64, until: Value) -> crate::world::Answer {
    caller.post(&format!("/api/v1/tickets/{ticket}/snooze"), json!({ "until": until })).await
}

async fn seen(caller: &Caller, ticket: i64) -> Value {
    caller.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)
}

fn kinds(app: &TestApp) -> Vec<String> {
    app.heard(&app.acme).iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_snoozed_ticket_comes_back_when_its_time_has_come_and_not_before() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (ticket, other) = (chloe.opens("Printer on fire").await, chloe.opens("Another").await);
    for wrong in [json!("2026-03-02T09:00:00Z"), json!("2030-01-01T00:00:00Z"), json!("soon")] {
        snoozes(&ana, ticket, wrong).await.is(422, "validation_failed");
    }
    ana.post(&format!("/api/v1/tickets/{ticket}/snooze"), json!({})).await.is(422, "validation_failed");
    snoozes(&chloe, ticket, json!(null)).await.is(403, "forbidden");
    let until = "2026-03-02T11:00:00Z";
    let snoozed = snoozes(&ana, ticket, json!(until)).await.expect(200);
    assert_eq!((&snoozed["snooze"], &snoozed["version"]), (&json!({ "until": until }), &json!(2)));
    assert!(seen(&chloe, ticket).await.get("snooze").is_none(), "customers do not learn it");
    snoozes(&ana, other, json!("2026-03-03T11:00:00Z")).await.expect(200);
    app.travel(minutes(119));
    app.drain().await;
    assert_eq!(seen(&ana, ticket).await["snooze"]["until"], until);
    app.travel(minutes(1));
    app.drain().await;
    assert!(seen(&ana, ticket).await.get("snooze").is_none());
    assert!(seen(&ana, other).await.get("snooze").is_some());
    let history = ana.get(&format!("/api/v1/tickets/{ticket}/history")).await.expect(200);
    let steps: Vec<_> =
        history["data"].as_array().unwrap().iter().map(|s| (s["kind"].clone(), s["to"].clone(), s["by"]["id"].clone())).collect();
    assert_eq!(steps[1..], [(json!("snooze"), json!(until), json!(ana.id)), (json!("snooze"), json!(null), json!(null))]);
    assert_eq!(chloe.get(&format!("/api/v1/tickets/{ticket}/history")).await.expect(200)["data"].as_array().unwrap().len(), 1);
    assert_eq!(kinds(&app)[2..], ["TicketSnoozed", "TicketSnoozed", "TicketWoken"]);
    app.drain().await;
}

#[tokio::test]
async fn a_customers_word_a_resolution_and_whoever_wants_wake_a_ticket_and_a_colleagues_note_does_not() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    ana.sets(ticket, "waiting_customer").await.expect(200);
    assert_eq!(snoozes(&ana, ticket, json!(null)).await.expect(200)["snooze"], json!({ "until": null }));
    app.travel(TimeDelta::days(3));
    ana.notes(ticket, "Still nothing").await.expect(201);
    app.drain().await;
    assert!(seen(&ana, ticket).await["snooze"].is_object());
    chloe.says(ticket, "Here it is").await.expect(201);
    let woken = seen(&ana, ticket).await;
    assert!(woken.get("snooze").is_none() && woken["status"] == "in_progress", "{woken}");
    let versions = "select count(*) from (select version, lag(version) over (order by id) as before from ticket_history) h where version - before not in (0, 1)";
    assert_eq!(app.acme.count(versions).await, 0, "no version is left out");
    snoozes(&ana, ticket, json!(null)).await.expect(200);
    let path = format!("/api/v1/tickets/{ticket}/snooze");
    ana.delete(&path).await.expect(204);
    let awake = seen(&ana, ticket).await;
    ana.delete(&path).await.expect(204);
    assert_eq!(seen(&ana, ticket).await, awake, "it is awake already");
    snoozes(&ana, ticket, json!(null)).await.expect(200);
    ana.sets(ticket, "resolved").await.expect(200);
    assert!(seen(&ana, ticket).await.get("snooze").is_none());
    snoozes(&ana, ticket, json!(null)).await.is(409, "conflict");
    chloe.sets(ticket, "closed").await.expect(200);
    snoozes(&ana, ticket, json!(null)).await.is(409, "ticket_closed");
    app.drain().await;
}

#[tokio::test]
async fn whoever_loses_sight_of_a_ticket_watches_it_no_more() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    let (watch, watchers) = (format!("/api/v1/tickets/{ticket}/watch"), format!("/api/v1/tickets/{ticket}/watchers"));
    chloe.put(&watch, json!({})).await.is(403, "forbidden");
    chloe.get(&watchers).await.is(403, "forbidden");
    for caller in [&ana, &ben, &boss, &ana] {
        caller.put(&watch, json!({})).await.expect(204);
    }
    let listed = async || {
        let data = boss.get(&watchers).await.expect(200)["data"].clone();
        data.as_array().unwrap().iter().map(|party| party["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [ana.id, ben.id, boss.id]);
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    assert_eq!(listed().await, [ana.id, boss.id]);
    ben.put(&watch, json!({})).await.is(404, "not_found");
    let left = json!({ "user_id": boss.id, "email": "boss@acme.test", "firstname": "boss", "lastname": "Test", "locale": "en", "role": "customer", "active": true, "version": 2 });
    app.tell(&app.acme, left).await;
    assert_eq!(ana.get(&watchers).await.expect(200)["data"].as_array().unwrap().len(), 1);
    ana.delete(&watch).await.expect(204);
    ana.delete(&watch).await.expect(204);
    app.drain().await;
    let of_watching: Vec<_> = kinds(&app).into_iter().filter(|kind| kind.contains("atched")).collect();
    assert_eq!(of_watching, ["TicketWatched", "TicketWatched", "TicketWatched", "TicketUnwatched"]);
}

#[tokio::test]
async fn a_draft_is_its_writers_alone_and_goes_when_it_is_sent() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let path = format!("/api/v1/tickets/{ticket}/draft");
    let keep = async |caller: &Caller, mode: &str, message: &str| caller.put(&path, json!({ "mode": mode, "message": message })).await;
    let drafts = async |caller: &Caller| {
        let drafts = caller.get(&path).await.expect(200);
        [drafts["reply"]["message"].clone(), drafts["note"]["message"].clone()]
    };
    chloe.get(&path).await.is(403, "forbidden");
    keep(&ana, "reply", "").await.is(422, "validation_failed");
    keep(&ana, "reply", &"x".repeat(65_537)).await.is(422, "validation_failed");
    keep(&ana, "mail", "x").await.is(422, "validation_failed");
    let before = seen(&ana, ticket).await;
    for (mode, message) in [("reply", "Dear Ch"), ("reply", "Dear Chloé"), ("note", "She sounds angry")] {
        keep(&ana, mode, message).await.expect(204);
    }
    assert_eq!(drafts(&ana).await, [json!("Dear Chloé"), json!("She sounds angry")]);
    assert_eq!(drafts(&ben).await, [json!(null), json!(null)]);
    assert_eq!(seen(&ana, ticket).await, before, "it is no change of the ticket");
    ana.notes(ticket, "She sounds angry").await.expect(201);
    assert_eq!(drafts(&ana).await, [json!("Dear Chloé"), json!(null)]);
    ana.says(ticket, "Dear Chloé").await.expect(201);
    assert_eq!(drafts(&ana).await, [json!(null), json!(null)]);
    for mode in ["reply", "note"] {
        keep(&ana, mode, "x").await.expect(204);
    }
    ana.delete(&format!("{path}?mode=note")).await.expect(204);
    assert_eq!(drafts(&ana).await, [json!("x"), json!(null)]);
    ana.delete(&path).await.expect(204);
    assert_eq!(drafts(&ana).await, [json!(null), json!(null)]);
    ben.assigns(ticket, Some(ben.id)).await.expect(200);
    ana.get(&path).await.is(404, "not_found");
    app.drain().await;
}

#[tokio::test]
async fn a_note_names_colleagues_who_see_the_ticket_and_nobody_else() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    let path = format!("/api/v1/tickets/{ticket}/messages");
    let says = async |mentions: Value, is_internal: bool| {
        ana.post(&path, json!({ "message": "Look", "is_internal": is_internal, "mentions": mentions })).await
    };
    says(json!([boss.id]), false).await.is(422, "validation_failed");
    says(json!(vec![boss.id; 21]), true).await.is(422, "validation_failed");
    for hidden in [ben.id, chloe.id, 424_242] {
        let refused = says(json!([boss.id, hidden]), true).await.is(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], "mentions[1]");
    }
    assert_eq!(app.acme.count("select count(*) from ticket_messages").await, 0, "a refused note is not there");
    let note = says(json!([boss.id, boss.id, ana.id]), true).await.expect(201);
    app.drain().await;
    let told: Vec<Value> =
        app.heard(&app.acme).into_iter().filter(|event| event["event"] == "UserMentioned").map(|event| event["data"].clone()).collect();
    assert_eq!(told.iter().map(|data| data["user_id"].as_i64()).collect::<Vec<_>>(), [Some(boss.id), Some(ana.id)]);
    assert_eq!((&told[0]["message_id"], &told[0]["mentioned_by"], &told[0]["ticket_id"]), (&note["id"], &json!(ana.id), &json!(ticket)));
}

#[tokio::test]
async fn a_link_is_there_for_whoever_sees_both_of_its_ends() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let chloe = app.acme.customer("chloe").await;
    let (parent, child, bens) = (chloe.opens("All printers").await, chloe.opens("One printer").await, chloe.opens("Ben's").await);
    ben.assigns(bens, Some(ben.id)).await.expect(200);
    let path = |ticket: i64| format!("/api/v1/tickets/{ticket}/links");
    let link = async |caller: &Caller, from: i64, to: i64, relation: &str| {
        caller.post(&path(from), json!({ "to": to, "relation": relation })).await
    };
    link(&ana, parent, bens, "related").await.is(422, "validation_failed");
    link(&ana, parent, parent, "related").await.is(422, "validation_failed");
    link(&chloe, parent, child, "related").await.is(403, "forbidden");
    link(&ana, child, parent, "parent").await.expect(201);
    link(&ana, parent, child, "child").await.is(409, "conflict");
    link(&ana, parent, child, "parent").await.is(409, "conflict");
    link(&boss, child, bens, "parent").await.is(409, "conflict");
    let related = link(&boss, parent, bens, "related").await.expect(201)["id"].as_i64().unwrap();
    let links = async |caller: &Caller, ticket: i64| {
        let rows = caller.get(&path(ticket)).await.expect(200)["data"].clone();
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| (row["relation"].as_str().unwrap().to_owned(), row["ticket"]["id"].as_i64().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(links(&boss, parent).await, [("child".into(), child), ("related".into(), bens)]);
    assert_eq!(links(&boss, child).await, [("parent".into(), parent)]);
    assert_eq!(links(&ana, parent).await, [("child".into(), child)], "Ben's is not hers to see");
    ana.delete(&format!("{}/{related}", path(parent))).await.is(404, "not_found");
    ben.delete(&format!("{}/{related}", path(child))).await.is(404, "not_found");
    ben.delete(&format!("{}/{related}", path(bens))).await.expect(204);
    assert_eq!(links(&boss, bens).await, []);
    boss.sets(parent, "closed").await.expect(200);
    link(&boss, parent, bens, "related").await.is(409, "ticket_closed");
    link(&boss, bens, parent, "related").await.expect(201);
    app.drain().await;
}

#[tokio::test]
async fn a_history_names_no_ticket_that_its_reader_does_not_see() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let chloe = app.acme.customer("chloe").await;
    let (ticket, bens, duplicate) = (chloe.opens("One printer").await, chloe.opens("Ben's").await, chloe.opens("The same").await);
    let number = async |of: i64| boss.get(&format!("/api/v1/tickets/{of}")).await.expect(200)["ticket_number"].clone();
    let (of_bens, of_duplicate) = (number(bens).await, number(duplicate).await);
    let path = format!("/api/v1/tickets/{ticket}");
    let link = boss.post(&format!("{path}/links"), json!({ "to": bens, "relation": "related" })).await.expect(201)["id"].clone();
    boss.delete(&format!("{path}/links/{link}")).await.expect(204);
    boss.post(&format!("/api/v1/tickets/{duplicate}/merge"), json!({ "into": ticket })).await.expect(200);
    let named = async |caller: &Caller| {
        let steps = caller.get(&format!("{path}/history")).await.expect(200)["data"].clone();
        let others = ["link", "merged_from"];
        let steps = steps.as_array().unwrap().iter().filter(|step| others.contains(&step["kind"].as_str().unwrap()));
        steps.map(|step| (step["from"].clone(), step["to"].clone())).collect::<Vec<_>>()
    };
    let all = [(Value::Null, of_bens.clone()), (of_bens, Value::Null), (Value::Null, of_duplicate)];
    assert_eq!(named(&ana).await, all, "nobody has taken them yet");
    for taken in [bens, duplicate] {
        let sql = "update support_tickets set assigned_to = $2 where id = $1";
        sqlx::query(sql).bind(taken).bind(ben.id).execute(&app.acme.db).await.expect(sql);
    }
    assert_eq!(named(&ana).await, [const { (Value::Null, Value::Null) }; 3]);
    assert_eq!(named(&boss).await, all);
    app.drain().await;
}

#[tokio::test]
async fn no_ticket_is_above_itself_whoever_links_at_the_same_time() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let mut tickets = Vec::new();
    for n in 0..4 {
        tickets.push(chloe.opens(&format!("Ticket {n}")).await);
    }
    let ring = (0..4).map(|n| {
        let (from, to, boss) = (tickets[n], tickets[(n + 1) % 4], boss.clone());
        async move { boss.post(&format!("/api/v1/tickets/{from}/links"), json!({ "to": to, "relation": "parent" })).await.status.as_u16() }
    });
    let mut answers = futures::future::join_all(ring).await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 201, 201, 409]);
    app.drain().await;
}
