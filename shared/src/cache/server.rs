//! The connections: to one Redis, or to the nodes of a cluster.

use std::{sync::Arc, time::Duration};

use deadpool_redis::Runtime;
use futures::{Stream, StreamExt, future::BoxFuture};
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, ScriptInvocation, aio::MultiplexedConnection, cluster::ClusterClient,
    cluster_async::ClusterConnection,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use crate::{Error, Result};

/// Connections of one process for commands; scripts have one of their own.
const CONNECTIONS: usize = 8;
/// How long a handshake may take.
const CONNECTING: Duration = Duration::from_secs(2);

/// One Redis or a cluster.
pub struct Server {
    /// More than one: a cluster.
    nodes: Vec<SecretString>,
    pool: Pool,
    /// One connection for all scripts at once: they come with every request.
    line: Mutex<Option<Line>>,
}

enum Pool {
    One(deadpool_redis::Pool),
    Cluster(deadpool_redis::cluster::Pool),
}

#[derive(Clone)]
enum Line {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Server {
    /// Connects when first used. `urls`: one, or nodes of a cluster with commas between.
    pub fn new(urls: &SecretString, wait: Duration) -> Result<Self> {
        let urls: Vec<String> = urls.expose_secret().split(',').map(|url| url.trim().to_owned()).collect();
        macro_rules! pool {
            ($config:expr) => {{
                let builder = $config.builder().map_err(Error::internal)?.max_size(CONNECTIONS).runtime(Runtime::Tokio1);
                let builder = builder.wait_timeout(Some(wait)).create_timeout(Some(wait)).recycle_timeout(Some(wait));
                builder.build().map_err(Error::internal)?
            }};
        }
        let pool = match urls.as_slice() {
            [url] => Pool::One(pool!(deadpool_redis::Config::from_url(url))),
            _ => Pool::Cluster(pool!(deadpool_redis::cluster::Config::from_urls(urls.clone()))),
        };
        Ok(Self { nodes: urls.into_iter().map(SecretString::from).collect(), pool, line: Mutex::default() })
    }

    /// What a command answers; `None` when nobody does. Boxed, as the others: a cluster's futures are deep
    /// types, and every handler's future would hold them.
    pub fn ask<'a, T: FromRedisValue + Send>(&'a self, command: &'a Cmd) -> BoxFuture<'a, Option<T>> {
        Box::pin(async move {
            match &self.pool {
                Pool::One(pool) => command.query_async(&mut pool.get().await.ok()?).await.ok(),
                Pool::Cluster(pool) => command.query_async(&mut pool.get().await.ok()?).await.ok(),
            }
        })
    }

    /// What a script answers; `None` when nobody does.
    pub fn run<'a>(self: &'a Arc<Self>, call: &'a ScriptInvocation<'a>) -> BoxFuture<'a, Option<Vec<i64>>> {
        Box::pin(async move {
            match self.line().await? {
                Line::One(mut line) => call.invoke_async(&mut line).await.ok(),
                Line::Cluster(mut line) => call.invoke_async(&mut line).await.ok(),
            }
        })
    }

    /// The next script makes a connection anew, unless one is being made.
    pub fn hang_up(&self) {
        if let Ok(mut line) = self.line.try_lock() {
            *line = None;
        }
    }

    /// The one connection, made by whoever comes first. It is made even if they do not wait so long: a
    /// handshake may take longer than a request has patience, and the next request finds it.
    async fn line(self: &Arc<Self>) -> Option<Line> {
        let made = self.line.lock().await.clone();
        if made.is_some() {
            return made;
        }
        let server = self.clone();
        let making = tokio::spawn(tokio::time::timeout(CONNECTING, async move {
            let mut line = server.line.lock().await;
            if line.is_none() {
                *line = server.connect().await;
            }
            line.clone()
        }));
        making.await.ok()?.ok()?
    }

    async fn connect(&self) -> Option<Line> {
        let urls = self.nodes.iter().map(|url| url.expose_secret().to_owned());
        if let Pool::Cluster(_) = self.pool {
            return ClusterClient::new(urls).ok()?.get_async_connection().await.ok().map(Line::Cluster);
        }
        let client = Client::open(self.nodes.first()?.expose_secret()).ok()?;
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        client.get_multiplexed_async_connection_with_config(&config).await.ok().map(Line::One)
    }

    /// What is told on `channel` from now on, at the first node that answers: a cluster's nodes tell each
    /// other. The stream ends when the connection does.
    pub async fn listen(&self, channel: &str) -> Result<impl Stream<Item = String> + use<>> {
        for url in &self.nodes {
            let client = Client::open(url.expose_secret()).map_err(Error::internal)?;
            if let Ok(Ok(mut listener)) = tokio::time::timeout(CONNECTING, client.get_async_pubsub()).await
                && listener.subscribe(channel).await.is_ok()
            {
                return Ok(listener.into_on_message().filter_map(async |message| message.get_payload::<String>().ok()));
            }
        }
        Err(Error::Unavailable("redis"))
    }
}
