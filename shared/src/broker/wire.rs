//! One connection to RabbitMQ that can be let go of at once. lapin waits for the broker's goodbye,
//! which a hanging broker never says: thread and socket would stay as long as that hangs.

use std::{
    net::{Shutdown, TcpStream},
    os::fd::AsFd,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use lapin::{
    AsyncTcpStream, Connection, ConnectionProperties,
    runtime::default_runtime,
    tcp::{AMQPUriTcpExt, TLSConfig},
    uri::{AMQPScheme, AMQPUri},
};
use secrecy::{ExposeSecret, SecretString};

use super::{Queue, topology::declare};
use crate::{Error, Result};

const CONNECT: Duration = Duration::from_secs(2);
/// A broker that has just come back looks for its queues' leaders first.
const DECLARE: Duration = Duration::from_secs(20);
const GOODBYE: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_secs(1);
/// Seconds between signs of life; after twice as many without one the connection has ended.
const HEARTBEAT: u16 = 10;

/// A connection; dropping it cuts it.
pub(super) struct Wire {
    pub(super) connection: Connection,
    _line: Arc<Line>,
}

/// The socket, held a second time.
#[derive(Default)]
struct Line(OnceLock<TcpStream>);

impl Drop for Line {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.0.get().map(|socket| socket.shutdown(Shutdown::Both));
    }
}

impl Wire {
    /// Connects within two seconds and declares `queues`.
    pub(super) async fn connect(url: &SecretString, queues: &[Queue]) -> Result<Self> {
        let wire = within(CONNECT, Self::open(url)).await?;
        within(DECLARE, async {
            let channel = wire.connection.create_channel().await?;
            for queue in queues {
                declare(&channel, queue).await?;
            }
            Ok(())
        })
        .await?;
        Ok(wire)
    }

    async fn open(url: &SecretString) -> lapin::Result<Self> {
        let mut uri: AMQPUri = url.expose_secret().parse().map_err(std::io::Error::other)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        let line = Arc::new(Line::default());
        let held = Arc::downgrade(&line);
        let connecting = Connection::connector(
            uri,
            default_runtime()?,
            async move |uri, runtime| {
                let plain = AMQPUri { scheme: AMQPScheme::AMQP, ..uri.clone() };
                let stream = plain.connect_async(&runtime).await?;
                if let AsyncTcpStream::Plain(socket) = &stream {
                    hold(&held, socket.get_ref())?;
                }
                match uri.scheme {
                    AMQPScheme::AMQP => Ok(stream),
                    AMQPScheme::AMQPS => Ok(stream.into_tls(&uri.authority.host, TLSConfig::default()).await?),
                }
            },
            ConnectionProperties::default(),
        );
        Ok(Self { connection: connecting.await?, _line: line })
    }

    /// Comes when the connection has ended, whether lapin has told everybody or not.
    pub(super) async fn ended(&self) {
        while self.connection.status().connected() {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Says goodbye, for a second at most.
    pub(super) async fn close(self) {
        let closing = self.connection.close(200, "goodbye".into());
        // Without an answer it is cut.
        let _ = tokio::time::timeout(GOODBYE, closing).await;
    }
}

/// Takes a second hold of the socket, unless whoever wanted it has left.
fn hold(line: &Weak<Line>, socket: &impl AsFd) -> std::io::Result<()> {
    let line = line.upgrade().ok_or_else(|| std::io::Error::other("nobody waits for this connection"))?;
    let socket = TcpStream::from(socket.as_fd().try_clone_to_owned()?);
    line.0.set(socket).map_err(|_| std::io::Error::other("connected twice"))
}

/// Does `work` in time; any failure means that the broker is away.
pub(super) async fn within<T>(time: Duration, work: impl Future<Output = lapin::Result<T>>) -> Result<T> {
    match tokio::time::timeout(time, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(away(error)),
        Err(_) => {
            tracing::warn!(after = ?time, "broker does not answer");
            Err(Error::Unavailable("broker"))
        }
    }
}

/// Any failure of the broker: it is away, and trying again helps.
pub(super) fn away(error: lapin::Error) -> Error {
    tracing::warn!(%error, "broker");
    Error::Unavailable("broker")
}
