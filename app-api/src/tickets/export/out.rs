//! Handing a file over, a piece at a time, to whoever reads it. A file that was not written to its end fails for them: nobody
//! takes a part for the whole.

use std::time::Duration;

use axum::body::Bytes;
use futures::{Stream, stream};
use shared::{Error, Result};
use tokio::{
    sync::mpsc::{self, Receiver, Sender, error::SendTimeoutError},
    time::Instant,
};

use super::turns::Turn;

/// Bytes that are handed over at a time: the smaller they are, the slower a line may be.
pub(super) const PIECE: usize = 1 << 16;
/// So long a whole file may take.
const LONGEST: Duration = Duration::from_secs(900);

/// Where a file is written to. Its turn is taken until this is dropped.
pub(super) struct Out {
    /// Pieces, and `None` behind the last one.
    to: Sender<Option<Bytes>>,
    until: Instant,
    turn: Turn,
}

impl Out {
    /// Where to write, and what its receiver gets.
    pub fn new(turn: Turn) -> (Self, impl Stream<Item = Result<Bytes>> + Send) {
        let (to, pieces) = mpsc::channel(1);
        (Self { to, until: Instant::now() + LONGEST, turn }, received(pieces))
    }

    /// Fails when nobody waits for the file any more, it has taken too long, or its turn is another's.
    pub fn must_go_on(&self) -> Result<()> {
        if self.to.is_closed() {
            Err(gone())
        } else if Instant::now() >= self.until {
            Err(Error::Unavailable("time for a file"))
        } else if self.turn.is_lost() {
            Err(slow())
        } else {
            Ok(())
        }
    }

    /// Hands these bytes over. It fails when their receiver has gone, does not read on, or is so slow that another gets their turn.
    pub async fn give(&self, bytes: Vec<u8>) -> Result<()> {
        let mut left = Bytes::from(bytes);
        while !left.is_empty() {
            self.send(Some(left.split_to(PIECE.min(left.len())))).await?;
        }
        Ok(())
    }

    /// Says that the file is whole.
    pub async fn end(self) -> Result<()> {
        self.send(None).await
    }

    async fn send(&self, piece: Option<Bytes>) -> Result<()> {
        self.must_go_on()?;
        let (begun, bytes) = (Instant::now(), piece.as_ref().map_or(0, Bytes::len));
        self.turn.waits();
        let sent = tokio::select! {
            sent = self.to.send_timeout(piece, self.turn.patience()) => sent,
            () = self.turn.lost() => return Err(slow()),
        };
        sent.map_err(|error| match error {
            SendTimeoutError::Timeout(_) => slow(),
            SendTimeoutError::Closed(_) => gone(),
        })?;
        if self.turn.paced(bytes, begun.elapsed()).is_too_slow() { Err(slow()) } else { Ok(()) }
    }
}

fn slow() -> Error {
    Error::Unavailable("a receiver who reads on")
}

fn gone() -> Error {
    Error::Unavailable("whoever asked for a file")
}

/// The file as it arrives.
fn received(pieces: Receiver<Option<Bytes>>) -> impl Stream<Item = Result<Bytes>> + Send {
    stream::try_unfold(pieces, |mut pieces: Receiver<Option<Bytes>>| async move {
        match pieces.recv().await {
            Some(piece) => Ok(piece.map(|piece| (piece, pieces))),
            None => Err(Error::Unavailable("the rest of a file")),
        }
    })
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use uuid::Uuid;

    use super::{super::turns::Turns, *};

    fn turn(patience: Duration) -> Turn {
        Turns::with_patience(patience).take(Uuid::now_v7()).expect("a turn")
    }

    #[tokio::test]
    async fn whoever_does_not_read_on_gets_a_file_that_fails() {
        let (out, file) = Out::new(turn(Duration::from_millis(10)));
        let refused = out.give(vec![b'x'; 3 * PIECE]).await.expect_err("nobody reads");
        assert!(matches!(refused, Error::Unavailable("a receiver who reads on")));
        drop(out);
        let read: Vec<Option<usize>> = file.map(|piece| piece.ok().map(|bytes| bytes.len())).collect().await;
        assert_eq!(read, [Some(PIECE), None], "a part, and that it is one");
    }

    #[tokio::test]
    async fn whoever_takes_a_little_now_and_then_gets_a_file_that_fails() {
        let (out, file) = Out::new(turn(LONGEST));
        out.turn.paced(2 * PIECE, Duration::from_secs(120));
        assert!(matches!(out.give(b"x".to_vec()).await, Err(Error::Unavailable("a receiver who reads on"))));
        drop(out);
        assert_eq!(file.map(|piece| piece.is_ok()).collect::<Vec<_>>().await, [true, false]);
    }

    #[tokio::test]
    async fn a_file_whose_turn_another_needs_ends_while_it_waits_for_its_receiver() {
        let turns = Turns::default();
        let mut files: Vec<_> = (0..6).map(|_| Out::new(turns.take(Uuid::now_v7()).expect("a turn"))).collect();
        let (out, file) = files.remove(0);
        // Slow where others wait, and not yet where nobody does.
        out.turn.paced(PIECE, Duration::from_secs(20));
        let writing = tokio::spawn(async move { out.give(vec![b'x'; 3 * PIECE]).await });
        tokio::task::yield_now().await;
        assert!(!writing.is_finished());
        let _another = turns.take(Uuid::now_v7()).expect("the slow one's");
        let ended = tokio::time::timeout(Duration::from_secs(10), writing).await.expect("at once").expect("it ends");
        assert!(matches!(ended, Err(Error::Unavailable("a receiver who reads on"))));
        assert_eq!(file.map(|piece| piece.is_ok()).collect::<Vec<_>>().await, [true, false]);
    }

    #[tokio::test]
    async fn whoever_reads_on_gets_all_of_it_in_pieces_that_a_slow_line_takes_in_time() {
        let (out, file) = Out::new(turn(LONGEST));
        let writing = tokio::spawn(async move {
            out.give(vec![b'x'; 2 * PIECE + 1]).await?;
            out.end().await
        });
        let read = file.map(|piece| piece.expect("a piece").len());
        assert_eq!(read.collect::<Vec<_>>().await, [PIECE, PIECE, 1]);
        writing.await.expect("it ends").expect("all is written");
    }

    #[tokio::test]
    async fn a_file_whose_writer_ends_in_the_middle_fails_and_nobody_writes_for_a_receiver_who_has_gone() {
        let (out, file) = Out::new(turn(LONGEST));
        out.give(b"x".to_vec()).await.expect("there is room");
        drop(out);
        assert_eq!(file.map(|piece| piece.is_ok()).collect::<Vec<_>>().await, [true, false]);
        let (out, file) = Out::new(turn(LONGEST));
        drop(file);
        assert!(out.must_go_on().is_err() && out.give(b"x".to_vec()).await.is_err());
    }

    #[tokio::test]
    async fn a_file_that_takes_too_long_fails() {
        let (mut out, file) = Out::new(turn(LONGEST));
        out.until = Instant::now();
        assert!(out.must_go_on().is_err() && out.end().await.is_err());
        assert_eq!(file.map(|piece| piece.is_ok()).collect::<Vec<_>>().await, [false]);
    }
}
