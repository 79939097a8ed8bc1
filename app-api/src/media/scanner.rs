//! ClamAV's daemon, which is given a file as a stream.

use std::{io, time::Duration};

use axum::body::Bytes;
use clamav_client::tokio::{Tcp, ping, scan_stream};
use futures::{Stream, TryStreamExt};
use shared::{Error, Result};

/// What it is given at once.
const CHUNK: usize = 64 << 10;
/// How long it may take for one file.
const LIMIT: Duration = Duration::from_secs(30);

/// Who looks at files.
#[derive(Debug, Clone)]
pub enum Scanner {
    /// The daemon at this address, `host:port`.
    Daemon(String),
    /// Nobody: files are given away as they came.
    Nobody,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Nothing.
    Clean,
    /// Malware of that name.
    Infected(String),
}

impl Scanner {
    /// The daemon that `address` names; nobody for an empty one.
    pub fn at(address: &str) -> Self {
        if address.is_empty() { Self::Nobody } else { Self::Daemon(address.to_owned()) }
    }

    /// Whether files are looked at here.
    pub fn looks(&self) -> bool {
        matches!(self, Self::Daemon(_))
    }

    /// Whether the daemon answers.
    pub async fn ping(&self) -> Result<()> {
        let Self::Daemon(address) = self else { return Ok(()) };
        match tokio::time::timeout(Duration::from_secs(1), ping(Tcp { host_address: address.as_str() })).await {
            Ok(Ok(answer)) if answer == clamav_client::PONG => Ok(()),
            _ => Err(away()),
        }
    }

    /// Looks at a file. A daemon that is away, takes too long or says that it could not look is `503`: the file waits.
    pub async fn scan(&self, bytes: impl Stream<Item = Result<Bytes>>) -> Result<Finding> {
        let Self::Daemon(address) = self else { return Ok(Finding::Clean) };
        let bytes = bytes.map_err(|error| io::Error::other(error.to_string()));
        let asked = scan_stream(bytes, Tcp { host_address: address.as_str() }, Some(CHUNK));
        let answer = tokio::time::timeout(LIMIT, asked).await.map_err(|_| away())?.map_err(|error| {
            tracing::warn!(%error, "a file could not be looked at");
            away()
        })?;
        finding(&answer).ok_or_else(|| {
            tracing::warn!(answer = %String::from_utf8_lossy(&answer), "a file could not be looked at");
            away()
        })
    }
}

fn away() -> Error {
    Error::Unavailable("malware scanner")
}

/// What the daemon's answer says; none when it did not look.
fn finding(answer: &[u8]) -> Option<Finding> {
    let text = String::from_utf8_lossy(answer);
    let said = text.trim_matches(['\0', '\n', ' ']).strip_prefix("stream: ")?;
    match said.strip_suffix(" FOUND") {
        Some(name) => Some(Finding::Infected(name.chars().filter(|c| !c.is_control()).take(200).collect())),
        None => (said == "OK").then_some(Finding::Clean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_answer_says_that_a_file_is_clean() {
        for (answer, expected) in [
            (&b"stream: OK\0"[..], Some(Finding::Clean)),
            (b"stream: Eicar-Test-Signature FOUND\0", Some(Finding::Infected("Eicar-Test-Signature".into()))),
            (b"INSTREAM size limit exceeded. ERROR\0", None),
            (b"stream: Can't allocate memory ERROR\0", None),
            (b"stream: OK FOUND\0", Some(Finding::Infected("OK".into()))),
            (b"OK\0", None),
            (b"", None),
        ] {
            assert_eq!(finding(answer), expected, "{:?}", String::from_utf8_lossy(answer));
        }
    }

    #[tokio::test]
    async fn a_daemon_that_is_away_finds_nothing_clean() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        drop(listener);
        let bytes = futures::stream::iter([Ok(Bytes::from_static(b"x"))]);
        assert!(matches!(Scanner::at(&address).scan(bytes).await, Err(Error::Unavailable(_))));
        assert!(Scanner::at(&address).ping().await.is_err());
    }
}
