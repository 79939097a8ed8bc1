//! Two tickets of one customer become one, and are two again for a day (T-40).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    sla::shown,
    world::{Answer, Caller, Stream, TestApp, minutes},
};

pub async fn merges(caller: &Caller, ticket: i64, into: impl Into<Value>) -> Answer {
    caller.post(&format!("/api/v1/tickets/{ticket}/merge"), json!({ "into": into.into() })).await
}

pub async fn parts(caller: &Caller, ticket: i64) -> Answer {
    caller.post(&format!("/api/v1/tickets/{ticket}/unmerge"), json!({})).await
}

/// A list of a ticket's, whole.
pub async fn all(caller: &Caller, ticket: i64, list: &str) -> Vec<Value> {
    let limit = if ["messages", "history"].contains(&list) { "?limit=100" } else { "" };
    let page = caller.get(&format!("/api/v1/tickets/{ticket}/{list}{limit}")).await.expect(200);
    page["data"].as_array().expect("rows").clone()
}

fn texts(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["message"].as_str().expect("a text")).collect()
}

async fn tags(caller: &Caller, ticket: i64, tags: Value) {
    caller.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "tags": tags })).await.expect(200);
}

/// All that is read of a ticket but for its version and when it was last touched.
async fn whole(caller: &Caller, ticket: i64) -> Value {
    let mut seen = shown(caller, ticket).await;
    let fields = seen.as_object_mut().expect("a ticket");
    for name in ["version", "updated_at"] {
        fields.remove(name);
    }
    json!({
        "ticket": seen,
        "messages": all(caller, ticket, "messages").await,
        "watchers": all(caller, ticket, "watchers").await,
        "links": all(caller, ticket, "links").await,
    })
}

