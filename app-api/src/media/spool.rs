//! A file while it comes: on the disk, where nobody else has it and nothing is left of it, counted and hashed on the way.

use std::{
    io::{Seek, SeekFrom},
    pin::pin,
};

use axum::body::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use shared::{Error, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What is read of a file at once.
const CHUNK: usize = 256 << 10;

/// A file that is coming.
pub struct Spool {
    file: tokio::fs::File,
    hash: Sha256,
    length: u64,
    most: u64,
}

/// A file that has come.
pub struct Spooled {
    file: std::fs::File,
    /// Its bytes.
    pub length: u64,
    /// Its hash, in hexadecimal digits.
    pub sha256: String,
}

impl Spool {
    /// For at most so many bytes.
    pub async fn new(most: u64) -> Result<Self> {
        let file = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(Error::internal)?.map_err(full)?;
        Ok(Self { file: file.into(), hash: Sha256::new(), length: 0, most })
    }

    /// The next bytes; `413 payload_too_large` when there are too many.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.length += bytes.len() as u64;
        if self.length > self.most {
            return Err(Error::PayloadTooLarge);
        }
        self.hash.update(bytes);
        self.file.write_all(bytes).await.map_err(full)
    }

    /// Bytes that have come.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// All that a stream has.
    pub async fn take_all(&mut self, bytes: impl Stream<Item = Result<Bytes>>) -> Result<()> {
        let mut bytes = pin!(bytes);
        while let Some(some) = bytes.next().await {
            self.take(&some?).await?;
        }
        Ok(())
    }

    /// All of another file.
    pub async fn take_file(&mut self, file: Spooled) -> Result<()> {
        let mut file = tokio::fs::File::from_std(file.open()?);
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = file.read(&mut chunk).await.map_err(full)?;
            if read == 0 {
                return Ok(());
            }
            self.take(&chunk[..read]).await?;
        }
    }

    /// No more come.
    pub async fn done(mut self) -> Result<Spooled> {
        self.file.flush().await.map_err(full)?;
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Spooled { file: self.file.into_std().await, length: self.length, sha256 })
    }
}

impl Spooled {
    /// The file from its beginning. Those that were given before read on at the same place: one at a time.
    pub fn open(&self) -> Result<std::fs::File> {
        let mut file = self.file.try_clone().map_err(full)?;
        file.seek(SeekFrom::Start(0)).map_err(full)?;
        Ok(file)
    }
}

/// A disk without room is one of our parts that is away.
fn full(error: std::io::Error) -> Error {
    tracing::warn!(%error, "a file could not be kept while it came");
    Error::Unavailable("disk")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[tokio::test]
    async fn a_file_is_counted_and_hashed_on_its_way() {
        let mut spool = Spool::new(6).await.expect("a spool");
        spool.take(b"abc").await.expect("room");
        let done = spool.done().await.expect("a file");
        assert_eq!((done.length, done.sha256.as_str()), (3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        for _ in 0..2 {
            let mut text = String::new();
            done.open().expect("it opens").read_to_string(&mut text).expect("it reads");
            assert_eq!(text, "abc");
        }
    }

    #[tokio::test]
    async fn what_is_longer_than_it_may_be_is_refused_as_soon_as_it_is() {
        let mut spool = Spool::new(6).await.expect("a spool");
        spool.take(b"abcdef").await.expect("room");
        assert!(matches!(spool.take(b"g").await, Err(Error::PayloadTooLarge)));
    }
}
