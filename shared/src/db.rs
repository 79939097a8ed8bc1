//! One database: reads take a connection, writes happen in acts. Every wait is bounded.

use std::{sync::Arc, time::Duration};

use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Result};

/// How long a caller waits for a connection before it hears `503`.
pub const ACQUIRE: Duration = Duration::from_millis(1500);

/// How long a connection lies unused before it is asked whether it still stands.
const RESTED: Duration = Duration::from_millis(500);

/// Called after each commit that recorded an event.
pub type Hint = Arc<dyn Fn() + Send + Sync>;

/// One database and what is told after its commits.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    gate: Gate,
    hint: Hint,
}

/// A connection together with its share of the allowance.
pub struct Connection {
    inner: PoolConnection<Postgres>,
    _share: Share,
}

impl std::ops::Deref for Connection {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.inner
    }
}

impl std::ops::DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}

impl Db {
    /// Wraps a pool; `hint` runs after each commit that recorded an event.
    pub fn new(pool: PgPool, gate: Gate, hint: Hint) -> Self {
        Self { pool, gate, hint }
    }

    /// The pool, for the mechanics that are not acts (relay, mail delivery, migrations).
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Connection> {
        bounded(async {
            let share = self.gate.enter().await?;
            Ok(Connection { inner: self.pool.acquire().await?, _share: share })
        })
        .await
    }

    pub(crate) async fn begin(&self) -> Result<(Transaction<'static, Postgres>, Share)> {
        bounded(async {
            let share = self.gate.enter().await?;
            Ok((self.pool.begin().await?, share))
        })
        .await
    }

    pub(crate) fn hint(&self) {
        (self.hint)();
    }
}

/// sqlx keeps trying to connect until its own time-out, and a stopped server swallows the first
/// query: one bound over both keeps the caller's wait under two seconds.
async fn bounded<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(ACQUIRE + Duration::from_millis(300), work).await.unwrap_or(Err(Error::Unavailable("database")))
}

/// What every connection of ours is set to: a statement may run 5 s and wait 2 s for a lock.
pub fn options(options: PgConnectOptions, application: &str) -> PgConnectOptions {
    options.application_name(application).options([
        ("statement_timeout", "5s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("timezone", "UTC"),
    ])
}

/// Plans each statement once, for all values: planning is most of a small query's cost. A test reads
/// the plans of both kinds.
pub fn planned_once(options: PgConnectOptions) -> PgConnectOptions {
    options.options([("plan_cache_mode", "force_generic_plan")])
}

/// A pool that connects when first used and gives its connections back when idle.
pub fn lazy_pool(options: PgConnectOptions, max: u32) -> PgPool {
    pool_options(max).connect_lazy_with(options)
}

/// What all pools have in common. The server may end a connection while it rests, by a restart for
/// example: one that rested is asked first, so that nobody's request pays for it. A busy one is not.
pub fn pool_options(max: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max)
        .min_connections(0)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(Duration::from_secs(30))
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

/// Who may use how many connections at once: first a database's own allowance, then the
/// instance's. In this order a busy tenant never has more waiters in the common queue than its
/// own allowance, and the queue is served in order, so nobody starves.
#[derive(Clone)]
pub struct Gate {
    own: Arc<Semaphore>,
    all: Arc<Semaphore>,
}

/// A share of the allowance, given back when dropped.
pub struct Share {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Gate {
    /// A database that may use `own` connections out of the instance's `all`.
    pub fn new(own: usize, all: Arc<Semaphore>) -> Self {
        Self { own: Arc::new(Semaphore::new(own)), all }
    }

    /// A database that shares with nobody.
    pub fn alone(own: usize) -> Self {
        Self::new(own, Arc::new(Semaphore::new(own)))
    }

    async fn enter(&self) -> Result<Share> {
        let closed = |_| Error::Unavailable("database");
        let own = self.own.clone().acquire_owned().await.map_err(closed)?;
        let all = self.all.clone().acquire_owned().await.map_err(closed)?;
        Ok(Share { _own: own, _all: all })
    }
}
