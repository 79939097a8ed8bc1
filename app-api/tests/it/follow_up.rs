//! Going on from a closed ticket (T-6).

use serde_json::{Value, json};

use crate::{
    merge::{all, merges},
    sla::shown,
    world::{Answer, Caller, TestApp},
};

async fn follows(caller: &Caller, of: i64, more: Value) -> Answer {
    let mut body = json!({ "subject": "It burns again", "description": "Help.", "follow_up_of": of });
    body.as_object_mut().expect("a body").extend(more.as_object().expect("fields").clone());
    caller.post("/api/v1/tickets", body).await
}

#[tokio::test]
async fn one_goes_on_only_from_a_closed_ticket_that_one_sees() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let (chloe, dan) = (app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let (open, closed, bens) = (chloe.opens("Open").await, chloe.opens("Closed").await, chloe.opens("Ben's").await);
    boss.sets(closed, "closed").await.expect(200);
    ben.assigns(bens, Some(ben.id)).await.expect(200);
    let count = || app.acme.count("select count(*) from support_tickets");
    let before = count().await;
    for (caller, of) in [(&dan, closed), (&ana, bens), (&chloe, 424_242)] {
        let refused = follows(caller, of, json!({})).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!("follow_up_of"), &json!("unknown_value")));
    }
    follows(&chloe, open, json!({})).await.is(409, "conflict");
    follows(&boss, closed, json!({ "user_id": dan.id })).await.is(422, "validation_failed");
    follows(&chloe, closed, json!({ "user_id": dan.id })).await.is(403, "forbidden");
    assert_eq!(count().await, before);
    app.drain().await;
}

#[tokio::test]
async fn a_customer_goes_on_with_what_was_known_and_both_tickets_name_each_other() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let opened = json!({ "subject": "Printer on fire", "description": "It smokes.", "category": "printers", "order_id": "A-1",
        "custom_fields": { "serial": "4711" } });
    let closed = chloe.post("/api/v1/tickets", opened).await.expect(201)["id"].as_i64().expect("an id");
    boss.patch(&format!("/api/v1/tickets/{closed}"), json!({ "tags": ["angry"] })).await.expect(200);
    boss.sets(closed, "closed").await.expect(200);
    chloe.says(closed, "It burns again").await.is(409, "ticket_closed");
    let before = shown(&boss, closed).await;

    let body = json!({ "subject": "It burns again", "description": "Help.", "follow_up_of": closed });
    let key = [("idempotency-key", "again")];
    let first = chloe.with(&axum::http::Method::POST, "/api/v1/tickets", body.clone(), &key).await.expect(201);
    let retry = chloe.with(&axum::http::Method::POST, "/api/v1/tickets", body, &key).await.expect(201);
    assert_eq!(first, retry);
    let id = first["id"].as_i64().expect("an id");
    assert_eq!((&first["follow_up_of"], &first["predecessor"]["ticket_number"]), (&json!(closed), &before["ticket_number"]));
    assert_eq!(first["tags"], json!([]), "customers do not read tags");
    let seen = shown(&boss, id).await;
    let carried = ["user_id", "category", "order_id", "tags", "custom_fields"].map(|name| seen[name].clone());
    assert_eq!(carried, [json!(chloe.id), json!("printers"), json!("A-1"), json!(["angry"]), json!({ "serial": "4711" })]);
    assert_eq!((&seen["status"], &seen["subject"]), (&json!("open"), &json!("It burns again")));

    let after = shown(&boss, closed).await;
    assert_eq!((&after["version"], &after["updated_at"]), (&before["version"], &before["updated_at"]), "it is not modified");
    for caller in [&boss, &chloe] {
        assert_eq!(shown(caller, closed).await["follow_up"]["id"], id);
    }
    assert_eq!(all(&boss, closed, "links").await[0]["ticket"]["id"], id);
    assert_eq!(all(&boss, id, "links").await[0]["ticket"]["id"], closed);
    for (ticket, other) in [(id, &before["ticket_number"]), (closed, &seen["ticket_number"])] {
        let history = all(&boss, ticket, "history").await;
        let step = history.last().expect("a step");
        assert_eq!((&step["kind"], &step["to"], &step["reason"]), (&json!("link"), other, &json!("follow_up")));
    }
    app.drain().await;
}

#[tokio::test]
async fn staff_go_on_for_a_customer_and_what_they_give_counts() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let opened = json!({ "subject": "Printer on fire", "description": "It smokes.", "category": "printers", "order_id": "A-1" });
    let closed = chloe.post("/api/v1/tickets", opened).await.expect(201)["id"].as_i64().expect("an id");
    ana.sets(closed, "closed").await.expect(200);
    let more = json!({ "category": "fires", "order_id": "A-2", "tags": ["own"] });
    let new = follows(&ana, closed, more).await.expect(201);
    let given = ["user_id", "category", "order_id", "tags", "follow_up_of"].map(|name| new[name].clone());
    assert_eq!(given, [json!(chloe.id), json!("fires"), json!("A-2"), json!(["own"]), json!(closed)]);
    let again = follows(&ana, closed, json!({})).await.expect(201);
    assert_eq!(shown(&ana, closed).await["follow_up"]["id"], again["id"], "the last one");
    // Of that one, who does not see the closed one is not told.
    let (ben, id) = (app.acme.agent("ben").await, again["id"].as_i64().expect("an id"));
    app.acme.manager("boss").await.assigns(id, Some(ben.id)).await.expect(200);
    sqlx::query("update support_tickets set assigned_to = $2 where id = $1")
        .bind(closed)
        .bind(ana.id)
        .execute(&app.acme.db)
        .await
        .expect("ana's");
    let seen = shown(&ben, id).await;
    assert!(seen.get("follow_up_of").is_none() && seen.get("predecessor").is_none(), "{seen}");
    app.drain().await;
}

