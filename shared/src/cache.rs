//! Redis: it makes things faster and carries hints; nothing is true because Redis says so.
//! Every wait is 100 ms at most, and after a failure Redis is left alone for two seconds. Keys and
//! channels begin with the installation's prefix: two installations may share one Redis.
//!
//! | key | type | TTL | owner |
//! |---|---|---|---|
//! | `route:3:{slug}` | string (JSON with the time it was read) | 2 s | `tenancy` |
//! | `rate:{{network}}:{what}`, `t:{{tenant}}:rate:{user}:{what}`, `t:{{tenant}}:rate:all` | list of times, in µs | its window | `http::rate_limit` |
//! | `t:{{tenant}}:rate:key-{key}:all` | the same, of a sound API key | its window | `http::rate_limit` |
//! | `t:{{tenant}}:present:{ticket}` | hash, who has called and until when | 30 s | `tickets::presence` of app-api |
//! | `t:{{tenant}}:upload:{upload}` | string (JSON: where an upload stands, and whose it is) | 24 h | `attachments::uploads` of app-api |
//! | `t:{{tenant}}:refused:{sha256}` | string, `yes` or `no`: whether an organisation refuses a content | 7 d | `media::moderation` of app-api |
//! | `t:{{tenant}}:files:{user}` | string (JSON with the day it counts for): what somebody has of files, `0` all together | 1 h | `media::room` of app-api |
//! | channel `access` | pub/sub, text is empty | – | `access` of app-api |
//! | channel `changed` | pub/sub, text is `{instance} {tenant id}`, or `{instance}` alone each second | – | `live`, the relay |
//! | channel `present` | pub/sub, text is JSON: a ticket at which somebody came or went, and who may know | – | `live` |
//! | channel `routes` | pub/sub, text is a slug | – | `tenancy` |

mod roll;
mod server;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures::Stream;
use redis::{Cmd, FromRedisValue, Script, ScriptInvocation};
use secrecy::SecretString;
use uuid::Uuid;

pub use self::roll::Roll;
use self::server::Server;
use crate::{Error, Result};

const WAIT: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_secs(2);

/// One step through all keys of a node: unlinks those that match, and gives the cursor of the next step.
const FORGET: &str = "local found = redis.call('SCAN', ARGV[2], 'MATCH', ARGV[1], 'COUNT', 1000)
if #found[2] > 0 then redis.call('UNLINK', unpack(found[2])) end
return {tonumber(found[1])}";

/// Tells which tenant has new events.
pub const CHANGED: &str = "changed";
/// Tells that somebody's access may have changed.
pub const ACCESS: &str = "access";
/// Tells at which ticket somebody came or went.
pub const PRESENT: &str = "present";
/// Tells which slug's route has changed.
pub const ROUTES: &str = "routes";

/// A Redis that may be away.
#[derive(Clone)]
pub struct Cache {
    server: Arc<Server>,
    wait: Duration,
    prefix: Arc<str>,
    started: Instant,
    /// Milliseconds since `started` until which Redis is left alone.
    away_until: Arc<AtomicU64>,
}

impl Cache {
    /// Connects when first used. `urls`: that of one Redis, or those of a cluster's nodes with commas between.
    pub fn new(urls: &SecretString, prefix: &str) -> Result<Self> {
        Ok(Self {
            server: Arc::new(Server::new(urls, WAIT)?),
            wait: WAIT,
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

    async fn ask<T: FromRedisValue + Send>(&self, command: Cmd) -> Option<T> {
        self.unless_away(WAIT, self.server.ask(&command)).await
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
        let said = self.unless_away(self.wait, self.server.run(call)).await;
        if said.is_none() {
            // Whatever was wrong with the connection: the next one to ask makes another.
            self.server.hang_up();
        }
        said
    }

    /// The text under `key`; `None` also when Redis is away.
    pub async fn get(&self, key: &str) -> Option<String> {
        self.ask::<Option<String>>(Cmd::get(self.named(key))).await.flatten()
    }

    /// Keeps `text` under `key` for `ttl`; nothing happens when Redis is away.
    pub async fn put(&self, key: &str, text: &str, ttl: Duration) {
        self.ask::<()>(Cmd::set_ex(self.named(key), text, ttl.as_secs().max(1))).await;
    }

    /// Forgets `key`.
    pub async fn forget(&self, key: &str) {
        self.ask::<()>(Cmd::del(self.named(key))).await;
    }

    /// Has `who` call at a roll with a mark, which counts for `ttl`; without one they leave. `None` when Redis is away.
    pub async fn call(&self, key: &str, who: (i64, Option<u32>), ttl: Duration) -> Option<Roll> {
        roll::call(self, key, who, ttl).await
    }

    /// Forgets every key of a tenant: those that begin with `t:{{id}}:`. They lie on one node of a cluster. Done
    /// again, it forgets what is left.
    pub async fn forget_tenant(&self, tenant: Uuid) -> Result<()> {
        let script = Script::new(FORGET);
        let first = self.named(&format!("t:{{{tenant}}}:"));
        let mut cursor = 0;
        loop {
            let mut call = script.key(&first);
            let said = self.run(call.arg(format!("{first}*")).arg(cursor)).await.ok_or(Error::Unavailable("redis"))?;
            cursor = said.first().copied().unwrap_or_default();
            if cursor == 0 {
                return Ok(());
            }
        }
    }

    /// Tells every instance that listens on `channel`; false when Redis did not hear it.
    pub async fn tell(&self, channel: &str, text: &str) -> bool {
        self.ask::<()>(Cmd::publish(self.named(channel), text)).await.is_some()
    }

    /// Whether Redis answers now.
    pub async fn ping(&self) -> Result<()> {
        let command = redis::cmd("PING");
        let asked = tokio::time::timeout(WAIT * 5, self.server.ask::<()>(&command)).await;
        asked.ok().flatten().ok_or(Error::Unavailable("redis"))
    }

    /// What is told on `channel` from now on. The stream ends when the connection does.
    pub async fn listen(&self, channel: &str) -> Result<impl Stream<Item = String> + use<>> {
        self.server.listen(&self.named(channel)).await
    }
}
