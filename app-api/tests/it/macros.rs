//! Canned replies and macros: placeholders without logic, previews that change nothing, all or nothing (T-35, rows 61
//! and 62 of page 10, I17 of page 11).

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Caller, TestApp};

const REPLIES: &str = "/api/v1/canned-replies";
const MACROS: &str = "/api/v1/macros";

async fn saved(caller: &Caller, path: &str, body: Value) -> i64 {
    caller.post(path, body).await.expect(201)["id"].as_i64().expect("an id")
}

async fn applied(caller: &Caller, ticket: i64, id: i64) -> crate::world::Answer {
    caller.post(&format!("/api/v1/tickets/{ticket}/macros/{id}"), json!({})).await
}

const EVERYTHING: &str = "select (select count(*) from events) + (select coalesce(sum(version), 0) from support_tickets)::bigint
    + (select count(*) from ticket_messages) + (select count(*) from ticket_history)";

#[tokio::test]
async fn a_text_holds_no_logic_and_names_only_what_is_on_the_list() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    for text in ["{{tenant.secrets}}", "{{requester.password_hash}}", "Hi {{ticket.number}} {{nothing}}"] {
        for path in [REPLIES, MACROS] {
            let refused = ana.post(path, json!({ "name": "x", "scope": "own", "message": text })).await.is(422, "validation_failed");
            assert_eq!(
                (&refused["errors"][0]["field"], &refused["errors"][0]["code"]),
                (&json!("message"), &json!("unknown_value")),
                "{text}"
            );
        }
    }
    let odd = "{{7*7}} {% include 'x' %} ${7*7} {{requester.firstname}}";
    let reply = saved(&ana, REPLIES, json!({ "name": "x", "scope": "own", "message": odd })).await;
    let path = format!("{REPLIES}/{reply}");
    ana.patch(&path, json!({ "message": "{{agent.token}}" })).await.is(422, "validation_failed");
    // What a customer writes is shown, and never read as a text of ours.
    let opened = json!({ "subject": "{{agent.lastname}} <script>x</script>", "description": "x" });
    let ticket = chloe.post("/api/v1/tickets", opened).await.expect(201)["id"].clone();
    let preview = ana.post(&format!("{path}/preview"), json!({ "ticket": ticket })).await.expect(200);
    assert_eq!(preview["message"], "{{7*7}} {% include 'x' %} ${7*7} chloe");
    let of_subject =
        saved(&ana, REPLIES, json!({ "name": "x", "scope": "own", "message": "About {{ticket.subject}}, {{organisation}}" })).await;
    let preview = ana.post(&format!("{REPLIES}/{of_subject}/preview"), json!({ "ticket": ticket })).await.expect(200);
    assert_eq!(preview["message"], "About {{agent. lastname}} \\<script>x\\</script>, acme");
    assert!(!preview["message_html"].as_str().expect("HTML").contains("<script"), "{preview}");
    app.drain().await;
}

#[tokio::test]
async fn what_a_customer_writes_is_no_link_in_an_agents_name() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let opened =
        json!({ "subject": "[Re-enter your password](https://evil.example) www.evil.example a@evil.example **now**", "description": "x" });
    let ticket = chloe.post("/api/v1/tickets", opened).await.expect(201)["id"].as_i64().expect("an id");
    let body = json!({ "name": "x", "scope": "own", "message": "**Dear** {{requester.firstname}}, about {{ticket.subject}}: [terms](https://acme.test)" });
    let (reply, id) = (saved(&ana, REPLIES, body.clone()).await, saved(&ana, MACROS, body).await);
    for path in [format!("{REPLIES}/{reply}"), format!("{MACROS}/{id}")] {
        let preview = ana.post(&format!("{path}/preview"), json!({ "ticket": ticket })).await.expect(200);
        let html = preview["message_html"].as_str().expect("HTML");
        assert_eq!((html.matches("<a ").count(), html.matches("<strong>").count()), (1, 1), "of all that only what is ours: {html}");
    }
    applied(&ana, ticket, id).await.expect(201);
    let said = chloe.get(&format!("/api/v1/tickets/{ticket}/messages")).await.expect(200)["data"][0].clone();
    let html = said["message_html"].as_str().expect("HTML");
    assert!(html.contains("[Re-enter your password](https: //evil. example)") && html.matches("<a ").count() == 1, "{html}");
    app.drain().await;
}