fn told(events: &[Value], ticket: i64) -> Vec<&str> {
    events.iter().filter(|event| event["data"]["ticket_id"] == ticket).map(|event| event["event"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn what_may_not_become_one_stays_as_it_is() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let (chloe, dan, gus) = (app.acme.customer("chloe").await, app.acme.customer("dan").await, app.globex.customer("gus").await);
    let (one, two, closed) = (chloe.opens("One").await, chloe.opens("Two").await, chloe.opens("Closed").await);
    let (dans, bens) = (dan.opens("Dan's").await, chloe.opens("Ben's").await);
    let mut elsewhere = gus.opens("Elsewhere").await;
    while elsewhere <= bens {
        elsewhere = gus.opens("Elsewhere").await;
    }
    boss.sets(closed, "closed").await.expect(200);
    ben.assigns(bens, Some(ben.id)).await.expect(200);
    let changes = || {
        app.acme.count("select (select count(*) from audit_logs where outcome = 'success') + (select sum(version) from support_tickets)::bigint + (select count(*) from ticket_merges)")
    };
    let before = changes().await;
    merges(&chloe, one, two).await.is(403, "forbidden");
    parts(&chloe, one).await.is(403, "forbidden");
    for hidden in [bens, elsewhere, 424_242] {
        merges(&ana, one, hidden).await.is(404, "not_found");
        merges(&ana, hidden, one).await.is(404, "not_found");
        parts(&ana, hidden).await.is(404, "not_found");
    }
    for wrong in [json!(null), json!([one]), json!("one"), json!({ "id": two }), json!(1.5)] {
        merges(&ana, one, wrong).await.is(422, "validation_failed");
    }
    let refused = merges(&ana, one, one).await.is(422, "validation_failed");
    assert_eq!(refused["errors"][0]["field"], "into");
    merges(&boss, one, dans).await.is(409, "conflict");
    merges(&boss, dans, one).await.is(409, "conflict");
    merges(&boss, closed, one).await.is(409, "ticket_closed");
    merges(&boss, one, closed).await.is(409, "ticket_closed");
    parts(&boss, one).await.is(409, "conflict");
    parts(&boss, closed).await.is(409, "conflict");
    let path = format!("/api/v1/tickets/{one}/merge");
    let stale = ana.with(&axum::http::Method::POST, &path, json!({ "into": two }), &[("if-match", "\"9\"")]).await;
    stale.is(412, "version_mismatch");
    assert_eq!(changes().await, before);
    app.drain().await;
}

#[tokio::test]
async fn the_duplicate_closes_and_all_that_was_said_goes_on_in_the_other() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (survivor, duplicate) = (chloe.opens("Printer on fire").await, chloe.opens("It <b>still</b> burns").await);
    tags(&ana, survivor, json!(["printer"])).await;
    tags(&ana, duplicate, json!(["printer", "fire"])).await;
    ana.assigns(duplicate, Some(ana.id)).await.expect(200);
    chloe.says(survivor, "First").await.expect(201);
    chloe.says(duplicate, "Second").await.expect(201);
    boss.notes(duplicate, "She sounds angry").await.expect(201);
    chloe.says(survivor, "Third").await.expect(201);
    boss.put(&format!("/api/v1/tickets/{duplicate}/watch"), json!({})).await.expect(204);
    let (unread, number) = (shown(&ana, duplicate).await["unread_count"].as_i64(), shown(&ana, survivor).await["ticket_number"].clone());
    assert_eq!(unread, Some(2), "the request and a message");
    app.drain().await;
    app.acme.settles().await;
    let mut stream = Stream::open(&chloe, None).await;
    stream.expect("ready").await;

    let merged = merges(&ana, duplicate, number.clone()).await.expect(200);
    assert_eq!((&merged["id"], &merged["tags"], &merged["unread_count"]), (&json!(survivor), &json!(["printer", "fire"]), &json!(5)));
    let name = shown(&ana, duplicate).await["ticket_number"].as_str().expect("a number").to_owned();
    let thread = all(&ana, survivor, "messages").await;
    let notice = format!("**{name}** · It <b>still</b> burns\n\n> It smokes.");
    assert_eq!(texts(&thread), ["First", "Second", "She sounds angry", "Third", notice.as_str()]);
    assert!(thread.iter().all(|row| row["ticket_id"] == survivor));
    assert!(thread[4]["message_html"].as_str().expect("HTML").contains("It &lt;b&gt;still&lt;/b&gt; burns"), "{}", thread[4]);
    assert_eq!(texts(&all(&chloe, survivor, "messages").await), ["First", "Second", "Third", notice.as_str()], "no notes for customers");
    assert!(all(&ana, duplicate, "messages").await.is_empty());
    let watching: Vec<_> = all(&boss, survivor, "watchers").await.iter().map(|party| party["id"].as_i64()).collect();
    assert_eq!(watching, [Some(boss.id)]);
    assert_eq!(all(&boss, survivor, "links").await[0]["ticket"]["id"], duplicate);

    // The customer's old link leads on, and nothing is written behind it.
    let old = shown(&chloe, duplicate).await;
    assert_eq!((&old["status"], &old["merged_into"], &old["survivor"]["ticket_number"]), (&json!("closed"), &json!(survivor), &number));
    assert!(old.get("unmerge_until").is_none(), "that is the staff's");
    assert_eq!(shown(&ana, duplicate).await["unmerge_until"], "2026-03-03T09:00:00Z");
    let refused = chloe.says(duplicate, "Hello?").await.is(409, "ticket_closed");
    assert!(refused["detail"].as_str().expect("a sentence").contains(number.as_str().expect("a number")), "{refused}");

    let found = ana.get("/api/v1/search?q=angry").await.expect(200);
    assert_eq!(found["data"][0]["ticket"]["id"], survivor, "{found}");
    for (ticket, kind, other) in [(duplicate, "merged_into", number.as_str()), (survivor, "merged_from", Some(name.as_str()))] {
        let history = all(&boss, ticket, "history").await;
        let step = history.iter().find(|step| step["kind"] == kind).expect(kind);
        assert_eq!((step["to"].as_str(), &step["by"]["id"]), (other, &json!(ana.id)));
        assert!(all(&chloe, ticket, "history").await.iter().all(|step| step["kind"] == "status"));
    }
    let changed = "select count(*) from audit_logs where action in ('TicketMerged', 'TicketThreadChanged') and outcome = 'success'";
    assert_eq!(app.acme.count(changed).await, 2, "the trail of both");
    stream.until_ticket(duplicate).await;
    stream.until_ticket(survivor).await;
    app.drain().await;
    let events = app.heard(&app.acme);
    assert_eq!(told(&events, duplicate).iter().filter(|name| **name == "TicketMerged").count(), 1);
    assert_eq!(told(&events, survivor).last(), Some(&"TicketThreadChanged"));
    assert_eq!(app.globex.count("select count(*) from ticket_merges").await, 0);
}

#[tokio::test]
async fn a_merge_that_is_undone_leaves_both_as_they_were_whatever_they_were() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    for status in ["open", "in_progress", "waiting_customer", "resolved"] {
        let (survivor, duplicate) = (chloe.opens("Printer on fire").await, chloe.opens("It still burns").await);
        tags(&boss, survivor, json!(["kept", "both"])).await;
        tags(&boss, duplicate, json!(["both", "moved"])).await;
        chloe.says(survivor, "One").await.expect(201);
        chloe.says(duplicate, "Two").await.expect(201);
        boss.notes(duplicate, "Three").await.expect(201);
        ana.put(&format!("/api/v1/tickets/{survivor}/watch"), json!({})).await.expect(204);
        for watcher in [&ana, &boss] {
            watcher.put(&format!("/api/v1/tickets/{duplicate}/watch"), json!({})).await.expect(204);
        }
        if status != "open" {
            boss.assigns(duplicate, Some(ana.id)).await.expect(200);
            boss.says(duplicate, "On our way").await.expect(201);
        }
        if status == "in_progress" {
            let until = json!({ "until": "2026-03-05T09:00:00Z" });
            boss.post(&format!("/api/v1/tickets/{duplicate}/snooze"), until).await.expect(200);
        }
        if ["waiting_customer", "resolved"].contains(&status) {
            boss.sets(duplicate, status).await.expect(200);
        }
        app.drain().await;
        let before = [whole(&boss, survivor).await, whole(&boss, duplicate).await];
        let of_customer = [whole_of_customer(&chloe, survivor).await, whole_of_customer(&chloe, duplicate).await];
        for round in 0..2 {
            merges(&boss, duplicate, survivor).await.expect(200);
            assert_ne!(whole(&boss, survivor).await, before[0]);
            let parted = parts(&boss, duplicate).await.expect(200);
            assert_eq!(parted["id"], duplicate);
            let after = [whole(&boss, survivor).await, whole(&boss, duplicate).await];
            assert_eq!(after, before, "{status}, round {round}");
            let seen = [whole_of_customer(&chloe, survivor).await, whole_of_customer(&chloe, duplicate).await];
            assert_eq!(seen, of_customer, "{status}, round {round}");
        }
        let found = boss.get("/api/v1/search?q=Three").await.expect(200)["data"].clone();
        let found: Vec<_> = found.as_array().expect("hits").iter().map(|hit| hit["ticket"]["id"].as_i64()).collect();
        assert!(found.contains(&Some(duplicate)) && !found.contains(&Some(survivor)), "{found:?}");
        app.drain().await;
        let resolved =
            app.heard(&app.acme).iter().filter(|e| e["event"] == "TicketResolved" && e["data"]["ticket_id"] == duplicate).count();
        assert_eq!(resolved, usize::from(status == "resolved"), "nobody is told twice of one solution");
    }
    let stray = "select count(*) from search_entries e left join ticket_messages m on m.id = e.message_id
        where e.message_id > 0 and e.ticket_id is distinct from m.ticket_id";
    assert_eq!(app.acme.count(stray).await, 0, "each message is found where it stands");
}

