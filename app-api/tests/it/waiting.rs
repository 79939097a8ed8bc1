//! Who has waited longest for an answer comes first (page 9, T-40).

use serde_json::Value;

use crate::{
    merge::{merges, parts},
    world::{Caller, TestApp, minutes},
};

/// The tickets by how long their customers have waited, each with the minute of the day since when.
async fn waiting(caller: &Caller) -> Vec<(i64, Option<String>)> {
    let page = caller.get("/api/v1/tickets?sort=waiting").await.expect(200);
    let since = |ticket: &Value| ticket["waiting_since"].as_str().map(|at| at[11..16].to_owned());
    page["data"].as_array().expect("rows").iter().map(|row| (row["id"].as_i64().expect("an id"), since(row))).collect()
}

fn at(minute: &str) -> Option<String> {
    Some(format!("09:{minute}"))
}

#[tokio::test]
async fn a_customer_waits_from_their_first_word_without_an_answer_until_somebody_answers_them() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let mut tickets = Vec::new();
    for subject in ["Answered and asked again", "Noted", "Untouched", "Asked by us", "Reopened"] {
        tickets.push(chloe.opens(subject).await);
        app.travel(minutes(1));
    }
    let [asked, noted, untouched, owed, reopened] = tickets[..] else { panic!("five") };
    boss.says(asked, "Try this").await.expect(201);
    boss.notes(noted, "Hm").await.expect(201);
    for ticket in [owed, reopened] {
        ana.assigns(ticket, Some(ana.id)).await.expect(200);
    }
    ana.sets(owed, "waiting_customer").await.expect(200);
    ana.sets(reopened, "resolved").await.expect(200);
    assert_eq!(
        waiting(&boss).await,
        [(noted, at("01")), (untouched, at("02")), (asked, None), (owed, None), (reopened, None)],
        "nobody waits where an answer came, where we wait, and where all is done"
    );
    for minute in ["05", "06"] {
        assert_eq!(app.clock.now().format("%M").to_string(), minute);
        chloe.says(asked, "It did not help").await.expect(201);
        app.travel(minutes(1));
    }
    chloe.sets(reopened, "in_progress").await.expect(200);
    let expected = [(noted, at("01")), (untouched, at("02")), (asked, at("05")), (reopened, at("07")), (owed, None)];
    for caller in [&boss, &chloe] {
        assert_eq!(waiting(caller).await, expected);
    }
    let page = boss.get("/api/v1/tickets?sort=-waiting&limit=1").await.expect(200);
    assert_eq!(page["data"][0]["id"], owed);
    app.drain().await;
}

#[tokio::test]
async fn who_waited_in_one_ticket_waits_in_the_other_when_they_become_one_and_again_in_both_afterwards() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (duplicate, survivor) = (chloe.opens("Duplicate").await, chloe.opens("Survivor").await);
    app.travel(minutes(1));
    boss.says(survivor, "Done").await.expect(201);
    let before = waiting(&boss).await;
    assert_eq!(before, [(duplicate, at("00")), (survivor, None)]);
    merges(&boss, duplicate, survivor).await.expect(200);
    assert_eq!(waiting(&boss).await, [(survivor, at("00")), (duplicate, None)]);
    parts(&boss, duplicate).await.expect(200);
    assert_eq!(waiting(&boss).await, before);
    app.drain().await;
}

#[tokio::test]
async fn of_tickets_from_before_it_is_read_from_their_threads() {
    let app = TestApp::start().await;
    let (ana, boss, chloe) = (app.acme.agent("ana").await, app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let [silent, answered, again] = [chloe.opens("Silent").await, chloe.opens("Answered").await, chloe.opens("Again").await];
    for ticket in [answered, again] {
        ana.says(ticket, "Try this").await.expect(201);
    }
    app.travel(minutes(7));
    chloe.says(again, "It did not help").await.expect(201);
    ana.notes(again, "Odd").await.expect(201);
    let expected = waiting(&boss).await;
    assert_eq!(expected, [(silent, at("00")), (again, at("07")), (answered, None)]);
    let old = "update support_tickets set waiting_since = null";
    sqlx::query(old).execute(&app.acme.db).await.expect(old);
    assert_eq!(waiting(&boss).await, [(silent, at("00")), (answered, at("00")), (again, at("00"))], "since they were opened");
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    app_api::worker::index_old(&app.app, &tenant).await.expect("looked");
    assert_eq!(waiting(&boss).await, expected);
    assert_eq!(app.acme.count("select count(*) from support_tickets where waiting_since is null").await, 0);
    app.drain().await;
}