#[tokio::test]
async fn a_preview_names_what_has_no_value_and_changes_nothing() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let body = json!({ "name": "Done", "scope": "own", "message": "{{ticket.category}} {{order.id}}, {{agent.firstname}}", "actions": [
        { "action": "assign", "assigned_to": "me" },
        { "action": "status", "status": "resolved" },
        { "action": "tags", "add": ["done"] },
        { "action": "status", "status": "closed" },
    ] });
    let id = saved(&ana, MACROS, body).await;
    let before = app.acme.count(EVERYTHING).await;
    let preview = ana.post(&format!("{MACROS}/{id}/preview"), json!({ "ticket": ticket })).await.expect(200);
    assert_eq!(preview["unresolved"], json!(["ticket.category", "order.id"]));
    assert_eq!(preview["message"], "{{ticket.category}} {{order.id}}, ana");
    assert_eq!(
        preview["effects"],
        json!([
            { "action": "assign", "from": null, "to": ana.id.to_string() },
            { "action": "status", "from": "in_progress", "to": "resolved" },
            { "action": "tags", "from": "", "to": "done" },
            { "action": "status", "from": "resolved", "to": "closed", "refused": "illegal_transition" },
        ])
    );
    let refused = applied(&ana, ticket, id).await.is(422, "validation_failed");
    assert_eq!(refused["errors"][0]["code"], "unresolved_placeholder");
    assert_eq!(app.acme.count(EVERYTHING).await, before, "nothing was said and nothing was done");
    // Others' macros and tickets are not there.
    ben.post(&format!("{MACROS}/{id}/preview"), json!({ "ticket": ticket })).await.is(404, "not_found");
    ben.assigns(ticket, Some(ben.id)).await.expect(200);
    ana.post(&format!("{MACROS}/{id}/preview"), json!({ "ticket": ticket })).await.is(404, "not_found");
    applied(&ana, ticket, id).await.is(404, "not_found");
    app.drain().await;
}

#[tokio::test]
async fn a_macro_says_and_does_all_of_it_in_one_act() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let boss = app.acme.manager("boss").await;
    let ticket = chloe.opens("Printer on fire").await;
    let team = boss.post("/api/v1/teams", json!({ "name": "Fire brigade" })).await.expect(201)["id"].clone();
    let body = json!({ "name": "Hand over", "scope": "everybody", "message": "Dear {{requester.firstname}}, {{agent.firstname}} of {{organisation}} about {{ticket.number}}", "actions": [
        { "action": "assign", "assigned_to": ben.id },
        { "action": "priority", "priority": "high" },
        { "action": "team", "team_id": team },
        { "action": "category", "category": "fire" },
        { "action": "tags", "add": ["hot"], "remove": ["cold"] },
        { "action": "status", "status": "waiting_customer" },
    ] });
    let id = saved(&boss, MACROS, body).await;
    let path = format!("/api/v1/tickets/{ticket}/macros/{id}");
    let once = async || ana.with(&Method::POST, &path, json!({}), &[("idempotency-key", "one")]).await;
    let done = once().await.expect(201);
    assert_eq!(
        [&done["status"], &done["assigned_to"], &done["priority"], &done["team_id"], &done["category"], &done["tags"]],
        [&json!("waiting_customer"), &json!(ben.id), &json!("high"), &team, &json!("fire"), &json!(["hot"])]
    );
    // It is Ben's now, and he sees what was said in Ana's name.
    ana.get(&format!("/api/v1/tickets/{ticket}")).await.is(404, "not_found");
    let said = ben.get(&format!("/api/v1/tickets/{ticket}/messages")).await.expect(200)["data"][0].clone();
    assert_eq!((&said["sender_id"], &said["is_internal"]), (&json!(ana.id), &json!(false)));
    assert!(said["message"].as_str().expect("a text").starts_with("Dear chloe, ana of acme about TKT-"), "{said}");
    // A retry changes nothing, though she sees neither the ticket nor the macro any more.
    boss.delete(&format!("{MACROS}/{id}")).await.expect(204);
    let before = app.acme.count(EVERYTHING).await;
    assert_eq!(once().await.expect(201), done);
    assert_eq!(app.acme.count(EVERYTHING).await, before);
    ana.with(&Method::POST, &format!("/api/v1/tickets/{ticket}/macros/1000"), json!({}), &[("idempotency-key", "one")])
        .await
        .is(422, "idempotency_key_reused");
    let order = "select count(*) from (select version, lag(version) over (order by id) as before from ticket_history) h where version - before not in (0, 1)";
    assert_eq!(app.acme.count(order).await, 0);
    app.drain().await;
}

