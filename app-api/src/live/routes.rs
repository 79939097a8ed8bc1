//! `GET /api/v1/live`: Server-Sent Events. The stream ends with the token it was opened with, and
//! when its reader or their tenant may no longer read.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::Stream;
use shared::{Result, http::problem::Problem};
use tokio::sync::{broadcast::error::RecvError, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    hub::Seat,
    model::{LiveEvent, Position, shown},
    store,
};
use crate::{app::App, permissions::Permission, session::Session, tickets::Viewer};

const BEAT: Duration = Duration::from_secs(15);
/// How often it is asked whether the reader may still read; what is known is 5 s old at most.
const RECHECK: Duration = Duration::from_secs(5);
/// A reader who missed more is told to fetch everything anew.
const MOST_MISSED: usize = 2000;
const PAGE: i64 = 500;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream_live))
}

/// Streams what changes in the tickets that the reader sees.
#[utoipa::path(get, path = "/api/v1/live", tag = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "Where the last stream ended")),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 401, body = Problem)))]
async fn stream_live(session: Session, State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    session.may(Permission::Converse)?;
    let seat = app.hubs.sit(&app, &session.tenant).await?;
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok()).map(|id| app.cursors.open::<Position>(&list(&session), id));
    let resume = match last {
        None => Resume::Fresh,
        Some(Ok(position)) => Resume::After(position),
        Some(Err(_)) => Resume::Unknown,
    };
    let (out, stream) = mpsc::channel(64);
    tokio::spawn(Reader { app, session, out, position: seat.from }.run(seat, resume));
    Ok(Sse::new(events(stream)).keep_alive(KeepAlive::new().interval(BEAT)).into_response())
}

fn events(stream: mpsc::Receiver<Event>) -> impl Stream<Item = Result<Event, Infallible>> {
    use futures::StreamExt;
    ReceiverStream::new(stream).map(Ok)
}

fn list(session: &Session) -> String {
    format!("live:{}:{}", session.tenant.id, session.person.id)
}

enum Resume {
    Fresh,
    After(Position),
    Unknown,
}

/// The stream is over: the reader has gone, or may no longer read.
struct Over;

struct Reader {
    app: App,
    session: Session,
    out: mpsc::Sender<Event>,
    position: Position,
}

impl Reader {
    async fn run(mut self, seat: Seat, resume: Resume) {
        let ends = self.session.bearer.expires - self.app.clock.now().timestamp();
        let lifetime = Duration::from_secs(u64::try_from(ends).unwrap_or(0));
        let closing = self.app.hubs.closing();
        let streaming = async {
            self.begin(resume, seat.from).await?;
            self.follow(seat).await
        };
        tokio::select! {
            () = closing.cancelled() => {}
            () = tokio::time::sleep(lifetime) => {}
            _ = streaming => {}
        }
    }

    /// Sends what was missed, or the word to fetch everything anew, and then the position.
    async fn begin(&mut self, resume: Resume, until: Position) -> Result<(), Over> {
        let caught_up = match resume {
            Resume::Fresh => true,
            Resume::Unknown => false,
            Resume::After(last) => self.catch_up(last, until).await?,
        };
        self.position = until;
        let name = if caught_up { "ready" } else { "resync" };
        self.send(name, &serde_json::json!({ "event": name })).await
    }

    /// True when everything that was missed could be sent.
    async fn catch_up(&mut self, last: Position, until: Position) -> Result<bool, Over> {
        self.position = last;
        let mut missed = 0;
        while self.position < until {
            let read = async { store::after(&mut *self.session.tenant.db.read().await?, self.position, PAGE).await };
            let Ok(batch) = read.await else { return Ok(false) };
            missed += batch.events.len();
            if missed > MOST_MISSED {
                return Ok(false);
            }
            if batch.events.is_empty() {
                return Ok(true);
            }
            for event in batch.events.iter().filter(|event| event.at <= until) {
                self.pass_on(event).await?;
            }
            self.position = batch.events[batch.events.len() - 1].at;
        }
        Ok(true)
    }

    async fn follow(&mut self, mut seat: Seat) -> Result<(), Over> {
        let mut recheck = tokio::time::interval(RECHECK);
        loop {
            tokio::select! {
                heard = seat.events.recv() => match heard {
                    Ok(event) if event.at > self.position => {
                        self.position = event.at;
                        self.pass_on(&event).await?;
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => self.send("resync", &serde_json::json!({ "event": "resync" })).await?,
                    Err(RecvError::Closed) => return Err(Over),
                },
                _ = recheck.tick() => { self.viewer().await?; }
                () = self.out.closed() => return Err(Over),
            }
        }
    }

    /// The reader's eyes as of now: rights may have changed since the stream began.
    async fn viewer(&self) -> Result<Viewer, Over> {
        let tenant = self.app.tenants.get(&self.session.tenant.slug).await;
        let person = match &tenant {
            Ok(tenant) => self.app.people.member(tenant, self.session.person.id).await,
            Err(_) => return Err(Over),
        };
        person.map(|p| Viewer::of(p.id, p.role)).map_err(|_| Over)
    }

    async fn pass_on(&mut self, event: &LiveEvent) -> Result<(), Over> {
        let viewer = self.viewer().await?;
        let Some((name, data)) = shown(event, viewer) else { return Ok(()) };
        self.send_at(event.at, name, &data).await
    }

    async fn send(&self, name: &str, data: &serde_json::Value) -> Result<(), Over> {
        self.send_at(self.position, name, data).await
    }

    async fn send_at(&self, at: Position, name: &str, data: &serde_json::Value) -> Result<(), Over> {
        let id = self.app.cursors.seal(&list(&self.session), &at).map_err(|_| Over)?;
        let event = Event::default().id(id).event(name).data(data.to_string());
        self.out.send(event).await.map_err(|_| Over)
    }
}