#[tokio::test]
async fn a_link_that_was_not_made_is_not_told_of_and_the_two_name_each_other_all_the_same() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let closed = chloe.opens("Printer on fire").await;
    boss.sets(closed, "closed").await.expect(200);
    // As many links as a ticket may have.
    let full = "with others as (
            insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
            select 'TKT-' || n, user_id, subject, description, description_html, created_at, updated_at
            from support_tickets, generate_series(1, 50) n
            where id = $1
            returning id, user_id, created_at
         )
         insert into ticket_links (from_id, to_id, kind, created_by, created_at)
         select $1, id, 'related', user_id, created_at from others";
    sqlx::query(full).bind(closed).execute(&app.acme.db).await.expect(full);
    let new = follows(&chloe, closed, json!({})).await.expect(201)["id"].as_i64().expect("an id");
    assert_eq!(shown(&chloe, closed).await["follow_up"]["id"], new);
    for ticket in [new, closed] {
        assert!(all(&boss, ticket, "history").await.iter().all(|step| step["kind"] != "link"), "{ticket}");
    }
    assert_eq!(app.acme.count("select count(*) from events where kind = 'TicketLinked'").await, 0);
    app.drain().await;
}

#[tokio::test]
async fn from_a_merged_ticket_one_goes_on_where_it_goes_on() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (merged, survivor) = (chloe.opens("Merged").await, chloe.opens("Survivor").await);
    merges(&boss, merged, survivor).await.expect(200);
    let number = shown(&boss, survivor).await["ticket_number"].as_str().expect("a number").to_owned();
    let refused = follows(&chloe, merged, json!({})).await.is(409, "conflict");
    assert!(refused["detail"].as_str().expect("a sentence").contains(&number), "{refused}");
    boss.sets(survivor, "closed").await.expect(200);
    assert_eq!(follows(&chloe, merged, json!({})).await.expect(201)["follow_up_of"], survivor);
    app.drain().await;
}

#[tokio::test]
async fn a_category_that_was_put_away_stands_in_nobodys_way() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let labels = json!({ "fr": "Un", "en": "One" });
    let category = boss.post("/api/v1/categories", json!({ "name": "printers", "labels": labels })).await.expect(201)["id"].clone();
    let field = json!({ "key": "verdict", "labels": labels, "type": "text", "visible_to_customers": false });
    boss.post("/api/v1/custom-fields", field).await.expect(201);
    let opened = json!({ "subject": "Printer on fire", "description": "It smokes.", "category": "printers" });
    let closed = chloe.post("/api/v1/tickets", opened).await.expect(201)["id"].as_i64().expect("an id");
    boss.patch(&format!("/api/v1/tickets/{closed}"), json!({ "custom_fields": { "verdict": "HIDDEN" } })).await.expect(200);
    boss.sets(closed, "closed").await.expect(200);
    boss.patch(&format!("/api/v1/categories/{category}"), json!({ "active": false })).await.expect(200);
    let new = follows(&chloe, closed, json!({})).await.expect(201);
    assert!(!new.to_string().contains("HIDDEN"), "{new}");
    let seen = shown(&boss, new["id"].as_i64().expect("an id")).await;
    assert_eq!((&seen["category"], &seen["custom_fields"]["verdict"]), (&json!("printers"), &json!("HIDDEN")));
    app.drain().await;
}

#[tokio::test]
async fn a_right_guess_at_a_hidden_field_is_refused_like_a_wrong_one_and_nobody_learns_which_it_was() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    for (key, visible) in [("serial", true), ("verdict", false)] {
        let labels = json!({ "fr": "Un", "en": "One" });
        let field = json!({ "key": key, "labels": labels, "type": "text", "visible_to_customers": visible });
        boss.post("/api/v1/custom-fields", field).await.expect(201);
    }
    let closed = chloe.opens("Printer on fire").await;
    let values = json!({ "serial": "4711", "verdict": "FRAUD" });
    boss.patch(&format!("/api/v1/tickets/{closed}"), json!({ "custom_fields": values })).await.expect(200);
    boss.sets(closed, "closed").await.expect(200);
    let mut told = Vec::new();
    for guess in ["FRAUD", "HONEST"] {
        for serial in ["4711", "4712"] {
            let given = json!({ "custom_fields": { "serial": serial, "verdict": guess } });
            let mut refused = follows(&chloe, closed, given).await.is(422, "validation_failed");
            assert_eq!(
                (&refused["errors"][0]["field"], &refused["errors"][0]["code"]),
                (&json!("custom_fields.verdict"), &json!("unknown_field"))
            );
            refused["request_id"] = Value::Null;
            told.push(refused);
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    // What they see they may give again, and staff may give all of it.
    let new = follows(&chloe, closed, json!({ "custom_fields": { "serial": "4711" } })).await.expect(201);
    assert_eq!(new["custom_fields"], json!({ "serial": "4711" }));
    assert_eq!(follows(&boss, closed, json!({ "custom_fields": values })).await.expect(201)["custom_fields"], values);
    app.drain().await;
}