async fn whole_of_customer(chloe: &Caller, ticket: i64) -> Value {
    let mut seen = shown(chloe, ticket).await;
    let fields = seen.as_object_mut().expect("a ticket");
    for name in ["version", "updated_at"] {
        fields.remove(name);
    }
    json!([seen, all(chloe, ticket, "messages").await])
}

#[tokio::test]
async fn what_is_written_meanwhile_stays_with_the_one_that_went_on() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (survivor, duplicate) = (chloe.opens("Printer on fire").await, chloe.opens("It still burns").await);
    chloe.says(duplicate, "Old").await.expect(201);
    tags(&boss, duplicate, json!(["came", "goes"])).await;
    merges(&boss, duplicate, survivor).await.expect(200);
    app.travel(minutes(30));
    chloe.says(survivor, "New").await.expect(201);
    boss.notes(survivor, "Aha").await.expect(201);
    tags(&boss, survivor, json!(["came", "own"])).await;
    parts(&boss, duplicate).await.expect(200);
    assert_eq!(texts(&all(&boss, survivor, "messages").await), ["New", "Aha"]);
    assert_eq!(texts(&all(&boss, duplicate, "messages").await), ["Old"]);
    assert_eq!(shown(&boss, survivor).await["tags"], json!(["own"]));
    assert_eq!(shown(&boss, duplicate).await["tags"], json!(["came", "goes"]));
    chloe.says(duplicate, "It is another one").await.expect(201);
    app.drain().await;
}

