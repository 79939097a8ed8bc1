//! What a client still sends when its answer is ready: a refused request is often answered before its body was read. The
//! server would close such a connection, and a client in the middle of sending finds a broken pipe where its answer was
//! (RFC 9112, 9.6). So the little that is left is read first, and whoever sends more is told that the connection ends.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, HttpBody},
    extract::Request,
    http::{HeaderValue, Version, header},
    middleware::Next,
    response::Response,
};
use futures::{Stream, StreamExt, stream::poll_fn};

/// No route takes a longer body.
const MAX: usize = 1 << 20;
/// A client that is slower than this loses its connection, not its answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// A body in two hands: the route's, and ours for what the route leaves.
#[derive(Clone)]
struct Lent(Arc<Mutex<BodyDataStream>>);

impl Lent {
    fn stream(&self) -> impl Stream<Item = Result<axum::body::Bytes, axum::Error>> + Send + 'static {
        let Self(body) = self.clone();
        poll_fn(move |context| Pin::new(&mut *body.lock().unwrap_or_else(PoisonError::into_inner)).poll_next(context))
    }

    /// Reads what is left. False if that is too much, or too slow.
    async fn is_read_to_its_end(&self) -> bool {
        let mut left = self.stream();
        let reading = async {
            let mut read = 0;
            while let Some(Ok(bytes)) = left.next().await {
                read += bytes.len();
                if read > MAX {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap_or(false)
    }
}

/// Layer: gives the answer when the request was read to its end, or says that the connection closes.
pub async fn read_to_its_end(request: Request, next: Next) -> Response {
    // Whoever expects a 100 sends its body only when the route asks for it.
    if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
        return next.run(request).await;
    }
    let version = request.version();
    let (parts, body) = request.into_parts();
    let lent = Lent(Arc::new(Mutex::new(body.into_data_stream())));
    let mut response = next.run(Request::from_parts(parts, Body::from_stream(lent.stream()))).await;
    if !lent.is_read_to_its_end().await && version <= Version::HTTP_11 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::{
        Router,
        body::{Body, Bytes},
        extract::Request,
        http::{StatusCode, header},
        middleware::from_fn,
        response::Response,
    };
    use futures::{FutureExt, SinkExt, channel::mpsc, stream};
    use tower::ServiceExt;

    use super::{MAX, read_to_its_end};

    /// What a route that reads nothing answers to this body.
    async fn refused(body: Body) -> Response {
        let router = Router::new().fallback(async || StatusCode::FORBIDDEN).layer(from_fn(read_to_its_end));
        router.oneshot(Request::new(body)).await.unwrap()
    }

    #[tokio::test]
    async fn a_refusal_waits_for_a_body_that_is_on_its_way() {
        let (mut sender, body) = mpsc::channel::<Result<Bytes, Infallible>>(1);
        let mut answer = Box::pin(refused(Body::from_stream(body)));
        assert!((&mut answer).now_or_never().is_none());
        sender.send(Ok(Bytes::from_static(b"{}"))).await.unwrap();
        assert!((&mut answer).now_or_never().is_none());
        drop(sender);
        assert!(!answer.await.headers().contains_key(header::CONNECTION));
    }

    #[tokio::test]
    async fn a_body_that_never_ends_costs_the_connection() {
        let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from(vec![0; MAX / 4])));
        for body in [Body::from_stream(endless), Body::from_stream(stream::pending::<Result<Bytes, Infallible>>())] {
            let answer = refused(body).await;
            assert_eq!((answer.status(), answer.headers()[header::CONNECTION].as_bytes()), (StatusCode::FORBIDDEN, b"close".as_slice()));
        }
    }

    #[tokio::test]
    async fn a_route_that_reads_gets_the_whole_body() {
        let router = Router::new().fallback(async |body: String| body).layer(from_fn(read_to_its_end));
        let sent = Body::from_stream(stream::iter(["{\"a\"", ":1}"].map(Ok::<_, Infallible>)));
        let answer = router.oneshot(Request::new(sent)).await.unwrap();
        assert_eq!(axum::body::to_bytes(answer.into_body(), MAX).await.unwrap(), "{\"a\":1}");
    }
}
