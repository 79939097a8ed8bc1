//! Live streams: the right people hear the right things, without a gap.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::Method,
};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::world::{Caller, TestApp};

/// An open stream.
struct Stream {
    body: BodyDataStream,
    text: String,
}

/// One event of a stream.
#[derive(Debug)]
struct Heard {
    id: String,
    name: String,
    data: Value,
}

impl Stream {
    async fn open(caller: &Caller, last: Option<&str>) -> Self {
        let mut request = caller.request(&Method::GET, "/api/v1/live");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response =
            tower::ServiceExt::oneshot(caller.router.clone(), request.body(Body::empty()).expect("a request")).await.expect("an answer");
        assert_eq!(response.status(), 200);
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event, if one comes within a second and a half.
    async fn next(&mut self) -> Option<Heard> {
        let reading = async {
            loop {
                if let Some((block, rest)) = self.text.split_once("\n\n") {
                    let line = |name: &str| block.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().to_owned();
                    let heard =
                        Heard { id: line("id:"), name: line("event:"), data: serde_json::from_str(&line("data:")).unwrap_or_default() };
                    self.text = rest.to_owned();
                    if !heard.name.is_empty() {
                        return Some(heard);
                    }
                    continue;
                }
                let chunk = self.body.next().await?.ok()?;
                self.text += &String::from_utf8_lossy(&chunk);
            }
        };
        tokio::time::timeout(Duration::from_millis(1500), reading).await.ok().flatten()
    }

    async fn expect(&mut self, name: &str) -> Heard {
        let heard = self.next().await.unwrap_or_else(|| panic!("{name} did not come"));
        assert_eq!(heard.name, name, "{heard:?}");
        heard
    }
}

#[tokio::test]
async fn each_hears_what_they_may_see_and_nothing_else() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let (chloe, dan) = (app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let gil = app.globex.manager("gil").await;
    let mut streams = Vec::new();
    for caller in [&ana, &ben, &chloe, &dan, &gil] {
        let mut stream = Stream::open(caller, None).await;
        stream.expect("ready").await;
        streams.push(stream);
    }
    let ticket = chloe.opens("Printer on fire").await;
    for stream in &mut streams[..3] {
        let heard = stream.expect("ticket").await;
        assert_eq!((heard.data["event"].as_str(), heard.data["ticket_id"].as_i64()), (Some("TicketCreated"), Some(ticket)));
        assert!(heard.data.get("subject").is_none());
    }
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    streams[0].expect("ticket").await;
    assert_eq!(streams[1].expect("hidden").await.data["ticket_id"], ticket);
    streams[2].expect("ticket").await;
    ana.notes(ticket, "Grumpy").await.expect(201);
    ana.says(ticket, "Hello").await.expect(201);
    assert!(streams[0].expect("message").await.data["message_id"].is_i64());
    streams[0].expect("message").await;
    let shown = streams[2].expect("message").await;
    let thread = chloe.get(&format!("/api/v1/tickets/{ticket}/messages")).await.expect(200);
    assert_eq!(shown.data["message_id"], thread["data"][0]["id"]);
    for silent in &mut streams[1..] {
        assert!(silent.next().await.is_none());
    }
}

#[tokio::test]
async fn a_stream_resumes_without_a_gap_and_a_foreign_position_is_not_believed() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut stream = Stream::open(&ana, None).await;
    let ready = stream.expect("ready").await;
    chloe.opens("First").await;
    let first = stream.expect("ticket").await;
    drop(stream);
    let missed = [chloe.opens("Second").await, chloe.opens("Third").await];
    let mut resumed = Stream::open(&ana, Some(&first.id)).await;
    for ticket in missed {
        assert_eq!(resumed.expect("ticket").await.data["ticket_id"], ticket);
    }
    resumed.expect("ready").await;
    let mut from_start = Stream::open(&ana, Some(&ready.id)).await;
    for _ in 0..3 {
        from_start.expect("ticket").await;
    }
    for wrong in ["", "1", "AAAA", &ready.id[1..]] {
        Stream::open(&ana, Some(wrong)).await.expect("resync").await;
    }
    Stream::open(&chloe, Some(&first.id)).await.expect("resync").await;
}

#[tokio::test]
async fn a_stream_ends_when_its_reader_may_no_longer_read() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut stream = Stream::open(&ana, None).await;
    stream.expect("ready").await;
    app.tell(&app.acme, json!({ "user_id": ana.id, "email": "a@acme.test", "firstname": "a", "lastname": "T", "locale": "en", "role": "agent", "active": false, "version": 9 })).await;
    chloe.opens("Printer on fire").await;
    assert!(stream.next().await.is_none());
    assert!(tokio::time::timeout(Duration::from_secs(1), stream.body.next()).await.expect("the stream has ended").is_none());
}

#[tokio::test]
async fn every_stream_ends_when_the_process_stops() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    let mut stream = Stream::open(&ana, None).await;
    stream.expect("ready").await;
    app.app.hubs.close();
    assert!(tokio::time::timeout(Duration::from_secs(1), stream.body.next()).await.expect("the stream has ended").is_none());
}
