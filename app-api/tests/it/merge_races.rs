//! Who merges at the same time (page 11, C2, C3, C4, C9): one of them does, the walk stays legal, and nothing is lost.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::{
    merge::{all, merges, parts},
    sla::shown,
    world::TestApp,
};

async fn walks_are_whole(app: &TestApp) {
    let gaps = "select count(*) from (
        select version, lag(version, 1, 1) over (partition by ticket_id order by id) as before from ticket_history) h
        where version - before not in (0, 1)";
    assert_eq!(app.acme.count(gaps).await, 0, "versions follow each other");
    let circles = "select count(*) from support_tickets t join support_tickets o on o.id = t.merged_into and o.merged_into = t.id";
    assert_eq!(app.acme.count(circles).await, 0);
    let lost = "select count(*) from ticket_messages m join support_tickets t on t.id = m.ticket_id where t.merged_into is not null";
    assert_eq!(app.acme.count(lost).await, 0, "nothing stays behind");
}

#[tokio::test]
async fn of_two_who_merge_each_into_the_other_one_does() {
    let app = TestApp::start().await;
    let (boss, moe, chloe) = (app.acme.manager("boss").await, app.acme.manager("moe").await, app.acme.customer("chloe").await);
    for n in 0..10 {
        let (one, two) = (chloe.opens(&format!("One {n}")).await, chloe.opens(&format!("Two {n}")).await);
        let (there, back) = tokio::join!(merges(&boss, one, two), merges(&moe, two, one));
        let mut answers = [there.status.as_u16(), back.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [200, 409], "{there:?} {back:?}");
        let merged = if there.status == 200 { one } else { two };
        let survivor = one + two - merged;
        assert_eq!(shown(&boss, merged).await["merged_into"], survivor);
        assert_ne!(shown(&boss, survivor).await["status"], "closed");
    }
    walks_are_whole(&app).await;
    app.drain().await;
    assert_eq!(app.heard(&app.acme).iter().filter(|event| event["event"] == "TicketMerged").count(), 10);
}

#[tokio::test]
async fn a_merge_and_its_undo_happen_once_however_often_they_are_pressed() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (one, two) = (chloe.opens("One").await, chloe.opens("Two").await);
    for n in 0..5 {
        chloe.says(one, &format!("Message {n}")).await.expect(201);
    }
    for press in [true, false, true, false] {
        let pressed = (0..8).map(|_| async {
            let answer = if press { merges(&boss, one, two).await } else { parts(&boss, one).await };
            answer.status.as_u16()
        });
        let mut answers = join_all(pressed).await;
        answers.sort_unstable();
        assert_eq!(answers, [200, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(all(&boss, two, "messages").await.len(), if press { 6 } else { 0 });
        assert_eq!(all(&boss, one, "messages").await.len(), if press { 0 } else { 5 });
    }
    walks_are_whole(&app).await;
    app.drain().await;
}

#[tokio::test]
async fn three_in_a_ring_come_to_one_without_a_circle() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    for _ in 0..5 {
        let ring = [chloe.opens("One").await, chloe.opens("Two").await, chloe.opens("Three").await];
        let answers = join_all((0..3).map(|n| merges(&boss, ring[n], ring[(n + 1) % 3]))).await;
        let done = answers.iter().filter(|answer| answer.status == 200).count();
        assert!((1..=2).contains(&done), "{answers:?}");
        assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 409), "{answers:?}");
        let mut open = 0;
        for ticket in ring {
            open += usize::from(shown(&boss, ticket).await["status"] != "closed");
        }
        assert_eq!(open, 3 - done);
    }
    walks_are_whole(&app).await;
    app.drain().await;
}

#[tokio::test]
async fn an_answer_at_that_very_moment_moves_too_or_is_refused() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    for n in 0..5 {
        let (one, two) = (chloe.opens("One").await, chloe.opens("Two").await);
        let said = join_all((0..6).map(|m| {
            let (chloe, text) = (chloe.clone(), format!("Message {n} {m}"));
            async move { (chloe.says(one, &text).await.status.as_u16(), text) }
        }));
        let (merged, said) = tokio::join!(merges(&boss, one, two), said);
        merged.expect(200);
        let thread: Vec<Value> = all(&boss, two, "messages").await;
        for (status, text) in said {
            let stands = thread.iter().any(|row| row["message"] == json!(text));
            assert!(matches!((status, stands), (201, true) | (409, false)), "{status} {text}");
        }
    }
    walks_are_whole(&app).await;
    app.drain().await;
}

#[tokio::test]
async fn the_end_of_its_time_and_a_merge_leave_one_closed_ticket() {
    let app = TestApp::start().await;
    let (boss, chloe) = (app.acme.manager("boss").await, app.acme.customer("chloe").await);
    let (one, two) = (chloe.opens("One").await, chloe.opens("Two").await);
    boss.assigns(one, Some(boss.id)).await.expect(200);
    boss.sets(one, "resolved").await.expect(200);
    app.travel(chrono::TimeDelta::hours(25));
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let (merged, fired) = tokio::join!(merges(&boss, one, two), app_api::worker::fire_timers(&app.app, &tenant));
    fired.expect("timers fire");
    assert!([200, 409].contains(&merged.status.as_u16()), "{merged:?}");
    let closings = "select count(*) from ticket_history where kind = 'status' and to_value = 'closed'";
    assert_eq!(app.acme.count(closings).await, 1);
    walks_are_whole(&app).await;
    app.drain().await;
}