#[tokio::test]
async fn of_a_macro_that_cannot_be_done_to_its_end_nothing_is_done() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    let impossible = json!({ "name": "x", "scope": "own", "message": "Bye", "is_internal": true, "actions": [
        { "action": "tags", "add": ["hot"] }, { "action": "status", "status": "resolved" } ] });
    let id = saved(&ana, MACROS, impossible).await;
    let before = app.acme.count(EVERYTHING).await;
    applied(&ana, ticket, id).await.is(409, "illegal_transition");
    assert_eq!(app.acme.count(EVERYTHING).await, before);
    let close = json!({ "name": "x", "scope": "own", "actions": [{ "action": "status", "status": "closed", "reason": "spam" }] });
    let close = saved(&ana, MACROS, close).await;
    let closed = applied(&ana, ticket, close).await.expect(201);
    assert_eq!(closed["status"], "closed");
    applied(&ana, ticket, id).await.is(409, "ticket_closed");
    app.drain().await;
}

#[tokio::test]
async fn what_a_macro_cannot_be_is_refused_with_the_place() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    for (actions, field, code) in [
        (json!([]), "actions", "required"),
        (json!([{ "action": "status" }]), "actions[0].status", "required"),
        (
            json!([{ "action": "priority", "priority": "high" }, { "action": "assign", "status": "open", "assigned_to": "me" }]),
            "actions[1].status",
            "invalid",
        ),
        (json!([{ "action": "snooze", "until": null }]), "actions[0].action", "unknown_value"),
        (json!([{ "action": "delete" }]), "actions[0].action", "unknown_value"),
        (json!(vec![json!({ "action": "priority", "priority": "low" }); 11]), "actions", "too_long"),
    ] {
        let body = json!({ "name": "x", "scope": "own", "actions": actions });
        let refused = ana.post(MACROS, body).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!(field), &json!(code)), "{actions}");
    }
    app.drain().await;
}

#[tokio::test]
async fn each_keeps_their_own_and_managers_keep_everybodys() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let chloe = app.acme.customer("chloe").await;
    let other = app.globex.manager("other").await;
    for path in [REPLIES, MACROS] {
        let body = |scope: &str| json!({ "name": "x", "scope": scope, "message": "Hello" });
        chloe.get(path).await.is(403, "forbidden");
        ana.post(path, body("everybody")).await.is(403, "forbidden");
        let (own, shared) = (saved(&ana, path, body("own")).await, saved(&boss, path, body("everybody")).await);
        let (own, shared) = (format!("{path}/{own}"), format!("{path}/{shared}"));
        for (caller, of, status, code) in [
            (&ben, &own, 404, "not_found"),
            (&boss, &own, 404, "not_found"),
            (&ana, &shared, 403, "forbidden"),
            (&other, &shared, 404, "not_found"),
        ] {
            caller.patch(of, json!({ "name": "Mine" })).await.is(status, code);
            caller.delete(of).await.is(status, code);
        }
        assert_eq!(ben.get(&shared).await.expect(200)["scope"], "everybody");
        let changed = ana.patch(&own, json!({ "name": "y", "message": "Bye" })).await;
        assert_eq!((changed.headers["etag"].to_str().expect("a tag"), &changed.body["message"]), ("\"2\"", &json!("Bye")));
        ana.with(&Method::PATCH, &own, json!({ "name": "z" }), &[("if-match", "\"1\"")]).await.is(412, "version_mismatch");
        ana.delete(&own).await.expect(204);
        ana.get(&own).await.is(404, "not_found");
    }
    // A canned reply is no macro, and the other way round.
    let reply = saved(&ana, REPLIES, json!({ "name": "x", "scope": "own", "message": "Hello" })).await;
    ana.get(&format!("{MACROS}/{reply}")).await.is(404, "not_found");
    app.drain().await;
}
