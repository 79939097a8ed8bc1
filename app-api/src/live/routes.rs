//! `GET /api/v1/live`: Server-Sent Events.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt};
use shared::{Result, http::NoQuery};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::reader::Reader;
use crate::{app::App, permissions::Permission, session::Session};

const BEAT: Duration = Duration::from_secs(15);

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream_live))
}

/// Streams what changes in the tickets that the reader sees. One person has at most eight streams open; then
/// `429`.
#[utoipa::path(get, path = "/api/v1/live", tag = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "Where the last stream ended")),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn stream_live(session: Session, _: NoQuery, State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    session.must_belong()?;
    session.may(Permission::ReadTickets)?;
    let seat = app.hubs.sit(&app, &session.tenant, session.person.id).await?;
    let last = headers.get("last-event-id").map(|value| value.to_str().unwrap_or_default().to_owned());
    let (out, stream) = mpsc::channel(64);
    tokio::spawn(Reader::new(app, session, out, seat.from).run(seat, last));
    Ok(Sse::new(events(stream)).keep_alive(KeepAlive::new().interval(BEAT)).into_response())
}

fn events(stream: mpsc::Receiver<Event>) -> impl Stream<Item = Result<Event, Infallible>> {
    ReceiverStream::new(stream).map(Ok)
}
