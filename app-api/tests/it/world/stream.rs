//! Somebody's live stream.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::Method,
};
use futures::StreamExt;
use serde_json::Value;

use super::Caller;

/// Nothing takes longer than this: the slowest transaction of any test on the same server hides the
/// events of all others.
const LONG: Duration = Duration::from_secs(40);

/// An open stream.
pub struct Stream {
    body: BodyDataStream,
    text: String,
    /// The last word of the server about when to come back, in milliseconds.
    pub retry: Option<u64>,
}

/// One event of a stream.
#[derive(Debug)]
pub struct Heard {
    pub id: String,
    pub name: String,
    pub data: Value,
}

impl Heard {
    pub fn ticket(&self) -> i64 {
        self.data["ticket_id"].as_i64().unwrap_or_else(|| panic!("no ticket: {self:?}"))
    }
}

impl Stream {
    pub async fn open(caller: &Caller, last: Option<&str>) -> Self {
        Self::ask(caller, last).await.unwrap_or_else(|status| panic!("no stream: {status}"))
    }

    /// A stream, or the status and the `Retry-After` of its refusal.
    pub async fn ask(caller: &Caller, last: Option<&str>) -> Result<Self, String> {
        let mut request = caller.request(&Method::GET, "/api/v1/live");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let asking = tower::ServiceExt::oneshot(caller.router.clone(), request.body(Body::empty()).expect("a request"));
        let response = asking.await.expect("an answer");
        if response.status() != 200 {
            let later = response.headers().get("retry-after").map(|value| value.to_str().expect("a number"));
            return Err(format!("{} {}", response.status().as_u16(), later.unwrap_or_default()));
        }
        Ok(Self { body: response.into_body().into_data_stream(), text: String::new(), retry: None })
    }

    /// The next event; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Heard> {
        tokio::time::timeout(LONG, self.read()).await.expect("the stream goes on or ends")
    }

    async fn read(&mut self) -> Option<Heard> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| block.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().to_owned();
                let heard = Heard { id: line("id:"), name: line("event:"), data: serde_json::from_str(&line("data:")).unwrap_or_default() };
                self.retry = line("retry:").parse().ok().or(self.retry);
                self.text = rest.to_owned();
                if !heard.name.is_empty() {
                    return Some(heard);
                }
                continue;
            }
            let chunk = self.body.next().await?.ok()?;
            self.text += &String::from_utf8_lossy(&chunk);
        }
    }

    /// The next event, which must have that name.
    pub async fn expect(&mut self, name: &str) -> Heard {
        let heard = self.next().await.unwrap_or_else(|| panic!("{name} did not come: the stream has ended"));
        assert_eq!(heard.name, name, "{heard:?}");
        heard
    }

    /// The next event, which must be about that ticket. Where a stream becomes ready among those that
    /// it missed depends on what else runs on the server.
    pub async fn expect_ticket(&mut self, ticket: i64) -> Heard {
        let mut heard = self.next().await;
        while heard.as_ref().is_some_and(|heard| heard.name == "ready") {
            heard = self.next().await;
        }
        let heard = heard.expect("the stream goes on");
        assert_eq!((heard.name.as_str(), heard.ticket()), ("ticket", ticket), "{heard:?}");
        heard
    }

    /// Reads until that ticket, whatever comes before it.
    pub async fn until_ticket(&mut self, ticket: i64) {
        while self.next().await.expect("the stream goes on").data["ticket_id"] != ticket {}
    }

    /// Asserts that the server ends the stream without another event, and says when to come back.
    pub async fn ends(&mut self) {
        if let Some(heard) = self.next().await {
            panic!("{heard:?} came after the end");
        }
        let retry = self.retry.expect("the server says when to come back");
        assert!((500..10_000).contains(&retry), "{retry}");
    }
}