#[tokio::test]
async fn after_a_day_or_when_the_other_is_over_one_stays_one() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (survivor, early, late) = (chloe.opens("Survivor").await, chloe.opens("Early").await, chloe.opens("Late").await);
    merges(&boss, early, survivor).await.expect(200);
    merges(&boss, late, survivor).await.expect(200);
    app.travel(TimeDelta::hours(24) - TimeDelta::seconds(1));
    parts(&boss, early).await.expect(200);
    parts(&boss, early).await.is(409, "conflict");
    app.travel(TimeDelta::seconds(1));
    assert!(shown(&boss, late).await.get("unmerge_until").is_none());
    parts(&boss, late).await.is(409, "conflict");
    merges(&boss, early, survivor).await.expect(200);
    boss.sets(survivor, "closed").await.expect(200);
    parts(&boss, early).await.is(409, "ticket_closed");
    app.drain().await;
}

#[tokio::test]
async fn the_link_of_a_ticket_merged_twice_leads_to_the_last_and_is_undone_from_there() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (first, second, third) = (chloe.opens("First").await, chloe.opens("Second").await, chloe.opens("Third").await);
    chloe.says(first, "A").await.expect(201);
    chloe.says(second, "B").await.expect(201);
    merges(&boss, first, second).await.expect(200);
    merges(&boss, first, second).await.is(409, "ticket_closed");
    merges(&boss, second, third).await.expect(200);
    merges(&boss, third, first).await.is(409, "ticket_closed");
    for caller in [&boss, &chloe] {
        assert_eq!(shown(caller, first).await["merged_into"], third);
        assert_eq!(shown(caller, second).await["merged_into"], third);
        let listed = caller.get("/api/v1/tickets?status=closed").await.expect(200);
        assert!(listed["data"].as_array().expect("rows").iter().all(|row| row["merged_into"] == third), "lists say so, too");
    }
    let refused = parts(&boss, first).await.is(409, "conflict");
    let number = shown(&boss, third).await["ticket_number"].as_str().expect("a number").to_owned();
    assert!(refused["detail"].as_str().expect("a sentence").contains(&number), "{refused}");
    parts(&boss, second).await.expect(200);
    assert_eq!(shown(&boss, first).await["merged_into"], second);
    parts(&boss, first).await.expect(200);
    assert_eq!(texts(&all(&boss, first, "messages").await), ["A"]);
    assert_eq!(texts(&all(&boss, second, "messages").await), ["B"]);
    assert!(all(&boss, third, "messages").await.is_empty());
    app.drain().await;
}

