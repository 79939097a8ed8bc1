//! Search shows nobody what they could not read anyway (T6 of page 11): every canary as every actor.

use serde_json::{Value, json};

use crate::{
    search::{asks, encoded, finds},
    world::{Caller, TestApp},
};

/// Words that are not alike, five for each ticket: of subject, description, tag, note and public message.
const WORDS: [[&str; 5]; 5] = [
    ["zephyr", "kumquat", "oblong", "vortex", "mahogany"],
    ["quixotic", "turnip", "walnut", "igloo", "jigsaw"],
    ["flamenco", "dynamo", "harbinger", "ukulele", "cipher"],
    ["lagoon", "nymph", "pilgrim", "rhubarb", "sphinx"],
    ["abacus", "bonfire", "copper", "emerald", "gazebo"],
];

/// A ticket of that customer's, of whose words each stands in one place alone.
async fn furnished(boss: &Caller, customer: &Caller, assignee: Option<i64>, words: [&str; 5]) -> i64 {
    let [subject, description, tag, note, public] = words;
    let new = json!({ "subject": subject, "description": description, "user_id": customer.id, "tags": [tag] });
    let ticket = boss.post("/api/v1/tickets", new).await.expect(201)["id"].as_i64().expect("an id");
    boss.notes(ticket, note).await.expect(201);
    boss.says(ticket, public).await.expect(201);
    if assignee.is_some() {
        boss.assigns(ticket, assignee).await.expect(200);
    }
    ticket
}

/// What a caller reads of a ticket by its own routes; none where it is not there for them.
async fn reads(caller: &Caller, ticket: i64) -> Option<String> {
    let shown = caller.get(&format!("/api/v1/tickets/{ticket}")).await;
    if shown.status == 404 {
        return None;
    }
    let thread = caller.get(&format!("/api/v1/tickets/{ticket}/messages")).await.expect(200);
    Some(format!("{} {thread}", shown.expect(200)))
}

#[tokio::test]
async fn whoever_searches_for_whatever_finds_what_they_may_read_and_counts_no_more() {
    let app = TestApp::start().await;
    let (boss, ana, ben) = (app.acme.manager("boss").await, app.acme.agent("ana").await, app.acme.agent("ben").await);
    let (chloe, dan) = (app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let other = app.globex.manager("other").await;
    let gus = app.globex.customer("gus").await;
    furnished(&other, &gus, None, WORDS[4]).await;
    let mut all = Vec::new();
    let whose = [(&chloe, None), (&chloe, Some(ana.id)), (&dan, Some(ben.id)), (&dan, None)];
    for ((customer, assignee), words) in whose.into_iter().zip(WORDS) {
        all.push((words, furnished(&boss, customer, assignee, words).await));
    }
    for caller in [&boss, &ana, &ben, &chloe, &dan, &other, &gus] {
        for (words, ticket) in &all {
            let readable = if caller.slug == "acme" { reads(caller, *ticket).await } else { None };
            for canary in words {
                let expected = usize::from(readable.as_ref().is_some_and(|text| text.contains(canary)));
                let page = asks(caller, canary).await;
                let who = format!("{canary} as {} of {}", caller.id, caller.slug);
                assert_eq!(page["data"].as_array().unwrap().len(), expected, "{who}: {page:#}");
                assert_eq!(page["page"]["total"], expected, "{who}");
                assert_eq!(page.to_string().contains(canary), expected > 0, "{who}: {page:#}");
                let listed = caller.get(&format!("/api/v1/tickets?count=true&q={}", encoded(canary))).await.expect(200);
                assert_eq!(listed["page"]["total"], expected, "{who} in the list");
                // What is left out tells nothing either: everything that they see is still there.
                let seen = caller.get("/api/v1/tickets?count=true").await.expect(200)["page"]["total"].as_u64().unwrap();
                let left = caller.get(&format!("/api/v1/tickets?count=true&q=-{canary}")).await.expect(200);
                assert_eq!(left["page"]["total"], seen - expected as u64, "-{canary}: {who}");
            }
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn a_number_tells_nobody_that_there_is_a_ticket() {
    let app = TestApp::start().await;
    let (boss, ben) = (app.acme.manager("boss").await, app.acme.agent("ben").await);
    let (chloe, dan, gus) = (app.acme.customer("chloe").await, app.acme.customer("dan").await, app.globex.customer("gus").await);
    let ticket = furnished(&boss, &chloe, Some(boss.id), WORDS[0]).await;
    let number = boss.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)["ticket_number"].as_str().expect("a number").to_owned();
    for part in [&number, &number[..8], &number[4..]] {
        let text = if part.starts_with("TKT-") { part.to_owned() } else { format!("TKT-{part}") };
        for caller in [&boss, &chloe] {
            assert_eq!(finds(caller, &text).await.first(), Some(&ticket), "{text}");
        }
        for caller in [&ben, &dan, &gus] {
            let page = asks(caller, &text).await;
            assert_eq!((&page["data"], &page["page"]["total"]), (&json!([]), &json!(0)), "{text}");
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn what_a_customer_may_not_know_is_no_condition_of_theirs_and_marks_nothing() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let new = json!({ "subject": "secret subject", "description": "secret text", "user_id": chloe.id, "tags": ["secret"] });
    boss.post("/api/v1/tickets", new).await.expect(201);
    for (text, code) in [("tag:secret", "unknown_field"), ("assignee:boss", "unknown_value"), ("requester:boss@acme.test", "unknown_value")]
    {
        for path in ["search", "tickets"] {
            let refused = chloe.get(&format!("/api/v1/{path}?q={}", encoded(text))).await.is(422, "validation_failed");
            assert_eq!(refused["errors"][0]["code"], code, "{text}");
        }
    }
    let fields = |page: &Value| page["data"][0]["highlights"].as_array().unwrap().iter().map(|h| h["field"].clone()).collect::<Vec<_>>();
    assert_eq!(fields(&asks(&chloe, "secret").await), ["subject", "description"]);
    assert_eq!(fields(&asks(&boss, "secret").await), ["subject", "tags", "description"]);
    app.drain().await;
}

#[tokio::test]
async fn who_loses_sight_of_a_ticket_finds_it_no_more() {
    let app = TestApp::start().await;
    let (ana, ben, chloe) = (app.acme.agent("ana").await, app.acme.agent("ben").await, app.acme.customer("chloe").await);
    let ticket = chloe.opens("Printer on fire").await;
    assert_eq!((finds(&ana, "printer").await, finds(&ben, "printer").await), (vec![ticket], vec![ticket]));
    ben.assigns(ticket, Some(ben.id)).await.expect(200);
    assert_eq!((finds(&ana, "printer").await, finds(&ben, "printer").await), (vec![], vec![ticket]));
    app.drain().await;
}
