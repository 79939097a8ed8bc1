//! A body of which no more comes than there is room for just now, a little at a time. Whoever reads forms takes what there is before
//! they look at it, and keeps what they do not understand yet.

use std::{
    mem::take,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use axum::{
    BoxError,
    body::{Body, BodyDataStream, Bytes},
};
use futures::{Stream, StreamExt};

/// What comes at once.
const PIECE: usize = 16 << 10;

/// How much more may come.
#[derive(Clone)]
pub(super) struct Room(Arc<AtomicU64>);

impl Room {
    /// So much from now on, and no more.
    pub(super) fn set(&self, bytes: u64) {
        self.0.store(bytes, Relaxed);
    }

    /// Whether more came than that.
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Relaxed) == OVER
    }

    fn take(&self, bytes: usize) -> bool {
        let left = self.0.load(Relaxed).checked_sub(bytes as u64);
        self.set(left.unwrap_or(OVER));
        left.is_some()
    }
}

/// What nobody has room for.
const OVER: u64 = u64::MAX;

/// Bounds a body. There is no room until some is given.
pub(super) fn bounded(body: Body) -> (Body, Room) {
    let room = Room(Arc::new(AtomicU64::new(0)));
    let bounded = Bounded { body: body.into_data_stream(), rest: Bytes::new(), room: room.clone(), pauses: false };
    (Body::from_stream(bounded), room)
}

struct Bounded {
    body: BodyDataStream,
    rest: Bytes,
    room: Room,
    /// After each piece, so that it is looked at.
    pauses: bool,
}

impl Stream for Bounded {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if take(&mut self.pauses) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match ready!(self.body.poll_next_unpin(context)) {
                Some(Ok(bytes)) => self.rest = bytes,
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            }
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        self.pauses = true;
        Poll::Ready(Some(if self.room.take(piece.len()) { Ok(piece) } else { Err("there is no room for it".into()) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_comes_than_there_is_room_for_and_that_in_pieces() {
        let (body, room) = bounded(Body::from(vec![7; 100_000]));
        let mut body = body.into_data_stream();
        room.set(50_000);
        for _ in 0..3 {
            assert_eq!(body.next().await.expect("a piece").expect("there is room").len(), PIECE);
        }
        assert!(!room.is_over());
        assert!(body.next().await.expect("a piece").is_err() && room.is_over());
        let (body, room) = bounded(Body::from("all of it"));
        room.set(9);
        assert_eq!(axum::body::to_bytes(body, 100).await.expect("all"), "all of it");
        assert!(!room.is_over());
    }
}
