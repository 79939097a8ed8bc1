//! Redis: it makes things faster and carries hints; nothing is true because Redis says so.
//! Every wait is 100 ms at most, and after a failure Redis is left alone for two seconds. Keys and
//! channels begin with the installation's prefix: two installations may share one Redis.
//!
//! | key | type | TTL | owner |
//! |---|---|---|---|
//! | `route:{slug}` | string (JSON with the time it was read) | 2 s | `tenancy` |
//! | `rate:{{network}}:{what}`, `t:{{tenant}}:rate:{user}:{what}`, `t:{{tenant}}:rate:all` | list of times, in µs | its window | `http::rate_limit` |
//! | channel `access` | pub/sub, text is empty | – | `access` of app-api |
//! | channel `changed` | pub/sub, text is `{instance} {tenant id}`, or `{instance}` alone each second | – | `live`, the relay |
//! | channel `routes` | pub/sub, text is a slug | – | `tenancy` |

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool_redis::{Pool, Runtime, redis::AsyncCommands};
use futures::{Stream, StreamExt};
use redis::{AsyncConnectionConfig, ScriptInvocation, aio::MultiplexedConnection};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use crate::{Error, Result};

const WAIT: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_secs(2);

/// Tells which tenant has new events.
pub const CHANGED: &str = "changed";
/// Tells that somebody's access may have changed.
pub const ACCESS: &str = "access";
/// Tells which slug's route has changed.
pub const ROUTES: &str = "routes";

/// A Redis that may be away.
#[derive(Clone)]
pub struct Cache {
    pool: Pool,
    /// One connection for all scripts at once: they come with every request.
    line: Arc<Mutex<Option<MultiplexedConnection>>>,
    wait: Duration,
    url: SecretString,
    prefix: Arc<str>,
    started: Instant,
    /// Milliseconds since `started` until which Redis is left alone.
    away_until: Arc<AtomicU64>,
}

impl Cache {
    /// Connects when first used.
    pub fn new(url: &SecretString, prefix: &str) -> Result<Self> {
        let config = deadpool_redis::Config::from_url(url.expose_secret());
        let pool = config
            .builder()
            .map_err(Error::internal)?
            .max_size(8)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .recycle_timeout(Some(WAIT))
            .build()
            .map_err(Error::internal)?;
        Ok(Self {
            pool,
            line: Arc::default(),
            wait: WAIT,
            url: url.clone(),
            prefix: prefix.into(),
            started: Instant::now(),
            away_until: Arc::default(),
        })
    }

    /// One that waits long for scripts, for tests that count what Redis said on a busy machine.
    #[cfg(any(test, feature = "testing"))]
    pub fn patient(self) -> Self {
        Self { wait: Duration::from_secs(30), ..self }
    }

    /// No Redis at all, for a command that asks each thing once.
    pub fn none() -> Result<Self> {
        let cache = Self::new(&"redis://127.0.0.1:1".into(), "")?;
        cache.away_until.store(u64::MAX, Ordering::Relaxed);
        Ok(cache)
    }

    /// The name by which Redis knows a key or a channel.
    pub(crate) fn named(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    async fn within<T>(&self, work: impl AsyncFnOnce(deadpool_redis::Connection) -> Result<T, redis::RedisError>) -> Option<T> {
        let work = async {
            let connection = self.pool.get().await.ok()?;
            work(connection).await.ok()
        };
        self.unless_away(WAIT, work).await
    }

    async fn unless_away<T>(&self, wait: Duration, work: impl Future<Output = Option<T>>) -> Option<T> {
        let now = self.started.elapsed();
        if now.as_millis() < u128::from(self.away_until.load(Ordering::Relaxed)) {
            return None;
        }
        let done = tokio::time::timeout(wait, work).await.ok().flatten();
        if done.is_none() {
            self.away_until.store((now + PAUSE).as_millis() as u64, Ordering::Relaxed);
        }
        done
    }

    /// What a script answers; `None` when Redis is away. Its keys are [`Self::named`].
    pub(crate) async fn run(&self, call: &ScriptInvocation<'_>) -> Option<Vec<i64>> {
        let asking = async {
            let mut line = self.line().await?;
            call.invoke_async(&mut line).await.ok()
        };
        let said = self.unless_away(self.wait, asking).await;
        if said.is_none() {
            // Whatever was wrong with the connection: the next one to ask makes another.
            *self.line.lock().await = None;
        }
        said
    }

    /// The one connection, made by whoever comes first.
    async fn line(&self) -> Option<MultiplexedConnection> {
        let mut line = self.line.lock().await;
        if line.is_none() {
            let client = redis::Client::open(self.url.expose_secret()).ok()?;
            // How long to wait is `unless_away`'s say.
            let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
            *line = client.get_multiplexed_async_connection_with_config(&config).await.ok();
        }
        line.clone()
    }

    /// The text under `key`; `None` also when Redis is away.
    pub async fn get(&self, key: &str) -> Option<String> {
        self.within(async |mut redis| redis.get::<_, Option<String>>(self.named(key)).await).await.flatten()
    }

    /// Keeps `text` under `key` for `ttl`; nothing happens when Redis is away.
    pub async fn put(&self, key: &str, text: &str, ttl: Duration) {
        self.within(async |mut redis| redis.set_ex::<_, _, ()>(self.named(key), text, ttl.as_secs().max(1)).await).await;
    }

    /// Forgets `key`.
    pub async fn forget(&self, key: &str) {
        self.within(async |mut redis| redis.del::<_, ()>(self.named(key)).await).await;
    }

    /// Tells every instance that listens on `channel`; false when Redis did not hear it.
    pub async fn tell(&self, channel: &str, text: &str) -> bool {
        self.within(async |mut redis| redis.publish::<_, _, ()>(self.named(channel), text).await).await.is_some()
    }

    /// Whether Redis answers now.
    pub async fn ping(&self) -> Result<()> {
        let work = async {
            let mut redis = self.pool.get().await.ok()?;
            redis::cmd("PING").query_async::<()>(&mut redis).await.ok()
        };
        tokio::time::timeout(WAIT * 5, work).await.ok().flatten().ok_or(Error::Unavailable("redis"))
    }

    /// What is told on `channel` from now on. The stream ends when the connection does.
    pub async fn listen(&self, channel: &str) -> Result<impl Stream<Item = String> + use<>> {
        let lost = |_| Error::Unavailable("redis");
        let client = redis::Client::open(self.url.expose_secret()).map_err(lost)?;
        let connecting = tokio::time::timeout(Duration::from_secs(2), client.get_async_pubsub());
        let mut listener = connecting.await.map_err(|_| Error::Unavailable("redis"))?.map_err(lost)?;
        listener.subscribe(self.named(channel)).await.map_err(lost)?;
        Ok(listener.into_on_message().filter_map(async |message| message.get_payload::<String>().ok()))
    }
}
