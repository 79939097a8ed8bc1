//! Live streams: the right people hear the right things, for as long as they may.

use app_api::tickets::{Audience, Sight};
use serde_json::json;

use crate::world::{Caller, Stream, TestApp};

async fn listening(caller: &Caller) -> Stream {
    let mut stream = Stream::open(caller, None).await;
    stream.expect("ready").await;
    stream
}

#[tokio::test]
async fn each_hears_what_they_may_see_and_nothing_else() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let (chloe, dan) = (app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let (gil, gus) = (app.globex.manager("gil").await, app.globex.customer("gus").await);
    let (mut of_ana, mut of_ben) = (listening(&ana).await, listening(&ben).await);
    let (mut of_chloe, mut of_dan, mut of_gil) = (listening(&chloe).await, listening(&dan).await, listening(&gil).await);
    let ticket = chloe.opens("Printer on fire").await;
    for stream in [&mut of_ana, &mut of_ben, &mut of_chloe] {
        let heard = stream.expect_ticket(ticket).await;
        assert_eq!(heard.data["event"], "TicketCreated");
        assert!(heard.data.get("subject").is_none());
    }
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    of_ana.expect_ticket(ticket).await;
    assert_eq!(of_ben.expect("hidden").await.ticket(), ticket);
    of_chloe.expect_ticket(ticket).await;
    let note = ana.notes(ticket, "Grumpy").await.expect(201)["id"].clone();
    let reply = ana.says(ticket, "Hello").await.expect(201)["id"].clone();
    assert_eq!(of_ana.expect("message").await.data["message_id"], note);
    assert_eq!(of_ana.expect("message").await.data["message_id"], reply);
    assert_eq!(of_chloe.expect("message").await.data["message_id"], reply);
    // What each hears next is what concerns them next: nothing came in between, and all are alive.
    let (dans, guss) = (dan.opens("Paper is out").await, gus.opens("Elsewhere").await);
    of_ben.expect_ticket(dans).await;
    of_dan.expect_ticket(dans).await;
    of_gil.expect_ticket(guss).await;
    let chloes = chloe.opens("Another").await;
    of_chloe.expect_ticket(chloes).await;
    app.drain().await;
}

#[tokio::test]
async fn a_stream_ends_when_its_reader_may_no_longer_read() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut stream = listening(&ana).await;
    app.tell(&app.acme, json!({ "user_id": ana.id, "email": "a@acme.test", "firstname": "a", "lastname": "T", "locale": "en", "role": "agent", "active": false, "version": 9 })).await;
    chloe.opens("Printer on fire").await;
    stream.ends().await;
    app.drain().await;
}

#[tokio::test]
async fn a_suspended_tenants_streams_end_and_the_other_tenants_go_on() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (gil, gus) = (app.globex.agent("gil").await, app.globex.customer("gus").await);
    let (mut of_ana, mut of_gil) = (listening(&ana).await, listening(&gil).await);
    chloe.opens("Printer on fire").await;
    of_ana.expect("ticket").await;
    app.drain().await;
    app.acme.becomes("suspended").await;
    app.app.tenants.forget("acme").await;
    of_ana.ends().await;
    let ticket = gus.opens("Still here").await;
    of_gil.expect_ticket(ticket).await;
    app.drain().await;
}

#[tokio::test]
async fn every_stream_ends_when_the_process_stops_and_readers_come_back_each_at_their_own_time() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let mut streams = [listening(&ana).await, listening(&ana).await, listening(&ben).await, listening(&ben).await];
    app.app.hubs.close();
    for stream in &mut streams {
        stream.ends().await;
    }
    assert!(streams.windows(2).any(|pair| pair[0].retry != pair[1].retry));
    assert_eq!(app.app.hubs.streams(), 0);
    app.drain().await;
}

#[tokio::test]
async fn one_person_has_eight_streams_and_keeps_nobody_else_from_theirs() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(listening(&ana).await);
    }
    for _ in 0..2 {
        assert_eq!(Stream::ask(&ana, None).await.err().as_deref(), Some("429 15"));
    }
    listening(&ben).await;
    drop(streams.pop());
    let again = async {
        loop {
            match Stream::ask(&ana, None).await {
                Ok(stream) => return stream,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let mut last = tokio::time::timeout(std::time::Duration::from_secs(5), again).await.expect("a place is free again");
    last.expect("ready").await;
    let ticket = app.acme.customer("chloe").await.opens("Printer on fire").await;
    streams[0].expect_ticket(ticket).await;
    last.expect_ticket(ticket).await;
    app.drain().await;
}

#[tokio::test]
async fn an_event_whose_audience_cannot_be_read_is_passed_over() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut stream = Stream::open(&ana, None).await;
    let ready = stream.expect("ready").await;
    app.acme.tells_of(1, "{}").await;
    let ticket = chloe.opens("Printer on fire").await;
    stream.expect_ticket(ticket).await;
    Stream::open(&ana, Some(&ready.id)).await.expect_ticket(ticket).await;
    app.drain().await;
}

#[tokio::test]
async fn the_streams_of_a_tenant_whose_database_moves_start_anew_in_the_new_one() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut stream = listening(&ana).await;
    chloe.opens("Printer on fire").await;
    let last = stream.expect("ticket").await;
    app.drain().await;
    app.acme.moves().await;
    app.app.tenants.forget("acme").await;
    stream.ends().await;
    for person in [&ana, &chloe] {
        app.app.people.forget(app.acme.id, person.id).await;
    }
    // A position of the old database means nothing in the new one.
    let mut stream = Stream::open(&ana, Some(&last.id)).await;
    stream.expect("resync").await;
    let ticket = chloe.opens("In the new house").await;
    stream.expect_ticket(ticket).await;
    // The test still looks into the old one.
    assert_eq!(app.acme.count("select count(*) from support_tickets").await, 1);
    app.drain().await;
}

#[test]
fn the_audience_that_these_tests_write_is_one() {
    let audience: Audience = serde_json::from_str(crate::live_gaps::QUEUE).expect("an audience");
    assert_eq!(audience.after, Sight { user_id: 1, assigned_to: None, team_id: None });
}