#[tokio::test]
async fn whoever_does_not_see_the_one_that_goes_on_is_not_told_which_it_is_and_cannot_part_them() {
    let app = TestApp::start().await;
    let (ana, ben, boss) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.manager("boss").await);
    let chloe = app.acme.customer("chloe").await;
    let (survivor, duplicate) = (chloe.opens("Survivor").await, chloe.opens("Duplicate").await);
    merges(&ana, duplicate, survivor).await.expect(200);
    assert_eq!(shown(&ana, duplicate).await["merged_into"], survivor);
    ben.assigns(survivor, Some(ben.id)).await.expect(200);
    let seen = shown(&ana, duplicate).await;
    for name in ["merged_into", "survivor", "unmerge_until"] {
        assert!(seen.get(name).is_none(), "{name}");
    }
    parts(&ana, duplicate).await.is(404, "not_found");
    parts(&boss, duplicate).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn clocks_follow_the_thread_that_is_there() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (survivor, duplicate) = (chloe.opens("Survivor").await, chloe.opens("Duplicate").await);
    ana.assigns(duplicate, Some(ana.id)).await.expect(200);
    app.travel(minutes(60));
    ana.says(duplicate, "On my way").await.expect(201);
    app.travel(minutes(60));
    let due = shown(&boss, duplicate).await["sla"]["resolution"]["due_at"].clone();
    let waiting = shown(&boss, survivor).await["sla"].clone();
    assert_eq!(waiting["response"]["state"], "running");
    let merged = merges(&boss, duplicate, survivor).await.expect(200);
    assert_eq!(
        (&merged["sla"]["response"]["state"], &merged["sla"]["response"]["met_at"]),
        (&json!("met"), &json!("2026-03-02T10:00:00Z"))
    );
    assert_eq!(merged["sla"]["resolution"], waiting["resolution"]);
    assert_eq!(shown(&boss, duplicate).await["sla"]["resolution"]["state"], "met", "nothing is owed there any more");
    app.travel(minutes(120));
    parts(&boss, duplicate).await.expect(200);
    let response = shown(&boss, survivor).await["sla"]["response"].clone();
    assert_eq!((&response["state"], &response["due_at"]), (&json!("running"), &waiting["response"]["due_at"]));
    // The time in which nothing was owed is given back.
    let later = crate::sla::at(&shown(&boss, duplicate).await["sla"]["resolution"]["due_at"]) - crate::sla::at(&due);
    assert_eq!(later, minutes(120));
    app.travel(TimeDelta::hours(24));
    app.drain().await;
    let heard = app.heard(&app.acme);
    let late = heard.iter().filter(|e| e["event"] == "TicketSLABreach" && e["data"]["sla_type"] == "response");
    let late: Vec<_> = late.map(|e| e["data"]["ticket_id"].clone()).collect();
    assert_eq!(late, [survivor], "what was answered is not late");
}

#[tokio::test]
async fn the_mail_of_an_answer_goes_out_though_it_has_moved_meanwhile() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (survivor, duplicate) = (chloe.opens("Survivor").await, chloe.opens("Duplicate").await);
    boss.says(duplicate, "ANSWER-CANARY").await.expect(201);
    boss.notes(duplicate, "NOTE-CANARY").await.expect(201);
    merges(&boss, duplicate, survivor).await.expect(200);
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    let answers: Vec<_> = mails.iter().filter(|mail| mail.text.contains("ANSWER-CANARY")).collect();
    assert_eq!(answers.len(), 1);
    let number = shown(&boss, survivor).await["ticket_number"].as_str().expect("a number").to_owned();
    assert!(answers[0].text.contains(&format!("/tickets/{number}")), "{}", answers[0].text);
    assert!(mails.iter().all(|mail| !mail.text.contains("NOTE-CANARY")));
}

#[tokio::test]
async fn an_assignee_who_has_left_meanwhile_gets_nothing_back() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (survivor, duplicate) = (chloe.opens("Survivor").await, chloe.opens("Duplicate").await);
    ana.assigns(duplicate, Some(ana.id)).await.expect(200);
    merges(&boss, duplicate, survivor).await.expect(200);
    let left = json!({ "user_id": ana.id, "email": "ana@acme.test", "firstname": "ana", "lastname": "Test", "locale": "en", "role": "agent", "active": false, "version": 2 });
    app.tell(&app.acme, left).await;
    let parted = parts(&boss, duplicate).await.expect(200);
    assert_eq!((&parted["status"], &parted["assigned_to"]), (&json!("open"), &Value::Null));
    app.drain().await;
}
